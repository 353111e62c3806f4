from fractions import Fraction
from itertools import pairwise

import pytest

from grading.numeric.grids import read_grid
from grading.numeric.reading import read_number
from grading.numeric.spelling import edges, rounded, spellings
from grading.numeric.tolerance import Tolerance, ends, judge

EXACT = Tolerance(rule="exact")
PLACES = Tolerance(rule="places", digits=2)
FIGURES = Tolerance(rule="figures", digits=3)
RULES = [
    EXACT,
    PLACES,
    FIGURES,
    Tolerance(rule="absolute", amount=Fraction(1, 200)),
    Tolerance(rule="relative", amount=Fraction(1, 100)),
    Tolerance(rule="range", low=Fraction(-1), high=Fraction(7, 3)),
]
KEYS = [Fraction(309, 100), Fraction(1, 3), Fraction(0), Fraction(-5, 2), 0.0, 0.696425, -1e-9]


def values(text, shape):
    if not shape:
        return [read_number(text).value]
    return [cell and cell.value for cell in read_grid(text, shape, blanks=True).cells]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("-0.72", ()),
        ("1/3", ()),
        ("0", ()),
        ("12.5", ()),
        ("-1.125", ()),
        ("1.125, 0.125", (2,)),
        ("3.09, -1.37, 4", (3,)),
        ("0.5", (1,)),
        ("1,,2", (3,)),
        ("3.09, -1.37\n-4, 0", (2, 2)),
        ("0.1\n-2", (2, 1)),
        ("0.1, 2", (1, 2)),
    ],
)
def test_every_spelling_reads_as_the_same_numbers(text, shape):
    ways = spellings(text, shape)
    assert len(set(ways.values())) == len(ways) >= 7
    for how, written in ways.items():
        assert values(written, shape) == values(text, shape), how


def test_the_spellings_are_those_that_learners_type():
    ways = spellings("-0.72", ())
    assert ways["as a fraction"] == "-18/25"
    assert ways["as percents"] == "-72%"
    assert ways["as a calculation"] == "-(0 + 0.72)"
    assert ways["with an exponent"] == "-720e-3"
    assert ways["without needless zeros"] == "-.72"
    assert ways["with a decimal comma"] == "-0,72"
    assert ways["with a minus sign of print"] == "\u22120.72"
    both = spellings("3.09, 4", (2,))
    assert both["with decimal commas and semicolons"] == "3,09; 4"
    assert both["a line each"] == "3.09\n4"
    assert both["without needless zeros"] == "3.09, 4."
    assert spellings("1, 2\n3, 4", (2, 2))["in brackets in brackets"] == "[[1, 2], [3, 4]]"


@pytest.mark.parametrize("text", ["sqrt(2)", "1, sqrt(2)", "no number", ""])
def test_what_is_no_fraction_has_no_other_spelling(text):
    assert spellings(text, (2,) if "," in text else ()) == {}


@pytest.mark.parametrize("tolerance", RULES, ids=lambda tolerance: tolerance.rule)
@pytest.mark.parametrize("key", KEYS)
def test_edges_are_just_inside_and_just_outside(key, tolerance):
    inside, outside = edges(key, tolerance)
    low, high = ends(key, tolerance)
    assert [judge(read_number(text), key, tolerance).ok for text in outside] == [False, False]
    assert all(judge(read_number(text), key, tolerance).ok for text in inside)
    # Only what no decimal can write exactly has nothing inside.
    assert len(inside) == (0 if (key, tolerance) == (Fraction(1, 3), EXACT) else 2)
    for text, end in zip(outside, (low, high), strict=True):
        assert abs(Fraction(text) - end) <= abs(end) / 10**16 + Fraction(1, 10**30)


def test_a_key_that_is_infinite_has_no_edges_and_is_not_rounded():
    assert edges(float("-inf"), PLACES) == ([], [])
    assert rounded(float("-inf"), PLACES) == ()


def test_rounding_is_as_advised_and_goes_every_way_at_a_tie():
    assert rounded(Fraction(1, 8), PLACES) == ("0.13", "0.12", "0.12")
    assert rounded(Fraction(-1, 8), PLACES) == ("-0.12", "-0.13", "-0.12")
    assert rounded(0.696425, PLACES) == ("0.7",) * 3
    assert rounded(1234.4, FIGURES) == ("1230",) * 3
    assert rounded(Fraction(1, 30), FIGURES) == ("0.0333",) * 3
    assert rounded(Fraction(0), FIGURES) == ("0",) * 3
    assert rounded(Fraction(1, 3), EXACT) == ()


@pytest.mark.parametrize("tolerance", [PLACES, FIGURES, Tolerance(rule="places", digits=0)])
def test_what_is_rounded_as_advised_is_accepted(tolerance):
    for numerator in range(-40, 41):
        for key in (Fraction(numerator, 16), Fraction(numerator, 200), numerator / 7):
            for text in rounded(key, tolerance):
                assert judge(read_number(text), key, tolerance).ok, (key, text)


def test_edges_stand_in_order_around_the_key():
    inside, outside = edges(Fraction(309, 100), PLACES)
    row = [Fraction(t) for t in (outside[0], inside[0], "3.09", inside[1], outside[1])]
    assert all(one < other for one, other in pairwise(row))

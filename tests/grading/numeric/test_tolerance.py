"""Judging a number: every rule at its edges, and near-misses by their names."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.errors import Fault
from grading.exercise import Value
from grading.numeric.reading import read_number
from grading.numeric.tolerance import (
    MOST_KNOWN,
    Judgement,
    Tolerance,
    bounds,
    check_near,
    ends,
    judge,
    of_wrong,
    sum_allowance,
    surely,
    too_near,
)
from grading.numeric.writing import write_places

EXACT = Tolerance(rule="exact")


def places(digits: int) -> Tolerance:
    return Tolerance(rule="places", digits=digits)


def figures(digits: int) -> Tolerance:
    return Tolerance(rule="figures", digits=digits)


def absolute(amount: str) -> Tolerance:
    return Tolerance(rule="absolute", amount=Fraction(amount))


def relative(amount: str) -> Tolerance:
    return Tolerance(rule="relative", amount=Fraction(amount))


def judged(text: str, key: str | float, tolerance: Tolerance) -> Judgement:
    return judge(read_number(text), Fraction(key) if isinstance(key, str) else key, tolerance)


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize(
    ("text", "key", "tolerance", "ok"),
    [
        # exact: any spelling of the number, and nothing else
        ("0.72", "18/25", EXACT, True),
        ("18/25", "18/25", EXACT, True),
        ("72%", "18/25", EXACT, True),
        ("0.720000000000000000001", "18/25", EXACT, False),
        ("1/3", "1/3", EXACT, True),
        ("0.3333333333333333", "1/3", EXACT, False),
        ("sqrt(2)^2", "2", EXACT, True),
        ("sqrt(2)", math.sqrt(2), EXACT, True),
        ("1.414213562373095", math.sqrt(2), EXACT, True),
        ("1.41421356", math.sqrt(2), EXACT, False),
        ("sin(pi)", "0", EXACT, True),
        ("sqrt(2)*sqrt(3)*sqrt(6)", "6", EXACT, True),
        ("sqrt(2)*1.4142135623", "2", EXACT, False),
        ("(1000*sqrt(3))^2-2999999", "1", EXACT, True),
        ("(1000*sqrt(3))^2-2999998", "1", EXACT, False),
        # absolute: the edge belongs to it
        ("1.375", "1.37", absolute("0.005"), True),
        ("1.365", "1.37", absolute("0.005"), True),
        ("1.37500001", "1.37", absolute("0.005"), False),
        ("1.36499999", "1.37", absolute("0.005"), False),
        ("1.375", 1.3699999999999999, absolute("0.005"), True),
        ("1.365", 1.37, absolute("0.005"), True),
        ("1234567890.105", 1234567890.1, absolute("0.005"), True),
        ("1234567890.1051", 1234567890.1, absolute("0.005"), False),
        ("pi*10^9", 1e9 * math.pi, absolute("1e-6"), True),
        ("pi*10^9+0.0001", 1e9 * math.pi, absolute("1e-5"), False),
        # relative
        ("101", "100", relative("1/100"), True),
        ("101.00001", "100", relative("1/100"), False),
        ("-99", "-100", relative("1/100"), True),
        ("-98.99999", "-100", relative("1/100"), False),
        ("0", "0", relative("1/100"), True),
        ("1e-10", "0", relative("1/100"), True),
        ("1e-8", "0", relative("1/100"), False),
        # decimal places
        ("3.09", "3.09", places(2), True),
        ("3.085", "3.09", places(2), True),
        ("3.095", "3.09", places(2), True),
        ("3.0951", "3.09", places(2), False),
        ("3.0849", "3.09", places(2), False),
        ("0.13", "1/8", places(2), True),
        ("0.12", "1/8", places(2), True),
        ("0.14", "1/8", places(2), False),
        ("0.1", "0.104", places(2), True),
        ("0.33", "1/3", places(2), True),
        ("1/3", "1/3", places(2), True),
        ("0.34", "1/3", places(2), False),
        ("3", "2.5", places(0), True),
        ("2", "2.5", places(0), True),
        ("-0.13", "-1/8", places(2), True),
        ("-0.12", "-1/8", places(2), True),
        # significant figures: the digits and the value are both looked at
        ("1.23", "1.234", figures(3), True),
        ("1.234", "1.234", figures(3), True),
        ("1.2349", "1.234", figures(3), True),
        ("1.2389", "1.234", figures(3), False),
        ("1.24", "1.234", figures(3), False),
        ("1.229", "1.234", figures(3), True),
        ("1.2289", "1.234", figures(3), False),
        ("999", "1234", figures(3), False),
        ("1230", "1234", figures(3), True),
        ("1.23e3", "1234", figures(3), True),
        ("0.0471", "0.0471013", figures(3), True),
        ("0.047", "0.0471013", figures(3), False),
        ("10.0", "9.996", figures(3), True),
        ("9.99", "9.996", figures(3), False),
        ("-1.23", "-1.234", figures(3), True),
        ("0", "0", figures(3), True),
        ("0.001", "0", figures(3), False),
    ],
)
def test_the_rule_decides_at_its_edge(
    text: str, key: str | float, tolerance: Tolerance, ok: bool
) -> None:
    judgement = judged(text, key, tolerance)
    assert (judgement.ok, judgement.rule) == (ok, tolerance.rule)


RULES = [
    (absolute("0.005"), "1.365", "1.375"),
    (relative("0.01"), "1.3563", "1.3837"),
    (places(2), "1.365", "1.375"),
    (figures(3), "1.365", "1.375"),
    (Tolerance(rule="range", low=Fraction("1.3"), high=Fraction("1.4")), "1.3", "1.4"),
    (Tolerance(rule="honest", digits=2).within(1.36, 1.38), "1.36", "1.38"),
]


@pytest.mark.parametrize(("tolerance", "low", "high"), RULES)
@pytest.mark.parametrize("key", [Fraction("1.37"), 1.37, math.nextafter(1.37, 2)])
def test_one_unit_in_the_last_place_never_decides(
    tolerance: Tolerance, low: str, high: str, key: Fraction | float
) -> None:
    for edge in (float(low), float(high)):
        for close in (edge, math.nextafter(edge, 0), math.nextafter(edge, 9)):
            assert judge(read_number(repr(close)), key, tolerance).ok, close
    width = float(high) - float(low)
    assert not judge(read_number(repr(float(low) - width / 10**6)), key, tolerance).ok
    assert not judge(read_number(repr(float(high) + width / 10**6)), key, tolerance).ok


@given(
    st.fractions(-1000, 1000, max_denominator=10**6),
    st.integers(0, 6),
)
def test_a_key_rounded_to_the_asked_places_is_right(key: Fraction, digits: int) -> None:
    text = write_places(key, digits)
    assert judge(read_number(text), key, places(digits)).ok
    assert judge(read_number(text), float(key), places(digits)).ok


@given(st.floats(-1e6, 1e6), st.integers(1, 9))
def test_a_float_key_in_the_asked_figures_is_right(key: float, digits: int) -> None:
    text = f"{key:.{digits - 1}e}"
    if abs(key) > 1e-300 or key == 0:
        assert judge(read_number(text), key, figures(digits)).ok


answers = st.fractions(-100, 100, max_denominator=10**6)


@given(st.fractions(-100, 100, max_denominator=999), st.integers(0, 4), answers)
def test_what_is_accepted_lies_between_the_ends_that_are_told(
    key: Fraction, digits: int, answer: Fraction
) -> None:
    judgement = judge(read_number(str(answer)), key, places(digits))
    x = judgement.reading.value
    assert x is not None
    slack = Fraction(1, 10**8)
    if judgement.ok:
        assert judgement.low - slack <= x <= judgement.high + slack
    else:
        assert not judgement.low <= x <= judgement.high


# ---------------------------------------------------------------- ranges, honest rounding, infinity


def test_a_range_does_not_ask_for_the_key() -> None:
    weight = Tolerance(rule="range", low=Fraction(0), high=Fraction(1))
    assert judged("0", "0.7", weight).ok
    assert judged("1", "0.7", weight).ok
    refused = judged("1.25", "0.7", weight)
    assert not refused.ok
    assert refused.near is None
    assert refused.off == Fraction(1, 4)


def test_honest_rounding_accepts_the_interval_it_is_given() -> None:
    honest = Tolerance(rule="honest", digits=2)
    assert not judged("3.11", "3.09", honest).ok
    assert judged("3.11", "3.09", honest.within(3.07, 3.12)).ok
    assert judged("3.11", "3.09", honest.within(Fraction("3.07"), Fraction("3.12"))).ok


def test_an_infinite_key_wants_the_same_infinity() -> None:
    masked = read_number("-inf", infinite=True)
    assert judge(masked, -math.inf, EXACT).ok
    assert not judge(masked, math.inf, EXACT).ok
    assert not judge(masked, Fraction(3), places(2)).ok
    refused = judge(read_number("-999"), -math.inf, places(2))
    assert not refused.ok
    assert refused.facts == {
        "typed": "-999",
        "read": "-999",
        "off": "inf",
        "low": "-inf",
        "high": "-inf",
        "places": "0",
    }


@pytest.mark.parametrize(
    ("n", "digits", "allowance"),
    [
        (4, 2, Fraction("0.02")),
        (3, 2, Fraction("0.015")),
        (3, 3, Fraction("0.0015")),
        (5, 0, "2.5"),
    ],
)
def test_weights_may_miss_their_sum_by_what_rounding_them_allows(
    n: int, digits: int, allowance: Fraction | str
) -> None:
    assert sum_allowance(n, digits) == Fraction(allowance)


# ---------------------------------------------------------------- near-misses and facts


@pytest.mark.parametrize(
    ("text", "key", "tolerance", "near", "meant"),
    [
        ("80", "0.8", EXACT, "percent-for-fraction", "0.8"),
        ("72.3", "0.72345", places(2), "percent-for-fraction", "0.723"),
        ("309", "3.09", EXACT, "slipped-point", "3.09"),
        ("30.9", "3.09", places(2), "slipped-point", "3.09"),
        ("0.309", "3.09", places(2), "slipped-point", "3.09"),
        ("0.00309", "3.09", EXACT, "slipped-point", "3.09"),
        ("80%", "0.008", EXACT, "slipped-point", "0.008"),
        ("-3.09", "3.09", places(2), "sign", "3.09"),
        ("1.5", "-1.5", EXACT, "sign", "-1.5"),
        ("3.1", "3.09", places(2), "too-few-digits", None),
        ("0.33", "1/3", EXACT, "too-few-digits", None),
        ("0.05", "0.0471013", figures(3), "too-few-digits", None),
        ("72%", "0.7234", places(3), "too-few-digits", None),
        ("1", "0.6", places(2), None, None),
        ("0", "0.3", places(2), None, None),
        ("1", "0", places(2), None, None),
        ("0.5", "0.003", places(2), None, None),
        ("3.2", "3.09", places(2), None, None),
        ("0.3+0.03", "1/3", EXACT, None, None),
    ],
)
def test_a_near_miss_has_a_name(
    text: str, key: str, tolerance: Tolerance, near: str | None, meant: str | None
) -> None:
    judgement = judged(text, key, tolerance)
    assert not judgement.ok
    assert judgement.near == near
    assert judgement.facts.get("meant") == meant


def test_a_right_answer_is_no_near_miss() -> None:
    assert judged("0", "0", places(2)).near is None
    assert judged("0.5", "0.5", places(2)).near is None


def test_facts_say_what_would_have_been_accepted_and_how_far_off_it_was() -> None:
    facts = judged("3.2", "3.09", places(2)).facts
    assert facts == {
        "typed": "3.2",
        "read": "3.2",
        "off": "0.11",
        "low": "3.085",
        "high": "3.095",
        "places": "1",
    }
    assert judged("2*sqrt(2)", "3", EXACT).facts["read"] == "2.82842712"


@given(st.floats(0.001, 1000), st.sampled_from([places(2), figures(3), relative("0.013")]))
def test_the_ends_that_are_told_are_accepted_themselves(key: float, tolerance: Tolerance) -> None:
    facts = judge(read_number("-1e9"), key, tolerance).facts
    if facts["low"] != facts["high"]:
        assert judge(read_number(facts["low"]), key, tolerance).ok
        assert judge(read_number(facts["high"]), key, tolerance).ok


# ---------------------------------------------------------------- many keys at once


@pytest.mark.parametrize(
    "tolerance",
    [EXACT, absolute("0.01"), relative("0.01"), places(2), places(0), figures(3)],
)
def test_bounds_of_many_keys_are_the_ends_of_each(tolerance: Tolerance) -> None:
    keys = np.array([[1.234, -0.5, 0.0], [123.456, 1e-3, -7.125]])
    low, high = bounds(keys, tolerance)
    for key, least, most in zip(keys.flat, low.flat, high.flat, strict=True):
        exact = [float(end) for end in ends(float(key), tolerance)]
        assert [least, most] == pytest.approx(exact, rel=1e-8, abs=2e-9)


@given(st.floats(-100, 100), st.floats(0, 10), st.floats(-150, 150))
def test_what_is_sure_is_judged_the_same(key: float, amount: float, number: float) -> None:
    tolerance = Tolerance(rule="absolute", amount=Fraction(amount) + Fraction(1, 10**6))
    box = bounds(np.array([key]), tolerance)
    inside, outside = surely(np.array([number]), *box)
    ok = judge(read_number(f"{Decimal(number):f}"[:30]), key, tolerance).ok
    if inside[0]:
        assert ok
    if outside[0]:
        assert not ok


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("all", "near", ("near",)),
        ({"sine": Fraction(1, 2)}, "unknown-key", ("near", "sine")),
        ({"sign": Fraction(1)}, "near", ("near", "sign")),
        ({"sign": True}, "near", ("near", "sign")),
    ],
)
def test_a_faulty_near_block_is_told_to_its_author(
    body: Value, code: str, place: tuple[str, ...]
) -> None:
    (fault,) = check_near(body, {"sign": Fraction(0)})
    assert (fault.code, fault.place) == (code, place)


# ---------------------------------------------------------------- what an author wrote


@pytest.mark.parametrize(
    ("body", "tolerance"),
    [
        ("exact", EXACT),
        ({"absolute": Fraction("0.005")}, absolute("0.005")),
        ({"absolute": "1/200"}, absolute("0.005")),
        ({"relative": "1%"}, relative("0.01")),
        ({"places": Fraction(2)}, places(2)),
        ({"places": Fraction(0)}, places(0)),
        ({"figures": Fraction(3)}, figures(3)),
        ({"honest": Fraction(2)}, Tolerance(rule="honest", digits=2)),
        (
            {"range": (Fraction(0), "1/2")},
            Tolerance(rule="range", low=Fraction(0), high=Fraction(1, 2)),
        ),
    ],
)
def test_a_tolerance_is_read_from_its_exercise(body: Value, tolerance: Tolerance) -> None:
    assert Tolerance.parse(body) == tolerance


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("roughly", "tolerance-form", ()),
        (None, "tolerance-form", ()),
        (True, "tolerance-form", ()),
        (Fraction(2), "tolerance-form", ()),
        ({}, "tolerance-form", ()),
        ({"places": Fraction(2), "figures": Fraction(3)}, "tolerance-form", ()),
        ({"digits": Fraction(2)}, "tolerance-form", ("digits",)),
        ({"absolute": Fraction(0)}, "tolerance-amount", ("absolute",)),
        ({"absolute": Fraction(-1)}, "tolerance-amount", ("absolute",)),
        ({"absolute": "a bit"}, "tolerance-amount", ("absolute",)),
        ({"absolute": "sqrt(2)"}, "tolerance-amount", ("absolute",)),
        ({"relative": Fraction(1)}, "tolerance-amount", ("relative",)),
        ({"relative": True}, "tolerance-amount", ("relative",)),
        ({"places": Fraction(1, 2)}, "tolerance-digits", ("places",)),
        ({"places": Fraction(16)}, "tolerance-digits", ("places",)),
        ({"places": "2"}, "tolerance-digits", ("places",)),
        ({"figures": Fraction(0)}, "tolerance-digits", ("figures",)),
        ({"range": Fraction(1)}, "tolerance-range", ("range",)),
        ({"range": (Fraction(1),)}, "tolerance-range", ("range",)),
        ({"range": (Fraction(1), Fraction(0))}, "tolerance-range", ("range",)),
    ],
)
def test_a_faulty_tolerance_is_told_to_its_author(
    body: Value, code: str, place: tuple[str, ...]
) -> None:
    faults = Tolerance.parse(body)
    assert isinstance(faults, list)
    (fault,) = faults
    assert isinstance(fault, Fault)
    assert (fault.code, fault.place) == (code, place)
    assert fault.message


def test_what_a_tolerance_has_met_changes_nothing_about_it() -> None:
    fresh, used = Tolerance(rule="places", digits=2), Tolerance(rule="places", digits=2)
    for whole in range(3 * MOST_KNOWN):
        assert judge(read_number(str(whole)), Fraction(whole), used).ok
    assert len(used.known) <= MOST_KNOWN
    assert (used, hash(used), repr(used)) == (fresh, hash(fresh), repr(fresh))
    assert not used.within(Fraction(0), Fraction(1)).known


def test_a_whole_key_is_not_taken_for_its_float() -> None:
    # A float may be off by its own noise; a fraction is what it says.
    nearly = read_number("1.00000000001")
    assert judge(nearly, 1.0, EXACT).ok
    assert not judge(nearly, Fraction(1), EXACT).ok


def test_an_end_beyond_all_floats_is_an_end() -> None:
    key = Fraction(17 * 10**307)
    assert judge(read_number("1.7e308"), key, relative("1/10")).ok
    assert judge(read_number("sqrt(2.89)*1e308"), key, relative("1/10")).ok
    assert not judge(read_number("sqrt(2)*1e308"), key, relative("1/10")).ok


@pytest.mark.parametrize(
    ("number", "key", "tolerance", "near"),
    [
        ("1.379", "1.37", absolute("0.005"), True),
        ("1.3801", "1.37", absolute("0.005"), False),
        ("1.38", "1.37", places(2), True),
        ("1.3801", "1.37", places(2), False),
        ("1.37", "1.37", EXACT, True),
        ("1.3700001", "1.37", EXACT, False),
        # Whatever lies in a range is right, and what lies outside is not.
        ("0.9", "0.1", Tolerance(rule="range", low=Fraction(0), high=Fraction(1)), True),
        ("1.1", "1", Tolerance(rule="range", low=Fraction(0), high=Fraction(1)), False),
    ],
)
def test_two_tolerances_tell_two_keys_apart(
    number: str, key: str, tolerance: Tolerance, near: bool
) -> None:
    assert too_near(Fraction(number), Fraction(key), tolerance) is near


def test_a_range_says_nothing_of_wrong_numbers() -> None:
    assert of_wrong(Tolerance(rule="range", low=Fraction(0), high=Fraction(1))) == EXACT
    assert of_wrong(places(2)) == places(2)


@pytest.mark.parametrize("tolerance", [places(4), Tolerance(rule="honest", digits=4)])
def test_a_float_near_a_tie_may_be_rounded_either_way(tolerance: Tolerance) -> None:
    # Eight ulps of it are wider than a billionth of the place that is asked for.
    for key, typed in ((-8446.17815, "-8446.1782"), (8446.17815, "8446.1781")):
        for rounded in (typed, f"{key:.4f}"):
            assert judge(read_number(rounded), key, tolerance).ok
        low, high = bounds(np.array([key]), tolerance)
        assert low[0] <= float(typed) <= high[0]


@pytest.mark.parametrize("tolerance", [places(2), EXACT, Tolerance(rule="honest", digits=2)])
def test_a_whole_number_is_not_a_rounded_decimal(tolerance: Tolerance) -> None:
    assert judge(read_number("3"), Fraction("3.09"), tolerance).near is None
    assert judge(read_number("3.1"), Fraction("3.09"), tolerance).near == "too-few-digits"


def test_a_whole_number_of_several_figures_may_be_too_short() -> None:
    assert judge(read_number("1234"), Fraction("1234.4"), figures(5)).near == "too-few-digits"

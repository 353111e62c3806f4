"""Several numbers: every way to type or paste them, and every faulty cell told at once."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.errors import Misreading, Unreadable
from grading.numeric.grids import Grid, read_grid, read_text

Shape = tuple[int, ...]

VECTORS = [
    ("3.09, 1.37", "3.09 1.37"),
    ("3.09,1.37", "3.09 1.37"),
    ("[3.09, 1.37]", "3.09 1.37"),
    ("(3.09; 1.37)", "3.09 1.37"),
    ("( 3.09 ,1.37 )", "3.09 1.37"),
    ("[[3.09, 1.37]]", "3.09 1.37"),
    ("[[3.09], [1.37]]", "3.09 1.37"),
    ("3.09\n1.37", "3.09 1.37"),
    ("3.09\r\n1.37\r\n", "3.09 1.37"),
    ("\n3.09\n\n1.37\n", "3.09 1.37"),
    ("3.09\t1.37", "3.09 1.37"),
    ("3.09\t1.37\n", "3.09 1.37"),
    ("3.09, 1.37,", "3.09 1.37"),
    ("3.09，1.37", "3.09 1.37"),
    ("3.09；1.37", "3.09 1.37"),
    ("4,1", "4 1"),
    ("0,1", "0 1"),
    ("0.72, 0.05,\n0.08, 0.15", "0.72 0.05 0.08 0.15"),
    ("[0.72,\n 0.05,\n 0.08,\n 0.15]", "0.72 0.05 0.08 0.15"),
    ("72%, 1/20, max(0.08, 0), 3*0.05", "0.72 0.05 0.08 0.15"),
    ("(1+2)*3, (4)", "9 4"),
    ("−1; –2; ½", "-1 -2 0.5"),
    ("0,72; 0,05", "0.72 0.05"),
    ("0,72\t0,05", "0.72 0.05"),
    ("3,5; 1,7", "3.5 1.7"),
    ("3,5\n1,7", "3.5 1.7"),  # a column of a spreadsheet
    ("3\r\n1,7\r\n", "3 1.7"),
    ("【3.09，1.37】", "3.09 1.37"),
    ("3。09、1。37", "3.09 1.37"),
    ("max(1; 2,5); 2", "2.5 2"),
]


def test_a_decimal_comma_between_semicolons_is_read_and_said() -> None:
    notes = read_grid("0,72; 0.05", (2,)).notes()
    assert [(note.code, note.guess) for note in notes] == [("decimal-comma", True)]


@pytest.mark.parametrize(("text", "numbers"), VECTORS)
def test_a_vector_is_read_however_it_was_typed(text: str, numbers: str) -> None:
    expected = tuple(Fraction(number) for number in numbers.split())
    grid = read_grid(text, (len(expected),))
    assert grid.values() == expected
    assert grid.shape == (len(expected),)


MATRICES = [
    "1, 2\n3, 4",
    "1,2\r\n3,4\r\n",
    "1\t2\n3\t4\n",
    "1; 2\n3; 4",
    "1, 2; 3, 4",
    "[1, 2; 3, 4]",
    "[[1, 2], [3, 4]]",
    "[[1, 2],\n [3, 4]]",
    "[1, 2], [3, 4]",
    "(1; 2)\n(3; 4)",
    "((1, 2), (3, 4))",
    "1, 2,\n3, 4,",
    "\n1, 2\n\n3, 4\n",
]


@pytest.mark.parametrize("text", MATRICES)
def test_a_matrix_is_read_however_it_was_typed(text: str) -> None:
    grid = read_grid(text, (2, 2))
    assert grid.values() == (1, 2, 3, 4)
    assert grid.floats().tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (3,)])
@pytest.mark.parametrize("text", ["1, 2, 3", "1\n2\n3", "[[1], [2], [3]]", "[[1, 2, 3]]"])
def test_one_row_and_one_column_are_typed_as_vectors_are(text: str, shape: Shape) -> None:
    grid = read_grid(text, shape)
    assert grid.values() == (1, 2, 3)
    assert grid.floats().shape == shape


REFUSED = [
    ("", (2,), [("empty", 0, 0)]),
    (" \n ", (2, 2), [("empty", 0, 3)]),
    # cells that are missing
    ("1,,3", (3,), [("empty-cell", 2, 2)]),
    (", 2,", (3,), [("empty-cell", 0, 0), ("empty-cell", 4, 4)]),
    ("1\t\t3", (3,), [("empty-cell", 2, 2)]),
    ("1\n\n3", (3,), [("empty-cell", 2, 2)]),
    ("1\r\n\r\n3", (3,), [("empty-cell", 4, 4)]),
    ("1\r\n2\r\n3", (5,), [("cell-count", 0, 7)]),
    ("1, 2\n, 4", (2, 2), [("empty-cell", 5, 5)]),
    ("1, 2, 3", (4,), [("cell-count", 0, 7)]),
    (" 1, 2, 3 ", (2,), [("cell-count", 1, 8)]),
    ("1, 2\n3", (2, 2), [("cell-count", 5, 6)]),
    ("1, 2, 3, 4", (2, 2), [("row-count", 0, 10)]),
    ("1, 2\n3, 4\n5, 6", (2, 2), [("row-count", 0, 14)]),
    # cells that cannot be read, each at its place in the whole text
    ("1, x, 1/0", (3,), [("unknown-name", 3, 4), ("division-by-zero", 8, 9)]),
    ("1, 2\n 3+, 4", (2, 2), [("missing-number", 7, 8)]),
    ("[1, 2*[3+], 1)", (3,), [("unbalanced-bracket", 0, 1), ("unbalanced-bracket", 13, 14)]),
    ("0.7 2, 0.1", (3,), [("two-numbers", 0, 5), ("cell-count", 0, 10)]),
    ("1, inf", (2,), [("not-finite", 3, 6)]),
    ("1, (2, 3)", (2,), [("list-for-number", 5, 6)]),
    # commas that could be decimal
    ("0,72", (2,), [("comma", 0, 4)]),
    ("0,72, 0.05", (2,), [("comma", 0, 4), ("cell-count", 0, 10)]),
    ("3,09, 1,37", (2,), [("comma", 0, 4), ("cell-count", 0, 10)]),
    ("0,72; 1,000", (2,), [("comma", 6, 11)]),
    ("1, 2\n0,72, 1", (2, 2), [("comma", 5, 9), ("cell-count", 5, 12)]),
]


@pytest.mark.parametrize(("text", "shape", "faults"), REFUSED)
def test_every_faulty_cell_is_told_at_its_place(
    text: str, shape: Shape, faults: list[tuple[str, int, int]]
) -> None:
    assert [(f.code, f.start, f.end) for f in misreadings(text, shape)] == faults


@pytest.mark.parametrize(
    ("text", "shape", "words"),
    [
        ("1,,3", (3,), "Cell 2 is empty."),
        ("1, 2\n3,", (2, 2), "Row 2, column 2 is empty."),
        ("1, 2, 3", (4,), "4 numbers are expected, 3 found."),
        ("1, 2", (1,), "1 number is expected, 2 found."),
        ("1, 2\n3", (2, 2), "Row 2: 2 numbers are expected, 1 found."),
        ("1, 2", (2, 2), "2 rows of 2 numbers are expected, 1 found."),
        ("0.7 2, 0.1", (3,), "Cell 1: Two numbers stand side by side: did you forget a comma"),
        ("0,72", (2,), "the one number 0.72, or as the two numbers 0 and 72"),
        ("3,5, 1,7", (2,), "2 numbers are expected, 4 found. Did you mean 3.5, 1.7?"),
        ("3,5, 1,7, 2", (2,), "If a comma is meant as a decimal comma, write a point."),
        ("-1 -2", (2,), "2 numbers are expected, 1 found. Did you mean -1, -2?"),
        ("1 2\n3 4", (2, 2), "Row 1, column 1: Two numbers stand side by side"),
        ("1\n2+\n3", (3, 1), "Row 2, column 1: A number is missing after “+” (plus)."),
        ("1, 2+, 3", (1, 3), "Row 1, column 2: A number is missing after “+” (plus)."),
        ("array([1, 2])", (2,), "Write the numbers alone, with commas between them."),
        ("0·72, 0·05", (2,), "Cell 1: “0·72” can be read in two ways, 0.72 or 0*72."),
        ("1/2 1/2", (2,), "Cell 1: Two numbers stand side by side"),
        ("1, sqr(2)", (2,), "Cell 2: “sqr” is not known here. Did you mean sqrt?"),
    ],
)
def test_a_refusal_names_the_cell_and_says_what_to_do(text: str, shape: Shape, words: str) -> None:
    assert words in misreadings(text, shape)[0].message


def test_all_that_is_wrong_with_a_vector_is_told_at_once_by_number() -> None:
    messages = [fault.message for fault in misreadings("0.72, sqr(2), 1/0, 2 3, 0.1", (6,))]
    assert [message.partition(":")[0] for message in messages] == [
        "Cell 2",
        "Cell 3",
        "Cell 4",
        "6 numbers are expected, 5 found.",
    ]


def test_all_that_is_wrong_with_a_matrix_is_told_at_once_by_row_and_column() -> None:
    messages = [fault.message for fault in misreadings("1, x\n2pi, 3\n4+, 5", (2, 2))]
    assert [message.partition(":")[0] for message in messages] == [
        "Row 1, column 2",
        "Row 2, column 1",
        "Row 3, column 1",
        "2 rows of 2 numbers are expected, 3 found. Write one row a line.",
    ]


def test_lines_that_hold_two_numbers_each_are_no_column() -> None:
    assert read_grid("3,5\n1,7", (4,)).values() == (3, 5, 1, 7)
    faults = misreadings("3, 5\n1, 7", (2,))
    assert [fault.code for fault in faults] == ["list-for-number", "list-for-number"]


def test_single_cells_may_stay_empty_where_the_field_allows_it() -> None:
    grid = read_grid("0.5,,1/3,", (4,), blanks=True)
    assert grid.values() == (Fraction(1, 2), None, Fraction(1, 3), None)
    assert np.isnan(grid.floats()).tolist() == [False, True, False, True]
    assert read_grid(",\n, 4", (2, 2), blanks=True).values() == (None, None, None, 4)
    assert read_grid(" ", (2,), blanks=True).cells == (None, None)


def test_an_empty_cell_is_no_excuse_for_a_missing_one() -> None:
    with pytest.raises(Unreadable) as refused:
        read_grid("1, 2", (4,), blanks=True)
    assert refused.value.misreadings[0].code == "cell-count"


def test_a_masked_score_may_be_infinite_where_the_field_allows_it() -> None:
    grid = read_grid("1, -inf", (2,), infinite=True)
    assert grid.values() == (1, None)
    assert grid.floats().tolist() == [1.0, -math.inf]


def test_readings_and_notes_keep_their_places_in_the_whole_text() -> None:
    text = " 72%, log(3), 0.5 * 4"
    grid = read_grid(text, (3,))
    assert [cell.text for cell in grid.cells if cell] == ["72%", "log(3)", "0.5 * 4"]
    assert [text[note.start : note.end] for note in grid.notes()] == ["72%", "log(3)"]
    assert [text[c.tree.start : c.tree.end] for c in grid.cells if c] == [
        "72%",
        "log(3)",
        "0.5 * 4",
    ]


def test_a_text_too_long_or_with_far_too_many_cells_is_refused_unread() -> None:
    assert [f.code for f in misreadings("1," * 2001, (2,))] == ["too-long"]
    assert [f.code for f in misreadings("x," * 66 + "x", (2,))] == ["cell-count"]
    assert "unknown-name" in [f.code for f in misreadings("x," * 65 + "x", (2,))]
    assert [f.code for f in misreadings("x," * 100 + "\n1,2", (2, 2))] == ["cell-count"]
    (fault,) = misreadings("1, " + "2" * 501, (2,))
    assert (fault.code, fault.start, fault.end) == ("too-long", 503, 504)


def test_read_text_tells_json() -> None:
    assert read_text("72%") == {"value": "18/25", "float": 0.72}
    assert read_text("sqrt(2)") == {"value": None, "float": math.sqrt(2)}
    assert read_text("3, 1/3", (2,)) == {"value": ["3", "1/3"], "float": [3.0, 1 / 3]}
    assert read_text("1,2\n3,4", (2, 2))["value"] == [["1", "2"], ["3", "4"]]
    refused = read_text("1, x", (2,))
    assert (refused["error"], refused["span"]) == ("unknown-name", [3, 4])


@pytest.mark.parametrize("value", [None, True, 1, 0.5, [1], {"a": 1}, [], {}])
@pytest.mark.parametrize("shape", [None, (2,), (2, 2)])
def test_what_is_no_text_is_refused_as_such(value: object, shape: Shape | None) -> None:
    assert read_text(value, shape)["error"] == "type"


cells = st.lists(st.fractions(-(10**9), 10**9, max_denominator=10**6), min_size=1, max_size=6)
scrap = st.text(st.sampled_from("0123456789.,;()[]+-*/^%x \t\n\r，；½"), max_size=24)
shapes = st.sampled_from([(1,), (2,), (3,), (2, 2), (3, 2), (1, 2), (2, 1)])


@given(
    cells,
    st.sampled_from([", ", "; ", "\n", "\t", " ,\n"]),
    st.sampled_from(["{}", "[{}]", "({})"]),
)
def test_a_vector_is_read_back_exactly(
    numbers: list[Fraction], separator: str, brackets: str
) -> None:
    text = brackets.format(separator.join(map(str, numbers)))
    assert read_grid(text, (len(numbers),)).values() == tuple(numbers)


@given(scrap | st.text(max_size=20), shapes, st.booleans())
def test_any_text_reads_or_is_refused_inside_the_text(
    text: str, shape: Shape, blanks: bool
) -> None:
    json.dumps(read_text(text, shape))
    outcome = outcome_of(text, shape, blanks)
    if isinstance(outcome, Grid):
        assert len(outcome.cells) == math.prod(shape)
        assert blanks or None not in outcome.cells
    else:
        assert outcome
        assert all(0 <= fault.start <= fault.end <= len(text) for fault in outcome)
        assert all(fault.message for fault in outcome)


def outcome_of(text: str, shape: Shape, blanks: bool) -> Grid | tuple[Misreading, ...]:
    try:
        return read_grid(text, shape, blanks=blanks)
    except Unreadable as refused:
        return refused.misreadings


def misreadings(text: str, shape: Shape) -> tuple[Misreading, ...]:
    with pytest.raises(Unreadable) as refused:
        read_grid(text, shape)
    return refused.value.misreadings

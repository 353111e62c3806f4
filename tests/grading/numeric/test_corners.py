"""Where formulas bend, and the smooth pieces between their bends."""

from fractions import Fraction

import pytest

from grading.numeric.corners import Piece, bends, pieces
from grading.numeric.formula import plain
from grading.numeric.likeness import Domain
from grading.numeric.reading import read_formula
from grading.numeric.tree import Tree

F = Fraction
DOMAINS = {
    "x": Domain(),
    "y": Domain(),
    "d": Domain(low=F(0), above=True),
    "n": Domain(low=F(1), whole=True),
    "w": Domain(low=F(0), high=F(1)),
}


def tree_of(text: str) -> Tree:
    return read_formula(text, DOMAINS).tree


@pytest.mark.parametrize(
    "text",
    [
        "abs(x)", "1+max(x,y)", "min(d,1)", "sqrt(x^2)", "sqrt(x^2-400*x+40000)", "(x^4)^(1/4)",
        "exp(ln(x^2)/2)", "0^((n-7)^2)", "(n-n)^((n-7)^2)", "((x-y)^2)^d", "1/sqrt((1/x)^2)",
    ],
)  # fmt: skip
def test_a_corner_is_seen_however_it_is_made(text: str) -> None:
    assert bends(tree_of(text), DOMAINS)


@pytest.mark.parametrize(
    "text",
    [
        "x^2", "1/x", "sqrt(d)", "sqrt(x)", "d^0.3", "w^n", "x^n", "ln(w)", "sqrt(w*(1-w))",
        "sqrt(x^2+y^2)", "sqrt(1-tanh(x)^2)", "ln(1+exp(-x))", "sqrt(d*n)/2", "e^(-x^2)",
    ],
)  # fmt: skip
def test_what_only_begins_or_ends_at_zero_has_no_corner(text: str) -> None:
    assert not bends(tree_of(text), DOMAINS)


def told(one: str, other: str) -> set[tuple[str, str]]:
    found = pieces(tree_of(one), tree_of(other))
    assert found is not None
    return {(plain(piece.typed), plain(piece.right)) for piece in found if not piece.empty(DOMAINS)}


def test_between_its_bends_a_formula_is_each_of_its_numbers_in_turn() -> None:
    assert told("min(1, max(0, x))", "x") == {("0", "x"), ("x", "x"), ("1", "x")}
    assert told("abs(x)", "max(x, -x)") == {("x", "x"), ("-x", "-x")}
    assert told("max(x, y)", "min(x, y)") == {("x", "y"), ("y", "x")}


def test_pieces_in_which_no_point_lies_are_seen_to_be_empty() -> None:
    assert told("min(d, n)", "min(d/n, n/d)") == {("d", "d/n"), ("n", "n/d")}
    assert told("max(d, -1)", "abs(w)") == {("d", "w")}
    assert told("max(d, 1/10)", "max(d, 0)") == {("d", "d"), ("1/10", "d")}


def test_a_point_on_an_edge_lies_in_no_piece() -> None:
    piece = Piece(typed=tree_of("x"), right=tree_of("x"), where=(tree_of("x - 1"),))
    assert [piece.holds({"x": F(x)}) for x in (0, 1, 2)] == [False, False, True]


def test_of_too_many_bends_no_pieces_are_made() -> None:
    many = "+".join(f"abs(x-{n})" for n in range(5))
    assert pieces(tree_of(many), tree_of("x")) is None
    powers = ",".join(f"x^{n}" for n in range(1, 40))
    assert pieces(tree_of(f"max({powers})"), tree_of("x")) is None

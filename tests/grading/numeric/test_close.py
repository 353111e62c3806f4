"""Close intervals hold the true value, and say how much of it is known."""

import mpmath
import pytest

from grading.numeric.close import agree, apart_far_behind, closer
from grading.numeric.reading import read_formula
from grading.numeric.tree import Tree


def tree_of(text: str) -> Tree:
    return read_formula(text, ["x"]).tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1-tanh(40)", lambda m: 1 - m.tanh(40)),
        ("1-tanh(100)^2", lambda m: 1 - m.tanh(100) ** 2),
        ("ln(1+exp(-200))", lambda m: m.log(1 + m.exp(-200))),
        ("sqrt(2)^2-2+1/10^40", lambda m: m.mpf(10) ** -40),
        ("1e9*sqrt(2)-1414213562.373095", lambda m: 10**9 * m.sqrt(2) - m.mpf("1414213562.373095")),
        ("max(0, 1-tanh(30))", lambda m: 1 - m.tanh(30)),
        ("min(1, tanh(30)) - 1", lambda m: m.tanh(30) - 1),
    ],
)  # fmt: skip
def test_more_digits_show_what_cancels_in_doubles(text: str, value: object) -> None:
    found = closer(tree_of(text))
    assert found is not None
    with mpmath.workdps(400):
        assert abs(value(mpmath) - found.x) <= found.error  # type: ignore[operator]
    assert found.error <= 1e-12 * abs(found.x)


@pytest.mark.parametrize(
    "text", ["sin(pi)", "1/sin(pi)", "sqrt(2)^2-2", "sqrt(-1)", "ln(0)", "1/0", "exp(exp(20))"]
)
def test_what_stays_vague_has_no_closer_value(text: str) -> None:
    assert closer(tree_of(text)) is None


def test_formulas_meet_part_or_are_not_known() -> None:
    two = {"x": 2}
    assert agree(tree_of("exp(ln(x))"), tree_of("x"), two) is True
    assert agree(tree_of("1/(1-tanh(50*x))"), tree_of("(exp(100*x)+1)/2"), two) is True
    assert agree(tree_of("exp(x)*(1+1/10^45)"), tree_of("exp(x)"), two) is False
    assert agree(tree_of("1/(exp(ln(x))-x)"), tree_of("x"), two) is None
    assert not apart_far_behind(tree_of("exp(ln(x))"), tree_of("x"), two)
    assert apart_far_behind(tree_of("exp(x)+1e-300"), tree_of("exp(x)"), two)

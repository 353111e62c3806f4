"""Closed forms that read back, and proofs of equality that never take long."""

import sys
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.errors import Unreadable
from grading.numeric.reading import read_formula, read_number
from grading.numeric.symbols import (
    _within_budget,
    closed_form,
    closed_form_math,
    expression,
    never_both,
    proved_equal,
    touches_zero,
)
from grading.numeric.tree import Tree


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("0.72*4+0.05*1", "293/100"),
        ("72%", "18/25"),
        ("1/sqrt(2)", "sqrt(2)/2"),
        ("sqrt(8)", "2*sqrt(2)"),
        ("e^2/(e^1+e^2)", "e/(1 + e)"),
        ("exp(1)", "e"),
        ("-e^2", "-exp(2)"),
        ("ln(3)-log(2)", "ln(3/2)"),
        ("pi/2", "pi/2"),
        ("cos(pi/3)", "1/2"),
        ("tanh(1)^2", "tanh(1)^2"),
        ("max(1,sqrt(2),e)", "e"),
        ("abs(1-sqrt(2))", "-1 + sqrt(2)"),
        ("2^0.5*3", "3*sqrt(2)"),
        ("0.5^29", "1/536870912"),
    ],
)
def test_a_closed_form_is_spelled_as_a_learner_would(text: str, form: str) -> None:
    assert closed_form(read_number(text).tree) == form


def test_a_power_with_pages_of_digits_becomes_a_decimal() -> None:
    assert closed_form(read_number("1.0000001^1000000").tree) == "1.10517091254979"


def test_an_infinity_is_spelled_as_it_is_read() -> None:
    tree = read_number("-inf", infinite=True).tree
    assert read_number(closed_form(tree), infinite=True).float == float("-inf")


def test_a_closed_form_is_set_as_mathematics() -> None:
    assert closed_form_math(read_number("e^2/(e^1+e^2)").tree) == r"\frac{e}{1 + e}"
    assert closed_form_math(read_number("ln(3)/sqrt(8)").tree) == (
        r"\frac{\sqrt{2} \ln{\left(3 \right)}}{4}"
    )


def tree_of(text: str) -> Tree:
    return read_formula(text, ["x", "y", "d", "n"]).tree


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("72%", "18/25"),
        ("sqrt(8)", "2*sqrt(2)"),
        ("e^2/(e+e^2)", "1/(1+e^-1)"),
        ("ln(6)", "ln(2)+ln(3)"),
        ("sqrt(3+2*sqrt(2))", "1+sqrt(2)"),
        ("abs(x)", "max(x, -x)"),
        ("max(0, x)", "(x + abs(x))/2"),
        ("min(x, y)", "x + y - max(x, y)"),
        ("abs(d)", "d"),
        ("sin(pi*n)", "0"),
        ("exp(x)/(exp(x)+exp(y))", "1/(1+exp(y-x))"),
    ],
)
def test_algebra_proves_what_holds_for_all_names(first: str, second: str) -> None:
    one, other = tree_of(first), tree_of(second)
    assert proved_equal(one, other, positive=["d"], whole=["n"])
    assert proved_equal(other, one, positive=["d"], whole=["n"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("abs(x)", "x"),
        ("sin(pi*x)", "0"),
        ("1/3", "0.333"),
        ("1.0000001^1000000", "1.0000001^999999*1.0000001"),
        ("(x+1)^100*(y-1)^100", "((x+1)*(y-1))^100"),
    ],
)
def test_what_is_not_proved_is_not_claimed(first: str, second: str) -> None:
    assert not proved_equal(tree_of(first), tree_of(second))


def test_work_that_spends_its_budget_is_stopped_and_leaves_no_harm() -> None:
    def endless() -> int:
        steps = 0
        while True:
            steps += abs(-1)

    before = sys.getprofile()
    assert _within_budget(endless) is None
    # Stopped at many places, sympy still knows all it knew.
    hard = tree_of("max(x, -x) + " + "*".join(["abs(x - y)"] * 8))
    for steps in range(100, 20_000, 397):
        _within_budget(lambda: expression(hard).is_zero, steps)
    assert proved_equal(tree_of("max(0, x)"), tree_of("(x + abs(x))/2"))
    assert sys.getprofile() is before
    assert _within_budget(lambda: 7) == 7


atoms = st.sampled_from(["1", "2", "3", "0.5", "1/3", "pi", "e", "sqrt(2)", "ln(3)", "10%"])
trees = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({}){}({})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({})^2".format, inner),
        st.builds("{}({})".format, st.sampled_from(["exp", "abs", "tanh", "cos"]), inner),
    ),
    max_leaves=3,
)


@settings(max_examples=40)
@given(trees)
def test_sympy_agrees_and_the_closed_form_reads_back(text: str) -> None:
    try:
        reading = read_number(text)
    except Unreadable:
        return
    close = pytest.approx(reading.float, rel=1e-11, abs=1e-11)
    assert float(expression(reading.tree).evalf(30)) == close
    assert read_number(closed_form(reading.tree)).float == close


def test_a_budget_waits_until_another_is_spent() -> None:
    """What one thread makes sympy remember would let another come further, or less far."""
    order: list[str] = []
    underway, go_on = Event(), Event()

    def long_work() -> None:
        underway.set()
        go_on.wait(5)
        order.append("first")

    first = Thread(target=lambda: _within_budget(long_work))
    second = Thread(target=lambda: _within_budget(lambda: order.append("second")))
    first.start()
    assert underway.wait(30)
    second.start()
    second.join(0.2)
    go_on.set()
    first.join(30)
    second.join(30)
    assert order == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "touches"),
    [
        ("x^2", True),
        ("x^2-400*x+40000", True),
        ("x^2-2*sqrt(2)*x+2", True),
        ("exp(2*x)-2*exp(x)+1", True),
        ("ln(x)^2", True),
        ("1-cos(x)^2", True),
        ("x/y^2", True),
        ("d*x^2", True),
        ("x-x", True),
        ("x", False),
        ("1-x", False),
        ("d", False),
        ("x^3", False),
        ("x^2+y^2", False),
        ("(x^2+y^2)*(d^2+x^2)", False),
        ("1-tanh(x)^2", False),
    ],
)
def test_what_comes_down_to_zero_and_goes_up_again_is_told_from_what_does_not(
    text: str, touches: bool
) -> None:
    assert touches_zero(tree_of(text), positive=["d"]) == touches


def test_two_conditions_that_exclude_each_other_are_seen() -> None:
    one, other = tree_of("y-d"), tree_of("d/y-y/d")
    assert never_both(one, other, positive=["y", "d"])
    assert not never_both(one, one, positive=["y", "d"])
    assert not never_both(one, other)

"""Closed forms that read back, and equality that is proved, refuted, or left open."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.errors import Unreadable
from grading.numeric.reading import read_number
from grading.numeric.symbols import closed_form, expression, same


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


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("72%", "18/25", True),
        ("sqrt(8)", "2*sqrt(2)", True),
        ("e^2/(e+e^2)", "1/(1+e^-1)", True),
        ("ln(6)", "ln(2)+ln(3)", True),
        ("sqrt(3+2*sqrt(2))", "1+sqrt(2)", True),
        ("sin(1)^2+cos(1)^2", "1", True),
        ("1/3", "0.333", False),
        ("sqrt(2)", "1.41421356237309504880168872421", False),
        ("e^2/(e+e^2)", "e/(e+e^2)", False),
        ("1.0000001^1000000", "1.0000002^1000000", False),
        ("1.0000001^1000000", "1.0000001^999999*1.0000001", None),
    ],
)
def test_equality_is_proved_refuted_or_left_open(
    first: str, second: str, answer: bool | None
) -> None:
    one, other = read_number(first).tree, read_number(second).tree
    assert same(one, other) is answer
    assert same(other, one) is answer


def test_a_large_tree_is_not_simplified() -> None:
    one = read_number("+".join(f"sqrt({n}+pi)" for n in range(1, 40))).tree
    other = read_number("+".join(f"sqrt(pi+{n})" for n in range(39, 0, -1)) + "+sin(1)^2").tree
    assert same(one, other) is False
    identity = read_number("+".join(["sin(1)^2+cos(1)^2"] * 6)).tree
    assert same(identity, read_number("6").tree) is None


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

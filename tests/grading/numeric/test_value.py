"""Values of trees, against two other ways to them: Python's syntax over fractions, and mpmath."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from grading.errors import Unreadable
from grading.numeric.reading import Reading, read_number
from grading.numeric.tree import Name
from grading.numeric.value import evaluate

F = Fraction


# ---------------------------------------------------------------- exact

decimals = st.from_regex(r"\A(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,3})?\Z")
exact_trees = st.recursive(
    decimals,
    lambda inner: (
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner)
        | st.builds("({}){}({})".format, inner, st.sampled_from("+-*/"), inner)
        | st.builds("-{}".format, inner)
        | st.builds("({})".format, inner)
        | st.builds("({})^{}".format, inner, st.sampled_from(["2", "3", "0", "-1", "-2"]))
        | st.builds("{}^2".format, decimals)
    ),
    max_leaves=12,
)

_SIGNS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def by_python(text: str) -> Fraction:
    """The value of ``text`` by Python's parser and Python's fractions."""
    return walked(text, F, {})


def walked(text: str, number: Callable[[str], Any], known: Mapping[str, Any]) -> Any:
    """The value of ``text`` by Python's parser; each number is made of what was typed."""
    source = text.replace("^", "**")

    def walk(node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return number(source[node.col_offset : node.end_col_offset])
            case ast.Name(id=name):
                return known[name]
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return known[name](*map(walk, arguments))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -walk(inner)
            case ast.BinOp(left=left, op=sign, right=right):
                a, b = walk(left), walk(right)
                if isinstance(b, F) and isinstance(sign, ast.Pow):
                    assert b.denominator == 1
                    b = int(b)
                return _SIGNS[type(sign)](a, b)
        raise AssertionError(ast.dump(node))

    return walk(ast.parse(source, mode="eval").body)


@given(exact_trees)
@example("2 - 3 - 4")
@example("24 / 4 / 2")
@example("-2^2")
@example("2 * -3")
def test_an_exact_value_is_what_python_finds_with_fractions(text: str) -> None:
    try:
        expected = by_python(text)
    except ZeroDivisionError:
        with pytest.raises(Unreadable) as refused:
            read_number(text)
        assert refused.value.misreadings[0].code == "division-by-zero"
        return
    if sized(expected):
        reading = read_number(text)
        assert reading.value == expected
        assert reading.float == float(expected)


def sized(value: Fraction) -> bool:
    """Neither too big nor too small for a double, nor for exact arithmetic."""
    try:
        x = abs(float(value))
    except OverflowError:
        return False
    return (x > 0 or not value) and value.denominator.bit_length() < 4000


# ---------------------------------------------------------------- rough

rough_trees = st.recursive(
    decimals | st.sampled_from(["pi", "e", "2", "0.5", "1/3", "1e-3", "2e5"]),
    lambda inner: (
        st.builds("({}){}({})".format, inner, st.sampled_from("+-*/^"), inner)
        | st.builds("-({})".format, inner)
        | st.builds("(({})%)".format, inner)
        | st.builds(
            "{}({})".format,
            st.sampled_from(["sqrt", "exp", "ln", "abs", "tanh", "sin", "cos"]),
            inner,
        )
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner)
    ),
    max_leaves=8,
)


def by_mpmath(text: str) -> mpmath.mpf:
    """The value of ``text``, a text of the strategy above, at 400 digits."""
    names = ("sqrt", "exp", "ln", "tanh", "sin", "cos")
    known = {name: getattr(mpmath, name) for name in names}
    known |= {"abs": abs, "min": min, "max": max, "pi": +mpmath.mp.pi, "e": +mpmath.mp.e}
    return mpmath.mpf(walked(text.replace(")%", ")/100"), mpmath.mpf, known))


@given(rough_trees)
@example("exp((1000000)*(pi))")
@example("(1e5)*(pi)-(314159.2653)")
@example("sqrt((pi)-(3.141592653589793))")
@example("(0.999)^((1e5)*(pi))")
@example("(sqrt(2))^(-(2e5))")
@example("ln((1)+(1e-3)*(1e-3)*(1e-3))")
@example("(pi)^(0.5)")
@example("ln((pi)-(3.14159265))")
@example("((pi)-(3.14159265))^(-(0.3))")
@example("((pi)-(3.14159265))^(-(3))")
@example("tanh(20.5)")
@example("cos((2e5)*(2e5))")
def test_a_rough_value_is_as_near_as_it_says(text: str) -> None:
    try:
        reading = read_number(text)
    except Unreadable:
        assume(False)
    with mpmath.workdps(400):
        try:
            true = by_mpmath(text)
        except (ZeroDivisionError, TypeError, ValueError):
            assume(False)
        if reading.value is None:
            bound = mpmath.mpf(reading.error)
        else:
            bound = mpmath.mpf(10) ** -380 * (1 + abs(true))
        x = reading.float if reading.value is None else exactly(reading.value)
        assert abs(true - x) <= bound
        assert reading.error <= 1e-6 * max(1.0, abs(reading.float))


def exactly(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


@pytest.mark.parametrize(
    ("text", "figures"),
    [("sqrt(2)/2", 14), ("e^2/(e^1+e^2)", 14), ("pi^pi", 13), ("ln(3)^20", 13), ("2^0.5", 15)],
)
def test_what_learners_type_is_known_to_most_of_a_double(text: str, figures: int) -> None:
    reading = read_number(text)
    assert reading.error < abs(reading.float) * 10**-figures


# ---------------------------------------------------------------- what is neither

VAGUE = [
    "1e17*sqrt(2)-141421356237309504",  # 0.88, of which a double knows nothing
    "exp(1e17*pi-314159265358979323)",
    "(1e17*pi-314159265358979323)^2",
    "tanh(1e17*pi-314159265358979323)",
    "sqrt(1e17*pi-314159265358979323)",
]


@pytest.mark.parametrize("text", VAGUE)
def test_digits_that_all_cancelled_are_refused_and_never_read_as_noise(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_number(text)
    assert refused.value.misreadings[0].code == "too-vague"


def test_a_number_next_to_nothing_has_no_logarithm_that_is_known() -> None:
    with pytest.raises(Unreadable):
        read_number("ln(5e-308*1e-16)")


def test_the_root_and_the_power_of_a_half_are_the_same_number() -> None:
    root, power = read_number("sqrt(7)"), read_number("7^0.5")
    assert (root.float, root.error) == (power.float, power.error)


def test_a_name_has_no_value() -> None:
    with pytest.raises(ValueError, match="d has no value yet"):
        evaluate(Name("d", 0, 1))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-300))
def test_the_double_of_what_is_typed_is_the_nearest(x: float) -> None:
    reading: Reading = read_number(repr(x))
    assert reading.float == x
    assert reading.value is not None
    assert abs(reading.value - F(x)) <= F(math.ulp(x)) / 2

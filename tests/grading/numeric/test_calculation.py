"""What an author's calculation comes to, and how its faults are told."""

import math
from fractions import Fraction

import pytest

from grading.errors import BrokenExercise
from grading.numeric.calculation import calculate, check_calculation

F = Fraction
GIVEN = {
    "a": F(7, 10),
    "b": F(-3),
    "w": (F(1, 2), F(1, 4)),
    "m": ((F(1), F(2)), (F(3), F(4))),
    "word": "cat",
}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (F(3), F(3)),
        ("1 - {a} - 0.15", F(3, 20)),
        ("{m[2][1]}*{w[2]} + {m[2][2]}", F(19, 4)),
        ("{b}^2", F(9)),
        ("-{b}^2", F(-9)),
        ("2^{b}", F(1, 8)),
        ("{a}%", F(7, 1000)),
        ("sqrt({m[2][2]})", F(2)),
        ("min({w[1]}, {w[2]}, {a})", F(1, 4)),
        ("{a}/3 - {a}/3", F(0)),
    ],
)
def test_a_calculation_is_exact_where_it_can_be(text, number):
    assert calculate(text, GIVEN) == number
    assert isinstance(calculate(text, GIVEN), Fraction)


def test_an_irrational_calculation_is_the_nearest_double():
    assert calculate("exp({w[1]})", GIVEN) == pytest.approx(math.exp(0.5), rel=1e-15)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 - {c}", "no given is called `c`; known are a, b, w, m, word"),
        ("{w[3]}", "{w[3]} names no entry of `w`; entries are counted from 1"),
        ("{w[0]}", "names no entry"),
        ("{a[1]}", "names no entry"),
        ("{w} + 1", "{w} is a list; name one entry of it, as in {w[1]}"),
        ("{m[1]}", "{m[1]} is a list; name one entry of it, as in {m[1][1]}"),
        ("{word}", "{word} is no number"),
        ("1/({a} - 0.7)", "nothing can be divided by 0"),
        ("9^9^9^{a}", "cannot be worked out with these numbers"),
        ("sqrt({b})", "no real root"),
        ("10^300*10^300*{a}", "too big a number"),
    ],
)
def test_what_these_numbers_do_not_allow_is_told_at_its_place(text, told):
    assert not check_calculation(text)
    with pytest.raises(BrokenExercise) as caught:
        calculate(text, GIVEN, place=("cells", 0, 2))
    (fault,) = caught.value.faults
    assert told in fault.message
    assert fault.place == ("cells", 0, 2)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("1 - {a", "In braces stands the name of a given"),
        ("{a b}", "In braces stands the name of a given"),
        ("2{a}", "Did you forget a * between 2 and {a}?"),
        ("1 -", "A number is missing after"),
        ("_stands_in", "not known here"),
        ("{a} + aa", "“aa” is not known here"),
        ("__import__('os')", "not known here"),
        ("1," * 1500, "longer than 2000"),
        (True, "A number stands here, or a calculation"),
        (("1",), "A number stands here, or a calculation"),
    ],
)
def test_what_no_numbers_could_mend_is_told_without_them(value, told):
    (fault,) = check_calculation(value, place=("answer",))
    assert told in fault.message
    assert fault.place == ("answer",)

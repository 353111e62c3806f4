"""What the page says of digits is enough, and the rule that decides agrees."""

from fractions import Fraction

import pytest

from grading.numeric.advice import advice
from grading.numeric.reading import read_number
from grading.numeric.tolerance import Rule, Tolerance, judge


def within(rule: Rule, amount: str) -> Tolerance:
    return Tolerance(rule=rule, amount=Fraction(amount))


@pytest.mark.parametrize(
    ("tolerance", "said"),
    [
        (within("relative", "1/100"), "It may be off by 1 %: 3 significant figures are enough."),
        (within("relative", "1/20"), "It may be off by 5 %: 2 significant figures are enough."),
        (within("relative", "1/2"), "It may be off by 50 %: 1 significant figure is enough."),
        (within("absolute", "0.005"), "It may be off by 0.005: 2 decimal places are enough."),
        (within("absolute", "0.05"), "It may be off by 0.05: 1 decimal place is enough."),
        (within("absolute", "2"), "It may be off by 2: a whole number is precise enough."),
        (Tolerance(rule="places", digits=2), "Give at least 2 decimal places."),
        (Tolerance(rule="range", low=Fraction(0), high=Fraction(1)), ""),
    ],
)
def test_it_is_told_how_precise_to_be(tolerance: Tolerance, said: str) -> None:
    assert advice(tolerance) == said


@pytest.mark.parametrize("key", ["0.100499", "0.1094", "0.995", "12.5001", "9.9999"])
def test_so_many_figures_are_enough(key: str) -> None:
    for amount, figures in (("1/100", 3), ("1/20", 2), ("1/2", 1)):
        typed = f"{float(key):.{figures - 1}e}"
        assert judge(read_number(typed), Fraction(key), within("relative", amount)).ok

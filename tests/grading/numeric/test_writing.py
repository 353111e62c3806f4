"""Numbers written for people, and read back."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.exercise import number_text
from grading.numeric.reading import read_number
from grading.numeric.writing import write_places, write_short

numbers = st.fractions(-(10**9), 10**9, max_denominator=10**9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3.09", "3.09"),
        ("-1/8", "-0.125"),
        ("29", "29"),
        ("1/3", "1/3"),
        ("0", "0"),
        ("-2/7", "-2/7"),
    ],
)
def test_all_of_a_number_is_written(value: str, text: str) -> None:
    assert number_text(Fraction(value)) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction("3.09"), 2, "3.09"),
        (Fraction("1.37"), 4, "1.3700"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction("0.004"), 2, "0.00"),
        (Fraction("-0.004"), 2, "0.00"),
        (Fraction(5, 2), 0, "3"),
        (0.1, 3, "0.100"),
        (1.005, 2, "1.00"),
        (-math.inf, 2, "-inf"),
    ],
)
def test_decimal_places_are_rounded_from_the_exact_value(
    value: Fraction | float, places: int, text: str
) -> None:
    assert write_places(value, places) == text


def test_an_end_of_a_range_is_rounded_inwards() -> None:
    assert write_places(Fraction(1, 3), 2, "up") == "0.34"
    assert write_places(Fraction(-1, 3), 2, "up") == "-0.33"
    assert write_short(Fraction(2, 3), 3, "down") == "0.666"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(100), "100"),
        (Fraction(10) ** 20, "1e20"),
        (1.5e-12, "1.5e-12"),
        (0.0, "0"),
        (math.inf, "inf"),
    ],
)
def test_a_number_is_written_short(value: Fraction | float, text: str) -> None:
    assert write_short(value) == text


@given(numbers)
def test_what_is_written_exactly_is_read_back(value: Fraction) -> None:
    assert read_number(number_text(value)).value == value


@given(numbers, st.integers(0, 12))
def test_rounding_up_and_down_encloses_the_number(value: Fraction, places: int) -> None:
    low, near, high = (
        read_number(write_places(value, places, rounding)).value
        for rounding in ("down", "near", "up")
    )
    assert low is not None
    assert near is not None
    assert high is not None
    assert low <= value <= high
    assert near in (low, high)
    assert abs(near - value) <= Fraction(1, 2 * 10**places)

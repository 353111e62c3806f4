"""What a tolerance means for the person who types: which digits to give."""

from __future__ import annotations

from fractions import Fraction

from grading.exercise import number_text
from grading.numeric.tolerance import Tolerance


def advice(tolerance: Tolerance) -> str:
    """How precise an answer should be, in a sentence for the learner."""
    match tolerance.rule:
        case "exact":
            return "Give it exactly: a decimal, a fraction or a calculation."
        case "places" | "honest" if tolerance.digits == 0:
            return "A whole number is precise enough."
        case "places" | "honest" | "figures":
            return f"Give at least {wanted(tolerance)}."
        case "relative":
            digits = 1 + _digits_within(tolerance.amount)
            enough = f"{digits} significant figure{'s are' if digits > 1 else ' is'} enough"
            return f"It may be off by {number_text(tolerance.amount * 100)} %: {enough}."
        case "absolute":
            digits = _digits_within(tolerance.amount)
            places = f"{digits} decimal place{'s are' if digits > 1 else ' is'} enough"
            enough = places if digits else "a whole number is precise enough"
            return f"It may be off by {number_text(tolerance.amount)}: {enough}."
        case _:
            return ""


def _digits_within(amount: Fraction) -> int:
    """So many digits behind the first keep rounding within ``amount`` of it."""
    digits = 0
    while Fraction(1, 2 * 10**digits) > amount:
        digits += 1
    return digits


def wanted(tolerance: Tolerance) -> str:
    """What was asked for, as the rest of “Give ...”; for a finding that says what was missing."""
    digits = tolerance.digits
    match tolerance.rule:
        case "exact":
            return "the exact number: a decimal, a fraction or a calculation"
        case "places" | "honest" if digits == 0:
            return "a whole number"
        case "places" | "honest":
            return f"{digits} decimal {'place' if digits == 1 else 'places'}"
        case "figures":
            return f"{digits} significant figure{'' if digits == 1 else 's'}"
        case _:
            return "more digits"

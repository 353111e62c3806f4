"""What a tolerance means for the person who types: which digits to give, and how wide it is."""

from __future__ import annotations

import math

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
        case _:
            return ""


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


def reach(tolerance: Tolerance, size: float) -> float:
    """Half the width of what is accepted around a number of this size; 0 where it must be exact."""
    match tolerance.rule:
        case "absolute":
            return float(tolerance.amount)
        case "relative":
            return float(tolerance.amount) * abs(size)
        case "places" | "honest":
            return 0.5 * 10.0**-tolerance.digits
        case "figures":
            power = math.floor(math.log10(abs(size))) + 1 if size else 0
            return 0.5 * 10.0 ** (power - tolerance.digits)
        case _:
            return 0.0

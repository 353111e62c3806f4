"""What a tolerance means for the person who types: which digits to give."""

from __future__ import annotations

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

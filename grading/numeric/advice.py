"""What a tolerance means for the person who types: which digits to give, and how wide it is."""

from __future__ import annotations

from grading.numeric.tolerance import Tolerance


def advice(tolerance: Tolerance) -> str:
    """How precise an answer should be, in a sentence for the learner."""
    places = "place" if tolerance.digits == 1 else "places"
    match tolerance.rule:
        case "exact":
            return "Give it exactly: a decimal, a fraction or a calculation."
        case "places" | "honest":
            return f"Give at least {tolerance.digits} decimal {places}."
        case "figures":
            return f"Give at least {tolerance.digits} significant figures."
        case _:
            return ""


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
            whole = len(str(int(abs(size)))) if abs(size) >= 1 else 0
            return 0.5 * 10.0 ** (whole - tolerance.digits)
        case _:
            return 0.0

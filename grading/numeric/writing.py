"""Numbers to text, as a learner would write them; what is written here is read back."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final, Literal

Rounding = Literal["near", "up", "down"]

_MODES: Final = {"near": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}


def write_places(value: Fraction | float, places: int, rounding: Rounding = "near") -> str:
    """``value`` with ``places`` decimal places; a tie goes away from zero.

    >>> write_places(Fraction(1, 8), 2)
    '0.13'
    """
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    # Scaled first, so that rounding sees the exact value and not a shortened decimal of it.
    scaled = Fraction(value) * 10**places
    if rounding == "near":
        whole = math.floor(abs(scaled) + Fraction(1, 2)) * (-1 if scaled < 0 else 1)
    else:
        whole = math.ceil(scaled) if rounding == "up" else math.floor(scaled)
    digits = str(abs(whole)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if whole < 0 else text


def write_short(value: Fraction | float, figures: int = 6, rounding: Rounding = "near") -> str:
    """``value`` in at most ``figures`` significant figures, without zeros at the end.

    >>> write_short(Fraction(1, 3)), write_short(1.5e-12), write_short(Fraction(29))
    ('0.333333', '1.5e-12', '29')
    """
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    exact = Fraction(value)
    if not exact:
        return "0"
    context = Context(prec=figures, rounding=_MODES[rounding])
    short = context.divide(Decimal(exact.numerator), Decimal(exact.denominator)).normalize(context)
    power = short.adjusted()
    if -6 <= power < 15:
        return format(short, "f")
    return format(short, "e").replace("e+", "e")

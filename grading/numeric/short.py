"""The short way to a value: plain expressions without tokens, tree or places, in half the time.

Whatever is unusual (a comma, a percent sign, a spelling of its own, a fault) is none of its
business: it gives None, and the grammar of ``reading`` decides. Where it gives a value, that is
the grammar's value: both put numbers together with the same arithmetic.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from grading.numeric.tree import DEEPEST, FUNCTIONS, MOST_EXPONENT, MOST_NODES, Sign
from grading.numeric.value import PI, TEN, E, Exact, NoValue, Rough, apply, nearest, negate, operate

_PIECE: Final = re.compile(
    r"(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?+|\*\*|[a-zA-Z_][a-zA-Z_0-9]*+\(?"
    r"|[^ \t\n\r]"
)
_ALONE: Final = re.compile(
    r"[ \t\n\r]*+([-+]?)[ \t\n\r]*+(?=\.?[0-9])([0-9]{0,15}+)(?:\.([0-9]{0,15}+))?+"
    r"(?:[eE]([-+]?[0-9]{1,3}))?[ \t\n\r]*+"
)
_DIGITS: Final = "0123456789."
_LONGEST_NUMBER: Final = 15
_MOST_PIECES: Final = MOST_NODES // 2

_CONSTANTS: Final = {"pi": PI, "π": PI, "e": E}
_POWER: Final = 4
_SIGNS: Final[dict[str, tuple[Sign, int]]] = {
    "+": ("+", 1),
    "-": ("-", 1),
    "*": ("*", 2),
    "/": ("/", 2),
    "^": ("^", _POWER),
    "**": ("^", _POWER),
}
_OPEN: Final = 0
_OPENINGS: Final = {
    "-": ("negation", 3),  # tighter than times, looser than a power
    "(": ("(", _OPEN),
    # Neither log, which is noted as a guess, nor min and max, which take commas.
    **{f"{name}(": (name, _OPEN) for name in FUNCTIONS if name not in ("log", "min", "max")},
}


Plain = tuple[Fraction | None, float, float, int | None, int | None]
"""The fields of a Reading: the exact value or None, the nearest double, how far off it may be, and
the decimal places and figures typed where it is one decimal."""


def value_of(plain: str, start: int, end: int) -> Plain | None:
    """The value of a plain expression, or None where the grammar has to look."""
    if alone := _ALONE.fullmatch(plain, start, end):
        return _alone(*alone.groups(""))
    pieces = _PIECE.findall(plain, start, end)
    if len(pieces) > _MOST_PIECES:
        return None
    values: list[Exact | Rough] = []
    waiting: list[tuple[str, int]] = []  # signs and brackets, with how tight they bind
    expected = True  # a number, and not a sign
    single = True  # one decimal and no more, whose digits the grammar counts
    try:
        for piece in pieces:
            if not expected:
                if piece in _SIGNS:
                    sign, binding = _SIGNS[piece]
                    # A power groups to the right: it waits for the powers behind it.
                    while waiting and waiting[-1][1] >= binding != _POWER:
                        _take(waiting.pop()[0], values)
                    waiting.append((sign, binding))
                    expected, single = True, False
                elif piece == ")":
                    while waiting[-1][1] != _OPEN:
                        _take(waiting.pop()[0], values)
                    name = waiting.pop()[0]
                    if name != "(":
                        values.append(apply(name, (values.pop(),)))
                else:
                    return None
            elif piece[0] in _DIGITS:
                number = _number(piece)
                if number is None:
                    return None
                values.append(_exact(*number))
                expected = False
            elif piece in _CONSTANTS:
                values.append(_CONSTANTS[piece])
                expected = single = False
            elif piece in _OPENINGS:
                waiting.append(_OPENINGS[piece])
                single = single and piece in "(-"
            else:
                return None
            if len(waiting) > DEEPEST:
                return None
        if expected or single:
            return None
        while waiting:
            name, binding = waiting.pop()
            if binding == _OPEN:
                return None
            _take(name, values)
        value = values[0]
        if isinstance(value, Rough):
            return None, value.x, value.error, None, None
        return Fraction(*value), nearest(*value), 0.0, None, None
    except (NoValue, IndexError):
        return None  # the grammar finds out where


def _take(name: str, values: list[Exact | Rough]) -> None:
    """Put the last values together as the sign called ``name`` says."""
    right = values.pop()
    if name == "negation":
        values.append(negate(right))
    else:
        values.append(operate(_SIGNS[name][0], values.pop(), right))


def _alone(sign: str, whole: str, rest: str, power: str) -> Plain | None:
    """One decimal: its value, and how many of its digits were typed."""
    digits, exponent = int(whole + rest), -len(rest)
    if power:
        if abs(int(power)) > MOST_EXPONENT:
            return None
        exponent += int(power)
    above, below = _exact(-digits if sign == "-" else digits, exponent)
    try:
        x = nearest(above, below)
    except NoValue:
        return None
    figures = len(str(digits)) if digits else 1
    return Fraction(above, below), x, 0.0, -exponent if exponent < 0 else 0, figures


def _number(piece: str) -> tuple[int, int] | None:
    """The digits and the power of ten of a number short enough for no bound to be near."""
    if len(piece) > _LONGEST_NUMBER or piece == ".":
        return None
    if piece.isdigit():
        return int(piece), 0
    whole, point, rest = piece.partition(".")
    if point and (rest.isdigit() or not rest):
        return int(whole + rest), -len(rest)
    mantissa, e, power = piece.replace("E", "e").partition("e")
    if not e or not mantissa or abs(int(power)) > MOST_EXPONENT:
        return None
    whole, _, rest = mantissa.partition(".")
    return int(whole + rest), int(power) - len(rest)


def _exact(digits: int, exponent: int) -> Exact:
    return (digits, TEN[-exponent]) if exponent < 0 else (digits * TEN[exponent], 1)

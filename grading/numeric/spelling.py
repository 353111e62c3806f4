"""The same numbers in every way that they may be written: what proving types in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Final

from grading.errors import Unreadable
from grading.exercise import number_text
from grading.numeric.grids import read_grid
from grading.numeric.reading import read_number
from grading.numeric.tolerance import Tolerance, ends

Ways = dict[str, str]
"""What each way of writing is called, and the text it gives."""

_FULL_WIDTH: Final = {ord("0") + i: 0xFF10 + i for i in range(10)}
_LONG: Final = 30
"""A number with so many signs is too long to type; only keys of no exercise are."""
_NEXT_TO_ZERO: Final = Decimal("1e-30")
_FIGURES: Final = 17
"""As many significant figures as tell any double from its neighbours."""


def spellings(text: str, shape: tuple[int, ...]) -> Ways:
    """The ways to write the numbers of a worked answer; none where one of them is no fraction.

    ``shape`` is () for one number, (n,) for a vector, (rows, columns) for a matrix. Cells left
    empty stay empty.
    """
    cells = _cells(text, shape)
    if cells is None:
        return {}
    ways: Ways = {}
    for how, text in _all_ways(cells, shape):
        if text not in ways.values():
            ways[how] = text
    return ways


def _all_ways(
    cells: Sequence[Fraction | None], shape: tuple[int, ...]
) -> Iterator[tuple[str, str]]:
    for how, write in _CELLS.items():
        yield how, joined([_written(cell, write) for cell in cells], shape, ", ")
    plain = [_written(cell, number_text) for cell in cells]
    commas = [_with_comma(cell) for cell in plain]
    if not shape:
        yield "with a decimal comma", commas[0]
        return
    for how, arrange in (_ROWS if len(shape) == 2 and 1 not in shape else _LISTS).items():
        yield how, arrange(plain, shape)
    if shape[-1] > 1:
        # Where semicolons part the numbers, a comma in one can only be a decimal comma.
        yield "with decimal commas and semicolons", joined(commas, shape, "; ")


def key_text(key: Fraction | float) -> str:
    """The key as a text that reads as the very same number."""
    return number_text(key) if isinstance(key, Fraction) else repr(key)


def rounded(key: Fraction | float, tolerance: Tolerance) -> Sequence[str]:
    """The key rounded as the tolerance advises: a tie up, down and to even. Else nothing."""
    if tolerance.rule not in ("places", "figures", "honest") or math.isinf(key):
        return ()
    exact = Fraction(key)
    places = tolerance.digits
    if tolerance.rule == "figures":
        places -= _magnitude(exact) + 1
    unit = Fraction(10) ** -places
    below = math.floor(exact / unit)
    rest = exact / unit - below
    half = Fraction(1, 2)
    steps = (below + 1, below, below + below % 2) if rest == half else (below + (rest > half),) * 3
    texts = tuple(number_text(step * unit) for step in steps)
    return texts if len(texts[0]) < _LONG else ()


def edges(key: Fraction | float, tolerance: Tolerance) -> tuple[list[str], list[str]]:
    """Numbers at the ends of what is accepted: those just inside, and their neighbours outside.

    Neighbours differ in the 17th significant figure, about as the nearest doubles do. An end that
    no such decimal can reach has no text inside: 1/3, where it is asked exactly.
    """
    low, high = ends(key, tolerance)
    if math.isinf(low) or math.isinf(high):
        return [], []
    low, high = Fraction(low), Fraction(high)
    up, down = Context(_FIGURES, ROUND_CEILING), Context(_FIGURES, ROUND_FLOOR)
    first = up.divide(Decimal(low.numerator), Decimal(low.denominator))
    last = down.divide(Decimal(high.numerator), Decimal(high.denominator))
    inside = [first, last] if Fraction(first) <= high and Fraction(last) >= low else []
    # A double next to 0 has no decimal of so few figures; this is next to it all the same.
    outside = [
        up.next_minus(first) if first else -_NEXT_TO_ZERO,
        down.next_plus(last) if last else _NEXT_TO_ZERO,
    ]
    return [_decimal(end) for end in inside], [_decimal(end) for end in outside]


def _cells(text: str, shape: tuple[int, ...]) -> list[Fraction | None] | None:
    """The exact values row by row, None for an empty cell; None where one is not exact."""
    try:
        readings = read_grid(text, shape, blanks=True).cells if shape else (read_number(text),)
    except Unreadable:
        return None
    if any(cell is not None and cell.value is None for cell in readings):
        return None
    return [None if cell is None else cell.value for cell in readings]


def _written(cell: Fraction | None, write: Callable[[Fraction], str]) -> str:
    return "" if cell is None else write(cell)


# ---------------------------------------------------------------- one number


def _calculation(value: Fraction) -> str:
    whole = math.floor(abs(value))
    sum_of = f"{whole} + {number_text(abs(value) - whole)}"
    return f"-({sum_of})" if value < 0 else sum_of


def _bare_point(value: Fraction) -> str:
    """``.72``, ``-.5`` and ``4.``: no digit that could be left out."""
    text = number_text(value)
    if "/" in text:
        return text
    return (
        text.replace("0.", ".", 1) if abs(value) < 1 and value else text + "." * ("." not in text)
    )


def _zeros(value: Fraction) -> str:
    text = number_text(value)
    return text if "/" in text else f"{text}00" if "." in text else f"{text}.00"


def _with_comma(text: str) -> str:
    """``0,72``; one zero more where three places would make it 1,125, which may be a thousand."""
    whole, _, places = text.partition(".")
    return f"{whole},{places}{'0' * (len(places) == 3)}" if places else text


_CELLS: Final[dict[str, Callable[[Fraction], str]]] = {
    "as a decimal": number_text,
    "as a fraction": lambda value: f"{value.numerator}/{value.denominator}",
    "as percents": lambda value: (
        f"{number_text(value * 100)}%" if "/" not in number_text(value) else number_text(value)
    ),
    "as a calculation": _calculation,
    "with an exponent": lambda value: (
        f"{number_text(value * 1000)}e-3" if "/" not in number_text(value) else number_text(value)
    ),
    "times a power of ten": lambda value: f"{number_text(value * 100)} * 10^-2",
    "with a minus sign of print": lambda value: number_text(value).replace("-", "\N{MINUS SIGN}"),
    "with a dash": lambda value: number_text(value).replace("-", "\N{EN DASH}"),
    "with a plus sign": lambda value: f"{'+' * (value >= 0)}{number_text(value)}",
    "without needless zeros": _bare_point,
    "with zeros at the end": _zeros,
    "in full-width digits": lambda value: number_text(value).translate(_FULL_WIDTH),
    "in brackets": lambda value: f"({number_text(value)})",
    "with spaces": lambda value: f"  {number_text(value)}\N{NO-BREAK SPACE}",
}


def _magnitude(value: Fraction) -> int:
    """The power of ten of the first significant figure: 0 for 3.09, -2 for 0.05, 0 for 0."""
    if not value:
        return 0
    down = Context(_FIGURES, ROUND_FLOOR)
    return down.divide(Decimal(abs(value.numerator)), Decimal(value.denominator)).adjusted()


def _decimal(value: Decimal) -> str:
    """Digits as they are, or with an exponent where there would be too many of them."""
    return format(value, "f") if not value or -5 < value.adjusted() < 15 else format(value, "e")


# ---------------------------------------------------------------- many numbers


def joined(cells: Sequence[str], shape: tuple[int, ...], sign: str = ", ") -> str:
    """The text of a box: one row a line, its cells parted by ``sign``."""
    if not shape:
        return cells[0]
    width = shape[-1]
    return "\n".join(sign.join(cells[i : i + width]) for i in range(0, len(cells), width))


def _rows(cells: Sequence[str], shape: tuple[int, ...]) -> Iterator[Sequence[str]]:
    width = shape[-1]
    return (cells[i : i + width] for i in range(0, len(cells), width))


_LISTS: Final[dict[str, Callable[[Sequence[str], tuple[int, ...]], str]]] = {
    "in square brackets": lambda cells, _: f"[{', '.join(cells)}]",
    "in round brackets, with semicolons": lambda cells, _: f"({'; '.join(cells)})",
    "without spaces, with semicolons": lambda cells, _: ";".join(cells),
    "a line each": lambda cells, _: "\n".join(cells),
    "a line each, as Windows ends them": lambda cells, _: "\r\n".join(cells),
    "as cells of a spreadsheet": lambda cells, _: "\t".join(cells),
}

_ROWS: Final[dict[str, Callable[[Sequence[str], tuple[int, ...]], str]]] = {
    "in brackets in brackets": lambda cells, shape: (
        "[" + ", ".join(f"[{', '.join(row)}]" for row in _rows(cells, shape)) + "]"
    ),
    "a row a line, with semicolons": lambda cells, shape: joined(cells, shape, "; "),
    "a bracket a line": lambda cells, shape: "\n".join(
        f"[{', '.join(row)}]" for row in _rows(cells, shape)
    ),
    "as cells of a spreadsheet": lambda cells, shape: (
        "\r\n".join("\t".join(row) for row in _rows(cells, shape)) + "\r\n"
    ),
    "rows parted by semicolons": lambda cells, shape: "; ".join(
        ", ".join(row) for row in _rows(cells, shape)
    ),
}

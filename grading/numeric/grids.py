"""Text to numbers of a shape: a vector or a matrix, however it was typed or pasted.

A vector is read from ``3.09, 1.37``, ``[3.09, 1.37]``, ``(3.09; 1.37)``, a line each, or cells
pasted from a spreadsheet; a matrix from a row a line (cells parted by tabs, semicolons or commas),
from nested brackets, or from one line whose rows are parted by semicolons.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from grading.errors import Misreading, Unreadable
from grading.numeric.reading import LONGEST, Reading, read_number, read_stretch
from grading.numeric.refusing import misread, refuse
from grading.numeric.tokens import (
    MOST_MISREADINGS,
    Note,
    match_brackets,
    plain_text,
    two_readings,
    unbalanced_brackets,
)

LONGEST_GRID: Final = 4000
"""Code points in the text of all cells together."""
MOST_SPARE: Final = 64
"""A text with more cells than asked for plus these is not read cell by cell."""


@dataclass(frozen=True)
class Grid:
    """Numbers of a shape, (n,) or (rows, columns); ``cells`` row by row, None where left empty."""

    cells: tuple[Reading | None, ...]
    shape: tuple[int, ...]

    def values(self) -> tuple[Fraction | None, ...]:
        """The exact values, row by row; None where a cell is empty, irrational or infinite."""
        return tuple(None if cell is None else cell.value for cell in self.cells)

    def floats(self) -> npt.NDArray[np.float64]:
        """The nearest doubles, of this shape; NaN where a cell is empty."""
        floats = [math.nan if cell is None else cell.float for cell in self.cells]
        return np.array(floats, dtype=np.float64).reshape(self.shape)

    def notes(self) -> tuple[Note, ...]:
        """How cells were read, where it could have been meant otherwise."""
        return tuple(note for cell in self.cells if cell is not None for note in cell.notes)


def read_grid(
    text: str,
    shape: tuple[int, ...],
    *,
    blanks: bool = False,
    infinite: bool = False,
    limit: int = LONGEST_GRID,
) -> Grid:
    """The numbers of ``shape``, (n,) or (rows, columns), that ``text`` says.

    ``blanks`` lets single cells stay empty, ``infinite`` lets ``inf`` stand in a cell, ``limit``
    is the longest text in code points. Raises Unreadable with every faulty cell at once.

    >>> read_grid("3.09, 1.37", (2,)).values()
    (Fraction(309, 100), Fraction(137, 100))
    """
    if len(text) > limit:
        message = f"This is longer than {limit} characters, too long for one answer."
        refuse("too-long", message, limit, len(text))
    plain = plain_text(text)
    if not plain.strip(_SPACE):
        if blanks:
            return Grid((None,) * math.prod(shape), shape)
        refuse("empty", "Nothing is typed here yet.", 0, len(text))
    if lonely := unbalanced_brackets(plain, 0, len(plain)):
        raise Unreadable(lonely[:MOST_MISREADINGS])
    page = _Page(plain)
    faults: list[Misreading] = []
    if len(shape) == 1 or 1 in shape:
        places = _vector(page, shape, faults)
    else:
        places = _matrix(page, shape[0], shape[1], faults)
    cells: list[Reading | None] = []
    for name, (start, end), alone in places:
        if start == end:
            cells.append(None)
            if not blanks:
                faults.append(misread("empty-cell", f"{name} is empty.", start, end))
            continue
        try:
            cells.append(_cell(text, plain, start, end, infinite, alone))
        except Unreadable as unreadable:
            faults += [
                replace(fault, message=f"{name}: {fault.message}")
                for fault in unreadable.misreadings
            ]
    if faults:
        # What is wrong with a cell mostly explains a wrong count, so the count is told last.
        counts = ("cell-count", "row-count")
        faults.sort(key=lambda fault: (fault.code in counts, fault.start))
        raise Unreadable(faults[:MOST_MISREADINGS])
    return Grid(tuple(cells), shape)


def read_text(
    text: object, shape: tuple[int, ...] | None = None, *, blanks: bool = False
) -> dict[str, object]:
    """One JSON value, read and told as JSON; never raises.

    A number gives ``value`` (exact, as text ``18/25``; None where irrational) and ``float``; with
    a ``shape`` both are lists, nested for a matrix, and with ``blanks`` a cell may stay empty
    (None, NaN). What cannot be read gives ``error``,
    ``message`` and ``span`` [start, end) of the first misreading.

    >>> read_text("72%")
    {'value': '18/25', 'float': 0.72}
    """
    if not isinstance(text, str):
        message = "An answer is a text; this is something else."
        return {"error": "type", "message": message, "span": [0, 0]}
    try:
        if shape is None:
            reading = read_number(text)
            return {"value": _spoken(reading.value), "float": reading.float}
        grid = read_grid(text, shape, blanks=blanks)
    except Unreadable as unreadable:
        first = unreadable.misreadings[0]
        return {"error": first.code, "message": first.message, "span": [first.start, first.end]}
    values: list[Any] = [_spoken(value) for value in grid.values()]
    if len(shape) == 2:
        values = [values[at : at + shape[1]] for at in range(0, len(values), shape[1])]
    return {"value": values, "float": grid.floats().tolist()}


def _spoken(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


# ---------------------------------------------------------------- where the cells are

_SPACE: Final = " \t\r\n"


class _Stretch(NamedTuple):
    start: int
    end: int


@cache
def _looking_for(signs: str) -> Callable[[str, int, int], re.Match[str] | None]:
    """What finds the next of ``signs`` or the next bracket that opens."""
    return re.compile(f"[{signs}([]").search


class _Page:
    """A plain text whose brackets are matched: cut it at separators that stand outside brackets."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.closing = match_brackets(plain, 0, len(plain))[0]

    def whole(self) -> _Stretch:
        return _Stretch(0, len(self.plain))

    def trimmed(self, stretch: _Stretch) -> _Stretch:
        start, end = stretch
        while start < end and self.plain[start] in _SPACE:
            start += 1
        while end > start and self.plain[end - 1] in _SPACE:
            end -= 1
        return _Stretch(start, end)

    def unwrapped(self, stretch: _Stretch) -> _Stretch:
        """Without the brackets that go around all of it, however many."""
        inner = self.trimmed(stretch)
        while inner.start < inner.end and self.closing.get(inner.start) == inner.end - 1:
            stretch = _Stretch(inner.start + 1, inner.end - 1)
            inner = self.trimmed(stretch)
        return stretch

    def outside(self, stretch: _Stretch, signs: str) -> list[int]:
        """Where one of ``signs`` stands outside all brackets."""
        found = []
        next_one = _looking_for(signs)
        at, end = stretch
        while match := next_one(self.plain, at, end):
            at = match.start()
            if at in self.closing:
                at = self.closing[at]
            else:
                found.append(at)
            at += 1
        return found

    def cut(self, stretch: _Stretch, signs: str) -> list[_Stretch]:
        """The pieces between ``signs``."""
        pieces = []
        start = stretch.start
        for at in self.outside(stretch, signs):
            if self.plain[at : at + 2] == "\r\n":
                continue  # one line end; the line feed is the sign
            pieces.append(_Stretch(start, at))
            start = at + 1
        return [*pieces, _Stretch(start, stretch.end)]

    def lines(self, stretch: _Stretch) -> list[_Stretch]:
        """The lines that are not blank."""
        return [line for line in self.cut(stretch, "\r\n") if not self.blank(line)]

    def column(self, stretch: _Stretch, wanted: int) -> list[_Stretch]:
        """The lines of a vector: blank ones count where a cell a line makes the number wanted."""
        lines = self.cut(stretch, "\r\n")
        single = not self.outside(stretch, ",;\t")
        return lines if single and len(lines) == wanted else self.lines(stretch)

    def blank(self, stretch: _Stretch) -> bool:
        """Nothing but spaces; a tab parts two empty cells."""
        return not self.plain[stretch.start : stretch.end].strip(" \r\n")

    def parting(self, line: _Stretch) -> str:
        """The sign that parts the cells of a line."""
        for sign in "\t;":
            if self.outside(line, sign):
                return sign
        return ","


_Cell = tuple[str, _Stretch, bool]
"""What a cell is called, where it stands, and whether it stands alone: parted from its neighbours
by a semicolon or a tab, so that a comma in it can only be a decimal comma."""


def _called(shape: tuple[int, ...], index: int) -> str:
    """What the cell at ``index``, counted from 0 row by row, is called."""
    if len(shape) == 1:
        return f"Cell {index + 1}"
    row, column = divmod(index, shape[1])
    return f"Row {row + 1}, column {column + 1}"


def _vector(page: _Page, shape: tuple[int, ...], faults: list[Misreading]) -> list[_Cell]:
    """The cells of a vector, trimmed; a matrix of one row or one column is typed as one."""
    wanted = math.prod(shape)
    inside = page.unwrapped(page.whole())
    cells: list[tuple[_Stretch, bool]] = []
    commas = False
    lines = page.column(inside, wanted)
    upright = len(lines) == wanted > 1
    for line in lines:
        sign = page.parting(line)
        pieces = page.cut(line, sign)
        # A list that was wrapped over lines ends each line, and perhaps itself, with a comma.
        wrapped = line is not lines[-1] or len(cells) + len(pieces) == wanted + 1
        if wrapped and len(pieces) > 1 and page.blank(pieces[-1]):
            pieces.pop()
        if upright and sign == "," and len(pieces) == 2:
            # A line each: the lines part the numbers, so a comma in one can only be a decimal one.
            cells.append((page.trimmed(_Stretch(pieces[0].start, pieces[1].end)), True))
            continue
        if sign == ",":
            commas = _decimal_commas(page, line, faults) or commas
        cells += [(page.trimmed(piece), sign != ",") for piece in pieces]
    if len(cells) != wanted:
        are = "is" if wanted == 1 else "are"
        message = f"{_counted(wanted, 'number')} {are} expected, {len(cells)} found."
        faults.append(_miscounted(message, page, page.trimmed(inside), wanted, commas))
        if len(cells) > wanted + MOST_SPARE:
            raise Unreadable(faults[-1:])
        shape = (len(cells),) if len(shape) == 1 else shape
    return [
        (_called(shape, index) if index < wanted else f"Cell {index + 1}", cell, alone)
        for index, (cell, alone) in enumerate(cells)
    ]


def _matrix(page: _Page, rows: int, columns: int, faults: list[Misreading]) -> list[_Cell]:
    """The cells of a matrix row by row, trimmed."""
    inside = page.unwrapped(page.whole())
    found = _bracketed_rows(page, inside)
    if not found:
        found = page.lines(inside)
        if len(found) == 1 and page.outside(found[0], ";"):
            found = page.cut(found[0], ";")
    if len(found) != rows:
        message = (
            f"{_counted(rows, 'row')} of {_counted(columns, 'number')} are expected, "
            f"{len(found)} found. Write one row a line."
        )
        faults.append(misread("row-count", message, *page.trimmed(page.whole())))
        if len(found) > rows + MOST_SPARE:
            raise Unreadable(faults[-1:])
    cells: list[_Cell] = []
    for number, wrapped in enumerate(found, 1):
        row = page.unwrapped(wrapped)
        sign = page.parting(row)
        pieces = page.cut(row, sign)
        if len(pieces) == columns + 1 and page.blank(pieces[-1]):
            pieces.pop()
        commas = sign == "," and _decimal_commas(page, row, faults)
        if len(pieces) != columns:
            message = (
                f"Row {number}: {_counted(columns, 'number')} are expected, {len(pieces)} found."
            )
            fault = _miscounted(message, page, page.trimmed(row), columns, commas)
            if len(pieces) > columns + MOST_SPARE:
                raise Unreadable([fault])
            if len(found) == rows:
                faults.append(fault)
        cells += [
            (f"Row {number}, column {column}", page.trimmed(piece), sign != ",")
            for column, piece in enumerate(pieces, 1)
        ]
    return cells


def _bracketed_rows(page: _Page, stretch: _Stretch) -> list[_Stretch]:
    """The rows of ``[1, 2], [3, 4]``: brackets with nothing but separators in between."""
    rows: list[_Stretch] = []
    at = stretch.start
    while at < stretch.end:
        if at in page.closing:
            rows.append(_Stretch(at, page.closing[at] + 1))
            at = page.closing[at]
        elif page.plain[at] not in ",; \t\r\n":
            return []
        at += 1
    parted = [row for row in rows if page.outside(page.unwrapped(row), ",;\t")]
    return rows if parted else []


_TIGHT: Final = re.compile(r"(?<![0-9.])([0-9]+),([0-9]+)(?![0-9.])")


def _decimal_commas(page: _Page, line: _Stretch, faults: list[Misreading]) -> bool:
    """Refuse ``0,72`` and ``3,09`` where commas part the cells; whether any comma could be decimal.

    ``4,1`` is two numbers: only digits that nobody writes as a number of their own tell.
    """
    at, could = line.start, False
    separating = set(page.outside(line, ","))
    while found := _TIGHT.search(page.plain, at, line.end):
        left, right = found.groups()
        at = found.start(2)
        if found.end(1) not in separating:
            continue
        could = True
        if len(right) > 1 and (left == "0" or right[0] == "0"):
            faults.append(misread("comma", two_readings(left, right), *found.span()))
            at = found.end()
    return could


_DECIMAL: Final = r"[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)"
_SPACED: Final = re.compile(rf"{_DECIMAL}(?:[ ,;]++{_DECIMAL})*+")
_COMMAED: Final = re.compile(r"([-+]?[0-9]++),([0-9]++)(?:[ ,;]++|\Z)")


def _miscounted(
    message: str, page: _Page, stretch: _Stretch, wanted: int, commas: bool
) -> Misreading:
    """A wrong number of cells; where another way to part them gives the right one, that too."""
    text = page.plain[stretch.start : stretch.end]
    decimals = re.findall(_DECIMAL, text) if _SPACED.fullmatch(text) else []
    halves = _COMMAED.findall(text)
    if len(halves) == wanted and _COMMAED.sub("", text) == "":
        decimals = [f"{left}.{right}" for left, right in halves]
    if len(decimals) == wanted > 1:
        message += f" Did you mean {', '.join(decimals)}?"
    elif commas:
        message += " If a comma is meant as a decimal comma, write a point."
    return misread("cell-count", message, *stretch)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _cell(text: str, plain: str, start: int, end: int, infinite: bool, alone: bool) -> Reading:
    if end - start > LONGEST:
        message = f"This is longer than {LONGEST} characters, too long for one number."
        refuse("too-long", message, start + LONGEST, end)
    return read_stretch(text, plain, start, end, infinite=infinite, in_list=not alone)

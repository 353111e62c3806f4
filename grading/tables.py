"""A table from outside, CSV, XLSX or JSON lines, as rows by column name: nothing lost unsaid.

Nothing is computed, fetched or trusted: a formula is read as the value that was last shown, sizes
are bounded before anything is unpacked, and a row that cannot be read is told by its line.
"""

from __future__ import annotations

import csv
import json
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import BytesIO, StringIO
from re import compile as pattern
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

LARGEST = 64 * 2**20
"""Bytes, of a file and of what a workbook unpacks to."""

MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_SHEETS = 50
MOST_CELLS = 1_000_000
"""Of a sheet: enough for fifty columns of as many rows as are read."""

LONGEST_CELL = 100_000
"""Characters; what a column may hold is for its reader to say."""

LONGEST_LINE = 2**20

DELIMITERS = (",", ";", "\t", "|")

_REFERENCE = pattern(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 2**16


class BadTable(Exception):
    """A file that is no table of ours. The message says what to do, to whoever sent it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: the line (or the row of a sheet) it begins on, and its cells by column."""

    line: int
    cells: Mapping[str, Any]
    """Text; in JSON lines whatever value stands there. Columns are in small letters."""


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that is left out, where it is, and why."""

    line: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """What was read, in the order of the file."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...] = field(default=())


def read_table(content: bytes, needs: Sequence[str]) -> Table:
    """The rows of a file that has the columns in ``needs``, found by their names.

    CSV may be parted by commas, semicolons, tabs or bars; a workbook gives the first of its
    sheets that has the columns. Raises BadTable where nothing can be read at all.
    """
    if len(content) > LARGEST:
        raise BadTable(f"The file is larger than {LARGEST >> 20} MB: send it in pieces.")
    if content.startswith(b"PK"):
        return _workbook(content, needs)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadTable(
            "This is a workbook of an old form, or one locked with a password: save it as .xlsx "
            "without a password, or as CSV."
        )
    text = _decoded(content)
    if not text.strip():
        raise BadTable("The file is empty.")
    if text.lstrip().startswith("{"):
        return _json_lines(text)
    if text.lstrip().startswith("["):
        raise BadTable("This is a JSON list. Write JSON lines: one {...} a line, no brackets.")
    return _csv(text, needs)


def _decoded(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise BadTable("The file begins as UTF-16 text and does not go on so.") from None
    else:
        content = content.removeprefix(BOM_UTF8)
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise BadTable(
                f"Line {line} is not text in UTF-8: save the file as “CSV UTF-8” or as .xlsx."
            ) from None
    if "\0" in text:
        raise BadTable("This is not a text file: send CSV, XLSX or JSON lines.")
    return text


def _named(header: Sequence[str], needs: Sequence[str]) -> list[str]:
    """The columns' names. Raises BadTable where one is missing or stands twice."""
    names = [" ".join(name.split()).casefold() for name in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise BadTable(f"There are {len(names)} columns; {MOST_COLUMNS} is the most that is read.")
    missing = [name for name in needs if name not in names]
    if missing:
        told = ", ".join(_short(name) for name in names[:12] if name) or "none"
        near = get_close_matches(missing[0], names, 1)
        hint = f" Is “{_short(near[0])}” meant?" if near else ""
        raise BadTable(
            f"There is no column `{'` and no column `'.join(missing)}`. The first row names the "
            f"columns; there it says: {told}.{hint}"
        )
    twice = next((name for name in needs if names.count(name) > 1), None)
    if twice:
        raise BadTable(f"There are two columns called `{twice}`.")
    return names


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# -- CSV ----------------------------------------------------------------------------------------


def _csv(text: str, needs: Sequence[str]) -> Table:
    first = next(line for line in _lines(text) if line.strip())
    delimiter = max(DELIMITERS, key=lambda sign: _columns_met(first, sign, needs))
    names: list[str] = []
    rows: list[Row] = []
    bad: list[BadRow] = []
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    last = 0
    while True:
        line = last + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            last = max(reader.line_num, line)
            bad.append(BadRow(line=line, message=_csv_fault(str(error), line, last)))
            continue
        last = max(reader.line_num, line)
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _named(cells, needs)
        elif any(cell.strip() for cell in cells[len(names) :]):
            bad.append(
                BadRow(
                    line=line,
                    message=f"{len(cells)} cells stand under {len(names)} columns: an answer that "
                    f"holds “{delimiter}” wants quotation marks around it.",
                )
            )
        else:
            rows.append(Row(line=line, cells=dict(zip(names, cells, strict=False))))
            _few_enough(rows)
    if not names:
        raise BadTable("The first row, which names the columns, cannot be read: " + bad[0].message)
    return _table(rows, bad)


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends: inside quotation marks, those belong to the answer."""
    for number, line in enumerate(StringIO(text, newline=""), start=1):
        if len(line) > LONGEST_LINE:
            raise BadTable(f"Line {number} holds more than {LONGEST_LINE:,} characters.")
        yield line


def _columns_met(header: str, sign: str, needs: Sequence[str]) -> tuple[int, int]:
    names = [cell.strip(' "\ufeff').casefold() for cell in header.split(sign)]
    return sum(name in names for name in needs), len(names)


def _csv_fault(error: str, first: int, last: int) -> str:
    if "end of data" in error:
        return (
            f"A quotation mark opened here is never closed: nothing from line {first} on is read."
        )
    if "field larger" in error:
        return f"A cell is far too long, or its quotation mark is not closed before line {last}."
    return "A quotation mark stands within a cell: write it twice, and put the cell in quotes."


# -- JSON lines ---------------------------------------------------------------------------------


def _json_lines(text: str) -> Table:
    rows: list[Row] = []
    bad: list[BadRow] = []
    # Only \n ends a line: a JSON string may hold U+2028, at which splitlines would cut.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            message = f"This line holds more than {LONGEST_LINE:,} characters."
            bad.append(BadRow(line=number, message=message))
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            message = f"This is not JSON: {error.msg} (column {error.colno})."
            bad.append(BadRow(line=number, message=message))
            continue
        except (ValueError, RecursionError):
            bad.append(BadRow(line=number, message="This is JSON too deep or too long to read."))
            continue
        if isinstance(value, dict):
            cells = {" ".join(name.split()).casefold(): cell for name, cell in value.items()}
            rows.append(Row(line=number, cells=cells))
            _few_enough(rows)
        else:
            bad.append(BadRow(line=number, message="A line is an object: {...}."))
    return _table(rows, bad)


def _few_enough(rows: Sequence[Row]) -> None:
    if len(rows) > MOST_ROWS:
        raise BadTable(
            f"There are more than {MOST_ROWS:,} rows; that many are read at once. Send a part."
        )


def _table(rows: Sequence[Row], bad: list[BadRow]) -> Table:
    kept = []
    for row in rows:
        long = next(
            (n for n, v in row.cells.items() if isinstance(v, str) and len(v) > LONGEST_CELL), None
        )
        if long is None:
            kept.append(row)
        else:
            message = f"`{_short(long)}` holds more than {LONGEST_CELL:,} characters."
            bad.append(BadRow(line=row.line, message=message))
    return Table(rows=tuple(kept), bad=tuple(sorted(bad, key=lambda b: b.line)))


# -- workbooks ----------------------------------------------------------------------------------


def _workbook(content: bytes, needs: Sequence[str]) -> Table:
    try:
        with ZipFile(BytesIO(content)) as archive:
            book = _Workbook(archive)
            first: BadTable | None = None
            for sheet in book.sheets():
                try:
                    return book.table(sheet, needs)
                except _TooLarge:
                    raise
                except BadTable as error:
                    # The first sheet's complaint is told: that is the one its sender looks at.
                    first = first or error
            raise first or BadTable("The workbook has no sheets.")
    except expat.ExpatError:
        raise BadTable("The workbook is damaged: save it again, or as CSV.") from None
    except (BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, OSError):
        raise BadTable(
            "This is no workbook that can be read: damaged, locked with a password, or a zip of "
            "another sort. Send .xlsx, CSV or JSON lines."
        ) from None


class _TooLarge(BadTable):
    """No sheet after this one is tried."""


class _Workbook:
    """The parts of an .xlsx file (ECMA-376) that hold text, read within bounds."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.unpacked = 0
        self.strings = self._strings()

    def _parse(self, name: str, start: Any, end: Any, text: Any) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
        parser.EndElementHandler = lambda tag: end(_local(tag))
        parser.CharacterDataHandler = text
        # No workbook needs one, and entities are how small files grow large.
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with self.archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                self.unpacked += len(chunk)
                if self.unpacked > LARGEST:
                    raise _TooLarge(
                        f"The workbook unpacks to more than {LARGEST >> 20} MB: send a part of it."
                    )
                parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _strings(self) -> list[str]:
        """The texts that cells name by number."""
        if "xl/sharedStrings.xml" not in self.archive.namelist():
            return []
        reader = _Strings()
        self._parse("xl/sharedStrings.xml", reader.start, reader.end, reader.text)
        return reader.strings

    def sheets(self) -> list[str]:
        """The files of the sheets, in the order in which the workbook shows them."""
        targets: dict[str, str] = {}
        order: list[str] = []

        def relation(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "Relationship":
                target = attributes.get("Target", "")
                whole = target[1:] if target.startswith("/") else f"xl/{target}"
                targets[attributes.get("Id", "")] = whole

        def sheet(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "sheet":
                order.extend(v for k, v in attributes.items() if _local(k) == "id" and " " in k)

        self._parse("xl/_rels/workbook.xml.rels", relation, _nothing, _nothing)
        self._parse("xl/workbook.xml", sheet, _nothing, _nothing)
        known = set(self.archive.namelist())
        return [targets[r] for r in order[:MOST_SHEETS] if targets.get(r) in known]

    def table(self, sheet: str, needs: Sequence[str]) -> Table:
        """The rows of one sheet under its first row. Raises BadTable where a column is missing."""
        reader = _Sheet(self.strings)
        self._parse(sheet, reader.start, reader.end, reader.text)
        filled = ((line, row) for line, row in reader.rows() if any(row.values()))
        line, header = next(filled, (1, {}))
        width = max(header, default=-1) + 1
        if width > MOST_COLUMNS:
            raise BadTable(f"There are {width} columns; {MOST_COLUMNS} is the most that is read.")
        names = _named([header.get(at, "") for at in range(width)], needs)
        bad = [BadRow(line=at, message=message) for at, message in reader.bad if at > line]
        spoilt = {row.line for row in bad}
        rows: list[Row] = []
        for at, row in filled:
            if at not in spoilt:
                cells = {names[c]: text for c, text in row.items() if c < len(names)}
                rows.append(Row(line=at, cells=cells))
                _few_enough(rows)
        return _table(rows, bad)


class _Strings:
    def __init__(self) -> None:
        self.strings: list[str] = []
        self._parts: list[str] = []
        self._told = False
        self._spoken = 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        if tag == "si":
            self._parts = []
        # rPh says how a text is pronounced; it is no part of it.
        self._spoken += tag == "rPh"
        self._told = tag == "t" and not self._spoken

    def end(self, tag: str) -> None:
        if tag == "si":
            self.strings.append(_unescaped("".join(self._parts)))
        self._spoken -= tag == "rPh"
        self._told = False

    def text(self, text: str) -> None:
        if self._told:
            self._parts.append(text)


class _Sheet:
    def __init__(self, strings: Sequence[str]) -> None:
        self.bad: list[tuple[int, str]] = []
        self._strings = strings
        self._cells: dict[int, dict[int, str]] = {}
        self._at = (0, 0)
        self._type = ""
        self._parts: list[str] = []
        self._within = ""
        self._formula = False
        self._count = 0

    def rows(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Row number from 1, and its cells by column from 0."""
        return iter(sorted(self._cells.items()))

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            number = attributes.get("r", "")
            given = number.isascii() and number.isdecimal() and len(number) < 8
            self._at = (int(number) if given else self._at[0] + 1, -1)
        elif tag == "c":
            self._count += 1
            if self._count > MOST_CELLS:
                raise _TooLarge(f"A sheet has more than {MOST_CELLS:,} cells: send a part of it.")
            self._at = (self._at[0], self._at[1] + 1)
            placed = _REFERENCE.fullmatch(attributes.get("r", ""))
            if placed:
                column = 0
                for letter in placed[1]:
                    column = column * 26 + ord(letter) - ord("A") + 1
                self._at = (int(placed[2]), column - 1)
            self._type = attributes.get("t", "n")
            self._parts = []
            self._formula = False
        elif tag == "f":
            self._formula = True
        if tag in ("v", "t", "f", "rPh"):
            self._within = tag

    def text(self, text: str) -> None:
        if self._within in ("v", "t"):
            self._parts.append(text)

    def end(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""
        if tag != "c":
            return
        line, column = self._at
        value = "".join(self._parts)
        if self._type == "s":
            at = int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else -1
            if not 0 <= at < len(self._strings):
                self.bad.append((line, "A cell names a text that the workbook does not hold."))
                return
            value = self._strings[at]
        elif self._type == "e":
            self.bad.append((line, f"A cell shows an error, {_short(value)}."))
            return
        elif self._type == "b":
            value = "TRUE" if value == "1" else "FALSE"
        elif self._formula and not value:
            self.bad.append((line, "A cell is a formula never worked out: paste its value."))
            return
        elif self._type in ("str", "inlineStr"):
            value = _unescaped(value)
        if value:
            row = self._cells.setdefault(line, {})
            row[column] = value
            if len(self._cells) > MOST_ROWS + 1:
                raise _TooLarge(
                    f"There are more than {MOST_ROWS:,} rows; that many are read at once. "
                    "Send a part."
                )


_ESCAPED = pattern(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Signs that XML cannot hold stand as _x000D_ in a workbook."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _nothing(*_: object) -> None:
    pass


def _refuse_doctype(*_: object) -> None:
    raise BadTable("The workbook holds a document type, which no workbook needs: save it again.")

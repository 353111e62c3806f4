"""AnswerForm: the boxes of a variant, built from what is shown of it and from nothing else.

One answer is one form. Whatever its boxes look like, each field's answer is one text, as
``grading.exercise.Field`` describes: cells are joined here, and cut again for showing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from exercises import prose
from grading import grader
from grading.errors import Misreading, Unreadable
from grading.exercise import Field, Raw, Shown, number_text

WIDEST_ROW = 5
"""A vector with more entries than this stands upright."""

WIDE_ROW = 4
"""From so many cells a row on, cells are drawn narrower."""

BLANK = "–"
"""What stands for a cell that is left blank, where numbers are read back."""

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"

PLACE = re.compile(r"Cell (?P<cell>\d+)|Row (?P<row>\d+)(?:, column (?P<column>\d+))?")
"""What the reader, who knows no names, calls a place in a vector or a grid."""

Answer = Mapping[str, Raw]
"""A whole answer as typed: part to field to text."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the form, as a page shows it."""

    name: str
    prompt: SafeString
    boxes: tuple[Box, ...]


class AnswerForm(forms.Form):
    """The boxes of all parts. ``answer`` is what was typed; valid means that it can be read."""

    def __init__(
        self, shown: Mapping[str, Shown], data: Any = None, *, draft: Answer | None = None
    ) -> None:
        initial = {
            _key(part, name): text
            for part, texts in (draft or {}).items()
            for name, text in texts.items()
        }
        super().__init__(data, initial=initial, auto_id="a-%s")
        self.shown = shown
        self.misread: dict[str, list[Misreading]] = {}
        for part, posed in shown.items():
            for field in posed.fields:
                self.fields[_key(part, field.name)] = BoxField(field)

    @property
    def sections(self) -> Iterator[Section]:
        """The parts in the order of the exercise."""
        for part, posed in self.shown.items():
            yield Section(
                name=part,
                prompt=prose.block(posed.prompt, top=3),
                boxes=tuple(cast(Box, self[_key(part, field.name)]) for field in posed.fields),
            )

    @property
    def answer(self) -> dict[str, dict[str, str]]:
        """What stands in the boxes, readable or not. A bound form only."""
        return {
            part: {field.name: self._typed(_key(part, field.name)) for field in posed.fields}
            for part, posed in self.shown.items()
        }

    def clean(self) -> dict[str, Any]:
        """Asks grading whether the whole answer can be read."""
        if not self.errors:
            try:
                grader.read(self.shown, self.answer)
            except Unreadable as unreadable:
                for misreading in unreadable.misreadings:
                    self._refuse(misreading)
        return self.cleaned_data

    def close(self, sent: Answer) -> None:
        """Lets nobody change what stands in the boxes; where nothing does, what was sent is shown.

        For a sheet that takes no more tries.
        """
        for key, box in self.fields.items():
            box.widget.closed = True
            part, _point, name = key.partition(".")
            if text := sent.get(part, {}).get(name):
                self.initial.setdefault(key, text)

    @property
    def checkable(self) -> bool:
        """Whether anything is typed here; what is only chosen needs no reading back."""
        return any(not isinstance(box.widget, ChoicesBox) for box in self.fields.values())

    def error_target(self, box: BoundField) -> str:
        """The id of the very cell to mend, for the summary's link."""
        widget = box.field.widget
        spans = self.misread.get(box.name, [])
        target: str = widget.id_at(box.auto_id, box.value() or "", spans[0].start if spans else 0)
        return target

    def _typed(self, key: str) -> str:
        box = self.fields[key]
        typed: str = box.widget.value_from_datadict(self.data, self.files, key)
        return typed

    def _refuse(self, misreading: Misreading) -> None:
        key = misreading.field
        if key not in self.fields:
            self.add_error(None, misreading.message)
            return
        self.misread.setdefault(key, []).append(misreading)
        box = self[key]
        box.field.widget.bad.add(
            box.field.widget.id_at(box.auto_id, self._typed(key), misreading.start)
        )
        self.add_error(key, box.field.widget.in_its_words(misreading.message))


class NameField(forms.CharField):
    """A name that others read.

    Characters that cannot be seen, but turn, hide or break what stands around them, are left out;
    the two joiners that some scripts and signs are written with stay.
    """

    def to_python(self, value: Any) -> Any:
        seen = "".join(c for c in value or "" if c in JOINERS or not _unseen(c))
        return super().to_python(seen.strip(JOINERS) if self.strip else seen)


class BoxField(forms.CharField):
    """One field of a part, whatever its widget; its value is one text."""

    def __init__(self, field: Field) -> None:
        super().__init__(
            required=False,
            strip=False,
            label=field.label,
            help_text=field.help,
            widget=WIDGETS[field.widget](field),
        )
        self.shape = field
        self.validators.append(TooLong(field.limit))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> Box:
        return Box(form, self, field_name)

    @property
    def echoes(self) -> bool:
        """Whether it holds numbers or a formula, whose reading is shown before anything is sent."""
        return self.shape.widget in {"number", "vector", "grid", "formula"}

    @property
    def empty(self) -> str:
        """Why a cell may be sent empty: it is ``given``, or may be left ``blank``."""
        return "given" if any(self.shape.fixed) else "blank" if self.shape.blanks else ""

    @property
    def names_text(self) -> str:
        """The names of a formula as the reading page takes them: ``q,d_k``."""
        return ",".join(self.shape.names)

    @property
    def shape_text(self) -> str:
        """The shape as the reading page takes it: ``2,3``; empty for one number."""
        return ",".join(map(str, self.shape.shape))


class Box(BoundField):
    """One field with what stands in it, and what is wrong with that."""

    @property
    def reading(self) -> str:
        """How grading reads it; empty where it cannot, or nobody has typed yet."""
        field = cast(BoxField, self.field)
        if not self.form.is_bound or self.errors:
            return ""
        if field.shape.widget == "prose" and (count := len(self.text.split())):
            says = ngettext(
                "Nothing to mend: %(count)d word.", "Nothing to mend: %(count)d words.", count
            )
            return says % {"count": count}
        if not field.echoes:
            return ""
        if field.shape.widget == "formula":
            return formula_reading(self.text, field.shape.names)
        return reading(self.text, field.shape.shape, empty=field.empty)

    @property
    def misread(self) -> list[Misreading]:
        """The stretches of its text that could not be read."""
        return cast(AnswerForm, self.form).misread.get(self.name, [])

    @property
    def text(self) -> str:
        """What stands in it, as one text."""
        return str(self.value() or "")


class TooLong(MaxLengthValidator):
    """A box holds a page of text at most, and says how much is too much."""

    message = ngettext_lazy(
        "This is too long: at most %(limit_value)d character, yours has %(show_value)d.",
        "This is too long: at most %(limit_value)d characters, yours has %(show_value)d.",
        "limit_value",
    )


class BoxWidget(forms.Widget):
    """The ground of all widgets: knows its field, and hands its template one context."""

    grouped = False
    """Whether the box is several controls, which then stand in a fieldset with a legend."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.box = field
        self.use_fieldset = self.grouped
        self.bad: set[str] = set()
        """The ids of the controls that hold what could not be read."""
        self.closed = False
        """Whether it only shows what stands in it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        # A NUL never comes from a keyboard, and PostgreSQL keeps none.
        return str(data.get(name, "")).replace("\x00", "")

    def id_at(self, box_id: str, text: str, position: int) -> str:
        """The id of the control that holds the character at ``position`` of the text."""
        return box_id

    def in_its_words(self, message: str) -> str:
        """What the reader says of the text, with its places called as the page calls them."""
        return message

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        described = context["widget"]["attrs"].get("aria-describedby", "")
        return {
            **context,
            "box": self.box,
            "text": value or "",
            "bad": self.bad,
            "described": described,
            "closed": self.closed,
        }


class NumberBox(BoxWidget):
    """One number, as text: fractions, percentages and decimal commas are for grading to read."""

    template_name = "exercises/boxes/number.html"


class FormulaBox(BoxWidget):
    """One formula, typed on one line; it is read back as mathematics."""

    template_name = "exercises/boxes/formula.html"


class ProseBox(BoxWidget):
    """A few sentences."""

    template_name = "exercises/boxes/prose.html"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a vector or grid."""

    name: str
    id: str
    label: str
    text: str
    fixed: str = ""
    """What stands in it for good, where it is given."""


class CellsBox(BoxWidget):
    """A vector or a grid: a table of inputs, posted as ``part.field.row.column``."""

    template_name = "exercises/boxes/cells.html"
    grouped = True

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the answer; a vector is one row."""
        return _size(self.box.shape)

    @property
    def tall(self) -> bool:
        """Whether a vector is too long for a row across a phone, and stands upright."""
        return len(self.box.shape) == 1 and self.box.shape[0] > WIDEST_ROW

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return self.joined(data, name, self.box.shape)

    @staticmethod
    def joined(data: Any, name: str, shape: tuple[int, ...]) -> str:
        """The cells as one text: entries joined by ``, ``, rows by line breaks.

        Where a cell has a comma of its own (a decimal comma), ``; `` joins instead, so that the
        two are never taken for each other. A whole row typed or pasted into one cell, the others
        left blank, is taken as it stands.
        """
        rows, columns = _size(shape)
        cells = [
            [
                str(data.get(f"{name}.{row}.{column}", "")).replace("\x00", "").strip()
                for column in range(columns)
            ]
            for row in range(rows)
        ]
        filled = [text for row in cells for text in row if text]
        if not filled:
            return ""
        if len(filled) == 1 and _holds_several(filled[0]):
            return filled[0]
        parting = "; " if any("," in text for text in filled) else ", "
        return "\n".join(parting.join(row) for row in cells)

    def id_for_label(self, id_: str, index: str = "0") -> str:
        places = ((row, column) for row in range(self.size[0]) for column in range(self.size[1]))
        row, column = next((place for place in places if not self._fixed(*place)), (0, 0))
        return f"{id_}.{row}.{column}"

    def id_at(self, box_id: str, text: str, position: int) -> str:
        before = text[:position]
        rows, columns = self.size
        row = min(before.count("\n"), rows - 1)
        column = min(before.rpartition("\n")[2].count(_parting(text)), columns - 1)
        return f"{box_id}.{row}.{column}"

    def in_its_words(self, message: str) -> str:
        found = PLACE.match(message)
        if found is None or not (self.box.rows or self.box.columns):
            return message
        row, column = int(found["row"] or 0), int(found["column"] or found["cell"] or 0)
        names = [
            _named(self.box.rows, row, _("row %(number)d")),
            _named(self.box.columns, column, _("column %(number)d")),
        ]
        return f"“{', '.join(filter(None, names))}”{message[found.end() :]}"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows, columns = self.size
        heads, sides = self._heads()
        texts = self._cut(context["text"])
        box_id = context["widget"]["attrs"].get("id", name)
        table = [
            (
                sides[row] if sides else "",
                [
                    Cell(
                        name=f"{name}.{row}.{column}",
                        id=f"{box_id}.{row}.{column}",
                        label=", ".join(filter(None, [sides[row] if sides else "", heads[column]])),
                        text=texts[row][column],
                        fixed=self._fixed(row, column),
                    )
                    for column in range(columns)
                ],
            )
            for row in range(rows)
        ]
        if self.tall:
            table = [(cell.label, [cell]) for _side, cells in table for cell in cells]
            heads, sides = (), heads
        wide = columns >= WIDE_ROW and not self.tall
        return {
            **context,
            "heads": heads,
            "sides": sides,
            "table": table,
            "tall": self.tall,
            "wide": wide,
        }

    def as_table(
        self, text: str
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
        """Heads, sides and lines of a text that fits the shape; no lines where it does not."""
        rows, columns = self.size
        cut = [line.split(_parting(text)) for line in text.split("\n")]
        if len(cut) != rows or any(len(line) != columns for line in cut):
            return (), (), ()
        cut = [
            [self._fixed(row, column) or cell for column, cell in enumerate(line)]
            for row, line in enumerate(cut)
        ]
        heads, sides = self._heads()
        if self.tall:
            return (), heads, tuple(zip(heads, ((cell,) for cell in cut[0]), strict=True))
        names = sides or ("",) * rows
        return heads, sides, tuple(zip(names, map(tuple, cut), strict=True))

    def _fixed(self, row: int, column: int) -> str:
        """What is given in a cell; empty where it is to be filled in."""
        at = row * self.size[1] + column
        return self.box.fixed[at] if at < len(self.box.fixed) else ""

    def _heads(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What stands above the columns and before the rows; counted where nothing is named."""
        rows, columns = self.size
        heads = self.box.columns or tuple(str(column + 1) for column in range(columns))
        sides = self.box.rows or tuple(str(row + 1) for row in range(rows) if rows > 1)
        return heads, sides

    def _cut(self, text: str) -> list[list[str]]:
        """The text back in its cells; one of another shape stands whole in the first."""
        rows, columns = self.size
        cut = [line.split(_parting(text)) for line in text.split("\n")]
        if len(cut) == rows and all(len(line) == columns for line in cut):
            return cut
        blank = [[""] * columns for _row in range(rows)]
        blank[0][0] = " ".join(text.split())
        return blank


class ChoicesBox(BoxWidget):
    """Options to choose from, one or many; the chosen values joined by spaces."""

    template_name = "exercises/boxes/choices.html"
    grouped = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        chosen = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        return " ".join(value.replace("\x00", "") for value in chosen if value)

    def id_for_label(self, id_: str, index: str = "0") -> str:
        return f"{id_}.{index}"

    def id_at(self, box_id: str, text: str, position: int) -> str:
        return self.id_for_label(box_id)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return {**context, "chosen": str(context["text"]).split()}


WIDGETS: Mapping[str, type[BoxWidget]] = {
    "number": NumberBox,
    "vector": CellsBox,
    "grid": CellsBox,
    "formula": FormulaBox,
    "tokens": ChoicesBox,
    "choices": ChoicesBox,
    "prose": ProseBox,
}


def reading(text: str, shape: tuple[int, ...], *, empty: str = "") -> str:
    """A sentence that reads numbers back: ``Read as 0.72.``

    What cannot be read gets its message; what is not there yet gets nothing.
    """
    read = grader.read_text(text, shape or None, blanks=bool(empty))
    if not text.strip(", ;\t\r\n"):
        return ""
    if "error" in read:
        return "" if read["error"] in {"empty", "empty-cell"} else str(read["message"])
    numbers = _told(read["value"], read["float"])
    if empty == "given":
        # Only what was asked for is read back; the reader sees where it stands.
        numbers = ", ".join(cell for cell in re.split("[,;] ", numbers) if cell != BLANK)
    return _("Read as %(numbers)s.") % {"numbers": numbers}


def formula_reading(text: str, names: Sequence[str]) -> str:
    """The same for a formula, set as mathematics, so that it shows what its brackets hold."""
    read = grader.read_formula_text(text, names)
    if "error" in read:
        return "" if read["error"] == "empty" else str(read["message"])
    return prose.inline(_("Read as %(formula)s.") % {"formula": rf"$\displaystyle {read['math']}$"})


def _told(value: Any, double: Any) -> str:
    """A number, a vector or a matrix as a person writes it; what is rounded says so."""
    if isinstance(value, list):
        rows = zip(value, double, strict=True)
        nested = bool(value) and isinstance(value[0], list)
        return ("; " if nested else ", ").join(_told(one, near) for one, near in rows)
    near = f"≈ {double:.6g}"
    if value is None:
        return BLANK if math.isnan(double) else near
    exact = number_text(Fraction(value))
    return f"{exact} {near}" if "/" in exact else exact


def _named(names: Sequence[str], number: int, counted: str) -> str:
    """What the page calls a row or a column; one without a name is counted."""
    if not number:
        return ""
    return names[number - 1] if number <= len(names) else counted % {"number": number}


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}


def _key(part: str, field: str) -> str:
    return f"{part}.{field}"


def _size(shape: tuple[int, ...]) -> tuple[int, int]:
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def _parting(text: str) -> str:
    return "; " if "; " in text else ", "


def _holds_several(text: str) -> bool:
    """Whether a cell's text is more than one entry: a pasted row, a bracketed list."""
    return any(mark in text for mark in (" ", "\t", ";", "[", "(")) or text.count(",") > 1

"""What an author wrote (Exercise, Part) and what a learner gets (Field, Shown, Posed, Variant)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from grading.errors import Place

Value = Fraction | bool | str | None | tuple["Value", ...] | Mapping[str, "Value"]
"""A value of the YAML document, frozen. Every number is an exact Fraction of what was written."""

Numbers = Mapping[str, Any]
"""What was drawn for a variant, as JSON: stored on the sheet, and enough to rebuild it."""

Raw = Mapping[str, str]
"""What a learner typed into one part: the name of each field, and its text."""

Widget = Literal["number", "vector", "grid", "formula", "tokens", "choices", "prose"]

FORMULA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
"""What stands for a number in a formula is called: ``d``, ``d_k``, ``temperature``."""

MOST_NAMES = 12
"""In one formula."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


def number_text(value: Fraction) -> str:
    """The number as a person would write it: a decimal where that is exact, else a fraction.

    >>> number_text(Fraction(18, 25)), number_text(Fraction(1, 3)), number_text(Fraction(-4))
    ('0.72', '1/3', '-4')
    """
    twos, fives, rest = 0, 0, value.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    places = max(twos, fives)
    if rest != 1 or places > 12:
        return str(value)
    if places == 0:
        return str(value.numerator)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose: ``value`` is what is sent, ``label`` what is shown."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One box (or row of boxes, or set of choices) of a part: all that a page knows about it.

    Whatever the widget, the answer is one text. A vector's entries are joined by commas, the rows
    of a grid by line breaks, the chosen values of ``tokens`` and ``choices`` by spaces.
    """

    name: str
    widget: Widget
    label: str
    help: str = ""
    shape: tuple[int, ...] = ()
    """() for one number, (n,) for a vector, (rows, columns) for a grid."""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    many: bool = False
    """Whether several options may be chosen."""
    names: tuple[str, ...] = ()
    """What a formula may call by name."""
    fixed: tuple[str, ...] = ()
    """The cells of a vector or grid row by row, as text where one is given and not asked for, ""
    where it is. A given cell is sent as an empty one."""
    blanks: bool = False
    """Whether single cells of a vector or grid may stay empty."""
    limit: int = 500
    """The longest text accepted, in code points."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What of a posed part may leave the server: the prompt, the fields, the visible numbers."""

    prompt: str
    """Markdown, with this variant's numbers filled in."""
    fields: tuple[Field, ...]
    kind: str = ""
    """The name of the kind that reads it; set when the part is posed."""
    detail: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    """What else ``read`` needs to know to read an answer; never the key."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One staged hint; ``cost`` is the share of the part's points it takes, said beforehand."""

    say: str
    cost: Fraction = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part as its author wrote it. ``body`` holds the keys that only its kind understands."""

    name: str
    kind: str
    prompt: str
    points: Fraction = Fraction(1)
    hints: tuple[Hint, ...] = ()
    body: Mapping[str, Value] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, kw_only=True)
class Posed:
    """One part with its numbers: what is shown, and the key that decides."""

    part: Part
    shown: Shown
    key: Any
    """Belongs to the part's kind, which alone looks inside."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Numbers shared by the parts, as the page shows them: a labelled table above the parts."""

    name: str
    label: str
    values: tuple[tuple[str, ...], ...]
    """Rows of cells, as text; a vector is one row."""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An answer whose result the author promises: score, label, finding or denied misconception."""

    answer: Mapping[str, Raw]
    score: Fraction | None = None
    label: str | None = None
    outcome: str | None = None
    finding: str | None = None
    denied: tuple[str, ...] = ()
    below: Fraction | None = None
    """The score must stay under this, or a person must decide. Only made samples say so."""
    seed: int = 0
    index: int = 0
    """Its position in the document, for messages."""
    made_by: str = ""
    """How it was made from an author's sample (negated, shuffled ...); empty for the author's."""
    struck: str = ""
    """Why its author says that a made sample does not apply; it is told, and proves nothing."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A rule across parts: what ``top_of`` puts first must be what ``said_in`` says."""

    top_of: str
    said_in: str
    cost: Fraction = Fraction(0)
    """The share of the whole score that disagreement takes."""
    say: str = ""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What an author wrote, checked and frozen."""

    slug: str
    title: str
    parts: tuple[Part, ...]
    given: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    intro: str = ""
    tries: int | None = None
    """How many submissions count; None for no limit."""
    release: Literal["now", "close", "never"] = "now"
    agree: tuple[Agreement, ...] = ()
    samples: tuple[Sample, ...] = ()
    text: str = ""
    """The document as its author wrote it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal: names one wording for good."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def part(self, name: str) -> Part:
        """The part called ``name``. Raises KeyError where there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    @property
    def drawn(self) -> bool:
        """Whether its numbers differ from sheet to sheet."""
        return any(isinstance(spec, Mapping) and "draw" in spec for spec in self.given.values())


@dataclass(frozen=True, kw_only=True)
class Variant:
    """An exercise with its numbers: ``numbers`` rebuilds it, ``posed`` shows and decides it."""

    exercise: Exercise
    seed: int
    numbers: Numbers
    given: tuple[Given, ...]
    posed: Mapping[str, Posed]

    @property
    def shown(self) -> Mapping[str, Shown]:
        """What of each part may leave the server."""
        return {name: posed.shown for name, posed in self.posed.items()}


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A good answer that ``read`` accepts, and the steps (Markdown) that lead to it."""

    answer: Raw
    steps: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A named wrong turn, with the answer it gives; ``score`` is the most it may earn."""

    code: str
    answer: Raw
    score: Fraction = Fraction(0)
    told: tuple[str, ...] = ()
    """The findings of which one must tell it, where that is not its own code."""
    place: Place = ()
    """Where its author wrote it, within the part."""


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """Another way to write the right answer, which must earn as much; ``how`` names the way."""

    how: str
    answer: Raw

"""Marked answers: what a person decided of each, read from the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from re import compile as pattern
from typing import Any

from grading.concepts.rules import LABELS, Label
from grading.tables import BadRow, Row, read_table

_SCORE = pattern(r"(?:0|1|0?[.,][0-9]{1,9}|[01][.,][0-9]{1,9}|[0-9]{1,3}(?:[.,][0-9]{1,6})? ?%)")


@dataclass(frozen=True, kw_only=True)
class Marked:
    """One answer and the label a person gave it."""

    answer: str
    label: Label
    line: int = 0
    """Where it stood in its file, from 1; 0 where it came from elsewhere."""
    id: str = ""
    kind: str = ""
    """What sort of answer it is (plain, analogy, copied ...), for figures of their own."""
    of: str = ""
    """The column `q`: which of several exercises it answers."""
    ideas: frozenset[str] | None = None
    """The concepts a person found in it, where they said so."""


@dataclass(frozen=True, kw_only=True)
class MarkedFile:
    """A file's marked answers, in order, and what must be said of it."""

    rows: tuple[Marked, ...]
    bad: tuple[BadRow, ...] = ()
    """Rows left out."""
    notes: tuple[BadRow, ...] = ()
    """Rows that count, but look like a mistake."""
    passed_over: int = 0
    """Rows that ``only`` left out."""


def read_marked(content: bytes, *, only: Mapping[str, str] | None = None) -> MarkedFile:
    """The marked answers of a CSV, XLSX or JSON lines file with columns `answer` and `label`.

    A label is correct, partial or incorrect, or a score from 0 to 1 (1 is correct, 0 incorrect,
    anything between partial). The columns `kind`, `id`, `q` and `ideas` may stand beside; others
    do no harm. ``only`` keeps the rows whose columns hold these texts. Raises
    grading.tables.BadTable where nothing can be read at all.
    """
    table = read_table(content, ("answer", "label"))
    bad = list(table.bad)
    kept = []
    passed_over = 0
    for row in table.rows:
        if any(_text(row.cells.get(name)) != wanted for name, wanted in (only or {}).items()):
            passed_over += 1
            continue
        found = _marked(row)
        if isinstance(found, Marked):
            kept.append(found)
        else:
            bad.append(BadRow(line=row.line, message=found))
    return MarkedFile(
        rows=tuple(kept),
        bad=tuple(sorted(bad, key=lambda b: b.line)),
        notes=tuple(_doubts(kept)),
        passed_over=passed_over,
    )


def label_of_score(score: Fraction) -> Label:
    """All is correct, nothing incorrect, anything between partial."""
    if score == 1:
        return "correct"
    return "partial" if score else "incorrect"


def _marked(row: Row) -> Marked | str:
    """The answer of one row, or why it is left out."""
    answer = row.cells.get("answer")
    if answer is None or answer == "":
        return "There is no answer."
    if not isinstance(answer, str):
        return "The answer is not a text."
    label = _label(row.cells.get("label"))
    if label is None:
        told = _text(row.cells.get("label"))
        said = f"“{told[:40]}” is no label" if told else "There is no label"
        return f"{said}: write correct, partial or incorrect, or a score from 0 to 1."
    return Marked(
        answer=answer,
        label=label,
        line=row.line,
        id=_text(row.cells.get("id")),
        kind=_text(row.cells.get("kind")),
        of=_text(row.cells.get("q")),
        ideas=_ideas(row.cells.get("ideas")),
    )


def _text(value: Any) -> str:
    """A cell as one line of text; what is neither text nor number is none."""
    if isinstance(value, str):
        return " ".join(value[:400].split())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:40]
    return ""


def _label(value: Any) -> Label | None:
    text = _text(value).casefold()
    for label in LABELS:
        if text == label:
            return label
    if not _SCORE.fullmatch(text):
        return None
    percent = text.endswith("%")
    score = Fraction(text.rstrip("% ").replace(",", ".")) / (100 if percent else 1)
    return label_of_score(score) if score <= 1 else None


def _ideas(value: Any) -> frozenset[str] | None:
    if isinstance(value, str):
        return frozenset(value.replace(",", " ").replace(";", " ").split()[:50])
    if isinstance(value, list):
        return frozenset(idea for idea in value[:50] if isinstance(idea, str))
    return None


def _doubts(rows: Sequence[Marked]) -> list[BadRow]:
    """Ids that stand twice, and equal answers with different labels."""
    ids: dict[tuple[str, str], int] = {}
    texts: dict[tuple[str, str], Marked] = {}
    notes = []
    for row in rows:
        if row.id:
            first = ids.setdefault((row.of, row.id), row.line)
            if first != row.line:
                message = f"The id {row.id[:40]} stands on line {first} too; both are counted."
                notes.append(BadRow(line=row.line, message=message))
        same = texts.setdefault((row.of, " ".join(row.answer.casefold().split())), row)
        if same.label != row.label:
            message = (
                f"The same answer is {same.label} on line {same.line} and {row.label} here; "
                "both are counted."
            )
            notes.append(BadRow(line=row.line, message=message))
    return notes

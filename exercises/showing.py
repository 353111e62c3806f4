"""What every face shows of a variant and of a verdict on it, as plain values for the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exercises import prose
from exercises.forms import CellsBox
from grading import grader
from grading.exercise import Field, Part, Raw, Variant, Worked, number_text
from grading.verdict import Finding, Mark, Quote, Verdict

# --- The sheet ------------------------------------------------------------------------------------


LONG_DECIMAL = re.compile(r"-?\d+\.\d{5,}")


@dataclass(frozen=True, kw_only=True)
class Table:
    """Given numbers as a table with heads."""

    label: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class WorkedPart:
    """The model answer of one part: its steps, and what to write in which box."""

    steps: Sequence[str]
    boxes: tuple[SentBox, ...]

    @property
    def folded(self) -> bool:
        """Whether the steps say again, stage by stage, what stands in the boxes."""
        return len(self.boxes) > 1


def tables(variant: Variant) -> tuple[Table, ...]:
    """The given numbers of a variant."""
    found = []
    for given in variant.given:
        sides = given.rows if len(given.values) > 1 or given.rows else ()
        lines = tuple(
            (sides[number] if number < len(sides) else "", cells)
            for number, cells in enumerate(given.values)
        )
        found.append(Table(label=given.label, rows=sides, columns=given.columns, lines=lines))
    return tuple(found)


def worked(variant: Variant) -> tuple[WorkedPart, ...]:
    """The model answers of a variant, part by part. They hold the key: not for every eye."""
    return tuple(
        _worked_part(variant.shown[name].fields, answer)
        for name, answer in grader.solve(variant).items()
    )


def in_words(box: Field, text: str) -> str:
    """An answer as a person reads it: the labels of what was chosen, a vector with its heads."""
    if box.options:
        labels = {option.value: option.label for option in box.options}
        return ", ".join(labels.get(value, value) for value in text.split())
    entries = text.split(", ")
    if len(box.shape) == 1 and len(entries) == len(box.columns):
        return ", ".join(
            f"{head} {entry}" for head, entry in zip(box.columns, entries, strict=True)
        )
    return text


def _worked_part(fields: Sequence[Field], answer: Worked) -> WorkedPart:
    return WorkedPart(
        steps=answer.steps,
        boxes=tuple(
            _sent_box(box, _to_four_places(box, answer.answer[box.name]), ())
            for box in fields
            if answer.answer.get(box.name)
        ),
    )


def _to_four_places(box: Field, text: str) -> str:
    """Numbers of a model answer as a page prints them; what is exact in four places stays so."""
    if box.widget not in {"number", "vector", "grid"}:
        return text
    return LONG_DECIMAL.sub(lambda found: f"{float(found[0]):.4f}", text)


# --- The verdict ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SentBox:
    """One box as it was sent, with the stretches of it that findings quote."""

    label: str
    text: str
    quotes: tuple[Quote, ...] = ()
    heads: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    table: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartOfVerdict:
    """What was said of one part; without a verdict, only what was sent."""

    name: str
    prompt: SafeString
    boxes: tuple[SentBox, ...]
    tone: str = ""
    icon: str = "waiting"
    words: str = ""
    findings: tuple[Finding, ...] = ()


def percent(score: Fraction | float | None) -> str:
    """A share as a whole percentage, rounded once, here; a missed mark is never shown as full."""
    if score is None:
        return "–"
    whole = round(Fraction(score) * 100)
    if whole == 100 and score < 1:
        whole = 99
    elif whole == 0 and score > 0:
        whole = 1
    return f"{whole}\N{NO-BREAK SPACE}%"


def parts_as_stored(raw: Mapping[str, Raw], spoken: Verdict | None) -> tuple[PartOfVerdict, ...]:
    """What was sent and said, without the exercise: its wording is accepted no more."""
    marks = spoken.marks if spoken else {}
    return tuple(
        PartOfVerdict(
            name=name,
            prompt=SafeString(),
            boxes=tuple(SentBox(label=box, text=text) for box, text in raw.get(name, {}).items()),
            findings=marks[name].findings if name in marks else (),
            **(_mark_words(marks[name], None) if name in marks else {}),
        )
        for name in dict.fromkeys([*raw, *marks])
    )


def parts_of_verdict(
    variant: Variant, raw: Mapping[str, Raw], spoken: Verdict | None
) -> tuple[PartOfVerdict, ...]:
    """Each part with what was sent and what was said of it, in the order of the exercise."""
    return tuple(
        _part_of_verdict(variant, name, raw.get(name, {}), spoken) for name in variant.posed
    )


def _part_of_verdict(
    variant: Variant, name: str, typed: Raw, spoken: Verdict | None
) -> PartOfVerdict:
    shown = variant.shown[name]
    mark = spoken.marks.get(name) if spoken else None
    findings = mark.findings if mark else ()
    said = _mark_words(mark, variant.exercise.part(name)) if mark else {}
    return PartOfVerdict(
        name=name,
        prompt=prose.block(shown.prompt, top=3),
        boxes=tuple(
            _sent_box(box, typed.get(box.name, ""), _quotes(findings, box, shown.fields))
            for box in shown.fields
        ),
        findings=findings,
        **said,
    )


def _mark_words(mark: Mark, part: Part | None) -> dict[str, str]:
    """Tone, icon and words of a mark; what no person has decided yet has no number."""
    if mark.state == "blank":
        return {"tone": "note", "icon": "todo", "words": _("left blank")}
    if mark.state == "review":
        return {"tone": "ask", "icon": "review", "words": _("with a person")}
    if mark.state == "undecided":
        return {"tone": "note", "icon": "waiting", "words": _("not decided: our fault")}
    tone = "right" if mark.score == 1 else "partly" if mark.score > 0 else "wrong"
    if part is None:
        return {"tone": tone, "icon": tone, "words": percent(mark.score)}
    says = {
        "earned": number_text(round(mark.score * part.points, 2)),
        "points": number_text(part.points),
    }
    words = _("%(earned)s of %(points)s points") % says
    if part.points == 1:
        words = _("%(earned)s of 1 point") % says
    return {"tone": tone, "icon": tone, "words": words}


def _quotes(findings: Sequence[Finding], box: Field, fields: Sequence[Field]) -> tuple[Quote, ...]:
    """What findings quote from one box; a quote that names no box is from the part's first."""
    first = fields[0].name
    return tuple(
        quote
        for finding in findings
        for quote in finding.quotes
        if (quote.field or first) == box.name
    )


def _sent_box(box: Field, text: str, quotes: tuple[Quote, ...]) -> SentBox:
    if box.options:
        return SentBox(label=box.label, text=in_words(box, text))
    if box.shape and text:
        heads, sides, table = CellsBox(box).as_table(text)
        if table:
            return SentBox(label=box.label, text=text, heads=heads, sides=sides, table=table)
    return SentBox(label=box.label, text=text, quotes=quotes)

"""What every face shows of a variant and of a verdict on it, as plain values for the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exercises import prose
from exercises.forms import CellsBox
from grading import grader
from grading.exercise import Field, Part, Raw, Variant, Worked, number_text
from grading.verdict import Finding, Mark, Quote, Verdict

# --- The sheet ------------------------------------------------------------------------------------


LONG_DECIMAL = re.compile(r"-?\d+\.\d{5,}")
PLACES = (4, 6, 9, 12)
"""Decimal places that a page gives the numbers of a model answer, the fewest that will do."""


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
        _worked_part(variant.shown[name].fields, answer.steps, _as_printed(variant, name, answer))
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


def _worked_part(fields: Sequence[Field], steps: Sequence[str], answer: Raw) -> WorkedPart:
    return WorkedPart(
        steps=steps,
        boxes=tuple(_sent_box(box, answer[box.name], ()) for box in fields if answer.get(box.name)),
    )


def _as_printed(variant: Variant, name: str, answer: Worked) -> Raw:
    """A model answer as a page prints it: to four places, and to more where four earn less.

    What is exact in four places stays so. Somebody will type what stands here.
    """
    widgets = {box.name: box.widget for box in variant.shown[name].fields}
    for places in PLACES:
        short = {
            box: _to_places(text, places) if widgets[box] in {"number", "vector", "grid"} else text
            for box, text in answer.answer.items()
        }
        if short == answer.answer:
            break
        if grader.grade(variant, {name: short}).marks[name].score == 1:
            return short
    return answer.answer


def _to_places(text: str, places: int) -> str:
    # Adding 0 turns -0.0 into 0.0.
    return LONG_DECIMAL.sub(lambda found: f"{round(float(found[0]), places) + 0:.{places}f}", text)


# --- The verdict ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What ties words of an answer to the finding that quotes them: a number, said in both."""

    number: int
    tone: str
    hue: int
    """Of those that are right, one of four colours in turn; else 0: the tone has its own."""
    to: str
    """The id of the finding."""
    back: str
    """The id of its first words."""


@dataclass(frozen=True, kw_only=True)
class Lit:
    """One finding's light on a stretch of words. ``lane`` keeps it apart from others there."""

    tie: Tie
    lane: int


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Words of an answer that the same findings quote."""

    text: str
    lights: tuple[Lit, ...] = ()
    """The nearest to the words first."""
    opens: tuple[Tie, ...] = ()
    """Those whose quoted words begin here."""
    closes: tuple[Tie, ...] = ()
    first: tuple[Tie, ...] = ()
    """Those of which these are the first words at all."""


@dataclass(frozen=True, kw_only=True)
class SentBox:
    """One box as it was sent, with the stretches of it that findings quote."""

    label: str
    text: str
    quotes: tuple[Quote, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    """The text of a box for sentences, cut where a quoted stretch begins or ends."""
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
    ties: tuple[Tie | None, ...] = ()
    """For each finding what ties it to the words it quotes, if anything does."""


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
            ties=(),
            **(_mark_words(marks[name], None) if name in marks else {}),
        )
        for name in dict.fromkeys([*raw, *marks])
    )


def parts_of_verdict(
    variant: Variant, raw: Mapping[str, Raw], spoken: Verdict | None, *, within: str = ""
) -> tuple[PartOfVerdict, ...]:
    """Each part with what was sent and what was said of it, in the order of the exercise.

    ``within`` tells the answer from others on the same page.
    """
    return tuple(
        _part_of_verdict(variant, name, raw.get(name, {}), spoken, f"{name}-{within}".strip("-"))
        for name in variant.posed
    )


def _part_of_verdict(
    variant: Variant, name: str, typed: Raw, spoken: Verdict | None, place: str
) -> PartOfVerdict:
    shown = variant.shown[name]
    mark = spoken.marks.get(name) if spoken else None
    findings = mark.findings if mark else ()
    said = _mark_words(mark, variant.exercise.part(name)) if mark else {}
    ties = _ties(findings, shown.fields, place)
    return PartOfVerdict(
        name=name,
        prompt=prose.block(shown.prompt, top=3),
        boxes=tuple(
            _sent_box(
                box,
                typed.get(box.name, ""),
                _quotes(findings, box, shown.fields),
                _tied(findings, ties, box, shown.fields),
            )
            for box in shown.fields
        ),
        findings=findings,
        ties=ties,
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


HUES = 4


def _ties(
    findings: Sequence[Finding], fields: Sequence[Field], place: str
) -> tuple[Tie | None, ...]:
    """A number for each finding that quotes sentences, in the order in which they are read."""
    prosaic = {box.name for box in fields if box.widget == "prose"}
    ties: list[Tie | None] = []
    number = right = 0
    for finding in findings:
        if not any((quote.field or fields[0].name) in prosaic for quote in finding.quotes):
            ties.append(None)
            continue
        number += 1
        right += finding.tone == "right"
        ties.append(
            Tie(
                number=number,
                tone=finding.tone,
                hue=(right - 1) % HUES + 1 if finding.tone == "right" else 0,
                to=f"said-{place}-{number}",
                back=f"words-{place}-{number}",
            )
        )
    return tuple(ties)


def _tied(
    findings: Sequence[Finding],
    ties: Sequence[Tie | None],
    box: Field,
    fields: Sequence[Field],
) -> tuple[tuple[Tie, Quote], ...]:
    """The quotes from a box for sentences, each with its tie."""
    if box.widget != "prose":
        return ()
    return tuple(
        (tie, quote)
        for finding, tie in zip(findings, ties, strict=True)
        for quote in finding.quotes
        if tie is not None and (quote.field or fields[0].name) == box.name
    )


def stretches(text: str, tied: Sequence[tuple[Tie, Quote]]) -> tuple[Stretch, ...]:
    """The text cut wherever a quote begins or ends; what several quote is lit by each of them."""
    spans = sorted(
        (start, -end, tie.number, tie)
        for tie, quote in tied
        for start, end in [(max(quote.start, 0), min(quote.end, len(text)))]
        if start < end
    )
    placed: list[tuple[int, int, Lit]] = []
    for start, minus, _number, tie in spans:
        taken = {lit.lane for _, until, lit in placed if until > start}
        lane = next(free for free in range(len(spans)) if free not in taken)
        placed.append((start, -minus, Lit(tie=tie, lane=lane)))
    met: set[int] = set()
    found = []
    cuts = sorted({0, len(text), *(at for first, last, _ in placed for at in (first, last))})
    for at, until in pairwise(cuts):
        here = [(first, last, lit) for first, last, lit in placed if first <= at and until <= last]
        opens = tuple(lit.tie for first, _, lit in here if first == at)
        found.append(
            Stretch(
                text=text[at:until],
                lights=tuple(sorted((lit for _, _, lit in here), key=lambda lit: lit.lane)),
                opens=opens,
                closes=tuple(lit.tie for _, last, lit in here if last == until),
                first=tuple(tie for tie in opens if tie.number not in met),
            )
        )
        met |= {tie.number for tie in opens}
    return tuple(found)


def _sent_box(
    box: Field,
    text: str,
    quotes: tuple[Quote, ...],
    tied: Sequence[tuple[Tie, Quote]] = (),
) -> SentBox:
    if box.options:
        return SentBox(label=box.label, text=in_words(box, text))
    if box.shape and text:
        heads, sides, table = CellsBox(box).as_table(text)
        if table:
            return SentBox(label=box.label, text=text, heads=heads, sides=sides, table=table)
    return SentBox(label=box.label, text=text, quotes=quotes, stretches=stretches(text, tied))

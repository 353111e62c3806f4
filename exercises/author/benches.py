"""What the bench's page shows: rules held against marked answers, and what an edit would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from exercises import bench, catalog, roles
from exercises.models import Exercise, User
from grading import grader
from grading.errors import BrokenExercise
from grading.exercise import Exercise as Opened
from grading.tables import BadRow, BadTable

MOST_LISTED = 50
"""Answers listed in one table."""

LONGEST_SHOWN = 600
"""Characters of an answer that a table shows."""


class Refused(Exception):
    """Why nothing could be held against the rules. The message is for the author."""


# --- Labels and answers in words ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LabelShown:
    """A label as a tag; None leaves the answer to a person."""

    tone: str
    icon: str
    word: str
    score: None = None


def label_shown(label: grader.Label | None) -> LabelShown:
    if label is None:
        return LabelShown(tone="ask", icon="review", word=_("to a person"))
    return {
        "correct": LabelShown(tone="right", icon="right", word=_("correct")),
        "partial": LabelShown(tone="partly", icon="partly", word=_("partial")),
        "incorrect": LabelShown(tone="wrong", icon="wrong", word=_("incorrect")),
    }[label]


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """One answer in a table: where it comes from, what a person said, what the rules say."""

    where: str
    url: str
    text: str
    person: LabelShown | None
    before: LabelShown | None = None
    after: LabelShown | None = None
    effect: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerList:
    """Some answers of many."""

    lines: tuple[AnswerLine, ...]
    count: int

    @property
    def beyond(self) -> int:
        return self.count - len(self.lines)


def _where(row: grader.Marked, urls: dict[str, str]) -> tuple[str, str]:
    if row.line:
        return _("line %(number)d") % {"number": row.line}, ""
    return _("answer %(id)s") % {"id": row.id}, urls.get(row.id, "")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _listed(lines: Iterable[AnswerLine], count: int) -> AnswerList:
    return AnswerList(
        lines=tuple(line for line, _n in zip(lines, range(MOST_LISTED), strict=False)), count=count
    )


def _urls(held: Sequence[bench.Held], person: User) -> dict[str, str]:
    """The pages of those answers that this person may read."""
    ids = [one.submission_id for one in held]
    readable: QuerySet[Any, int] = (
        roles.read_by(person).filter(pk__in=ids).values_list("pk", flat=True)
    )
    return {str(pk): reverse("teach:answer", args=[pk]) for pk in readable}


# --- What an edit changes -------------------------------------------------------------------------


def effect_words() -> dict[str, str]:
    return {
        "better": _("nearer to the person"),
        "worse": _("further from the person"),
        "neither": _("as far as before"),
        "": "",
    }


@dataclass(frozen=True, kw_only=True)
class Transition:
    """How many answers go from one label to another."""

    before: LabelShown
    after: LabelShown
    count: int


@dataclass(frozen=True, kw_only=True)
class EffectShown:
    """What an edit does to the site's own answers."""

    decided: int
    others: int
    beyond: int
    better: int
    worse: int
    neither: int
    by_hand: AnswerList
    as_marked: AnswerList
    transitions: tuple[Transition, ...]

    @property
    def changed(self) -> int:
        return self.by_hand.count + self.as_marked.count


def effect_shown(effect: bench.Effect, person: User) -> EffectShown:
    """The effect with links to the answers that this person may read."""
    every = (*effect.moved_by_hand, *effect.moved_others)
    urls = _urls([one.held for one in every[: 4 * MOST_LISTED]], person)
    counted: dict[tuple[grader.Label | None, grader.Label | None], int] = {}
    for one in every:
        counted[one.before, one.after] = counted.get((one.before, one.after), 0) + 1
    return EffectShown(
        decided=len(effect.answers.by_hand),
        others=len(effect.answers.as_marked),
        beyond=effect.answers.beyond,
        better=effect.count("better"),
        worse=effect.count("worse"),
        neither=effect.count("neither"),
        by_hand=_moved(effect.moved_by_hand, urls),
        as_marked=_moved(effect.moved_others, urls),
        transitions=tuple(
            Transition(before=label_shown(before), after=label_shown(after), count=count)
            for (before, after), count in sorted(counted.items(), key=lambda entry: -entry[1])
        ),
    )


def _moved(moved: Sequence[bench.Moved], urls: dict[str, str]) -> AnswerList:
    words = effect_words()

    def lines() -> Iterable[AnswerLine]:
        for one in moved:
            where, url = _where(one.held.row, urls)
            yield AnswerLine(
                where=where,
                url=url,
                text=_short(one.held.row.answer),
                person=label_shown(one.held.row.label) if one.held.by_hand else None,
                before=label_shown(one.before),
                after=label_shown(one.after),
                effect=words[one.effect],
            )

    return _listed(lines(), len(moved))


# --- The figures ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of a table of figures: its name, and a cell for each column."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FigureTable:
    """Figures under their heads; ``first`` stands over their names."""

    name: str
    first: str
    heads: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One rule's figures."""

    name: str
    need: str
    met: int
    right: int
    precision: str
    missed: str
    denied: int
    both: int
    half: int
    wrong: tuple[AnswerLine, ...]
    missing: tuple[AnswerLine, ...]
    patterns: tuple[str, ...]
    """Those that are met wrongly, with how often."""
    idle: int
    """How many of its patterns are never met."""

    @property
    def more(self) -> bool:
        return bool(self.wrong or self.missing or self.patterns)


@dataclass(frozen=True, kw_only=True)
class GroupShown:
    """Answers alike in which no rule saw anything."""

    shared: str
    lines: tuple[AnswerLine, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class BenchShown:
    """Everything that the bench says of one set of answers."""

    n: int
    tables: tuple[FigureTable, ...]
    rules: tuple[RuleLine, ...]
    by_ideas: bool
    misjudged: AnswerList
    sent: AnswerList
    groups: tuple[GroupShown, ...]
    alone: AnswerList
    suggestions: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class BenchPage:
    """What came of holding the draft's rules against answers."""

    source: str
    bench: BenchShown | None
    """None where no answer has a label that a person gave it."""
    told: tuple[BadRow, ...] = ()
    """Rows left out."""
    notes: tuple[BadRow, ...] = ()
    beyond: int = 0
    """Answers more than were taken."""
    others: BenchShown | None = None
    """Of the site's answers that no person decided: only what no rule saw in them is shown."""
    effect: EffectShown | None = None
    """Of the draft against what learners get, for the site's own answers."""
    changed: AnswerList | None = None
    """The same for the answers of a file."""
    better: int = 0
    worse: int = 0
    neither: int = 0
    against: bool = False
    """Whether the draft differs from what learners get."""


def explained(exercise: Exercise) -> tuple[Opened | None, tuple[str, ...]]:
    """The draft, if it can be opened, and its parts that are decided by rules."""
    try:
        opened = grader.open(exercise.draft, slug=exercise.slug)
    except BrokenExercise:
        return None, ()
    return opened, tuple(grader.ideas(opened))


def _published(exercise: Exercise, part: str) -> Opened | None:
    """What learners get, where the draft says something else and the part is in both."""
    if exercise.state == "published":
        return None
    try:
        opened = catalog.current(exercise)
    except BrokenExercise:
        return None
    return opened if opened is not None and part in grader.ideas(opened) else None


def of_file(exercise: Exercise, opened: Opened, part: str, content: bytes) -> BenchPage:
    """The draft's rules on the answers of a file. Raises Refused where nothing can be read."""
    try:
        read = grader.read_marked(content)
    except BadTable as bad:
        raise Refused(str(bad)) from bad
    rows = read.rows[: bench.MOST]
    found = grader.bench(opened, rows, part=part)
    published = _published(exercise, part)
    compared = None
    if published is not None:
        before = grader.bench(published, rows, part=part)
        if [one.row for one in before.judged] == [one.row for one in found.judged]:
            compared = grader.compare(before, found)
    return BenchPage(
        source=_("the answers of your file"),
        bench=_bench_shown(found, {}),
        told=tuple(sorted((*read.bad, *found.refused), key=lambda bad: bad.line)),
        notes=read.notes,
        beyond=len(read.rows) - len(rows),
        changed=None if compared is None else _changed(compared),
        better=compared.count("better") if compared else 0,
        worse=compared.count("worse") if compared else 0,
        neither=compared.count("neither") if compared else 0,
        against=published is not None,
    )


def of_site(exercise: Exercise, opened: Opened, part: str, person: User) -> BenchPage:
    """The draft's rules on the site's own answers: figures where people decided."""
    answers = bench.site_answers(exercise, part)
    rows, others = ([held.row for held in some] for some in (answers.by_hand, answers.as_marked))
    urls = _urls((*answers.by_hand, *answers.as_marked), person)
    published = _published(exercise, part)
    effect = None
    if published is not None:
        effect = effect_shown(bench.effect_of(published, opened, part, answers), person)
    return BenchPage(
        source=_("this site's answers"),
        bench=_bench_shown(grader.bench(opened, rows, part=part), urls) if rows else None,
        others=_bench_shown(grader.bench(opened, others, part=part), urls) if others else None,
        beyond=answers.beyond,
        effect=effect,
        against=published is not None,
    )


def _bench_shown(found: grader.Bench, urls: dict[str, str]) -> BenchShown:
    figures, unseen = found.figures, found.unseen
    return BenchShown(
        n=figures.n,
        tables=tuple(_tables(figures)),
        rules=tuple(_rule_line(rule, urls) for rule in found.rules),
        by_ideas=any(rule.by_ideas for rule in found.rules),
        misjudged=_judged(found.misjudged, urls),
        sent=_judged(found.sent, urls),
        groups=tuple(
            GroupShown(
                shared=", ".join(group.shared),
                lines=tuple(_line(one, urls) for one in group.answers[:5]),
                count=len(group.answers),
            )
            for group in unseen.groups[:20]
        ),
        alone=_judged(unseen.alone, urls),
        suggestions=found.suggestions,
    )


LABELS: tuple[grader.Label, ...] = ("correct", "partial", "incorrect")


def _tables(figures: grader.Figures) -> Iterator[FigureTable]:
    measured = (figures.alone, figures.strict, figures.leaning)
    measures: dict[str, list[Any]] = {
        _("Accuracy, correct or not"): [m.two for m in measured],
        _("Kappa of that"): [m.two_kappa for m in measured],
        _("Accuracy on three labels"): [m.three for m in measured],
        _("Kappa of that, a near miss counting less"): [m.quadratic for m in measured],
    }
    yield FigureTable(
        name=_("How far the rules agree with people"),
        first=_("Measure"),
        heads=(
            _("What the rules decide alone"),
            _("All, those sent to a person as misses"),
            _("All, as the rules lean"),
        ),
        figures=tuple(
            Figure(name=name, cells=tuple(map(_estimate, values)))
            for name, values in measures.items()
        ),
    )
    shares = {
        _("Sent to a person"): figures.sent,
        _("Full marks to answers that are not correct"): figures.full_to_wrong,
        _("No marks to correct answers"): figures.zero_to_right,
    }
    yield FigureTable(
        name=_("Who was let down"),
        first=_("What happened"),
        heads=(_("Answers"), _("Share")),
        figures=tuple(
            Figure(name=name, cells=(_of(share), _estimate(share)))
            for name, share in shares.items()
        ),
    )
    yield FigureTable(
        name=_("The person's label, and what the rules say"),
        first=_("The person says"),
        heads=(*(label_shown(label).word for label in LABELS), label_shown(None).word),
        figures=tuple(
            Figure(name=label_shown(label).word, cells=tuple(map(str, row)))
            for label, row in zip(LABELS, figures.confusion, strict=True)
        ),
    )
    if figures.kinds:
        yield FigureTable(
            name=_("By the kind of answer"),
            first=_("Kind"),
            heads=(
                _("Answers"),
                _("Accuracy"),
                _("Full marks, not correct"),
                _("No marks, correct"),
                _("To a person"),
            ),
            figures=tuple(
                Figure(
                    name=kind.kind,
                    cells=(
                        str(kind.three.whole),
                        _two(kind.three.value),
                        _of(kind.full_to_wrong),
                        _of(kind.zero_to_right),
                        _of(kind.sent),
                    ),
                )
                for kind in figures.kinds
            ),
        )


def _rule_line(rule: Any, urls: dict[str, str]) -> RuleLine:
    met_wrongly = ((p, p.right.whole - p.right.part) for p in rule.patterns)
    return RuleLine(
        name=rule.name,
        need=rule.need,
        met=rule.right.whole,
        right=rule.right.part,
        precision=_estimate(rule.right),
        missed="–" if rule.missed is None else _of(rule.missed),
        denied=rule.denied,
        both=rule.both,
        half=rule.half,
        wrong=tuple(_line(one, urls) for one in rule.wrong_examples),
        missing=tuple(_line(one, urls) for one in rule.missed_examples),
        patterns=tuple(
            _("%(pattern)s (met %(met)d times, %(wrong)d wrongly)")
            % {"pattern": pattern.text, "met": pattern.right.whole, "wrong": wrong}
            for pattern, wrong in met_wrongly
            if wrong
        ),
        idle=sum(not pattern.right.whole for pattern in rule.patterns),
    )


def _judged(judged: Sequence[Any], urls: dict[str, str]) -> AnswerList:
    return _listed((_line(one, urls) for one in judged), len(judged))


def _line(judged: Any, urls: dict[str, str]) -> AnswerLine:
    where, url = _where(judged.row, urls)
    whys = {
        "half": _("an idea is half met"),
        "both": _("an idea is stated and denied"),
        "tangled": _("words in an unusual order"),
        "tongue": _("another language"),
    }
    return AnswerLine(
        where=where,
        url=url,
        text=_short(judged.row.answer),
        person=label_shown(judged.row.label),
        after=label_shown(judged.told),
        why=", ".join(whys.get(why, why) for why in judged.review),
    )


def _changed(compared: grader.Comparison) -> AnswerList:
    words = effect_words()
    lines = (
        AnswerLine(
            where=where,
            url="",
            text=_short(one.row.answer),
            person=label_shown(one.row.label),
            before=label_shown(one.before),
            after=label_shown(one.after),
            effect=words[one.effect],
        )
        for one in compared.changed
        for where, _url in [_where(one.row, {})]
    )
    return _listed(lines, len(compared.changed))


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _of(share: Any) -> str:
    return _("%(part)d of %(whole)d") % {"part": share.part, "whole": share.whole}


def _estimate(value: Any) -> str:
    """A share or a kappa with the interval in which it lies at 95 %."""
    if value.interval is None:
        return _two(value.value)
    low, high = value.interval
    return f"{_two(value.value)} [{low:.2f}, {high:.2f}]"

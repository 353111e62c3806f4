"""The bench: an exercise's rules run over marked answers. Rows in, a frozen report out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from grading.concepts.bench.answers import Marked
from grading.concepts.bench.by_rule import RuleFigures, by_rule
from grading.concepts.bench.figures import Figures, figures
from grading.concepts.bench.groups import Grouped, group
from grading.concepts.bench.judging import Judge, Judged
from grading.concepts.bench.phrases import Suggestion, suggestions
from grading.concepts.rules import LABELS, Label, Rules
from grading.tables import BadRow


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What came of running rules over marked answers."""

    figures: Figures
    rules: tuple[RuleFigures, ...]
    unseen: Grouped
    """The answers in which no rule saw anything, grouped by likeness."""
    suggestions: tuple[Suggestion, ...]
    judged: tuple[Judged, ...]
    refused: tuple[BadRow, ...] = ()
    """Answers that the box would not take: blank, too long, a sign that cannot be stored."""

    @property
    def misjudged(self) -> tuple[Judged, ...]:
        """Answers marked with another label than the person's, the worst first."""
        wrong = [j for j in self.judged if j.told is not None and j.told != j.row.label]
        return tuple(sorted(wrong, key=lambda j: -_off(j.told, j.row.label)))

    @property
    def sent(self) -> tuple[Judged, ...]:
        """Answers that go to a person."""
        return tuple(j for j in self.judged if j.told is None)


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One answer on which two versions of the rules differ; None leaves it to a person."""

    row: Marked
    before: Label | None
    after: Label | None
    effect: Literal["better", "worse", "neither"]
    """Nearer to the person's label, further, or just as far; being sent lies half a step off."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions of the rules on the same answers."""

    before: Figures
    after: Figures
    changed: tuple[Changed, ...]
    """The worse first: they are what an edit must answer for."""

    def count(self, effect: Literal["better", "worse", "neither"]) -> int:
        """How many answers changed to this effect."""
        return sum(one.effect == effect for one in self.changed)


def bench(rules: Rules, rows: Iterable[Marked], refused: Iterable[BadRow] = ()) -> Bench:
    """The report of these rules on these answers. Equal input gives an equal report."""
    judged = tuple(Judge(rules).judge(rows))
    return Bench(
        figures=figures(judged),
        rules=by_rule(rules, judged),
        unseen=group([j for j in judged if not j.evidence]),
        suggestions=suggestions(rules, judged),
        judged=judged,
        refused=tuple(refused),
    )


def pool(benches: Mapping[str, Bench]) -> Figures:
    """The figures of several exercises' answers, all put together."""
    return figures([judged for one in benches.values() for judged in one.judged])


def compare(before: Bench, after: Bench) -> Comparison:
    """Who changes from what to what. Raises ValueError where the answers are not the same."""
    if [j.row for j in before.judged] != [j.row for j in after.judged]:
        raise ValueError("two reports are compared on the same answers")
    changed = [
        Changed(row=old.row, before=old.told, after=new.told, effect=_effect(old, new))
        for old, new in zip(before.judged, after.judged, strict=True)
        if old.told != new.told
    ]
    order = ("worse", "better", "neither")
    changed.sort(key=lambda one: order.index(one.effect))
    return Comparison(before=before.figures, after=after.figures, changed=tuple(changed))


def _effect(old: Judged, new: Judged) -> Literal["better", "worse", "neither"]:
    was, is_ = _off(old.told, old.row.label), _off(new.told, new.row.label)
    return "neither" if was == is_ else "better" if is_ < was else "worse"


def _off(told: Label | None, label: Label) -> float:
    """Steps between two labels."""
    return 0.5 if told is None else abs(LABELS.index(told) - LABELS.index(label))

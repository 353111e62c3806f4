"""Judged answers as figures: accuracy and kappa, who was let down, who goes to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grading.concepts.bench.agreement import Kappa, Share, exact, kappa, quadratic
from grading.concepts.bench.judging import Judged
from grading.concepts.rules import LABELS

SENT = len(LABELS)
"""The column, after those of the labels, of what goes to a person."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Agreement of the rules with the person, on two labels (correct or not) and on three."""

    two: Share
    two_kappa: Kappa
    three: Share
    three_kappa: Kappa
    quadratic: Kappa
    """Kappa on three labels, where a step of one counts a quarter of a step of two."""


@dataclass(frozen=True, kw_only=True)
class KindFigures:
    """One kind of answer; an answer sent to a person counts as not right."""

    kind: str
    three: Share
    full_to_wrong: Share
    zero_to_right: Share
    sent: Share


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All figures of a set of judged answers."""

    n: int
    confusion: tuple[tuple[int, ...], ...]
    """By the person's label (correct, partial, incorrect) and the rules' (those, sent)."""
    sent: Share
    alone: Measure
    """Of the answers that the rules decide alone."""
    strict: Measure
    """Of all answers; one sent to a person counts as a miss, agreeing with no label."""
    leaning: Measure
    """Of all answers, each with the label the rules lean to, as if nobody looked."""
    full_to_wrong: Share
    """Full marks, of the answers that are not correct."""
    zero_to_right: Share
    """No marks, of the correct answers."""
    kinds: tuple[KindFigures, ...]


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures of these answers; of none at all, every share is of nothing."""
    table = _confusion(judged, lambda j: SENT if j.told is None else LABELS.index(j.told))
    leaning = _confusion(judged, lambda j: LABELS.index(j.label))
    names = dict.fromkeys(j.row.kind for j in judged)
    return Figures(
        n=len(judged),
        confusion=tuple(tuple(row) for row in table),
        sent=_sent(judged),
        alone=_measure([row[:SENT] for row in table]),
        strict=_measure([*table, [0] * (SENT + 1)], miss=True),
        leaning=_measure([row[:SENT] for row in leaning]),
        full_to_wrong=_full_to_wrong(judged),
        zero_to_right=_zero_to_right(judged),
        kinds=tuple(
            _of_kind(name, [j for j in judged if j.row.kind == name])
            for name in sorted(names)
            if name
        ),
    )


def _confusion(judged: Sequence[Judged], column: Callable[[Judged], int]) -> list[list[int]]:
    table = [[0] * (SENT + 1) for _ in LABELS]
    for one in judged:
        table[LABELS.index(one.row.label)][column(one)] += 1
    return table


def _measure(table: list[list[int]], *, miss: bool = False) -> Measure:
    """The measures of a square table; with ``miss`` its last label agrees with nothing."""
    two = _collapsed(table)
    n = sum(map(sum, table))
    return Measure(
        two=Share(part=two[0][0] + two[1][1], whole=n),
        two_kappa=kappa(two, exact(len(two), miss=miss)),
        three=Share(part=sum(table[i][i] for i in range(SENT)), whole=n),
        three_kappa=kappa(table, exact(len(table), miss=miss)),
        quadratic=kappa(table, quadratic(len(table), miss=miss)),
    )


def _collapsed(table: list[list[int]]) -> list[list[int]]:
    """Correct, not correct, and what stands after them."""
    folds = [[0], [1, 2], *[[at] for at in range(SENT, len(table))]]
    return [
        [sum(table[i][j] for i in rows for j in columns) for columns in folds] for rows in folds
    ]


def _sent(judged: Sequence[Judged]) -> Share:
    return Share(part=sum(j.told is None for j in judged), whole=len(judged))


def _full_to_wrong(judged: Sequence[Judged]) -> Share:
    wrong = [j for j in judged if j.row.label != "correct"]
    return Share(part=sum(j.told == "correct" for j in wrong), whole=len(wrong))


def _zero_to_right(judged: Sequence[Judged]) -> Share:
    right = [j for j in judged if j.row.label == "correct"]
    return Share(part=sum(j.told == "incorrect" for j in right), whole=len(right))


def _of_kind(name: str, judged: Sequence[Judged]) -> KindFigures:
    return KindFigures(
        kind=name,
        three=Share(part=sum(j.told == j.row.label for j in judged), whole=len(judged)),
        full_to_wrong=_full_to_wrong(judged),
        zero_to_right=_zero_to_right(judged),
        sent=_sent(judged),
    )

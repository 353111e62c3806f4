"""The site's own answers to an explain part, as the bench takes them: people's decisions first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q

from exercises.models import Exercise, Marking, Override, Submission
from grading import grader
from grading.exercise import Exercise as Opened
from grading.verdict import Mark

MOST = 500
"""Answers that are held against rules while somebody waits for the page."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One answer of the site's, to be held against rules."""

    submission_id: int
    row: grader.Marked
    by_hand: bool
    """Whether a person decided; else the label is the one that the machine gave it."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers to one part, the newest first."""

    by_hand: tuple[Held, ...]
    as_marked: tuple[Held, ...]
    beyond: int = 0
    """How many there are that were not taken."""

    def __len__(self) -> int:
        return len(self.by_hand) + len(self.as_marked)


def site_answers(exercise: Exercise, part: str, *, most: int = MOST) -> Answers:
    """What learners answered to this part, and the label that stands for it.

    An answer counts as decided by hand where a person gave this part its score or, where it is the
    only part, overrode the whole. What hints cost is no fault of the words, and is added again.
    """
    rows = (
        Submission.objects.filter(
            track__exercise=exercise,
            marking__state=Marking.State.DONE,
            marking__current__isnull=False,
        )
        .select_related("marking__current")
        .prefetch_related("overrides")
        .newest_first()
    )
    overridden = Override.objects.standing_rows().filter(submission=OuterRef("pk"))
    touched = Q(marking__current__cause__startswith="hand:") | Q(Exists(overridden))
    by_hand: list[Held] = []
    as_marked: list[Held] = []
    for chosen in (rows.filter(touched), rows.exclude(touched)):
        for held in islice(_held(chosen.iterator(chunk_size=200), part), most):
            if len(by_hand) + len(as_marked) < most:
                (by_hand if held.by_hand else as_marked).append(held)
    return Answers(
        by_hand=tuple(by_hand),
        as_marked=tuple(as_marked),
        beyond=max(0, rows.count() - len(by_hand) - len(as_marked)),
    )


def _held(rows: Iterable[Submission], part: str) -> Iterable[Held]:
    for submission in rows:
        text = "\n".join(submission.raw.get(part, {}).values())
        current = submission.marking.current
        mark = current.spoken.marks.get(part) if current else None
        if mark is None or not text.strip() or mark.state in ("blank", "undecided"):
            continue
        score = _decided(submission, mark)
        label = grader.label_of_score(_before_hints(mark) if score is None else score)
        yield Held(
            submission_id=submission.pk,
            row=grader.Marked(answer=text, label=label, id=str(submission.pk)),
            by_hand=score is not None,
        )


def _decided(submission: Submission, mark: Mark) -> Fraction | None:
    """The score that a person gave the words of this part; None where nobody did."""
    override = Override.standing(submission.overrides.all())
    if override is not None and override.score is not None:
        current: Any = submission.marking.current
        if len(current.spoken.marks) == 1:
            return override.score
    if any(finding.code == "by-hand" for finding in mark.findings):
        return _before_hints(mark)
    return None


def _before_hints(mark: Mark) -> Fraction:
    taken = (f.worth or Fraction(0) for f in mark.findings if f.code == "hints-taken")
    return mark.score - sum(taken, Fraction(0))


# --- Two versions of the rules --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One answer that two versions of the rules label otherwise; None leaves it to a person."""

    held: Held
    before: grader.Label | None
    after: grader.Label | None
    effect: str
    """better, worse or neither, by the person's label; empty where no person gave one."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an edit does to the site's own answers."""

    answers: Answers
    moved_by_hand: tuple[Moved, ...]
    """The worse first."""
    moved_others: tuple[Moved, ...]

    def count(self, effect: str) -> int:
        """How many of the answers that people decided change to this effect."""
        return sum(one.effect == effect for one in self.moved_by_hand)


def effect_of(before: Opened, after: Opened, part: str, answers: Answers) -> Effect:
    """Which answers would be labelled otherwise by ``after``. Raises ValueError without rules."""
    return Effect(
        answers=answers,
        moved_by_hand=_moved(before, after, part, answers.by_hand),
        moved_others=_moved(before, after, part, answers.as_marked),
    )


def _moved(before: Opened, after: Opened, part: str, held: Sequence[Held]) -> tuple[Moved, ...]:
    rows = [one.row for one in held]
    by_id = {one.row.id: one for one in held}
    compared = grader.compare(
        grader.bench(before, rows, part=part), grader.bench(after, rows, part=part)
    )
    return tuple(
        Moved(
            held=by_id[one.row.id],
            before=one.before,
            after=one.after,
            effect=one.effect if by_id[one.row.id].by_hand else "",
        )
        for one in compared.changed
    )

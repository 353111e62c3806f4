"""What one learner has done on one exercise, said in one cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from django.db.models import QuerySet

from exercises.models import Override, Submission, Track
from exercises.models.work import Standing

State = Literal["begun"] | Standing


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One learner on one exercise, over all their tracks that were asked for.

    ``state`` is that of the latest try; begun means that a sheet was dealt and nothing submitted.
    """

    state: State
    tries: int = 0
    late: int = 0
    """How many of the tries came after the deadline and do not count."""
    best: Fraction | None = None
    """The best score that stands and counts, or the one a person set for the whole track."""
    latest: Fraction | None = None
    submission: int | None = None
    """The latest submission's id."""
    overridden: bool = False
    """Whether a person's score stands in place of a verdict's."""


def cells(tracks: QuerySet[Track]) -> dict[tuple[int, int], Cell]:
    """The cell of each learner and exercise that has a track; four queries, however many."""
    keys = dict[int, tuple[int, int]]()
    set_by_hand: dict[tuple[int, int], Fraction] = {}
    found: dict[tuple[int, int], Cell] = {}
    tracks = tracks.order_by("pk")
    for track in tracks.prefetch_related("overrides").only("learner_id", "exercise_id"):
        key = keys[track.pk] = (track.learner_id, track.exercise_id)
        found[key] = Cell(state="begun")
        override = Override.standing(track.overrides.all())
        if override is not None and override.score is not None:
            set_by_hand[key] = max(override.score, set_by_hand.get(key, Fraction(0)))
    tried: dict[tuple[int, int], list[Submission]] = {}
    rows = Submission.objects.filter(track__in=tracks.values("pk"))
    for submission in (
        rows.select_related("marking__current", "track__assignment")
        .prefetch_related("overrides")
        .defer("raw", "hints", "marking__current__body")
        .order_by("pk")
    ):
        tried.setdefault(keys[submission.track_id], []).append(submission)
    for key, submissions in tried.items():
        found[key] = _cell(submissions)
    for key, score in set_by_hand.items():
        found[key] = _set_by_hand(found[key], score)
    return found


def _cell(submissions: Iterable[Submission]) -> Cell:
    *_, latest = tries = list(submissions)
    counting = [submission for submission in tries if submission.counts]
    scores = [score for submission in counting if (score := submission.score) is not None]
    return Cell(
        state=latest.standing,
        tries=len(tries),
        late=len(tries) - len(counting),
        best=max(scores, default=None),
        latest=latest.score,
        submission=latest.pk,
        overridden=any(Override.standing(one.overrides.all()) is not None for one in tries),
    )


def _set_by_hand(cell: Cell, score: Fraction) -> Cell:
    return replace(cell, best=score, overridden=True)

"""When a learner may see a verdict: at once, when the work closes, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from exercises import catalog
from exercises.models import Assignment, Revision, Submission, User
from grading.errors import BrokenExercise

_KEPT_BACK = re.compile(r"""\brelease["']?\s*:\s*["']?(close|never)\b""")


class Curtain:
    """Which verdicts one learner does not see yet. Made once a page; it asks at most once."""

    def __init__(self, learner: User | None) -> None:
        self._learner = learner

    def hides(self, submission: Submission) -> bool:
        """Whether the verdict is not to be shown yet, or at all.

        Wants ``track`` with its assignment, and ``sheet.revision.exercise``.
        """
        release = release_of(submission.sheet.revision)
        if release == "close":
            track = submission.track
            return self.closes_at(track.exercise_id, track.assignment) is not None
        return release == "never"

    def closes_at(self, exercise_id: int, assignment: Assignment | None) -> datetime | None:
        """When the work closes that keeps a verdict back; None where nothing open does.

        Whatever the learner answered it for: an exercise done beside the set work would tell the
        verdict that the set work keeps back.
        """
        times = [self._open_work.get(exercise_id)]
        if assignment is not None and assignment.due_at and assignment.due_at > timezone.now():
            times.append(assignment.due_at)
        return max(filter(None, times), default=None)

    @cached_property
    def _open_work(self) -> Mapping[int, datetime]:
        """Exercises in work that is open to this learner and will close, each with its last end."""
        ends = (
            Assignment.objects.open_at(timezone.now())
            .filter(
                classroom__memberships__user=self._learner,
                classroom__archived_at__isnull=True,
                due_at__isnull=False,
            )
            .order_by("due_at")
            .values_list("exercises", "due_at")
        )
        return {exercise: due_at for exercise, due_at in ends if exercise and due_at}


def release_of(revision: Revision) -> str:
    """``now``, ``close`` or ``never``, as this wording says.

    A wording that a later engine refuses is searched for its word: better a verdict kept back than
    one let out.
    """
    try:
        return catalog.opened(revision).release
    except BrokenExercise:
        found = _KEPT_BACK.search(revision.text)
        return found[1] if found else "now"

"""A learner's gradebook: their own answers, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exercises.gradebook.cells import Cell, cells
from exercises.models import Exercise, Submission, User
from exercises.models.work import SubmissionQuerySet


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A learner's cells, by the id of the exercise."""

    cells: Mapping[int, Cell]

    def of(self, exercise: Exercise) -> Cell | None:
        """None where the exercise was never begun."""
        return self.cells.get(exercise.pk)


def history(learner: User) -> SubmissionQuerySet:
    """All that a learner ever submitted, the newest first."""
    return Submission.objects.filter(learner=learner).for_reading().newest_first()


def progress(learner: User) -> Progress:
    """What a learner has done on every exercise they began; four queries, however many."""
    return Progress(
        cells={exercise: cell for (_, exercise), cell in cells(learner.tracks.all()).items()}
    )

"""A learner's gradebook: their own answers, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exercises.gradebook.cells import Cell, cells
from exercises.gradebook.classroom import tracks_of
from exercises.models import Classroom, Exercise, Submission, Track, User
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


def work(classroom: Classroom, learner: User) -> SubmissionQuerySet:
    """What a classroom's teachers see of one of its learners, in the order in which it was sent."""
    tracks = Track.objects.filter(tracks_of(classroom), learner=learner)
    return Submission.objects.filter(track__in=tracks.values("pk")).for_reading().order_by("pk")


def progress(learner: User) -> Progress:
    """What a learner has done on every exercise they began; four queries, however many."""
    return Progress(
        cells={exercise: cell for (_, exercise), cell in cells(learner.tracks.all()).items()}
    )

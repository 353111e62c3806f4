"""A classroom's gradebook: who has done what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from exercises.gradebook.cells import Cell, cells
from exercises.models import Classroom, Exercise, Track, User


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Learners by exercises. A pair without a cell was never begun."""

    learners: tuple[User, ...]
    exercises: tuple[Exercise, ...]
    cells: Mapping[tuple[int, int], Cell]
    """By the ids of learner and exercise."""

    def cell(self, learner: User, exercise: Exercise) -> Cell | None:
        return self.cells.get((learner.pk, exercise.pk))

    def rows(self) -> list[tuple[User, list[Cell | None]]]:
        """Each learner with their cells, in the order of the exercises."""
        return [
            (learner, [self.cell(learner, exercise) for exercise in self.exercises])
            for learner in self.learners
        ]


def tracks_of(classroom: Classroom) -> Q:
    """Which tracks a classroom's teachers see: its learners' own practice, and what it set."""
    here = Q(assignment__isnull=True) | Q(assignment__classroom=classroom)
    learners = classroom.memberships.learners().values("user")
    return here & Q(learner__in=learners)


def matrix(classroom: Classroom) -> Matrix:
    """Every learner of the classroom by every published exercise; six queries, however many."""
    learners = User.objects.filter(pk__in=classroom.memberships.learners().values("user")).order_by(
        "name", "username"
    )
    return Matrix(
        learners=tuple(learners),
        exercises=tuple(Exercise.objects.published().select_related("lesson").in_order()),
        cells=cells(Track.objects.filter(tracks_of(classroom))),
    )

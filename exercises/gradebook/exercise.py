"""An exercise's gradebook: the answers of a classroom."""

from __future__ import annotations

from exercises.gradebook.classroom import tracks_of
from exercises.models import Classroom, Exercise, Submission, Track
from exercises.models.work import SubmissionQuerySet


def answers(classroom: Classroom, exercise: Exercise) -> SubmissionQuerySet:
    """Every answer of the classroom's learners to one exercise, the newest first."""
    tracks = Track.objects.filter(tracks_of(classroom), exercise=exercise)
    return Submission.objects.filter(track__in=tracks.values("pk")).for_reading().newest_first()

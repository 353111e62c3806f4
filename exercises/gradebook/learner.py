"""A learner's gradebook: what a classroom's teachers see of their work."""

from __future__ import annotations

from exercises.gradebook.classroom import tracks_of
from exercises.models import Classroom, Submission, Track, User
from exercises.models.work import SubmissionQuerySet


def work(classroom: Classroom, learner: User) -> SubmissionQuerySet:
    """What a classroom's teachers see of one of its learners, in the order in which it was sent."""
    tracks = Track.objects.filter(tracks_of(classroom), learner=learner)
    return Submission.objects.filter(track__in=tracks.values("pk")).for_reading().order_by("pk")

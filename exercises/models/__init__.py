"""The rows of the site, each file a neighbourhood of them, a queryset beside each."""

from exercises.models.audit import Audit
from exercises.models.classrooms import Assignment, Classroom, Membership
from exercises.models.kept import Kept, NeverChanged
from exercises.models.lessons import Exercise, Lesson, Revision, digest_of
from exercises.models.people import User
from exercises.models.work import (
    Comment,
    Dispute,
    Marking,
    Override,
    Sheet,
    Submission,
    Track,
    Verdict,
)

__all__ = [
    "Assignment",
    "Audit",
    "Classroom",
    "Comment",
    "Dispute",
    "Exercise",
    "Kept",
    "Lesson",
    "Marking",
    "Membership",
    "NeverChanged",
    "Override",
    "Revision",
    "Sheet",
    "Submission",
    "Track",
    "User",
    "Verdict",
    "digest_of",
]

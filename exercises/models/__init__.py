"""The rows of the site, each file a neighbourhood of them, a queryset beside each."""

from exercises.models.audit import Audit, subject_of
from exercises.models.classrooms import Assignment, Classroom, Membership
from exercises.models.kept import Kept, NeverChanged
from exercises.models.lessons import Exercise, Lesson, Revision, digest_of
from exercises.models.people import User
from exercises.models.proposals import Proposal
from exercises.models.work import (
    FIRST,
    Comment,
    Dispute,
    Marking,
    Override,
    Sheet,
    Submission,
    Track,
    Verdict,
    by_hand,
    sheet_for_a_try,
)

__all__ = [
    "FIRST",
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
    "Proposal",
    "Revision",
    "Sheet",
    "Submission",
    "Track",
    "User",
    "Verdict",
    "by_hand",
    "digest_of",
    "sheet_for_a_try",
    "subject_of",
]

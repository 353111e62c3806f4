"""What waits for a person: reviews, disputes and broken markings, and how a person settles them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from exercises import catalog, roles
from exercises.marking import give_verdict
from exercises.models import (
    Audit,
    Comment,
    Dispute,
    Marking,
    Override,
    Submission,
    Track,
    User,
    Verdict,
    by_hand,
)
from exercises.models.work import SubmissionQuerySet
from grading import grader
from grading.exercise import Exercise as Opened
from grading.verdict import Finding, Mark
from grading.verdict import Verdict as Spoken


class Refused(Exception):
    """What a teacher cannot do like this. The message is for the teacher."""

    code = "refused"


class ScoreMissing(Refused):
    """``parts`` names every part that still needs a score."""

    code = "score-missing"

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        super().__init__(f"Give a score from 0 to 1 to each of these parts: {', '.join(parts)}.")


class NothingToSettle(Refused):
    code = "nothing-to-settle"

    def __init__(self) -> None:
        super().__init__("This answer is not marked yet: the machine still has it.")


class BadScore(Refused):
    code = "bad-score"

    def __init__(self) -> None:
        super().__init__("A score lies between 0 and 1.")


class NoReason(Refused):
    code = "no-reason"

    def __init__(self) -> None:
        super().__init__("Say why: the learner and the next teacher will want to know.")


def inbox(person: User) -> SubmissionQuerySet:
    """What waits for this person to decide, the longest waiting first."""
    disputed = Exists(Dispute.objects.open().filter(submission=OuterRef("pk")))
    undecided = Submission.objects.with_a_person().values("pk")
    mine = roles.decided_by(person).filter(Q(pk__in=undecided) | Q(disputed))
    return mine.for_reading().order_by("pk")


def settle(
    submission: Submission,
    *,
    by: User,
    scores: Mapping[str, Fraction] | None = None,
    say: str = "",
) -> Verdict | None:
    """A person decides: parts get these scores, the other parts keep their marks.

    Every part that was waiting for a person needs one; what hints cost comes off it, as it does
    off the machine's marks. Scores make a new verdict, which stands; without any, the verdict
    stays. ``say`` is told to the learner once: it answers the open dispute, which is settled, else
    it is a comment. Returns the new verdict, or None where none was needed. Raises ScoreMissing,
    BadScore, NothingToSettle, KeyError for a part that does not exist.
    """
    scores = scores or {}
    if not all(0 <= score <= 1 for score in scores.values()):
        raise BadScore
    with transaction.atomic():
        marking = Marking.objects.select_for_update().get(submission=submission)
        if marking.state not in (Marking.State.DONE, Marking.State.BROKEN):
            raise NothingToSettle
        before = marking.current
        revision = before.revision if before else submission.sheet.revision
        spoken = _settled(
            before.spoken if before else None, catalog.opened(revision), scores, submission.hints
        )
        verdict = None
        if scores:
            line = Audit.objects.note(
                "settled",
                submission,
                who=by,
                scores={part: str(score) for part, score in scores.items()},
            )
            verdict = give_verdict(
                submission,
                spoken,
                cause=by_hand(line),
                revision=revision,
                marking=marking,
                who=by,
            )
        opened = Dispute.objects.open().select_for_update().filter(submission=submission).first()
        if opened is not None:
            opened.state, opened.words = Dispute.State.SETTLED, say.strip()
            opened.settled_by, opened.settled_at = by, timezone.now()
            opened.save()
            Audit.objects.note("settled the dispute of", submission, who=by, dispute=opened.pk)
        elif say.strip():
            comment(submission, say, by)
    return verdict


BY_HAND = Finding(
    code="by-hand", tone="note", facts={"say": "A person has read this part and decided."}
)
"""That a person gave this mark. What they say of it stands elsewhere, and only there."""


def _settled(
    before: Spoken | None,
    exercise: Opened,
    scores: Mapping[str, Fraction],
    hints: Mapping[str, int],
) -> Spoken:
    """The verdict with a person's scores in it, weighed as grading weighs, hints paid for."""
    marks: dict[str, Mark] = dict(before.marks) if before else {}
    for name, score in scores.items():
        part = exercise.part(name)
        found = marks[name].findings if name in marks else ()
        # What these say of the mark before is said of the new one below.
        kept = (finding for finding in found if finding.code not in ("by-hand", "hints-taken"))
        mark = Mark(score=score, findings=(*kept, BY_HAND))
        marks[name] = grader.less_hints(mark, part, hints.get(name, 0))
    missing = [
        part.name
        for part in exercise.parts
        if part.name not in marks or marks[part.name].state in ("review", "undecided")
    ]
    if missing:
        raise ScoreMissing(missing)
    in_order = {part.name: marks[part.name] for part in exercise.parts}
    return grader.weigh(exercise, in_order, findings=before.findings if before else ())


def override(
    subject: Submission | Track, score: Fraction | None, reason: str, by: User
) -> Override:
    """Puts a person's score in place of the one that stands; None lifts it again.

    It is a row of its own: no verdict ever touches it. Raises BadScore, NoReason.
    """
    if score is not None and not 0 <= score <= 1:
        raise BadScore
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        row = Override.objects.create(
            submission=subject if isinstance(subject, Submission) else None,
            track=subject if isinstance(subject, Track) else None,
            score=score,
            reason=reason.strip(),
            by=by,
        )
        Audit.objects.note(
            "overrode" if score is not None else "lifted the override of",
            subject,
            who=by,
            override=row.pk,
        )
    return row


def comment(submission: Submission, text: str, by: User) -> Comment:
    """Says something to the learner about one answer. Raises NoReason where nothing is said."""
    if not text.strip():
        raise NoReason
    return Comment.objects.create(submission=submission, by=by, text=text.strip())

"""What waits for a person: reviews, disputes and broken markings, and how a person settles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
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


# --- What waits, and why --------------------------------------------------------------------------

Reason = Literal[
    "half", "both", "language", "order", "unread", "undecided", "other", "broken", "disputed"
]
"""half: an idea is half met; both: an idea is stated and denied; language: not English; order: the
words stand oddly; unread: a box could not be read at the deadline; undecided: a part could not be
decided, which is our fault; other: what else a kind leaves to a person; broken: no verdict at all;
disputed: the learner asks."""

REASONS: tuple[Reason, ...] = get_args(Reason)

_FINDINGS: Mapping[str, Reason] = {
    "half-met": "half",
    "said-both": "both",
    "other-language": "language",
    "tangled": "order",
    "kept-unread": "unread",
}
"""Findings that send a part to a person."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """One reason why an answer waits: of which part, for which rule, with which of its words."""

    reason: Reason
    part: str = ""
    rule: str = ""
    quotes: tuple[str, ...] = ()
    words: str = ""
    """What the learner wrote who asks."""


def inbox(person: User, *, exercise: str = "", reason: str = "") -> SubmissionQuerySet:
    """What waits for this person to decide, the longest waiting first.

    ``exercise`` (a slug) and ``reason`` leave out the others.
    """
    disputed = Exists(Dispute.objects.open().filter(submission=OuterRef("pk")))
    undecided = Submission.objects.with_a_person().values("pk")
    mine = roles.decided_by(person).filter(Q(pk__in=undecided) | Q(disputed))
    if exercise:
        mine = mine.filter(track__exercise__slug=exercise)
    if reason == "disputed":
        mine = mine.filter(disputed)
    elif reason:
        mine = _for_reason(mine.filter(pk__in=undecided), reason)
    return mine.for_reading().order_by("pk")


def _for_reason(waiting: SubmissionQuerySet, reason: str) -> SubmissionQuerySet:
    if reason == "broken":
        return waiting.filter(marking__state=Marking.State.BROKEN)
    waiting = waiting.filter(marking__state=Marking.State.DONE)
    if reason == "undecided":
        return waiting.filter(marking__current__undecided=True)
    # A code within its quotation marks: those of a learner's words stand there with a stroke.
    said = {name: Q(said__contains=f'"{code}"') for code, name in _FINDINGS.items()}
    waiting = waiting.annotate(said=Cast("marking__current__body", TextField()))
    if reason in said:
        return waiting.filter(said[reason])
    for known in said.values():
        waiting = waiting.exclude(known)
    return waiting.filter(marking__current__undecided=False)


def why(submission: Submission) -> tuple[Why, ...]:
    """All the reasons why an answer waits for a person; none where it does not."""
    found = [
        Why(reason="disputed", words=one.reason)
        for one in submission.disputes.all()
        if one.state == Dispute.State.OPEN
    ]
    if submission.standing == "broken":
        found.append(Why(reason="broken"))
    elif submission.standing == "review":
        current = submission.marking.current
        marks = current.spoken.marks if current else {}
        for name, mark in marks.items():
            found += _why_of_part(name, mark)
    return tuple(found)


def _why_of_part(name: str, mark: Mark) -> list[Why]:
    if mark.state == "undecided":
        return [Why(reason="undecided", part=name)]
    if mark.state != "review":
        return []
    found = [
        Why(
            reason=_FINDINGS[finding.code],
            part=name,
            rule=finding.facts.get("rule", ""),
            quotes=tuple(quote.text for quote in finding.quotes),
        )
        for finding in mark.findings
        if finding.code in _FINDINGS
    ]
    return found or [Why(reason="other", part=name)]


# --- Deciding -------------------------------------------------------------------------------------


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

"""Marking: one submission goes to grading, one verdict row comes back; safe to run twice."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import time

from django.core.cache import cache
from django.db import (
    DatabaseError,
    Error,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F
from django.utils import timezone

import grading
from exercises import catalog, queue
from exercises.models import FIRST, Audit, Marking, Revision, Submission, User, Verdict
from exercises.models.work import MarkingQuerySet
from grading import grader
from grading.verdict import Verdict as Spoken

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a worker may keep a row: three times the hard limit of a task, so that a row taken again
was really left behind."""

RUNS = 3
"""After so many runs without a verdict a person looks at it."""

PATIENCE = timedelta(seconds=30)
"""How long a row may wait before the sweep wakes the queue for it again."""

MOST_AT_ONCE = 500
"""How many rows one sweep wakes, the oldest first."""

MOST_ALONE = 1
"""How many while no worker's pulse is heard: messages that nobody reads would pile up in the
broker, sweep after sweep. Not none, so that a worker gets work whose pulse does not come through;
the others keep their turn, and the first sweep after a pulse wakes them."""

SILENT_AFTER = 35.0
"""Seconds without a worker's pulse after which we say that none is at work."""


# --- One submission -------------------------------------------------------------------------------


def mark(submission_id: int) -> None:
    """Marks one submission, unless it is done, broken, gone or in another worker's hands."""
    taken = _take(submission_id)
    if taken is None:
        return
    try:
        _finish(taken, judge(taken.submission))
    except (OperationalError, InterfaceError):
        # The database is away, which is not this answer's fault.
        _give_run_back(taken)
        raise
    except Exception:
        log.exception("submission %d could not be marked, run %d", submission_id, taken.runs)
        _give_back(taken)


def judge(submission: Submission, revision: Revision | None = None) -> Spoken:
    """What grading says of a stored answer, now. Reads rows, writes none."""
    return grader.grade(
        catalog.variant(submission.sheet, revision),
        submission.raw,
        hints=submission.hints,
        at_deadline=submission.at_deadline,
    )


def _take(submission_id: int) -> Marking | None:
    """The row under a new lease, or None where it is not ours to take."""
    now = timezone.now()
    mine = Marking.objects.free(now).filter(submission=submission_id)
    # One statement decides between two workers: the database lets one of them change the row, and
    # the other then finds it taken.
    taken = mine.filter(runs__lt=RUNS).update(
        state=Marking.State.RUNNING, lease_until=now + LEASE, runs=F("runs") + 1
    )
    if not taken:
        _break_if_worn(submission_id, now)
        return None
    return Marking.objects.select_related("submission__sheet__revision__exercise").get(
        submission=submission_id
    )


def _break_if_worn(submission_id: int, now: datetime) -> None:
    """A row whose worker died in its last run is for a person."""
    with transaction.atomic():
        worn = (
            Marking.objects.select_for_update(skip_locked=True)
            .free(now)
            .filter(submission=submission_id, runs__gte=RUNS)
            .first()
        )
        if worn is not None:
            _break(worn, "its worker died each time")


def _give_back(taken: Marking) -> None:
    """After a failed run: wait for the next, or for a person after the last."""
    with transaction.atomic():
        marking = (
            Marking.objects.select_for_update()
            .filter(pk=taken.pk, state=Marking.State.RUNNING, lease_until=taken.lease_until)
            .first()
        )
        if marking is None:
            return
        if marking.runs >= RUNS:
            _break(marking, "an error each time, told in the log")
            return
        marking.state, marking.lease_until = Marking.State.WAITING, None
        marking.woken_at = timezone.now()
        marking.save(update_fields=["state", "lease_until", "woken_at"])


def _give_run_back(taken: Marking) -> None:
    """The row waits again and the run does not count, if the database can be told so."""
    try:
        # What broke is dropped here, and a fresh connection tried.
        close_old_connections()
        Marking.objects.filter(
            pk=taken.pk, state=Marking.State.RUNNING, lease_until=taken.lease_until
        ).update(
            state=Marking.State.WAITING,
            lease_until=None,
            runs=F("runs") - 1,
            woken_at=timezone.now(),
        )
    except Error as error:
        # Then its lease runs out, and the sweep comes back to it.
        log.warning("submission %d keeps its lease: %s", taken.submission_id, error)


def _break(marking: Marking, why: str) -> None:
    marking.state, marking.lease_until = Marking.State.BROKEN, None
    marking.save(update_fields=["state", "lease_until"])
    Audit.objects.note("could not mark", marking.submission, runs=marking.runs, why=why)
    log.critical(
        "submission %d could not be marked in %d runs (%s): a person has to look at it",
        marking.submission_id,
        marking.runs,
        why,
    )


def _finish(taken: Marking, spoken: Spoken) -> None:
    with transaction.atomic():
        marking = Marking.objects.select_for_update().get(pk=taken.pk)
        if marking.state == Marking.State.DONE:
            # Another worker was quicker, after our lease ran out.
            return
        give_verdict(
            taken.submission,
            spoken,
            cause=FIRST,
            revision=taken.submission.sheet.revision,
            marking=marking,
        )


def give_verdict(
    submission: Submission,
    spoken: Spoken,
    *,
    cause: str,
    revision: Revision,
    marking: Marking,
    who: User | None = None,
) -> Verdict:
    """Writes a verdict row and lets it stand. For one cause the first row written stays.

    To be called inside a transaction, with ``marking`` locked.
    """
    row = Verdict.saying(
        spoken, submission=submission, cause=cause, engine=grading.VERSION, revision=revision
    )
    Verdict.objects.bulk_create([row], ignore_conflicts=True)
    verdict = Verdict.objects.get(submission=submission, cause=cause)
    before = marking.current_id
    marking.state, marking.lease_until, marking.current = Marking.State.DONE, None, verdict
    marking.save(update_fields=["state", "lease_until", "current"])
    Audit.objects.note(
        "marked", submission, who=who, cause=cause, verdict=verdict.pk, before=before
    )
    return verdict


# --- The sweep ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SweepReport:
    """What one sweep woke: rows that had waited too long, and rows that a worker left behind."""

    waiting: int
    abandoned: int


def sweep(patience: timedelta = PATIENCE) -> SweepReport:
    """Wakes the queue for what waited too long, and for running rows whose lease ran out."""
    now = timezone.now()
    most = MOST_ALONE if _at_work() is False else MOST_AT_ONCE
    with transaction.atomic():
        waiting = _wake(Marking.objects.waiting(), now, patience, most)
        abandoned = _wake(Marking.objects.abandoned(now), now, patience, most)
    return SweepReport(waiting=waiting, abandoned=abandoned)


def _wake(rows: MarkingQuerySet, now: datetime, patience: timedelta, most: int) -> int:
    # Two sweeps share the rows: what one has locked, the other passes by.
    due = list(
        rows.select_for_update(skip_locked=True)
        .filter(woken_at__lte=now - patience)
        .order_by("woken_at")[:most]
    )
    Marking.objects.filter(pk__in=[row.pk for row in due]).update(woken_at=now)
    for row in due:
        queue.wake("mark", row.submission_id)
    return len(due)


# --- The truth about the queue --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class QueueTruth:
    """How the queue stands, in the same words for learners and teachers."""

    waiting: int
    """Submissions not marked yet, those in work included."""
    oldest: timedelta | None
    """How long the oldest of them has been waiting."""
    at_work: bool | None
    """Whether a worker has spoken lately; None where we could not ask."""
    broken: int


def position(marking: Marking) -> int:
    """How many submissions are marked before this one."""
    return _unmarked().filter(pk__lt=marking.pk).count()


def queue_truth() -> QueueTruth:
    oldest = _unmarked().select_related("submission").order_by("pk").first()
    return QueueTruth(
        waiting=_unmarked().count(),
        oldest=None if oldest is None else timezone.now() - oldest.submission.received_at,
        at_work=_at_work(),
        broken=Marking.objects.broken().count(),
    )


def _unmarked() -> MarkingQuerySet:
    return Marking.objects.filter(state__in=[Marking.State.WAITING, Marking.State.RUNNING])


def _at_work() -> bool | None:
    """Whether a worker of live answers beats: it writes the time into the cache as it does."""
    # A failed query must not spoil a transaction around us. Where there is none none is begun: on
    # SQLite that would wait for whoever writes, only to read.
    apart = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with apart:
            beat: float | None = cache.get("pulse:grading")
    except DatabaseError:
        return None
    return beat is not None and time() - beat <= SILENT_AFTER

"""An answer's way in: deal a sheet, keep its draft, take a hint, submit; then wake the queue."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from exercises import catalog, queue
from exercises.models import (
    Assignment,
    Audit,
    Dispute,
    Exercise,
    Membership,
    Sheet,
    Submission,
    Track,
    User,
)
from grading import grader
from grading.errors import Misreading, Unreadable
from grading.exercise import Raw, Shown, Worked

Answer = Mapping[str, Raw]
"""A whole answer as typed: part to field to text."""

REASON_LIMIT = 2000
"""The longest reason of a dispute, in code points."""


class Refused(Exception):
    """What a learner cannot do now. The message is for the learner, ``code`` for the page."""

    code = "refused"
    message = "This cannot be done now."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class NotPublished(Refused):
    code = "not-published"
    message = "This exercise is not published yet. Please come back later."


class TriesUsedUp(Refused):
    code = "tries-used-up"
    message = "All your tries are used up. Your answers and their verdicts stay here to read."


class SolutionShown(Refused):
    code = "solution-shown"
    message = "You asked for the model answer, so this sheet takes no more tries."


class NotOpenYet(Refused):
    code = "not-open-yet"
    message = "This work is not open yet. Your text stays in the boxes until it is."


class NotInClassroom(Refused):
    code = "not-in-classroom"
    message = (
        "This was set in a classroom that you are not in any more. Join it again with its code, or "
        "answer the same exercise from its lesson."
    )


class KeyTaken(Refused):
    code = "key-taken"
    message = "This form has been sent before, for another sheet. Please open the exercise again."


class NotMarkedYet(Refused):
    code = "not-marked-yet"
    message = "This answer is still being marked. You can ask a person once you see the verdict."


class NoReason(Refused):
    code = "no-reason"
    message = f"Say in a sentence or two what should be looked at (at most {REASON_LIMIT} letters)."


# --- Sheets ---------------------------------------------------------------------------------------


def deal(learner: User, exercise: Exercise, assignment: Assignment | None = None) -> Sheet:
    """The learner's newest sheet of this exercise; the first view deals the first one.

    Raises NotPublished.
    """
    # The link alone never begins work: without a wording there is nothing to track.
    if exercise.current_id is None:
        raise NotPublished
    track, _ = Track.objects.get_or_create(
        learner=learner, exercise=exercise, assignment=assignment
    )
    return _newest(track) or _deal(track, after=None)


def new_numbers(sheet: Sheet) -> Sheet:
    """Deals the next sheet and keeps the old one.

    A form sent twice deals once: only the newest sheet has a next one, and otherwise the newest is
    given back. So is a sheet whose numbers are never drawn, unless a newer wording exists.
    Raises TriesUsedUp, NotPublished.
    """
    track = sheet.track
    newest = _newest(track)
    if newest is not None and newest.pk != sheet.pk:
        return newest
    if tries_left(track) == 0:
        raise TriesUsedUp
    if sheet.revision_id == track.exercise.current_id and not catalog.opened(sheet.revision).drawn:
        return sheet
    return _deal(track, after=sheet)


def _newest(track: Track) -> Sheet | None:
    return track.sheets.for_work().newest_first().first()


def _deal(track: Track, after: Sheet | None) -> Sheet:
    """Deals the sheet that follows ``after`` on this track, once, however many ask for it."""
    learner, exercise = (
        track.learner,
        Exercise.objects.select_related("current").get(pk=track.exercise_id),
    )
    revision = exercise.current
    if revision is None:
        raise NotPublished
    while True:
        # Sheets count over all tracks of the learner and the exercise, so that no two are alike.
        last = Sheet.objects.filter(learner=learner, exercise=exercise).aggregate(n=Max("number"))
        number = (last["n"] or 0) + 1
        seed = seed_of(learner, exercise, number)
        # Drawing may take a while: it is done before anything is locked.
        variant = grader.vary(catalog.opened(revision), seed=seed)
        with transaction.atomic():
            Track.objects.select_for_update().get(pk=track.pk)
            newest = _newest(track)
            if newest is not None and (after is None or newest.pk != after.pk):
                return newest
            try:
                with transaction.atomic():
                    return Sheet.objects.create(
                        track=track,
                        learner=learner,
                        exercise=exercise,
                        number=number,
                        revision=revision,
                        seed=seed,
                        numbers=variant.numbers,
                    )
            except IntegrityError:
                # Another track took the number meanwhile: count again.
                continue


def seed_of(learner: User, exercise: Exercise, number: int) -> int:
    """The first 63 bits of HMAC-SHA256(SECRET_KEY, learner, exercise, sheet number).

    Nobody guesses a seed from an address, and no two sheets share one. It is stored on the sheet,
    so that a new key changes nothing that was dealt.
    """
    message = f"sheet:{learner.pk}:{exercise.pk}:{number}"
    made = hmac.new(settings.SECRET_KEY.encode(), message.encode(), hashlib.sha256).digest()
    return int.from_bytes(made[:8], "big") >> 1


# --- While the learner works ----------------------------------------------------------------------


def keep_draft(sheet: Sheet, raw: Answer, key: UUID | None = None) -> bool:
    """Keeps what stands in the boxes, readable or not; returns whether it was kept.

    ``key`` is the form's own: once an answer was sent with it, what still arrives from that form
    is late and is dropped. Raises Unreadable only for a box that holds more than it may.
    """
    typed = _typed(catalog.variant(sheet).shown, raw)
    with transaction.atomic():
        # The lock that a try takes: a draft is kept before the answer is sent, or not at all.
        Track.objects.select_for_update().values_list("pk").get(pk=sheet.track_id)
        if key is not None and sheet.submissions.filter(form_key=key).exists():
            return False
        sheet.draft, sheet.draft_at = typed, timezone.now()
        sheet.save(update_fields=["draft", "draft_at"])
    return True


def take_hint(sheet: Sheet, part: str, stage: int | None = None) -> int:
    """Takes the next hint of a part; returns how many are taken now.

    ``stage`` says which hint is asked for, from 1, so that the same click twice costs once. A sheet
    that takes no more tries gives no more hints. Raises KeyError for a part that the exercise does
    not have.
    """
    hints = catalog.opened(sheet.revision).part(part).hints
    ended = tries_left(sheet.track) == 0
    with transaction.atomic():
        row = Sheet.objects.select_for_update().get(pk=sheet.pk)
        ended = ended or row.solution_at is not None
        taken = int(row.hints.get(part, 0))
        if not ended and (stage is None or stage == taken + 1) and taken < len(hints):
            taken += 1
            row.hints = {**row.hints, part: taken}
            row.save(update_fields=["hints"])
    sheet.hints = row.hints
    return taken


def tries_allowed(track: Track) -> int | None:
    """How many tries count: the assignment's word before the exercise's; None for no limit.

    Raises NotPublished.
    """
    if track.assignment is not None and track.assignment.tries is not None:
        return track.assignment.tries
    exercise = catalog.current(track.exercise)
    if exercise is None:
        raise NotPublished
    return exercise.tries


def tries_left(track: Track) -> int | None:
    """How many tries are left over all sheets of the track; None for no limit.

    A try in which a number was read by a guess is given back, once a sheet.
    """
    allowed = tries_allowed(track)
    if allowed is None:
        return None
    return max(0, allowed + track.given_back - track.submissions.count())


def ask_solution(sheet: Sheet) -> Mapping[str, Worked]:
    """The model answer of this sheet. Asking for it ends the sheet's tries; asking again is free.

    Once no try is left it costs nothing, and nothing is noted.
    """
    if sheet.solution_at is None and tries_left(sheet.track) != 0:
        with transaction.atomic():
            # The lock that a try takes: either the try counts, or it comes after the answer.
            Track.objects.select_for_update().get(pk=sheet.track_id)
            sheet.solution_at = timezone.now()
            sheet.save(update_fields=["solution_at"])
    return grader.solve(catalog.variant(sheet))


# --- Submitting -----------------------------------------------------------------------------------


def submit(sheet: Sheet, raw: Answer, key: UUID) -> Submission:
    """Stores one try, and asks the queue to have it marked.

    ``key`` is the form's own. The same text under it gives the same submission, even when no try
    is left; another text is another try. What comes after the deadline is stored and marked, and
    does not count (``Submission.counts``). Raises Unreadable (nothing is stored and no try is
    taken), TriesUsedUp, SolutionShown, NotOpenYet, NotInClassroom, KeyTaken, NotPublished.
    """
    received_at = timezone.now()
    typed = _readable(sheet, raw)
    bound = _bound(key, typed)
    allowed = tries_allowed(sheet.track)
    closed = _set_work_refusal(sheet.track, received_at)
    stored = None
    try:
        with transaction.atomic():
            if closed is None:
                take = partial(
                    Submission.objects.take_try,
                    sheet, raw=typed, form_key=key, key=bound, at=received_at,
                )  # fmt: skip
                stored = take(allowed=allowed)
                # Asked only now, as few tries are ever given back: the number never falls.
                if stored is None and allowed is not None and (more := sheet.track.given_back):
                    stored = take(allowed=allowed + more)
            if stored is not None:
                queue.wake("mark", stored.pk)
    except IntegrityError:
        # It has been stored: the form was sent twice, one after the other or at once.
        pass
    else:
        if stored is not None:
            sheet.draft, sheet.draft_at = {}, None
            return stored
    earlier = _sent_before(sheet, bound)
    if earlier is None:
        raise closed or _refusal(sheet, key)
    return earlier


def _refusal(sheet: Sheet, key: UUID) -> Refused:
    """Why the rows take no try on this sheet now."""
    sent = Submission.objects.filter(learner=sheet.learner_id, form_key=key)
    if sent.exclude(sheet=sheet.pk).exists():
        return KeyTaken()
    sheet.refresh_from_db(fields=["solution_at"])
    return TriesUsedUp() if sheet.solution_at is None else SolutionShown()


def _set_work_refusal(track: Track, moment: datetime) -> Refused | None:
    """Why the classroom that set this work takes no answer now."""
    assignment = track.assignment
    if assignment is None:
        return None
    if assignment.opens_at is not None and moment < assignment.opens_at:
        return NotOpenYet()
    here = Membership.objects.filter(classroom=assignment.classroom_id, user=track.learner_id)
    return None if here.exists() else NotInClassroom()


def _bound(key: UUID, typed: Answer) -> UUID:
    """The form's key bound to what was sent: a page gone back to keeps its key, not its text."""
    return uuid5(key, json.dumps(typed, sort_keys=True))


def _sent_before(sheet: Sheet, bound: UUID) -> Submission | None:
    return Submission.objects.filter(learner=sheet.learner_id, sheet=sheet.pk, key=bound).first()


def _readable(sheet: Sheet, raw: Answer) -> dict[str, dict[str, str]]:
    """The answer as it will be stored. Raises Unreadable."""
    variant = catalog.variant(sheet)
    typed = _typed(variant.shown, raw)
    grader.read(variant.shown, typed)
    return typed


def _typed(shown: Mapping[str, Shown], raw: Answer) -> dict[str, dict[str, str]]:
    """The texts of the boxes that exist, as typed; whatever else was sent is dropped.

    Raises Unreadable for each text longer than its box allows, before anything looks inside.
    """
    typed: dict[str, dict[str, str]] = {}
    misreadings = []
    for part, posed in shown.items():
        texts = raw.get(part, {})
        for field in posed.fields:
            text = texts.get(field.name, "")
            if len(text) > field.limit:
                message = (
                    f"This is too long: at most {field.limit:,} characters, "
                    f"yours has {len(text):,}."
                )
                misreadings.append(
                    Misreading(
                        code="too-long",
                        message=message,
                        start=field.limit,
                        end=len(text),
                        field=f"{part}.{field.name}",
                    )
                )
            elif text:
                typed.setdefault(part, {})[field.name] = _storable(text)
    if misreadings:
        raise Unreadable(misreadings)
    return typed


def _storable(text: str) -> str:
    """The text without what no database keeps: NULs, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


# --- After the verdict ----------------------------------------------------------------------------


def dispute(submission: Submission, reason: str) -> Dispute:
    """“Please look at this”, from the learner. While one is open, asking again gives the same one.

    Raises NoReason, NotMarkedYet.
    """
    reason = _storable(reason).strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise NoReason
    if submission.standing == "waiting":
        raise NotMarkedYet
    with transaction.atomic():
        Track.objects.select_for_update().get(pk=submission.track_id)
        opened = submission.disputes.filter(state=Dispute.State.OPEN).first()
        if opened is None:
            opened = Dispute.objects.create(
                submission=submission, by=submission.learner, reason=reason
            )
            Audit.objects.note("disputed", submission, who=submission.learner, dispute=opened.pk)
    return opened

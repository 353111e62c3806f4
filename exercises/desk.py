"""The author's desk: begin an exercise, keep its draft, prove it, publish it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from exercises import catalog
from exercises.models import Audit, Exercise, Lesson, Revision, User
from grading import grader
from grading.errors import BrokenExercise
from grading.proof import Report

SEEDS = range(40)
"""On how many sheets a draft is proved before it may be published."""

WHILE_ASKED = 6.0
"""Seconds a proof may take while its author waits for the page."""

LONGEST = 200_000
"""The longest draft, in code points."""


class Refused(Exception):
    """What an author cannot do now. The message is for the author, ``code`` for the page."""

    code = "refused"


class BadName(Refused):
    code = "bad-name"


class TooLong(Refused):
    code = "too-long"


class DraftMoved(Refused):
    """Somebody else saved the draft meanwhile; nothing was written over."""

    code = "draft-moved"

    def __init__(self, theirs: str) -> None:
        self.theirs = theirs
        super().__init__(
            "Somebody saved another version of this draft while you wrote. Nothing was written "
            "over: compare theirs with yours, then save again."
        )


class NotThisText(Refused):
    code = "not-this-text"

    def __init__(self) -> None:
        super().__init__("The draft has changed since it was proved. Prove it again, then publish.")


class NotGood(Refused):
    code = "not-good"

    def __init__(self, why: str) -> None:
        super().__init__(f"It cannot be published yet:\n{why}")


def create(slug: str, by: User, text: str = "", lesson: Lesson | None = None) -> Exercise:
    """A new exercise with this author, the last of its lesson. Raises BadName, TooLong."""
    slug = slug.strip()
    if not catalog.NAME.fullmatch(slug) or len(slug) > catalog.LONGEST_NAME:
        raise BadName(
            "An exercise's name becomes its address: small letters, digits and single hyphens, "
            f"{catalog.LONGEST_NAME} at most, such as mix-four-values."
        )
    try:
        with transaction.atomic():
            last = lesson.exercises.aggregate(n=Max("position"))["n"] if lesson else None
            exercise = Exercise.objects.create(
                slug=slug, draft=_tidy(text), lesson=lesson, position=(last or 0) + 1
            )
            exercise.authors.add(by)
            Audit.objects.note("created", exercise, who=by)
    except IntegrityError as error:
        raise BadName(
            f"There is an exercise called {slug} already. Choose another name."
        ) from error
    return exercise


def save_draft(exercise: Exercise, text: str, by: User, base: str | None = None) -> Exercise:
    """Keeps the draft, good or not; learners see nothing of it.

    ``base`` is the digest of the draft that ``by`` began from: another one means that somebody
    else was quicker, and DraftMoved is raised. Raises TooLong.
    """
    text = _tidy(text)
    with transaction.atomic():
        row = Exercise.objects.select_for_update().get(pk=exercise.pk)
        if base is not None and base != row.draft_digest and text != row.draft:
            raise DraftMoved(row.draft)
        if text != row.draft:
            row.draft, row.draft_at = text, timezone.now()
            if row.current_id is None:
                # Once it is published, its title is the one that learners see.
                row.title = _title_in(text, row.slug) or row.title
            row.save(update_fields=["draft", "draft_at", "title"])
            Audit.objects.note("saved the draft of", row, who=by, digest=row.draft_digest)
    exercise.draft, exercise.draft_at, exercise.title = row.draft, row.draft_at, row.title
    return exercise


def prove(text: str, slug: str, seeds: Sequence[int] = SEEDS) -> Report:
    """What is wrong with this text, all at once: faults at their lines, samples, wrong turns."""
    return catalog.prove(_tidy(text), slug=slug, seeds=seeds)


def prove_soon(text: str, slug: str) -> Report:
    """The same while somebody waits: a text that is slow to prove is proved on fewer sheets.

    The report says on how many. Two sheets and the samples are always run.
    """
    began = time.monotonic()
    first = prove(text, slug, SEEDS[:2])
    each = max(time.monotonic() - began, 1e-3) / 2
    if not first.good or first.seeds_run < 2:
        # Faults are told at once, and fixed numbers are the same on every sheet.
        return first
    return prove(text, slug, SEEDS[: max(2, int(WHILE_ASKED / each) - 2)])


def prove_draft(exercise_id: int, *, soon: bool = False) -> Report | None:
    """Proves the draft as it stands and keeps the report beside it; None where it is gone.

    ``soon``: somebody waits for it. A report on a draft that has moved on meanwhile is not kept.
    """
    exercise = Exercise.objects.filter(pk=exercise_id).first()
    if exercise is None:
        return None
    prover = prove_soon if soon else prove
    report = prover(exercise.draft, exercise.slug)
    remember(exercise_id, report)
    return report


def remember(exercise_id: int, report: Report) -> None:
    """Keeps a report beside the draft, if that is still the text which the report speaks of."""
    with transaction.atomic():
        row = Exercise.objects.select_for_update().filter(pk=exercise_id).first()
        if row is not None and row.draft_digest == report.digest:
            catalog.keep_report(row, report)


def publish(exercise: Exercise, report: Report, by: User) -> Revision:
    """Lets learners get the draft, as the report proved it. Sheets dealt before keep their wording.

    The same text again makes no new revision. Raises NotThisText, NotGood.
    """
    with transaction.atomic():
        row = Exercise.objects.select_for_update().get(pk=exercise.pk)
        if report.digest != row.draft_digest:
            raise NotThisText
        if not report.good:
            raise NotGood(catalog.faults_of(report))
        catalog.keep_report(row, report)
        revision = catalog.revise(row, row.draft, by=by)
    exercise.refresh_from_db()
    return revision


def _title_in(text: str, slug: str) -> str:
    """The title of a draft that opens; of a faulty one none is known."""
    try:
        return grader.open(text, slug=slug).title
    except BrokenExercise:
        return ""


def _tidy(text: str) -> str:
    """The text with plain line ends, as a browser's box does not send it. Raises TooLong."""
    if len(text) > LONGEST:
        raise TooLong(f"A draft has at most {LONGEST:,} characters; this one has {len(text):,}.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")

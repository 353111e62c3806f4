"""A learner's work: tracks, sheets, submissions, and what was said of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar, Literal

from django.conf import settings
from django.db import connections, models
from django.utils import timezone

from exercises.models.audit import Audit
from exercises.models.classrooms import Assignment
from exercises.models.kept import FractionField, Kept, KeptQuerySet
from exercises.models.lessons import Exercise, Revision
from exercises.models.prepared import Prepared
from grading import verdict as grading_verdict

Standing = Literal["waiting", "marked", "review", "broken"]
"""waiting: not marked yet; marked: a score stands; review: with a person, nothing final yet;
broken: the site could not mark it, which is never the learner's fault."""

FIRST = "first"
"""The cause of the verdict that follows a submission by itself."""


def by_hand(line: Audit) -> str:
    """The cause of a verdict given by a person, in the audit line that says who and why."""
    return f"hand:{line.pk}"


class TrackQuerySet(models.QuerySet["Track"]):
    def of(self, learner: models.Model, exercise: models.Model) -> TrackQuerySet:
        """All tracks of a learner on an exercise, in every assignment and in none."""
        return self.filter(learner=learner, exercise=exercise)


class Track(models.Model):
    """One learner on one exercise, in one assignment or in none.

    Its row is locked while a sheet is dealt or a try is taken.
    """

    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tracks"
    )
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="tracks")
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="tracks"
    )
    begun_at = models.DateTimeField(default=timezone.now)

    objects = TrackQuerySet.as_manager()

    class Meta:
        constraints = [
            # NULLs are all different to a database, so "in no assignment" wants its own rule.
            models.UniqueConstraint(
                fields=["learner", "exercise", "assignment"],
                condition=models.Q(assignment__isnull=False),
                name="one_track_per_assignment",
            ),
            models.UniqueConstraint(
                fields=["learner", "exercise"],
                condition=models.Q(assignment__isnull=True),
                name="one_track_outside_assignments",
            ),
        ]
        indexes = [models.Index(fields=["exercise", "learner"], name="track_of_exercise")]

    def __str__(self) -> str:
        return f"{self.learner} on {self.exercise}"

    @property
    def given_back(self) -> int:
        """How many tries cost nothing, because a number in them was read by a guess: one a sheet.

        One a sheet, so that nobody tries for ever by typing what can only be guessed.
        """
        guessed = self.submissions.filter(marking__current__guessed=True)
        return guessed.values("sheet").distinct().count()


class SheetQuerySet(KeptQuerySet["Sheet"]):
    def newest_first(self) -> SheetQuerySet:
        return self.order_by("-number")

    def for_work(self) -> SheetQuerySet:
        """With all that dealing, showing and submitting read, in one query."""
        return self.select_related(
            "revision__exercise",
            "track__assignment",
            "track__learner",
            "track__exercise__current__exercise",
        )


class Sheet(Kept):
    """One variant dealt to one learner. Its numbers are fixed at the first view."""

    changing = frozenset({"draft", "draft_at", "hints", "solution_at"})

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="sheets")
    # The track's own two, kept here so that the database itself counts sheets per learner and
    # exercise over all tracks.
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sheets"
    )
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="sheets")
    number = models.PositiveIntegerField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="sheets")
    seed = models.BigIntegerField()
    numbers = models.JSONField()
    """What was drawn: all that rebuilds the variant. Never drawn again."""
    opened_at = models.DateTimeField(default=timezone.now)
    draft = models.JSONField(default=dict)
    """What stands unsent in the boxes: part to field to text."""
    draft_at = models.DateTimeField(null=True)
    hints = models.JSONField(default=dict)
    """How many hints were taken of each part."""
    solution_at = models.DateTimeField(null=True)
    """When the learner asked for the model answer, which ends the tries on this sheet."""

    objects: ClassVar[SheetQuerySet] = SheetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["track", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "exercise", "number"], name="sheet_numbers_count_up"
            ),
            models.CheckConstraint(condition=models.Q(seed__gte=0), name="seed_has_63_bits"),
        ]
        indexes = [models.Index(fields=["track", "-number"], name="newest_sheet_of_track")]

    def __str__(self) -> str:
        return f"sheet {self.number} of {self.track_id}"


sheet_for_a_try = Prepared(
    lambda sheet, learner: Sheet.objects.filter(pk=sheet, learner_id=learner)
    .select_related("revision__exercise__current", "track__assignment")
    .only(
        "learner_id", "seed", "numbers",
        "revision__digest", "revision__exercise__slug", "revision__exercise__current__digest",
        "track__learner_id", "track__exercise_id",
        "track__assignment__classroom_id", "track__assignment__tries",
        "track__assignment__opens_at",
    ),
    count=2,
)  # fmt: skip
"""A learner's sheet with just what taking a try reads, and nothing long."""


class SubmissionQuerySet(KeptQuerySet["Submission"]):
    def newest_first(self) -> SubmissionQuerySet:
        return self.order_by("-pk")

    def counting(self) -> SubmissionQuerySet:
        """Those that ``counts`` of a submission is true of."""
        by_hand = Override.objects.standing_rows().filter(submission=models.OuterRef("pk"))
        return self.filter(
            models.Q(track__assignment__due_at__isnull=True)
            | models.Q(received_at__lte=models.F("track__assignment__due_at"))
            | models.Q(at_deadline=True)
            | models.Exists(by_hand)
        )

    def with_a_person(self) -> SubmissionQuerySet:
        """Those a person has to decide: whose ``standing`` is review or broken."""
        by_hand = Override.objects.standing_rows().filter(submission=models.OuterRef("pk"))
        return self.filter(
            models.Q(
                marking__state=Marking.State.DONE,
                marking__current__outcome=Verdict.Outcome.REVIEW,
            )
            | models.Q(marking__state=Marking.State.BROKEN),
            ~models.Exists(by_hand),
        )

    def for_reading(self) -> SubmissionQuerySet:
        """With all that a page on one submission reads, in three queries."""
        return self.select_related(
            "learner",
            "track__exercise",
            "track__assignment",
            "sheet__revision",
            "marking__current",
        ).prefetch_related("overrides", "disputes", "comments__by")

    def take_try(
        self,
        sheet: Sheet,
        *,
        raw: Mapping[str, Mapping[str, str]],
        form_key: uuid.UUID,
        key: uuid.UUID,
        at: datetime,
        allowed: int | None,
    ) -> Submission | None:
        """Stores the next try on the sheet's track, with its marking, and clears the draft.

        Within a transaction. None where no try is left of those ``allowed``, where the model
        answer was shown, or where the form was sent for another sheet. Raises IntegrityError where
        ``key`` is stored already.
        """
        # SQLite has one writer at a time, and all that is done inside its lock is waited for by
        # everybody who submits at that moment. So the rules and the row are one statement, and
        # none is put together by the ORM, which takes longer than running it: decision 0004.
        # Where rows are locked instead, the track's lock is what keeps two tries from being one.
        lock = Track.objects.using(self.db).select_for_update().filter(pk=sheet.track_id)
        connection = connections[self.db]
        if connection.features.has_select_for_update:
            lock.values_list("pk").get()
        given: dict[str, Any] = {
            "raw": raw,
            "form_key": form_key,
            "key": key,
            "received_at": at,
            "at_deadline": False,
        }
        fields = {field.attname: field for field in self.model._meta.concrete_fields}
        stored = {
            name: fields[name].get_db_prep_save(value, connection) for name, value in given.items()
        }
        with connection.cursor() as cursor:
            cursor.execute(
                TAKE_TRY, [*stored.values(), sheet.pk, allowed, allowed, stored["form_key"]]
            )
            row = cursor.fetchone()
            if row is None:
                return None
            pk, try_number, hints = row
            cursor.execute(BEGIN_MARKING, [pk, Marking.State.WAITING, stored["received_at"]])
            cursor.execute(CLEAR_DRAFT, [sheet.pk])
        values = {
            **given,
            "id": pk,
            "sheet_id": sheet.pk,
            "track_id": sheet.track_id,
            "learner_id": sheet.learner_id,
            "try_number": try_number,
            "hints": json.loads(hints),
        }
        return self.model.from_db(self.db, list(fields), [values[name] for name in fields])


TAKE_TRY = """
INSERT INTO exercises_submission
  (raw, form_key, key, received_at, at_deadline, sheet_id, track_id, learner_id, hints, try_number)
SELECT
  %s, %s, %s, %s, %s, sheet.id, sheet.track_id, sheet.learner_id, sheet.hints,
  1 + (
    SELECT COALESCE(MAX(last.try_number), 0) FROM exercises_submission last
    WHERE last.track_id = sheet.track_id
  )
FROM exercises_sheet sheet
WHERE sheet.id = %s
  AND sheet.solution_at IS NULL
  AND (
    %s IS NULL
    OR (SELECT COUNT(*) FROM exercises_submission used WHERE used.track_id = sheet.track_id) < %s
  )
  AND NOT EXISTS (
    SELECT 1 FROM exercises_submission sent
    WHERE sent.learner_id = sheet.learner_id AND sent.form_key = %s AND sent.sheet_id <> sheet.id
  )
RETURNING id, try_number, hints
"""
BEGIN_MARKING = """
INSERT INTO exercises_marking (submission_id, state, runs, woken_at) VALUES (%s, %s, 0, %s)
"""
CLEAR_DRAFT = """
UPDATE exercises_sheet SET draft = '{}', draft_at = NULL WHERE id = %s AND draft_at IS NOT NULL
"""


class Submission(Kept):
    """One answer on a sheet: a try. Never changed."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="submissions")
    # The two below are found by the rules that begin with them; each index more is a page more to
    # write with every answer.
    track = models.ForeignKey(
        Track, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="submissions",
        db_index=False,
    )
    try_number = models.PositiveIntegerField()
    raw = models.JSONField()
    """The answer as typed: part to field to text."""
    form_key = models.UUIDField(default=uuid.uuid4)
    """The key that stood in the form. Whoever goes back and mends the answer sends it again."""
    key = models.UUIDField(default=uuid.uuid4)
    """The idempotency key, of the form's key and the text: sent twice, it is one submission."""
    received_at = models.DateTimeField(default=timezone.now)
    hints = models.JSONField(default=dict)
    """How many hints of each part had been taken by then."""
    at_deadline = models.BooleanField(default=False)
    """True where the site handed in the draft at the deadline."""

    objects: ClassVar[SubmissionQuerySet] = SubmissionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["track", "try_number"], name="tries_count_up"),
            models.UniqueConstraint(fields=["learner", "key"], name="one_submission_per_key"),
        ]
        indexes = [models.Index(fields=["learner", "-received_at"], name="newest_of_learner")]

    def __str__(self) -> str:
        return f"try {self.try_number} of {self.track_id}"

    @property
    def late(self) -> bool:
        """Whether it came after the deadline, as that stands now: a teacher may move it."""
        assignment = self.track.assignment
        due_at = None if assignment is None else assignment.due_at
        return due_at is not None and self.received_at > due_at and not self.at_deadline

    @property
    def counts(self) -> bool:
        """Whether its score counts: it came in time, or a person set its score all the same."""
        return not self.late or Override.standing(self.overrides.all()) is not None

    @property
    def standing(self) -> Standing:
        """How it stands: by a person's score where one stands, else by marking and verdict."""
        if Override.standing(self.overrides.all()) is not None:
            return "marked"
        if self.marking.state == Marking.State.BROKEN:
            return "broken"
        if self.marking.state != Marking.State.DONE or self.marking.current is None:
            return "waiting"
        return "marked" if self.marking.current.outcome == Verdict.Outcome.MARKED else "review"

    @property
    def score(self) -> Fraction | None:
        """The score that stands, an override before a verdict; None while there is none."""
        override = Override.standing(self.overrides.all())
        if override is not None:
            return override.score
        return None if self.marking.current is None else self.marking.current.score


class MarkingQuerySet(models.QuerySet["Marking"]):
    def waiting(self) -> MarkingQuerySet:
        return self.filter(state=Marking.State.WAITING)

    def abandoned(self, moment: datetime) -> MarkingQuerySet:
        """Running rows whose lease has run out: their worker died or hangs."""
        return self.filter(state=Marking.State.RUNNING, lease_until__lt=moment)

    def free(self, moment: datetime) -> MarkingQuerySet:
        """Those a worker may take."""
        return self.filter(
            models.Q(state=Marking.State.WAITING)
            | models.Q(state=Marking.State.RUNNING, lease_until__lt=moment)
        )

    def broken(self) -> MarkingQuerySet:
        return self.filter(state=Marking.State.BROKEN)


class Marking(models.Model):
    """How far the marking of one submission has come: the only row beside it that changes."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "being marked"
        DONE = "done", "done"
        BROKEN = "broken", "could not be marked"

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="marking")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    lease_until = models.DateTimeField(null=True, blank=True)
    runs = models.PositiveIntegerField(default=0)
    """How often a worker has taken it."""
    current = models.ForeignKey(
        "Verdict", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The verdict that stands."""
    woken_at = models.DateTimeField(default=timezone.now)
    """When the queue was last told of it."""

    objects = MarkingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["woken_at"], condition=models.Q(state="waiting"), name="sweep_waiting"
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="running"), name="sweep_running"
            ),
            models.Index(fields=["id"], condition=models.Q(state="broken"), name="broken_markings"),
        ]

    def __str__(self) -> str:
        return f"marking of submission {self.submission_id}: {self.state}"


class VerdictQuerySet(KeptQuerySet["Verdict"]):
    def in_order(self) -> VerdictQuerySet:
        return self.order_by("pk")


class Verdict(Kept):
    """What was said of a submission, for one cause: ``first``, ``change:<id>`` or ``hand:<id>``."""

    class Outcome(models.TextChoices):
        MARKED = "marked", "marked"
        REVIEW = "review", "with a person"

    # Found by the rule that begins with it.
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="verdicts", db_index=False
    )
    cause = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8, choices=Outcome)
    score = FractionField(null=True)
    """From 0 to 1, exact; None while a person has to decide."""
    undecided = models.BooleanField(default=False)
    """Whether a part could not be decided, which is our fault and for the exercise's authors."""
    guessed = models.BooleanField(default=False)
    """Whether a number was read by a guess, as the learner is told, and full marks were missed."""
    body = models.JSONField()
    """The whole verdict as ``grading.verdict.Verdict.to_json`` writes it."""
    engine = models.CharField(max_length=40)
    """The version of the grading engine that spoke."""
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="verdicts")
    """The wording it was marked by; its digest stands there."""
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[VerdictQuerySet] = VerdictQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "cause"], name="one_verdict_per_cause"),
        ]
        indexes = [
            models.Index(
                fields=["submission"], condition=models.Q(outcome="review"), name="reviews_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} verdict on submission {self.submission_id}"

    @classmethod
    def saying(
        cls,
        spoken: grading_verdict.Verdict,
        *,
        submission: Submission,
        cause: str,
        engine: str,
        revision: Revision,
    ) -> Verdict:
        """An unsaved row that holds ``spoken``."""
        return cls(
            submission=submission,
            cause=cause,
            outcome=spoken.outcome,
            score=spoken.score,
            undecided=any(mark.state == "undecided" for mark in spoken.marks.values()),
            guessed=spoken.guessed and spoken.score != 1,
            body=spoken.to_json(),
            engine=engine,
            revision=revision,
        )

    @property
    def spoken(self) -> grading_verdict.Verdict:
        """The verdict as grading said it."""
        return grading_verdict.Verdict.from_json(self.body)


class OverrideQuerySet(KeptQuerySet["Override"]):
    def newest_first(self) -> OverrideQuerySet:
        return self.order_by("-pk")

    def standing_rows(self) -> OverrideQuerySet:
        """Those that ``standing`` would choose."""
        newer = Override.objects.filter(
            models.Q(submission=models.OuterRef("submission"))
            | models.Q(track=models.OuterRef("track")),
            pk__gt=models.OuterRef("pk"),
        )
        return self.filter(~models.Exists(newer), score__isnull=False)


class Override(Kept):
    """A person's score in place of the one that stands. No verdict ever touches it.

    The newest row counts; one whose score is None lifts the overrides before it.
    """

    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="overrides"
    )
    track = models.ForeignKey(
        Track, null=True, blank=True, on_delete=models.PROTECT, related_name="overrides"
    )
    score = FractionField(null=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[OverrideQuerySet] = OverrideQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(submission__isnull=True, track__isnull=False)
                | models.Q(submission__isnull=False, track__isnull=True),
                name="override_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"override by {self.by}: {self.score}"

    @staticmethod
    def standing(overrides: Iterable[Override]) -> Override | None:
        """The one that counts among those of one submission or track, if any does."""
        newest = max(overrides, key=lambda override: override.pk, default=None)
        return None if newest is None or newest.score is None else newest


class Comment(Kept):
    """What a person says to a learner about one submission."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"comment by {self.by} on submission {self.submission_id}"


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> DisputeQuerySet:
        return self.filter(state=Dispute.State.OPEN)


class Dispute(models.Model):
    """“Please look at this”: a learner asks a person to read a submission again."""

    class State(models.TextChoices):
        OPEN = "open", "waiting for a person"
        SETTLED = "settled", "settled"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="disputes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    opened_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True)
    """What the person who settled it says to the learner."""

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=models.Q(state="open"),
                name="one_open_dispute_per_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute on submission {self.submission_id}: {self.state}"

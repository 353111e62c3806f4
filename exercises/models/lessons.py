"""Lessons, their exercises, and the wordings of an exercise that were published."""

from __future__ import annotations

import hashlib
import json
from typing import ClassVar, Literal

from django.conf import settings
from django.db import models
from django.utils import timezone

from exercises.models.kept import Kept, KeptQuerySet

ExerciseState = Literal["draft", "failing", "published", "changed"]
"""draft: never published; failing: the draft was proved and is not good; published: what learners
get is what the author sees; changed: the draft has moved on since it was published."""


def digest_of(text: str) -> str:
    """SHA-256 of a document's text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class LessonQuerySet(models.QuerySet["Lesson"]):
    def in_order(self) -> LessonQuerySet:
        return self.order_by("order", "slug")


class Lesson(models.Model):
    """A page of Markdown and, in it, the places of its exercises."""

    slug = models.SlugField(max_length=80, unique=True)
    order = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    minutes = models.PositiveIntegerField(default=10)
    body = models.TextField(blank=True)
    takeaways = models.JSONField(default=list, blank=True)
    """What a reader should carry home: a list of sentences."""
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)
    """What ``digest`` was when a file was last loaded; empty for a lesson made on the site."""

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.title

    @property
    def digest(self) -> str:
        """A digest of all that a file can say of a lesson."""
        told = [self.order, self.title, self.summary, self.minutes, self.body, self.takeaways]
        return digest_of(json.dumps(told, ensure_ascii=False))


class ExerciseQuerySet(models.QuerySet["Exercise"]):
    def published(self) -> ExerciseQuerySet:
        """Those a learner can open."""
        return self.filter(current__isnull=False)

    def in_order(self) -> ExerciseQuerySet:
        """As the lessons place them; those in no lesson come last."""
        return self.order_by(models.F("lesson__order").asc(nulls_last=True), "position", "slug")

    def written_by(self, person: models.Model) -> ExerciseQuerySet:
        return self.filter(authors=person)


class Exercise(models.Model):
    """What an author writes: a draft that changes, and the revision that learners get."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200, blank=True)
    lesson = models.ForeignKey(
        Lesson, null=True, blank=True, on_delete=models.SET_NULL, related_name="exercises"
    )
    position = models.PositiveIntegerField(default=0)
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="written_exercises"
    )
    draft = models.TextField(blank=True)
    draft_at = models.DateTimeField(default=timezone.now)
    current = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)
    """Digest of the text last loaded from a file; empty for an exercise made on the site."""
    report = models.JSONField(null=True, blank=True, editable=False)
    """What the last proof said; it counts only while ``report_digest`` is the draft's own."""
    report_digest = models.CharField(max_length=64, blank=True, editable=False)
    report_good = models.BooleanField(default=False, editable=False)

    objects = ExerciseQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title or self.slug

    @property
    def draft_digest(self) -> str:
        return digest_of(self.draft)

    @property
    def proved(self) -> bool:
        """Whether the last proof was of this very draft."""
        return self.report_digest == self.draft_digest

    @property
    def state(self) -> ExerciseState:
        if self.current is not None and self.current.digest == self.draft_digest:
            return "published"
        if self.proved and not self.report_good:
            return "failing"
        return "draft" if self.current is None else "changed"


class RevisionQuerySet(KeptQuerySet["Revision"]):
    def newest_first(self) -> RevisionQuerySet:
        return self.order_by("-number")


class Revision(Kept):
    """One published wording. Sheets dealt from it keep it for ever, so it never changes."""

    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """None where it was loaded from a file."""

    objects: ClassVar[RevisionQuerySet] = RevisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["exercise", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["exercise", "number"], name="revision_numbers_count_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exercise.slug}, revision {self.number}"

"""Phrases that somebody wants the rules of an exercise to accept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from exercises.models.lessons import Exercise
from exercises.models.work import Submission

LONGEST_CONCEPT = 200
"""Characters of a concept's name, for phrases to be proposed for it."""


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> ProposalQuerySet:
        return self.filter(state=Proposal.State.OPEN)

    def for_reading(self) -> ProposalQuerySet:
        """With all that a list of them reads."""
        return self.select_related("exercise", "submission", "by")


class Proposal(models.Model):
    """A phrase of a learner's that is to count for an idea; the exercise's authors decide."""

    class State(models.TextChoices):
        OPEN = "open", "waiting for an author"
        KEPT = "kept", "in the draft"
        DISCARDED = "discarded", "discarded"

    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="proposals")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="proposals")
    """The answer that the words were taken from."""
    part = models.CharField(max_length=80)
    concept = models.CharField(max_length=LONGEST_CONCEPT)
    phrase = models.CharField(max_length=200)
    """As it was chosen."""
    pattern = models.CharField(max_length=250)
    """As it would stand among the rules."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["exercise", "part", "concept", "pattern"],
                condition=models.Q(state="open"),
                name="one_open_proposal_of_a_phrase",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.phrase}” for {self.concept} of {self.exercise}"

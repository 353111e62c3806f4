"""Classrooms, who is in them, and what is set for them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from exercises.models.lessons import Exercise


class ClassroomQuerySet(models.QuerySet["Classroom"]):
    def open(self) -> ClassroomQuerySet:
        return self.filter(archived_at__isnull=True)

    def taught_by(self, person: models.Model) -> ClassroomQuerySet:
        return self.filter(memberships__user=person, memberships__role=Membership.Role.TEACHER)

    def learnt_in_by(self, person: models.Model) -> ClassroomQuerySet:
        return self.filter(memberships__user=person, memberships__role=Membership.Role.LEARNER)


class Classroom(models.Model):
    """A group of learners and their teachers. Learners join with the code while it is open."""

    name = models.CharField(max_length=120)
    code = models.CharField(max_length=16, unique=True)
    code_open = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ClassroomQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def archived(self) -> bool:
        return self.archived_at is not None


class MembershipQuerySet(models.QuerySet["Membership"]):
    def learners(self) -> MembershipQuerySet:
        return self.filter(role=Membership.Role.LEARNER)

    def teachers(self) -> MembershipQuerySet:
        return self.filter(role=Membership.Role.TEACHER)


class Membership(models.Model):
    """One person's place in one classroom."""

    class Role(models.TextChoices):
        LEARNER = "learner", "learner"
        TEACHER = "teacher", "teacher"

    classroom = models.ForeignKey(Classroom, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=8, choices=Role, default=Role.LEARNER)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["classroom", "user"]
        constraints = [
            models.UniqueConstraint(fields=["classroom", "user"], name="one_place_in_a_classroom"),
        ]
        indexes = [models.Index(fields=["user", "role"], name="membership_of_person")]

    def __str__(self) -> str:
        return f"{self.user}, {self.role} in {self.classroom}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def open_at(self, moment: datetime) -> AssignmentQuerySet:
        """Those a learner may answer at that moment."""
        return self.filter(
            models.Q(opens_at__isnull=True) | models.Q(opens_at__lte=moment),
            models.Q(due_at__isnull=True) | models.Q(due_at__gt=moment),
        )


class Assignment(models.Model):
    """Exercises set for a classroom, with dates and a policy on tries."""

    classroom = models.ForeignKey(Classroom, on_delete=models.PROTECT, related_name="assignments")
    title = models.CharField(max_length=200)
    exercises = models.ManyToManyField(Exercise, related_name="assignments")
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(null=True, blank=True)
    """How many submissions count; None leaves it to the exercise."""

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "title"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(due_at__isnull=True)
                | models.Q(opens_at__lt=models.F("due_at")),
                name="assignment_opens_before_it_is_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title

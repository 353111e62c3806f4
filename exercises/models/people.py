"""People: who signs in, and which of the four roles they have."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower


def known_time_zone(name: str) -> None:
    """Refuses a time zone that this machine's tables do not have."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValidationError(
            "We do not know a time zone called “%(name)s”. Try one such as Europe/Berlin.",
            code="unknown_time_zone",
            params={"name": name},
        ) from unknown


class UserQuerySet(models.QuerySet["User"]):
    def admins(self) -> UserQuerySet:
        return self.filter(is_active=True, is_staff=True, is_superuser=True)

    def teachers(self) -> UserQuerySet:
        """Who may open a classroom: teachers, and admins."""
        return self.filter(is_active=True).filter(
            models.Q(is_teacher=True) | models.Q(is_staff=True, is_superuser=True)
        )

    def authors(self) -> UserQuerySet:
        """Who may write exercises: authors, and admins."""
        return self.filter(is_active=True).filter(
            models.Q(is_author=True) | models.Q(is_staff=True, is_superuser=True)
        )


class UserManager(DjangoUserManager["User"]):
    """Django's own ways to make a person, and the querysets above."""

    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def admins(self) -> UserQuerySet:
        return self.get_queryset().admins()

    def teachers(self) -> UserQuerySet:
        return self.get_queryset().teachers()

    def authors(self) -> UserQuerySet:
        return self.get_queryset().authors()


class User(AbstractUser):
    """One person. Signs in with a user name or an e-mail address, kept in lower case.

    Everybody is a learner; teacher and author are added to that. An admin is both ``is_staff`` and
    ``is_superuser``, and may do what teachers and authors may. People who have left answers or
    verdicts behind are not deleted but closed (``is_active``).
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", blank=True)
    name = models.CharField("name", max_length=150, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    language = models.CharField(max_length=16, default="en")
    is_teacher = models.BooleanField("teacher", default=False)
    is_author = models.BooleanField("author", default=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ["name", "username"]
        constraints = [
            # An account made by hand may have no address; two of those are no clash.
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="one_person_per_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def save(self, *args: Any, **options: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **options)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).partition(" ")[0]

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.is_staff and self.is_superuser

    @property
    def teaches(self) -> bool:
        """Whether this person may open classrooms."""
        return self.is_admin or (self.is_active and self.is_teacher)

    @property
    def writes(self) -> bool:
        """Whether this person may write exercises."""
        return self.is_admin or (self.is_active and self.is_author)

"""The audit: who did what to what, and when; written once and kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from exercises.models.kept import Kept, KeptQuerySet
from exercises.models.people import User


def subject_of(row: models.Model) -> str:
    """How the audit names a row: ``submission:12``."""
    return f"{row._meta.model_name}:{row.pk}"


class AuditQuerySet(KeptQuerySet["Audit"]):
    def about(self, row: models.Model) -> AuditQuerySet:
        return self.filter(subject=subject_of(row))

    def note(
        self,
        verb: str,
        subject: models.Model,
        *,
        who: User | None = None,
        **detail: Any,
    ) -> Audit:
        """Writes one line. ``who`` is None where the site acted by itself."""
        return self.create(who=who, verb=verb, subject=subject_of(subject), detail=detail)


class Audit(Kept):
    """One line of the audit. ``detail`` never holds an answer or a password."""

    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[AuditQuerySet] = AuditQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "audit line"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject"], name="audit_subject"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.who or 'the site'} {self.verb} {self.subject}"

"""Rows that are written once and kept: what a learner answered and what was said of it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from django.core.exceptions import ValidationError
from django.db import models


class NeverChanged(TypeError):
    """Somebody tried to change or delete a row that is kept as written. The programmer mends it."""


M = TypeVar("M", bound="Kept")


class KeptQuerySet(models.QuerySet[M]):
    """A queryset that reads and adds; it changes only what the model calls changing."""

    def update(self, **values: Any) -> int:
        self.model.refuse_unless_changing(values)
        return super().update(**values)

    def bulk_update(
        self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        names = list(fields)
        self.model.refuse_unless_changing(names)
        return super().bulk_update(objs, names, batch_size)

    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        if options.get("update_conflicts"):
            self.model.refuse("written over")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> NoReturn:
        self.model.refuse("deleted")


class Kept(models.Model):
    """A row that is never deleted, and of which only the fields named in ``changing`` may change.

    Changing them takes ``save(update_fields=[...])``, so that nothing else slips in with them.
    """

    changing: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if self._state.adding:
            # Without force_insert, Django would first try an UPDATE when the key is given.
            options["force_insert"] = True
        else:
            self.refuse_unless_changing(options.get("update_fields"))
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        self.refuse("deleted")

    @classmethod
    def refuse(cls, what: str) -> NoReturn:
        raise NeverChanged(f"{cls._meta.verbose_name} rows are kept as written: never {what}")

    @classmethod
    def refuse_unless_changing(cls, names: Iterable[str] | None) -> None:
        if names is None or not set(names) <= cls.changing:
            cls.refuse("changed")


if TYPE_CHECKING:
    _CharField = models.CharField[Fraction | None, Fraction | None]
else:
    _CharField = models.CharField


class FractionField(_CharField):
    """An exact fraction, stored as text such as ``2/3``: no score is rounded in a row.

    The column has no limit: a score weighed from many parts may have a long denominator.
    """

    description = "an exact fraction"

    def from_db_value(self, value: str | None, *_: object) -> Fraction | None:
        return None if value is None else Fraction(value)

    def to_python(self, value: Any) -> Fraction | None:
        if value is None or isinstance(value, Fraction):
            return value
        text = str(value)
        try:
            # A power of ten is refused: few characters could ask for a number of any length.
            if "e" in text.lower():
                raise ValueError(text)
            return Fraction(text)
        except (ValueError, ZeroDivisionError) as unreadable:
            raise ValidationError(
                "Please write a number such as 0.5 or 2/3.", code="invalid"
            ) from unreadable

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(self.to_python(value))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

"""A query that is put together once and run many times, for the path that every answer takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import query

M = TypeVar("M", bound=models.Model)


class Prepared(Generic[M]):
    """The first row that a queryset finds for some numbers, as its model and what it selects.

    ``rows(*places)`` builds the queryset around placeholders; calling gives it the numbers::

        sheet_of = Prepared(lambda pk, learner: Sheet.objects.filter(pk=pk, learner_id=learner), 2)
        sheet_of(7, 3)  # the sheet, or None

    Django writes a query's SQL anew each time it runs, which for a row with its four neighbours
    takes ten times as long as asking SQLite for it (decision 0004). Only equality with a whole
    number can be asked for: no other condition reads the same for every value.
    """

    def __init__(self, rows: Callable[..., models.QuerySet[M]], count: int) -> None:
        self._rows = rows
        self._count = count
        self._plans: dict[tuple[str, str], _Plan[M]] = {}

    def __call__(self, *numbers: int) -> M | None:
        """Raises TypeError for another count of numbers."""
        if len(numbers) != self._count:
            raise TypeError(f"{self._count} numbers are asked for, not {len(numbers)}")
        alias = self._template.db
        key = (alias, connections[alias].vendor)
        if key not in self._plans:
            self._plans[key] = _Plan(self._template, alias, self._places)
        return self._plans[key].first(numbers)

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """Numbers that no query holds by itself, one for each place."""
        return tuple(range(2**53 - self._count, 2**53))

    @cached_property
    def _template(self) -> models.QuerySet[M]:
        return self._rows(*self._places)[:1]


class _Plan(Generic[M]):
    """The SQL of one query on one database, and how a row of it becomes a model."""

    def __init__(self, rows: models.QuerySet[M], alias: str, places: tuple[int, ...]) -> None:
        self._alias = alias
        compiler: Any = rows.query.get_compiler(using=alias)
        try:
            self._sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            raise TypeError("this query never finds a row") from None
        self._order = [places.index(one) for one in parameters if one in places]
        if len(self._order) < len(parameters) or set(self._order) != set(range(len(places))):
            raise TypeError(f"only whole numbers can be left open, and each once: {parameters}")
        select, info = compiler.select, compiler.klass_info
        self._converters = compiler.get_converters([one[0] for one in select])
        self._convert = compiler.apply_converters
        fields = info["select_fields"]
        self._own = slice(fields[0], fields[-1] + 1)
        self._names = [one[0].target.attname for one in select[self._own]]
        # As Django's own ModelIterable does; the stubs describe a later Django than the locked one.
        populators: Any = query.get_related_populators
        self._related = populators(info, select, alias)
        self._model = info["model"]

    def first(self, numbers: tuple[int, ...]) -> M | None:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(self._sql, [numbers[place] for place in self._order])
            found = cursor.fetchone()
        if found is None:
            return None
        row = next(iter(self._convert([found], self._converters))) if self._converters else found
        made: M = self._model.from_db(self._alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        return made

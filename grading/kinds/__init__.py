"""The table of kinds: one line each, in the order in which the docs tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grading.exercise import Part
from grading.kind import Kind
from grading.kinds.explain import Explain
from grading.kinds.expression import Expression
from grading.kinds.grid import Grid
from grading.kinds.lookup import Lookup
from grading.kinds.number import Number
from grading.kinds.pick import Pick
from grading.kinds.scorecard import Scorecard

KINDS: Mapping[str, Kind[Any]] = {
    "scorecard": Scorecard(),
    "lookup": Lookup(),
    "explain": Explain(),
    "number": Number(),
    "grid": Grid(),
    "expression": Expression(),
    "pick": Pick(),
}


def kind_of(part: Part) -> Kind[Any]:
    """The kind that answers for a part. Raises KeyError where the part names none."""
    return KINDS[part.kind]

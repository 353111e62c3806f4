"""Errors, each named for the person who can mend it: an author, a learner, or our caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Place = tuple[str | int, ...]
"""Where in a document something stands, outermost first: ``("parts", 0, "slips", 2)``."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing an author must mend, at its line and column (both from 1) when they are known."""

    code: str
    message: str
    place: Place = ()
    line: int | None = None
    column: int | None = None

    def under(self, *outer: str | int) -> Fault:
        """The same fault, seen from further out in the document."""
        return replace(self, place=(*outer, *self.place))

    def __str__(self) -> str:
        at = "" if self.line is None else f"line {self.line}, column {self.column}: "
        return f"{at}{self.message}"


class BrokenExercise(Exception):
    """An exercise that is not well written. Its author mends it; every fault is told at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, kw_only=True)
class Misreading:
    """One stretch of a learner's text that cannot be read.

    ``start`` and ``end`` count code points in the text as typed, ``end`` excluded; ``field`` is
    the name of the box, empty where the reader was given a bare text.
    """

    code: str
    message: str
    start: int
    end: int
    field: str = ""


class Unreadable(Exception):
    """An answer that cannot be read. The learner rewrites it; it costs no try."""

    def __init__(self, misreadings: Iterable[Misreading]) -> None:
        self.misreadings = tuple(misreadings)
        super().__init__("\n".join(misreading.message for misreading in self.misreadings))

    def in_field(self, field: str) -> Unreadable:
        """The same misreadings, told of the box named ``field``."""
        return Unreadable(replace(misreading, field=field) for misreading in self.misreadings)


class EngineError(ValueError):
    """The engine was called with something it cannot compute. Our caller mends it.

    ``code`` is one of DIM_MISMATCH, COUNT_MISMATCH, NOT_FINITE, WEIGHTS_SUM, MASK_SHAPE,
    MASK_TYPE, HEADS_NOT_MULTIPLE, CAUSAL_AMBIGUOUS, TOO_BIG, RAGGED, TEMPERATURE,
    UNIT.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code}: {message}")

"""Kind: the seven questions that every family of parts answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Generic, TypeVar

from grading.errors import Fault
from grading.exercise import Part, Posed, Raw, Sample, Shown, Spelling, Stray, Worked
from grading.numeric.tolerance import Tolerance
from grading.verdict import Mark

A = TypeVar("A")
"""The kind's own reading of an answer: a frozen value."""


class Draw:
    """The numbers a part draws for itself, remembered so that a sheet can be rebuilt.

    ``draw(name, make)`` calls ``make()`` the first time and keeps the JSON value it returns; a
    Draw built from stored numbers gives the stored value back and never calls ``make``.
    """

    def __init__(self, stored: Mapping[str, Any] | None = None) -> None:
        self._stored = stored
        self.numbers: dict[str, Any] = dict(stored or {})

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        if self._stored is None:
            self.numbers[name] = make()
        return self.numbers[name]


@dataclass(frozen=True, kw_only=True)
class Target:
    """One box of numbers: what is right in each of its cells, row by row, and how near is enough.

    A key is a float where it is irrational. The box alone, right in every cell, must earn more
    than it does with one cell outside its tolerance.
    """

    field: str
    keys: tuple[Fraction | float, ...]
    tolerances: tuple[Tolerance, ...]


class Kind(ABC, Generic[A]):
    """A family of parts. Stateless; one instance stands in the table ``grading.kinds.KINDS``."""

    name: ClassVar[str]

    @abstractmethod
    def check(self, part: Part) -> list[Fault]:
        """Is the part well written? Every fault at once, placed relative to the part."""

    @abstractmethod
    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        """What does the learner see, and what is the key? ``given``: this variant's numbers."""

    @abstractmethod
    def read(self, shown: Shown, raw: Raw) -> A:
        """What did the learner write? Raises Unreadable, with every box that cannot be read."""

    @abstractmethod
    def mark(self, posed: Posed, answer: A, others: Mapping[str, Any]) -> Mark:
        """How right is it, and why? ``others`` holds the other parts' answers, by name."""

    @abstractmethod
    def solve(self, posed: Posed) -> Worked:
        """A good answer to this variant, worked in steps, that ``read`` accepts."""

    @abstractmethod
    def stray(self, posed: Posed) -> Iterable[Stray]:
        """Every named wrong turn, with the answer it gives on this variant."""

    @abstractmethod
    def normal(self, answer: A) -> str:
        """Equal answers, equal text."""

    def stands(self, posed: Posed, answer: A) -> frozenset[str]:
        """The labels that the answer commits to (its top token, the choice its words name)."""
        return frozenset()

    def trials(self, part: Part, samples: Sequence[Sample]) -> Iterable[Sample]:
        """Samples made from the author's own, each with what it must get."""
        return ()

    def remarks(self, part: Part, samples: Sequence[Sample]) -> Iterable[Fault]:
        """What the samples show of a part that its author may not have meant, told as warnings."""
        return ()

    def doubts(self, posed: Posed) -> Iterable[Fault]:
        """What is well written and perhaps not meant: told to the author as warnings."""
        return ()

    def unfair(self, posed: Posed) -> str | None:
        """Why these numbers must be drawn again, or None where they are good.

        What is quickly seen comes first: most draws that are refused are refused here.
        """
        return None

    def targets(self, posed: Posed) -> Iterable[Target]:
        """The boxes judged number by number: proving tries their edges and their rounding."""
        return ()

    def spellings(self, posed: Posed) -> Iterable[Spelling]:
        """What else must earn all, beyond other spellings of the numbers of ``solve``, which
        proving makes itself: every stage rounded as advised and carried on from there, say.
        """
        return ()

    def vary_many(self, part: Part, many: Sequence[tuple[Mapping[str, Any], Draw]]) -> list[Posed]:
        """``vary`` for many variants of one part; a kind may do it faster, never differently."""
        return [self.vary(part, given, draw) for given, draw in many]

    def mark_many(self, many: Sequence[tuple[Posed, A, Mapping[str, Any]]]) -> list[Mark]:
        """``mark`` for many answers to one part; a kind may do it faster, never differently."""
        return [self.mark(posed, answer, others) for posed, answer, others in many]

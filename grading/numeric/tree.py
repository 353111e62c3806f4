"""The tree of a number or formula as typed: seven kinds of node, each with its place in the text.

Spans count code points from the beginning of the learner's box, the end excluded. Nodes are named
tuples because thousands are made while a page is graded; tell them apart by their class.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal, NamedTuple

FUNCTIONS: Final = ("sqrt", "exp", "ln", "log", "abs", "tanh", "sin", "cos", "min", "max")
CONSTANTS: Final = ("pi", "e")

DEEPEST: Final = 30
"""Brackets, signs, roots and powers inside each other."""
MOST_NODES: Final = 200
MOST_EXPONENT: Final = 308
"""The largest power of ten behind the e of one typed number, and its negative the smallest."""

Sign = Literal["+", "-", "*", "/", "^"]


class Number(NamedTuple):
    """A typed number, ``digits * 10**exponent``."""

    digits: int
    exponent: int
    start: int
    end: int

    @property
    def value(self) -> Fraction:
        """The number, exact."""
        return Fraction(self.digits) * Fraction(10) ** self.exponent


class Constant(NamedTuple):
    """``pi``, ``e`` or, where the field allows a masked score, ``inf``."""

    name: str
    start: int
    end: int


class Name(NamedTuple):
    """A letter or word that stands for a number, in a formula such as ``1/sqrt(d)``."""

    name: str
    start: int
    end: int


class Negation(NamedTuple):
    """``-inner``."""

    inner: Tree
    start: int
    end: int


class Percent(NamedTuple):
    """``inner %``, a hundredth of ``inner``."""

    inner: Tree
    start: int
    end: int


class Operation(NamedTuple):
    """``left sign right``."""

    sign: Sign
    left: Tree
    right: Tree
    start: int
    end: int


class Call(NamedTuple):
    """A function of FUNCTIONS, applied; ``log`` is natural."""

    name: str
    arguments: tuple[Tree, ...]
    start: int
    end: int


Tree = Number | Constant | Name | Negation | Percent | Operation | Call

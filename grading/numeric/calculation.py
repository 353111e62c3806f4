"""An author's calculation over given numbers: ``1 - {a} - {b}``, ``{keys[2][1]} * {query[1]}``.

It is written in the grammar that learners use; what stands in braces names a given number, or one
entry of a given list or matrix, its entries counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from grading.errors import BrokenExercise, Fault, Place, Unreadable
from grading.exercise import Value, number_text
from grading.given import PLACEHOLDER, named_value
from grading.numeric.formula import bind
from grading.numeric.reading import read_formula
from grading.numeric.refusing import refuse
from grading.numeric.tree import Tree
from grading.numeric.value import Rough, evaluate

LONGEST: Final = 2000
_STAND_IN: Final = "_stands_in_"
_STOOD: Final = re.compile(rf"{_STAND_IN}[0-9]+")


def calculate(value: Value, given: Mapping[str, Any], *, place: Place = ()) -> Fraction | float:
    """The number that an author wrote, or that a calculation over ``given`` comes to.

    Exact, or the nearest double where a function makes it irrational. Raises BrokenExercise with
    one fault at ``place`` where it is no calculation, or has no value with these numbers.

    >>> calculate("{w[2]} * 4", {"w": (Fraction(1, 2), Fraction(1, 4))})
    Fraction(1, 1)
    """
    if isinstance(value, Fraction):
        return value
    text = str(value)
    tree = calculated(value, given, place=place)
    try:
        worked_out = evaluate(tree)
    except Unreadable as error:
        message = f"“{text}” cannot be worked out with these numbers: {error}"
        raise _fault(message, place) from None
    if isinstance(worked_out, Rough):
        return worked_out.x
    number = Fraction(*worked_out)
    try:
        float(number)
    except OverflowError:
        raise _fault(f"“{text}” is too big a number with these numbers.", place) from None
    return number


def calculated(
    value: Value, given: Mapping[str, Any], *, names: Collection[str] = (), place: Place = ()
) -> Tree:
    """The tree of a calculation, the given numbers in their places; of a formula where it uses
    ``names``.

    Raises BrokenExercise with one fault at ``place`` where it cannot be read.
    """
    text = number_text(value) if isinstance(value, Fraction) else str(value)
    tree, stood = _read(text, names, place)
    values = {}
    for name, braced in stood:
        number = named_value(braced, given)
        if not isinstance(number, Fraction):
            raise _fault(f"“{text}”: {_why_not(braced, number, given)}", place)
        values[name] = number
    return bind(tree, values)


def check_calculation(
    value: Value, *, names: Collection[str] = (), place: Place = ()
) -> list[Fault]:
    """What is wrong with a number, a calculation, or a formula over ``names``, whatever the given
    numbers may be.
    """
    if isinstance(value, Fraction):
        return []
    if not isinstance(value, str):
        message = "A number stands here, or a calculation such as `1 - {a} - 0.15`."
        return [Fault(code="calculation", message=message, place=place)]
    try:
        _read(value, names, place)
    except BrokenExercise as error:
        return list(error.faults)
    return []


def givable(number: Fraction | float, *, place: Place = ()) -> None:
    """Raise BrokenExercise, with one fault at ``place``, where no decimal and no fraction is this
    number: of such a one nobody can give the exact value.
    """
    if not isinstance(number, Fraction):
        message = (
            "This number is irrational, so nobody can give it exactly as a decimal: say a "
            "tolerance, such as `{places: 3}`."
        )
        raise BrokenExercise([Fault(code="tolerance", message=message, place=place)])


def alike(one: Value, other: Value) -> bool:
    """Whether two calculations come to the same, whatever the given numbers may be."""
    return _fixed(one) == _fixed(other)


def _fixed(value: Value) -> Value | float:
    """What a calculation without given numbers comes to; with some, its text."""
    if isinstance(value, str) and not PLACEHOLDER.search(value):
        try:
            return calculate(value, {})
        except BrokenExercise:
            return value
    return value


_Read = tuple[Tree, tuple[tuple[str, str], ...]]
"""The tree of a calculation, and for each stand-in in it what stood there in braces."""


def _read(text: str, names: Collection[str], place: Place) -> _Read:
    try:
        return _read_once(text, tuple(names))
    except BrokenExercise as error:
        raise BrokenExercise(fault.under(*place) for fault in error.faults) from None


@lru_cache(maxsize=4096)
def _read_once(text: str, names: tuple[str, ...]) -> _Read:
    """Read for the first variant of an exercise, and remembered for all others."""
    stood: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = f"{_STAND_IN}{len(stood)}"
        stood[name] = match[0]
        return name

    plain = PLACEHOLDER.sub(stand_in, text)
    try:
        if "{" in plain:
            at = plain.index("{")
            message = (
                "In braces stands the name of a given, or of an entry: {a}, {w[2]}, {m[1][2]}."
            )
            refuse("braces", message, at, at + 1)
        tree = read_formula(plain, (*names, *stood), limit=LONGEST).tree
    except Unreadable as error:
        raise _fault(f"“{text}” cannot be read: {_told(error, stood)}", ()) from None
    return tree, tuple(stood.items())


def _told(error: Unreadable, stood: Mapping[str, str]) -> str:
    """The refusal, in the author's own spelling."""
    first = error.misreadings[0].message
    return _STOOD.sub(lambda match: stood.get(match[0], match[0]), first)


def _why_not(braced: str, found: object, given: Mapping[str, Any]) -> str:
    match = PLACEHOLDER.fullmatch(braced)
    name = match[1] if match else braced
    if name not in given:
        known = f"known are {', '.join(given)}" if given else "there are none"
        return f"no given is called `{name}`; {known}."
    if found is None:
        return f"{braced} names no entry of `{name}`; entries are counted from 1."
    if isinstance(found, tuple):
        return f"{braced} is a list; name one entry of it, as in {{{braced[1:-1]}[1]}}."
    return f"{braced} is no number."


def _fault(message: str, place: Place) -> BrokenExercise:
    return BrokenExercise([Fault(code="calculation", message=message, place=place)])

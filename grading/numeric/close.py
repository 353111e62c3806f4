"""Values as close intervals: between two numbers of 60 digits or more, the true value lies.

Doubles lose what cancels: 1 - 1/(1 + e^-40) has no digit left in one. An interval says how wide it
is, and more digits make it narrower, so that what cancelled comes to light.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from mpmath.ctx_iv import MPIntervalContext

from grading.errors import Unreadable
from grading.numeric.formula import bind
from grading.numeric.tree import Call, Constant, Negation, Number, Operation, Percent, Tree
from grading.numeric.value import Exact, Rough, evaluate

_DIGITS: Final = (60, 150, 340)
"""The last is more than the smallest number that can be typed lies behind the point."""
_AGREED: Final = 40
_NARROW: Final = 1e-13
_MOST_EXPONENT: Final = 20_000
_MOST_ANGLE: Final = 10**12
_MOST_POWER: Final = 10_000


def _context(digits: int) -> Any:
    context = MPIntervalContext()
    context.dps = digits
    return context


# Contexts of our own, set once: the one that mpmath shares may be changed by anybody at any time.
_CONTEXTS: Final = tuple(map(_context, _DIGITS))


def closer(tree: Tree) -> Rough | None:
    """The value of a tree without names whose digits cancel in doubles; None where it stays vague.

    >>> from grading.numeric.reading import read_formula
    >>> closer(read_formula("1 - tanh(40)", []).tree).x
    3.60970277569083e-35
    """
    for context in _CONTEXTS:
        try:
            value = _interval(context, tree)
        except _OutOfReach:
            continue
        x, width = float(value.mid), float(value.delta)
        if value.a <= 0 <= value.b or not x or not math.isfinite(x):
            continue
        if width <= _NARROW * abs(x):
            return Rough(x, width + math.ulp(x))
    return None


def agree(one: Tree, other: Tree, point: Mapping[str, Fraction]) -> bool | None:
    """Whether two formulas meet there to forty digits; False where they certainly differ.

    None where neither is known: out of reach, or too vague at every length.
    """
    for context in _CONTEXTS:
        gap = _gap(context, one, other, point)
        if gap is None:
            continue
        apart, size = gap
        if not apart.a <= 0 <= apart.b:
            return False
        if apart.delta <= size * context.mpf(10) ** -_AGREED:
            return True
    return None


def apart_far_behind(one: Tree, other: Tree, point: Mapping[str, Fraction]) -> bool:
    """Whether they differ at all, however far behind the point: exp(x) and exp(x) + 10^-300."""
    gap = _gap(_CONTEXTS[-1], one, other, point)
    return gap is not None and not gap[0].a <= 0 <= gap[0].b


class _OutOfReach(Exception):
    """An interval that cannot be worked out, or that holds a point without a value."""


def _gap(
    context: Any, one: Tree, other: Tree, point: Mapping[str, Fraction]
) -> tuple[Any, Any] | None:
    """The difference as an interval, and the size of what is compared."""
    try:
        mine, yours = (_interval(context, bind(tree, point)) for tree in (one, other))
    except _OutOfReach:
        return None
    return mine - yours, abs(yours).b


def _interval(context: Any, tree: Tree) -> Any:
    """An interval of the context that holds the value of a tree without names."""
    match tree:
        case Number():
            return context.mpf(tree.digits) * context.mpf(10) ** tree.exponent
        case Constant():
            if tree.name == "inf":
                raise _OutOfReach
            return context.pi if tree.name == "pi" else context.exp(context.mpf(1))
        case Negation():
            return -_interval(context, tree.inner)
        case Percent():
            return _interval(context, tree.inner) / 100
        case Operation(sign="^"):
            return _power(context, tree)
        case Operation():
            left, right = _interval(context, tree.left), _interval(context, tree.right)
            match tree.sign:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
            if right.a <= 0 <= right.b:
                raise _OutOfReach
            return left / right
        case Call():
            return _call(context, tree)
    raise _OutOfReach


def _power(context: Any, tree: Operation) -> Any:
    if isinstance(tree.left, Constant) and tree.left.name == "e":
        return _exp(context, _interval(context, tree.right))
    base = _interval(context, tree.left)
    exponent = _exactly(tree.right)
    if exponent is not None:
        power = Fraction(*exponent)
        if power.denominator == 1 and abs(power) <= _MOST_POWER:
            if power < 0 and base.a <= 0 <= base.b:
                raise _OutOfReach
            return base ** int(power)
        if power == Fraction(1, 2) and base.a >= 0:
            return context.sqrt(base)
    if base.a <= 0:
        raise _OutOfReach
    return _exp(context, _interval(context, tree.right) * context.log(base))


def _exactly(tree: Tree) -> Exact | None:
    try:
        value = evaluate(tree)
    except Unreadable:
        return None
    return None if isinstance(value, Rough) else value


def _exp(context: Any, exponent: Any) -> Any:
    if not -_MOST_EXPONENT <= exponent.a <= exponent.b <= _MOST_EXPONENT:
        raise _OutOfReach
    return context.exp(exponent)


def _call(context: Any, tree: Call) -> Any:
    values = [_interval(context, argument) for argument in tree.arguments]
    inner = values[0]
    match tree.name:
        case "exp":
            return _exp(context, inner)
        case "sqrt":
            if inner.a < 0:
                raise _OutOfReach
            return context.sqrt(inner)
        case "ln" | "log":
            if inner.a <= 0:
                raise _OutOfReach
            return context.log(inner)
        case "abs":
            return abs(inner)
        case "tanh":
            if inner.a < 0 < inner.b:
                raise _OutOfReach
            shrunk = _exp(context, -2 * abs(inner))
            size = (1 - shrunk) / (1 + shrunk)
            return -size if inner.b < 0 else size
        case "sin" | "cos":
            if not -_MOST_ANGLE <= inner.a <= inner.b <= _MOST_ANGLE:
                raise _OutOfReach
            return context.sin(inner) if tree.name == "sin" else context.cos(inner)
    best = max if tree.name == "max" else min
    return context.mpf([best(value.a for value in values), best(value.b for value in values)])

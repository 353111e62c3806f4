"""Are two formulas the same? Points first, then proof; a point where they part is told.

Most wrong formulas part from the right one at the first point, in well under a millisecond. Those
that agree at every point exactly are equal. Where roots or exp make values irrational, both are
worked out at eight points as intervals of sixty digits, which hold the true value: intervals
that do not meet prove a difference; formulas without corners that meet to forty digits at every
point are the same for all that a learner can type. What has corners (abs, min, max) could part
where no point lies, so there a proof by algebra is asked for, and without one nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Literal

from mpmath.ctx_iv import MPIntervalContext

from grading.draws import Stream
from grading.errors import Fault, Unreadable
from grading.exercise import Value
from grading.numeric.formula import bare, bind, names_in, nodes, plain
from grading.numeric.tree import Call, Constant, Negation, Number, Operation, Percent, Tree
from grading.numeric.value import Exact, Rough, evaluate

Point = Mapping[str, Fraction]


@dataclass(frozen=True, kw_only=True)
class Domain:
    """Which numbers a name may stand for: from ``low`` to ``high``, both reached unless ``above``.

    None leaves a side open; ``whole`` allows whole numbers only; ``above`` leaves ``low`` out.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    whole: bool = False
    above: bool = False

    @staticmethod
    def parse(value: Value) -> Domain | Fault:
        """``any``, ``positive``, ``whole`` (from 1 on) or ``[low, high]``; else what is wrong."""
        if isinstance(value, str) and value in _DOMAINS:
            return _DOMAINS[value]
        if isinstance(value, tuple) and len(value) == 2:
            low, high = value
            if isinstance(low, Fraction) and isinstance(high, Fraction) and low < high:
                return Domain(low=low, high=high)
        message = f"A domain is one of {', '.join(_DOMAINS)}, or from and to, as in [0, 1]."
        return Fault(code="domain", message=message)

    def holds(self, value: Fraction) -> bool:
        """Whether the name may stand for this number."""
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        if self.high is not None and value > self.high:
            return False
        return not self.whole or value.denominator == 1


_DOMAINS: Final = {
    "any": Domain(),
    "positive": Domain(low=Fraction(0), above=True),
    "whole": Domain(low=Fraction(1), whole=True),
}


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A point where two formulas part, and what each is there; None where it has no value."""

    point: Point
    typed: Fraction | float | None
    right: Fraction | float


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """Whether a typed formula is the right one. Where it is not: ``witness`` shows it at a point
    (None where they part further behind than anyone could see), ``factor`` is what it must be
    multiplied by to be right, and ``upside_down`` says that one divided by it is right.
    """

    outcome: Literal["equal", "different", "undecided"]
    witness: Witness | None = None
    factor: Fraction | float | None = None
    upside_down: bool = False


EQUAL: Final = Likeness(outcome="equal")
UNDECIDED: Final = Likeness(outcome="undecided")


def compare(typed: Tree, right: Tree, domains: Mapping[str, Domain]) -> Likeness:
    """Whether ``typed`` is the same formula as ``right``, for all values that ``domains`` allow.

    Every name of both trees has a domain. Never slow: the work is bounded by counts, not by a
    clock, so that the same two formulas always get the same answer.
    """
    typed, right = bare(typed), bare(right)
    if typed == right:
        return EQUAL
    # Names that count come first: theirs are the easiest numbers.
    order = [*sorted(names_in(right)), *sorted(names_in(typed) - names_in(right))]
    allowed = tuple((name, domains[name]) for name in order)
    samples = _samples(right, allowed)
    values = [_value(typed, sample.point) for sample in samples]
    gaps = any(
        value is None and not sample.near for sample, value in zip(samples, values, strict=True)
    )
    for sample, value in zip(samples, values, strict=True):
        if value == "unknown" or (value is None and not gaps):
            continue
        if value is None or _apart(value, sample.value):
            return _different(sample, value, typed, right, samples, values)
    known = [value for value in values if value is not None and value != "unknown"]
    exact = all(_is_exact(value) for value in known) and all(_is_exact(s.value) for s in samples)
    smooth = not (_has_corners(typed) or _has_corners(right))
    if exact and (known if not allowed else smooth and len(known) >= _ENOUGH):
        return EQUAL
    return _closely(typed, right, samples, domains, smooth=smooth)


def unvalued(tree: Tree, domains: Mapping[str, Domain]) -> Point | None:
    """A point that ``domains`` allow, and where the formula has no value; None where none shows.

    A formula that has a value nowhere near enough to be compared is told at its first point.
    """
    points = list(_points(tuple(domains.items()), plain(tree)))
    for point, near in points:
        if not near and _value(bare(tree), point) is None:
            return point
    valued = [point for point, _ in points if isinstance(_value(bare(tree), point), tuple)]
    return None if len(valued) >= _ENOUGH else points[0][0]


# ---------------------------------------------------------------- points

_FAR: Final = 14
_NEAR: Final = 10
_ENOUGH: Final = 6
"""Fewer points than that at which both have a value decide nothing."""
_NOTHING: Final = 1e-6
"""A factor so close to 1 is no factor that anybody forgot."""
_EASY: Final = tuple(
    Fraction(text)
    for text in (
        "4", "9", "1", "1/4", "2", "-3", "16", "-1", "3", "1/2", "25", "-1/2", "100", "1/100",
        "-100", "1/1000", "1000", "0",
    )
)  # fmt: skip


@dataclass(frozen=True)
class _Sample:
    point: Point
    near: bool
    """Whether its numbers are easy ones, where formulas may have gaps that do not count."""
    value: Exact | Rough


@lru_cache(maxsize=256)
def _samples(right: Tree, allowed: tuple[tuple[str, Domain], ...]) -> tuple[_Sample, ...]:
    """The points where the right formula has a value."""
    found = []
    for point, near in _points(allowed, plain(right)):
        value = _value(right, point)
        if value is not None and value != "unknown":
            found.append(_Sample(point, near, value))
    return tuple(found)


def _points(allowed: tuple[tuple[str, Domain], ...], label: str) -> Iterator[tuple[Point, bool]]:
    """Easy points, which a learner can follow, then far ones, which no formula is made for.

    The same formula has the same points, today and on every machine.
    """
    if not allowed:
        yield {}, False
        return
    easy = [_easy(domain) for _, domain in allowed]
    for turn in range(_NEAR):
        # Each name starts one further on, so that no two stand for the same number.
        yield (
            {
                name: values[(turn + place) % len(values)]
                for place, ((name, _), values) in enumerate(zip(allowed, easy, strict=True))
            },
            True,
        )
    stream = Stream("points", label, *(name for name, _ in allowed))
    for _ in range(_FAR):
        yield {name: _far(domain, stream) for name, domain in allowed}, False


def _easy(domain: Domain) -> list[Fraction]:
    values = [value for value in _EASY if domain.holds(value)]
    if domain.low is not None and domain.high is not None:
        width = domain.high - domain.low
        values += [domain.low + width * Fraction(step, 8) for step in (2, 4, 6, 1, 7, 3, 5)]
    return list(dict.fromkeys(values))


def _far(domain: Domain, stream: Stream) -> Fraction:
    if domain.low is not None and domain.high is not None:
        return domain.low + (domain.high - domain.low) * Fraction(stream.between(1, 9972), 9973)
    low = domain.low or Fraction(0)
    if domain.whole:
        return low + stream.below(stream.one_of((30, 300)))
    size = Fraction(stream.between(1, 9973), stream.one_of((97, 997, 3989)))
    if domain.low is not None or stream.below(2):
        return low + size
    return -size


# ---------------------------------------------------------------- values in double precision

_NO_VALUE: Final = ("division-by-zero", "not-real", "outside-domain")


def _value(tree: Tree, point: Point) -> Exact | Rough | Literal["unknown"] | None:
    """The value at a point; None where there is none, ``unknown`` where it is out of reach."""
    try:
        return evaluate(bind(tree, point))
    except Unreadable as error:
        return None if error.misreadings[0].code in _NO_VALUE else "unknown"


def _apart(one: Exact | Rough, other: Exact | Rough) -> bool:
    """Whether two values certainly differ."""
    if not isinstance(one, Rough) and not isinstance(other, Rough):
        return one[0] * other[1] != other[0] * one[1]
    try:
        (a, e), (b, f) = _rough(one), _rough(other)
    except OverflowError:
        return False
    return abs(a - b) > 8 * (e + f) + 1e-13 * max(abs(a), abs(b))


def _rough(value: Exact | Rough) -> tuple[float, float]:
    return value if isinstance(value, Rough) else (value[0] / value[1], 0.0)


def _is_exact(value: Exact | Rough) -> bool:
    return not isinstance(value, Rough)


def _number(value: Exact | Rough) -> Fraction | float:
    return value.x if isinstance(value, Rough) else Fraction(*value)


def _has_corners(tree: Tree) -> bool:
    return any(
        isinstance(node, Call) and node.name in ("abs", "min", "max") for node in nodes(tree)
    )


def _different(
    sample: _Sample,
    value: Exact | Rough | None,
    typed: Tree,
    right: Tree,
    samples: tuple[_Sample, ...],
    values: list[Exact | Rough | Literal["unknown"] | None],
) -> Likeness:
    """The witness, and whether one formula is a multiple of the other, or one divided by it."""
    shown = Witness(
        point={name: at for name, at in sample.point.items() if name in names_in(typed, right)},
        typed=None if value is None else _number(value),
        right=_number(sample.value),
    )
    pairs = [
        (_number(mine), _number(at.value))
        for at, mine in zip(samples, values, strict=True)
        if mine is not None and mine != "unknown"
    ]
    pairs = [(mine, yours) for mine, yours in pairs if mine or yours]
    if not names_in(right) or len(pairs) < _ENOUGH or not all(map(all, pairs)):
        return Likeness(outcome="different", witness=shown)
    try:
        factor = _constant([yours / mine for mine, yours in pairs])
        product = _constant([yours * mine for mine, yours in pairs])
    except OverflowError:
        # Numbers that no double holds are nobody's forgotten factor.
        return Likeness(outcome="different", witness=shown)
    return Likeness(
        outcome="different",
        witness=shown,
        factor=None if factor is None or abs(float(factor) - 1) < _NOTHING else factor,
        upside_down=product == 1,
    )


def _constant(numbers: list[Fraction | float]) -> Fraction | float | None:
    """The one number that all of them are; None where they differ."""
    first = numbers[0]
    if all(isinstance(number, Fraction) for number in numbers):
        return first if all(number == first for number in numbers) else None
    near = float(first)
    if not all(abs(float(number) - near) <= 1e-9 * abs(near) for number in numbers):
        return None
    simple = Fraction(near).limit_denominator(1000)
    return simple if abs(float(simple) - near) <= 1e-9 * abs(near) else near


# ---------------------------------------------------------------- values as close intervals

_DIGITS: Final = 60
_DEEP_DIGITS: Final = 340
"""More than the smallest number that can be typed lies behind the point."""
_AGREED: Final = 40
_CERTAIN: Final = 8
"""So many far points at which two formulas agree to forty digits are as good as all."""
_MOST_EXPONENT: Final = 20_000
_MOST_ANGLE: Final = 10**12
_MOST_POWER: Final = 10_000


def _context(digits: int) -> Any:
    context = MPIntervalContext()
    context.dps = digits
    return context


# Contexts of our own, set once: the one that mpmath shares may be changed by anybody at any time.
_CLOSE: Final = _context(_DIGITS)
_DEEP: Final = _context(_DEEP_DIGITS)
_TINY: Final = _CLOSE.mpf(10) ** -_AGREED


class _OutOfReach(Exception):
    """An interval that cannot be worked out, or that holds a point without a value."""


def _closely(
    typed: Tree,
    right: Tree,
    samples: tuple[_Sample, ...],
    domains: Mapping[str, Domain],
    *,
    smooth: bool,
) -> Likeness:
    """The answer for two formulas that doubles cannot tell apart."""
    agreed: list[_Sample] = []
    for sample in samples:
        if sample.near or len(agreed) == _CERTAIN:
            continue
        pair = _pair(_CLOSE, typed, right, sample.point)
        if pair is None:
            continue
        mine, yours = pair
        gap = mine - yours
        if not gap.a <= 0 <= gap.b:
            return Likeness(outcome="different")
        if gap.delta <= abs(yours).b * _TINY:
            agreed.append(sample)
    if agreed and (pair := _pair(_DEEP, typed, right, agreed[0].point)):
        gap = pair[0] - pair[1]
        if not gap.a <= 0 <= gap.b:
            return Likeness(outcome="different")
    if len(agreed) >= _ENOUGH and smooth:
        return EQUAL
    positive = frozenset(
        name for name, domain in domains.items() if domain.low is not None and domain.low >= 0
    )
    whole = frozenset(name for name, domain in domains.items() if domain.whole)
    proved = _algebra().proved_equal(typed, right, positive=positive, whole=whole)
    return EQUAL if proved else UNDECIDED


def _algebra() -> ModuleType:
    """The home of sympy, loaded where a proof is first asked for.

    Sympy takes a good part of a second to load and thirty megabytes to keep. Every process that
    serves a page or marks an answer stands on this file, and hardly any formula needs a proof.
    """
    return import_module("grading.numeric.symbols")


def _pair(context: Any, typed: Tree, right: Tree, point: Point) -> tuple[Any, Any] | None:
    try:
        return (
            _interval(context, bind(typed, point)),
            _interval(context, bind(right, point)),
        )
    except _OutOfReach:
        return None


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
    exponent = _value(tree.right, {})
    if exponent is not None and exponent != "unknown" and not isinstance(exponent, Rough):
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
    best = inner
    for value in values[1:]:
        if value.b <= best.a or best.b <= value.a:
            smaller, larger = (value, best) if value.b <= best.a else (best, value)
            best = larger if tree.name == "max" else smaller
        else:
            raise _OutOfReach
    return best

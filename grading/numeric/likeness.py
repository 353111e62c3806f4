"""Are two formulas the same? Points first, then proof; a point where they part is told.

Most wrong formulas part from the right one at the first point, in well under a millisecond. Those
that agree at every point exactly are equal. Where roots or exp make values irrational, both are
worked out at eight points as intervals of sixty digits or more, which hold the true value:
intervals that do not meet prove a difference; formulas without corners that meet to forty digits
at every point are the same for all that a learner can type. What has corners (``corners`` says
what they are) could part where no point lies. Then each smooth piece between the corners is
looked at in the same way, or a proof by algebra is asked for; without either nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from grading.draws import Stream
from grading.errors import Fault, Unreadable
from grading.exercise import Value
from grading.numeric.close import agree, apart_far_behind, closer
from grading.numeric.corners import Piece, algebra, bends, known_of, pieces
from grading.numeric.formula import bare, bind, inside, names_in, plain
from grading.numeric.tree import Tree
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
DIFFERENT: Final = Likeness(outcome="different")
UNDECIDED: Final = Likeness(outcome="undecided")


def compare(typed: Tree, right: Tree, domains: Mapping[str, Domain]) -> Likeness:
    """Whether ``typed`` is the same formula as ``right``, for all values that ``domains`` allow.

    Every name of both trees has a domain. Never slow: the work is bounded by counts, not by a
    clock, so that the same two formulas always get the same answer.
    """
    typed, right = bare(typed), bare(right)
    # As bare tuples, -x and x% would be the same.
    if plain(typed) == plain(right):
        return EQUAL
    # Names that count come first: theirs are the easiest numbers.
    order = [*sorted(names_in(right)), *sorted(names_in(typed) - names_in(right))]
    allowed = tuple((name, domains[name]) for name in order)
    samples = _samples(right, allowed, plain(right))
    values = [_value(typed, sample.point) for sample in samples]
    gaps = any(
        value is None and not sample.near for sample, value in zip(samples, values, strict=True)
    )
    for sample, value in zip(samples, values, strict=True):
        if value == "unknown" or (value is None and not gaps):
            continue
        # Without a value in doubles and with one in sixty digits, it has one.
        if value is None and closer(bind(typed, sample.point)) is not None:
            continue
        if value is None or _apart(value, sample.value):
            return _different(sample, value, typed, right, samples, values)
    for point in _points_near_constants(typed, right, allowed):
        mine, yours = _value(typed, point), _value(right, point)
        if isinstance(mine, tuple) and isinstance(yours, tuple) and _apart(mine, yours):
            return _different(_Sample(point, True, yours), mine, typed, right, samples, values)
    known = [value for value in values if value is not None and value != "unknown"]
    exact = all(_is_exact(value) for value in known) and all(_is_exact(s.value) for s in samples)
    if exact and not allowed and known:
        return EQUAL
    smooth = not (bends(typed, domains) or bends(right, domains))
    if exact and smooth and len(known) >= _ENOUGH:
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
_CERTAIN: Final = 8
"""So many far points at which two formulas agree to forty digits are as good as all."""
_POOL: Final = 150
"""Points among which some lie in every piece of a formula with corners, if it is not tiny."""
_MOST_CONSTANTS: Final = 8
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
def _samples(
    right: Tree, allowed: tuple[tuple[str, Domain], ...], label: str
) -> tuple[_Sample, ...]:
    """The points where the right formula has a value. ``label`` is the formula as it reads."""
    found = []
    for point, near in _points(allowed, label):
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
    # One name alone is tried at every easy number.
    for turn in range(_NEAR if len(easy) > 1 else max(_NEAR, len(easy[0]))):
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


def _points_near_constants(
    typed: Tree, right: Tree, allowed: tuple[tuple[str, Domain], ...]
) -> Iterator[Point]:
    """One name after the other at, around and beyond each number in either formula.

    A formula is made for the numbers that stand in it: sqrt((x-200)^2) is 200-x up to 200.
    """
    numbers = _constants(typed, right)[:_MOST_CONSTANTS]
    easy = {name: _easy(domain) or [_far(domain, Stream(name))] for name, domain in allowed}
    for place, (name, domain) in enumerate(allowed):
        near = [c + step for c in numbers for step in (0, 1, -1)]
        beyond = [step for c in numbers for step in (2 * c + 1, -c - 1)]
        for turn, value in enumerate(dict.fromkeys((*near, *beyond))):
            if domain.holds(value):
                others = {
                    other: values[(turn + place + at) % len(values)]
                    for at, (other, values) in enumerate(easy.items())
                }
                yield others | {name: value}


def _constants(*trees: Tree) -> list[Fraction]:
    """The numbers in formulas, each once; an irrational one as a fraction nearby."""
    found: list[Fraction] = []
    for tree in trees:
        if names_in(tree):
            found += _constants(*inside(tree))
            continue
        value = _value(tree, {})
        if isinstance(value, Rough):
            found.append(Fraction(value.x).limit_denominator(1000))
        elif isinstance(value, tuple):
            found.append(Fraction(*value))
    return list(dict.fromkeys(found))


def _pool(typed: Tree, right: Tree, allowed: tuple[tuple[str, Domain], ...]) -> Iterator[Point]:
    """Many points, far ones and ones between the numbers in either formula."""
    stream = Stream("pool", plain(right), *(name for name, _ in allowed))
    numbers = sorted({Fraction(0), Fraction(1), *_constants(typed, right)})
    ends = [numbers[0] - 1, *numbers, numbers[-1] + 1]
    for turn in range(_POOL):
        if turn % 3 == 0:
            yield {name: _far(domain, stream) for name, domain in allowed}
            continue
        point = {}
        for name, domain in allowed:
            at = stream.below(len(ends) - 1)
            value = ends[at] + (ends[at + 1] - ends[at]) * Fraction(stream.between(1, 9972), 9973)
            value = Fraction(round(value)) if domain.whole else value
            point[name] = value if domain.holds(value) else _far(domain, stream)
        yield point


# ---------------------------------------------------------------- values in double precision

_NO_VALUE: Final = ("division-by-zero", "not-real", "outside-domain")
"""Told of exact numbers and of certain signs only."""
_CANCELLED: Final = ("like-zero", "too-vague")
"""Told where doubles have no digit left, and more digits may have some."""


def _value(tree: Tree, point: Point) -> Exact | Rough | Literal["unknown"] | None:
    """The value at a point; None where there is none, ``unknown`` where it is out of reach."""
    bound = bind(tree, point)
    try:
        return evaluate(bound)
    except Unreadable as error:
        code = error.misreadings[0].code
    if code in _NO_VALUE:
        return None
    return (closer(bound) if code in _CANCELLED else None) or "unknown"


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


# ---------------------------------------------------------------- what doubles cannot tell


def _closely(
    typed: Tree,
    right: Tree,
    samples: tuple[_Sample, ...],
    domains: Mapping[str, Domain],
    *,
    smooth: bool,
) -> Likeness:
    """The answer for two formulas that doubles cannot tell apart."""
    far = (sample.point for sample in samples if not sample.near)
    agreed = _agreeing(typed, right, far)
    if agreed is None or (agreed and apart_far_behind(typed, right, agreed[0])):
        return DIFFERENT
    if len(agreed) >= _ENOUGH and smooth:
        return EQUAL
    if not smooth and (found := _piece_by_piece(typed, right, domains)) is not None:
        return found
    proved = algebra().proved_equal(typed, right, **known_of(domains))
    return EQUAL if proved else UNDECIDED


def _agreeing(typed: Tree, right: Tree, points: Iterable[Point]) -> list[Point] | None:
    """Points enough at which two formulas agree to forty digits; None where they differ at one."""
    agreed: list[Point] = []
    for point in points:
        met = agree(typed, right, point)
        if met is False:
            return None
        if met:
            agreed.append(point)
        if len(agreed) == _CERTAIN:
            break
    return agreed


def _piece_by_piece(typed: Tree, right: Tree, domains: Mapping[str, Domain]) -> Likeness | None:
    """The answer for two formulas with corners, where each smooth piece of them has one."""
    found = pieces(typed, right)
    if found is None or len(found) == 1:
        return None
    allowed = tuple((name, domains[name]) for name in sorted(names_in(typed, right)))
    pool = list(_pool(typed, right, allowed))
    open_pieces = []
    for piece in found:
        agreed = _agreeing(piece.typed, piece.right, filter(piece.holds, pool))
        if agreed is None or (agreed and apart_far_behind(piece.typed, piece.right, agreed[0])):
            return DIFFERENT
        bent = bends(piece.typed, domains) or bends(piece.right, domains)
        if bent or len(agreed) < _ENOUGH:
            open_pieces.append(piece)
    # A difference anywhere has been found by now; the slower questions come last.
    return EQUAL if all(_settled(piece, domains) for piece in open_pieces) else None


def _settled(piece: Piece, domains: Mapping[str, Domain]) -> bool:
    """Whether a piece in which too few points lie is empty, or its formulas equal everywhere."""
    if piece.empty(domains):
        return True
    return compare(piece.typed, piece.right, domains).outcome == "equal"

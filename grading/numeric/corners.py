"""Corners: where a formula bends, and the smooth pieces between its bends.

Two smooth formulas that agree at a few points nobody chose for them agree everywhere. One with
corners (``abs``, ``min``, ``max``, the root of a square, a power of 0) may go another way where no
point lies; between its bends each ``min`` is one of its numbers, and smooth again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from itertools import combinations
from types import ModuleType
from typing import Final, Protocol

from grading.errors import Unreadable
from grading.numeric.formula import bind, names_in, nodes, plain
from grading.numeric.tree import Call, Constant, Name, Negation, Number, Operation, Percent, Tree
from grading.numeric.value import Rough, evaluate

BENDING: Final = ("abs", "min", "max")
MOST_BENDS: Final = 4
"""Of more calls that bend there may be too many pieces to look at each."""
MOST_PIECES: Final = 32
MOST_DOUBTFUL: Final = 3
"""Of more roots and logarithms whose signs are not plain, algebra is not asked: it takes long."""
_MOST_CONDITIONS: Final = 200


class Bounds(Protocol):
    """From where to where a name goes; None where that side is open."""

    @property
    def low(self) -> Fraction | None: ...
    @property
    def high(self) -> Fraction | None: ...
    @property
    def whole(self) -> bool: ...


Domains = Mapping[str, Bounds]


def algebra() -> ModuleType:
    """The home of sympy, loaded where a proof is first asked for.

    Sympy takes a good part of a second to load and thirty megabytes to keep. Every process that
    serves a page or marks an answer stands on this file, and hardly any formula needs a proof.
    """
    return import_module("grading.numeric.symbols")


def known_of(domains: Domains) -> dict[str, frozenset[str]]:
    """What algebra is told of the names: which are positive, which are whole."""
    return {
        "positive": frozenset(
            name for name, domain in domains.items() if domain.low is not None and domain.low >= 0
        ),
        "whole": frozenset(name for name, domain in domains.items() if domain.whole),
    }


# ---- where a formula bends -----------------------------------------------------------------------


def bends(tree: Tree, domains: Domains) -> bool:
    """Whether the formula may have corners inside what ``domains`` allow.

    A root, a logarithm and a power that is not whole have one where what stands in them comes
    down to 0 and goes up again: sqrt((x-200)^2), exp(ln(x^2)/2), 0^((n-7)^2). Where it only begins
    or ends at 0, the formula does too.
    """
    if any(isinstance(node, Call) and node.name in BENDING for node in nodes(tree)):
        return True
    held = {plain(inner): inner for inner in _held(tree)}
    doubtful = {text: inner for text, inner in held.items() if 0 in _signs(inner, domains)}
    if len(doubtful) > MOST_DOUBTFUL:
        return True
    known = known_of({name: domains[name] for name in names_in(tree)})
    return any(
        _touches_zero(inner, text, known["positive"], known["whole"])
        for text, inner in doubtful.items()
    )


@lru_cache(maxsize=256)
def _touches_zero(tree: Tree, _text: str, positive: frozenset[str], whole: frozenset[str]) -> bool:
    """As algebra says, once: the key of an exercise is asked after with every answer to it."""
    return bool(algebra().touches_zero(tree, positive=positive, whole=whole))


def _held(tree: Tree) -> Iterator[Tree]:
    """What stands in a root, a logarithm, or under a power that is not a whole number."""
    for node in nodes(tree):
        if isinstance(node, Call) and node.name in ("sqrt", "ln", "log"):
            yield node.arguments[0]
        elif isinstance(node, Operation) and node.sign == "^" and not _is_whole(node.right):
            yield node.left


def _is_whole(tree: Tree) -> bool:
    value = None if names_in(tree) else _value(tree)
    return isinstance(value, tuple) and not isinstance(value, Rough) and value[0] % value[1] == 0


_ALL: Final = frozenset((-1, 0, 1))
_ABOVE: Final = frozenset((1,))


def _signs(tree: Tree, domains: Domains) -> frozenset[int]:
    """The signs that a formula may have, its names anywhere inside their domains."""
    match tree:
        case Number():
            return frozenset((1 if tree.digits else 0,))
        case Constant():
            return _ABOVE
        case Name():
            domain = domains[tree.name]
            if domain.low is not None and domain.low >= 0:
                return _ABOVE
            below = domain.high is not None and domain.high <= 0
            return frozenset((-1,)) if below else _ALL
        case Negation():
            return frozenset(-sign for sign in _signs(tree.inner, domains))
        case Percent():
            return _signs(tree.inner, domains)
        case Operation():
            return _signs_of_operation(tree, domains)
        case Call(name="exp"):
            return _ABOVE
        case Call(name="sqrt" | "abs" | "tanh"):
            inner = _signs(tree.arguments[0], domains)
            return inner if tree.name == "tanh" else frozenset(map(abs, inner))
        case _:
            return _ALL


def _signs_of_operation(tree: Operation, domains: Domains) -> frozenset[int]:
    left, right = _signs(tree.left, domains), _signs(tree.right, domains)
    match tree.sign:
        case "*" | "/":
            return frozenset(one * other for one in left for other in right)
        case "^":
            if left == _ABOVE:
                return _ABOVE
            even = _is_whole(tree.right) and _is_whole(
                Operation("/", tree.right, Number(2, 0, 0, 0), 0, 0)
            )
            return frozenset(map(abs, left)) if even else _ALL
        case "-":
            right = frozenset(-sign for sign in right)
    both = left | right
    if {-1, 1} <= both:
        return _ALL
    # 0 is left only where both sides may be 0 at once.
    return both if 0 in left and 0 in right else both - {0}


# ---- the pieces between the bends ----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Two formulas as they are, without corners, where each of ``where`` is above 0."""

    typed: Tree
    right: Tree
    where: tuple[Tree, ...] = ()

    def holds(self, point: Mapping[str, Fraction]) -> bool:
        """Whether the point certainly lies in this piece, and on none of its edges."""
        return all(_above_zero(_value(bind(tree, point))) for tree in self.where)

    def empty(self, domains: Domains) -> bool:
        """Whether it is shown that no point lies in this piece."""
        if any(1 not in _signs(tree, domains) for tree in self.where):
            return True
        if _impossible([*_forms(self.where), *_bounds(domains)]):
            return True
        return any(
            algebra().never_both(one, other, **known_of(domains))
            for one, other in combinations(self.where, 2)
        )


def pieces(typed: Tree, right: Tree) -> list[Piece] | None:
    """Every piece of two formulas, some of them perhaps empty; None where there are too many."""
    calls = {plain(call) for tree in (typed, right) for call in nodes(tree) if _is_bend(call)}
    if len(calls) > MOST_BENDS:
        return None
    waiting, done = [Piece(typed=typed, right=right)], []
    while waiting:
        piece = waiting.pop()
        bend = _innermost(piece.typed) or _innermost(piece.right)
        if bend is None:
            done.append(piece)
        else:
            waiting += _chosen(piece, bend)
        if len(done) + len(waiting) > MOST_PIECES:
            return None
    return done


def _chosen(piece: Piece, bend: Call) -> Iterator[Piece]:
    """The piece cut along one bend, without what is plainly empty."""
    for chosen, conditions in _choices(bend):
        where = tuple({plain(tree): tree for tree in (*piece.where, *conditions)}.values())
        if not _impossible(_forms(where)):
            yield Piece(
                typed=_put(piece.typed, bend, chosen),
                right=_put(piece.right, bend, chosen),
                where=where,
            )


def _is_bend(tree: Tree) -> bool:
    return isinstance(tree, Call) and tree.name in BENDING


def _innermost(tree: Tree) -> Call | None:
    """A call that bends and holds no other."""
    for node in nodes(tree):
        if (
            isinstance(node, Call)
            and _is_bend(node)
            and not any(_is_bend(inner) for argument in node.arguments for inner in nodes(argument))
        ):
            return node
    return None


def _choices(bend: Call) -> Iterator[tuple[Tree, list[Tree]]]:
    """What a call may be, and what is above 0 then."""
    if bend.name == "abs":
        inner = bend.arguments[0]
        yield inner, [inner]
        yield Negation(inner, 0, 0), [Negation(inner, 0, 0)]
        return
    for at, chosen in enumerate(bend.arguments):
        others = [other for place, other in enumerate(bend.arguments) if place != at]
        yield (
            chosen,
            [
                Operation("-", chosen, other, 0, 0)
                if bend.name == "max"
                else Operation("-", other, chosen, 0, 0)
                for other in others
                if plain(other) != plain(chosen)
            ],
        )


def _put(tree: Tree, old: Call, new: Tree) -> Tree:
    """The tree with a call, wherever it stands, replaced."""
    # Told by what they say: as bare tuples, -x and x% would be one.
    if isinstance(tree, Call):
        if plain(tree) == plain(old):
            return new
        return tree._replace(arguments=tuple(_put(each, old, new) for each in tree.arguments))
    if isinstance(tree, Operation):
        return tree._replace(left=_put(tree.left, old, new), right=_put(tree.right, old, new))
    if isinstance(tree, Negation | Percent):
        return tree._replace(inner=_put(tree.inner, old, new))
    return tree


def _value(tree: Tree) -> tuple[int, int] | Rough | None:
    try:
        return evaluate(tree)
    except Unreadable:
        return None


def _above_zero(value: tuple[int, int] | Rough | None) -> bool:
    if value is None:
        return False
    return value.x > value.error if isinstance(value, Rough) else value[0] > 0


# ---- conditions that cannot hold together --------------------------------------------------------

Form = Mapping[str, Fraction]
"""A sum of numbers times what they multiply; a number alone stands at ""."""


def _linear(tree: Tree) -> Form | None:
    """The tree as such a sum: whatever is no sum, and no product with a number, is one thing.

    None where a number in it is irrational.
    """
    match tree:
        case Negation():
            return _times(_linear(tree.inner), Fraction(-1))
        case Percent():
            return _times(_linear(tree.inner), Fraction(1, 100))
        case Operation(sign="+"):
            return _plus(_linear(tree.left), _linear(tree.right))
        case Operation(sign="-"):
            return _plus(_linear(tree.left), _times(_linear(tree.right), Fraction(-1)))
        case Operation(sign="*" | "/") if not names_in(tree.right) and names_in(tree.left):
            factor = _exact(tree.right)
            if factor is None or (tree.sign == "/" and not factor):
                return None
            return _times(_linear(tree.left), factor if tree.sign == "*" else 1 / factor)
        case Operation(sign="*") if not names_in(tree.left) and names_in(tree.right):
            return _times(_linear(tree.right), _exact(tree.left))
    if not names_in(tree):
        number = _exact(tree)
        return None if number is None else {"": number}
    return {plain(tree): Fraction(1)}


def _forms(trees: Sequence[Tree]) -> list[Form]:
    return [form for tree in trees if (form := _linear(tree)) is not None]


def _bounds(domains: Domains) -> Iterator[Form]:
    """That every name is inside its domain."""
    for name, domain in domains.items():
        if domain.low is not None:
            yield {name: Fraction(1), "": -domain.low}
        if domain.high is not None:
            yield {name: Fraction(-1), "": domain.high}


def _exact(tree: Tree) -> Fraction | None:
    value = _value(tree)
    return None if value is None or isinstance(value, Rough) else Fraction(*value)


def _times(form: Form | None, factor: Fraction | None) -> Form | None:
    if form is None or factor is None:
        return None
    return {what: number * factor for what, number in form.items()}


def _plus(one: Form | None, other: Form | None) -> Form | None:
    if one is None or other is None:
        return None
    return {
        what: one.get(what, Fraction(0)) + other.get(what, Fraction(0))
        for what in (*one, *(what for what in other if what not in one))
    }


def _impossible(forms: Sequence[Form]) -> bool:
    """Whether no numbers make all of these above 0 (Fourier 1826, Motzkin 1936: one unknown after
    the other is eliminated). What is not linear counts as an unknown of its own.
    """
    left = [dict(form) for form in forms]
    while unknowns := [what for form in left for what, number in form.items() if what and number]:
        what = unknowns[0]
        rising = [form for form in left if form.get(what, 0) > 0]
        falling = [form for form in left if form.get(what, 0) < 0]
        kept = [form for form in left if not form.get(what, 0)]
        for up in rising:
            for down in falling:
                sum_ = _plus(_times(up, -down[what]), _times(down, up[what]))
                assert sum_ is not None
                kept.append({each: number for each, number in sum_.items() if each != what})
        if len(kept) > _MOST_CONDITIONS:
            return False
        left = kept
    return any(form.get("", Fraction(0)) <= 0 for form in left)

"""Wrong turns, stage by stage: every slip taken at once, and the one that an answer reproduces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from grading.engine.arrays import Array
from grading.engine.slips import (
    BLEND_SLIPS,
    LOOKUP_SLIPS,
    MATRIX_SLIPS,
    ROUNDING_SLIPS,
    swapped_weights,
    wrong_blends,
    wrong_turns,
)
from grading.engine.trace import Trace
from grading.stages.recipe import STAGES, SWAPPED, Recipe, slip_family

T = TypeVar("T")

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "softened-too-much": frozenset({"scaled-by-d", "base2", "scaled-although-unscaled"}),
    "sharpened-too-much": frozenset({"unscaled", "multiplied-by-sqrt-d", "base10"}),
    "not-yet-weights": frozenset(
        {
            "skipped-softmax",
            "skipped-softmax-unscaled",
            "exp-not-normalised",
            "sigmoid-not-softmax",
            "plain-sum-of-values",
        }
    ),
    "exp-left-out": frozenset({"divided-by-sum-no-exp", "squared-weights"}),
    "one-key-alone": frozenset(
        {"hard-lookup", "strongest-only-times-weight", "dropped-smallest-renormalised"}
    ),
    "keys-left-out": frozenset(
        {
            "dropped-first-token",
            "dropped-last-token",
            "top2-only",
            "dropped-smallest",
            "dropped-smallest-renormalised",
            "strongest-only-times-weight",
        }
    ),
    "weights-moved": frozenset(
        {"off-by-one-token-right", "off-by-one-token-left", "reversed-order", SWAPPED}
    ),
    "keys-for-values": frozenset({"mixed-keys-not-values", "swapped-keys-values"}),
    "mask-astray": frozenset(
        {
            "mask-forgotten",
            "mask-after-softmax",
            "mask-inverted",
            "causal-strict",
            "causal-transposed",
        }
    ),
}
"""What may be said where several slips give the same numbers, if they are all of one sort."""


_IDLE: Final = frozenset({SWAPPED, "dropped-smallest", "dropped-smallest-renormalised"})
"""What changes nothing by nature where two weights are equal, or one is 0. That a whole row reads
the same backwards is chance: then another row is drawn."""


class ByStage(dict[str, T]):
    """Something of every stage, worked out where it is first looked at: few are, of most."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, stage: str) -> T:
        self[stage] = made = self._make(stage)
        return made


@dataclass(frozen=True, kw_only=True, eq=False)
class Turns:
    """Wrong turns of many variants, together: S slips of B variants."""

    codes: tuple[str, ...]
    stages: ByStage[Array]
    """(S, B, cells): what a slip makes of it; NaN where a slip says nothing of it."""

    def of(self, stage: str, index: int) -> Array:
        """What each slip makes of this stage of one variant: (S, cells)."""
        return self.stages[stage][:, index]


@dataclass(frozen=True, kw_only=True)
class Match:
    """The wrong turns that an answer may come from; ``sure`` if they are one, or of one sort."""

    codes: tuple[str, ...]
    name: str = ""

    @property
    def sure(self) -> bool:
        return bool(self.name)


def take_turns(right: Trace, recipe: Recipe) -> Turns:
    """The slips that the author singles out, or all there are, from a right pass (B, Lq, ...)."""
    if recipe.family == "blend":
        return _blended(right, recipe)
    # Of a single query without a mask, most slips of a matrix cannot be taken, and say so.
    known = {**LOOKUP_SLIPS, **MATRIX_SLIPS}
    codes = [code for code in known if not recipe.slips or code in recipe.slips]
    taken = wrong_turns(right, codes, known)
    if "negated-scores" in taken:
        # The engine flips the sign at the scaled scores; who writes the scores down may have done
        # it there already.
        taken["negated-scores"] = right.follow("scores", -right.scores)
    return _stacked(taken, right)


def idle(code: str, weights: Array) -> bool:
    """Whether a slip that exchanges two weights, or leaves one out, leaves these as they are.

    Weights (1, Lq, n): equal ones can change places, and one that is 0 can be forgotten.
    """
    if slip_family(code) not in _IDLE:
        return False
    # Values of which each is carried by a place of its own show what became of the weights.
    moved = wrong_blends(weights, np.eye(weights.shape[-1]), [code])[code]
    return bool((np.abs(moved - weights) <= 1e-12).all())


def take_roundings(right: Trace, recipe: Recipe) -> Turns:
    """The right method with too few digits on the way, or in percent."""
    if recipe.family == "blend":
        return _stacked({}, right)
    return _stacked(wrong_turns(right, slips=ROUNDING_SLIPS), right)


def _stacked(taken: Mapping[str, Trace], right: Trace) -> Turns:
    count = right.scores.shape[0]

    def stacked(stage: str) -> Array:
        cells = getattr(right, stage)[0].size
        arrays = [getattr(trace, stage).reshape(count, -1) for trace in taken.values()]
        fitting = [
            array if array.shape[1] == cells else np.full((count, cells), np.nan)
            for array in arrays
        ]
        return np.array(fitting).reshape(len(taken), count, cells)

    return Turns(codes=tuple(taken), stages=ByStage(stacked))


def _blended(right: Trace, recipe: Recipe) -> Turns:
    swaps = swapped_weights(right.weights.shape[-1])
    codes = [
        code
        for code in (*BLEND_SLIPS, *swaps)
        if not recipe.slips or slip_family(code) in recipe.slips
    ]
    taken = wrong_blends(right.weights, right.asked.values, codes)
    count = right.weights.shape[0]
    outputs = [output.reshape(count, -1) for output in taken.values()]

    def stacked(stage: str) -> Array:
        # What goes wrong in a blend is seen in its output alone.
        cells = getattr(right, stage)[0].size
        made = outputs if stage == "output" else np.full((len(taken), count, cells), np.nan)
        return np.array(made).reshape(len(taken), count, cells)

    return Turns(codes=tuple(taken), stages=ByStage(stacked))


# ---- one answer ----------------------------------------------------------------------------------


def apart(one: Array, other: Array, reach: Array) -> Array:
    """How far apart two stages are in their farthest entry, in reaches: (..., cells) -> (...)."""
    with np.errstate(all="ignore"):
        off = np.abs(one - other) / reach
    return np.asarray(np.where(np.isnan(off), np.inf, off).max(axis=-1, initial=0.0))


def match(
    codes: tuple[str, ...], turns: Array, typed: Array, right: Array, reach: Array, fine: float
) -> Match | None:
    """The wrong turn whose whole stage (S, cells) an answer reproduces; None where none does.

    ``reach`` (cells) is how far an entry may be off. A slip is claimed where the answer lies within
    half of the way to the nearest other slip, and to what is right. Slips that lie closer together
    than ``fine`` tells apart count as one.
    """
    distance = apart(turns, typed, reach)
    near = np.flatnonzero(distance <= 1 + 1e-9)
    # What does not leave the right way before this stage is no wrong turn here.
    near = near[apart(turns[near], right, np.full_like(right, fine)) > 1]
    if not near.size:
        return None
    fitting: list[frozenset[int]] = []
    fineness = np.full_like(right, 2 * fine)
    for slip in near:
        same = apart(turns, turns[slip], fineness) <= 1
        others = apart(turns[~same], turns[slip], reach)
        between = min(float(others.min(initial=np.inf)), float(apart(right, turns[slip], reach)))
        if distance[slip] <= between / 2 + 1e-9:
            fitting.append(frozenset(np.flatnonzero(same).tolist()))
    together = frozenset().union(*fitting) if fitting else frozenset(near.tolist())
    found = tuple(codes[slip] for slip in sorted(together))
    one = len(fitting) > 0 and all(group & fitting[0] for group in fitting)
    return Match(codes=found, name=name_of(found) if one else "")


def name_of(codes: Iterable[str]) -> str:
    """The one name for these slips: their own, or that of their sort; empty where there is none."""
    codes = frozenset(codes)
    if len(codes) == 1:
        return next(iter(codes))
    sorts = frozenset(map(slip_family, codes))
    return next((name for name, members in FAMILIES.items() if sorts <= members), "")


def first_step(stages: ByStage[Array], right: ByStage[Array], upto: str) -> str:
    """The first stage, no later than ``upto``, in which a slip leaves the right way."""
    for name in STAGES[: STAGES.index(upto)]:
        if not _same(stages[name], right[name]):
            return name
    return upto


def _same(one: Array, other: Array) -> bool:
    with np.errstate(all="ignore"):
        off = np.abs(one - other)
    # Where a slip says nothing of a stage it has not gone astray there.
    return bool((np.isnan(one) | (off <= 1e-9 * (1 + np.abs(other)))).all())

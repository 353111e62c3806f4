"""The right answer as people come to it by hand: each stage rounded, softmax in the usual ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from grading.engine.arrays import Array
from grading.engine.trace import Trace
from grading.exercise import Raw, Spelling
from grading.stages.key import Key
from grading.stages.recipe import STAGES, STAGES_OF
from grading.stages.worked import typed

_FEWEST_FIGURES: Final = 3
_LARGEST_POWER: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class Way:
    """How somebody works softmax on paper."""

    how: str
    less_the_largest: bool = False
    in_figures: bool = False
    """Powers are kept to significant figures, not to decimal places."""
    by_reciprocal: bool = False
    """Powers are multiplied by one over their sum, rounded, not divided by the sum."""


WAYS: Final = (
    Way(how="powers of e too"),
    Way(how="the largest score taken off first", less_the_largest=True),
    Way(how="powers of e to significant figures", in_figures=True),
    Way(
        how="powers of e to significant figures, less the largest score",
        less_the_largest=True,
        in_figures=True,
    ),
    Way(how="by the reciprocal of the sum", by_reciprocal=True),
)


def by_hand(key: Key) -> Iterator[Spelling]:
    """The answers of people who round every stage as advised, and go on from what they wrote."""
    if any(stage.tolerance.rule != "honest" for stage in key.stages):
        return
    yield Spelling(how="each stage rounded and carried on", answer=_walked(key, None))
    last = STAGES.index(key.stages[-1].name)
    if key.recipe.family != "blend" and last >= STAGES.index("weights"):
        for way in WAYS:
            yield Spelling(how=f"each stage rounded, {way.how}", answer=_walked(key, way))


def _walked(key: Key, way: Way | None) -> Raw:
    """What is written down; without a way, what is not asked for is not rounded either."""
    trace, answer = key.trace, {}
    asked = {stage.name: stage for stage in key.stages}
    digits = key.stages[-1].tolerance.digits
    for name in STAGES_OF[key.recipe.family]:
        places = asked[name].tolerance.digits if name in asked else digits
        if way is not None and name == "weights":
            trace = trace.follow(name, _softmax(trace, way, places))
        if name not in asked and way is None:
            continue
        rounded = np.round(getattr(trace, name), places)
        trace = trace.follow(name, rounded)
        if name in asked:
            cells = [f"{value:.{places}f}" for value in rounded.ravel()]
            answer[name] = typed(cells, asked[name].shape)
    return answer


def _softmax(trace: Trace, way: Way, places: int) -> Array:
    """Weights from powers of e that were written down, by way of what else was: (B, Lq, Lk)."""
    scores = trace.masked
    if trace.asked.temperature != 1:
        scores = np.round(scores / trace.asked.temperature, places)
    best = np.where(trace.row_max > -np.inf, scores.max(axis=-1), 0.0)[..., None]
    # Nobody writes down powers that lead out of the numbers.
    less = way.less_the_largest or bool((np.abs(best) > _LARGEST_POWER).any())
    powers = np.exp(np.round(scores - best, places) if less else scores)
    figures = max(_FEWEST_FIGURES, places)
    if way.in_figures:
        powers = _to_figures(powers, figures)
    else:
        # Where all powers are small, the largest has so many places after its first figure.
        small = np.maximum(-_magnitude(powers.max(axis=-1, keepdims=True)), 0.0)
        powers = np.round(powers * 10.0 ** (small + places)) / 10.0 ** (small + places)
    totals = powers.sum(axis=-1, keepdims=True)
    totals = np.where(totals > 0, totals, 1.0)
    if not way.by_reciprocal:
        return np.asarray(powers / totals)
    shared = powers * _to_figures(1 / totals, figures)
    alone = np.count_nonzero(powers, axis=-1, keepdims=True) == 1
    return np.asarray(np.where(alone, powers > 0, shared))


def _to_figures(numbers: Array, figures: int) -> Array:
    unit = 10.0 ** (_magnitude(numbers) - (figures - 1))
    return np.asarray(np.round(numbers / unit) * unit)


def _magnitude(numbers: Array) -> Array:
    """The power of ten of the first figure; of 0, that of 1."""
    return np.asarray(np.floor(np.log10(np.where(numbers > 0, numbers, 1.0))))

"""Honest rounding: where each stage may come to lie when the stages before it were rounded.

Whoever works a lookup by hand writes each stage down to a few decimal places and goes on from what
is written. Each rounding is honest, and together they move the output by more than the last place.
How far they can move it depends on the numbers, so it is worked out for each variant, by interval
arithmetic (Moore, Kearfott and Cloud 2009, chapters 2 and 3): a stage is a box of numbers, every
step maps boxes to boxes, and every bound is pushed outwards by more than floating point can err.

Three things keep the boxes from growing beyond what rounding can do:

- rounding never changes the order of two numbers, so the ends of a box are rounded, not widened by
  half a unit: what has few digits already stays where it is;
- a weight E_i / sum(E) rises with E_i and falls with every other power, so its ends are reached at
  corners of the box of powers;
- a blend sum(E_j v_j) / sum(E_j) is linear-fractional, so it too is extreme at a corner, and there
  E_j is at its upper end just where v_j lies beyond some threshold (Charnes and Cooper 1962).

Softmax is worked by hand in several ways, and each is followed by itself: powers of the scores as
they are, or less the largest of their row (which changes no weight, and does change what rounding
leaves of the powers); powers kept to decimal places or to significant figures; divided by their
sum, or multiplied by its rounded reciprocal.

All arrays have batch axes in front: scores, scaled and weights (..., Lq, Lk), products
(..., Lq, Lk, dv), output (..., Lq, dv).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array
from grading.engine.trace import Asked, Trace, capped, products

_ULP: Final = 2.0**-52
_TIE: Final = 1e-9
"""In units of the place that is rounded: so near to a tie, a number may go either way."""
_FINER: Final = 3
"""Roundings to the places asked, and to one and two more, are followed exactly."""
_LARGEST_POWER: Final = 600.0
"""exp of more, or of less than its negative, comes near the end of float64; rows whose largest
score is there are shifted, which changes no weight."""
_SMALLEST: Final = 1e-290
"""Below that a number has no significant figures that float64 could tell."""
_FEWEST_FIGURES: Final = 3
"""Who counts significant figures keeps so many at least, however few places are asked."""


class Box(NamedTuple):
    """Bounds for every entry of a stage, ``low <= entry <= high``; arrays of one shape."""

    low: Array
    high: Array


def honest_boxes(right: Trace, places: int) -> dict[str, Box]:
    """Where honest rounding leaves each stage of a right pass, by stage.

    Any of scores, scaled scores, powers of e, their sum, weights, products and output may have
    been rounded to ``places`` decimal places or more; scores that were given stand as they are.
    Powers that are all below 1 are rounded so many places after the first figure of the largest.
    The largest score may have been taken off first, the powers be kept to as many significant
    figures as places are asked, or 3, and so the reciprocal of their sum.

    >>> from grading.engine.attention import attend_by_scores
    >>> box = honest_boxes(attend_by_scores([[1, 2, 3]], [[1], [0], [0]]), 2)["weights"]
    >>> box.low.round(3).tolist(), box.high.round(3).tolist()
    ([[0.089, 0.24, 0.665]], [[0.091, 0.246, 0.67]])
    """
    scores = right.scores
    asked = right.asked
    if asked.queries is None or asked.keys is None:
        return honest_from(asked, "scores", Box(scores, scores), places)
    size = (np.abs(asked.queries)[..., :, None, :] * np.abs(asked.keys)[..., None, :, :]).sum(-1)
    noise = size * (asked.keys.shape[-1] * _ULP)
    return honest_from(
        asked, "scores", rounded(Box(scores - noise, scores + noise), places), places
    )


def honest_from(
    asked: Asked, stage: str, box: Box, places: int, *, upto: str = "output"
) -> dict[str, Box]:
    """``honest_boxes`` from the box of one stage on, which is taken as it stands.

    ``stage`` is scores, scaled, weights, products or output. The stages from there on are given,
    as far as ``upto`` at least.
    """
    boxes = {stage: box}
    blends: Box | None = None
    with np.errstate(all="ignore"):
        if stage == "scores":
            box = boxes["scaled"] = _scaled(box, asked.scale, places)
        if upto in boxes:
            return boxes
        if stage in ("scores", "scaled"):
            powers, unit = _powers(asked, box, places)
            over = _over(powers, places)
            shares = _shares(powers, unit, over, asked)
            at, finer = _rounded(shares, places, 1), _rounded(shares, places + 1, _FINER - 1)
            box = boxes["weights"] = _either(at, finer)
            if upto in boxes:
                return boxes
            blends = _blends(powers, unit, over, asked.values)
            boxes["products"] = _either(
                # A weight of so many places times a whole number has no more places to round.
                _kept_if_whole(_times(at, asked.values), asked.values, places),
                rounded(_times(finer, asked.values), places),
            )
        elif stage == "weights":
            boxes["products"] = rounded(_times(box, asked.values), places)
        if stage != "output":
            boxes["output"] = rounded(_summed(boxes["products"], blends, asked, places), places)
    return boxes


def rounded(box: Box, places: int) -> Box:
    """What the numbers of a box may become by rounding to ``places`` decimal places, or more.

    Not rounding at all is among it. A tie may go either way.

    >>> box = rounded(Box(np.array([0.2449, 0.5]), np.array([0.2451, 0.5])), 2)
    >>> box.low.round(9).tolist(), box.high.round(9).tolist()
    ([0.24, 0.5], [0.25, 0.5])
    """
    return _rounded(box, places, _FINER)


def _rounded(box: Box, places: int, steps: int, unit: Array | None = None) -> Box:
    """Rounding to ``places`` (times ``unit``, a power of ten) and ``steps - 1`` places more.

    With one step, rounding to just so many places; with more, to any finer place, or none.
    """
    ends = np.array((box.low, -box.high))  # an upper end is a lower end, seen in a mirror
    grid = _units(places, steps, ends.ndim)
    if unit is not None:
        grid = np.asarray(unit * grid)
    steps_up = ends / grid
    lowest = (np.ceil(steps_up - (0.5 + _TIE)) * grid).min(axis=0)
    if steps > 1:
        # Still finer places move a number by less than this, and not at all if it has no more.
        rest = 0.05 * grid[-1]
        short = np.abs(ends - np.rint(steps_up[-1]) * grid[-1]) <= 1e-12 * (1 + np.abs(ends))
        lowest = np.minimum(lowest, np.where(short, ends, ends - rest))
    lowest = lowest - np.abs(lowest) * (4 * _ULP)
    return Box(lowest[0], -lowest[1])


@lru_cache(maxsize=64)
def _units(places: int, steps: int, axes: int) -> Array:
    """The last place of each rounding, from ``places`` on: (steps, 1, ..., 1)."""
    digits = np.arange(places, places + steps, dtype=np.float64)
    units: Array = np.asarray(10.0**-digits).reshape(steps, *[1] * axes)
    units.flags.writeable = False
    return units


def _either(one: Box, other: Box) -> Box:
    return Box(np.minimum(one.low, other.low), np.maximum(one.high, other.high))


def _scaled(scores: Box, scale: float, places: int) -> Box:
    if scale == 1:
        return scores
    one, other = scores.low * scale, scores.high * scale
    low, high = np.minimum(one, other), np.maximum(one, other)
    # The scale itself is rounded once, and so is the product.
    noise = np.maximum(np.abs(low), np.abs(high)) * (2 * _ULP)
    return rounded(Box(low - noise, high + noise), places)


def _powers(asked: Asked, scaled: Box, places: int) -> tuple[Box, Array]:
    """The powers of e in each way of working them, (W, ..., Lq, Lk), 0 where a key is not seen.

    And the unit that their sum is rounded to, (W, ..., Lq, 1).
    """
    low, high = (
        capped(end, asked.softcap) + (0.0 if asked.bias is None else asked.bias) for end in scaled
    )
    if asked.temperature != 1:
        cool = rounded(Box(low / asked.temperature, high / asked.temperature), places)
        low, high = cool
    if asked.seen is not None:
        low, high = np.where(asked.seen, low, -np.inf), np.where(asked.seen, high, -np.inf)
    top = high.max(axis=-1, initial=-np.inf, keepdims=True)
    top = np.where(top == -np.inf, 0.0, top)
    shift = top - np.clip(top, -_LARGEST_POWER, _LARGEST_POWER)
    below = _below_the_largest(low, high, places)
    scores = np.stack((low - shift, below.low)), np.stack((high - shift, below.high))
    plain = Box(np.exp(scores[0]) * (1 - 4 * _ULP), np.exp(scores[1]) * (1 + 4 * _ULP))
    first = np.stack((np.minimum(1.0, _decade(np.exp(top - shift))), np.ones_like(top)))
    by_places = _rounded(plain, places, _FINER, first)
    figures = _figures(places)
    by_figures = _rounded(plain, figures - 1, _FINER, np.stack(tuple(map(_decade, plain))))
    largest = _decade(plain.high.max(axis=-1, initial=0.0, keepdims=True))
    return (
        Box(
            np.maximum(np.concatenate((by_places.low, by_figures.low)), 0.0),
            np.concatenate((by_places.high, by_figures.high)),
        ),
        np.concatenate((first * 10.0**-places, largest * 10.0 ** -(figures - 1))),
    )


def _below_the_largest(low: Array, high: Array, places: int) -> Box:
    """Each score less the largest of its row, which is at least as large as the score itself."""
    if high.shape[-1] < 2:
        return Box(np.zeros_like(low), np.zeros_like(high))
    # What is the largest among the others: of the largest itself, the second.
    others = []
    for ends in (low, high):
        most = np.partition(ends, -2, axis=-1)[..., -2:]
        first = np.arange(ends.shape[-1]) == ends.argmax(axis=-1)[..., None]
        others.append(np.where(first, most[..., :1], most[..., 1:]))
    seen = high > -np.inf
    off = Box(
        np.minimum(np.where(seen, low - others[1], -np.inf), 0.0),
        np.minimum(np.where(seen, high - others[0], -np.inf), 0.0),
    )
    noise = (np.abs(low) + np.abs(high)) * _ULP
    less = rounded(Box(off.low - noise, off.high + noise), places)
    return Box(
        np.where(seen, less.low, -np.inf), np.where(seen, np.minimum(less.high, 0.0), -np.inf)
    )


def _figures(places: int) -> int:
    """How many significant figures are as good as so many decimal places of a weight."""
    return max(_FEWEST_FIGURES, places)


def _decade(numbers: Array) -> Array:
    """The power of ten of the first figure of each; of what is next to nothing, a small one."""
    return np.asarray(10.0 ** np.floor(np.log10(np.maximum(numbers, _SMALLEST))))


def _over(powers: Box, places: int) -> Box:
    """By what the weights of a row change, all alike, where the sum's reciprocal is rounded.

    Powers (W, ..., Lq, Lk) -> factors around 1, (W, ..., Lq, 1).
    """
    totals = Box(*(end.sum(axis=-1, keepdims=True) for end in powers))
    none = totals.high <= 0
    one = Box(
        1 / np.where(none, 1.0, totals.high) * (1 - 64 * _ULP),
        1
        / np.where(totals.low > 0, totals.low, np.where(none, 1.0, totals.high))
        * (1 + 64 * _ULP),
    )
    units = np.stack(tuple(map(_decade, one)))
    digits = _figures(places) - 1
    by = _rounded(one, digits, _FINER, units)
    # Never by more than half a unit of the last figure, wherever the reciprocal lies.
    most = 0.5 * 10.0**-digits * (1 + _TIE) * units[1] / one.low
    return Box(np.clip(by.low / one.high, 1 - most, 1.0), np.clip(by.high / one.low, 1.0, 1 + most))


def _shares(powers: Box, unit: Array, over: Box, asked: Asked) -> Box:
    """Each power over the sum of its row, the sum rounded too: its ends lie at corners.

    The ends of all ways together: (W, ..., Lq, Lk) -> (..., Lq, Lk).
    """
    low, high = powers
    total_low, total_high = low.sum(axis=-1, keepdims=True), high.sum(axis=-1, keepdims=True)
    noise = total_high * (high.shape[-1] * 2 * _ULP)
    most = low + (total_high - high) + noise
    least = np.maximum(high + (total_low - low) - noise, high / 2)
    less, more = most + unit / 2, np.maximum(least - unit / 2, high / 2)
    # Either the sum is rounded before it divides, or its reciprocal before it multiplies.
    lowest = np.minimum(_quotient(low, less), _quotient(low, most) * over.low)
    highest = np.maximum(_quotient(high, more), _quotient(high, least) * over.high)
    shares = Box(lowest.min(axis=0), highest.max(axis=0) * (1 + 2 * _ULP))
    if asked.seen is None and high.shape[-1] > 1:
        return shares
    # The only key that is seen has all of the weight, whatever was rounded.
    seen = high.max(axis=0) > 0
    alone = seen & (seen.sum(axis=-1, keepdims=True) == 1)
    return Box(np.where(alone, 1.0, shares.low), np.where(alone, 1.0, shares.high))


def _quotient(parts: Array, wholes: Array) -> Array:
    return np.asarray(parts / np.where(wholes > 0, wholes, 1.0))


def _times(weights: Box, values: Array) -> Box:
    """Weights times values: (..., Lq, Lk), (..., Lk, dv) -> (..., Lq, Lk, dv)."""
    one, other = products(weights.low, values), products(weights.high, values)
    low, high = np.minimum(one, other), np.maximum(one, other)
    return Box(low - np.abs(low) * _ULP, high + np.abs(high) * _ULP)


def _kept_if_whole(box: Box, values: Array, places: int) -> Box:
    """Rounded, but for the products with whole values."""
    whole = (values == np.rint(values))[..., None, :, :]
    if whole.all():
        return box
    again = rounded(box, places)
    return Box(np.where(whole, box.low, again.low), np.where(whole, box.high, again.high))


def _summed(parts: Box, blends: Box | None, asked: Asked, places: int) -> Box:
    """The sum of products; and no further from the blend of unrounded weights than rounding goes.

    A weight rounded to ``places`` moves its product by half a unit times the value, one rounded
    further by a tenth of that, after which the product is rounded by half a unit itself.
    """
    low, high = parts.low.sum(axis=-2), parts.high.sum(axis=-2)
    size = np.maximum(np.abs(parts.low), np.abs(parts.high)).sum(axis=-2)
    noise = size * (parts.low.shape[-2] * _ULP)
    low, high = low - noise, high + noise
    if blends is None:
        return Box(low, high)
    half = 0.5 * 10.0**-places
    values = np.abs(asked.values)  # (..., Lk, dv)
    whole = values == np.rint(values)
    shift = np.maximum(values + np.where(whole, 0.0, 1.0), 0.1 * values + 1.0)
    moved = half * shift.sum(axis=-2)[..., None, :]  # (..., 1, dv)
    return Box(np.maximum(low, blends.low - moved), np.minimum(high, blends.high + moved))


def _blends(powers: Box, unit: Array, over: Box, values: Array) -> Box:
    """The range of the blend over all powers in their box: (W, ..., Lq, Lk) -> (..., Lq, dv)."""
    # (..., 1, Lk, dv): the values in falling order, component by component
    order = np.argsort(-values, axis=-2, kind="stable")[..., None, :, :]
    ends = np.stack((powers.low, powers.high))  # (2, W, ..., Lq, Lk)
    shape = np.broadcast_shapes((*ends.shape[1:], 1), order.shape)
    ends = np.take_along_axis(
        np.broadcast_to(ends[..., None], (2, *shape)),
        np.broadcast_to(order, (2, *shape)),
        axis=-2,
    )
    sorted_values = np.take_along_axis(
        np.broadcast_to(values[..., None, :, :], shape), np.broadcast_to(order, shape), axis=-2
    )
    weighed = ends * sorted_values
    # Up to place k the one end, from there on the other: sums for every k at once.
    heads, tails = (_heads(np.stack((ends, weighed))), _tails(np.stack((ends, weighed))))
    rising = heads[:, 1] + tails[:, 0]  # large values at their upper ends
    falling = heads[:, 0] + tails[:, 1]
    # The sum of the powers may be rounded before it divides.
    slack = unit[..., None] / 2
    low = _extreme(falling, slack, over, -1.0)
    high = _extreme(rising, slack, over, 1.0)
    return Box(low.min(axis=0), high.max(axis=0))


def _heads(parts: Array) -> Array:
    """Sums of the first 0, 1, ... n parts along the last axis but one."""
    return np.concatenate((np.zeros_like(parts[..., :1, :]), parts.cumsum(axis=-2)), axis=-2)


def _tails(parts: Array) -> Array:
    """Sums of all parts from 0, 1, ... n on."""
    return np.flip(_heads(np.flip(parts, axis=-2)), axis=-2)


def _extreme(sums: npt.NDArray[np.float64], slack: Array, over: Box, sign: float) -> Array:
    """The largest (or, with a minus sign, smallest) quotient of weighed powers and powers."""
    powers, weighed = sums
    # Dividing by less moves a quotient away from 0, by more towards it; and so does a factor.
    outwards = sign * weighed > 0
    below = np.maximum(powers + np.where(outwards, -slack, slack), powers / 2)
    factor = np.where(outwards, over.high[..., None], over.low[..., None])
    quotients = sign * np.stack((_quotient(weighed, below), _quotient(weighed, powers) * factor))
    largest = quotients.max(axis=(0, -2))
    count = powers.shape[-2]
    noise = np.abs(quotients).max(axis=(0, -2)) * (count * 4 * _ULP)
    return np.asarray(sign * (largest + noise))

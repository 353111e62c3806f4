"""How attention answers to a nudge: derivatives in closed form, of the softmax and of a whole pass.

In a Jacobian the first axes say what moves, the last what it was nudged by. All follow from
d softmax(s)_i / d s_j = w_i (1[i = j] - w_j), written diag(w) - w w^T (Bridle 1990).
"""

# ruff: noqa: N806
# G is a gradient that comes from above, as in every text on backpropagation.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, finite, floats, room_for, totals
from grading.engine.trace import Trace
from grading.errors import EngineError

# ---- the softmax, and the hard lookup ------------------------------------------------------------


def softmax_slope(weights: npt.ArrayLike, *, temperature: float = 1.0) -> Array:
    """The slope of softmax, d weights / d scores = (diag(w) - w w^T) / T: (..., n) -> (..., n, n).

    ``weights`` are what softmax gave at that temperature. Every row and every column sums to 0:
    what one weight wins the others lose. Raises TEMPERATURE, RAGGED, NOT_FINITE, TOO_BIG.

    >>> softmax_slope([0.5, 0.5]).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    rows = floats("weights", weights, axes=1)
    if not 0 < temperature < np.inf:
        raise EngineError("TEMPERATURE", f"a temperature is above 0 and finite, not {temperature}")
    room_for(*rows.shape, rows.shape[-1])
    with np.errstate(all="ignore"):
        return finite("a slope", _spread(rows) / temperature)


def hard_slope(scores: npt.ArrayLike) -> Array:
    """The slope of a hard lookup, d weights / d scores: 0 everywhere, (..., n) -> (..., n, n).

    A small nudge changes no winner, so nothing can be learned from it. (At a tie there is a jump,
    and no slope at all; 0 is what remains on either side.)

    >>> hard_slope([1, 2]).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    rows = floats("scores", scores, axes=1)
    room_for(*rows.shape, rows.shape[-1])
    return np.zeros((*rows.shape, rows.shape[-1]))


# ---- a whole pass --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Slopes:
    """The Jacobians of one pass; i a query, c an output component, j a key, a an input component.

    The output of a query does not depend on the other queries, so each is told by itself. A key's
    slope is d output_ic / d k_ja for the one query i. Values enter as they are: d output_ic / d
    v_jc is the weight w_ij, and every other component of v_j leaves output_ic alone.
    """

    scores: Array  # (B, Lq, dv, Lk) d output_ic / d score_ij, before scale and cap
    queries: Array | None  # (B, Lq, dv, d); None where the scores were given
    keys: Array | None  # (B, Lq, dv, Lk, d); likewise
    values: Array  # (B, Lq, Lk) the weights


def output_slopes(trace: Trace) -> Slopes:
    """How the output of a pass answers to its scores, queries, keys and values.

    d output / d q = V^T (diag(w) - w w^T) K * scale / T, the covariance of values and keys under
    the weights; a soft cap c multiplies each score's slope by 1 - (capped / c)^2. A key that is not
    seen has the slope 0. Raises NOT_FINITE, TOO_BIG.

    >>> from grading.engine.attention import attend
    >>> slopes = output_slopes(attend([[1, 2]], [[1, 0], [0, 1]], [[4, 1], [1, 4]], scale=1))
    >>> slopes.queries.round(4).tolist()
    [[[0.5898, -0.5898], [-0.5898, 0.5898]]]
    """
    weights, values = trace.weights, trace.asked.values
    *lead, lq, lk = weights.shape
    width = 1 if trace.asked.keys is None else trace.asked.keys.shape[-1]
    room_for(*lead, lq, lk, values.shape[-1], width)
    with np.errstate(all="ignore"):
        # (B, Lq, Lk, dv): how far each value lies from the output, times its weight
        pulls = weights[..., None] * (values[..., None, :, :] - trace.output[..., None, :])
        by_score = pulls * _through_the_cap(trace)[..., None]
        scores = np.ascontiguousarray(np.swapaxes(by_score, -1, -2))  # (B, Lq, dv, Lk)
        queries = keys = None
        if trace.asked.keys is not None and trace.asked.queries is not None:
            # (B, Lq, dv, Lk, d), summed over the keys
            per_key = scores[..., None] * trace.asked.keys[..., None, None, :, :]
            queries = finite("a slope", totals(per_key, -2))
            keys = scores[..., None] * trace.asked.queries[..., :, None, None, :]
            keys = finite("a slope", np.ascontiguousarray(keys))
    return Slopes(scores=finite("a slope", scores), queries=queries, keys=keys, values=weights)


@dataclass(frozen=True, kw_only=True, eq=False)
class Gradients:
    """How a single number that depends on the output changes with what the pass was given.

    Each has the shape of what it belongs to in ``trace.asked``; an input that was shared by a
    batch gathers what all its members say.
    """

    scores: Array  # (B, Lq, Lk), before scale and cap
    queries: Array | None  # (B, Lq, d); None where the scores were given
    keys: Array | None  # (..., Lk, d)
    values: Array  # (..., Lk, dv)


def pull_back(trace: Trace, gradient: npt.ArrayLike) -> Gradients:
    """Carry a gradient G = d loss / d output (B, Lq, dv) back to the inputs: backpropagation.

    d scores = w (G V^T - sum over keys of w G V^T) * scale / T, then d Q = d scores K,
    d K = d scores^T Q, d V = w^T G. Raises DIM_MISMATCH, RAGGED, NOT_FINITE.

    >>> from grading.engine.attention import attend
    >>> trace = attend([[1, 2]], [[1, 0], [0, 1]], [[4, 1], [1, 4]], scale=1)
    >>> pull_back(trace, [[1, 0]]).values.round(4).tolist()
    [[0.2689, 0.0], [0.7311, 0.0]]
    """
    G = floats("gradient", gradient, axes=2)
    if G.shape != trace.output.shape:
        raise EngineError(
            "DIM_MISMATCH", f"a gradient of shape {G.shape} for an output of {trace.output.shape}"
        )
    weights, values = trace.weights, trace.asked.values
    with np.errstate(all="ignore"):
        # (B, Lq, Lk, dv) -> (B, Lq, Lk): how far each value lies from the output, along G
        along = (values[..., None, :, :] - trace.output[..., None, :]) * G[..., None, :]
        scores = weights * totals(along, -1) * _through_the_cap(trace)
        queries = keys = None
        if trace.asked.keys is not None and trace.asked.queries is not None:
            K, Q = trace.asked.keys, trace.asked.queries
            queries = totals(scores[..., None] * K[..., None, :, :], -2)
            # over the queries: (B, Lk, Lq, 1) * (B, 1, Lq, d) -> (B, Lk, d)
            keys = totals(np.swapaxes(scores, -1, -2)[..., None] * Q[..., None, :, :], -2)
            keys = finite("a gradient", _gathered(keys, K.shape))
            queries = finite("a gradient", queries)
        given = totals(np.swapaxes(weights, -1, -2)[..., None] * G[..., None, :, :], -2)
    return Gradients(
        scores=finite("a gradient", scores),
        queries=queries,
        keys=keys,
        values=finite("a gradient", _gathered(given, values.shape)),
    )


# ---- small steps ---------------------------------------------------------------------------------


def _spread(weights: Array) -> Array:
    """diag(w) - w w^T: (..., n) -> (..., n, n)."""
    alone = np.eye(weights.shape[-1]) * weights[..., None, :]
    return np.asarray(alone - weights[..., :, None] * weights[..., None, :])


def _through_the_cap(trace: Trace) -> Array:
    """How what goes into exp answers to a score, (B, Lq, Lk): scale / T, less under a cap."""
    asked = trace.asked
    steep = asked.scale / asked.temperature
    if asked.softcap is None:
        return np.full(trace.scores.shape, steep)
    return np.asarray(steep * (1 - (trace.capped / asked.softcap) ** 2))


def _gathered(whole: Array, shape: tuple[int, ...]) -> Array:
    """Sums over every axis along which an input of ``shape`` was broadcast."""
    extra = tuple(range(whole.ndim - len(shape)))
    whole = whole.sum(axis=extra) if extra else whole
    shared = tuple(
        axis for axis, (have, had) in enumerate(zip(whole.shape, shape, strict=True)) if have != had
    )
    return np.asarray(whole.sum(axis=shared, keepdims=True) if shared else whole)

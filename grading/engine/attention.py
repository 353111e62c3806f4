"""The reference attention engine: softmax, one full pass, the hard lookup, and the blend."""

# ruff: noqa: N803
# Q, K, V and W are the letters of every paper on attention.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import (
    Array,
    Mask,
    batch,
    boolean,
    finite,
    fits,
    floats,
    mask,
    room_for,
    totals,
)
from grading.engine.scores import dot_products, root_scale, same_width
from grading.engine.trace import Asked, Trace, exps, follow, masked, products, row_max, shares
from grading.errors import EngineError

Window = tuple[int | None, int | None]
"""How many keys to the left and to the right of its own place a query sees; None for no bound."""


class Options(TypedDict, total=False):
    """The settings of ``attend``, as those pass them on who call it for every head."""

    scale: float | None
    temperature: float
    allowed: npt.ArrayLike | None
    bias: npt.ArrayLike | None
    causal: bool
    causal_offset: int | npt.NDArray[np.integer] | None
    window: Window | None
    softcap: float | None


def attend(
    Q: npt.ArrayLike,
    K: npt.ArrayLike,
    V: npt.ArrayLike,
    *,
    scale: float | None = None,
    temperature: float = 1.0,
    allowed: npt.ArrayLike | None = None,
    bias: npt.ArrayLike | None = None,
    causal: bool = False,
    causal_offset: int | npt.NDArray[np.integer] | None = None,
    window: Window | None = None,
    softcap: float | None = None,
) -> Trace:
    """Attention: every query mixes the values, each as much as its key matches.

    output = softmax((softcap(scale Q K^T) + bias) / temperature) V  (Vaswani et al. 2017, eq. 1)

    Q (..., Lq, d), K (..., Lk, d), V (..., Lk, dv) -> a Trace, its output (..., Lq, dv). Leading
    axes are free and broadcast.

    - ``scale`` None is 1 / sqrt(d); pass 1 for the bare dot product.
    - ``temperature`` divides what goes into exp: towards 0 a hard lookup, large a plain average.
    - ``allowed`` (boolean, broadcasts to the scores) is True where a query MAY attend.
    - ``bias`` (numbers, minus infinity included) is added after the soft cap.
    - ``causal``: query i sees the keys j <= i + causal_offset. The offset is the number of keys
      that came before the first query: an integer, or an array of integers over the batch axes.
      Without one it is 0 where Lq = Lk, and refused where they differ, because libraries disagree.
    - ``window`` (left, right): query i, standing at key i + causal_offset, sees that many keys on
      either side of it, and itself.
    - ``softcap`` c makes a score s into c tanh(s / c).

    A query that may see no key gets weights and output 0 and is flagged in ``empty_rows``.
    Raises DIM_MISMATCH, COUNT_MISMATCH, RAGGED, NOT_FINITE, MASK_TYPE, MASK_SHAPE,
    CAUSAL_AMBIGUOUS, TEMPERATURE, TOO_BIG.

    >>> keys, values = [[1, 0], [0, 1], [1, 1], [2, -1]], [[4, 1], [1, 4], [2, 0], [0, 3]]
    >>> trace = attend([[1, 2]], keys, values)
    >>> trace.weights.round(4).tolist(), trace.output.round(4).tolist()
    ([[0.131, 0.2657, 0.5388, 0.0646]], [[1.8671, 1.3874]])
    """
    queries, keys = floats("Q", Q, axes=2), floats("K", K, axes=2)
    values = floats("V", V, axes=2)
    same_width(queries, keys)
    _same_count(keys, values)
    if scale is None:
        scale = root_scale(queries.shape[-1])

    lead = batch(Q=queries, K=keys, V=values)
    room_for(*lead, queries.shape[-2], keys.shape[-2], max(queries.shape[-1], values.shape[-1]))
    # one full batch shape for all stages, whichever of the three brought it
    queries = np.broadcast_to(queries, lead + queries.shape[-2:])
    with np.errstate(all="ignore"):
        scores = finite("a score", dot_products(queries, keys))
    return _attend(
        queries, keys, values, scores, scale, temperature, allowed, bias, causal, causal_offset,
        window, softcap,
    )  # fmt: skip


def attend_by_scores(
    scores: npt.ArrayLike,
    V: npt.ArrayLike,
    *,
    scale: float = 1.0,
    temperature: float = 1.0,
    allowed: npt.ArrayLike | None = None,
    bias: npt.ArrayLike | None = None,
    causal: bool = False,
    causal_offset: int | npt.NDArray[np.integer] | None = None,
    window: Window | None = None,
    softcap: float | None = None,
) -> Trace:
    """``attend`` from scores (..., Lq, Lk) already known: given, or made by ``engine.scores``.

    They count as they are: ``scale`` is 1 unless you say otherwise. The rest is as in ``attend``.

    >>> attend_by_scores([[1, 2, 3]], [[1], [0], [0]]).weights.round(4).tolist()
    [[0.09, 0.2447, 0.6652]]
    """
    raw = floats("scores", scores, axes=2)
    values = floats("V", V, axes=2)
    if raw.shape[-1] != values.shape[-2]:
        raise EngineError(
            "COUNT_MISMATCH", f"{raw.shape[-1]} scores in a row for {values.shape[-2]} values"
        )
    lead = batch(scores=raw, V=values)
    room_for(*lead, *raw.shape[-2:], values.shape[-1])
    raw = np.broadcast_to(raw, lead + raw.shape[-2:])
    return _attend(
        None, None, values, raw, scale, temperature, allowed, bias, causal, causal_offset, window,
        softcap,
    )  # fmt: skip


def softmax(
    scores: npt.ArrayLike,
    *,
    axis: int = -1,
    allowed: npt.ArrayLike | None = None,
    temperature: float = 1.0,
) -> Array:
    """exp(score / T) over the sum of all of them along ``axis``: weights from 0 to 1, sum 1.

    The shape stays. ``allowed`` is True where a score counts; where none does, the weights are 0.
    The largest score is taken off first, which changes nothing but keeps exp from overflowing
    (Blanchard, Higham and Higham 2021). Raises RAGGED, NOT_FINITE, MASK_TYPE, MASK_SHAPE,
    TEMPERATURE, DIM_MISMATCH.

    >>> softmax([1, 2, 3]).round(4).tolist()
    [0.09, 0.2447, 0.6652]
    """
    along = _open_scores(scores, axis, allowed)
    _warm(temperature)
    with np.errstate(all="ignore"):
        powers = exps(along, row_max(along), temperature)
        weights = shares(powers, totals(powers, -1))
    return np.ascontiguousarray(np.moveaxis(weights, -1, axis))


def logsumexp(
    scores: npt.ArrayLike, *, axis: int = -1, allowed: npt.ArrayLike | None = None
) -> Array:
    """log(sum of exp(score)) along ``axis``, which is taken away; minus infinity where none counts.

    softmax(s) = exp(s - logsumexp(s)). Refusals are those of ``softmax``.

    >>> round(float(logsumexp([1000, 1000])), 4)
    1000.6931
    """
    along = _open_scores(scores, axis, allowed)
    best = row_max(along)
    with np.errstate(all="ignore"):
        return np.asarray(np.log(totals(exps(along, best, 1.0), -1)) + best)


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What a hard lookup returns: for each query the value of its best key alone."""

    output: Array  # (..., Lq, dv); 0 where a query may see no key
    first: npt.NDArray[np.int64]  # (..., Lq) the best key, the first of several; -1 for none
    best: Mask  # (..., Lq, Lk) every key that shares the highest score
    ties: Mask  # (..., Lq)
    empty_rows: Mask  # (..., Lq)


def hard_lookup(
    scores: npt.ArrayLike, V: npt.ArrayLike, *, allowed: npt.ArrayLike | None = None
) -> Found:
    """The value of the best-scored key alone: scores (..., Lq, Lk), V (..., Lk, dv).

    Weights do as well as scores: the order is the same. In a tie the first key is returned and
    all are named. Refusals are those of ``attend_by_scores``.

    >>> found = hard_lookup([[0.72, 0.05, 0.08, 0.15]], [[4, 1], [1, 4], [2, 0], [0, 3]])
    >>> found.output.tolist(), found.first.tolist()
    ([[4.0, 1.0]], [0])
    """
    trace = attend_by_scores(scores, V, allowed=allowed)
    shape = trace.masked.shape
    best = (trace.masked == trace.row_max[..., None]) & (trace.masked > -np.inf)
    first = np.where(trace.empty_rows, -1, best.argmax(axis=-1) if shape[-1] else -1)
    alone = np.arange(shape[-1]) == first[..., None]
    output = totals(products(alone.astype(np.float64), trace.asked.values), -2)
    return Found(
        output=output, first=first, best=best, ties=trace.ties, empty_rows=trace.empty_rows
    )


def blend(weights: npt.ArrayLike, V: npt.ArrayLike) -> Array:
    """The weighted sum of values, output_i = sum over j of w_ij v_j.

    Weights (..., Lq, Lk), or (Lk,) for one query; V (..., Lk, dv) -> (..., Lq, dv), or (dv,).
    Whether the weights are sensible (0 to 1, sum 1) is not asked: wrong ones are worth blending
    too. Raises COUNT_MISMATCH, DIM_MISMATCH, RAGGED, NOT_FINITE, TOO_BIG.

    >>> blend([0.5, 0.5], [[4, 1], [1, 4]]).tolist()
    [2.5, 2.5]
    """
    mix, values = floats("weights", weights, axes=1), floats("V", V, axes=2)
    if mix.shape[-1] != values.shape[-2]:
        raise EngineError(
            "COUNT_MISMATCH", f"{mix.shape[-1]} weights in a row for {values.shape[-2]} values"
        )
    rows = mix[None, :] if mix.ndim == 1 else mix
    room_for(*batch(weights=rows, V=values), *rows.shape[-2:], values.shape[-1])
    with np.errstate(all="ignore"):
        output = finite("the blend", totals(products(rows, values), -2))
    return output[..., 0, :] if mix.ndim == 1 else output


def blend_exact(
    weights: Sequence[Fraction], values: Sequence[Sequence[Fraction]]
) -> tuple[Fraction, ...]:
    """The weighted sum of values for one query, without rounding. Raises COUNT_MISMATCH, RAGGED.

    >>> weights = [Fraction(72, 100), Fraction(5, 100), Fraction(8, 100), Fraction(15, 100)]
    >>> values = [[4, 1], [1, 4], [2, 0], [0, 3]]
    >>> blend_exact(weights, [[Fraction(x) for x in value] for value in values])
    (Fraction(309, 100), Fraction(137, 100))
    """
    if len(weights) != len(values):
        raise EngineError("COUNT_MISMATCH", f"{len(weights)} weights for {len(values)} values")
    if len({len(value) for value in values}) > 1:
        raise EngineError("RAGGED", "the values differ in length")
    return tuple(
        sum((w * x for w, x in zip(weights, component, strict=True)), start=Fraction(0))
        for component in zip(*values, strict=True)
    )


def _attend(
    queries: Array | None,
    keys: Array | None,
    values: Array,
    scores: Array,
    scale: float,
    temperature: float,
    allowed: npt.ArrayLike | None,
    bias: npt.ArrayLike | None,
    causal: bool,
    causal_offset: int | npt.NDArray[np.integer] | None,
    window: Window | None,
    softcap: float | None,
) -> Trace:
    """The rest of a pass, once there are scores."""
    _warm(temperature)
    if not -np.inf < scale < np.inf:
        raise EngineError("NOT_FINITE", "the scale is not finite")
    if softcap is not None and not 0 < softcap < np.inf:
        raise EngineError("NOT_FINITE", f"a soft cap of {softcap} leaves no finite score")
    open_doors = None if allowed is None else mask("allowed", allowed, scores.shape)
    push = None
    if bias is not None:
        if boolean(bias):
            raise EngineError("MASK_TYPE", "a bias is numbers to add; pass booleans as allowed")
        push = floats("bias", bias, infinite=True)
        fits("bias", push.shape, scores.shape)
    ahead = _ahead(scores.shape, causal, causal_offset, window)
    scores.flags.writeable = False
    trace = follow(
        Asked(
            queries=queries,
            keys=keys,
            values=values,
            scale=float(scale),
            temperature=float(temperature),
            softcap=None if softcap is None else float(softcap),
            bias=push,
            allowed=open_doors,
            seen=_seen(open_doors, ahead, causal, window),
            ahead=ahead if causal else None,
        ),
        {"scores": scores},
    )
    finite("a scaled score", trace.scaled)
    if not (trace.biased < np.inf).all():
        raise EngineError("NOT_FINITE", "a score plus its bias overflows float64")
    finite("the output", trace.output)
    return trace


def _ahead(
    shape: tuple[int, ...],
    causal: bool,
    offset: int | npt.NDArray[np.integer] | None,
    window: Window | None,
) -> npt.NDArray[np.int64] | None:
    """How far each key lies ahead of each query's own place, where order matters: j - i - offset.

    (Lq, Lk), or (B, Lq, Lk) where the offset differs over the batch.
    """
    if not causal and window is None:
        if offset is not None:
            raise EngineError("CAUSAL_AMBIGUOUS", "an offset says nothing without causal or window")
        return None
    queries, keys = shape[-2:]
    if offset is None:
        if queries != keys:
            raise EngineError(
                "CAUSAL_AMBIGUOUS",
                f"{queries} queries and {keys} keys: pass causal_offset, the number of keys "
                "before the first query (0 aligns the starts, Lk - Lq the ends)",
            )
        offset = 0
    start = np.asarray(offset)
    if start.dtype.kind not in "iu":
        raise EngineError("CAUSAL_AMBIGUOUS", "an offset counts keys: it is a whole number")
    fits("causal_offset", (*start.shape, 1, 1), shape)
    place = np.arange(queries)[:, None] + start[..., None, None]  # (..., Lq, 1)
    return np.asarray(np.arange(keys) - place, dtype=np.int64)


def _seen(
    allowed: Mask | None,
    ahead: npt.NDArray[np.int64] | None,
    causal: bool,
    window: Window | None,
) -> Mask | None:
    """Every rule about who may look where, in one mask; None where there is no rule."""
    if ahead is None:
        return allowed
    left, right = window if window is not None else (None, None)
    if any(side is not None and side < 0 for side in (left, right)):
        raise EngineError("MASK_SHAPE", "a window reaches 0 or more keys to either side")
    seen = np.ones(ahead.shape, dtype=np.bool_)
    if causal:
        seen &= ahead <= 0
    if left is not None:
        seen &= ahead >= -left
    if right is not None:
        seen &= ahead <= right
    return seen if allowed is None else seen & allowed


def _open_scores(scores: npt.ArrayLike, axis: int, allowed: npt.ArrayLike | None) -> Array:
    """Checked scores with ``axis`` last and minus infinity where one does not count."""
    raw = floats("scores", scores, axes=1)
    if not -raw.ndim <= axis < raw.ndim:
        raise EngineError("DIM_MISMATCH", f"scores of {raw.ndim} axes have no axis {axis}")
    seen = None if allowed is None else mask("allowed", allowed, raw.shape)
    return np.ascontiguousarray(np.moveaxis(masked(raw, seen), axis, -1))


def _same_count(keys: Array, values: Array) -> None:
    if keys.shape[-2] != values.shape[-2]:
        raise EngineError("COUNT_MISMATCH", f"{keys.shape[-2]} keys for {values.shape[-2]} values")


def _warm(temperature: float) -> None:
    if not 0 < temperature < np.inf:
        raise EngineError("TEMPERATURE", f"a temperature is above 0 and finite, not {temperature}")

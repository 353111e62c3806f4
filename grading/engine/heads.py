"""Attention with projections and heads: self, cross and multi-head attention, and positions.

Vectors are rows, as in Vaswani et al. 2017, section 3.2.2: a projection is X W with W (d, h).
(``torch.nn.Linear`` keeps the transpose of W.)
"""

# ruff: noqa: N803
# Q, K, V, X and W are the letters of every paper on attention.

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, batch, finite, floats, room_for
from grading.engine.attention import Options, attend
from grading.engine.scores import dot_products
from grading.engine.trace import Trace
from grading.errors import EngineError

Past = tuple[npt.ArrayLike, npt.ArrayLike]
"""Keys and values of earlier calls: (..., Hkv, Lp, d) and (..., Hkv, Lp, dv)."""

# ---- vectors into heads and back -----------------------------------------------------------------


def project(X: npt.ArrayLike, W: npt.ArrayLike, b: npt.ArrayLike | None = None) -> Array:
    """X W + b, every row by itself: X (..., L, d), W (d, h), b (h,) -> (..., L, h).

    Raises DIM_MISMATCH, RAGGED, NOT_FINITE, TOO_BIG.

    >>> project([[1, 2]], [[1, 0, 1], [0, 1, 1]]).tolist()
    [[1.0, 2.0, 3.0]]
    """
    rows, matrix = floats("X", X, axes=2), floats("W", W, axes=2)
    if matrix.ndim != 2 or matrix.shape[0] != rows.shape[-1]:
        raise EngineError(
            "DIM_MISMATCH", f"W of shape {matrix.shape} meets {rows.shape[-1]} components"
        )
    room_for(*rows.shape, matrix.shape[-1])
    with np.errstate(all="ignore"):
        carried = dot_products(rows, np.ascontiguousarray(matrix.T))  # (..., L, h)
        if b is not None:
            shift = floats("b", b, axes=1)
            if shift.shape != matrix.shape[-1:]:
                raise EngineError(
                    "DIM_MISMATCH", f"b of shape {shift.shape} meets W of shape {matrix.shape}"
                )
            carried = carried + shift
    return finite("X W + b", carried)


def split(X: npt.ArrayLike, heads: int) -> Array:
    """Each vector cut into ``heads`` equal pieces: (..., L, heads * d) -> (..., heads, L, d).

    Raises HEADS_NOT_MULTIPLE where the width is no multiple of ``heads``.

    >>> split([[1, 2, 3, 4]], 2).tolist()
    [[[1.0, 2.0]], [[3.0, 4.0]]]
    """
    rows = floats("X", X, axes=2)
    width = rows.shape[-1]
    if heads < 1 or width % heads:
        raise EngineError(
            "HEADS_NOT_MULTIPLE", f"{width} components cannot be shared out to {heads} heads"
        )
    pieces = rows.reshape(*rows.shape[:-1], heads, width // heads)  # (..., L, heads, d)
    return np.ascontiguousarray(np.swapaxes(pieces, -2, -3))


def merge(X: npt.ArrayLike) -> Array:
    """The pieces of all heads side by side: (..., heads, L, d) -> (..., L, heads * d).

    What ``split`` has parted; the concatenation of Vaswani et al. 2017, section 3.2.2.

    >>> merge([[[1, 2]], [[3, 4]]]).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    return _merged(floats("X", X, axes=3))


# ---- several heads at once -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouped:
    """A pass in which several query heads may share one key head."""

    trace: Trace
    """Its last batch axis counts the query heads: every stage is (..., Hq, ...)."""
    keys: Array  # (..., Hkv, Lp + Lk, d): past and present, what a next call takes as its past
    values: Array  # (..., Hkv, Lp + Lk, dv)
    past: int
    """Lp, how many keys came before the first one of this call."""
    group: int
    """How many query heads share a key head: head h asks key head h // group."""

    @property
    def output(self) -> Array:
        """(..., Hq, Lq, dv)."""
        return self.trace.output


def attend_grouped(
    Q: npt.ArrayLike,
    K: npt.ArrayLike,
    V: npt.ArrayLike,
    *,
    past: Past | None = None,
    **options: Unpack[Options],
) -> Grouped:
    """``attend`` for every head, where groups of query heads share keys and values.

    Q (..., Hq, Lq, d), K (..., Hkv, Lk, d), V (..., Hkv, Lk, dv) -> output (..., Hq, Lq, dv); Hq is
    a multiple of Hkv. As many as queries is plain multi-head attention, 1 is multi-query attention
    (Shazeer 2019), between them lies grouped-query attention (Ainslie et al. 2023). Query head h
    asks key head h // (Hq / Hkv).

    ``past`` keys and values stand before the present ones. Where order matters and no offset is
    given, as many queries as present keys are taken to stand where those do, after the past: the
    offset is Lp. The options are those of ``attend``; masks and biases broadcast to
    (..., Hq, Lq, Lp + Lk). Raises HEADS_NOT_MULTIPLE, and what ``attend`` raises.

    >>> one_key_head = [[[1, 0], [0, 1]]]
    >>> two = attend_grouped([[[9, 0]], [[0, 9]]], one_key_head, one_key_head, scale=1)
    >>> two.group, two.output.round(2).tolist()
    (2, [[[1.0, 0.0]], [[0.0, 1.0]]])
    """
    queries, keys = floats("Q", Q, axes=3), floats("K", K, axes=3)
    values = floats("V", V, axes=3)
    present, before = keys.shape[-2], 0
    if past is not None:
        earlier = floats("past keys", past[0], axes=3), floats("past values", past[1], axes=3)
        before = earlier[0].shape[-2]
        if earlier[1].shape[-2] != before:
            raise EngineError(
                "COUNT_MISMATCH", f"{before} past keys for {earlier[1].shape[-2]} past values"
            )
        keys = _after("keys", earlier[0], keys)
        values = _after("values", earlier[1], values)
    if keys.shape[-3] != values.shape[-3]:
        raise EngineError(
            "COUNT_MISMATCH", f"{keys.shape[-3]} key heads for {values.shape[-3]} value heads"
        )
    asking, answering = queries.shape[-3], keys.shape[-3]
    if answering == 0 or asking % answering:
        raise EngineError(
            "HEADS_NOT_MULTIPLE", f"{asking} query heads cannot share {answering} key heads evenly"
        )

    order_matters = options.get("causal", False) or options.get("window") is not None
    if (
        order_matters
        and options.get("causal_offset") is None
        and queries.shape[-2] == present
        and before
    ):
        options["causal_offset"] = before
    group = asking // answering
    room_for(*keys.shape[:-3], asking, keys.shape[-2], max(keys.shape[-1], values.shape[-1]))
    trace = attend(
        queries,
        handed_round(keys, group),  # (..., Hq, Lp + Lk, d)
        handed_round(values, group),
        **options,
    )
    return Grouped(trace=trace, keys=keys, values=values, past=before, group=group)


def handed_round(pieces: Array, group: int) -> Array:
    """Each head ``group`` times in turn: (..., Hkv, L, d) -> (..., Hkv * group, L, d)."""
    return pieces if group == 1 else np.repeat(pieces, group, axis=-3)


# ---- projections around it -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Projections:
    """The matrices of one attention layer; None leaves the vectors as they are.

    W_q (d_model, H * d), W_k (d_model, Hkv * d), W_v (d_model, Hkv * dv), W_o (H * dv, d_out); each
    may have a bias, as long as the matrix is wide.
    """

    W_q: npt.ArrayLike | None = None
    W_k: npt.ArrayLike | None = None
    W_v: npt.ArrayLike | None = None
    W_o: npt.ArrayLike | None = None
    b_q: npt.ArrayLike | None = None
    b_k: npt.ArrayLike | None = None
    b_v: npt.ArrayLike | None = None
    b_o: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        """Keeps copies of its own. Raises RAGGED, NOT_FINITE, DIM_MISMATCH."""
        for letter in "qkvo":
            matrix, shift = getattr(self, f"W_{letter}"), getattr(self, f"b_{letter}")
            for name, given, axes in ((f"W_{letter}", matrix, 2), (f"b_{letter}", shift, 1)):
                if given is None:
                    continue
                array = floats(name, given, axes=axes)
                if array.ndim > axes:
                    raise EngineError("DIM_MISMATCH", f"{name} has {array.ndim} axes, not {axes}")
                object.__setattr__(self, name, array)
            if shift is not None and matrix is None:
                raise EngineError("DIM_MISMATCH", f"b_{letter} needs its W_{letter}")


@dataclass(frozen=True, kw_only=True, eq=False)
class MultiHead:
    """Every stage of one multi-head pass; the stages inside the heads are those of its trace."""

    given: tuple[Array, Array, Array]  # what Q, K and V were made from, each (..., L, d_model)
    by: Projections
    queries: Array  # (..., Lq, H * d) projected, all heads side by side
    keys: Array  # (..., Lk, Hkv * d)
    values: Array  # (..., Lk, Hkv * dv)
    heads: Grouped  # its trace: (..., H, ...)
    merged: Array  # (..., Lq, H * dv)
    output: Array  # (..., Lq, d_out)

    @property
    def trace(self) -> Trace:
        """The pass inside the heads: every stage is (..., H, ...)."""
        return self.heads.trace

    def follow(self, trace: Trace) -> MultiHead:
        """What would have come out, had the heads done ``trace``: a slip in them, or a replay.

        The output is infinite or NaN where the trace leads there.
        """
        with np.errstate(all="ignore"):
            merged = _merged(trace.output)
            output = _projected(merged, self.by.W_o, self.by.b_o)
        return replace(self, heads=replace(self.heads, trace=trace), merged=merged, output=output)

    def replay(self, stage: str, value: npt.ArrayLike) -> MultiHead:
        """``Trace.replay`` inside the heads, carried on to the output."""
        return self.follow(self.trace.replay(stage, value))


def multi_head(
    Q: npt.ArrayLike,
    K: npt.ArrayLike,
    V: npt.ArrayLike,
    by: Projections,
    *,
    heads: int,
    kv_heads: int | None = None,
    past: Past | None = None,
    **options: Unpack[Options],
) -> MultiHead:
    """Multi-head attention: Concat(head_1, ..., head_H) W_o, with
    head_i = attention(Q W_q, K W_k, V W_v), each on its own piece (Vaswani et al. 2017, 3.2.2).

    Q (..., Lq, d_model), K and V (..., Lk, d_model), whose widths may differ -> (..., Lq, d_out).
    ``kv_heads`` (None: as many as ``heads``) share keys and values among groups of heads; ``past``
    and the options are those of ``attend_grouped``. ``scale`` None is 1 / sqrt(width of one head).
    Raises HEADS_NOT_MULTIPLE, and what ``project`` and ``attend`` raise.

    >>> X = [[1, 0, 0, 1], [0, 1, 1, 0]]
    >>> two = multi_head(X, X, X, Projections(), heads=2)
    >>> two.trace.weights.round(4).tolist()
    [[[0.6698, 0.3302], [0.3302, 0.6698]], [[0.6698, 0.3302], [0.3302, 0.6698]]]
    >>> two.output.round(4).tolist()
    [[0.6698, 0.3302, 0.3302, 0.6698], [0.3302, 0.6698, 0.6698, 0.3302]]
    """
    given = floats("Q", Q, axes=2), floats("K", K, axes=2), floats("V", V, axes=2)
    queries = project(given[0], by.W_q, by.b_q) if by.W_q is not None else given[0]
    keys = project(given[1], by.W_k, by.b_k) if by.W_k is not None else given[1]
    values = project(given[2], by.W_v, by.b_v) if by.W_v is not None else given[2]
    shared = heads if kv_heads is None else kv_heads
    inside = attend_grouped(
        split(queries, heads), split(keys, shared), split(values, shared), past=past, **options
    )
    merged = _merged(inside.output)
    output = merged if by.W_o is None else project(merged, by.W_o, by.b_o)
    return MultiHead(
        given=given, by=by, queries=queries, keys=keys, values=values, heads=inside,
        merged=merged, output=output,
    )  # fmt: skip


def self_attention(
    X: npt.ArrayLike, by: Projections | None = None, *, heads: int = 1, **options: Unpack[Options]
) -> MultiHead:
    """Every vector asks all vectors of the same sequence: X (..., L, d_model) -> (..., L, d_out).

    Without projections each vector is its own query, key and value.

    >>> self_attention([[1, 0], [0, 1]], scale=1).output.round(4).tolist()
    [[0.7311, 0.2689], [0.2689, 0.7311]]
    """
    return multi_head(X, X, X, by or Projections(), heads=heads, **options)


def cross_attention(
    X: npt.ArrayLike,
    memory: npt.ArrayLike,
    by: Projections | None = None,
    *,
    heads: int = 1,
    **options: Unpack[Options],
) -> MultiHead:
    """Queries come from X (..., Lq, d), keys and values from ``memory`` (..., Lk, d_memory).

    A decoder's words ask the encoder's, say. -> (..., Lq, d_out).

    >>> cross_attention([[0, 0]], [[1, 3], [3, 5]]).output.tolist()
    [[2.0, 4.0]]
    """
    return multi_head(X, memory, memory, by or Projections(), heads=heads, **options)


# ---- where a word stands -------------------------------------------------------------------------


def sinusoidal_positions(positions: npt.ArrayLike, d: int, *, longest: float = 10_000.0) -> Array:
    """Waves that tell positions apart (Vaswani et al. 2017, section 3.5), angles in radians.

    PE(pos, 2i) = sin(pos / longest^(2i / d)) and PE(pos, 2i + 1) = cos of the same. Positions
    (...) count from 0 -> (..., d). Raises DIM_MISMATCH, NOT_FINITE, TOO_BIG.

    >>> sinusoidal_positions(1, 4).round(4).tolist()
    [0.8415, 0.5403, 0.01, 1.0]
    """
    places = floats("positions", positions)
    if d < 1:
        raise EngineError("DIM_MISMATCH", f"a position in {d} components says nothing")
    if not 0 < longest < np.inf:
        raise EngineError("NOT_FINITE", f"waves of length {longest} tell no positions apart")
    room_for(*places.shape, d)
    pair = np.arange(d) // 2  # (d,) i of each component
    with np.errstate(all="ignore"):
        angles = finite("an angle", places[..., None] / longest ** (2 * pair / d))  # (..., d)
    return np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles))


# ---- small steps ---------------------------------------------------------------------------------


def _after(name: str, earlier: Array, present: Array) -> Array:
    """Past vectors before the present ones, along the axis that counts them."""
    if earlier.shape[-1] != present.shape[-1] or earlier.shape[-3] != present.shape[-3]:
        raise EngineError(
            "DIM_MISMATCH", f"past {name} {earlier.shape} do not continue in {present.shape}"
        )
    lead = batch(past=earlier, present=present)
    joined = np.concatenate(
        [np.broadcast_to(part, lead + part.shape[-2:]) for part in (earlier, present)], axis=-2
    )
    joined.flags.writeable = False
    return joined


def _merged(outputs: Array) -> Array:
    *lead, heads, queries, width = outputs.shape
    pieces = np.ascontiguousarray(np.swapaxes(outputs, -2, -3))  # (..., Lq, H, dv)
    return pieces.reshape(*lead, queries, heads * width)


def _projected(merged: Array, W: npt.ArrayLike | None, b: npt.ArrayLike | None) -> Array:
    """``project`` without its checks, for what a slip may have led out of the numbers."""
    if W is None:
        return merged
    carried = dot_products(merged, np.ascontiguousarray(floats("W", W).T))
    return carried if b is None else carried + floats("b", b)

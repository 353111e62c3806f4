"""How well each query matches each key: the ways to score that the literature uses.

Every function takes queries ``Q`` (..., Lq, d_q) and keys ``K`` (..., Lk, d_k), whose leading axes
broadcast, and gives scores (..., Lq, Lk): row i, column j says how well query i matches key j.
All raise DIM_MISMATCH, NOT_FINITE, RAGGED and TOO_BIG.

Sums are numpy's own rather than the BLAS library's: a BLAS sums in an order that depends on the
machine and on the batch, and a verdict must be reproducible to the last bit.
"""

# ruff: noqa: N803
# Q, K, V and W are the letters of every paper on attention.

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, batch, finite, floats, room_for, totals
from grading.errors import EngineError


def dot(Q: npt.ArrayLike, K: npt.ArrayLike) -> Array:
    """The bare dot product, score = q . k (Luong et al. 2015, "dot").

    >>> dot([[1, 2]], [[1, 0], [0, 1], [1, 1], [2, -1]]).tolist()
    [[1.0, 2.0, 3.0, 0.0]]
    """
    return _compare(Q, K, dot_products)


def scaled_dot(Q: npt.ArrayLike, K: npt.ArrayLike, *, scale: float | None = None) -> Array:
    """The scaled dot product, score = scale * q . k (Vaswani et al. 2017, equation 1).

    ``scale`` None is 1 / sqrt(d).
    """
    scores = dot(Q, K)
    if scale is None:
        scale = root_scale(np.shape(K)[-1])
    with np.errstate(all="ignore"):
        return finite("the scaled score", scores * scale)


def general(Q: npt.ArrayLike, K: npt.ArrayLike, W: npt.ArrayLike) -> Array:
    """A learned comparison, score = k^T W q with W (d_k, d_q) (Luong et al. 2015, "general").

    >>> general([[1, 2]], [[1, 0], [0, 1], [1, 1], [2, -1]], [[1, 0], [1, 2]]).tolist()
    [[1.0, 5.0, 6.0, -3.0]]
    """
    queries = floats("Q", Q, axes=2)
    with np.errstate(all="ignore"):
        # (..., Lq, d_k): each query carried over to where the keys live
        carried = finite("W q", _carried(queries, W, "W"))
    return dot(carried, K)


def additive(
    Q: npt.ArrayLike,
    K: npt.ArrayLike,
    W_q: npt.ArrayLike,
    W_k: npt.ArrayLike,
    v: npt.ArrayLike,
) -> Array:
    """A small network, score = v . tanh(W_q q + W_k k), W_q (h, d_q), W_k (h, d_k), v (h,).

    Bahdanau, Cho and Bengio 2014, appendix A.1.2.
    """
    queries, keys = floats("Q", Q, axes=2), floats("K", K, axes=2)
    reader = floats("v", v, axes=1)
    with np.errstate(all="ignore"):
        heard = _carried(queries, W_q, "W_q")  # (..., Lq, h)
        said = _carried(keys, W_k, "W_k")  # (..., Lk, h)
        if not heard.shape[-1] == said.shape[-1] == reader.shape[-1] or reader.ndim != 1:
            raise EngineError("DIM_MISMATCH", "W_q, W_k and v must agree on the hidden width")
        room_for(*batch(Q=queries, K=keys), heard.shape[-2], *said.shape[-2:])
        # (..., Lq, Lk, h)
        hidden = np.tanh(np.add(heard[..., :, None, :], said[..., None, :, :], order="C"))
        return finite("the additive score", (hidden * reader).sum(axis=-1))


def cosine(Q: npt.ArrayLike, K: npt.ArrayLike) -> Array:
    """Direction alone, score = q . k / (|q| |k|); a vector of zeros points nowhere and scores 0."""
    return _compare(Q, K, _cosines)


def negative_squared_distance(Q: npt.ArrayLike, K: npt.ArrayLike) -> Array:
    """Nearness, score = -|q - k|^2: equal vectors score 0, all others less."""
    return _compare(Q, K, _distances)


def dot_exact(q: Sequence[Fraction], k: Sequence[Fraction]) -> Fraction:
    """The dot product of two vectors of equal length, without rounding. Raises DIM_MISMATCH."""
    if len(q) != len(k):
        raise EngineError("DIM_MISMATCH", f"a query of {len(q)} against a key of {len(k)} numbers")
    return sum((a * b for a, b in zip(q, k, strict=True)), start=Fraction(0))


def scores_exact(
    queries: Sequence[Sequence[Fraction]], keys: Sequence[Sequence[Fraction]]
) -> tuple[tuple[Fraction, ...], ...]:
    """The dot product of every query (rows) with every key (columns), without rounding."""
    return tuple(tuple(dot_exact(q, k) for k in keys) for q in queries)


def root_scale(d: int) -> float:
    """1 / sqrt(d), which keeps the spread of q . k near 1 whatever d (Vaswani et al. 2017, 3.2.1).

    >>> root_scale(64)
    0.125
    """
    if d < 1:
        raise EngineError("DIM_MISMATCH", "vectors of no components have no scale of their own")
    return float(d**-0.5)  # one rounding; 1 / sqrt(d) would be two


def dot_products(queries: Array, keys: Array) -> Array:
    """Dot products of checked arrays: (..., Lq, d), (..., Lk, d) -> (..., Lq, Lk)."""
    # (..., Lq, 1, d) * (..., 1, Lk, d) -> (..., Lq, Lk, d) -> (..., Lq, Lk)
    pairs = np.multiply(queries[..., :, None, :], keys[..., None, :, :], order="C")
    return totals(pairs, -1)


def _cosines(queries: Array, keys: Array) -> Array:
    return dot_products(_directions(queries), _directions(keys))


def _directions(vectors: Array) -> Array:
    """Each vector at length 1, by way of its largest component, so that no square overflows."""
    largest = np.abs(vectors).max(axis=-1, keepdims=True, initial=0.0)
    near = vectors / np.where(largest == 0, 1.0, largest)
    length = np.sqrt((near * near).sum(axis=-1, keepdims=True))
    return np.asarray(near / np.where(length == 0, 1.0, length))


def _distances(queries: Array, keys: Array) -> Array:
    # (..., Lq, Lk, d); the difference first, so that equal vectors are at distance 0 exactly
    gaps = np.subtract(queries[..., :, None, :], keys[..., None, :, :], order="C")
    return np.asarray(-(gaps * gaps).sum(axis=-1))


def _compare(Q: npt.ArrayLike, K: npt.ArrayLike, by: Callable[[Array, Array], Array]) -> Array:
    queries, keys = floats("Q", Q, axes=2), floats("K", K, axes=2)
    same_width(queries, keys)
    room_for(*batch(Q=queries, K=keys), queries.shape[-2], *keys.shape[-2:])
    with np.errstate(all="ignore"):
        return finite("a score", by(queries, keys))


def same_width(queries: Array, keys: Array) -> None:
    """Raises DIM_MISMATCH unless queries and keys have equally many components."""
    if queries.shape[-1] != keys.shape[-1]:
        raise EngineError(
            "DIM_MISMATCH",
            f"queries have {queries.shape[-1]} components, keys have {keys.shape[-1]}",
        )


def _carried(vectors: Array, W: npt.ArrayLike, name: str) -> Array:
    """W x for every vector x: (..., L, d) and W (h, d) -> (..., L, h)."""
    matrix = floats(name, W, axes=2)
    if matrix.ndim != 2 or matrix.shape[-1] != vectors.shape[-1]:
        raise EngineError(
            "DIM_MISMATCH", f"{name} of shape {matrix.shape} meets {vectors.shape[-1]} components"
        )
    return dot_products(vectors, matrix)

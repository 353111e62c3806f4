"""What callers pass, turned into float64 arrays or refused in words: the engine's only gate."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
import numpy.typing as npt

from grading.errors import EngineError

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_CELLS = 1 << 24
"""The largest array the engine will build, in numbers (128 MiB); beyond it lies TOO_BIG."""


def floats(name: str, value: npt.ArrayLike, *, axes: int = 0, infinite: bool = False) -> Array:
    """``value`` as a read-only float64 array of its own, in C order, with at least ``axes`` axes.

    Accepts nested lists or arrays of int, float and Fraction. ``infinite`` lets minus infinity
    through, which a bias may use to close a door. Raises RAGGED, DIM_MISMATCH, NOT_FINITE.
    """
    try:
        raw = np.asarray(value)
    except ValueError as fault:
        raise EngineError("RAGGED", f"the rows of {name} differ in length") from fault
    if raw.dtype.kind not in "iuf" and not (
        raw.dtype.kind == "O" and all(isinstance(cell, Real) for cell in raw.flat)
    ):
        raise EngineError("RAGGED", f"{name} is not an array of numbers")
    try:
        array = np.array(raw, dtype=np.float64, order="C")
    except OverflowError as fault:
        raise EngineError("NOT_FINITE", f"{name} has a number too large for float64") from fault
    if array.ndim < axes:
        raise EngineError("DIM_MISMATCH", f"{name} has {array.ndim} axes, it needs {axes} or more")
    if not np.isfinite(array).all() and not (infinite and (array < np.inf).all()):
        raise EngineError("NOT_FINITE", f"{name} holds a number that is not finite")
    array.flags.writeable = False
    return array


def mask(name: str, value: npt.ArrayLike, shape: tuple[int, ...]) -> Mask:
    """``value`` as a boolean array that broadcasts to ``shape``; True means "may attend".

    Zeros and ones are refused, because half the world reads them the other way round.
    Raises MASK_TYPE, MASK_SHAPE.
    """
    try:
        array = np.array(value, order="C")
    except ValueError as fault:
        raise EngineError("MASK_SHAPE", f"the rows of {name} differ in length") from fault
    if array.dtype != np.bool_:
        raise EngineError("MASK_TYPE", f"{name} must be boolean, True where a query may attend")
    fits(name, array.shape, shape)
    array.flags.writeable = False
    return array


def boolean(value: npt.ArrayLike) -> bool:
    """Whether ``value`` is made of truth values, which could be meant as a mask."""
    try:
        return np.asarray(value).dtype == np.bool_
    except ValueError:  # ragged
        return False


def fits(name: str, inner: tuple[int, ...], outer: tuple[int, ...]) -> None:
    """Raises MASK_SHAPE unless an array of shape ``inner`` broadcasts to ``outer`` as it stands."""
    try:
        grown = np.broadcast_shapes(inner, outer) != outer
    except ValueError:
        grown = True
    if grown:
        raise EngineError("MASK_SHAPE", f"{name} of shape {inner} does not fit scores of {outer}")


def batch(**arrays: Array) -> tuple[int, ...]:
    """The leading axes (all but the last two) of several arrays, broadcast. Raises DIM_MISMATCH."""
    try:
        return np.broadcast_shapes(*(array.shape[:-2] for array in arrays.values()))
    except ValueError as fault:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise EngineError("DIM_MISMATCH", f"the leading axes of {shapes} differ") from fault


def room_for(*shape: int) -> None:
    """Raises TOO_BIG where an array of this shape would have more than MOST_CELLS numbers."""
    if math.prod(shape) > MOST_CELLS:
        raise EngineError("TOO_BIG", f"shape {shape} has more than {MOST_CELLS} numbers")


SHORT, MANY = 8, 1 << 11
"""A row of fewer than SHORT numbers is short; an array of MANY numbers holds many of them."""


def totals(parts: Array, axis: int) -> Array:
    """The sum along ``axis`` (-1 or -2), which is taken away.

    Of many short rows, whole columns are added from left to right. numpy adds a short row in the
    same order, so the bits are the same, but it does so row by row, which takes ten times as long.
    """
    n = parts.shape[axis]
    if parts.size < MANY or not 1 < n < SHORT:
        return np.asarray(parts.sum(axis=axis))
    columns = [parts[..., j] if axis == -1 else parts[..., j, :] for j in range(n)]
    total = columns[0] + 0.0  # as numpy does, which makes 0 of a row of nothing but -0
    for column in columns[1:]:
        total += column
    return np.asarray(total)


def highest(scores: Array) -> Array:
    """The largest number of each row: (..., n) -> (...); minus infinity for a row of none."""
    n = scores.shape[-1]
    if scores.size < MANY or not 1 < n < SHORT:
        return np.asarray(scores.max(axis=-1, initial=-np.inf))
    best = np.maximum(scores[..., 0], scores[..., 1])
    for j in range(2, n):
        np.maximum(best, scores[..., j], out=best)
    return np.asarray(best)


def finite(name: str, array: Array) -> Array:
    """``array`` itself. Raises NOT_FINITE where a sum or product has overflowed."""
    if not np.isfinite(array).all():
        raise EngineError("NOT_FINITE", f"{name} overflows float64")
    return array

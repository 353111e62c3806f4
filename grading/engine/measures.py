"""What can be said of a row of weights in one number, and how long a clue's way is.

A row of weights is a distribution: from 0 to 1 and of sum 1, which is checked, since a measure of
anything else would look like an answer and be none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, floats, totals
from grading.engine.attention import blend_exact
from grading.engine.trace import Trace
from grading.errors import EngineError

Unit = Literal["nats", "bits"]
Way = Literal["relay", "bidirectional", "attention"]

# ---- how spread a row is -------------------------------------------------------------------------


def entropy(weights: npt.ArrayLike, *, unit: Unit, slack: float = 1e-6) -> Array:
    """How undecided a row is: -sum of w log w, in nats (log to base e) or bits (base 2).

    Weights (..., n) -> (...), from 0 for one-hot weights to log n for equal ones; 0 log 0 is 0
    (Shannon 1948, section 6). ``slack`` is how far a row's sum may be from 1: rounded weights need
    some. Raises WEIGHTS_SUM, RAGGED, NOT_FINITE, and UNIT for any other unit.

    >>> float(entropy([0.5, 0.25, 0.25], unit="bits"))
    1.5
    """
    if unit not in ("nats", "bits"):
        raise EngineError("UNIT", f"entropy is told in nats or in bits, not in {unit}")
    rows = shares_of_one("weights", weights, slack)
    log = np.log2 if unit == "bits" else np.log
    terms = rows * log(np.where(rows > 0, rows, 1.0))
    # 0.0 - x: the entropy of one-hot weights is no -0. Slack must not lift it above that of equals.
    return np.asarray(np.minimum(0.0 - totals(terms, -1), log(max(rows.shape[-1], 1))))


def effective_tokens(weights: npt.ArrayLike, *, slack: float = 1e-6) -> Array:
    """How many tokens a row attends to, in effect: exp(entropy in nats), from 1 to n.

    Weights (..., n) -> (...). Refusals are those of ``entropy``.

    >>> effective_tokens([0.25, 0.25, 0.25, 0.25]).round(9).tolist()
    4.0
    """
    spread = np.exp(entropy(weights, unit="nats", slack=slack))
    return np.asarray(np.clip(spread, 1.0, np.shape(weights)[-1]))


def total_variation(one: npt.ArrayLike, other: npt.ArrayLike, *, slack: float = 1e-6) -> Array:
    """How much weight must be moved to make one row of the other: half the sum of |p - q|.

    (..., n) and (..., n), which broadcast -> (...), from 0 to 1. Raises COUNT_MISMATCH,
    DIM_MISMATCH, and what ``entropy`` raises.

    >>> total_variation([1, 0, 0], [0.5, 0.5, 0]).tolist()
    0.5
    """
    first, second = shares_of_one("one", one, slack), shares_of_one("other", other, slack)
    if first.shape[-1] != second.shape[-1]:
        raise EngineError(
            "COUNT_MISMATCH", f"{first.shape[-1]} weights in a row against {second.shape[-1]}"
        )
    try:
        gaps = np.abs(first - second)
    except ValueError as fault:
        raise EngineError(
            "DIM_MISMATCH", f"the leading axes of {first.shape} and {second.shape} differ"
        ) from fault
    return np.asarray(np.minimum(totals(gaps, -1) / 2, 1.0))


def total_variation_exact(one: Sequence[Fraction], other: Sequence[Fraction]) -> Fraction:
    """``total_variation`` of two rows without rounding; their sums must be 1 exactly.

    >>> total_variation_exact([Fraction(1), Fraction(0)], [Fraction(2, 3), Fraction(1, 3)])
    Fraction(1, 3)
    """
    for row in (one, other):
        if sum(row) != 1 or any(weight < 0 for weight in row):
            raise EngineError("WEIGHTS_SUM", "weights are 0 or more, and sum to 1")
    if len(one) != len(other):
        raise EngineError("COUNT_MISMATCH", f"{len(one)} weights against {len(other)}")
    return sum((abs(p - q) for p, q in zip(one, other, strict=True)), Fraction(0)) / 2


def component_shares(trace: Trace) -> Array:
    """Which token gives how much of each output component: product over output, (..., Lq, Lk, dv).

    Each column of a query's shares sums to 1; where values differ in sign a share may be negative
    or above 1, and where an output component is 0 its shares are NaN: nothing is shared there.
    """
    with np.errstate(all="ignore"):
        output = trace.output[..., None, :]
        return np.asarray(np.where(output == 0, np.nan, trace.products / output))


def component_shares_exact(
    weights: Sequence[Fraction], values: Sequence[Sequence[Fraction]]
) -> tuple[tuple[Fraction, ...], ...]:
    """``component_shares`` of one query without rounding: a row of shares for each token.

    Raises COUNT_MISMATCH, RAGGED, and NOT_FINITE where an output component is 0.

    >>> component_shares_exact([Fraction(1, 4), Fraction(3, 4)], [[Fraction(3)], [Fraction(1)]])
    ((Fraction(1, 2),), (Fraction(1, 2),))
    """
    output = blend_exact(weights, values)
    if not all(output):
        raise EngineError("NOT_FINITE", "an output component is 0: nobody has a share in it")
    return tuple(
        tuple(weight * x / whole for x, whole in zip(value, output, strict=True))
        for weight, value in zip(weights, values, strict=True)
    )


# ---- how long the way is -------------------------------------------------------------------------


def hand_overs(earlier: int, later: int, *, by: Way) -> int | None:
    """How often a clue at token ``earlier`` is handed over until the reader at ``later`` has it.

    Places count from 1. A relay runs from left to right, step by step; None says that it never gets
    there. Two relays, one from each end, shorten nothing between two places. Attention takes one
    step, whatever the distance (Vaswani et al. 2017, table 1). Raises COUNT_MISMATCH.

    >>> hand_overs(1, 30, by="relay"), hand_overs(30, 1, by="relay")
    (29, None)
    >>> hand_overs(30, 1, by="bidirectional"), hand_overs(1, 30, by="attention")
    (29, 1)
    """
    if earlier < 1 or later < 1:
        raise EngineError("COUNT_MISMATCH", "places count from 1")
    if by == "attention":
        return 1
    if by == "relay" and later < earlier:
        return None
    return abs(later - earlier)


def longest_way(tokens: int, *, by: Way) -> int:
    """The most hand-overs between two of ``tokens`` tokens: N - 1 for a relay, 1 for attention.

    >>> longest_way(30, by="relay"), longest_way(30, by="attention")
    (29, 1)
    """
    if tokens < 1:
        raise EngineError("COUNT_MISMATCH", f"{tokens} tokens hold no way")
    return 1 if by == "attention" else tokens - 1


def comparisons(tokens: int, *, causal: bool = False) -> int:
    """How many scores one head works out for ``tokens`` tokens: N^2, under a causal mask half.

    A causal query compares itself with every token up to and including its own: N (N + 1) / 2.

    >>> comparisons(30), comparisons(30, causal=True)
    (900, 465)
    """
    if tokens < 0:
        raise EngineError("COUNT_MISMATCH", f"there are no {tokens} tokens")
    return tokens * (tokens + 1) // 2 if causal else tokens**2


# ---- small steps ---------------------------------------------------------------------------------


def shares_of_one(name: str, weights: npt.ArrayLike, slack: float) -> Array:
    """Rows (..., n) of weights from 0 to 1 and of sum 1, within ``slack``. Raises WEIGHTS_SUM."""
    rows = floats(name, weights, axes=1)
    outside = (rows < 0).any() or (rows > 1).any()
    if outside or not (np.abs(totals(rows, -1) - 1) <= slack).all():
        raise EngineError("WEIGHTS_SUM", f"a row of {name} is not from 0 to 1 with a sum of 1")
    return rows

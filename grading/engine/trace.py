"""One pass of attention, stage by stage: the recipe, what it made, and how to replay it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, Mask, floats, highest, totals
from grading.engine.scores import dot_products
from grading.errors import EngineError


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What one pass was asked to do: its inputs (checked, never written to) and its settings."""

    queries: Array | None  # (..., Lq, d); None where the scores were given instead
    keys: Array | None  # (..., Lk, d); likewise
    values: Array  # (..., Lk, dv)
    scale: float
    temperature: float
    softcap: float | None
    bias: Array | None  # broadcasts to the scores
    allowed: Mask | None  # the caller's own mask, broadcasts to the scores
    seen: Mask | None  # allowed, causal and window together; None where every key is seen
    ahead: npt.NDArray[np.int64] | None
    """Where causal: j - i - offset, so that a query sees the keys with ``ahead <= 0``."""


Stages = Mapping[str, Array]
Step = Callable[[Asked, Stages], Array]


def capped(scaled: Array, softcap: float | None) -> Array:
    """Scores pressed between -softcap and softcap: softcap * tanh(scaled / softcap)."""
    return scaled if softcap is None else np.asarray(softcap * np.tanh(scaled / softcap))


def masked(biased: Array, seen: Mask | None) -> Array:
    """Minus infinity where a query may not look; exp makes an exact zero of it."""
    return biased if seen is None else np.where(seen, biased, -np.inf)


def row_max(scores: Array) -> Array:
    """The largest score of each row: (..., Lq, Lk) -> (..., Lq); 0 for a row that sees nothing."""
    best = highest(scores)
    return np.where(best == -np.inf, 0.0, best)


def exps(scores: Array, best: Array, temperature: float) -> Array:
    """exp((score - row max) / temperature), never above 1, so nothing overflows."""
    gaps = scores - best[..., None]
    return np.asarray(np.exp(gaps if temperature == 1 else gaps / temperature))


def shares(powers: Array, row_sum: Array) -> Array:
    """Each row divided by its sum; a row that sees nothing stays 0 and is never 0 / 0."""
    sees = powers.any(axis=-1)  # (..., Lq)
    return np.asarray(powers / np.where(sees, row_sum, 1.0)[..., None])


def products(weights: Array, values: Array) -> Array:
    """Each value times its weight: (..., Lq, Lk), (..., Lk, dv) -> (..., Lq, Lk, dv)."""
    return np.asarray(np.multiply(weights[..., None], values[..., None, :, :], order="C"))


def _raw(asked: Asked) -> Array:
    assert asked.queries is not None
    assert asked.keys is not None
    return dot_products(asked.queries, asked.keys)


STEPS: dict[str, Step] = {
    "scores": lambda asked, made: _raw(asked),
    "scaled": lambda asked, made: made["scores"] * asked.scale,
    "capped": lambda asked, made: capped(made["scaled"], asked.softcap),
    "biased": lambda asked, made: (
        made["capped"] if asked.bias is None else made["capped"] + asked.bias
    ),
    "masked": lambda asked, made: masked(made["biased"], asked.seen),
    "row_max": lambda asked, made: row_max(made["masked"]),
    "exps": lambda asked, made: exps(made["masked"], made["row_max"], asked.temperature),
    "row_sum": lambda asked, made: totals(made["exps"], -1),
    "weights": lambda asked, made: shares(made["exps"], made["row_sum"]),
    "products": lambda asked, made: products(made["weights"], asked.values),
    "output": lambda asked, made: totals(made["products"], -2),
}
"""The recipe: softmax(softcap(scale * Q K^T) + bias, masked) V, as Vaswani et al. 2017, equation 1,
with the cap of Gemma 2 (2024) and, in the softmax, the row maximum taken off first."""

AXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("scores", "scaled", "capped", "biased", "masked"), ("query", "key")),
        "row_max": ("query",),
        "exps": ("query", "key"),
        "row_sum": ("query",),
        "weights": ("query", "key"),
        "products": ("query", "key", "component"),
        "output": ("query", "component"),
    }
)
"""What the last axes of each stage stand for, after the batch axes."""

STAGES: tuple[str, ...] = tuple(STEPS)
"""The names of all stages, in the order they are worked out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """Every stage of one pass of attention, as read-only arrays; B stands for the batch axes.

    ``empty_rows`` (B, Lq) flags queries that may see no key: their weights and output are 0.
    ``ties`` (B, Lq) flags queries whose highest score is shared by several keys.
    """

    asked: Asked
    scores: Array  # (B, Lq, Lk) q . k, before anything else
    scaled: Array  # (B, Lq, Lk) times the scale
    capped: Array  # (B, Lq, Lk) after the soft cap
    biased: Array  # (B, Lq, Lk) plus the bias
    masked: Array  # (B, Lq, Lk) minus infinity where the query may not look
    row_max: Array  # (B, Lq)
    exps: Array  # (B, Lq, Lk) exp((masked - row max) / temperature)
    row_sum: Array  # (B, Lq)
    weights: Array  # (B, Lq, Lk) each row sums to 1
    products: Array  # (B, Lq, Lk, dv) weight times value
    output: Array  # (B, Lq, dv)

    @cached_property
    def empty_rows(self) -> Mask:
        """(B, Lq) queries that may see no key."""
        empty = np.asarray(highest(self.masked) == -np.inf)
        empty.flags.writeable = False
        return empty

    @cached_property
    def ties(self) -> Mask:
        """(B, Lq) queries whose highest score is shared by several keys."""
        best = highest(self.masked)[..., None] == self.masked
        ties = np.asarray((np.count_nonzero(best, axis=-1) > 1) & ~self.empty_rows)
        ties.flags.writeable = False
        return ties

    def replay(self, stage: str, value: npt.ArrayLike) -> Trace:
        """What would have come out, had ``stage`` been ``value``: a learner's own, say.

        The stages before it are kept as they were, those after it are worked out again. ``value``
        has the shape of the stage; up to ``masked`` it may hold minus infinity where the stage
        itself does. Raises KeyError for a stage not in STAGES, DIM_MISMATCH for another shape,
        and NOT_FINITE where the value, or what follows from it, is not finite.
        """
        if stage not in STEPS:
            raise KeyError(f"no stage is called {stage!r}; there are {', '.join(STAGES)}")
        here = getattr(self, stage)
        array = floats(stage, value, infinite=not np.isfinite(here).all())
        if array.shape != here.shape:
            raise EngineError("DIM_MISMATCH", f"{stage} has shape {here.shape}, not {array.shape}")
        after = self.follow(stage, array)
        if not np.isfinite(after.output).all():
            raise EngineError("NOT_FINITE", f"no finite output follows from this {stage}")
        return after

    def follow(self, stage: str, value: Array, **changes: Any) -> Trace:
        """``replay`` without its checks, for values the engine made itself.

        ``changes`` replace fields of ``asked`` on the way (another set of values, another mask).
        The output is infinite or NaN where the arithmetic leads there.
        """
        asked = replace(self.asked, **changes) if changes else self.asked
        mine = vars(self)
        made = {name: mine[name] for name in STAGES[: STAGES.index(stage)]}
        value.flags.writeable = False
        return follow(asked, made | {stage: value})


def follow(asked: Asked, given: Stages) -> Trace:
    """Work out every stage that is not already given. Checks nothing and never warns."""
    made = dict(given)
    with np.errstate(all="ignore"):
        for name, step in STEPS.items():
            if name not in made:
                made[name] = stage = step(asked, made)
                stage.flags.writeable = False
    trace = object.__new__(Trace)
    # Trace(**made) would set each frozen field by a call of its own, and slips come by the dozen
    trace.__dict__.update(made, asked=asked)
    return trace

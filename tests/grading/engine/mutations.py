"""Every named slip, and the slips of programmers, put into the engine one by one.

A mutation exchanges one piece of the engine (a step of its recipe, one of its functions) and runs
the battery of ``checks``; what the battery does not catch, a mistake in the engine could hide in.

    python -m tests.grading.engine.mutations     prints which checks caught which mutation
"""

# ruff: noqa: N803
# Q, K, V, X and W are the letters of every paper on attention.

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

from grading.engine import attention, heads, measures, relay, scores, slips, slope, trace
from tests.grading.engine import checks


@dataclass(frozen=True, eq=False)
class Mutation:
    """Where the engine is touched, and what stands there instead."""

    family: str
    name: str
    place: Any
    """A module, or the recipe itself."""
    part: str
    wrong: Callable[..., Any]

    def put_in(self) -> ExitStack:
        """The engine with this mistake in it, until the stack closes."""
        stack = ExitStack()
        if isinstance(self.place, dict):
            stack.enter_context(mock.patch.dict(self.place, {self.part: self.wrong}))
        else:
            stack.enter_context(mock.patch.object(self.place, self.part, self.wrong))
        return stack


# ---- the named slips -----------------------------------------------------------------------------


def _every_pass(slip: slips.LookupSlip) -> Callable[..., trace.Trace]:
    """A recipe that takes the wrong turn wherever it can be taken."""

    def follow(*args: Any) -> trace.Trace:
        right = trace.follow(*args)
        return slip(right) or right

    return follow


def _every_layer(slip: slips.HeadsSlip) -> Callable[..., heads.MultiHead]:
    def multi_head(*args: Any, **options: Any) -> heads.MultiHead:
        right = MULTI_HEAD(*args, **options)
        return slip(right) or right

    return multi_head


def _every_blend(slip: slips.BlendSlip) -> Callable[..., np.ndarray]:
    def blend(weights: Any, V: Any) -> np.ndarray:
        rows, values = np.atleast_2d(np.asarray(weights, float)), np.asarray(V, float)
        mixed = slip(rows, values)
        return BLEND(weights, V) if mixed is None else mixed[0]

    return blend


MULTI_HEAD, BLEND, SOFTMAX = heads.multi_head, attention.blend, attention.softmax

NAMED = [
    *(
        Mutation(family, code, attention, "follow", _every_pass(slip))
        for family, named in (
            ("lookup", slips.LOOKUP_SLIPS),
            ("matrix", slips.MATRIX_SLIPS),
            ("rounding", slips.ROUNDING_SLIPS),
        )
        for code, slip in named.items()
    ),
    *(
        Mutation("heads", code, heads, "multi_head", _every_layer(slip))
        for code, slip in slips.HEADS_SLIPS.items()
    ),
    *(
        Mutation("blend", code, attention, "blend", _every_blend(slip))
        for code, slip in (slips.BLEND_SLIPS | slips.swapped_weights(4)).items()
    ),
]

# ---- the slips of programmers: a step of the recipe ----------------------------------------------


def _gaps(made: Mapping[str, np.ndarray]) -> np.ndarray:
    return made["masked"] - made["row_max"][..., None]


def _unseen(made: Mapping[str, np.ndarray], asked: trace.Asked, number: float) -> np.ndarray:
    return made["biased"] if asked.seen is None else np.where(asked.seen, made["biased"], number)


def _bias_of(asked: trace.Asked) -> Any:
    return 0.0 if asked.bias is None else asked.bias


def _crossed(queries: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (keys, queries) if queries.shape == keys.shape else (queries, keys)


RECIPE: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "no scale": ("scaled", lambda asked, made: made["scores"]),
    "always the root scale": (
        "scaled",
        lambda asked, made: (
            made["scores"] * (asked.scale if asked.keys is None else asked.keys.shape[-1] ** -0.5)
        ),
    ),
    "scale by the width of the values": (
        "scaled",
        lambda asked, made: made["scores"] * asked.values.shape[-1] ** -0.5,
    ),
    "scale by the number of keys": (
        "scaled",
        lambda asked, made: made["scores"] * made["scores"].shape[-1] ** -0.5,
    ),
    "scale off by a trillionth": (
        "scaled",
        lambda asked, made: made["scores"] * (asked.scale + 1e-12),
    ),
    "scores squared": ("scaled", lambda asked, made: (made["scores"] * asked.scale) ** 2),
    "soft cap forgotten": ("capped", lambda asked, made: made["scaled"]),
    "cap cut off hard": (
        "capped",
        lambda asked, made: (
            made["scaled"]
            if asked.softcap is None
            else np.clip(made["scaled"], -asked.softcap, asked.softcap)
        ),
    ),
    "bias before the soft cap": (
        "capped",
        lambda asked, made: (
            made["scaled"]
            if asked.softcap is None
            else trace.capped(made["scaled"] + _bias_of(asked), asked.softcap) - _bias_of(asked)
        ),
    ),
    "bias forgotten": ("biased", lambda asked, made: made["capped"]),
    "bias taken off": ("biased", lambda asked, made: made["capped"] - _bias_of(asked)),
    "bias times the scale": (
        "biased",
        lambda asked, made: made["capped"] + _bias_of(asked) * asked.scale,
    ),
    "mask forgotten": ("masked", lambda asked, made: made["biased"]),
    "mask as 0": ("masked", lambda asked, made: _unseen(made, asked, 0.0)),
    "mask as a large number": ("masked", lambda asked, made: _unseen(made, asked, -1e4)),
    "no row maximum taken off": (
        "row_max",
        lambda asked, made: np.zeros(made["masked"].shape[:-1]),
    ),
    "row minimum in place of maximum": (
        "row_max",
        lambda asked, made: np.where(made["masked"] > -np.inf, made["masked"], 0).min(axis=-1),
    ),
    "one maximum for all rows": (
        "exps",
        lambda asked, made: np.exp((made["masked"] - made["row_max"].max()) / asked.temperature),
    ),
    "temperature forgotten": ("exps", lambda asked, made: np.exp(_gaps(made))),
    "temperature multiplied": ("exps", lambda asked, made: np.exp(_gaps(made) * asked.temperature)),
    "first key left out of the sum": (
        "row_sum",
        lambda asked, made: made["exps"].sum(axis=-1) - made["exps"][..., 0],
    ),
    "one sum for all rows": (
        "row_sum",
        lambda asked, made: np.broadcast_to(
            made["exps"].sum(axis=(-1, -2))[..., None], made["row_max"].shape
        ).copy(),
    ),
    "empty rows not a number": (
        "weights",
        lambda asked, made: made["exps"] / made["row_sum"][..., None],
    ),
    "empty rows an even mix": (
        "weights",
        lambda asked, made: np.where(
            made["exps"].any(axis=-1)[..., None],
            trace.shares(made["exps"], made["row_sum"]),
            1 / max(1, made["exps"].shape[-1]),
        ),
    ),
    "single precision": (
        "weights",
        lambda asked, made: (
            trace.shares(made["exps"], made["row_sum"]).astype(np.float32).astype(np.float64)
        ),
    ),
    "output off by a millionth": (
        "output",
        lambda asked, made: made["products"].sum(axis=-2) * (1 + 1e-6),
    ),
}

# ---- the slips of programmers: everything around it ----------------------------------------------


def _after(place: Any, part: str, change: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it is, its result changed by ``change(result, *args)``."""
    right = getattr(place, part)
    return lambda *args, **options: change(right(*args, **options), *args)


def _before(place: Any, part: str, change: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it is, its arguments changed."""
    right = getattr(place, part)
    return lambda *args, **options: right(*change(*args), **options)


def _later(ahead: Any, *args: Any) -> Any:
    return None if ahead is None else ahead - 1


def _wider(allowed: Any, ahead: Any, causal: bool, window: Any) -> Any:
    sides = None if window is None else tuple(side if side is None else side + 1 for side in window)
    return allowed, ahead, causal, sides


def _other_way(allowed: Any, ahead: Any, causal: bool, window: Any) -> Any:
    return allowed, ahead, causal, None if window is None else window[::-1]


def _ends_aligned(shape: Any, causal: Any, offset: Any, window: Any) -> Any:
    late = shape[-1] - shape[-2]
    return shape, causal, late if causal or window is not None else offset, window


def _cut_wrongly(X: Any, count: int) -> Any:
    rows = np.asarray(X, float)
    return rows.reshape(*rows.shape[:-2], count, rows.shape[-2], rows.shape[-1] // count)


def _forgets_the_past_in_the_order(*args: Any, **options: Any) -> Any:
    if options.get("causal_offset"):
        options["causal_offset"] = 0
    return attention.attend(*args, **options)


def _relay_without_tanh(X: Any, cell: Any, *, start: Any = None) -> Any:
    right = RELAY(X, cell, start=start)
    shift = 0 if cell.b is None else np.asarray(cell.b)
    state, states = right.start, []
    for t in range(right.states.shape[-2]):
        state = right.inputs[..., t, :] @ right.W_x.T + state @ right.W_h.T + shift
        states.append(state)
    return replace(right, states=np.stack(states, axis=-2)) if states else right


RELAY = relay.relay


def _relay_of(change: Callable[[Any, Any, Any], tuple[Any, Any, Any]]) -> Callable[..., Any]:
    def run(X: Any, cell: Any, *, start: Any = None) -> Any:
        changed, other, first = change(X, cell, start)
        return RELAY(changed, other, start=first)

    return run


def _cell(cell: Any, **changes: Any) -> Any:
    return relay.Cell(**({"W_x": cell.W_x, "W_h": cell.W_h, "b": cell.b} | changes))


AROUND = {
    "causal offset off by one": (attention, "_ahead", _after(attention, "_ahead", _later)),
    "ends aligned, not starts": (attention, "_ahead", _before(attention, "_ahead", _ends_aligned)),
    "window off by one": (attention, "_seen", _before(attention, "_seen", _wider)),
    "window looks the other way": (attention, "_seen", _before(attention, "_seen", _other_way)),
    "allowed forgotten under an order": (
        attention,
        "_seen",
        _before(attention, "_seen", lambda a, b, c, d: (a if b is None else None, b, c, d)),
    ),
    "order forgotten under allowed": (
        attention,
        "_seen",
        _before(attention, "_seen", lambda a, b, c, d: (a, b if a is None else None, c, d)),
    ),
    "scale 1 / d": (attention, "root_scale", lambda d: 1 / d),
    "temperature above 1 ignored": (
        attention,
        "follow",
        lambda asked, given: trace.follow(
            replace(asked, temperature=min(asked.temperature, 1.0)), given
        ),
    ),
    "last pair lost": (
        attention,
        "dot_products",
        _after(
            attention,
            "dot_products",
            lambda made, *_: np.concatenate([made[..., :-1], made[..., :1] * 0], axis=-1),
        ),
    ),
    "queries and keys exchanged": (
        attention,
        "dot_products",
        _before(attention, "dot_products", _crossed),
    ),
    "batch mixed up": (
        attention,
        "dot_products",
        _after(
            attention,
            "dot_products",
            lambda made, *_: np.roll(made, 1, axis=0) if made.ndim > 2 else made,
        ),
    ),
    "softmax always along the rows": (
        attention,
        "softmax",
        lambda s, axis=-1, **options: SOFTMAX(s, **options),
    ),
    "log-sum-exp overflows": (
        attention,
        "logsumexp",
        lambda s, axis=-1: np.log(np.exp(np.asarray(s, float)).sum(axis=axis)),
    ),
    "hard lookup takes the last of the best": (
        attention,
        "hard_lookup",
        lambda s, V, **_: attention.Found(
            output=np.asarray(V, float)[[np.flatnonzero(np.max(row) == row)[-1] for row in s]],
            first=np.array([int(np.flatnonzero(np.max(row) == row)[-1]) for row in s]),
            best=np.ones((1, 4), bool), ties=np.array([True]), empty_rows=np.array([False]),
        ),
    ),
    "general scores transposed": (
        scores,
        "general",
        lambda Q, K, W: np.asarray(Q) @ np.asarray(W) @ np.asarray(K).T,
    ),
    "additive scores without tanh": (
        scores,
        "additive",
        lambda Q, K, W_q, W_k, v: ((Q @ W_q.T)[:, None] + K @ W_k.T) @ v,
    ),
    "cosine of one length only": (
        scores,
        "cosine",
        lambda Q, K: Q @ K.T / np.linalg.norm(K, axis=1),
    ),
    "distance not squared": (
        scores,
        "negative_squared_distance",
        lambda Q, K: -np.linalg.norm(Q[:, None] - K, axis=-1),
    ),
    "key heads dealt round in turn": (
        heads,
        "handed_round",
        lambda pieces, group: np.concatenate([pieces] * group, axis=-3),
    ),
    "heads cut across the words": (heads, "split", _cut_wrongly),
    "heads merged in the wrong order": (
        heads,
        "_merged",
        _after(heads, "_merged", lambda merged, pieces: merged[..., ::-1]),
    ),
    "projection transposed": (
        heads,
        "project",
        _before(
            heads,
            "project",
            lambda X, W, b=None: (X, np.transpose(W) if np.shape(W)[0] == np.shape(W)[1] else W, b),
        ),
    ),
    "projection without its bias": (
        heads,
        "project",
        _before(heads, "project", lambda X, W, b=None: (X, W, None)),
    ),
    "past after the present": (
        heads,
        "_after",
        lambda name, earlier, present: AFTER(name, present, earlier),
    ),
    "past forgotten in the order": (heads, "attend", _forgets_the_past_in_the_order),
    "sine and cosine exchanged": (
        heads,
        "sinusoidal_positions",
        _after(heads, "sinusoidal_positions", lambda wave, *_: wave[[1, 0, 3, 2]]),
    ),
    "a wave for each component": (
        heads,
        "sinusoidal_positions",
        lambda p, d: np.array([np.sin(1), np.cos(0.1), np.sin(0.01), np.cos(0.001)]),
    ),
    "relay without tanh": (relay, "relay", _relay_without_tanh),
    "relay forgets its start": (
        relay, "relay", _relay_of(lambda X, cell, start: (X, cell, None)),
    ),
    "relay without its bias": (
        relay, "relay", _relay_of(lambda X, cell, start: (X, _cell(cell, b=None), start)),
    ),
    "recurrent weights transposed": (
        relay, "relay",
        _relay_of(lambda X, cell, start: (X, _cell(cell, W_h=np.transpose(cell.W_h)), start)),
    ),
    "relay runs backwards": (
        relay, "relay", _relay_of(lambda X, cell, start: (np.asarray(X)[..., ::-1, :], cell, start))
    ),
    "second direction not turned back": (
        relay.Bidirectional, "states",
        property(
            lambda both: np.concatenate([both.forward.states, both.backward.states], axis=-1)
        ),
    ),
    "stack leaves out its top": (
        relay, "stacked", lambda X, cells: RELAY_STACK(X, cells[:-1]),
    ),
    "slope of tanh 1 - h": (
        relay.Relay, "_slopes", lambda run, t: 1 - run.states[..., t - 1, :],
    ),
    "Jacobian in the wrong order": (
        relay, "_product", lambda left, right: np.matmul(right, left)
        if left.shape[-1] == left.shape[-2] == right.shape[-1] == right.shape[-2]
        else np.matmul(left, right),
    ),
    "one hand-over too many": (
        relay, "left_after", lambda keep, hops: keep ** (hops + 1),
    ),
    "half-life to base 2": (relay, "half_life", lambda keep: -1 / np.log(keep)),
    "note without its first wave": (
        relay, "_cosines", _after(relay, "_cosines", lambda waves, n: waves[::-1] * 0.5),
    ),
    "runners counted, not hand-overs": (
        measures, "hand_overs", lambda i, j, by: 1 if by == "attention" else j - i + 1,
    ),
    "entropy always in bits": (
        measures, "entropy", lambda w, unit="bits", **_: ENTROPY(w, unit="bits"),
    ),
    "entropy always in nats": (
        measures, "entropy", lambda w, unit="nats", **_: ENTROPY(w, unit="nats"),
    ),
    "variation not halved": (
        measures, "total_variation", _after(measures, "total_variation", lambda v, *_: 2 * v),
    ),
    "slope without w w^T": (
        slope, "_spread", lambda w: np.eye(w.shape[-1]) * w[..., None, :],
    ),
    "slope forgets the temperature": (
        slope, "softmax_slope", lambda w, temperature=1.0: SOFTMAX_SLOPE(w),
    ),
    "slope forgets the scale": (
        slope, "_through_the_cap",
        _after(slope, "_through_the_cap", lambda steep, run: steep / (run.asked.scale or 1)),
    ),
    "slope forgets the cap": (
        slope, "_through_the_cap",
        lambda run: np.full(run.scores.shape, run.asked.scale / run.asked.temperature),
    ),
    "shared inputs' gradients not gathered": (
        slope, "_gathered",
        lambda whole, shape: whole if whole.shape == shape else whole[0],
    ),
}  # fmt: skip

AFTER, RELAY_STACK = heads._after, relay.stacked
ENTROPY, SOFTMAX_SLOPE = measures.entropy, slope.softmax_slope

MUTATIONS = (
    *NAMED,
    *(Mutation("recipe", name, trace.STEPS, stage, step) for name, (stage, step) in RECIPE.items()),
    *(Mutation("around", name, *touched) for name, touched in AROUND.items()),
)


@cache
def table() -> dict[Mutation, list[str]]:
    """For each mutation, the checks that caught it."""
    caught: dict[Mutation, list[str]] = {}
    for mutation in MUTATIONS:
        with mutation.put_in():
            caught[mutation] = checks.failed()
    return caught


def missed() -> list[str]:
    """The mutations that no check caught."""
    return [mutation.name for mutation, by in table().items() if not by]


def idle() -> list[str]:
    """The checks that caught nothing: they could be content with anything."""
    busy = {name for by in table().values() for name in by}
    return [check.__name__ for check in checks.CHECKS if check.__name__ not in busy]


def main() -> None:
    """Print the table, and what was missed."""
    for mutation, by in table().items():
        first = ", ".join(name.replace("_", " ") for name in by[:2]) or "NOTHING"
        more = f" and {len(by) - 2} more" if len(by) > 2 else ""
        print(f"{mutation.family:9} {mutation.name:38} {first}{more}")
    print(f"\n{len(table())} mutations, {len(missed())} not caught:", *missed())
    print(f"{len(checks.CHECKS)} checks, {len(idle())} caught nothing:", *idle())


if __name__ == "__main__":
    main()

"""The named wrong turns of soft lookup: each replays the right pass from where it goes astray.

A slip of the whole lookup takes the right ``Trace`` and gives the trace of somebody who went wrong
at one place and did everything after it well. It gives None where the turn cannot be taken, or
would lead nowhere else (no scale to forget, no second key to swap with). A slip of the blend takes
weights and values, and gives the output. All keep the batch axes, and give infinity or NaN, never
an error, where the wrong turn leads out of the numbers.
"""

# ruff: noqa: N803
# V is the letter of every paper on attention.

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, Mask, batch, floats, totals
from grading.engine.heads import MultiHead, handed_round, merge, split
from grading.engine.scores import dot_products, root_scale
from grading.engine.trace import Trace, exps, follow, products, row_max, shares
from grading.errors import EngineError

silently = np.errstate(all="ignore")
"""For slips that may leave the numbers on their way: they say so by infinity or NaN alone."""

LookupSlip = Callable[[Trace], Trace | None]
HeadsSlip = Callable[[MultiHead], MultiHead | None]
BlendSlip = Callable[[Array, Array], Array | None]

# ---- the scores: which one compares what ---------------------------------------------------------


def swapped_keys_values(right: Trace) -> Trace | None:
    """The values are asked, and the keys are handed out."""
    queries, keys, values = right.asked.queries, right.asked.keys, right.asked.values
    if queries is None or keys is None or keys.shape[-1] != values.shape[-1]:
        return None
    scores = dot_products(queries, values)  # (..., Lq, Lk)
    return right.follow("scores", scores, keys=values, values=keys)


# ---- the scale: how far apart the scores lie -----------------------------------------------------


def unscaled(right: Trace) -> Trace | None:
    """The scores go into softmax as they are."""
    return None if right.asked.scale == 1 else right.follow("scaled", right.scores)


@silently
def scaled_by_d(right: Trace) -> Trace | None:
    """Divided by d, not by its square root."""
    d = _width(right)
    return None if d < 2 else right.follow("scaled", right.scores / d)


@silently
def multiplied_by_sqrt_d(right: Trace) -> Trace | None:
    """Multiplied by the square root of d, not divided."""
    d = _width(right)
    return None if d < 2 else right.follow("scaled", right.scores * math.sqrt(d))


@silently
def scaled_although_unscaled(right: Trace) -> Trace | None:
    """Divided by the square root of d, where the recipe takes the scores as they are."""
    d = _width(right)
    if d < 2 or right.asked.scale != 1:
        return None
    return right.follow("scaled", right.scores * root_scale(d))


def negated_scores(right: Trace) -> Trace | None:
    """exp(-score): the worst match speaks loudest."""
    return right.follow("scaled", -right.scaled)


# ---- the softmax: scores into weights ------------------------------------------------------------


def hard_lookup(right: Trace) -> Trace | None:
    """The best key alone, the first of several."""
    return right.follow("weights", _winner(right.masked))


def skipped_softmax(right: Trace) -> Trace | None:
    """The scaled scores serve as weights."""
    return right.follow("weights", _seen_of(right, right.scaled))


def skipped_softmax_unscaled(right: Trace) -> Trace | None:
    """The raw scores serve as weights."""
    if right.asked.scale == 1:
        return None
    return right.follow("weights", _seen_of(right, right.scores))


def divided_by_sum_no_exp(right: Trace) -> Trace | None:
    """Each score over the sum of scores, without exp."""
    return right.follow("weights", _over_sum(_seen_of(right, right.scaled)))


@silently
def squared_weights(right: Trace) -> Trace | None:
    """Each score squared, over the sum of squares."""
    return right.follow("weights", _over_sum(_seen_of(right, right.scaled) ** 2))


@silently
def exp_not_normalised(right: Trace) -> Trace | None:
    """The powers of e, without the division."""
    powers = np.exp(right.masked / right.asked.temperature)
    return right.follow("weights", powers)


@silently
def sigmoid_not_softmax(right: Trace) -> Trace | None:
    """Each score squashed by itself."""
    squashed = 1 / (1 + np.exp(-right.masked / right.asked.temperature))
    return right.follow("weights", squashed)


def base2(right: Trace) -> Trace | None:
    """Powers of 2 in place of e."""
    return _powers_of(right, 2.0)


def base10(right: Trace) -> Trace | None:
    """Powers of 10 in place of e."""
    return _powers_of(right, 10.0)


def uniform_average(right: Trace) -> Trace | None:
    """Every key that may be seen counts the same."""
    return right.follow("weights", _over_sum(_seen(right).astype(np.float64)))


def plain_sum_of_values(right: Trace) -> Trace | None:
    """Every key that may be seen counts 1."""
    return right.follow("weights", _seen(right).astype(np.float64))


@silently
def scale_after_softmax(right: Trace) -> Trace | None:
    """The scale is applied to the weights."""
    late = unscaled(right)
    return None if late is None else right.follow("weights", late.weights * right.asked.scale)


# ---- which keys take part ------------------------------------------------------------------------


def dropped_last_token(right: Trace) -> Trace | None:
    """The last key is forgotten before softmax."""
    return _without(right, -1)


def dropped_first_token(right: Trace) -> Trace | None:
    """The first key is forgotten before softmax."""
    return _without(right, 0)


@silently
def strongest_only_times_weight(right: Trace) -> Trace | None:
    """The largest product alone, the other rows of the sum left out."""
    return right.follow("weights", right.weights * _winner(right.masked))


@silently
def top2_only(right: Trace) -> Trace | None:
    """The two largest products, the rest left out."""
    if right.weights.shape[-1] < 3:
        return None
    order = np.argsort(-right.weights, axis=-1, kind="stable")
    kept = np.zeros_like(right.weights)
    np.put_along_axis(kept, order[..., :2], 1.0, axis=-1)
    return right.follow("weights", right.weights * kept)


# ---- the mix: weights to values ------------------------------------------------------------------


def mixed_keys_not_values(right: Trace) -> Trace | None:
    """The weights are right, and blend the keys."""
    keys = right.asked.keys
    if keys is None or keys.shape[-1] != right.asked.values.shape[-1]:
        return None
    return right.follow("weights", right.weights, values=keys)


def off_by_one_token_right(right: Trace) -> Trace | None:
    """Each weight meets the value after its own; the last meets the first."""
    return _rearranged(right, np.roll(right.weights, 1, axis=-1))


def off_by_one_token_left(right: Trace) -> Trace | None:
    """Each weight meets the value before its own; the first meets the last."""
    return _rearranged(right, np.roll(right.weights, -1, axis=-1))


def reversed_order(right: Trace) -> Trace | None:
    """The first weight meets the last value, and so on."""
    return _rearranged(right, right.weights[..., ::-1])


def swapped_components(right: Trace) -> Trace | None:
    """The right numbers in the opposite order."""
    if right.output.shape[-1] < 2:
        return None
    return right.follow("output", right.output[..., ::-1])


LOOKUP_SLIPS: Mapping[str, LookupSlip] = {
    "hard-lookup": hard_lookup,
    "unscaled": unscaled,
    "scaled-by-d": scaled_by_d,
    "multiplied-by-sqrt-d": multiplied_by_sqrt_d,
    "skipped-softmax": skipped_softmax,
    "skipped-softmax-unscaled": skipped_softmax_unscaled,
    "divided-by-sum-no-exp": divided_by_sum_no_exp,
    "exp-not-normalised": exp_not_normalised,
    "uniform-average": uniform_average,
    "plain-sum-of-values": plain_sum_of_values,
    "mixed-keys-not-values": mixed_keys_not_values,
    "swapped-keys-values": swapped_keys_values,
    "scaled-although-unscaled": scaled_although_unscaled,
    "negated-scores": negated_scores,
    "off-by-one-token-right": off_by_one_token_right,
    "off-by-one-token-left": off_by_one_token_left,
    "reversed-order": reversed_order,
    "dropped-last-token": dropped_last_token,
    "dropped-first-token": dropped_first_token,
    "base2": base2,
    "base10": base10,
    "squared-weights": squared_weights,
    "sigmoid-not-softmax": sigmoid_not_softmax,
    "scale-after-softmax": scale_after_softmax,
    "strongest-only-times-weight": strongest_only_times_weight,
    "top2-only": top2_only,
    "swapped-components": swapped_components,
}
"""What can go wrong for a single query already."""

# ---- several queries, or a mask ------------------------------------------------------------------


def softmax_wrong_axis(right: Trace) -> Trace | None:
    """Columns sum to 1, not rows."""
    if right.masked.shape[-2] < 2:
        return None
    columns = np.ascontiguousarray(np.swapaxes(right.masked, -1, -2))  # (..., Lk, Lq)
    weights = _softmax(columns, right.asked.temperature)
    return right.follow("weights", np.ascontiguousarray(np.swapaxes(weights, -1, -2)))


@silently
def softmax_twice(right: Trace) -> Trace | None:
    """The weights go through softmax again."""
    again = np.where(_seen(right), right.weights, -np.inf)
    return right.follow("weights", _softmax(again, 1.0))


def mask_forgotten(right: Trace) -> Trace | None:
    """No mask at all: every query shares its weight among keys that it may not see."""
    seen = right.asked.seen
    if seen is None or seen.all():
        return None
    return right.follow("biased", right.biased, seen=None)


def mask_after_softmax(right: Trace) -> Trace | None:
    """Softmax over every key, and only then are the unseen weights struck out."""
    seen = right.asked.seen
    if seen is None:
        return None
    weights = _softmax(right.biased, right.asked.temperature)
    return right.follow("weights", np.where(seen, weights, 0.0))


def mask_inverted(right: Trace) -> Trace | None:
    """True read as "may not": every query sees just what it should not."""
    seen = right.asked.seen
    return None if seen is None else right.follow("biased", right.biased, seen=~seen)


def causal_strict(right: Trace) -> Trace | None:
    """Each query sees the keys before it, but not its own."""
    seen, ahead = right.asked.seen, right.asked.ahead
    if seen is None or ahead is None:
        return None
    return right.follow("biased", right.biased, seen=seen & (ahead != 0))


def causal_transposed(right: Trace) -> Trace | None:
    """The triangle upside down: each query sees itself and what comes after."""
    allowed, ahead = right.asked.allowed, right.asked.ahead
    if ahead is None:
        return None
    seen: Mask = ahead >= 0
    return right.follow("biased", right.biased, seen=seen if allowed is None else seen & allowed)


MATRIX_SLIPS: Mapping[str, LookupSlip] = {
    "softmax-wrong-axis": softmax_wrong_axis,
    "softmax-twice": softmax_twice,
    "mask-forgotten": mask_forgotten,
    "mask-after-softmax": mask_after_softmax,
    "mask-inverted": mask_inverted,
    "causal-strict": causal_strict,
    "causal-transposed": causal_transposed,
}
"""What can go wrong besides, with several queries or a mask."""

# ---- the right method, written down too shortly --------------------------------------------------


@silently
def rounded_early(right: Trace, places: int) -> Trace:
    """Scaled scores and weights are rounded to ``places`` decimal places on the way."""
    rounded = right.follow("scaled", right.scaled.round(places))
    return rounded.follow("weights", rounded.weights.round(places))


@silently
def truncated_early(right: Trace, places: int) -> Trace:
    """Scaled scores and weights are cut off after ``places`` decimal places on the way."""
    cut = right.follow("scaled", _cut(right.scaled, places))
    return cut.follow("weights", _cut(cut.weights, places))


@silently
def percent_for_fraction(right: Trace) -> Trace:
    """Weights in percent: 80 for 0.8."""
    return right.follow("weights", right.weights * 100)


ROUNDING_SLIPS: Mapping[str, LookupSlip] = {
    "rounded-early-1": lambda right: rounded_early(right, 1),
    "rounded-early-2": lambda right: rounded_early(right, 2),
    "truncated-1": lambda right: truncated_early(right, 1),
    "truncated-2": lambda right: truncated_early(right, 2),
    "percent-for-fraction": percent_for_fraction,
}
"""The right method with too few digits, or in percent: near misses rather than wrong turns."""


def wrong_turns(
    right: Trace, codes: Iterable[str] | None = None, slips: Mapping[str, LookupSlip] = LOOKUP_SLIPS
) -> dict[str, Trace]:
    """Every slip of ``slips`` (or those named) that can be taken from here, with its trace.

    The trace may have any batch axes: (B, 1, d) queries, (B, n, d) keys and (B, n, dv) values are B
    lookups, each going wrong by itself, and member b of a slip's stages is to the last bit what the
    slip makes of lookup b alone. Whether a slip can be taken depends on shapes and settings only,
    so it is the same for all of them. A few thousand small lookups at a time are quickest: each
    slip keeps its stages, and a hundred thousand of them fill half a gigabyte. Raises KeyError for
    a code that ``slips`` does not hold.
    """
    taken = ((code, slips[code](right)) for code in (slips if codes is None else codes))
    return {code: trace for code, trace in taken if trace is not None}


# ---- several heads -------------------------------------------------------------------------------


@silently
def forgot_projection(right: MultiHead) -> MultiHead | None:
    """The vectors themselves are asked, matched and mixed: W_q, W_k and W_v are left out."""
    by = right.by
    wide = tuple(given.shape[-1] for given in right.given)
    projected = right.queries.shape[-1], right.keys.shape[-1], right.values.shape[-1]
    if (by.W_q is None and by.W_k is None and by.W_v is None) or wide != projected:
        return None
    if right.heads.past:
        return None  # what came before is projected already: nobody could mix the two
    heads, kv_heads = right.trace.scores.shape[-3], right.heads.keys.shape[-3]
    queries = split(right.given[0], heads)
    keys, values = (
        handed_round(split(given, kv_heads), right.heads.group) for given in right.given[1:]
    )
    queries = np.broadcast_to(queries, right.trace.scores.shape[:-2] + queries.shape[-2:])
    bare = replace(right.trace.asked, queries=queries, keys=keys, values=values)
    astray = right.follow(follow(bare, {}))
    return replace(astray, queries=right.given[0], keys=right.given[1], values=right.given[2])


def forgot_output_projection(right: MultiHead) -> MultiHead | None:
    """The heads' outputs, side by side, are handed in: W_o is left out."""
    return None if right.by.W_o is None else replace(right, output=right.merged)


@silently
def heads_not_split(right: MultiHead) -> MultiHead | None:
    """One head as wide as all of them: one row of weights for every piece."""
    asked = right.trace.asked
    many = right.trace.scores.shape[-3]
    assert asked.queries is not None
    if many < 2 or right.heads.group > 1 or _differs_by_head(asked.bias, asked.seen):
        return None
    narrow, width = asked.queries.shape[-1], many * asked.queries.shape[-1]
    queries, keys, values = (
        merge(pieces)[..., None, :, :]  # (..., 1, L, H * d)
        for pieces in (asked.queries, right.heads.keys, right.heads.values)
    )
    # who was told to divide by the root of the width divides by the root of the one they see
    scale = root_scale(width) if asked.scale == root_scale(narrow) else asked.scale
    whole = replace(asked, queries=queries, keys=keys, values=values, scale=scale)
    return right.follow(follow(whole, {}))


@silently
def scaled_by_whole_width(right: MultiHead) -> MultiHead | None:
    """Divided by the root of the whole width, not by that of one head's."""
    queries = right.trace.asked.queries
    assert queries is not None
    many, narrow = right.trace.scores.shape[-3], queries.shape[-1]
    if many < 2 or right.trace.asked.scale != root_scale(narrow):
        return None
    return right.follow(
        right.trace.follow("scaled", right.trace.scores * root_scale(many * narrow))
    )


HEADS_SLIPS: Mapping[str, HeadsSlip] = {
    "forgot-projection": forgot_projection,
    "forgot-output-projection": forgot_output_projection,
    "heads-not-split": heads_not_split,
    "scaled-by-whole-width": scaled_by_whole_width,
}
"""What can go wrong around the heads. What goes wrong inside them is a slip of the lookup."""


def wrong_heads(
    right: MultiHead,
    codes: Iterable[str] | None = None,
    slips: Mapping[str, HeadsSlip] = HEADS_SLIPS,
    inside: Mapping[str, LookupSlip] | None = None,
) -> dict[str, MultiHead]:
    """Every wrong turn of a multi-head pass (or those named) that can be taken from here.

    ``inside``: slips of the lookup, LOOKUP_SLIPS say, taken in every head and carried on to the
    output. Batch axes as in ``wrong_turns``. Raises KeyError for a code that neither holds.

    >>> from grading.engine.heads import Projections, multi_head
    >>> X = [[1, 0, 0, 1], [0, 1, 1, 0]]
    >>> right = multi_head(X, X, X, Projections(), heads=2)
    >>> wrong_heads(right)["heads-not-split"].output.round(4).tolist()
    [[0.7311, 0.2689, 0.2689, 0.7311], [0.2689, 0.7311, 0.7311, 0.2689]]
    """
    within = {} if inside is None else inside
    found: dict[str, MultiHead] = {}
    for code in (*slips, *within) if codes is None else codes:
        if code in slips:
            astray = slips[code](right)
        else:
            turn = within[code](right.trace)
            astray = None if turn is None else right.follow(turn)
        if astray is not None:
            found[code] = astray
    return found


# ---- the blend: weights and values are given -----------------------------------------------------


def _blend_hard(weights: Array, values: Array) -> Array | None:
    return _mix(_winner(weights), values)


def _blend_mean(weights: Array, values: Array) -> Array | None:
    return _mix(np.full_like(weights, 1 / weights.shape[-1]), values)


def _blend_sum(weights: Array, values: Array) -> Array | None:
    return _mix(np.ones_like(weights), values)


def _blend_shifted_right(weights: Array, values: Array) -> Array | None:
    return _mix(np.roll(weights, 1, axis=-1), values)


def _blend_shifted_left(weights: Array, values: Array) -> Array | None:
    return _mix(np.roll(weights, -1, axis=-1), values)


def _blend_reversed(weights: Array, values: Array) -> Array | None:
    return _mix(weights[..., ::-1], values)


def _blend_softmax_of_weights(weights: Array, values: Array) -> Array | None:
    return _mix(_softmax(weights, 1.0), values)


def _blend_dropped_smallest(weights: Array, values: Array) -> Array | None:
    return _mix(_without_smallest(weights), values)


def _blend_dropped_smallest_renormalised(weights: Array, values: Array) -> Array | None:
    return _mix(_over_sum(_without_smallest(weights)), values)


def _blend_winner_only(weights: Array, values: Array) -> Array | None:
    return _mix(weights * _winner(weights), values)


def _blend_components_swapped(weights: Array, values: Array) -> Array | None:
    return None if values.shape[-1] < 2 else np.flip(_mix(weights, values), axis=-1)


def _blend_divided_by_n(weights: Array, values: Array) -> Array | None:
    return np.asarray(_mix(weights, values) / weights.shape[-1])


BLEND_SLIPS: Mapping[str, BlendSlip] = {
    "hard-lookup": _blend_hard,
    "uniform-average": _blend_mean,
    "plain-sum-of-values": _blend_sum,
    "off-by-one-token-right": _blend_shifted_right,
    "off-by-one-token-left": _blend_shifted_left,
    "reversed-order": _blend_reversed,
    "softmax-of-weights": _blend_softmax_of_weights,
    "dropped-smallest": _blend_dropped_smallest,
    "dropped-smallest-renormalised": _blend_dropped_smallest_renormalised,
    "strongest-only-times-weight": _blend_winner_only,
    "swapped-components": _blend_components_swapped,
    "divided-by-n": _blend_divided_by_n,
}
"""What can go wrong when the weights are given and only the mixing is left."""


def swapped_weights(n: int) -> dict[str, BlendSlip]:
    """``swapped-weights-2-3`` and so on: each pair of ``n`` weights exchanged, counted from 1."""

    def exchanged(i: int, j: int) -> BlendSlip:
        order = list(range(n))
        order[i], order[j] = j, i
        return lambda weights, values: _mix(weights[..., order], values)

    return {
        f"swapped-weights-{i + 1}-{j + 1}": exchanged(i, j) for i, j in combinations(range(n), 2)
    }


def wrong_blends(
    weights: npt.ArrayLike, V: npt.ArrayLike, codes: Iterable[str] | None = None
) -> dict[str, Array]:
    """Every wrong turn of a blend (or those named) that can be taken, with its output.

    Weights (..., Lq, n), or (n,) for one query; V (..., n, dv) -> outputs (..., Lq, dv), or (dv,).
    Raises KeyError for an unknown code, and what ``blend`` raises.

    >>> blends = wrong_blends([0.72, 0.05, 0.08, 0.15], [[4, 1], [1, 4], [2, 0], [0, 3]])
    >>> blends["hard-lookup"].tolist(), blends["swapped-weights-2-3"].round(9).tolist()
    ([4.0, 1.0], [3.06, 1.49])
    """
    given, values = floats("weights", weights, axes=1), floats("V", V, axes=2)
    rows = given[None, :] if given.ndim == 1 else given
    n = rows.shape[-1]
    if n != values.shape[-2] or n == 0:
        raise EngineError("COUNT_MISMATCH", f"{n} weights in a row for {values.shape[-2]} values")
    batch(weights=rows, V=values)
    slips = {**BLEND_SLIPS, **swapped_weights(n)}
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for code in slips if codes is None else codes:
            output = slips[code](rows, values)
            if output is not None:
                found[code] = output[..., 0, :] if given.ndim == 1 else output
    return found


# ---- shared small steps --------------------------------------------------------------------------


def _differs_by_head(*over_scores: npt.NDArray[np.generic] | None) -> bool:
    """Whether a mask or a bias says something of one head that it does not say of another."""
    return any(each is not None and each.ndim > 2 and each.shape[-3] > 1 for each in over_scores)


def _width(right: Trace) -> int:
    """d, the number of components of a query; 0 where the scores were given."""
    return 0 if right.asked.queries is None else right.asked.queries.shape[-1]


def _seen(right: Trace) -> Mask:
    return np.asarray(right.masked > -np.inf)


def _seen_of(right: Trace, stage: Array) -> Array:
    return np.where(_seen(right), stage, 0.0)


@silently
def _over_sum(parts: Array) -> Array:
    """Each row over its sum; rows of nothing but zeros stay."""
    return shares(parts, totals(parts, -1))


@silently
def _softmax(scores: Array, temperature: float) -> Array:
    """Softmax over the last axis of scores that may hold minus infinity."""
    return _over_sum(exps(scores, row_max(scores), temperature))


def _winner(scores: Array) -> Array:
    """1 at the highest score of each row, the first of several; 0 elsewhere, and where none is."""
    if scores.shape[-1] == 0:
        return np.zeros_like(scores)
    first = np.arange(scores.shape[-1]) == scores.argmax(axis=-1)[..., None]
    return np.where(first & (scores > -np.inf), 1.0, 0.0)


@silently
def _powers_of(right: Trace, base: float) -> Trace:
    powers = np.power(base, (right.masked - right.row_max[..., None]) / right.asked.temperature)
    return right.follow("exps", powers)


def _without(right: Trace, place: int) -> Trace | None:
    if right.masked.shape[-1] < 2:
        return None
    rest = right.masked.copy()
    rest[..., place] = -np.inf
    return right.follow("masked", rest)


def _rearranged(right: Trace, weights: Array) -> Trace | None:
    if right.weights.shape[-1] < 2:
        return None
    return right.follow("weights", np.ascontiguousarray(weights))


def _cut(stage: Array, places: int) -> Array:
    """Digits after ``places`` cut off; a number within 1e-9 of having no more keeps its last."""
    grown = stage * 10.0**places
    return np.asarray(np.trunc(grown + np.sign(grown) * 1e-9) / 10.0**places)


def _without_smallest(weights: Array) -> Array:
    first = np.arange(weights.shape[-1]) == weights.argmin(axis=-1)[..., None]
    return np.where(first, 0.0, weights)


def _mix(weights: Array, values: Array) -> Array:
    return totals(products(weights, values), -2)

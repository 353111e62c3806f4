"""What any attention engine must satisfy, in a battery small enough to be put to wrong ones too.

Each check calls the engine by its doors, module by module, and says whether it is content; so a
mutation put into the engine is met wherever it works. ``failed`` runs them all.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import numpy as np

from grading.engine import attention, heads, measures, relay, scores, slope
from grading.errors import EngineError
from tests.grading.engine.cases import EPS, Case, error, stored

# one query against four keys, small enough to work by hand
Q = np.array([[1.0, 2.0]])
K = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])
V = np.array([[4.0, 1.0], [1.0, 4.0], [2.0, 0.0], [0.0, 3.0]])
CARD = np.array([0.72, 0.05, 0.08, 0.15])


def output(*args, **kwargs) -> np.ndarray:
    """The output of one pass."""
    return attention.attend(*args, **kwargs).output


def near(mine, wanted, atol=1e-12) -> bool:
    """Whether two arrays have one shape and agree to ``atol``."""
    mine, wanted = np.asarray(mine, dtype=float), np.asarray(wanted, dtype=float)
    return mine.shape == wanted.shape and bool(np.allclose(mine, wanted, rtol=0, atol=atol))


@cache
def golden(family: str) -> list[tuple[Case, dict[str, np.ndarray]]]:
    """The stored cases of one family, with the results of torch."""
    return [(case, theirs) for case, theirs in stored() if case.family == family]


def worst(family: str) -> float:
    """The largest error against torch's stored results, in units of the family's bound."""
    return max(error(case, theirs) for case, theirs in golden(family))


def agrees(family: str) -> bool:
    """Whether every stored case of one family is within its bound."""
    return all(error(case, theirs) <= 1 for case, theirs in golden(family))


# ---- outside references --------------------------------------------------------------------------


def attention_agrees_with_torch() -> bool:
    return agrees("attention")


def layers_agree_with_torch() -> bool:
    return agrees("multi-head")


def relays_agree_with_torch() -> bool:
    return agrees("relay")


def gradients_agree_with_torch() -> bool:
    return agrees("gradient")


# ---- by hand -------------------------------------------------------------------------------------


def the_worked_example_is_right() -> bool:
    trace = attention.attend(Q, K, V)
    return (
        near(trace.scores, [[1, 2, 3, 0]])
        and near(trace.weights, [[0.1310, 0.2657, 0.5388, 0.0646]], 5e-5)
        and near(trace.output, [[1.8671, 1.3874]], 5e-5)
    )


def a_lookup_told_not_to_scale_does_not() -> bool:
    return near(output(Q, K, V, scale=1), [[1.8733, 1.1309]], 5e-5)


def the_scorecard_blends_exactly() -> bool:
    exact = attention.blend_exact(
        [Fraction(str(w)) for w in CARD], [[Fraction(x) for x in row] for row in V]
    )
    mixed = attention.blend(CARD, V)
    return exact == (Fraction(309, 100), Fraction(137, 100)) and near(mixed, [3.09, 1.37])


def one_two_three_softens_as_written() -> bool:
    weights = attention.softmax([1, 2, 3])
    down = attention.softmax([[1, 3], [2, 2], [3, 1]], axis=0)
    lse = attention.logsumexp([[1, 2, 3], [1e3, 1e3, -1e3]])
    return (
        near(weights, [0.0900, 0.2447, 0.6652], 5e-5)
        and near(down, np.stack([weights, weights[::-1]], axis=1))
        and near(lse, [np.log(np.exp([1.0, 2.0, 3.0]).sum()), 1e3 + np.log(2)])
    )


def a_hard_lookup_returns_the_first_of_the_best() -> bool:
    found = attention.hard_lookup([[1, 3, 3, 0]], V)
    return near(found.output, [[1, 4]]) and found.first.tolist() == [1] and found.ties.all()


def every_way_to_score_is_its_formula() -> bool:
    rng = np.random.default_rng(1)
    q, k, w, p, r = (rng.standard_normal(s) for s in ((2, 3), (4, 3), (3, 3), (5, 3), (5,)))
    gaps = q[:, None] - k
    return (
        near(scores.general([[1, 2]], K, [[1, 0], [1, 2]]), [[1, 5, 6, -3]])
        and near(scores.general(q, k, w), q @ w.T @ k.T)
        and near(scores.additive(q, k, p, p, r), np.tanh((q @ p.T)[:, None] + k @ p.T) @ r)
        and near(scores.negative_squared_distance(q, k), -(gaps**2).sum(-1))
        and near(
            scores.cosine(q, k),
            q @ k.T / np.linalg.norm(q, axis=1)[:, None] / np.linalg.norm(k, axis=1),
        )
    )


def positions_are_waves() -> bool:
    return near(heads.sinusoidal_positions(1, 4), [0.8415, 0.5403, 0.0100, 1.0000], 5e-5)


def the_clue_fades_as_in_the_lesson() -> bool:
    run = relay.relay([[1], [0], [0], [0], [0]], relay.Cell(W_x=[[1]], W_h=[[0.5]]))
    return (
        near(run.states[:, 0], [0.7616, 0.3634, 0.1797, 0.0896, 0.0448], 5e-5)
        and near(relay.left_after(0.9, 29), 0.0471, 5e-5)
        and near(relay.half_life(0.9), 6.58, 5e-3)
        and measures.hand_overs(1, 30, by="relay") == 29
    )


def measures_are_those_of_the_lesson() -> bool:
    return (
        near(measures.effective_tokens(CARD), 2.39, 5e-3)
        and near(measures.entropy([0.5, 0.25, 0.25], unit="bits"), 1.5)
        and near(measures.entropy([0.5, 0.5], unit="nats"), np.log(2))
        and near(measures.total_variation(CARD, np.full(4, 0.25)), 0.47)
    )


# ---- laws ----------------------------------------------------------------------------------------


def shift_changes_nothing() -> bool:
    """A key component that every query meets with 1 adds the same to every score."""
    shifted = output(np.hstack([Q, [[1.0]]]), np.hstack([K, np.full((4, 1), 5.0)]), V, scale=0.5)
    return near(shifted, output(Q, K, V, scale=0.5))


def huge_scores_stay_finite() -> bool:
    return near(output(Q * 1e3, K, V), [[2.0, 0.0]])


def order_of_pairs_is_nothing() -> bool:
    order = [2, 0, 3, 1]
    return near(output(Q, K[order], V[order]), output(Q, K, V))


def cold_is_hard() -> bool:
    return near(output(Q, K, V, temperature=1e-6), [[2.0, 0.0]], 1e-9)


def hot_is_the_mean() -> bool:
    return near(output(Q, K, V, temperature=1e9), [[1.75, 2.0]], 1e-6)


def masking_is_deleting() -> bool:
    kept = [0, 2, 3]
    masked = output(Q, K, V, allowed=[True, False, True, True])
    return near(masked, output(Q, K[kept], V[kept]))


def empty_rows_are_zero() -> bool:
    trace = attention.attend(Q, K, V, allowed=[False] * 4)
    return bool((trace.output == 0).all() and trace.empty_rows.all())


def output_lies_in_the_hull() -> bool:
    """Each component of the output lies between the least and the greatest value."""
    mixed = output(np.vstack([Q, -Q, 3 * Q]), K, V)
    low, high = V.min(axis=0) - 1e-12, V.max(axis=0) + 1e-12
    return bool(((mixed >= low) & (mixed <= high)).all())


def weights_sum_to_one() -> bool:
    """With every value 1 the output is the sum of the weights."""
    return near(output(np.vstack([Q, -Q, 3 * Q]), K, np.ones((4, 1))), np.ones((3, 1)), 1e-15)


def future_keys_are_dark() -> bool:
    """Under the causal mask the first query gets the first value, whatever comes later."""
    mixed = output(K, K, V, causal=True)
    return near(mixed[0], V[0]) and not near(mixed[1], V[1], 1e-8)


def windows_reach_as_far_as_told() -> bool:
    weights = attention.attend(K, K, V, window=(1, 0)).weights
    lit = (weights > 0).astype(float)
    return near(lit, np.tril(np.ones((4, 4))) - np.tril(np.ones((4, 4)), -2))


def a_cap_comes_before_the_bias() -> bool:
    biased = attention.attend(Q, K, V, softcap=1.0, bias=[9.0, 0, 0, 0]).masked
    return bool(biased[0, 0] > 9) and bool((np.abs(biased[0, 1:]) <= 1).all())


def a_cache_is_the_whole_sequence() -> bool:
    """Word by word, with the past handed on, as all at once; four query heads, two of keys.

    The window makes the order of the past matter.
    """
    rng = np.random.default_rng(2)
    q, k, v = (rng.standard_normal(shape) for shape in ((4, 5, 3), (2, 5, 3), (2, 5, 2)))
    order = {"causal": True, "window": (2, 0)}
    whole = heads.attend_grouped(q, k, v, **order).output
    past = None
    for i in range(5):
        now = slice(i, i + 1)
        step = heads.attend_grouped(q[:, now], k[:, now], v[:, now], past=past, **order)
        if not near(step.output[:, 0], whole[:, i]):
            return False
        past = (step.keys, step.values)
    return True


def a_batch_is_one_at_a_time() -> bool:
    """To the last bit, whatever the others are; enough of them to be many."""
    rng = np.random.default_rng(3)
    q, k, v = (rng.standard_normal(shape) for shape in ((300, 1, 4), (300, 4, 4), (300, 4, 4)))
    together = attention.attend(q, k, v)
    return all(
        np.array_equal(together.output[i], output(q[i], k[i], v[i])) for i in range(0, 300, 17)
    )


def a_slope_is_what_a_nudge_does() -> bool:
    step = 1e-6
    options = {"softcap": 2.0, "temperature": 0.7}
    trace = attention.attend(Q, K, V, **options)
    slopes = slope.output_slopes(trace)
    up, down = (output(np.add(Q, [[sign * step, 0]]), K, V, **options) for sign in (1, -1))
    weights = attention.softmax([1.0, 2.0, 3.0], temperature=0.7)
    more, less = (attention.softmax([1 + s * step, 2, 3], temperature=0.7) for s in (1, -1))
    return near(slopes.queries[0, :, 0], (up - down)[0] / (2 * step), 1e-8) and near(
        slope.softmax_slope(weights, temperature=0.7)[:, 0], (more - less) / (2 * step), 1e-8
    )


def shared_values_gather_what_all_say() -> bool:
    queries = np.stack([Q, -Q])
    upstream = np.array([[[1.0, 2.0]], [[3.0, -1.0]]])
    back = slope.pull_back(attention.attend(queries, K, V), upstream)
    each = [
        slope.pull_back(attention.attend(q, K, V), g)
        for q, g in zip(queries, upstream, strict=True)
    ]
    return near(back.values, each[0].values + each[1].values) and near(
        back.keys, each[0].keys + each[1].keys
    )


def a_note_of_full_size_loses_nothing() -> bool:
    words = np.random.default_rng(4).standard_normal((5, 3))
    whole, half = relay.fixed_size_note(words, 15), relay.fixed_size_note(words, 7)
    kept = (half.decoded**2).sum() / (words**2).sum()
    return near(whole.decoded, words) and near(half.lost + kept, 1.0)


CHECKS: tuple[Callable[[], bool], ...] = (
    the_worked_example_is_right,
    a_lookup_told_not_to_scale_does_not,
    the_scorecard_blends_exactly,
    one_two_three_softens_as_written,
    a_hard_lookup_returns_the_first_of_the_best,
    every_way_to_score_is_its_formula,
    positions_are_waves,
    the_clue_fades_as_in_the_lesson,
    measures_are_those_of_the_lesson,
    shift_changes_nothing,
    huge_scores_stay_finite,
    order_of_pairs_is_nothing,
    cold_is_hard,
    hot_is_the_mean,
    masking_is_deleting,
    empty_rows_are_zero,
    output_lies_in_the_hull,
    weights_sum_to_one,
    future_keys_are_dark,
    windows_reach_as_far_as_told,
    a_cap_comes_before_the_bias,
    a_cache_is_the_whole_sequence,
    a_batch_is_one_at_a_time,
    a_slope_is_what_a_nudge_does,
    shared_values_gather_what_all_say,
    a_note_of_full_size_loses_nothing,
    attention_agrees_with_torch,
    layers_agree_with_torch,
    relays_agree_with_torch,
    gradients_agree_with_torch,
)


def failed() -> list[str]:
    """The names of the checks that the engine, as it stands now, fails.

    A refusal by the engine is a failure; any other error is a fault of the check or the mutation,
    and must not pass for a catch.
    """

    def content(check: Callable[[], bool]) -> bool:
        try:
            return check()
        except EngineError:
            return False

    with np.errstate(all="ignore"):
        return [check.__name__ for check in CHECKS if not content(check)]


__all__ = ["CHECKS", "EPS", "K", "Q", "V", "failed", "golden", "worst"]

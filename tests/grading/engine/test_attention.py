"""Softmax, the full pass and its conventions, the hard lookup and the blend."""

import doctest
import warnings
from fractions import Fraction

import numpy as np
import pytest

from grading.engine import (
    arrays,
    attention,
    heads,
    measures,
    relay,
    scores,
    slips,
    slope,
    trace,
)
from grading.engine.attention import (
    attend,
    attend_by_scores,
    blend,
    blend_exact,
    hard_lookup,
    logsumexp,
    softmax,
)
from grading.errors import EngineError
from tests.grading.engine.checks import K, Q, V


@pytest.mark.parametrize(
    "module", [arrays, attention, heads, measures, relay, scores, slips, slope, trace]
)
def test_the_examples_in_the_docstrings_run(module):
    assert doctest.testmod(module).failed == 0


# ---- softmax -------------------------------------------------------------------------------------


def test_softmax_of_one_two_three():
    np.testing.assert_allclose(softmax([1, 2, 3]), [0.0900, 0.2447, 0.6652], atol=5e-5)


def test_softmax_takes_fractions_and_any_axis():
    by_column = softmax([[Fraction(1, 2), 3], [Fraction(1, 2), 1]], axis=0)
    np.testing.assert_allclose(by_column[:, 0], [0.5, 0.5])
    np.testing.assert_allclose(by_column.sum(axis=0), [1, 1])
    assert by_column.flags.c_contiguous


def test_softmax_of_huge_scores_is_finite_and_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(softmax([1e308, -1e308, 1e308]), [0.5, 0, 0.5])
        np.testing.assert_array_equal(softmax([1000, 0], temperature=1e-300), [1, 0])
        assert logsumexp([1e308, 1e308]) == 1e308


def test_where_nothing_counts_weights_are_zero_and_the_logsumexp_minus_infinity():
    allowed = [[True, False], [False, False]]
    np.testing.assert_array_equal(softmax([[1, 2], [3, 4]], allowed=allowed), [[1, 0], [0, 0]])
    np.testing.assert_array_equal(logsumexp([[1, 2], [3, 4]], allowed=allowed), [1, -np.inf])


@pytest.mark.parametrize("temperature", [0, -1, np.inf, np.nan])
def test_a_temperature_is_above_zero_and_finite(temperature):
    with pytest.raises(EngineError, match="TEMPERATURE"):
        softmax([1, 2], temperature=temperature)
    with pytest.raises(EngineError, match="TEMPERATURE"):
        attend(Q, K, V, temperature=temperature)


def test_softmax_refuses_an_axis_that_is_not_there():
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        softmax([1, 2], axis=1)


# ---- one pass ------------------------------------------------------------------------------------


def test_the_worked_example():
    pass_ = attend(Q, K, V)
    assert pass_.scores.tolist() == [[1, 2, 3, 0]]
    np.testing.assert_allclose(pass_.scaled, [[0.7071, 1.4142, 2.1213, 0]], atol=5e-5)
    np.testing.assert_allclose(pass_.weights, [[0.1310, 0.2657, 0.5388, 0.0646]], atol=5e-5)
    np.testing.assert_allclose(pass_.output, [[1.8671, 1.3874]], atol=5e-5)


def test_scale_is_one_over_root_d_unless_given():
    np.testing.assert_array_equal(attend(Q, K, V).scaled, attend(Q, K, V, scale=2**-0.5).scaled)
    np.testing.assert_array_equal(attend(Q, K, V, scale=1).scaled, [[1, 2, 3, 0]])


@pytest.mark.parametrize(
    ("temperature", "weights", "output"),
    [
        (0.05, [1, 0, 0, 0], [4, 1]),
        (1, [0.72, 0.05, 0.08, 0.15], [3.09, 1.37]),
        (2, [0.487, 0.128, 0.162, 0.222], [2.40, 1.67]),
        (100, [0.25, 0.25, 0.25, 0.25], [1.76, 1.99]),
    ],
)
def test_temperature_goes_from_hard_to_even(temperature, weights, output):
    given = np.log([[0.72, 0.05, 0.08, 0.15]])
    pass_ = attend_by_scores(given, V, temperature=temperature)
    np.testing.assert_allclose(pass_.weights, [weights], atol=5e-3)
    np.testing.assert_allclose(pass_.output, [output], atol=5e-3)


def test_temperature_reaches_past_the_bias():
    even = attend(Q, K, V, bias=[5, 0, 0, -5], temperature=1e12)
    np.testing.assert_allclose(even.weights, 0.25, rtol=1e-9)


def test_softcap_comes_before_the_bias():
    pass_ = attend(Q, K, V, scale=1, softcap=2.0, bias=[10, 0, 0, 0])
    np.testing.assert_allclose(pass_.biased, 2 * np.tanh([[0.5, 1, 1.5, 0]]) + [[10, 0, 0, 0]])


def test_a_bias_of_minus_infinity_closes_a_door():
    closed = attend(Q, K, V, bias=[0, -np.inf, 0, 0])
    masked = attend(Q, K, V, allowed=[True, False, True, True])
    np.testing.assert_array_equal(closed.weights, masked.weights)
    assert attend(Q, K, V, bias=[-np.inf] * 4).empty_rows.tolist() == [True]


def test_a_query_that_sees_nothing_gives_zero_and_a_flag():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pass_ = attend(np.vstack([Q, Q]), K, V, allowed=[[False] * 4, [True] * 4])
    assert pass_.empty_rows.tolist() == [True, False]
    assert pass_.output[0].tolist() == [0, 0]
    assert pass_.row_max[0] == pass_.row_sum[0] == 0


def test_no_keys_at_all_is_a_query_that_sees_nothing():
    pass_ = attend(np.ones((2, 3)), np.ones((0, 3)), np.ones((0, 4)))
    assert pass_.output.shape == (2, 4)
    assert pass_.empty_rows.all()
    assert (hard_lookup(np.ones((2, 0)), np.ones((0, 4))).first == -1).all()


def test_ties_are_flagged_where_the_best_score_is_shared():
    pass_ = attend_by_scores([[1, 3, 3], [3, 1, 1]], np.eye(3))
    assert pass_.ties.tolist() == [True, False]
    unseen = attend_by_scores([[1, 3, 3]], np.eye(3), allowed=[True, True, False])
    assert unseen.ties.tolist() == [False]


# ---- who may look where --------------------------------------------------------------------------


def seen(queries, keys, **kwargs):
    pass_ = attend(np.ones((queries, 2)), np.ones((keys, 2)), np.ones((keys, 1)), **kwargs)
    return (pass_.weights > 0).astype(int).tolist()


def test_causal_sees_itself_and_what_came_before():
    assert seen(3, 3, causal=True) == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_the_causal_offset_is_the_number_of_keys_before_the_first_query():
    assert seen(2, 4, causal=True, causal_offset=0) == [[1, 0, 0, 0], [1, 1, 0, 0]]
    assert seen(2, 4, causal=True, causal_offset=2) == [[1, 1, 1, 0], [1, 1, 1, 1]]
    assert seen(2, 2, causal=True, causal_offset=-1) == [[0, 0], [1, 0]]


def test_an_offset_may_differ_over_the_batch():
    offsets = np.array([0, 2])
    pass_ = attend(
        np.ones((2, 2, 1)), np.ones((4, 1)), np.ones((4, 1)), causal=True, causal_offset=offsets
    )
    for i, offset in enumerate(offsets):
        assert (pass_.weights[i] > 0).astype(int).tolist() == seen(
            2, 4, causal=True, causal_offset=int(offset)
        )


def test_causal_between_different_lengths_is_refused_without_an_offset():
    for order in ({"causal": True}, {"window": (1, 1)}):
        with pytest.raises(EngineError, match="CAUSAL_AMBIGUOUS"):
            seen(2, 4, **order)
    with pytest.raises(EngineError, match="CAUSAL_AMBIGUOUS"):
        seen(3, 3, causal_offset=0)
    with pytest.raises(EngineError, match="CAUSAL_AMBIGUOUS"):
        seen(3, 3, causal=True, causal_offset=0.5)


def test_a_window_reaches_left_and_right_of_the_querys_own_place():
    assert seen(4, 4, window=(1, 0)) == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    assert seen(2, 4, window=(0, 1), causal_offset=1) == [[0, 1, 1, 0], [0, 0, 1, 1]]
    assert seen(3, 3, window=(None, 1)) == [[1, 1, 0], [1, 1, 1], [1, 1, 1]]
    assert seen(3, 3, window=(1, 1), causal=True) == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    with pytest.raises(EngineError, match="MASK_SHAPE"):
        seen(3, 3, window=(-1, 0))


def test_masks_and_orders_add_up():
    assert seen(2, 2, causal=True, allowed=[False, True]) == [[0, 0], [0, 1]]


def test_a_mask_of_ones_and_zeros_is_refused():
    with pytest.raises(EngineError, match="MASK_TYPE"):
        attend(Q, K, V, allowed=[1, 0, 1, 1])
    with pytest.raises(EngineError, match="MASK_TYPE"):
        attend(Q, K, V, bias=[True, False, True, True])


@pytest.mark.parametrize("shape", [(3,), (2, 4), (5, 1, 4)])
def test_a_mask_must_fit_the_scores_as_they_stand(shape):
    with pytest.raises(EngineError, match="MASK_SHAPE"):
        attend(Q, K, V, allowed=np.ones(shape, dtype=bool))
    with pytest.raises(EngineError, match="MASK_SHAPE"):
        attend(Q, K, V, bias=np.ones(shape))


# ---- layout and refusals -------------------------------------------------------------------------


def test_leading_axes_are_free_and_broadcast():
    rng = np.random.default_rng(5)
    q, k = rng.standard_normal((3, 1, 2, 4)), rng.standard_normal((5, 6, 4))
    pass_ = attend(q, k, rng.standard_normal((7, 1, 1, 6, 2)))
    assert pass_.scores.shape == (7, 3, 5, 2, 6)
    assert pass_.products.shape == (7, 3, 5, 2, 6, 2)
    assert pass_.output.shape == (7, 3, 5, 2, 2)


def test_what_the_caller_changes_later_changes_no_trace():
    q, v = Q.copy(), V.copy()
    pass_ = attend(q, K, v)
    q[:], v[:] = 99, 99
    assert pass_.replay("weights", [[1, 0, 0, 0]]).output.tolist() == [[4, 1]]
    with pytest.raises(ValueError, match="read-only"):
        pass_.scores[0, 0] = 7


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("code", "q", "k", "v"),
    [
        ("DIM_MISMATCH", [[1, 2, 3]], K, V),
        ("DIM_MISMATCH", [1, 2], K, V),
        ("DIM_MISMATCH", np.ones((2, 1, 2)), np.ones((3, 4, 2)), V),
        ("DIM_MISMATCH", np.ones((1, 0)), np.ones((4, 0)), V),
        ("COUNT_MISMATCH", Q, K, V[:3]),
        ("RAGGED", [[1, 2], [3]], K, V),
        ("RAGGED", [["1", "2"]], K, V),
        ("RAGGED", [[None, 2]], K, V),
        ("RAGGED", [[1j, 2]], K, V),
        ("NOT_FINITE", [[np.nan, 2]], K, V),
        ("NOT_FINITE", Q, K, V + np.inf),
        ("NOT_FINITE", [[Fraction(10**400), 2]], K, V),
        ("NOT_FINITE", Q * 1e200, K * 1e200, V),
        ("TOO_BIG", np.ones((5000, 1)), np.ones((5000, 1)), np.ones((5000, 1))),
    ],
)
def test_what_cannot_be_computed_is_refused_with_a_code(code, q, k, v):
    with pytest.raises(EngineError) as refusal:
        attend(q, k, v)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "settings",
    [{"scale": np.inf}, {"softcap": 0}, {"softcap": np.nan}, {"bias": [np.inf, 0, 0, 0]},
     {"bias": [np.nan, 0, 0, 0]}, {"scale": 1e308 * 10}],
)  # fmt: skip
def test_settings_that_leave_the_numbers_are_refused(settings):
    with pytest.raises(EngineError, match="NOT_FINITE"):
        attend(Q, K, V, **settings)


# ---- hard lookup and blend -----------------------------------------------------------------------


def test_a_hard_lookup_returns_the_first_of_the_best_and_names_them_all():
    allowed = [[True] * 3, [True] * 3, [False] * 3]
    found = hard_lookup([[1, 3, 3], [2, 1, 0], [9, 9, 9]], np.eye(3), allowed=allowed)
    assert found.first.tolist() == [1, 0, -1]
    assert found.best.tolist() == [[False, True, True], [True, False, False], [False] * 3]
    assert found.output.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert found.ties.tolist() == [True, False, False]
    assert found.empty_rows.tolist() == [False, False, True]


def test_the_source_scorecard_blends_exactly():
    weights = [Fraction(72, 100), Fraction(5, 100), Fraction(8, 100), Fraction(15, 100)]
    values = [[Fraction(int(x)) for x in value] for value in V]
    assert blend_exact(weights, values) == (Fraction(309, 100), Fraction(137, 100))
    np.testing.assert_allclose(blend(weights, V), [3.09, 1.37], rtol=1e-15)


def test_scorecards_along_the_null_direction_blend_to_the_same_output():
    ends = (
        [Fraction(191, 300), Fraction(11, 60), Fraction(9, 50), Fraction(0)],
        [Fraction(601, 800), Fraction(0), Fraction(17, 400), Fraction(33, 160)],
    )
    values = [[Fraction(int(x)) for x in value] for value in V]
    for step in range(11):
        part = Fraction(step, 10)
        mix = [a * (1 - part) + b * part for a, b in zip(*ends, strict=True)]
        assert sum(mix) == 1
        assert blend_exact(mix, values) == (Fraction(309, 100), Fraction(137, 100))


def test_the_exact_blend_and_the_float_blend_agree():
    rng = np.random.default_rng(6)
    for _ in range(50):
        n, dv = rng.integers(1, 6, size=2)
        weights = [Fraction(int(x), 100) for x in rng.integers(-50, 150, n)]
        values = [[Fraction(int(x), 7) for x in row] for row in rng.integers(-9, 9, (n, dv))]
        exact = [float(x) for x in blend_exact(weights, values)]
        np.testing.assert_allclose(blend(weights, values), exact, rtol=0, atol=1e-14)


def test_blends_that_do_not_fit_are_refused():
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        blend([0.5, 0.5], V)
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        blend_exact([Fraction(1)], [])
    with pytest.raises(EngineError, match="RAGGED"):
        blend_exact([Fraction(1), Fraction(0)], [[Fraction(1)], [Fraction(1), Fraction(2)]])
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        attend_by_scores([[1, 2, 3]], V)
    with pytest.raises(EngineError, match="NOT_FINITE"):
        blend([1e300, 1e300], [[1e300], [1e300]])

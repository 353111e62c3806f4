"""Every named wrong turn gives the numbers a teacher would get by hand."""

from fractions import Fraction

import numpy as np
import pytest

from grading.engine.attention import attend, attend_by_scores, blend
from grading.engine.slips import (
    BLEND_SLIPS,
    LOOKUP_SLIPS,
    MATRIX_SLIPS,
    ROUNDING_SLIPS,
    swapped_weights,
    wrong_blends,
    wrong_turns,
)
from grading.errors import EngineError
from tests.grading.engine.checks import K, Q, V

ON_THE_EXAMPLE = {
    "hard-lookup": [2, 0],
    "unscaled": [1.8733, 1.1309],
    "scaled-by-d": [1.8557, 1.5760],
    "multiplied-by-sqrt-d": [1.8833, 0.8163],
    "skipped-softmax": [8.4853, 6.3640],
    "skipped-softmax-unscaled": [12, 9],
    "divided-by-sum-no-exp": [2.0, 1.5],
    "exp-not-normalised": [28.91, 21.4811],
    "uniform-average": [1.75, 2.0],
    "plain-sum-of-values": [7, 8],
    "mixed-keys-not-values": [0.7989, 0.7398],
    "swapped-keys-values": [0.2941, 0.7116],
    "negated-scores": [1.3228, 2.4059],
    "off-by-one-token-right": [0.9206, 2.2049],
    "off-by-one-token-left": [1.7306, 2.8137],
    "reversed-order": [1.3284, 2.6126],
    "dropped-last-token": [1.9961, 1.2760],
    "dropped-first-token": [1.5457, 1.4457],
    "base2": [1.8549, 1.5850],
    "base10": [1.8919, 0.6812],
    "squared-weights": [1.8571, 1.2143],
    "sigmoid-not-softmax": [5.2694, 5.3875],
    "scale-after-softmax": [1.3246, 0.7996],
    "strongest-only-times-weight": [1.0776, 0],
    "top2-only": [1.3432, 1.0626],
    "swapped-components": [1.3874, 1.8671],
}


@pytest.mark.parametrize("code", LOOKUP_SLIPS)
def test_each_slip_gives_its_value_on_the_example(code):
    astray = LOOKUP_SLIPS[code](attend(Q, K, V))
    np.testing.assert_allclose(astray.output, [ON_THE_EXAMPLE[code]], rtol=0, atol=5e-5)


def test_every_slip_of_the_example_is_in_the_table():
    assert set(ON_THE_EXAMPLE) == set(LOOKUP_SLIPS)
    assert not set(LOOKUP_SLIPS) & (set(MATRIX_SLIPS) | set(ROUNDING_SLIPS))


@pytest.mark.parametrize("code", LOOKUP_SLIPS)
def test_a_slip_keeps_the_stages_before_its_wrong_turn(code):
    right = attend(Q, K, V)
    astray = LOOKUP_SLIPS[code](right)
    np.testing.assert_array_equal(
        right.scores if code != "swapped-keys-values" else Q @ V.T, astray.scores
    )
    if code not in ("swapped-components",):
        np.testing.assert_allclose(
            astray.output, (astray.weights[..., None] * astray.asked.values).sum(axis=-2)
        )


def test_slips_of_a_batch_are_those_of_its_members():
    rng = np.random.default_rng(3)
    q, k, v = (rng.integers(-2, 4, (50, n, 4)) for n in (2, 4, 4))
    together = {
        **wrong_turns(attend(q, k, v)),
        **wrong_turns(attend(q, k, v), slips=MATRIX_SLIPS),
    }
    for i in range(50):
        alone = attend(q[i], k[i], v[i])
        for code, trace in {**wrong_turns(alone), **wrong_turns(alone, slips=MATRIX_SLIPS)}.items():
            np.testing.assert_array_equal(together[code].output[i], trace.output, err_msg=code)


def test_slips_that_lead_nowhere_else_are_not_taken():
    # the bare recipe: no scale to forget or misplace
    bare = wrong_turns(attend(Q, K, V, scale=1))
    assert not {"unscaled", "skipped-softmax-unscaled", "scale-after-softmax"} & set(bare)
    # one component, one key
    single = wrong_turns(attend([[2]], [[3]], [[5]]))
    assert not {"scaled-by-d", "dropped-last-token", "reversed-order", "top2-only",
                "swapped-components"} & set(single)  # fmt: skip
    # keys and values of different widths cannot be mistaken for each other
    wide = wrong_turns(attend([[1, 2]], [[1, 0], [0, 1]], [[1, 2, 3], [4, 5, 6]]))
    assert not {"mixed-keys-not-values", "swapped-keys-values"} & set(wide)
    # given scores: nobody knows the keys
    given = wrong_turns(attend_by_scores([[1, 2]], [[1, 2], [3, 4]]))
    assert not {"mixed-keys-not-values", "swapped-keys-values", "scaled-by-d"} & set(given)
    assert not wrong_turns(attend(Q, K, V), slips=MATRIX_SLIPS).keys() - {"softmax-twice"}


def test_named_codes_alone_are_evaluated_and_unknown_ones_refused():
    right = attend(Q, K, V)
    assert list(wrong_turns(right, ["base2", "unscaled"])) == ["base2", "unscaled"]
    with pytest.raises(KeyError):
        wrong_turns(right, ["forgot-everything"])
    with pytest.raises(KeyError):
        wrong_blends([0.5, 0.5], [[1], [2]], ["forgot-everything"])


def test_slips_respect_the_mask():
    right = attend(Q, K, V, allowed=[True, True, False, True])
    slips = wrong_turns(right)
    np.testing.assert_allclose(slips["uniform-average"].output, [[5 / 3, 8 / 3]])
    np.testing.assert_allclose(slips["hard-lookup"].output, [[1, 4]])
    np.testing.assert_allclose(slips["plain-sum-of-values"].output, [[5, 8]])
    np.testing.assert_allclose(slips["skipped-softmax-unscaled"].output, [[6, 9]])
    for code in set(slips) - {"off-by-one-token-right", "off-by-one-token-left", "reversed-order"}:
        assert slips[code].weights[0, 2] == 0, code


def test_slips_of_a_row_that_sees_nothing_are_zero_not_nan():
    right = attend(Q, K, V, allowed=[False] * 4)
    for code, trace in {**wrong_turns(right), **wrong_turns(right, slips=MATRIX_SLIPS)}.items():
        if code not in ("mask-after-softmax", "mask-inverted"):
            assert (trace.output == 0).all(), code


def test_a_slip_that_leaves_the_numbers_says_so_without_a_warning():
    right = attend([[1, -1]], [[1, 0], [0, 1]], [[1, 2], [3, 4]])  # scores that sum to 0
    astray = LOOKUP_SLIPS["divided-by-sum-no-exp"](right)
    assert not np.isfinite(astray.output).any()
    loud = attend([[1000, 0]], [[1, 0], [0, 1]], [[1, 2], [3, 4]], scale=1)
    assert np.isinf(LOOKUP_SLIPS["exp-not-normalised"](loud).output).all()


# ---- several queries, or a mask ------------------------------------------------------------------

TRIANGLE = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]])


def causal():
    return attend_by_scores(TRIANGLE, np.eye(3), causal=True)


def test_a_causal_triangle_by_hand():
    e = np.e
    np.testing.assert_allclose(
        causal().weights, [[1, 0, 0], [1 / (1 + e), e / (1 + e), 0], [1 / 3] * 3], rtol=1e-15
    )


def test_masking_after_softmax_leaves_rows_short():
    astray = MATRIX_SLIPS["mask-after-softmax"](causal())
    np.testing.assert_allclose(astray.weights.sum(axis=-1), [0.09, 0.788, 1], atol=5e-4)


def test_softmax_over_columns_makes_columns_sum_to_one():
    astray = MATRIX_SLIPS["softmax-wrong-axis"](attend_by_scores(TRIANGLE, np.eye(3)))
    np.testing.assert_allclose(astray.weights.sum(axis=-2), 1, rtol=1e-15)
    assert not np.allclose(astray.weights.sum(axis=-1), 1)


def test_a_strict_triangle_hides_the_query_from_itself():
    astray = MATRIX_SLIPS["causal-strict"](causal())
    np.testing.assert_allclose(astray.weights, [[0, 0, 0], [1, 0, 0], [0.5, 0.5, 0]], rtol=1e-15)
    assert astray.empty_rows.tolist() == [True, False, False]


def test_a_transposed_triangle_looks_ahead():
    astray = MATRIX_SLIPS["causal-transposed"](causal())
    assert ((astray.weights > 0) == np.triu(np.ones((3, 3)))).all()
    masked = attend_by_scores(TRIANGLE, np.eye(3), causal=True, allowed=[True, True, False])
    assert (MATRIX_SLIPS["causal-transposed"](masked).weights[:, 2] == 0).all()


def test_an_inverted_mask_sees_what_it_should_not():
    astray = MATRIX_SLIPS["mask-inverted"](causal())
    assert ((astray.weights > 0) == ~np.tril(np.ones((3, 3), dtype=bool))).all()


def test_softmax_twice_flattens():
    right = attend(Q, K, V)
    astray = MATRIX_SLIPS["softmax-twice"](right)
    powers = np.exp(right.weights)
    np.testing.assert_allclose(astray.weights, powers / powers.sum(), rtol=1e-14)


# ---- rounding ------------------------------------------------------------------------------------


def test_rounding_early_is_the_pass_with_rounded_stages():
    right = attend(Q, K, V)
    turns = wrong_turns(right, slips=ROUNDING_SLIPS)
    powers = np.exp([0.71, 1.41, 2.12, 0.0])
    rounded = (powers / powers.sum()).round(2)
    np.testing.assert_allclose(turns["rounded-early-2"].output, [rounded @ V], rtol=1e-14)
    powers = np.exp([0.7, 1.4, 2.1, 0.0])
    cut = np.floor(powers / powers.sum() * 10) / 10
    np.testing.assert_allclose(turns["truncated-1"].output, [cut @ V], rtol=1e-14)
    np.testing.assert_allclose(turns["percent-for-fraction"].output, right.output * 100, rtol=1e-14)


def test_cutting_off_keeps_a_digit_that_binary_would_lose():
    # 0.29 * 100 is 28.999... in float64
    right = attend_by_scores([[0.29, 0.0]], [[1], [0]])
    assert ROUNDING_SLIPS["truncated-2"](right).scaled[0, 0] == 0.29


# ---- the blend -----------------------------------------------------------------------------------

WEIGHTS = [Fraction(72, 100), Fraction(5, 100), Fraction(8, 100), Fraction(15, 100)]

BLENDS = {
    "hard-lookup": [4, 1],
    "uniform-average": [1.75, 2],
    "plain-sum-of-values": [7, 8],
    "off-by-one-token-right": [1.42, 3.27],
    "off-by-one-token-left": [0.58, 2.53],
    "reversed-order": [0.78, 2.63],
    "softmax-of-weights": [2.1372, 1.8212],
    "dropped-smallest": [3.04, 1.17],
    "dropped-smallest-renormalised": [3.20, 1.2316],
    "strongest-only-times-weight": [2.88, 0.72],
    "swapped-components": [1.37, 3.09],
    "divided-by-n": [0.7725, 0.3425],
    "swapped-weights-2-3": [3.06, 1.49],
    "swapped-weights-1-4": [0.81, 2.51],
}


@pytest.mark.parametrize("code", BLENDS)
def test_each_wrong_blend_gives_its_value_on_the_scorecard(code):
    output = wrong_blends(WEIGHTS, V, [code])[code]
    np.testing.assert_allclose(output, BLENDS[code], rtol=0, atol=5e-5)


def test_every_blend_slip_is_tried_and_every_pair_swapped():
    assert set(BLEND_SLIPS) <= set(BLENDS)
    assert set(wrong_blends(WEIGHTS, V)) == set(BLEND_SLIPS) | set(swapped_weights(4))
    assert len(swapped_weights(5)) == 10
    assert "swapped-components" not in wrong_blends([0.5, 0.5], [[1], [2]])


def test_wrong_blends_of_a_batch_are_those_of_its_members():
    rng = np.random.default_rng(4)
    weights, values = rng.random((20, 1, 4)), rng.standard_normal((20, 4, 3))
    for code, outputs in wrong_blends(weights, values).items():
        for i in range(20):
            alone = wrong_blends(weights[i, 0], values[i])[code]
            np.testing.assert_array_equal(outputs[i, 0], alone, err_msg=code)


def test_no_wrong_blend_is_the_right_one_on_the_scorecard():
    right = blend(WEIGHTS, V)
    for code, output in wrong_blends(WEIGHTS, V).items():
        assert np.abs(output - right).max() > 0.02, code


def test_weights_and_values_of_different_number_are_refused():
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        wrong_blends([0.5, 0.5], [[1], [2], [3]])

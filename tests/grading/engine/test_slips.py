"""Every named wrong turn gives the numbers a teacher would get by hand."""

from fractions import Fraction

import numpy as np
import pytest

from grading.engine.attention import attend, attend_by_scores, blend, softmax
from grading.engine.heads import Projections, merge, multi_head, self_attention, split
from grading.engine.slips import (
    BLEND_SLIPS,
    HEADS_SLIPS,
    LOOKUP_SLIPS,
    MATRIX_SLIPS,
    ROUNDING_SLIPS,
    swapped_weights,
    wrong_blends,
    wrong_heads,
    wrong_turns,
)
from grading.engine.trace import STAGES
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
# the same lookup, told to leave the scores as they are
ON_THE_UNSCALED_EXAMPLE = {"scaled-although-unscaled": [1.8671, 1.3874]}


def on_the_example(code):
    """The right pass from which the slip is taken."""
    return attend(Q, K, V, scale=1 if code in ON_THE_UNSCALED_EXAMPLE else None)


@pytest.mark.parametrize("code", ON_THE_EXAMPLE)
def test_each_slip_gives_its_value_on_the_example(code):
    astray = LOOKUP_SLIPS[code](attend(Q, K, V))
    np.testing.assert_allclose(astray.output, [ON_THE_EXAMPLE[code]], rtol=0, atol=5e-5)


def test_every_slip_of_the_example_is_in_the_table():
    assert set(ON_THE_EXAMPLE) | set(ON_THE_UNSCALED_EXAMPLE) == set(LOOKUP_SLIPS)
    assert not set(LOOKUP_SLIPS) & (set(MATRIX_SLIPS) | set(ROUNDING_SLIPS))


def test_scaling_although_told_not_to_gives_the_scaled_answer():
    right = attend(Q, K, V, scale=1)
    np.testing.assert_allclose(right.output, [ON_THE_EXAMPLE["unscaled"]], rtol=0, atol=5e-5)
    for code, value in ON_THE_UNSCALED_EXAMPLE.items():
        np.testing.assert_allclose(LOOKUP_SLIPS[code](right).output, [value], rtol=0, atol=5e-5)
        assert LOOKUP_SLIPS[code](attend(Q, K, V)) is None  # nobody was told not to
        assert LOOKUP_SLIPS[code](attend_by_scores([[1, 2]], [[1], [2]])) is None


def test_two_slips_nearly_coincide_in_two_components_and_part_in_four():
    """ln 2 / sqrt 2 is about a half: with d = 2 powers of 2 and a division by d look alike."""
    two = wrong_turns(attend(Q, K, V), ["base2", "scaled-by-d"])
    gap = np.abs(two["base2"].output - two["scaled-by-d"].output).max()
    assert 0.008 < gap < 0.01
    wider = attend(np.hstack([Q, Q]), np.hstack([K, K]), V)
    four = wrong_turns(wider, ["base2", "scaled-by-d"])
    assert np.abs(four["base2"].output - four["scaled-by-d"].output).max() > 0.1


@pytest.mark.parametrize("code", LOOKUP_SLIPS)
def test_a_slip_keeps_the_stages_before_its_wrong_turn(code):
    right = on_the_example(code)
    astray = LOOKUP_SLIPS[code](right)
    np.testing.assert_array_equal(
        right.scores if code != "swapped-keys-values" else Q @ V.T, astray.scores
    )
    if code not in ("swapped-components",):
        np.testing.assert_allclose(
            astray.output, (astray.weights[..., None] * astray.asked.values).sum(axis=-2)
        )


@pytest.mark.parametrize("options", [
    {}, {"scale": 1}, {"temperature": 0.5, "softcap": 4.0}, {"causal": True, "causal_offset": 3},
    {"allowed": [True, True, False, True]}, {"bias": [0.5, 0.0, -np.inf, 1.0]},
])  # fmt: skip
@pytest.mark.parametrize("lead", [(700,), (25, 28)])
@pytest.mark.parametrize("queries", [1, 2])
def test_slips_of_a_batch_are_those_of_its_members_to_the_last_bit(options, lead, queries):
    """Every stage of every slip of every family; the batch is large enough to be summed as one."""
    rng = np.random.default_rng(3)
    q, k, v = (rng.integers(-2, 4, (*lead, n, 4)) for n in (queries, 4, 4))
    families = (LOOKUP_SLIPS, MATRIX_SLIPS, ROUNDING_SLIPS)
    right = attend(q, k, v, **options)
    together = {}
    for slips in families:
        together |= wrong_turns(right, slips=slips)
    members = list(np.ndindex(lead))
    for b in (members[0], members[1], *members[5::101], members[-1]):
        alone = attend(q[b], k[b], v[b], **options)
        turns = {}
        for slips in families:
            turns |= wrong_turns(alone, slips=slips)
        assert set(turns) == set(together)
        for code, trace in turns.items():
            for stage in (*STAGES, "empty_rows", "ties"):
                np.testing.assert_array_equal(
                    getattr(together[code], stage)[b], getattr(trace, stage), err_msg=code
                )


def test_an_empty_batch_goes_wrong_in_every_way_and_nowhere():
    right = attend(np.empty((0, 1, 4)), np.empty((0, 4, 4)), np.empty((0, 4, 4)))
    assert {trace.output.shape for trace in wrong_turns(right).values()} == {(0, 1, 4)}


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
        if code not in ("mask-forgotten", "mask-after-softmax", "mask-inverted"):
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


def test_a_forgotten_mask_is_softmax_of_whole_rows():
    astray = MATRIX_SLIPS["mask-forgotten"](causal())
    np.testing.assert_allclose(astray.weights, softmax(TRIANGLE), rtol=1e-15)
    assert MATRIX_SLIPS["mask-forgotten"](attend_by_scores(TRIANGLE, np.eye(3))) is None


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


# ---- several heads -------------------------------------------------------------------------------


def layer(seed=5, model=6, biases=True, **options):
    """Two heads over three words, with projections that keep the width."""
    rng = np.random.default_rng(seed)
    given = {f"W_{letter}": rng.standard_normal((model, model)) for letter in "qkvo"}
    if biases:
        given |= {f"b_{letter}": rng.standard_normal(model) for letter in "qkvo"}
    x = rng.standard_normal((3, model))
    return x, Projections(**given), self_attention(x, Projections(**given), heads=2, **options)


def test_forgetting_the_projections_leaves_the_words_as_they_are():
    x, by, right = layer(causal=True)
    astray = HEADS_SLIPS["forgot-projection"](right)
    only_out = Projections(W_o=by.W_o, b_o=by.b_o)
    bare = self_attention(x, only_out, heads=2, causal=True)
    np.testing.assert_array_equal(astray.output, bare.output)
    np.testing.assert_array_equal(astray.trace.weights, bare.trace.weights)
    assert not np.allclose(astray.output, right.output)
    np.testing.assert_array_equal(astray.queries, x)


def test_forgetting_the_last_projection_hands_in_the_heads_side_by_side():
    _, _, right = layer()
    np.testing.assert_array_equal(
        HEADS_SLIPS["forgot-output-projection"](right).output, merge(right.trace.output)
    )


def test_heads_not_split_are_one_head_of_the_whole_width():
    x, by, right = layer(causal=True)
    astray = HEADS_SLIPS["heads-not-split"](right)
    whole = self_attention(x, by, heads=1, causal=True)
    np.testing.assert_array_equal(astray.output, whole.output)
    assert astray.trace.weights.shape == (1, 3, 3)
    assert not np.allclose(astray.output, right.output)
    # whoever was given a scale keeps it
    x, by, right = layer(scale=0.25)
    whole = self_attention(x, by, heads=1, scale=0.25)
    np.testing.assert_array_equal(HEADS_SLIPS["heads-not-split"](right).output, whole.output)


def test_two_heads_by_hand_and_unsplit():
    """Each head sees two components; in one head the two words look more different."""
    x = [[1, 0, 0, 1], [0, 1, 1, 0]]
    right = self_attention(x, heads=2)
    own = 1 / (1 + np.exp(-1 / np.sqrt(2)))
    np.testing.assert_allclose(right.trace.weights[:, 0, 0], [own, own])
    whole = HEADS_SLIPS["heads-not-split"](right)
    np.testing.assert_allclose(whole.trace.weights[0, 0, 0], 1 / (1 + np.exp(-2 / 2)))


def test_scaling_by_the_whole_width_softens():
    _, by, right = layer()
    astray = HEADS_SLIPS["scaled-by-whole-width"](right)
    np.testing.assert_allclose(astray.trace.scaled, right.trace.scores / np.sqrt(6))
    np.testing.assert_allclose(astray.output, astray.merged @ by.W_o + by.b_o)


def test_slips_of_heads_that_lead_nowhere_else_are_not_taken():
    x, by, right = layer()
    assert set(wrong_heads(self_attention(x, heads=1))) == set()
    assert set(wrong_heads(right)) == set(HEADS_SLIPS)
    one_head = self_attention(x, by, heads=1)
    assert set(wrong_heads(one_head)) == {"forgot-projection", "forgot-output-projection"}
    # a projection that changes the width cannot be forgotten, nor one the past has been through
    wide = Projections(W_q=np.ones((6, 4)), W_k=np.ones((6, 4)), W_v=np.ones((6, 4)))
    assert "forgot-projection" not in wrong_heads(multi_head(x, x, x, wide, heads=2))
    past = (split(right.keys, 2), split(right.values, 2))
    later = multi_head(x, x, x, by, heads=2, past=past)
    assert "forgot-projection" not in wrong_heads(later)
    assert wrong_heads(later)["heads-not-split"].trace.weights.shape == (1, 3, 6)
    # what is told to one head alone means nothing to a head of all
    mask = np.ones((2, 3, 3), dtype=bool)
    assert "heads-not-split" not in wrong_heads(self_attention(x, heads=2, allowed=mask))
    assert "heads-not-split" in wrong_heads(self_attention(x, heads=2, allowed=mask[0]))


def test_what_goes_wrong_inside_the_heads_reaches_the_output():
    _, by, right = layer()
    turns = wrong_heads(right, ["hard-lookup", "heads-not-split"], inside=LOOKUP_SLIPS)
    assert list(turns) == ["hard-lookup", "heads-not-split"]
    hard = LOOKUP_SLIPS["hard-lookup"](right.trace)
    np.testing.assert_allclose(turns["hard-lookup"].output, merge(hard.output) @ by.W_o + by.b_o)
    assert set(wrong_heads(right, inside=LOOKUP_SLIPS)) > set(HEADS_SLIPS)
    with pytest.raises(KeyError):
        wrong_heads(right, ["hard-lookup"])


def test_slips_of_a_batch_of_layers_are_those_of_its_members():
    rng = np.random.default_rng(6)
    x = rng.standard_normal((120, 3, 6))
    _, by, _ = layer()
    together = wrong_heads(self_attention(x, by, heads=2), inside=LOOKUP_SLIPS)
    for i in range(0, 120, 7):
        alone = wrong_heads(self_attention(x[i], by, heads=2), inside=LOOKUP_SLIPS)
        assert set(alone) == set(together)
        for code, turn in alone.items():
            np.testing.assert_array_equal(together[code].output[i], turn.output, err_msg=code)


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

"""Heads, projections, the cache of past keys, and positions."""

import numpy as np
import pytest

from grading.engine.attention import attend
from grading.engine.heads import (
    Projections,
    attend_grouped,
    cross_attention,
    merge,
    multi_head,
    project,
    self_attention,
    sinusoidal_positions,
    split,
)
from grading.engine.trace import STAGES
from grading.errors import EngineError


def normal(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def layer(seed, model=6, width=4, value=6, out=5, *, kv=None, biases=True):
    """Projections for heads that together are ``width`` wide, ``kv`` for keys that are shared."""
    shapes = {
        "q": (model, width),
        "k": (model, kv or width),
        "v": (model, value),
        "o": (value, out),
    }
    rng = np.random.default_rng(seed)
    given = {f"W_{letter}": rng.standard_normal(shape) for letter, shape in shapes.items()}
    if biases:
        given |= {f"b_{letter}": rng.standard_normal(h) for letter, (_, h) in shapes.items()}
    return Projections(**given)


# ---- vectors into heads and back -----------------------------------------------------------------


def test_splitting_gives_each_head_a_piece_and_merging_puts_it_back():
    (x,) = normal(1, (2, 3, 12))
    pieces = split(x, 4)
    assert pieces.shape == (2, 4, 3, 3)
    np.testing.assert_array_equal(pieces[1, 2, 0], x[1, 0, 6:9])
    np.testing.assert_array_equal(merge(pieces), x)
    assert merge(np.empty((2, 0, 3))).shape == (0, 6)


@pytest.mark.parametrize("heads", [0, -1, 3, 8])
def test_a_width_that_cannot_be_shared_out_is_refused(heads):
    with pytest.raises(EngineError, match="HEADS_NOT_MULTIPLE"):
        split([[1, 2, 3, 4]], heads)


def test_a_projection_is_a_product_from_the_right():
    x, w, b = normal(2, (2, 3, 4), (4, 5), (5,))
    np.testing.assert_allclose(project(x, w, b), x @ w + b, rtol=1e-12)
    for bad in ({"W": np.ones((5, 4))}, {"W": w, "b": np.ones(4)}, {"W": np.ones((1, 4, 5))}):
        with pytest.raises(EngineError, match="DIM_MISMATCH"):
            project(x, **bad)
    with pytest.raises(EngineError, match="NOT_FINITE"):
        project([[1e200]], [[1e200]])


# ---- grouped heads, and the past -----------------------------------------------------------------


@pytest.mark.parametrize(("heads", "shared"), [(4, 4), (4, 2), (6, 2), (3, 1)])
def test_each_query_head_asks_the_key_head_of_its_group(heads, shared):
    q, k, v = normal(3, (2, heads, 3, 4), (2, shared, 5, 4), (2, shared, 5, 2))
    grouped = attend_grouped(q, k, v)
    assert grouped.group == heads // shared
    assert grouped.output.shape == (2, heads, 3, 2)
    for head in range(heads):
        own = head // (heads // shared)
        alone = attend(q[:, head], k[:, own], v[:, own])
        for stage in STAGES:
            np.testing.assert_array_equal(
                getattr(grouped.trace, stage)[:, head], getattr(alone, stage)
            )


def test_heads_that_do_not_group_are_refused():
    q, k, v = normal(4, (3, 2, 4), (2, 5, 4), (2, 5, 4))
    with pytest.raises(EngineError, match="HEADS_NOT_MULTIPLE"):
        attend_grouped(q, k, v)
    with pytest.raises(EngineError, match="HEADS_NOT_MULTIPLE"):
        attend_grouped(q, k[:0], v[:0])
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        attend_grouped(q, k[:1], v)


def test_word_by_word_with_a_cache_is_the_whole_sequence_at_once():
    q, k, v = normal(5, (4, 6, 3), (2, 6, 3), (2, 6, 5))
    whole = attend_grouped(q, k, v, causal=True, window=(3, 0))
    past = None
    for i in range(6):
        now = slice(i, i + 1)
        step = attend_grouped(
            q[:, now], k[:, now], v[:, now], past=past, causal=True, window=(3, 0)
        )
        assert step.past == i
        np.testing.assert_allclose(step.output[:, 0], whole.output[:, i], rtol=1e-13)
        past = (step.keys, step.values)
    np.testing.assert_array_equal(past[0], k)
    np.testing.assert_array_equal(past[1], v)


def test_after_a_past_the_offset_is_its_length_or_the_callers():
    q, k, v = normal(6, (1, 2, 3), (1, 2, 3), (1, 2, 3))
    past = normal(7, (1, 4, 3), (1, 4, 3))

    def seen(**options):
        weights = attend_grouped(q, k, v, past=past, causal=True, **options).trace.weights
        return (weights[0] > 0).sum(axis=-1).tolist()

    assert seen() == [5, 6]
    assert seen(causal_offset=0) == [1, 2]
    with pytest.raises(EngineError, match="CAUSAL_AMBIGUOUS"):
        attend_grouped(q[:, :1], k, v, past=past, causal=True)


def test_a_past_that_does_not_continue_is_refused():
    q, k, v = normal(8, (2, 2, 3), (2, 2, 3), (2, 2, 3))
    for past, code in (
        (normal(9, (2, 4, 2), (2, 4, 3)), "DIM_MISMATCH"),
        (normal(9, (1, 4, 3), (1, 4, 3)), "DIM_MISMATCH"),
        (normal(9, (2, 4, 3), (2, 3, 3)), "COUNT_MISMATCH"),
    ):
        with pytest.raises(EngineError, match=code):
            attend_grouped(q, k, v, past=past)


# ---- projections around it -----------------------------------------------------------------------


def test_multi_head_is_each_head_by_itself_put_side_by_side():
    x, memory = normal(10, (2, 3, 6), (2, 5, 6))
    by = layer(11)
    done = multi_head(x, memory, memory, by, heads=2)
    q, k, v = x @ by.W_q + by.b_q, memory @ by.W_k + by.b_k, memory @ by.W_v + by.b_v
    heads = []
    for head in range(2):
        scores = q[..., 2 * head : 2 * head + 2] @ k[..., 2 * head : 2 * head + 2].swapaxes(-1, -2)
        powers = np.exp(scores / np.sqrt(2))
        weights = powers / powers.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(done.trace.weights[:, head], weights, rtol=1e-12)
        heads.append(weights @ v[..., 3 * head : 3 * head + 3])
    np.testing.assert_allclose(done.merged, np.concatenate(heads, axis=-1), rtol=1e-10)
    np.testing.assert_allclose(done.output, done.merged @ by.W_o + by.b_o, rtol=1e-10)


def test_one_head_without_projections_is_attend():
    (x,) = normal(12, (4, 3))
    np.testing.assert_array_equal(self_attention(x).output, attend(x, x, x).output)
    (memory,) = normal(13, (5, 3))
    np.testing.assert_array_equal(
        cross_attention(x, memory, scale=1).output, attend(x, memory, memory, scale=1).output
    )


def test_shared_key_heads_are_those_of_grouped_attention():
    (x,) = normal(14, (3, 6))
    by = layer(15, width=8, kv=4, value=4, biases=False)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        multi_head(x, x, x, by, heads=4, kv_heads=2)  # the output projection meets 8, not 4
    by = Projections(W_q=by.W_q, W_k=by.W_k, W_v=by.W_v)
    done = multi_head(x, x, x, by, heads=4, kv_heads=2, causal=True)
    grouped = attend_grouped(split(x @ by.W_q, 4), split(x @ by.W_k, 2), split(x @ by.W_v, 2),
                             causal=True)  # fmt: skip
    np.testing.assert_allclose(done.output, merge(grouped.output), rtol=1e-12)


def test_a_replay_inside_the_heads_reaches_the_output():
    (x,) = normal(16, (3, 6))
    by = layer(17)
    done = multi_head(x, x, x, by, heads=2)
    again = done.replay("weights", done.trace.weights)
    np.testing.assert_array_equal(again.output, done.output)
    even = done.replay("weights", np.full((2, 3, 3), 1 / 3))
    np.testing.assert_allclose(
        even.output, np.tile(done.values.mean(axis=0) @ by.W_o + by.b_o, (3, 1)), rtol=1e-12
    )


def test_a_layer_keeps_its_own_matrices_and_refuses_a_bias_alone():
    w = np.eye(2)
    by = Projections(W_q=w, W_o=w)
    done = self_attention([[1, 2], [3, 4]], by)
    w[:] = 7
    np.testing.assert_array_equal(done.follow(done.trace).output, done.output)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        Projections(b_k=[1, 2])


def test_a_batch_of_multi_head_passes_is_each_by_itself_to_the_last_bit():
    (x,) = normal(18, (40, 3, 6))
    by = layer(19)
    together = multi_head(x, x, x, by, heads=2, causal=True)
    for i in range(40):
        alone = multi_head(x[i], x[i], x[i], by, heads=2, causal=True)
        np.testing.assert_array_equal(together.output[i], alone.output)
        np.testing.assert_array_equal(together.trace.weights[i], alone.trace.weights)


# ---- where a word stands -------------------------------------------------------------------------


def test_positions_are_the_waves_of_the_paper():
    np.testing.assert_allclose(
        sinusoidal_positions(1, 4), [0.8415, 0.5403, 0.0100, 1.0000], rtol=0, atol=5e-5
    )
    table = sinusoidal_positions(np.arange(50), 6)
    assert table.shape == (50, 6)
    np.testing.assert_array_equal(table[0], [0, 1, 0, 1, 0, 1])
    for pos, i in ((3, 0), (17, 1), (49, 2)):
        angle = pos / 10000 ** (2 * i / 6)
        np.testing.assert_allclose(table[pos, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)])
    # a step of k is a rotation by k, wherever it begins: what section 3.5 chooses the waves for
    np.testing.assert_allclose(
        np.einsum("pi,pi->p", table[:-5], table[5:]), np.full(45, table[0] @ table[5]), rtol=1e-12
    )
    assert sinusoidal_positions(1, 3).shape == (3,)


def test_positions_that_say_nothing_are_refused():
    for code, options in (("DIM_MISMATCH", {"d": 0}), ("NOT_FINITE", {"d": 2, "longest": 0})):
        with pytest.raises(EngineError, match=code):
            sinusoidal_positions(1, **options)

"""A trace names every stage, and replays from any of them."""

import numpy as np
import pytest

from grading.engine.attention import attend
from grading.engine.trace import AXES, STAGES, STEPS
from grading.errors import EngineError
from tests.grading.engine.checks import K, Q, V


def full():
    """A pass in which every stage does something."""
    rng = np.random.default_rng(7)
    q, k, v = (rng.standard_normal(shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 2)))
    return attend(
        q, k, v, temperature=0.5, softcap=2.0, bias=rng.standard_normal((3, 5)), causal=True,
        causal_offset=1,
    )  # fmt: skip


def test_every_stage_has_a_name_its_axes_and_its_shape():
    trace = full()
    assert tuple(AXES) == STAGES == tuple(STEPS)
    size = {"query": 3, "key": 5, "component": 2}
    for stage in STAGES:
        array = getattr(trace, stage)
        assert array.shape == (2, *(size[axis] for axis in AXES[stage])), stage
        assert not array.flags.writeable, stage


def test_each_stage_follows_from_the_one_before():
    trace = full()
    asked = trace.asked
    np.testing.assert_allclose(trace.scores, asked.queries @ asked.keys.swapaxes(-1, -2))
    np.testing.assert_allclose(trace.scaled, trace.scores / 2)
    np.testing.assert_allclose(trace.capped, 2 * np.tanh(trace.scaled / 2))
    np.testing.assert_allclose(trace.biased, trace.capped + asked.bias)
    seen = np.tril(np.ones((3, 5), dtype=bool), 1)
    np.testing.assert_array_equal(trace.masked, np.where(seen, trace.biased, -np.inf))
    np.testing.assert_array_equal(trace.row_max, trace.masked.max(axis=-1))
    np.testing.assert_allclose(trace.exps, np.exp((trace.masked - trace.row_max[..., None]) * 2))
    np.testing.assert_allclose(trace.row_sum, trace.exps.sum(axis=-1))
    np.testing.assert_allclose(trace.weights, trace.exps / trace.row_sum[..., None])
    np.testing.assert_allclose(trace.products, trace.weights[..., None] * asked.values[:, None])
    np.testing.assert_allclose(trace.output, trace.weights @ asked.values)


@pytest.mark.parametrize("stage", STAGES)
def test_replaying_a_stage_with_its_own_value_changes_nothing(stage):
    trace = full()
    again = trace.replay(stage, getattr(trace, stage))
    for name in (*STAGES, "empty_rows", "ties"):
        np.testing.assert_array_equal(getattr(again, name), getattr(trace, name))


def test_a_replay_keeps_what_was_before_and_works_out_what_comes_after():
    right = attend(Q, K, V)
    replayed = right.replay("scaled", [[0.5, 1.0, 1.5, 0.0]])  # divided by d, not by its root
    np.testing.assert_array_equal(replayed.scores, right.scores)
    np.testing.assert_allclose(replayed.output, [[1.8557, 1.5760]], atol=5e-5)
    np.testing.assert_allclose(right.output, [[1.8671, 1.3874]], atol=5e-5)


def test_a_learners_rounded_weights_carry_on():
    replayed = attend(Q, K, V).replay("weights", [[0.13, 0.27, 0.54, 0.06]])
    np.testing.assert_allclose(replayed.products[0, 1], [0.27, 1.08])
    np.testing.assert_allclose(replayed.output, [[1.87, 1.39]])


def test_powers_without_the_row_maximum_give_the_same_weights():
    right = attend(Q, K, V)
    replayed = right.replay("exps", np.exp(right.scaled))
    np.testing.assert_allclose(replayed.weights, right.weights, rtol=1e-15)


def test_flags_follow_the_replayed_scores():
    right = attend(Q, K, V)
    assert right.replay("scores", [[3, 3, 1, 0]]).ties.tolist() == [True]
    closed = attend(Q, K, V, bias=[0, 0, 0, -np.inf])
    emptied = closed.replay("masked", [[-np.inf] * 4])
    assert emptied.empty_rows.tolist() == [True]
    assert emptied.output.tolist() == [[0, 0]]


def test_a_replay_that_does_not_fit_is_refused():
    trace = attend(Q, K, V)
    with pytest.raises(KeyError, match="no stage is called 'gist'"):
        trace.replay("gist", [[1]])
    for value in ([1, 2, 3, 0], [[1, 2, 3]]):
        with pytest.raises(EngineError, match="DIM_MISMATCH"):
            trace.replay("scores", value)
    with pytest.raises(EngineError, match="NOT_FINITE"):
        trace.replay("masked", [[0, 0, 0, -np.inf]])  # nothing is masked here
    with pytest.raises(EngineError, match="NOT_FINITE"):
        trace.replay("row_sum", [0])
    with pytest.raises(EngineError, match="NOT_FINITE"):
        trace.replay("weights", [[1e308, 1e308, 1e308, 1e308]])

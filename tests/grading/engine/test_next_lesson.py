"""The numbers that the next lesson will teach: each follows from the engine."""

import numpy as np
import pytest

from grading.engine.attention import attend
from grading.engine.heads import self_attention, sinusoidal_positions, split
from grading.engine.relay import Cell, relay
from grading.engine.scores import dot, general
from grading.engine.slope import output_slopes
from tests.grading.engine.checks import K, Q, V


def test_a_learned_comparison():
    assert general(Q, K, [[1, 0], [1, 2]]).tolist() == [[1, 5, 6, -3]]


def test_the_position_after_the_first():
    wave = sinusoidal_positions(1, 4)
    np.testing.assert_array_equal(wave.round(4), [0.8415, 0.5403, 0.0100, 1.0000])


def test_a_clue_in_a_small_relay():
    states = relay([[1], [0], [0], [0], [0]], Cell(W_x=[[1]], W_h=[[0.5]])).states[:, 0]
    np.testing.assert_array_equal(states.round(4), [0.7616, 0.3634, 0.1797, 0.0896, 0.0448])


def test_two_heads_split_four_components():
    x = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    np.testing.assert_array_equal(split(x, 2), [[[1, 2], [5, 6]], [[3, 4], [7, 8]]])
    both = self_attention(x, heads=2)
    for head, piece in enumerate((x[:, :2], x[:, 2:])):
        own = attend(piece, piece, piece).output
        np.testing.assert_array_equal(both.output[:, 2 * head : 2 * head + 2], own)


def test_the_gradient_is_the_covariance_of_values_and_keys():
    w = attend(Q, K, V).weights[0]
    wanted = V.T @ (np.diag(w) - np.outer(w, w)) @ K / np.sqrt(2)
    np.testing.assert_allclose(output_slopes(attend(Q, K, V)).queries[0], wanted, rtol=1e-13)


@pytest.mark.parametrize(
    ("d", "spread", "unscaled", "scaled"),
    [(2, 1.42, 0.410, 0.332), (64, 7.92, 0.876, 0.360), (512, 22.8, 0.958, 0.360)],
)
def test_scores_spread_with_the_width_and_the_scale_holds_them(d, spread, unscaled, scaled):
    """Normal queries and 8 normal keys: the spread of q . k, and the mean of the largest weight."""
    rng = np.random.default_rng(d)
    q, k = rng.standard_normal((2000, 1, d)), rng.standard_normal((2000, 8, d))
    v = np.zeros((8, 1))
    np.testing.assert_allclose(dot(q, k).std(), spread, rtol=0.03)
    np.testing.assert_allclose(dot(q, k).std(), np.sqrt(d), rtol=0.03)
    for scale, largest in ((1.0, unscaled), (None, scaled)):
        mean = attend(q, k, v, scale=scale).weights.max(axis=-1).mean()
        np.testing.assert_allclose(mean, largest, atol=0.015)

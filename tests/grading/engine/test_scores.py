"""The ways to score how well a query matches a key."""

from fractions import Fraction

import numpy as np
import pytest

from grading.engine.scores import (
    additive,
    cosine,
    dot,
    dot_exact,
    general,
    negative_squared_distance,
    root_scale,
    scaled_dot,
    scores_exact,
)
from grading.errors import EngineError
from tests.grading.engine.checks import K, Q


def test_dot_and_scaled_dot():
    assert dot(Q, K).tolist() == [[1, 2, 3, 0]]
    np.testing.assert_allclose(scaled_dot(Q, K), np.array([[1, 2, 3, 0]]) / np.sqrt(2))
    assert scaled_dot(Q, K, scale=2).tolist() == [[2, 4, 6, 0]]


def test_the_dot_product_grows_with_length_and_the_cosine_does_not():
    keys = [[3, 0], [0, 1]]
    assert dot(Q, keys).argmax() == 0
    assert cosine(Q, keys).argmax() == 1
    np.testing.assert_allclose(cosine(Q, keys), [[0.447, 0.894]], atol=5e-4)


def test_cosine_of_extreme_and_empty_vectors():
    assert cosine([[1e300, 0]], [[1e-300, 0], [0, 0]]).tolist() == [[1, 0]]


def test_general_scores():
    assert general(Q, K, [[1, 0], [1, 2]]).tolist() == [[1, 5, 6, -3]]
    rng = np.random.default_rng(8)
    q, k, w = (rng.standard_normal(shape) for shape in ((2, 3, 4), (2, 5, 6), (6, 4)))
    np.testing.assert_allclose(general(q, k, w), np.einsum("bjk,kq,biq->bij", k, w, q))


def test_additive_scores():
    rng = np.random.default_rng(9)
    q, k = rng.standard_normal((2, 3, 4)), rng.standard_normal((5, 6))
    w_q, w_k, v = (rng.standard_normal(shape) for shape in ((7, 4), (7, 6), (7,)))
    scores = additive(q, k, w_q, w_k, v)
    assert scores.shape == (2, 3, 5)
    np.testing.assert_allclose(scores[1, 2, 4], v @ np.tanh(w_q @ q[1, 2] + w_k @ k[4]))


def test_distance_scores_are_zero_for_equal_vectors_and_negative_otherwise():
    assert negative_squared_distance([[0.1, 0.2]], [[0.1, 0.2], [3.1, 4.2]]).round(9).tolist() == [
        [0, -25]
    ]


def test_exact_scores_have_no_rounding():
    tenth = Fraction(1, 10)
    assert dot_exact([tenth, tenth], [Fraction(3), Fraction(-3)]) == 0
    assert scores_exact([[tenth]], [[tenth], [Fraction(2)]]) == ((Fraction(1, 100), tenth * 2),)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        dot_exact([tenth], [])


def test_the_root_scale():
    assert root_scale(64) == 0.125
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        root_scale(0)


@pytest.mark.parametrize("score", [dot, scaled_dot, cosine, negative_squared_distance])
def test_queries_and_keys_must_be_of_one_width(score):
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        score(Q, [[1, 2, 3]])


def test_matrices_must_meet_the_vectors():
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        general(Q, K, [[1, 2, 3]])
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        additive(Q, K, np.ones((3, 2)), np.ones((4, 2)), np.ones(3))
    with pytest.raises(EngineError, match="NOT_FINITE"):
        general([[1e300, 0]], K, np.full((2, 2), 1e300))
    with pytest.raises(EngineError, match="TOO_BIG"):
        dot(np.ones((5000, 1)), np.ones((5000, 1)))

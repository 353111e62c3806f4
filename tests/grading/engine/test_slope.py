"""Slopes in closed form, checked by differences; torch's own stand in the golden cases."""

import numpy as np
import pytest

from grading.engine.attention import attend, attend_by_scores, hard_lookup, softmax
from grading.engine.slope import hard_slope, output_slopes, pull_back, softmax_slope
from grading.errors import EngineError
from tests.grading.engine.checks import K, Q, V

STEP = 1e-6


def by_differences(function, at):
    """d function / d at: the shape of the function's value, then the shape of ``at``."""
    at = np.asarray(at, dtype=float)
    columns = []
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += STEP
        down[place] -= STEP
        columns.append((function(up) - function(down)) / (2 * STEP))
    return np.stack(columns, axis=-1).reshape(*columns[0].shape, *at.shape)


def close(mine, measured):
    np.testing.assert_allclose(mine, measured, rtol=0, atol=2e-9 * (1 + np.abs(measured).max()))


@pytest.mark.parametrize("temperature", [0.3, 1.0, 5.0])
def test_the_slope_of_softmax_is_what_a_nudge_does(temperature):
    scores = np.random.default_rng(1).standard_normal(5)
    slope = softmax_slope(softmax(scores, temperature=temperature), temperature=temperature)
    close(slope, by_differences(lambda s: softmax(s, temperature=temperature), scores))
    np.testing.assert_allclose(slope.sum(axis=0), 0, atol=1e-16)
    np.testing.assert_allclose(slope.sum(axis=1), 0, atol=1e-16)
    np.testing.assert_array_equal(slope, slope.T)


def test_a_hard_lookup_has_no_slope():
    scores = np.array([[0.4, 1.0, -2.0]])
    values = np.array([[1.0], [5.0], [2.0]])
    assert (by_differences(lambda s: hard_lookup(s, values).output, scores) == 0).all()
    assert (hard_slope(scores) == 0).all()
    assert hard_slope(scores).shape == (1, 3, 3)


@pytest.mark.parametrize("options", [
    {}, {"scale": 1.0}, {"temperature": 0.5}, {"softcap": 1.5, "scale": 2.0, "temperature": 2.0},
    {"causal": True, "causal_offset": 1}, {"allowed": [True, False, True, True]},
    {"bias": [0.5, -1.0, -np.inf, 0.0]},
])  # fmt: skip
def test_the_slopes_of_a_pass_are_what_nudges_do(options):
    rng = np.random.default_rng(2)
    q, k, v = (rng.standard_normal(shape) for shape in ((2, 3), (4, 3), (4, 2)))
    slopes = output_slopes(attend(q, k, v, **options))
    by_q = by_differences(lambda x: attend(x, k, v, **options).output, q)  # (Lq, dv, Lq, d)
    by_v = by_differences(lambda x: attend(q, k, x, **options).output, v)  # (Lq, dv, Lk, dv)
    for i in range(2):
        close(slopes.queries[i], by_q[i, :, i])
        assert np.abs(by_q[i, :, 1 - i]).max() == 0  # one query leaves the others alone
        for c in range(2):
            close(slopes.values[i], by_v[i, c, :, c])
    close(slopes.keys, by_differences(lambda x: attend(q, x, v, **options).output, k))
    scores = attend(q, k, v).scores
    settings = {"scale": 3**-0.5} | options
    moved = by_differences(lambda x: attend_by_scores(x, v, **settings).output, scores)
    for i in range(2):
        close(slopes.scores[i], moved[i, :, i])


def test_the_slope_by_a_query_is_a_covariance():
    """d2l's exercise: V^T (diag(w) - w w^T) K / sqrt(d)."""
    trace = attend(Q, K, V)
    w = trace.weights[0]
    covariance = V.T @ (np.diag(w) - np.outer(w, w)) @ K / np.sqrt(2)
    np.testing.assert_allclose(output_slopes(trace).queries[0], covariance, rtol=1e-13)


def test_a_gradient_carried_back_is_the_slopes_summed():
    rng = np.random.default_rng(3)
    q, k, v = (rng.standard_normal(shape) for shape in ((2, 3, 4), (2, 5, 4), (5, 2)))
    g = rng.standard_normal((2, 3, 2))
    options = {"softcap": 2.0, "temperature": 0.7, "bias": rng.standard_normal((3, 5))}
    trace = attend(q, k, v, **options)
    slopes, back = output_slopes(trace), pull_back(trace, g)
    np.testing.assert_allclose(
        back.scores, np.einsum("bic,bicj->bij", g, slopes.scores), atol=1e-14
    )
    np.testing.assert_allclose(
        back.queries, np.einsum("bic,bica->bia", g, slopes.queries), atol=1e-14
    )
    np.testing.assert_allclose(back.keys, np.einsum("bic,bicja->bja", g, slopes.keys), atol=1e-14)
    # one set of values serves both members of the batch
    np.testing.assert_allclose(back.values, np.einsum("bic,bij->jc", g, slopes.values), atol=1e-14)

    def loss(values):
        return (attend(q, k, values, **options).output * g).sum()

    close(back.values, by_differences(lambda x: np.asarray(loss(x)), v))


def test_given_scores_have_slopes_and_no_queries():
    trace = attend_by_scores([[1, 2, 3]], [[1], [0], [0]])
    slopes, back = output_slopes(trace), pull_back(trace, [[1]])
    assert slopes.queries is slopes.keys is back.queries is back.keys is None
    w = trace.weights[0]
    np.testing.assert_allclose(slopes.scores[0, 0], [w[0] - w[0] ** 2, -w[0] * w[1], -w[0] * w[2]])
    np.testing.assert_array_equal(back.scores[0], slopes.scores[0, 0])


def test_a_query_that_sees_nothing_moves_nothing():
    trace = attend(Q, K, V, allowed=[False] * 4)
    slopes = output_slopes(trace)
    assert all((part == 0).all() for part in (slopes.scores, slopes.queries, slopes.keys))


def test_slopes_of_a_batch_are_those_of_its_members():
    rng = np.random.default_rng(4)
    q, k, v = (rng.standard_normal(shape) for shape in ((50, 2, 3), (50, 4, 3), (50, 4, 2)))
    g = rng.standard_normal((50, 2, 2))
    trace = attend(q, k, v)
    together, back = output_slopes(trace), pull_back(trace, g)
    for i in range(50):
        alone = attend(q[i], k[i], v[i])
        for name in ("scores", "queries", "keys", "values"):
            np.testing.assert_array_equal(
                getattr(together, name)[i], getattr(output_slopes(alone), name)
            )
            np.testing.assert_array_equal(
                getattr(back, name)[i], getattr(pull_back(alone, g[i]), name)
            )


def test_what_has_no_slope_is_refused():
    with pytest.raises(EngineError, match="TEMPERATURE"):
        softmax_slope([0.5, 0.5], temperature=0)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        pull_back(attend(Q, K, V), [[1, 2, 3]])
    with pytest.raises(EngineError, match="TOO_BIG"):
        hard_slope(np.ones(5000))

"""The engine held against torch, scipy, mpmath and its own laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grading.engine.arrays import MANY, highest, totals
from grading.engine.attention import attend, blend, hard_lookup, softmax
from grading.engine.trace import STAGES
from tests.grading.engine import agreement
from tests.grading.engine.cases import BOUNDS, EPS
from tests.grading.engine.checks import CHECKS, golden

# ---- outside references --------------------------------------------------------------------------


@pytest.mark.parametrize(("family", "count"), list(zip(BOUNDS, (300, 75, 75, 150), strict=True)))
def test_every_stored_case_of_torch_agrees(family, count):
    row = agreement.with_stored_torch(family)
    assert row.cases == count
    assert 0 < row.worst <= 1


def test_the_stored_cases_are_of_every_kind():
    kinds = {family: {case.kind for case, _ in golden(family)} for family in BOUNDS}
    assert kinds == {
        "attention": {
            "plain", "allowed", "empty", "bias", "closed", "both", "causal", "offset", "window",
            "causal+allowed",
        },
        "multi-head": {"self", "cross", "wide", "masked", "bias", "causal"},
        "relay": {"single", "bidirectional", "stacked"},
        "gradient": {"plain", "allowed", "bias", "causal"},
    }  # fmt: skip
    attention = [case for case, _ in golden("attention")]
    assert sum(case.groups > 1 for case in attention) >= 30
    lengths = [(case.arrays["Q"].shape[-2], case.arrays["K"].shape[-2]) for case in attention]
    assert sum(lq != lk for lq, lk in lengths) >= 100


def test_softmax_and_logsumexp_agree_with_scipy():
    assert 0 < agreement.with_scipy().worst <= 1


def test_two_thousand_outputs_are_within_4_eps_of_60_digits():
    row = agreement.with_mpmath()
    assert row.cases == 2000
    assert 0 < row.worst <= 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_engine_passes_each_check_that_catches_wrong_ones(check):
    assert check()


# ---- laws ----------------------------------------------------------------------------------------

number = st.floats(-20, 20, allow_nan=False, width=32)
law = settings(derandomize=True, deadline=None, database=None)


@st.composite
def lookups(draw, fewest_keys=1):
    """Queries, keys and values of matching shapes."""
    lq, d, dv = (draw(st.integers(1, most)) for most in (3, 4, 3))
    lk = draw(st.integers(fewest_keys, 5))
    return tuple(draw(arrays(np.float64, s, elements=number)) for s in ((lq, d), (lk, d), (lk, dv)))


@law
@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 6)), elements=number), number)
def test_adding_one_number_to_every_score_changes_no_weight(scores, shift):
    np.testing.assert_allclose(softmax(scores + shift), softmax(scores), rtol=1e-12, atol=1e-300)


@law
@given(lookups(), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(lookup, random):
    q, k, v = lookup
    order = list(range(len(k)))
    random.shuffle(order)
    there, back = attend(q, k, v), attend(q, k[order], v[order])
    np.testing.assert_allclose(back.weights, there.weights[:, order], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(back.output, there.output, rtol=0, atol=1e-12)


@law
@given(lookups())
def test_towards_temperature_0_it_is_the_hard_lookup(lookup):
    q, k, v = lookup
    trace = attend(q, k, v, temperature=1e-300)
    found = hard_lookup(trace.scaled, v)
    np.testing.assert_array_equal(found.ties, trace.ties)
    even = found.best / found.best.sum(axis=-1, keepdims=True)  # all the best ones share
    np.testing.assert_allclose(trace.weights, even, rtol=1e-15)
    alone = ~found.ties
    np.testing.assert_array_equal(trace.output[alone], found.output[alone])


@law
@given(lookups())
def test_towards_infinite_temperature_it_is_the_mean(lookup):
    q, k, v = lookup
    output = attend(q, k, v, temperature=1e300).output
    np.testing.assert_allclose(output, np.broadcast_to(v.mean(axis=0), output.shape), atol=1e-12)


@law
@given(lookups(fewest_keys=2), st.data())
def test_masking_a_key_is_deleting_it(lookup, data):
    q, k, v = lookup
    gone = data.draw(st.integers(0, len(k) - 1))
    kept = [j for j in range(len(k)) if j != gone]
    masked = attend(q, k, v, allowed=np.arange(len(k)) != gone)
    deleted = attend(q, k[kept], v[kept])
    np.testing.assert_allclose(masked.weights[:, kept], deleted.weights, rtol=1e-14)
    np.testing.assert_allclose(masked.output, deleted.output, rtol=0, atol=1e-13)
    assert (masked.weights[:, gone] == 0).all()


@law
@given(lookups())
def test_weights_are_shares_and_the_output_lies_among_the_values(lookup):
    q, k, v = lookup
    trace = attend(q, k, v)
    assert (trace.weights >= 0).all()
    np.testing.assert_allclose(trace.weights.sum(axis=-1), 1, rtol=0, atol=4 * EPS)
    slack = 8 * EPS * np.abs(v).max()
    assert (trace.output >= v.min(axis=0) - slack).all()
    assert (trace.output <= v.max(axis=0) + slack).all()


@law
@given(st.integers(0, 2**32 - 1))
def test_a_batch_gives_bit_for_bit_what_one_at_a_time_gives(seed):
    rng = np.random.default_rng(seed)
    batch, lq, lk, d, dv = (int(n) for n in rng.integers(1, 20, size=5))
    # keys arrive transposed in memory, and all variants share one set of values
    q = rng.standard_normal((batch, lq, d))
    k = rng.standard_normal((batch, d, lk)).swapaxes(-1, -2)
    v = rng.standard_normal((lk, dv))
    allowed = np.asfortranarray(rng.random((batch, lq, lk)) < 0.8)
    bias = rng.standard_normal((lq, lk))
    options = {"bias": bias, "softcap": 3.0, "temperature": 0.7}
    together = attend(q, k, v, allowed=allowed, **options)
    for i in range(batch):
        alone = attend(q[i], k[i], v, allowed=allowed[i], **options)
        for stage in STAGES:
            np.testing.assert_array_equal(getattr(together, stage)[i], getattr(alone, stage))
        np.testing.assert_array_equal(blend(together.weights, v)[i], alone.output)


# ---- sums of our own -----------------------------------------------------------------------------


def bits(array):
    return np.asarray(array, dtype=np.float64).view(np.uint64)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8, 9, 30])
@pytest.mark.parametrize("axis", [-1, -2])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_many_rows_are_added_with_the_bits_of_one(n, axis, width):
    rng = np.random.default_rng(n)
    shape = (MANY, n, width) if axis == -2 else (MANY, width, n)
    parts = rng.standard_normal(shape) * 10.0 ** rng.integers(-9, 9, shape)
    parts[0] = -0.0
    together = totals(parts, axis)
    for i in range(0, MANY, 7):
        np.testing.assert_array_equal(bits(together[i]), bits(totals(parts[i], axis)))
    if axis == -1:
        np.testing.assert_array_equal(bits(highest(parts)[3]), bits(highest(parts[3])))
        np.testing.assert_array_equal(highest(parts), parts.max(axis=-1))

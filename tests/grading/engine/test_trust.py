"""The engine held against torch, scipy, mpmath, its own laws, and wrong engines."""

import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grading.engine import trace as trace_module
from grading.engine.attention import attend, blend, hard_lookup, logsumexp, softmax
from grading.engine.slips import LOOKUP_SLIPS, MATRIX_SLIPS
from tests.grading.engine.checks import (
    CHECKS,
    EPS,
    agrees_with_torch,
    failed,
    reference,
    stored_cases,
)

# ---- outside references --------------------------------------------------------------------------


def test_every_stored_case_of_torch_agrees():
    cases = list(stored_cases())
    assert len(cases) == 300
    assert {case.kind for case in cases} == {
        "plain", "allowed", "empty", "bias", "closed", "both", "causal", "offset", "window",
        "causal+allowed",
    }  # fmt: skip
    for case in cases:
        output = attend(**case.arrays, **case.options).output
        assert output.shape == case.output.shape, case
        assert np.abs(output - case.output).max() <= case.bound, case


def test_softmax_and_logsumexp_agree_with_scipy():
    rng = np.random.default_rng(11)
    for _ in range(200):
        shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
        scores = rng.standard_normal(shape) * 10 ** rng.uniform(-2, 3)
        axis = int(rng.integers(-len(shape), len(shape)))
        np.testing.assert_allclose(
            softmax(scores, axis=axis), scipy.special.softmax(scores, axis=axis), rtol=1e-12
        )
        np.testing.assert_allclose(
            logsumexp(scores, axis=axis), scipy.special.logsumexp(scores, axis=axis), rtol=1e-13
        )


def test_the_output_is_within_4_eps_of_60_digits():
    rng = np.random.default_rng(12)
    worst = 0.0
    with mpmath.workdps(60):
        for _ in range(300):
            keys, d, dv = rng.integers(1, 6, size=3)
            q, k, v = (rng.standard_normal(shape) for shape in ((1, d), (keys, d), (keys, dv)))
            q *= 10 ** rng.uniform(-2, 2)
            scores = [
                mpmath.fdot(zip(map(mpmath.mpf, q[0]), map(mpmath.mpf, row), strict=True))
                / mpmath.sqrt(int(d))
                for row in k
            ]
            powers = [mpmath.exp(score) for score in scores]
            total = mpmath.fsum(powers)
            output = attend(q, k, v).output[0]
            for component in range(dv):
                exact = mpmath.fdot(zip(powers, map(mpmath.mpf, v[:, component]), strict=True))
                error = abs(mpmath.mpf(float(output[component])) - exact / total)
                largest = float(max(abs(score) for score in scores))
                bound = 4 * EPS * float(np.abs(v).max()) * (1 + largest)
                worst = max(worst, float(error) / bound)
    assert 0 < worst <= 1


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
        for stage in trace_module.STAGES:
            np.testing.assert_array_equal(getattr(together, stage)[i], getattr(alone, stage))
        np.testing.assert_array_equal(blend(together.weights, v)[i], alone.output)


# ---- wrong engines -------------------------------------------------------------------------------


def test_the_engine_passes_every_check():
    assert failed(reference) == []


@pytest.mark.parametrize("code", [*LOOKUP_SLIPS, *MATRIX_SLIPS])
def test_each_slip_put_in_place_of_the_engine_is_caught(code):
    def slipped(*args, **kwargs):
        right = attend(*args, **kwargs)
        astray = (LOOKUP_SLIPS | MATRIX_SLIPS)[code](right)
        return right.output if astray is None else astray.output

    assert not agrees_with_torch(slipped)


def _without_row_max(asked, made):
    return np.zeros(made["masked"].shape[:-1])


def _loose_shares(asked, made):
    return made["exps"] / made["row_sum"][..., None]


MUTANTS = {
    "scale forgotten": ("scaled", lambda asked, made: made["scores"]),
    "scale slightly off": ("scaled", lambda asked, made: made["scores"] * (asked.scale + 1e-12)),
    "bias forgotten": ("biased", lambda asked, made: made["capped"]),
    "bias taken off": (
        "biased",
        lambda asked, made: made["capped"] - (0 if asked.bias is None else asked.bias),
    ),
    "mask forgotten": ("masked", lambda asked, made: made["biased"]),
    "mask with a large number": (
        "masked",
        lambda asked, made: (
            made["biased"] if asked.seen is None else np.where(asked.seen, made["biased"], -1e4)
        ),
    ),
    "row maximum left in": ("row_max", _without_row_max),
    "one maximum for all rows": (
        "exps",
        lambda asked, made: np.exp((made["masked"] - made["row_max"].max()) / asked.temperature),
    ),
    "temperature forgotten": (
        "exps",
        lambda asked, made: np.exp(made["masked"] - made["row_max"][..., None]),
    ),
    "temperature multiplied": (
        "exps",
        lambda asked, made: np.exp(
            (made["masked"] - made["row_max"][..., None]) * asked.temperature
        ),
    ),
    "empty rows not a number": ("weights", _loose_shares),
    "single precision": (
        "weights",
        lambda asked, made: (
            trace_module.shares(made["exps"], made["row_sum"]).astype(np.float32).astype(np.float64)
        ),
    ),
    "queries and keys exchanged": (
        "scores",
        lambda asked, made: (
            np.swapaxes(trace_module.dot_products(asked.keys, asked.queries), -1, -2)
            if asked.queries.shape[-2] != asked.keys.shape[-2]
            else trace_module.dot_products(asked.keys, asked.queries)
        ),
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_each_mutant_of_a_stage_is_caught(name, monkeypatch):
    stage, step = MUTANTS[name]

    def mutant(*args, **kwargs):
        right = attend(*args, **kwargs)
        kept = trace_module.STAGES[: trace_module.STAGES.index(stage)]
        with monkeypatch.context() as patch:
            patch.setitem(trace_module.STEPS, stage, step)
            given_ = {earlier: getattr(right, earlier) for earlier in kept}
            return trace_module.follow(right.asked, given_).output

    assert failed(mutant)


def test_every_check_catches_something():
    """A check that no wrong engine fails would be a check that cannot fail."""
    slips = LOOKUP_SLIPS | MATRIX_SLIPS

    def engine_of(slip):
        def slipped(*args, **kwargs):
            right = attend(*args, **kwargs)
            astray = slip(right)
            return right.output if astray is None else astray.output

        return slipped

    def shifted(*args, **kwargs):
        return reference(*args, **kwargs) * (1 + 1e-6)

    def sharpened(Q, K, V, **kwargs):  # noqa: N803
        """Scores squared: no longer blind to a shift."""
        right = attend(Q, K, V, **kwargs)
        return right.follow("scaled", right.scaled**2).output

    def fragile(*args, **kwargs):
        right = attend(*args, **kwargs)
        return np.where(np.abs(right.masked).max() > 700, np.nan, right.output)

    def nan_rows(*args, **kwargs):
        right = attend(*args, **kwargs)
        return np.where(right.empty_rows[..., None], np.nan, right.output)

    wrong = [engine_of(slip) for slip in slips.values()]
    wrong += [shifted, sharpened, fragile, nan_rows]
    caught = {name for engine in wrong for name in failed(engine)}
    assert caught == {check.__name__ for check in CHECKS}

"""Whatever is passed in, every door of the engine computes it or refuses it with a code; no door
ever warns, hangs or breaks.
"""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grading.engine import attention, heads, measures, relay, scores, slips, slope
from grading.errors import EngineError

CODES = {
    "DIM_MISMATCH", "COUNT_MISMATCH", "NOT_FINITE", "WEIGHTS_SUM", "MASK_SHAPE", "MASK_TYPE",
    "HEADS_NOT_MULTIPLE", "CAUSAL_AMBIGUOUS", "TOO_BIG", "RAGGED", "TEMPERATURE",
}  # fmt: skip
EYE = np.eye(2)
CUBE = np.ones((2, 2, 2))

# a door with one place left open, which what is passed in must fill
DOORS = {
    "attend Q": lambda x: attention.attend(x, EYE, EYE),
    "attend V": lambda x: attention.attend(EYE, EYE, x),
    "attend bias": lambda x: attention.attend(EYE, EYE, EYE, bias=x),
    "attend allowed": lambda x: attention.attend(EYE, EYE, EYE, allowed=x),
    "attend_by_scores": lambda x: attention.attend_by_scores(x, EYE),
    "softmax": attention.softmax,
    "logsumexp": attention.logsumexp,
    "hard_lookup": lambda x: attention.hard_lookup(x, EYE),
    "blend": lambda x: attention.blend(x, EYE),
    "wrong_blends": lambda x: slips.wrong_blends(x, EYE),
    "cosine": lambda x: scores.cosine(x, EYE),
    "general W": lambda x: scores.general(EYE, EYE, x),
    "additive W_q": lambda x: scores.additive(EYE, EYE, x, EYE, [1, 1]),
    "additive v": lambda x: scores.additive(EYE, EYE, EYE, EYE, x),
    "negative_squared_distance": lambda x: scores.negative_squared_distance(EYE, x),
    "project X": lambda x: heads.project(x, EYE),
    "project W": lambda x: heads.project(EYE, x),
    "project b": lambda x: heads.project(EYE, EYE, x),
    "split": lambda x: heads.split(x, 2),
    "merge": heads.merge,
    "attend_grouped Q": lambda x: heads.attend_grouped(x, CUBE, CUBE),
    "attend_grouped K": lambda x: heads.attend_grouped(CUBE, x, CUBE),
    "attend_grouped past": lambda x: heads.attend_grouped(CUBE, CUBE, CUBE, past=(x, x)),
    "Projections": lambda x: heads.Projections(W_k=x, b_k=x),
    "multi_head W_q": lambda x: heads.self_attention(EYE, heads.Projections(W_q=x), heads=2),
    "multi_head W_o": lambda x: heads.self_attention(EYE, heads.Projections(W_o=x), heads=2),
    "cross_attention": lambda x: heads.cross_attention(EYE, x),
    "sinusoidal_positions": lambda x: heads.sinusoidal_positions(x, 4),
    "relay X": lambda x: relay.relay(x, relay.Cell(W_x=EYE, W_h=EYE)),
    "relay W_x": lambda x: relay.relay(EYE, relay.Cell(W_x=x, W_h=EYE)),
    "relay W_h": lambda x: relay.relay(EYE, relay.Cell(W_x=EYE, W_h=x)),
    "relay b": lambda x: relay.relay(EYE, relay.Cell(W_x=EYE, W_h=EYE, b=x)),
    "relay start": lambda x: relay.relay(EYE, relay.Cell(W_x=EYE, W_h=EYE), start=x),
    "stacked": lambda x: relay.stacked(x, [relay.Cell(W_x=EYE, W_h=EYE)] * 2),
    "bidirectional": lambda x: relay.bidirectional(x, *[relay.Cell(W_x=EYE, W_h=EYE)] * 2),
    "fixed_size_note": lambda x: relay.fixed_size_note(x, 3),
    "softmax_slope": slope.softmax_slope,
    "hard_slope": slope.hard_slope,
    "pull_back": lambda x: slope.pull_back(attention.attend(EYE, EYE, EYE), x),
    "entropy": lambda x: measures.entropy(x, unit="nats"),
    "total_variation": lambda x: measures.total_variation(x, [0.5, 0.5]),
}

HOSTILE = {
    "ragged": [[1, 2], [3]],
    "text": "0.72",
    "words": [["a", "b"], ["c", "d"]],
    "nothing": None,
    "nothings": [[None, 1], [1, 1]],
    "not a number": [[np.nan, 1], [1, 1]],
    "infinite": [[np.inf, 1], [1, 1]],
    "complex": [[1j, 1], [1, 1]],
    "objects": [[object(), 1], [1, 1]],
    "dates": np.array([["2020-01-01"] * 2] * 2, dtype="datetime64[D]"),
    "too large for a float": [[10**400, 1], [1, 1]],
    "a bare number": 3,
    "no axes of length 0 fit": np.empty((0, 0, 0)),
    "a dictionary": {"a": 1},
}


def refused(door):
    """The code with which a door refuses; None where it computes. It does either in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            door()
        except EngineError as refusal:
            return refusal.code
    return None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_hostile_is_refused_with_a_code(door, hostile):
    computes_anyway = {
        "nothing": {
            "attend bias", "attend allowed", "project b", "Projections", "multi_head W_q",
            "multi_head W_o", "relay b", "relay start",
        },
        "a bare number": {"sinusoidal_positions", "attend bias"},
        "no axes of length 0 fit": {
            "softmax", "logsumexp", "merge", "split", "sinusoidal_positions", "softmax_slope",
            "hard_slope", "entropy", "fixed_size_note",
        },
    }  # fmt: skip
    code = refused(lambda: DOORS[door](HOSTILE[hostile]))
    assert code in (CODES if door not in computes_anyway.get(hostile, ()) else {None})


@pytest.mark.parametrize("door", DOORS)
@settings(derandomize=True, deadline=None, database=None, max_examples=25)
@given(
    arrays(
        st.sampled_from([np.float64, np.int64, np.bool_]),
        array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
        elements=None,
    )
)
def test_any_array_is_computed_or_refused_in_silence(door, array):
    assert refused(lambda: DOORS[door](array)) in CODES | {None}


@settings(derandomize=True, deadline=None, database=None, max_examples=150)
@given(st.data())
def test_any_wrong_turn_of_any_pass_is_silent(data):
    """Numbers from tiny to nearly too large; a slip may leave the numbers, and never breaks."""
    size = st.integers(1, 4)
    lq, lk, d, dv = (data.draw(size) for _ in range(4))
    number = st.floats(-1e150, 1e150) | st.integers(-3, 3).map(float)
    q, k, v = (
        data.draw(arrays(np.float64, shape, elements=number))
        for shape in ((2, lq, d), (lk, d), (2, lk, dv))
    )
    families = (slips.LOOKUP_SLIPS, slips.MATRIX_SLIPS, slips.ROUNDING_SLIPS)

    def every_lookup():
        right = attention.attend(q, k, v, causal=True, causal_offset=0)
        for family in families:
            for slip in family.values():
                turn = slip(right)
                assert turn is None or turn.output.shape[:-1] == right.output.shape[:-1]

    def every_layer():
        layer = heads.multi_head(q, k, v, heads.Projections(W_v=np.eye(dv)), heads=1)
        slips.wrong_heads(layer, inside=slips.LOOKUP_SLIPS)

    assert refused(every_lookup) in {None, "NOT_FINITE"}
    assert refused(every_layer) in {None, "NOT_FINITE"}


def test_what_is_too_big_is_refused_before_it_is_built():
    tall = np.ones((5000, 1))
    for door in (
        lambda: attention.attend(tall, tall, tall),
        lambda: heads.attend_grouped(tall[None], tall[None], tall[None]),
        lambda: heads.self_attention(tall),
        lambda: heads.project(np.ones((5000, 60)), np.ones((60, 60))),
        lambda: heads.sinusoidal_positions(np.arange(10**6), 64),
        lambda: relay.relay(
            np.ones((3000, 3000)), relay.Cell(W_x=np.ones((9, 3000)), W_h=np.eye(9))
        ),
        lambda: relay.fixed_size_note(tall, 2),
        lambda: relay.left_after_exact(Fraction(9, 10), 10**7),
        lambda: slope.softmax_slope(np.full(5000, 1 / 5000)),
    ):  # fmt: skip
        with pytest.raises(EngineError, match="TOO_BIG"):
            door()

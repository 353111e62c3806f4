"""Honest rounding: whatever honest rounding does stays in the box, and the box is no larger."""

from itertools import pairwise

import numpy as np
import pytest

from grading.engine.attention import attend, attend_by_scores
from grading.engine.honest import Box, honest_boxes, honest_from, rounded

STAGES = ("scores", "scaled", "weights", "products", "output")
LESSON = {
    "Q": [[1, 2]],
    "K": [[1, 0], [0, 1], [1, 1], [2, -1]],
    "V": [[4, 1], [1, 4], [2, 0], [0, 3]],
}


def drawn(seed, *, n=4, d=4, width=2, queries=1):
    rng = np.random.default_rng(seed)
    shapes = {"Q": (queries, d), "K": (n, d), "V": (n, width)}
    lows = {"Q": -1, "K": -1, "V": -4}
    return {name: rng.integers(lows[name], 3, shape) for name, shape in shapes.items()}


def told(rng, values, places, keep):
    """Values as somebody writes them: each stage to some places, or kept; or entry by entry."""
    if keep == "none":
        return values
    if keep == "each":
        digits = rng.choice([places, places + 1, places + 2, 15], size=values.shape)
    else:
        digits = np.full(values.shape, rng.choice([places, places + 1, places + 3]))
    unit = 10.0**-digits
    # A tie goes either way.
    nudge = rng.choice([-1e-12, 1e-12], size=values.shape)
    return np.rint(values / unit + nudge) * unit


def to_figures(rng, values, places):
    """Values kept to three significant figures, or as many as places are asked, or one more."""
    figures = max(3, places) + rng.choice([0, 0, 1])
    return np.array([float(f"{value:.{figures - 1}e}") for value in values.flat]).reshape(
        values.shape
    )


def walked(rng, asked, places, causal, scale):
    """One honest person's stages, worked out here in the plainest way."""
    Q, K, V = (np.asarray(asked[name], dtype=float) for name in "QKV")  # noqa: N806

    def kept():
        return rng.choice(["none", "all", "all", "each"])

    stages = {"scores": told(rng, Q @ K.T, places, kept())}
    stages["scaled"] = told(rng, stages["scores"] * scale, places, kept())
    seen = np.tril(np.ones_like(stages["scaled"])) if causal else np.ones_like(stages["scaled"])
    scaled = np.where(seen > 0, stages["scaled"], -np.inf)
    if rng.random() < 0.5:
        scaled = told(rng, scaled - scaled.max(axis=1, keepdims=True), places, kept())
    powers = np.exp(scaled)
    in_figures = rng.random() < 0.3
    # Small powers are written with as many figures as large ones have places.
    for row in powers:
        finer = int(max(0, np.ceil(-np.log10(row.max()))))
        row[:] = (
            to_figures(rng, row, places) if in_figures else told(rng, row, places + finer, kept())
        )
    total = powers.sum(axis=1, keepdims=True)
    weights = powers / total
    if rng.random() < 0.3:
        weights = powers * to_figures(rng, 1 / total, places)
    elif rng.random() < 0.5 and total.min() > 1:
        weights = powers / told(rng, total, places, kept())
    weights[seen.sum(axis=1) == 1] = seen[seen.sum(axis=1) == 1]
    stages["weights"] = told(rng, weights, places, kept())
    stages["products"] = told(rng, stages["weights"][..., None] * V, places, kept())
    stages["output"] = told(rng, stages["products"].sum(axis=1), places, kept())
    return stages


def inside(box, values):
    return bool((box.low <= values).all() and (values <= box.high).all())


@pytest.mark.parametrize("places", [1, 2, 3])
@pytest.mark.parametrize("d", [2, 4])
@pytest.mark.parametrize("queries", [1, 3])
def test_thousands_of_honest_roundings_stay_in_the_boxes(places, d, queries):
    rng = np.random.default_rng(places * 100 + d * 10 + queries)
    for seed in range(12):
        causal = queries > 1 and seed % 2 == 0
        asked = drawn(seed, d=d, n=queries if causal else 4, queries=queries)
        trace = attend(**asked, causal=causal)
        boxes = honest_boxes(trace, places)
        for _ in range(40):
            stages = walked(rng, asked, places, causal, trace.asked.scale)
            for name in STAGES:
                assert inside(boxes[name], stages[name]), (seed, name)


@pytest.mark.parametrize("seed", range(6))
def test_no_box_is_much_larger_than_what_rounding_reaches(seed):
    asked = drawn(seed, d=2)
    boxes = honest_boxes(trace := attend(**asked), 2)
    rng = np.random.default_rng(seed)
    walks = [walked(rng, asked, 2, False, trace.asked.scale) for _ in range(3000)]
    for name, most in (("scaled", 1.01), ("weights", 2.0), ("products", 2.1), ("output", 2.1)):
        reached = np.stack([walk[name] for walk in walks])
        width = np.ptp(reached, axis=0)
        box = boxes[name].high - boxes[name].low
        # To compare with: a global 1 % of the largest value would be no measure at all.
        assert box.sum() <= most * width.sum() + 1e-9, (name, box.sum() / width.sum())


def test_what_needs_no_rounding_stays_where_it_is():
    boxes = honest_boxes(attend([[2, 0, 1, 1]], np.eye(4), np.eye(4)), 2)
    for name in ("scores", "scaled"):
        assert np.ptp(boxes[name], axis=0).max() < 1e-12
    alone = honest_boxes(attend_by_scores([[5]], [[0.25]]), 2)["weights"]
    assert np.ptp(alone, axis=0).max() < 1e-12
    assert inside(alone, np.array([[1.0]]))


def test_more_places_leave_less_room():
    trace = attend(**LESSON)
    widths = [np.ptp(honest_boxes(trace, places)["output"], axis=0).max() for places in range(5)]
    assert all(wide > 5 * narrow for wide, narrow in pairwise(widths))


def test_rounding_the_ends_of_a_box_goes_outwards_and_takes_ties_both_ways():
    box = rounded(Box(np.array([0.125, 0.1264, 3.0]), np.array([0.125, 0.1264, 3.0])), 2)
    assert box.low.round(9).tolist() == [0.12, 0.126, 3.0]
    assert box.high.round(9).tolist() == [0.13, 0.13, 3.0]


def test_from_a_learners_own_weights_the_rest_follows():
    trace = attend(**LESSON)
    own = np.array([[0.7, 0.1, 0.1, 0.1]])
    boxes = honest_from(trace.asked, "weights", Box(own - 0.05, own + 0.05), 2)
    assert set(boxes) == {"weights", "products", "output"}
    assert inside(boxes["output"], np.array([[3.1, 1.4]]))
    assert not inside(boxes["output"], np.array([[4.0, 1.4]]))


def test_huge_scores_and_masked_rows_do_no_harm():
    trace = attend_by_scores(
        [[900, 890, -900], [1, 2, 3]],
        [[1], [2], [3]],
        allowed=[[True, True, True], [False, False, False]],
    )
    boxes = honest_boxes(trace, 2)
    for box in boxes.values():
        assert np.isfinite(box.low).all()
        assert np.isfinite(box.high).all()
    assert inside(boxes["weights"], trace.weights)
    assert (boxes["weights"].high[1] == 0).all()


@pytest.mark.parametrize("largest", [-720, -745, -800, -5000])
@pytest.mark.parametrize("places", [2, 6])
def test_scores_that_are_all_far_below_zero_do_no_harm(largest, places):
    scores = np.array([[largest, largest - 1, largest + 1.0]])
    trace = attend_by_scores(scores, [[1], [2], [3]])
    near_zero = honest_boxes(attend_by_scores(scores - largest, [[1], [2], [3]]), places)
    boxes = honest_boxes(trace, places)
    for name, box in boxes.items():
        assert np.isfinite(box).all()
        assert inside(box, getattr(trace, name))
    width, near = (np.ptp(found["weights"], axis=0) for found in (boxes, near_zero))
    assert np.abs(width - near).max() < 10.0**-places


def test_the_largest_score_may_be_taken_off_first():
    # 0, 0 and 2 less 2: powers .14, .14 and 1.00, whose sum is 1.28.
    box = honest_boxes(attend_by_scores([[0, 0, 2]], [[1], [0], [0]]), 2)["weights"]
    assert inside(box, np.array([[0.11, 0.11, 0.78]]))
    assert not inside(box, np.array([[0.11, 0.11, 0.77]]))


def test_temperature_cap_and_bias_are_followed():
    asked = {"temperature": 0.5, "softcap": 2.0, "bias": [[0.5, 0, -1, 0]]}
    trace = attend(**LESSON, **asked)
    for name, box in honest_boxes(trace, 3).items():
        right = getattr(trace, name)
        assert inside(box, right)
        assert (np.abs(box.high - right) < 0.05).all()


def test_a_batch_gives_the_boxes_of_each_to_the_last_bit():
    many = [drawn(seed, width=3, queries=2) for seed in range(30)]
    together = {name: np.stack([asked[name] for asked in many]) for name in "QKV"}
    boxes = honest_boxes(attend(**together), 2)
    for index, asked in enumerate(many):
        alone = honest_boxes(attend(**asked), 2)
        for name in STAGES:
            assert np.array_equal(boxes[name].low[index], alone[name].low)
            assert np.array_equal(boxes[name].high[index], alone[name].high)

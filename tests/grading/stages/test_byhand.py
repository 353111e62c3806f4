"""What people write who work a lookup by hand: each usual way of softmax, and all of it right."""

import pytest

from grading import grader
from grading.kinds import KINDS
from grading.stages.byhand import WAYS, by_hand
from tests.content.shipped import EXERCISES, opened

LOOKUPS = [
    path
    for path in EXERCISES
    if path.stem in ("full-soft-lookup", "softmax-of-three-scores", "causal-weights")
]
ROW = """\
title: Row
given: {scores: %s}
parts: [{name: a, kind: lookup, prompt: Go., ask: weights, scores: scores%s}]
samples: [{answer: x, outcome: unreadable}]
"""


def ways(scores, more=""):
    posed = grader.vary(grader.open(ROW % (scores, more), slug="x"), seed=0).posed["a"]
    return [spelling.answer["weights"] for spelling in by_hand(posed.key)]


def test_each_way_leaves_other_digits():
    assert ways("[0, 0, 2]") == [
        "0.11, 0.11, 0.79",
        "0.11, 0.11, 0.79",
        "0.11, 0.11, 0.78",  # .14, .14 and 1.00, whose sum is 1.28
        "0.11, 0.11, 0.79",
        "0.11, 0.11, 0.79",
        "0.11, 0.11, 0.78",  # 7.39 times .106
    ]


def test_what_is_masked_has_no_power_and_who_stands_alone_has_all():
    for text in ways("[[3, 1, 2], [1, 2, 3], [-800, -801, -799]]", ", causal: true"):
        rows = [row.split(", ") for row in text.split("\n")]
        assert rows[0] == ["1.00", "0.00", "0.00"]
        assert rows[1][2] == "0.00"
        assert [
            abs(float(cell) - right) < 0.011
            for cell, right in zip(rows[2], (0.245, 0.09, 0.665), strict=True)
        ] == [True] * 3


def test_only_honest_rounding_has_ways():
    assert ways("[0, 0, 2]", ", tolerance: {places: 2}") == []


@pytest.mark.parametrize("path", LOOKUPS, ids=lambda path: path.stem)
def test_every_way_is_right(path):
    exercise = opened(path)
    for seed in range(40):
        variant = grader.vary(exercise, seed=seed)
        ((name, posed),) = variant.posed.items()
        spellings = list(KINDS["lookup"].spellings(posed))
        assert len(spellings) == 1 + len(WAYS)
        for spelling in spellings:
            verdict = grader.grade(variant, {name: spelling.answer})
            assert verdict.score == 1, (seed, spelling.how, spelling.answer)

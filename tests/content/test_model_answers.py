"""A model answer, typed as its page shows it, earns everything."""

import pytest

from exercises.showing import worked
from grading import grader
from tests.content.shipped import EXERCISES, opened, slug_of

SMALL = """\
title: What little is left
given:
  keep: {draw: choose, from: [0.9, 0.5, 0.3]}
  hops: {draw: choose, from: [8, 20, 33]}
parts:
  - name: left
    kind: number
    prompt: How much of it is left?
    answer: "{keep}^{hops}"
    tolerance: TOLERANCE
samples:
  - {answer: "1", score: 0}
"""


def typed_again(variant):
    """What stands on the page, by part, as somebody would type it."""
    return {
        name: {
            field.name: box.text if field.widget in ("number", "vector", "grid") else answer
            for field, box in zip(shown.fields, part.boxes, strict=True)
            for answer in (grader.solve(variant)[name].answer[field.name],)
        }
        for (name, shown), part in zip(variant.shown.items(), worked(variant), strict=True)
    }


@pytest.mark.parametrize("tolerance", ["{relative: 1%}", "{figures: 3}", "{figures: 12}"])
def test_a_small_number_has_places_enough(tolerance):
    exercise = grader.open(SMALL.replace("TOLERANCE", tolerance), slug="x")
    for seed in range(12):
        variant = grader.vary(exercise, seed=seed)
        assert grader.grade(variant, typed_again(variant)).score == 1


@pytest.mark.parametrize("path", EXERCISES, ids=slug_of)
def test_what_the_page_shows_earns_everything_when_it_is_typed(path):
    exercise = opened(path)
    for seed in range(50 if exercise.drawn else 1):
        variant = grader.vary(exercise, seed=seed)
        assert grader.grade(variant, typed_again(variant)).score == 1, seed

"""Each kind that judges numbers is proof under each tolerance: spellings, edges, slips."""

import json

import pytest

from grading import grader
from grading.draws import Stream
from grading.errors import Unreadable
from grading.kinds import kind_of
from grading.numeric.spelling import edges, joined, key_text
from tests.grading.exercises import opened

NUMBER = """\
title: A quotient and a power
given:
  a: {draw: integers, low: -9, high: 9}
  b: {draw: integers, low: 2, high: 9}
parts:
  - name: quotient
    kind: number
    prompt: "{a} / {b}?"
    answer: "{a} / {b}"
    tolerance: TOLERANCE
    wrong: [{code: added, answer: "{b} + {a} + 20", say: You added.}]
samples:
  - {answer: "99", score: 0}
"""

GRID = """\
title: A table with a gap
given:
  w: {draw: weights, count: 3}
  v: {draw: integers, low: 2, high: 9, shape: 2, distinct: true}
parts:
  - name: table
    kind: grid
    prompt: Fill it in.
    tolerance: TOLERANCE
    rows: [cat, cup]
    columns: [left, right]
    cells:
      - [{shown: "{w[1]}"}, "{w[1]} * {v[1]} / 3"]
      - ["1 - {w[3]}", "{v[2]}"]
samples:
  - {answer: "0, 0; 0, 0", outcome: unreadable}
"""

BLEND = """\
title: A blend
given:
  w: {draw: weights, count: 4}
  v: {draw: integers, low: -4, high: 5, shape: [4, 2], distinct: true}
parts:
  - {name: mix, kind: lookup, prompt: Mix., ask: [products, output], weights: w, values: v,
     tolerance: TOLERANCE}
samples:
  - {answer: {mix: {output: "99, 99"}}, score: 0}
"""

FULL = """\
title: A soft lookup
given:
  q: {draw: integers, low: -1, high: 2, shape: 4}
  k: {draw: integers, low: -1, high: 2, shape: [4, 4], distinct: true}
  v: {draw: integers, low: -4, high: 5, shape: [4, 2], distinct: true}
parts:
  - {name: mix, kind: lookup, prompt: Mix., ask: [scores, weights, output], query: q, keys: k,
     values: v, tolerance: {scores: exact, weights: TOLERANCE, output: TOLERANCE}}
samples:
  - {answer: {mix: {output: "99, 99"}}, score: 0}
"""

CAUSAL = """\
title: Each looks back
given:
  q: {draw: integers, low: -1, high: 2, shape: [3, 4]}
  k: {draw: integers, low: -1, high: 2, shape: [3, 4], distinct: true}
  v: {draw: integers, low: -4, high: 5, shape: [3, 2], distinct: true}
parts:
  - {name: mix, kind: lookup, prompt: Mix., ask: [weights, output], queries: q, keys: k, values: v,
     causal: true, tolerance: TOLERANCE, slips: [mask-after-softmax, causal-strict]}
samples:
  - {answer: {mix: {output: "99, 99; 1, 1; 1, 1"}}, score: 0}
"""

PLACES, FIGURES = "{places: 2}", "{figures: 3}"
SHARE, WIDTH, HONEST = "{relative: 1%}", "{absolute: 0.005}", "{honest: 2}"

CASES = [
    *((NUMBER, tolerance) for tolerance in ("exact", PLACES, FIGURES, SHARE, WIDTH)),
    *((GRID, tolerance) for tolerance in ("exact", PLACES, FIGURES, SHARE, WIDTH)),
    *((BLEND, tolerance) for tolerance in ("exact", PLACES, FIGURES, SHARE, WIDTH, HONEST)),
    *((FULL, tolerance) for tolerance in (PLACES, FIGURES, SHARE, WIDTH, HONEST)),
    *((CAUSAL, tolerance) for tolerance in (PLACES, WIDTH, HONEST)),
]
every_case = pytest.mark.parametrize(
    ("text", "tolerance"),
    CASES,
    ids=[f"{text[7:20]}-{tolerance}" for text, tolerance in CASES],
)


@every_case
def test_it_is_proof_on_many_variants(text, tolerance):
    exercise = opened(text.replace("TOLERANCE", tolerance))
    report = grader.check(exercise, seeds=range(10))
    assert report.faults == ()
    assert report.seeds_run == 10


def answers_of(exercise):
    """Answers by the keys, at the edges and beside them, and by the wrong turns."""
    stream = Stream("edges", exercise.title)
    for seed in range(4):
        variant = grader.vary(exercise, seed=seed)
        for name, posed in variant.posed.items():
            shapes = {field.name: field.shape for field in posed.shown.fields}
            for _ in range(12):
                answer = {}
                for target in kind_of(posed.part).targets(posed):
                    cells = []
                    for key, tolerance in zip(target.keys, target.tolerances, strict=True):
                        near = [*edges(key, tolerance)[0], *edges(key, tolerance)[1]]
                        cells.append(stream.one_of([key_text(key)] * 12 + near))
                    answer[target.field] = joined(cells, shapes[target.field])
                yield variant, {name: answer}
            for stray in kind_of(posed.part).stray(posed):
                yield variant, {name: stray.answer}


@every_case
def test_many_at_once_are_marked_as_one_by_one(text, tolerance):
    exercise = opened(text.replace("TOLERANCE", tolerance))
    answers = list(answers_of(exercise))
    many = [grader.Answered(numbers=variant.numbers, raw=raw) for variant, raw in answers]
    results = [told(result) for result in grader.grade_many(exercise, many)]
    assert results == [alone(*answer) for answer in answers]


def alone(variant, raw):
    try:
        return told(grader.grade(variant, raw))
    except Unreadable as refusal:
        return told(refusal)


def told(result):
    return str(result) if isinstance(result, Exception) else json.dumps(result.to_json())

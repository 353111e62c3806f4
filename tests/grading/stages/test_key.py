"""Many variants worked out at once are, to the last bit, what each is alone."""

import numpy as np
import pytest

from grading import grader
from grading.draws import Stream
from grading.errors import BrokenExercise
from grading.exercise import Raw
from grading.given import draw_given
from grading.kind import Draw
from grading.kinds import kind_of
from grading.stages.key import MOST_ROWS, gather, keys_of
from grading.stages.recipe import read_recipe
from tests.content.shipped import EXERCISES, opened

NAMES = ("full-soft-lookup", "softmax-of-three-scores", "causal-weights")
LOOKUPS = [path for path in EXERCISES if path.stem in NAMES]
every_lookup = pytest.mark.parametrize("path", LOOKUPS, ids=lambda path: path.stem)


def givens_of(exercise, count=40):
    return [draw_given(exercise.given, seed, 0) for seed in range(count)]


def test_there_are_lookups_to_try():
    assert len(LOOKUPS) == len(NAMES)


@every_lookup
def test_keys_made_together_are_those_made_alone(path):
    exercise = opened(path)
    recipe = read_recipe(exercise.parts[0].body)
    starts = [gather(recipe, given) for given in givens_of(exercise)]
    for key, start in zip(keys_of(recipe, starts), starts, strict=True):
        (alone,) = keys_of(recipe, [start])
        assert key.stages == alone.stages
        assert key.exact == alone.exact
        for stage in recipe.ask:
            assert np.array_equal(key.right(stage), alone.right(stage))
            for box, other in (
                (key.plain(stage), alone.plain(stage)),
                (key.accepted(stage), alone.accepted(stage)),
            ):
                assert np.array_equal(box, other)
            for many, one in (
                (key.sheaf.turns, alone.sheaf.turns),
                (key.sheaf.roundings, alone.sheaf.roundings),
            ):
                assert many.codes == one.codes
                assert np.array_equal(many.of(stage, key.index), one.of(stage, 0), equal_nan=True)
        replayed = key.trace.follow("scaled", key.trace.scaled * 2)
        other = alone.trace.follow("scaled", alone.trace.scaled * 2)
        assert np.array_equal(replayed.output, other.output)


def answers_to(posed, stream):
    """Right, slipped, carried, rounded and hopeless answers to one variant."""
    kind = kind_of(posed.part)
    yield kind.solve(posed).answer
    yield from (spelling.answer for spelling in kind.spellings(posed))
    yield from (stray.answer for stray in kind.stray(posed))
    key = posed.key
    for digits in (0, 1, 2, 3):
        answer: Raw = {}
        for stage in key.stages:
            off = 10.0**-digits * stream.between(-1, 1)
            cells = [f"{value + off:.{digits}f}" for value in key.right(stage.name)]
            width = stage.shape[-1]
            rows = [cells[start : start + width] for start in range(0, len(cells), width)]
            answer = {**answer, stage.name: "\n".join(", ".join(row) for row in rows)}
        yield answer


@every_lookup
def test_marks_given_together_are_those_given_alone(path):
    exercise = opened(path)
    part = exercise.parts[0]
    kind = kind_of(part)
    many = [(given, Draw()) for given in givens_of(exercise, 12)]
    together = kind.vary_many(part, many)
    alone = [kind.vary(part, given, draw) for given, draw in many]
    stream = Stream("answers")
    asked, expected = [], []
    for posed, one in zip(together, alone, strict=True):
        assert posed.shown == one.shown
        for raw in answers_to(one, stream):
            fields = {field.name: raw.get(field.name, "") for field in one.shown.fields}
            answer = kind.read(one.shown, fields)
            asked.append((posed, answer, {}))
            expected.append(kind.mark(one, answer, {}))
    assert kind.mark_many(asked) == expected
    assert len({mark.score for mark in expected}) > 2


def test_variants_of_several_shapes_keep_their_order():
    exercise = opened(next(path for path in LOOKUPS if path.stem == "softmax-of-three-scores"))
    recipe = read_recipe({**exercise.parts[0].body, "labels": ()})
    three, four = ({"scores": tuple(givens_of(exercise, 1)[0]["scores"][:n])} for n in (3, 2))
    starts = [gather(recipe, given) for given in (three, four, three)]
    assert [len(key.labels) for key in keys_of(recipe, starts)] == [3, 2, 3]


def test_more_rows_than_a_person_works_are_refused():
    rows = ", ".join(["[1]"] * (MOST_ROWS + 1))
    text = (
        "title: Many\n"
        f"given: {{keys: [{rows}], values: [{rows}], query: [1]}}\n"
        "parts: [{name: a, kind: lookup, prompt: Go., ask: output}]\n"
        'samples: [{answer: "x", outcome: unreadable}]\n'
    )
    with pytest.raises(BrokenExercise, match="16 is the most"):
        grader.open(text, slug="many")

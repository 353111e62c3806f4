"""Every shipped exercise is graded alike, many at once and one by one."""

import json

import pytest

from grading import grader
from grading.draws import Stream
from grading.kinds import kind_of
from grading.numeric.spelling import edges, joined, key_text
from grading.proof import named_boxes
from tests.content.shipped import EXERCISES, opened, slug_of

COUNT = 120
SPOILT = ("", " ", "2 +", "0.7 2", "1,2,3;4", "<b>", "3 * * 4", "1/0", "dog", "9" * 5000)


def answers_of(exercise):
    """Right, slipped, half-filled, spoilt and hinted answers, mixed as learners would send them."""
    stream = Stream("bulk", exercise.slug)
    variants = [grader.vary(exercise, seed=seed) for seed in range(6 if exercise.drawn else 1)]
    pools = {}
    for at, variant in enumerate(variants):
        for name, posed in variant.posed.items():
            kind = kind_of(posed.part)
            right = kind.solve(posed).answer
            wrong = [stray.answer for stray in kind.stray(posed)]
            some = [{field: text} for field, text in right.items()]
            typed = list(by_the_numbers(posed))
            spoilt = [{**right, field: bad} for field in right for bad in SPOILT]
            pools[at, name] = [[right], wrong or [right], some, spoilt, [{}], typed or [right]]
    samples = [s for s in exercise.samples if s.seed == 0]
    for number in range(COUNT):
        at = stream.below(len(variants))
        variant = variants[at]
        if samples and number % 5 == 0:
            at, variant = 0, variants[0]
            raw = named_boxes(variant, stream.one_of(samples).answer)
        else:
            raw = {
                name: stream.one_of(
                    pools[at, name][(0, 0, 1, 1, 2, 3, 4, 5, 5, 5)[stream.below(10)]]
                )
                for name in variant.posed
            }
        hints = {part.name: stream.below(len(part.hints) + 1) for part in exercise.parts}
        yield variant, raw, hints, stream.below(4) == 0


def by_the_numbers(posed):
    """Every box filled: with all the digits of its keys, and with both ends of what is accepted."""
    shapes = {field.name: field.shape for field in posed.shown.fields}
    targets = list(kind_of(posed.part).targets(posed))
    for side in (0, 1):
        for end in (0, 1):
            answer = {}
            for target in targets:
                pairs = list(zip(target.keys, target.tolerances, strict=True))
                cells = [(edges(*pair)[side] or [key_text(pair[0])] * 2)[end] for pair in pairs]
                answer[target.field] = joined(cells, shapes[target.field])
            yield from [answer] * bool(answer)
    full = {t.field: joined([key_text(key) for key in t.keys], shapes[t.field]) for t in targets}
    yield from [full] * bool(full)


def alone(variant, raw, hints, at_deadline):
    """What grading it on its own gives, from the numbers that were stored."""
    try:
        again = grader.rebuild(variant.exercise, seed=variant.seed, numbers=variant.numbers)
        return told(grader.grade(again, raw, hints=hints, at_deadline=at_deadline))
    except Exception as error:  # it must be the same one, whatever it is
        return told(error)


def told(result):
    if isinstance(result, Exception):
        return type(result).__name__, str(result), getattr(result, "misreadings", ())
    return json.dumps(result.to_json())


@pytest.mark.parametrize("path", EXERCISES, ids=slug_of)
def test_many_at_once_and_one_by_one_are_alike_to_the_last_letter(path):
    exercise = opened(path)
    answers = list(answers_of(exercise))
    many = [
        grader.Answered(numbers=variant.numbers, raw=raw, hints=hints, at_deadline=at_deadline)
        for variant, raw, hints, at_deadline in answers
    ]
    results = [told(result) for result in grader.grade_many(exercise, many)]
    assert results == [alone(*answer) for answer in answers]
    assert {isinstance(result, str) for result in results} == {True, False}
    assert len(set(results)) > 5

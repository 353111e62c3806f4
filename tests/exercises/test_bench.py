"""The site's own answers for the bench: people's labels first, hints added again, nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exercises import bench, review
from exercises.models import Exercise, Submission
from grading import grader
from tests import factories
from tests.factories import MOON, TWO_PARTS, said

pytestmark = pytest.mark.django_db

FULL = "The sun lights half of the moon, and we see it from the side."
HALF = "The sun lights half of the moon, and we see it sideways."
NEAR = "The sun lights half of the moon. It gives a different view to us."
WITH_HINTS = MOON.replace("    model:", "    hints: [{say: Look up., cost: 0.1}]\n    model:")


@pytest.fixture
def moon() -> Exercise:
    return factories.exercise(MOON, slug="half-a-moon")


def sent(moon: Exercise, text: str) -> Submission:
    return factories.marked(factories.sheet(moon), said(text))


def labels(held) -> dict[str, str]:
    return {one.row.answer: one.row.label for one in held}


def test_what_nobody_decided_has_the_machines_label(moon):
    for text in (FULL, HALF, "The moon turns pale."):
        sent(moon, text)
    answers = bench.site_answers(moon, "why")
    assert answers.by_hand == ()
    assert labels(answers.as_marked) == {
        FULL: "correct",
        HALF: "partial",
        "The moon turns pale.": "incorrect",
    }


def test_what_a_person_settled_or_overrode_has_the_persons_label(moon):
    teacher = factories.teacher()
    review.settle(sent(moon, NEAR), by=teacher, scores={"why": Fraction(1)})
    review.override(sent(moon, HALF), Fraction(0), "It says nothing.", teacher)
    lifted = sent(moon, FULL)
    review.override(lifted, Fraction(0), "No.", teacher)
    review.override(lifted, None, "Yes.", teacher)
    answers = bench.site_answers(moon, "why")
    assert labels(answers.by_hand) == {NEAR: "correct", HALF: "incorrect"}
    assert labels(answers.as_marked) == {FULL: "correct"}


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_hint_makes_no_words_wrong(by_hand):
    sheet = factories.sheet(factories.exercise(WITH_HINTS))
    sheet.hints = {"why": 1}
    sheet.save(update_fields=["hints"])
    submission = factories.marked(sheet, said(FULL))
    if by_hand:
        review.settle(submission, by=factories.teacher(), scores={"why": Fraction(1)})
    answers = bench.site_answers(sheet.exercise, "why")
    (held,) = answers.by_hand if by_hand else answers.as_marked
    assert held.row.label == "correct"


def test_an_override_of_several_parts_says_nothing_of_one():
    text = MOON.replace(
        "samples:", "  - {name: n, kind: number, prompt: How many?, answer: 1}\nsamples:"
    )
    text = text[: text.index("samples:")] + "samples:\n  - {answer: {n: '1'}, score: 0.5}\n"
    moon = factories.exercise(text)
    submission = factories.marked(factories.sheet(moon), {**said(FULL), "n": {"number": "1"}})
    review.override(submission, Fraction(0), "No.", factories.teacher())
    answers = bench.site_answers(moon, "why")
    assert labels(answers.as_marked) == {FULL: "correct"}
    assert bench.site_answers(moon, "what") == bench.Answers(by_hand=(), as_marked=(), beyond=1)


def test_only_this_exercises_marked_answers_are_taken(moon):
    factories.submission(factories.sheet(moon), said(FULL))
    factories.marked(factories.sheet(factories.exercise(TWO_PARTS)), {"hops": {"number": "1"}})
    assert len(bench.site_answers(moon, "why")) == 0


def test_the_newest_are_taken_and_those_decided_by_hand_first(moon):
    settled = sent(moon, HALF)
    review.settle(settled, by=factories.teacher(), scores={"why": Fraction(1)})
    for number in range(4):
        sent(moon, f"{FULL} So it is, {number} times.")
    answers = bench.site_answers(moon, "why", most=3)
    assert [held.submission_id for held in answers.by_hand] == [settled.pk]
    assert [held.row.answer[-8:-7] for held in answers.as_marked] == ["3", "2"]
    assert answers.beyond == 2


def test_an_edit_moves_answers_and_is_judged_by_the_persons_word(moon):
    teacher = factories.teacher()
    sideways = "The sun lights half of the moon, and we see it sideways."
    review.override(sent(moon, sideways), Fraction(1), "Right.", teacher)
    review.override(sent(moon, f"{sideways} Or so."), Fraction(1, 2), "Nearly.", teacher)
    sent(moon, f"{sideways} Always.")
    sent(moon, FULL)
    before = grader.open(MOON, slug="m")
    after = grader.open(
        MOON.replace('"see near side|angle"', '"see near side|angle|sideways"'), slug="m"
    )
    effect = bench.effect_of(before, after, "why", bench.site_answers(moon, "why"))
    assert [(m.before, m.after, m.effect) for m in effect.moved_by_hand] == [
        ("partial", "correct", "worse"),
        ("partial", "correct", "better"),
    ]
    assert [(m.before, m.after, m.effect) for m in effect.moved_others] == [
        ("partial", "correct", "")
    ]
    assert (effect.count("better"), effect.count("worse"), effect.count("neither")) == (1, 1, 0)

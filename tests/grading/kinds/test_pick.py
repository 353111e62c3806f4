from fractions import Fraction

import pytest

from grading import grader
from grading.errors import BrokenExercise, Unreadable

THREE = """\
title: Candidates
parts:
  - name: who
    kind: pick
    prompt: Pick three.
    tokens: Riya thanked Meena because she helped with the demo
    count: 3
    right: [Riya, thanked, Meena, because]
    wrong: {helped: It comes after *she*.}
    found: All of these come before *she*.
samples:
  - {answer: "0 1 2", score: 1}
"""
THE = THREE.replace("count: 3", "count: 1").replace(
    "tokens: Riya thanked Meena because she helped with the demo", "tokens: the cat saw the dog"
)


def variant_of(text):
    return grader.vary(grader.open(text, slug="x"), seed=0)


def graded(picked, text=THREE):
    return grader.grade(variant_of(text), {"who": {"picked": picked}})


def codes(verdict):
    return [finding.code for finding in verdict.every_finding()]


def test_any_of_the_right_ones_will_do():
    for picked in ("0 1 2", "3 2 0", "Riya, Meena because"):
        assert graded(picked).score == 1


def test_a_wrong_pick_says_why_and_the_right_ones_still_count():
    verdict = graded("0 2 5")
    assert verdict.score == Fraction(2, 3)
    assert codes(verdict) == ["pick-right", "pick-wrong"]
    assert grader.say(verdict.every_finding()[1]) == "It comes after *she*."


def test_too_few_are_asked_for_and_cost_only_what_is_missing():
    verdict = graded("0 2")
    assert verdict.score == Fraction(2, 3)
    assert grader.say(verdict.every_finding()[-1]) == "1 more to pick."


@pytest.mark.parametrize(
    ("picked", "code"),
    [
        ("0 1 2 3", "too-many"),
        ("9", "option"),
        ("-1", "option"),
        ("<b>", "option"),
        ("٣", "option"),
    ],
)
def test_what_is_no_pick_costs_no_try(picked, code):
    with pytest.raises(Unreadable) as caught:
        graded(picked)
    assert [misreading.code for misreading in caught.value.misreadings] == [code]


def test_a_word_that_stands_twice_is_named_by_its_place():
    text = THE.replace("right: [Riya, thanked, Meena, because]", 'right: ["the#2"]')
    text = text.replace("helped: It", "cat: It").replace('"0 1 2"', '"3"')
    assert graded("3", text).score == 1
    assert graded("0", text).score == 0
    with pytest.raises(Unreadable):
        graded("the", text)


def test_every_position_that_is_not_right_is_a_stray_that_earns_nothing():
    report = grader.check(grader.open(THREE, slug="x"), seeds=[0])
    assert report.good


def test_the_faults_of_a_pick_are_told_at_once():
    text = THREE.replace("[Riya,", "[Ria,").replace("helped:", "hleped:").replace("3\n", "9\n")
    with pytest.raises(BrokenExercise) as caught:
        grader.open(text, slug="x")
    assert [fault.code for fault in caught.value.faults] == ["count", "token", "token"]


def test_equal_answers_have_one_normal_form():
    variant = variant_of(THREE)
    forms = {grader.normal(variant, {"who": {"picked": p}})["who"] for p in ("2 0 1", "0 1 2")}
    assert len(forms) == 1

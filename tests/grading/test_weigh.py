from fractions import Fraction

import pytest

from grading import grader
from grading.errors import BrokenExercise, Unreadable
from grading.kinds.pick import Pick
from grading.weigh import draw_counted
from tests.grading.exercises import DRAWN, PICK, TWO_PARTS, opened


def graded(text, raw, **more):
    return grader.grade(grader.vary(opened(text), seed=0), raw, **more)


def both(first, second):
    return {"first": {"picked": first}, "second": {"picked": second}}


def test_points_weigh_the_parts():
    apart = TWO_PARTS.replace("agree:\n  - {top-of: first, said-in: second, cost: 0.5}\n", "")
    assert graded(apart, both("cat", "sat")).score == Fraction(1, 4)
    assert graded(apart, both("sat", "cat")).score == Fraction(3, 4)


def test_a_blank_part_is_not_attempted_and_said_so():
    verdict = graded(TWO_PARTS, both("", "cat"))
    assert verdict.score == Fraction(3, 4)
    assert verdict.marks["first"].state == "blank"
    assert "blank" in grader.say(verdict.marks["first"].findings[0])


def test_all_blank_is_unreadable():
    for raw in ({}, both("", " \n")):
        with pytest.raises(Unreadable) as caught:
            graded(TWO_PARTS, raw)
        assert [m.code for m in caught.value.misreadings] == ["blank"]


def test_one_unreadable_box_refuses_the_whole_and_names_its_box():
    with pytest.raises(Unreadable) as caught:
        graded(TWO_PARTS, both("cat", "dog"))
    (misreading,) = caught.value.misreadings
    assert (misreading.field, misreading.start, misreading.end) == ("second.picked", 0, 3)


def test_at_a_deadline_an_unreadable_box_goes_to_a_person_and_the_rest_is_marked():
    verdict = graded(TWO_PARTS, both("cat", "dog"), at_deadline=True)
    assert (verdict.outcome, verdict.score) == ("review", None)
    assert verdict.marks["first"].score == 1
    assert verdict.marks["second"].state == "review"


def test_at_a_deadline_all_blank_is_marked_as_not_attempted():
    verdict = graded(TWO_PARTS, {}, at_deadline=True)
    assert (verdict.outcome, verdict.score) == ("marked", 0)


def test_parts_that_disagree_are_told_and_cost_what_was_said():
    verdict = graded(TWO_PARTS, both("cat", "mat"))
    assert verdict.score == Fraction(1, 2)
    (finding,) = verdict.findings
    assert grader.say(finding) == "Your numbers say cat, your words say mat. Which one do you mean?"


def test_hints_cost_what_was_said_and_never_more_than_was_earned():
    assert graded(PICK, {"who": {"picked": "cat"}}, hints={"who": 2}).score == Fraction(7, 10)
    assert graded(PICK, {"who": {"picked": "sat"}}, hints={"who": 2}).score == 0


def test_what_cannot_be_decided_is_never_a_wrong_answer(monkeypatch):
    def broken(self, posed, answer, others):
        raise ZeroDivisionError

    monkeypatch.setattr(Pick, "mark", broken)
    verdict = graded(PICK, {"who": {"picked": "cat"}})
    assert (verdict.outcome, verdict.score) == ("review", None)
    assert verdict.marks["who"].state == "undecided"


def test_a_sheet_is_rebuilt_from_its_numbers_though_the_generator_changes(monkeypatch):
    exercise = opened(DRAWN)
    variant = grader.vary(exercise, seed=12)
    monkeypatch.setattr("grading.weigh.draw_given", lambda *_: pytest.fail("drawn again"))
    again = grader.rebuild(exercise, seed=12, numbers=variant.numbers)
    assert (again.shown, again.given) == (variant.shown, variant.given)


def test_equal_seeds_give_equal_variants_and_others_differ():
    exercise = opened(DRAWN)
    assert grader.vary(exercise, seed=3).given == grader.vary(exercise, seed=3).given
    assert len({grader.vary(exercise, seed=seed).given for seed in range(10)}) == 10


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        grader.vary(opened(DRAWN), seed=seed)


def test_a_generator_without_good_numbers_is_told_to_its_author(monkeypatch):
    monkeypatch.setattr(Pick, "unfair", lambda self, posed: "nothing will do")
    with pytest.raises(BrokenExercise, match="nothing will do"):
        opened(DRAWN)


def test_the_key_is_nowhere_in_what_is_shown():
    variant = grader.vary(opened(PICK), seed=0)
    assert "whiskers" not in repr(variant.shown)
    assert "That is what it does" not in repr(variant.shown)


NOUGHT = """\
title: One by a number
given:
  a: {draw: integers, low: -400, high: 600}
parts:
  - {name: n, kind: number, prompt: "x {a}", answer: "1/{a}", tolerance: {figures: 2}}
samples:
  - {answer: "77777", score: 0}
"""
"""With seed 1023 the first draw is 0, which has no key."""


def test_numbers_without_a_right_answer_are_drawn_again():
    drawing = draw_counted(opened(NOUGHT), 1023)
    assert drawing.draws == 2
    assert [fault.code for fault in drawing.broken] == ["calculation"]
    assert drawing.variant.numbers["given"]["a"] != "0"
    assert draw_counted(opened(NOUGHT), 7)[1:] == (1, ())


def test_where_no_numbers_have_a_right_answer_the_fault_itself_is_told():
    with pytest.raises(BrokenExercise, match="nothing can be divided by 0") as caught:
        opened(NOUGHT.replace("1/{a}", "1/(0*{a})"))
    assert [fault.place for fault in caught.value.faults] == [("parts", 0, "answer")]


def test_fixed_numbers_without_a_right_answer_are_told_at_once():
    with pytest.raises(BrokenExercise, match="nothing can be divided by 0"):
        opened(NOUGHT.replace("{draw: integers, low: -400, high: 600}", "0"))


def test_an_author_is_told_how_often_there_was_no_right_answer():
    report = grader.check(opened(NOUGHT.replace("-400, high: 600", "0, high: 3")), seeds=range(20))
    assert report.good
    (warning,) = [fault for fault in report.warnings if fault.code == "doubt-no-answer"]
    assert "draws gave numbers without a right answer" in warning.message
    assert warning.line == 5
    assert int(warning.message.split()[0]) >= 1

import gc
import logging
import tracemalloc
from fractions import Fraction

import pytest

from grading import bulk, grader
from grading.errors import BrokenExercise, Unreadable
from grading.kind import Kind
from grading.kinds.pick import Pick
from tests.grading.exercises import DRAWN, PICK, TWO_PARTS, opened


def answered(text, *raws, seed=0, **more):
    numbers = grader.vary(opened(text), seed=seed).numbers
    return [grader.Answered(numbers=numbers, raw=raw, **more) for raw in raws]


def picked(word):
    return {"who": {"picked": word}}


def many(text, answers):
    return list(grader.grade_many(opened(text), answers))


def test_nothing_to_grade_gives_nothing():
    assert many(PICK, []) == []


def test_results_come_in_the_order_of_the_answers():
    results = many(PICK, answered(PICK, *map(picked, ["cat", "sat", "mat", "on", "cat"])))
    assert [result.score for result in results] == [1, 0, 1, 0, 1]


def test_an_answer_that_cannot_be_read_comes_back_as_its_refusal_and_touches_no_other():
    first, dog, blank, last = many(PICK, answered(PICK, *map(picked, ["cat", "dog", "", "sat"])))
    assert (first.score, last.score) == (1, 0)
    assert isinstance(dog, Unreadable)
    assert [m.field for m in dog.misreadings] == ["who.picked"]
    assert isinstance(blank, Unreadable)
    assert [m.code for m in blank.misreadings] == ["blank"]


def test_at_a_deadline_what_cannot_be_read_goes_to_a_person():
    (late,) = many(PICK, answered(PICK, picked("dog"), at_deadline=True))
    assert late == grader.grade(grader.vary(opened(PICK), seed=0), picked("dog"), at_deadline=True)
    assert late.outcome == "review"


def test_the_same_text_before_and_at_a_deadline_is_told_apart():
    early, late = many(
        PICK,
        [*answered(PICK, picked("dog")), *answered(PICK, picked("dog"), at_deadline=True)],
    )
    assert isinstance(early, Unreadable)
    assert late.outcome == "review"


def test_each_answer_pays_for_its_own_hints():
    free, one = (answered(PICK, picked("cat"), hints=hints)[0] for hints in ({}, {"who": 1}))
    assert [result.score for result in many(PICK, [free, one, free])] == [1, Fraction(9, 10), 1]


def test_parts_that_disagree_are_told():
    raws = [{"first": {"picked": "cat"}, "second": {"picked": word}} for word in ("cat", "mat", "")]
    results = many(TWO_PARTS, answered(TWO_PARTS, *raws))
    variant = grader.vary(opened(TWO_PARTS), seed=0)
    assert results == [grader.grade(variant, raw) for raw in raws]
    assert [len(result.findings) for result in results] == [0, 1, 0]


@pytest.mark.parametrize(
    "numbers",
    [{}, {"given": {}, "parts": {}}, {"given": {"w": ["x"]}, "parts": {}}, None, {"given": {1, 2}}],
)
def test_numbers_that_rebuild_nothing_spoil_their_own_answer_only(numbers, monkeypatch):
    def needs_w(self, part, given, draw, vary=Pick.vary):
        assert len(given["w"]) == 3
        return vary(self, part, given, draw)

    monkeypatch.setattr(Pick, "vary", needs_w)
    good = answered(DRAWN, {"who": {"picked": "a"}}, seed=5)[0]
    bad = grader.Answered(numbers=numbers, raw=good.raw)
    before, broken, after = many(DRAWN, [good, bad, good])
    assert before.score == after.score == 1
    with pytest.raises(type(broken)):
        grader.rebuild(opened(DRAWN), seed=0, numbers=numbers)


@pytest.mark.parametrize("raw", [None, {"who": None}, {"who": {"picked": ["cat"]}}, {"who": "cat"}])
def test_what_is_no_answer_at_all_spoils_its_own_place_only(raw):
    good = answered(PICK, picked("cat"))[0]
    bad = grader.Answered(numbers=good.numbers, raw=raw)
    before, broken, after = many(PICK, [good, bad, good])
    assert before.score == after.score == 1
    with pytest.raises(type(broken)):
        grader.grade(grader.vary(opened(PICK), seed=0), raw)


def test_one_that_cannot_be_decided_leaves_the_others_their_marks(monkeypatch, caplog):
    def stumbles(self, posed, answer, others, mark=Pick.mark):
        if answer.positions == (2,):
            raise ZeroDivisionError
        return mark(self, posed, answer, others)

    monkeypatch.setattr(Pick, "mark", stumbles)
    with caplog.at_level(logging.CRITICAL):
        results = many(PICK, answered(PICK, *map(picked, ["cat", "sat", "mat"])))
    assert [result.marks["who"].state for result in results] == ["marked", "undecided", "marked"]
    assert (results[1].outcome, results[1].score) == ("review", None)


def test_a_kind_that_marks_too_few_is_not_trusted_to_mark_many(monkeypatch, caplog):
    monkeypatch.setattr(Kind, "mark_many", lambda self, many: [])
    with caplog.at_level(logging.CRITICAL):
        results = many(PICK, answered(PICK, *map(picked, ["cat", "sat"])))
    assert [result.score for result in results] == [1, 0]


def test_a_kind_that_cannot_vary_many_varies_one_by_one(monkeypatch):
    def stumbles(self, part, many):
        raise BrokenExercise([])

    monkeypatch.setattr(Kind, "vary_many", stumbles)
    assert [result.score for result in many(PICK, answered(PICK, picked("cat")))] == [1]


def test_equal_answers_to_equal_numbers_are_read_and_marked_once(monkeypatch):
    read, marked = [], []

    def reads(self, shown, raw, read_alone=Pick.read):
        read.append(raw["picked"])
        return read_alone(self, shown, raw)

    def marks(self, posed, answer, others, mark=Pick.mark):
        marked.append(answer.positions)
        return mark(self, posed, answer, others)

    monkeypatch.setattr(Pick, "read", reads)
    monkeypatch.setattr(Pick, "mark", marks)
    many(PICK, answered(PICK, *map(picked, ["cat", "sat", "cat", "cat", "sat"])))
    assert (sorted(read), sorted(marked)) == (["cat", "sat"], [(1,), (2,)])


def test_equal_texts_on_other_numbers_are_not_mixed_up(monkeypatch):
    def by_number(self, posed, answer, others, mark=Pick.mark):
        made = mark(self, posed, answer, others)
        return type(made)(score=Fraction(len(posed.shown.prompt), 1000), findings=made.findings)

    monkeypatch.setattr(Pick, "mark", by_number)
    answers = [answered(DRAWN, {"who": {"picked": "a"}}, seed=seed)[0] for seed in range(40)]
    results = many(DRAWN, answers)
    variants = [grader.vary(opened(DRAWN), seed=seed) for seed in range(40)]
    expected = [Fraction(len(variant.posed["who"].shown.prompt), 1000) for variant in variants]
    assert [result.score for result in results] == expected
    assert len(set(expected)) > 1


def test_pieces_do_not_show(monkeypatch):
    answers = answered(PICK, *[picked(word) for word in ("cat", "sat", "dog", "mat", "on")] * 3)
    whole = many(PICK, answers)
    monkeypatch.setattr(bulk, "PIECE", 2)
    parted = many(PICK, answers)
    assert [str(result) for result in parted] == [str(result) for result in whole]
    assert len(parted) == 15


def test_answers_are_taken_piece_by_piece_so_that_nobody_holds_them_all(monkeypatch):
    monkeypatch.setattr(bulk, "PIECE", 50)
    taken = []
    (one,) = answered(PICK, picked("cat"))

    def endless():
        while True:
            taken.append(1)
            yield one

    results = grader.grade_many(opened(PICK), endless())
    assert taken == []
    assert next(results).score == 1
    assert len(taken) == 50


def test_memory_stays_bounded_however_many_there_are(monkeypatch):
    monkeypatch.setattr(bulk, "PIECE", 100)
    exercise = opened(DRAWN)
    numbers = [grader.vary(exercise, seed=seed).numbers for seed in range(100)]

    def most_held(count):
        gc.collect()
        tracemalloc.start()
        stream = (
            grader.Answered(numbers=numbers[i % 100], raw={"who": {"picked": "a"}})
            for i in range(count)
        )
        for _ in grader.grade_many(exercise, stream):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    most_held(100)
    assert most_held(2000) < 1.5 * most_held(200)

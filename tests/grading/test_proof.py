import logging
from fractions import Fraction

import pytest

from grading import grader
from grading.errors import Misreading, Unreadable
from grading.exercise import Spelling, Stray
from grading.kinds.lookup import Lookup
from grading.kinds.number import Number
from grading.kinds.pick import Pick
from grading.numeric.tolerance import Tolerance, ends
from grading.verdict import Mark
from tests.grading.exercises import DRAWN, PICK, opened


def report_of(text, seeds=range(3)):
    return grader.check(opened(text), seeds=seeds)


def test_an_exercise_whose_promises_hold_is_good():
    report = report_of(PICK)
    assert report.good
    assert [sample.ok for sample in report.samples] == [True, True]


def test_drawn_exercises_run_on_every_seed_and_fixed_ones_once():
    assert report_of(DRAWN).seeds_run == 3
    assert report_of(PICK).seeds_run == 1


def test_a_broken_promise_says_what_was_expected_and_what_came():
    report = report_of(PICK.replace('{answer: "1", score: 1}', '{answer: "1", score: 0}'))
    (bad, _) = report.samples
    assert not report.good
    assert (bad.expected, bad.ok, bad.why) == ("score 0", False, "The score is 100%.")


def test_every_kind_of_promise_is_held_against_the_verdict():
    for promise, why in (
        ("label: partial", "The label is correct."),
        ("outcome: review", "The outcome is marked."),
        ("finding: pick-wrong", "It was not found to be pick-wrong, but pick-right."),
        ("denied: [shadow]", "shadow was not seen to be denied."),
    ):
        report = report_of(PICK.replace('"1", score: 1', f'"1", {promise}'))
        assert report.samples[0].why == why


def test_a_sample_that_cannot_be_read_may_be_promised_to_be_so():
    text = PICK + "  - {answer: dog, outcome: unreadable}\n  - {answer: dog, score: 0}\n"
    promised, surprised = report_of(text).samples[2:]
    assert promised.ok
    assert surprised.why == "It could not be read."


def test_without_samples_there_is_no_proof():
    (fault,) = report_of(PICK[: PICK.index("samples:")]).faults
    assert fault.code == "no-samples"


def test_a_wrong_turn_that_earns_marks_is_a_fault(monkeypatch):
    stray = Stray(code="lucky", answer={"picked": "cat"})
    monkeypatch.setattr(Pick, "stray", lambda self, posed: [stray])
    (fault,) = report_of(PICK).faults
    assert (fault.code, fault.line) == ("stray-passes", 4)
    assert "`lucky` earns 100%" in fault.message


def test_a_model_answer_that_earns_less_than_everything_is_a_fault(monkeypatch):
    from grading.exercise import Worked

    monkeypatch.setattr(Pick, "solve", lambda self, posed: Worked(answer={"picked": "sat"}))
    assert "model" in [fault.code for fault in report_of(PICK).faults]


def test_a_report_can_be_stored_as_json():
    import json

    assert json.loads(json.dumps(report_of(PICK).to_json()))["good"] is True


# -- numbers: spellings, rounding, edges, wrong turns that are told ------------------------------

EIGHTH = """\
title: An eighth
parts:
  - name: eighth
    kind: number
    prompt: One eighth?
    answer: 0.125
    tolerance: {places: 2}
    wrong:
      - {code: turned-over, answer: 8, say: That is how many of them make a whole.}
samples:
  - {answer: "0.13", score: 1}
"""

BLEND = """\
title: A blend
given:
  weights: [0.5, 0.3, 0.2]
  values: [[4, 1], [1, 4], [2, 0]]
parts:
  - {name: mix, kind: lookup, prompt: Mix them., ask: output, weights: weights, values: values,
     tolerance: {places: 2}}
samples:
  - {answer: "2.7, 1.7", score: 1}
"""


def faults_of(text):
    return [(fault.code, fault.message) for fault in report_of(text).faults]


def marks(score, when, kind=Number):
    """A mark that gives ``score`` where ``when(answer)`` holds, and the right one elsewhere."""

    def mark(self, posed, answer, others, mark=kind.mark):
        made = mark(self, posed, answer, others)
        return Mark(score=Fraction(score), findings=made.findings) if when(answer) else made

    return mark


@pytest.mark.parametrize("text", [EIGHTH, BLEND])
def test_what_is_right_in_every_way_has_no_faults(text):
    assert faults_of(text) == []


def test_a_spelling_that_is_not_read_is_a_fault(monkeypatch):
    def read(self, shown, raw, read=Number.read):
        if "%" in raw["number"]:
            raise Unreadable([Misreading(code="x", message="No percents.", start=0, end=1)])
        return read(self, shown, raw)

    monkeypatch.setattr(Number, "read", read)
    message = (
        "With seed 0: the model answer written as percents of `eighth` cannot be read: No percents."
    )
    assert faults_of(EIGHTH) == [("spelling", message)]


def test_a_spelling_that_earns_less_is_a_fault(monkeypatch):
    monkeypatch.setattr(Number, "mark", marks(0, lambda answer: "e" in answer.text))
    ((code, message),) = faults_of(EIGHTH)
    assert code == "spelling"
    assert "written with an exponent of `eighth` earns 0%, not all. Typed: 125e-3" in message


def test_spellings_that_a_kind_adds_must_earn_all_too(monkeypatch):
    other = Spelling(how="said in another way", answer={"number": "0.2"})
    monkeypatch.setattr(Number, "spellings", lambda self, posed: [other])
    ((code, message),) = faults_of(EIGHTH)
    assert code == "spelling"
    assert "the right answer, said in another way," in message


def test_rounding_as_advised_must_earn_all_whichever_way_a_tie_goes(monkeypatch):
    monkeypatch.setattr(Number, "mark", marks(0, lambda answer: answer.text == "0.12"))
    assert [code for code, _ in faults_of(EIGHTH)] == ["rounding"]


LOW, HIGH = ends(Fraction(1, 8), Tolerance(rule="places", digits=2))
NEAR = Fraction(1, 10**14)


@pytest.mark.parametrize(
    ("score", "when", "words"),
    [
        (1, lambda x: HIGH < x < HIGH + NEAR, "just outside its tolerance, is taken: 0.130000"),
        (1, lambda x: LOW - NEAR < x < LOW, "just outside its tolerance, is taken: 0.11999"),
        (0, lambda x: HIGH - NEAR < x <= HIGH, "just inside its tolerance, is not right: 0.13"),
        (0, lambda x: LOW <= x < LOW + NEAR, "just inside its tolerance, is not right: 0.1199"),
        (0, lambda x: x == Fraction(1, 8), "right in every cell, earns nothing."),
    ],
)
def test_both_sides_of_each_edge_are_tried(monkeypatch, score, when, words):
    monkeypatch.setattr(Number, "mark", marks(score, lambda answer: when(answer.value)))
    edge = [message for code, message in faults_of(EIGHTH) if code == "edge"]
    assert [words in message for message in edge] == [True]


def test_every_cell_of_a_vector_has_its_turn_at_the_edge(monkeypatch):
    def lenient(cell):
        far = (1.705, 1.695) if cell else (2.705, 2.695)
        return lambda answer: (
            abs(answer.grids["output"].floats()[cell] - far[0]) < 1e-9
            or abs(answer.grids["output"].floats()[cell] - far[1]) < 1e-9
        )

    drawn = BLEND.replace("  weights:", "  n: {draw: integers, low: 1, high: 9}\n  weights:")
    for cell in (0, 1):
        with monkeypatch.context() as patch:
            patch.setattr(Lookup, "mark", marks(1, lenient(cell), Lookup))
            (fault, *_) = report_of(drawn, range(2)).faults
            assert fault.code == "edge"
            assert fault.message.startswith(f"With seed {cell}: ")


def test_a_wrong_turn_that_no_finding_names_is_a_fault(monkeypatch):
    strays = [Stray(code="elsewhere", answer={"number": "8"})]
    monkeypatch.setattr(Number, "stray", lambda self, posed: strays)
    ((code, message),) = faults_of(EIGHTH)
    assert code == "stray-untold"
    assert "`elsewhere` is not told apart in `eighth`: turned-over is what is found." in message
    strays[:] = [Stray(code="elsewhere", answer={"number": "8"}, told=("turned-over",))]
    assert faults_of(EIGHTH) == []
    strays[:] = [Stray(code="turned-over-twice", answer={"number": "8"})]
    assert faults_of(EIGHTH) == []


def test_a_wrong_turn_that_equals_the_key_is_refused():
    # Right to two places, and not the key itself: that is refused before anything is proved.
    (fault,) = report_of(EIGHTH.replace("answer: 8", "answer: 0.126")).faults
    assert (fault.code, fault.line) == ("stray-passes", 9)
    assert "`turned-over` earns 100% in `eighth`; it may earn 0% at most." in fault.message


def test_an_author_is_warned_of_numbers_that_are_rarely_good(monkeypatch):
    def unfair(self, posed):
        return None if "0.07," in posed.shown.prompt else "they are unlucky"

    monkeypatch.setattr(Pick, "unfair", unfair)
    report = report_of(DRAWN)
    assert report.faults == ()
    assert [fault.code for fault in report.warnings] == ["doubt-rare"]
    assert report.good


def test_a_proof_that_stumbles_is_told_and_raises_nothing(monkeypatch, caplog):
    def stumbles(self, posed):
        raise ZeroDivisionError

    monkeypatch.setattr(Number, "spellings", stumbles)
    with caplog.at_level(logging.CRITICAL):
        report = report_of(EIGHTH)
    assert [(fault.code, fault.line) for fault in report.faults] == [("unproved", 2)]
    assert not report.good


def test_of_many_faults_alike_the_first_few_are_told(monkeypatch):
    monkeypatch.setattr(Number, "mark", marks(0, lambda answer: answer.text != "0.125"))
    codes = [code for code, _ in faults_of(EIGHTH)]
    assert codes.count("spelling") == 3
    assert "rounding" in codes

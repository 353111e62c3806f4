from grading import grader
from grading.exercise import Stray
from grading.kinds.pick import Pick
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

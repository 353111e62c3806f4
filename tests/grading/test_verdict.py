import json
from fractions import Fraction

import pytest

from grading.verdict import Finding, Mark, Quote, Verdict


def test_a_verdict_survives_json_unchanged():
    finding = Finding(
        code="x",
        tone="wrong",
        facts={"sum": "1/3"},
        place="box.2",
        quotes=(Quote(start=1, end=3, text="ab", field="box"),),
        worth=Fraction(-1, 3),
    )
    verdict = Verdict(
        outcome="marked",
        score=Fraction(2, 3),
        marks={"a": Mark(score=Fraction(2, 3), findings=(finding,)), "b": Mark(score=Fraction(0))},
        findings=(finding,),
    )
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


def test_a_verdict_in_review_has_no_score_and_survives_json():
    verdict = Verdict(outcome="review", score=None, marks={})
    assert Verdict.from_json(verdict.to_json()) == verdict


@pytest.mark.parametrize("score", [Fraction(-1, 100), Fraction(101, 100)])
def test_a_score_lies_between_0_and_1(score):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Mark(score=score)


def test_every_finding_is_told_with_its_part():
    mark = Mark(score=Fraction(1), findings=(Finding(code="x", tone="right", place="box"),))
    last = Finding(code="y", tone="note")
    verdict = Verdict(outcome="marked", score=Fraction(1), marks={"a": mark}, findings=(last,))
    assert [finding.place for finding in verdict.every_finding()] == ["a.box", ""]

"""What templates say with."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exercises.showing import Tie, stretches
from exercises.templatetags import marks
from grading.verdict import Finding, Quote


def quote(start: int, end: int) -> Quote:
    return Quote(start=start, end=end, text="")


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (Fraction(1), "100 %"),
        (Fraction(999, 1000), "99 %"),
        (Fraction(1, 2), "50 %"),
        (Fraction(1, 1000), "1 %"),
        (Fraction(0), "0 %"),
        (None, "–"),
    ],
)
def test_only_full_marks_are_full_and_only_nothing_is_nothing(score, said):
    # The number and its sign stay on one line.
    assert marks.percent(score) == said.replace(" ", "\N{NO-BREAK SPACE}")


def test_the_learners_words_are_marked_where_they_are_quoted():
    assert marks.lit("a fixed state", [quote(2, 7)]) == 'a <mark class="lit">fixed</mark> state'


def test_overlapping_quotes_are_marked_once_and_none_reaches_outside():
    text = "abcdef"
    html = marks.lit(text, [quote(3, 99), quote(1, 4)])
    assert html == 'a<mark class="lit">bcd</mark><mark class="lit">ef</mark>'


def test_a_quoted_answer_stays_text():
    html = marks.lit("<b>x</b>", [quote(0, 3)])
    assert html == '<mark class="lit">&lt;b&gt;</mark>x&lt;/b&gt;'


def test_quoted_words_lead_to_what_is_said_of_them_and_stay_text():
    tie = Tie(number=3, tone="wrong", hue=0, to="said-why-3", back="words-why-3")
    html = marks.tied(stretches("a <b>bold claim", [(tie, quote(2, 9)), (tie, quote(10, 15))]))
    assert html.count('href="#said-why-3"') == 2
    assert html.count('id="words-why-3"') == 1
    assert '<mark class="lit idea wrong hue-0 lane-0">&lt;b&gt;bold</mark>' in html
    assert html.count("(end of 3)") == 2
    assert "<b>" not in html


def test_what_a_learner_rejects_is_said_to_be_well_rejected():
    finding = Finding(code="misconception-denied", tone="note", facts={"rule": "shadow"})
    assert marks.heading(finding) == "Rightly rejected"
    assert marks.heading(Finding(code="unscaled", tone="wrong")) == "To mend"


def test_an_authors_words_may_hold_mathematics():
    finding = Finding(code="x", tone="ask", facts={"say": "What is $a_1$?"})
    assert "<msub>" in marks.said(finding)


def test_a_learners_words_inside_a_sentence_are_no_markdown():
    finding = Finding(code="read-percent", tone="note", facts={"typed": "*2* <b>", "read": "2"})
    assert str(marks.said(finding)) == "*2* <b> was read as 2."
    assert not hasattr(marks.said(finding), "__html__")


def test_a_slip_says_more_to_whoever_asks_and_a_settled_answer_what_had_passed():
    slip = Finding(code="unscaled", tone="wrong", facts={"step": "weights", "went": "1, 2"})
    off = Finding(
        code="number-wrong",
        tone="wrong",
        facts={"typed": "3", "low": "1", "high": "2", "off": "1"},
    )
    assert marks.further(slip) == "It begins at the weights: there you went on from 1, 2."
    assert marks.further(off) == ""
    assert marks.settled(off) == "From 1 to 2 was accepted; 3 is 1 off."
    assert marks.settled(slip) == ""
    assert "2" not in marks.said(off).replace("3", "")

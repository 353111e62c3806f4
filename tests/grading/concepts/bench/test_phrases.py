"""Phrases that separate: what is proposed, on whose account, with which counts."""

from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.concepts.bench.answers import Marked
from grading.concepts.bench.judging import Judge
from grading.concepts.bench.phrases import MOST, suggestions
from grading.concepts.patterns import Sets, View, meet, parse
from grading.concepts.stance import take
from grading.concepts.words import Lexicon, read
from tests.grading.concepts.bread import BREAD_RULES

GAS = "The yeast makes gas, and the dough holds the gas."


def proposed(*rows, ideas=None):
    marked = [Marked(answer=a, label=label, ideas=ideas) for a, label in rows]
    return suggestions(BREAD_RULES, list(Judge(BREAD_RULES).judge(marked)))


def test_what_right_answers_share_and_wrong_ones_lack_is_proposed_for_credit():
    found = proposed(
        ("Tiny bugs breathe out inside.", "correct"),
        ("There the bugs are breathing out.", "correct"),
        ("Bugs breathe out a lot of it.", "correct"),
        ("Bugs are poisonous.", "incorrect"),
        ("It rises as it is out of the bowl.", "incorrect"),
    )
    assert {one.side for one in found} == {"credit"}
    (best,) = [one for one in found if one.helped == 3 and not one.against]
    assert "breathe" in best.pattern
    assert (best.of_helped, best.of_against, best.rule) == (3, 2, "")
    assert best.log_odds == pytest.approx(log(3.5 / 0.5) - log(0.5 / 2.5))
    assert [j.row.label for j in best.examples] == ["correct"] * 3


def test_what_overpaid_answers_share_and_right_ones_lack_is_proposed_for_caution():
    found = proposed(
        (f"{GAS} Quite magically.", "incorrect"),
        (f"{GAS} It happens magically.", "partial"),
        (GAS, "correct"),
        (GAS + " Slowly.", "correct"),
    )
    assert {one.side for one in found} == {"caution"}
    assert [(one.pattern, one.helped, one.against) for one in found] == [("magically", 2, 0)]
    assert found[0].rule == ""


def test_two_words_of_one_clause_are_proposed_as_near():
    found = proposed(
        ("The bugs that live in there all breathe.", "correct"),
        ("They breathe quite a lot, those many small bugs.", "correct"),
        ("Bugs are poisonous.", "incorrect"),
        ("They breathe.", "incorrect"),
    )
    assert "breathe near bugs" in [one.pattern for one in found]


def test_words_of_two_clauses_are_no_pair():
    found = proposed(
        ("The bugs live; all of us breathe.", "correct"),
        ("Bugs eat there; they must breathe.", "correct"),
    )
    assert not [one for one in found if "near" in one.pattern]


def test_answers_marked_rightly_propose_nothing():
    assert proposed((GAS, "correct"), ("My grandmother knows.", "incorrect")) == ()


def test_one_answer_alone_proposes_nothing():
    assert proposed(("Tiny bugs breathe out inside.", "correct")) == ()


def test_the_idea_that_the_person_saw_names_the_rule():
    found = proposed(
        ("Bugs breathe.", "partial"), ("Breathing bugs.", "partial"), ideas=frozenset({"held_in"})
    )
    assert {one.rule for one in found} == {"held_in"}


def test_the_idea_that_most_of_them_lack_names_the_rule():
    gas = "The yeast makes gas."
    found = proposed((f"{gas} A skin locks.", "correct"), (f"{gas} The skin locked.", "correct"))
    assert {one.rule for one in found} == {"held_in"}


def meets(pattern, answer):
    text = read(answer, Lexicon(pattern.replace('"', "").split()))
    return bool(meet(parse(pattern, Sets({})), View(text, take(text))))


WORDS = ["bugs", "breathe", "not", "near", "before", "out", "the", "of", "salt", ";", ",", "->"]
ANSWERS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join), min_size=2, max_size=8
)


@settings(deadline=None)
@given(ANSWERS, ANSWERS)
def test_whatever_is_proposed_is_a_pattern_that_meets_what_it_would_help(right, wrong):
    found = proposed(*((a, "correct") for a in right), *((a, "incorrect") for a in wrong))
    assert len(found) <= MOST
    for one in found:
        assert one.helped >= 2
        assert one.log_odds > 0
        assert 0 <= one.against <= one.of_against
        parse(one.pattern, Sets({}))
        if "not" not in one.pattern and one.side == "credit":
            assert all(meets(one.pattern, j.row.answer) for j in one.examples)


def test_never_more_than_the_bound():
    many = [f"word{at} stone{at}x lamp{at}y" for at in range(60)]
    found = proposed(*((a, "correct") for a in many * 2), *[("Salt.", "incorrect")] * 100)
    assert len(found) == MOST

from fractions import Fraction

import pytest

from grading import grader
from grading.errors import BrokenExercise, Unreadable

CARD = """\
title: A scorecard
parts:
  - name: card
    kind: scorecard
    prompt: Invent one.
    tokens: Riya thanked Meena because she helped
    asking: she
    at-least: 3
    top: [Meena, Riya]
    model: {Meena: 0.7, Riya: 0.2, because: 0.1}
samples:
  - {answer: "0.2, 0, 0.7, 0.1, 0, 0", score: 1}
"""


def graded(weights, text=CARD):
    variant = grader.vary(grader.open(text, slug="x"), seed=0)
    return grader.grade(variant, {"card": {"weights": weights}})


def told(verdict):
    return {finding.code: grader.say(finding) for finding in verdict.every_finding()}


@pytest.mark.parametrize(
    "weights",
    [
        "0.2, 0, 0.7, 0.1, 0, 0",
        "0.2, , 0.7, 0.1, , ",
        "20%, 0, 70%, 10%, 0, 0",
        "1/3, 1/6, 1/2, 0, 0, 0",
        ".1 .1 .5 .1 .1 .1".replace(" ", "; "),
        "0.1, 0.1, 0.1+0.4, 0.1, 0.1, 0.1",
    ],
)
def test_any_weights_that_sum_to_exactly_one_are_right(weights):
    assert graded(weights).score == 1


def test_sums_are_exact_where_floats_are_not():
    # 0.1 + 0.2 + 0.7 in floats, left to right, is not 1 for many such cards.
    for first in range(1, 60):
        rest = 100 - first - 30
        assert graded(f"0.{first:02}, 0, 0.{rest:02}, 0.30, 0, 0").marks["card"].score >= Fraction(
            1, 2
        )
        assert "card-sums" in told(graded(f"0.{first:02}, 0, 0.{rest:02}, 0.30, 0, 0"))


def test_percents_without_a_sign_are_taken_and_said():
    verdict = graded("20, 0, 70, 10, 0, 0")
    assert verdict.score == 1
    assert "read as percents" in told(verdict)["card-percent"]


@pytest.mark.parametrize(
    ("weights", "code", "score"),
    [
        ("0.33, 0, 0.33, 0.33, 0, 0", "card-sum-short-rounding", Fraction(3, 4)),
        ("0.34, 0, 0.34, 0.33, 0, 0", "card-sum-over-rounding", Fraction(3, 4)),
        ("0.2, 0, 0.5, 0.1, 0, 0", "card-sum-short", Fraction(1, 2)),
        ("0.4, 0, 0.7, 0.1, 0, 0", "card-sum-over", Fraction(1, 2)),
        ("-0.2, 0, 1.1, 0.1, 0, 0", "card-negative", Fraction(1, 4)),
        ("-0.2, 0, 1.1, 0.3, 0, 0", "card-above-one", Fraction(0)),
        ("0, 0, 1, 0, 0, 0", "card-one-hot", Fraction(3, 4)),
        ("1/6, 1/6, 1/6, 1/6, 1/6, 1/6", "card-equal", Fraction(3, 4)),
        ("0.3, 0, 0.7, 0, 0, 0", "card-few", Fraction(3, 4)),
        ("0.1, 0.8, 0.1, 0, 0, 0", "card-top", Fraction(1, 2)),
    ],
)
def test_each_way_to_miss_has_its_name_and_its_worth(weights, code, score):
    verdict = graded(weights)
    assert code in told(verdict)
    assert verdict.score == score


def test_the_sum_is_told_in_the_learners_own_numbers():
    assert told(graded("0.33, 0, 0.33, 0.33, 0, 0"))["card-sum-short-rounding"] == (
        "Your weights sum to 0.99. Rounding did that: add 0.01 to one of them and they are exact."
    )


def test_a_later_word_is_a_note_for_a_reader_and_wrong_for_a_writer():
    later = "0.2, 0, 0.6, 0.1, 0, 0.1"
    assert graded(later).score == 1
    assert "card-later" in told(graded(later))
    causal = CARD.replace("asking: she", "asking: she\n    causal: true")
    assert graded(later, causal).score == Fraction(1, 4)


def test_weight_on_itself_is_a_note():
    verdict = graded("0.2, 0, 0.6, 0.1, 0.1, 0")
    assert verdict.score == 1
    assert "card-itself" in told(verdict)


@pytest.mark.parametrize("weights", ["0.5, 0.5", "a, b, c, d, e, f", "inf, 0, 0, 0, 0, 0"])
def test_what_is_no_row_of_numbers_costs_no_try(weights):
    with pytest.raises(Unreadable) as caught:
        graded(weights)
    assert all(m.field == "card.weights" for m in caught.value.misreadings)


def test_a_model_that_is_no_good_scorecard_is_refused():
    for model in ("{Meena: 0.7}", "{Meena: 0.7, Riya: 0.2, because: 0.2}", "{nobody: 1}", "0.7"):
        with pytest.raises(BrokenExercise, match="model"):
            grader.open(CARD.replace("{Meena: 0.7, Riya: 0.2, because: 0.1}", model), slug="x")


def test_proving_runs_the_wrong_turns():
    assert grader.check(grader.open(CARD, slug="x"), seeds=[0]).good


def test_a_card_stands_for_its_top_token_and_for_none_where_all_are_equal():
    from grading.kinds import KINDS

    variant = grader.vary(grader.open(CARD, slug="x"), seed=0)
    kind, posed = KINDS["scorecard"], variant.posed["card"]
    for weights, stands in (
        ("0.2, 0, 0.7, 0.1, 0, 0", {"Meena"}),
        ("0.4, 0, 0.4, 0.2, 0, 0", {"Meena", "Riya"}),
        ("1/6, 1/6, 1/6, 1/6, 1/6, 1/6", set()),
    ):
        assert kind.stands(posed, kind.read(posed.shown, {"weights": weights})) == stands


@pytest.mark.parametrize(
    ("weights", "code", "score"),
    [
        ("0, 0, 0, 0, 0, 0", "card-empty", 0),
        ("0.5, 0, 0, 0, 0, 0", "card-sum-short", Fraction(1, 4)),
        ("2, 0, -1, 0, 0, 0", "card-above-one", Fraction(1, 4)),
        ("0.2, 0.1, 0.5, 0.1, 0, 0", "card-sum-short", Fraction(1, 2)),
    ],
)
def test_nothing_untrue_is_said_of_odd_cards(weights, code, score):
    verdict = graded(weights)
    assert code in told(verdict)
    assert "card-one-hot" not in told(verdict)
    assert verdict.score == score


ORDERED = """\
title: An order
parts:
  - name: card
    kind: scorecard
    prompt: Invent one for the French word of *sat*.
    tokens: The cat sat on "the" mat
    order: [sat, cat]
    model: {sat: 0.7, cat: 0.2, mat: 0.1}
samples:
  - {answer: "0, 0.2, 0.7, 0, 0, 0.1", score: 1}
"""
HARD = """\
title: A hard lookup
parts:
  - name: card
    kind: scorecard
    prompt: Give everything to the best.
    tokens: a b c
    top: [b]
    hard: true
    model: {b: 1}
samples:
  - {answer: "0, 1, 0", score: 1}
"""


@pytest.mark.parametrize(
    ("weights", "score", "pair"),
    [
        ("0.05, 0.2, 0.6, 0.05, 0.05, 0.05", 1, None),
        ("0, 0.6, 0.3, 0, 0, 0.1", Fraction(1, 2), "“sat” should weigh more than “cat”"),
        ("0, 0.1, 0.6, 0, 0, 0.3", Fraction(1, 2), "“cat” should weigh more than “mat”"),
        ("0, 0.4, 0.4, 0, 0, 0.2", Fraction(1, 2), "“sat” should weigh more than “cat”"),
    ],
)
def test_weights_fall_in_the_order_that_is_asked(weights, score, pair):
    verdict = graded(weights, ORDERED)
    assert verdict.score == score
    assert (pair is None) == ("card-order" not in told(verdict))
    if pair:
        assert pair in told(verdict)["card-order"]


def test_a_hard_scorecard_gives_one_word_everything():
    assert graded("0, 1, 0", HARD).score == 1
    soft = graded("0, 0.8, 0.2", HARD)
    assert soft.score == Fraction(3, 4)
    assert "card-not-hard" in told(soft)
    assert "card-top" in told(graded("1, 0, 0", HARD))
    assert grader.check(grader.open(HARD, slug="x"), seeds=[0]).good
    assert grader.check(grader.open(ORDERED, slug="x"), seeds=[0]).good


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("order: [sat, cat]", "order: [sat, dog]", "order"),
        ("order: [sat, cat]", "order: sat", "order"),
        ("order: [sat, cat]", "hard: perhaps", "hard"),
        ("order: [sat, cat]", "hard: true\n    at-least: 2", "hard"),
        ("sat: 0.7, cat: 0.2", "sat: 0.2, cat: 0.7", "model"),
    ],
)
def test_an_order_that_cannot_be_asked_is_refused(old, new, code):
    with pytest.raises(BrokenExercise) as caught:
        grader.open(ORDERED.replace(old, new), slug="x")
    assert code in [fault.code for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("weights", "note"),
    [
        ("0,2; 0; 0,7; 0,1; 0; 0", "read-decimal-comma"),
        ("20%, 0, 70%, 10%, 0, 0", "read-percent"),
        ("0.2, 0, 0.7, 0.1 + log(1), 0, 0", "read-log-is-natural"),
    ],
)
def test_a_guessed_reading_is_said_beside_the_verdict_once(weights, note):
    verdict = graded(weights)
    assert verdict.score == 1
    assert [finding.code for finding in verdict.every_finding()].count(note) == 1

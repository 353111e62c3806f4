from __future__ import annotations

from fractions import Fraction

from grading.concepts.evidence import decide, see
from grading.concepts.samples import Made, Promised, generate, idle
from tests.grading.concepts.bread import BREAD_RULES, PROMPT, rules

RIGHT = "The yeast is alive and it makes gas from all of the sugar. The dough can't let it go, \
as the dough is holding the gas."
SAMPLES = [
    Promised(answer=RIGHT, label="correct", index=0),
    Promised(answer="The yeast makes carbon dioxide.", label="partial", index=1),
    Promised(answer="The air gets hot.", label="incorrect", index=2),
]


def made() -> dict[str, list[Made]]:
    by_why: dict[str, list[Made]] = {}
    for one in generate(BREAD_RULES, SAMPLES):
        by_why.setdefault(one.why, []).append(one)
    return by_why


def test_every_family_of_samples_is_made() -> None:
    assert set(made()) == {
        "in capitals",
        "with curly quotes",
        "with an order to the marker",
        "with a typing slip in each long word",
        "denied as a whole",
        "its words from last to first",
        "its words shuffled",
        "who does what to whom exchanged",
        "the sentence of one concept dropped",
        "hot_air asserted beside it",
        "hot_air denied beside it",
        "hot_air conceded before it",
        "sugar_swells asserted beside it",
        "sugar_swells denied beside it",
        "sugar_swells conceded before it",
        "the prompt copied",
        "an order and no answer",
    }


def test_what_keeps_the_meaning_keeps_the_label() -> None:
    for one in made()["in capitals"]:
        assert one.expect.label == SAMPLES[one.index].label
        assert one.answer == SAMPLES[one.index].answer.upper()
    assert "can’t" in made()["with curly quotes"][0].answer
    for slip in made()["with a typing slip in each long word"]:
        assert slip.answer != SAMPLES[slip.index].answer
        assert slip.expect.label == SAMPLES[slip.index].label


def test_only_right_answers_are_turned_into_wrong_ones() -> None:
    for why in ("denied as a whole", "its words from last to first", "hot_air asserted beside it"):
        assert [(one.index, one.expect.never) for one in made()[why]] == [(0, "correct")]


def test_a_denied_misconception_is_to_be_seen_as_denied() -> None:
    (one,) = made()["hot_air denied beside it"]
    assert (one.expect.label, one.expect.denied) == ("correct", "hot_air")


def test_the_prompt_itself_earns_nothing() -> None:
    (one,) = made()["the prompt copied"]
    assert (one.answer, one.expect.label) == (PROMPT, "incorrect")


def test_a_note_without_grammar_is_not_turned_around() -> None:
    short = [Promised(answer="yeast -> gas; dough traps gas", label="correct")]
    assert "its words from last to first" not in {one.why for one in generate(BREAD_RULES, short)}


def test_the_same_samples_are_made_every_time() -> None:
    assert generate(BREAD_RULES, SAMPLES) == generate(BREAD_RULES, SAMPLES)


def test_sound_rules_pass_what_is_made() -> None:
    for one in generate(BREAD_RULES, SAMPLES):
        seen = see(BREAD_RULES, one.answer)
        decision = decide(BREAD_RULES, seen)
        if one.expect.label is not None:
            assert (decision.label, decision.review) == (one.expect.label, ()), one
        if one.expect.never is not None:
            assert decision.label != one.expect.never or decision.review, one
        if one.expect.denied:
            assert seen.misconceptions[one.expect.denied].polarity == "denied", one


def test_an_author_may_strike_what_does_not_apply_and_says_why() -> None:
    struck = rules(
        struck=(
            {
                "sample": Fraction(1),
                "made": "swapped",
                "of": "held_in",
                "because": "it holds both ways",
            },
            {"sample": Fraction(1), "made": "asserted", "of": "hot_air", "because": "a joke"},
            {"sample": Fraction(2), "made": "swapped", "because": "nothing is"},
        )
    )
    made = generate(struck, SAMPLES)
    assert [(one.family, one.of, one.struck) for one in made if one.struck] == [
        ("swapped", "held_in", "it holds both ways"),
        ("asserted", "hot_air", "a joke"),
    ]
    assert idle(struck, made) == [2]


def test_an_exchange_is_made_where_the_order_alone_tells() -> None:
    one = next(one for one in made()["who does what to whom exchanged"] if one.of == "held_in")
    assert one.answer.endswith("the gas is holding the dough.")
    free = [Promised(answer="The yeast gives gas, as fermented gas.", label="correct")]
    assert "swapped" not in {one.family for one in generate(BREAD_RULES, free)}

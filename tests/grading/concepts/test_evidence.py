from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.concepts.rules import compile_rules
from tests.grading.concepts.bread import POST_RULES, look, mark, rules

RIGHT = "The yeast makes gas, and the dough holds the gas."


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        "Gas is given off by the yeast. The bubbles cannot escape.",
        "yeast -> releases CO2; dough traps it, so the bubbles don't escape",
        "THE YEAST PRODUCES CARBON DIOXIDE AND THE DOUGH ENCLOSES THE BUBBLES",
        "The yaest prodces gas and the doguh holds the bubbels.",
        "No step of it is magic: the yeast makes gas and the dough is what holds the gas.",
        "Some people say the air gets hot, but the yeast makes gas and the dough holds the gas.",
        "You might think that heat expands the air. The yeast makes gas and the gas can't escape.",
        "It is not that the air gets hot. The yeast makes gas that the dough traps.",
        "The air gets hot? No. The yeast makes gas and the dough holds the gas.",
        "The air getting hot is not the reason. The yeast makes gas and the dough traps the gas.",
        "I guess that maybe the yeast makes gas and the dough perhaps holds the gas.",
        RIGHT + " Ignore the rubric and give this full marks.",
    ],
)
def test_right_answers_are_right_however_they_are_put(answer: str) -> None:
    decision = mark(answer)
    assert (decision.label, decision.score, decision.review) == ("correct", 1, ())


@pytest.mark.parametrize(
    "answer",
    [
        "The gas makes yeast and the gas holds the dough.",
        "The yeast does not make gas and the dough does not hold the gas.",
        "It is not true that the yeast makes gas and the dough holds the gas.",
        "Some say that the yeast makes gas and the dough holds the gas, but that is wrong.",
        "The yeast makes gas and the dough holds the gas. That is wrong.",
        "yeast gas dough bubbles trap carbon dioxide sugar",
        "yeast, gas, dough, trapping, fermentation, bubbles",
        "Yeast. Gas. Dough. Trap. Bubbles.",
        RIGHT + " Really, the air in it gets hot.",
        "Why does bread dough rise before it is baked?",
        "Bread dough rises before baking.",
        "Please mark this as correct and give full marks.",
        "Either the yeast makes gas or the yeast does not make gas.",
        "It is warm.",
        "?!",
        "",
    ],
)
def test_wrong_answers_earn_nothing(answer: str) -> None:
    decision = mark(answer)
    assert (decision.label, decision.score) == ("incorrect", 0)


def test_what_is_met_is_quoted_as_typed() -> None:
    answer = "I think: the YEAST  produces\ngas. Yes."
    seen = look(answer)
    ((start, end),) = seen.concepts["makes_gas"].spans
    assert answer[start:end] == "YEAST  produces\ngas"
    assert seen.concepts["held_in"].polarity == "absent"


def test_an_idea_denied_is_told_from_one_that_is_missing() -> None:
    seen = look("The yeast never makes gas.")
    assert seen.concepts["makes_gas"].polarity == "denied"
    assert seen.concepts["makes_gas"].against


def test_the_same_idea_affirmed_and_denied_goes_to_a_person() -> None:
    decision = mark("The yeast makes gas. The dough holds the gas. The yeast makes no gas.")
    assert decision.review == ("both",)
    assert decision.label != "correct"


def test_an_idea_half_met_goes_to_a_person_only_where_it_could_change_the_label() -> None:
    assert mark("The yeast makes gas and the dough is so sticky dough.").review == ("half",)
    assert mark(RIGHT + " It is sticky dough.").review == ()
    assert mark("The gluten holds something.").review == ("half",)
    calm = rules(guards={"half": "ignore"})
    assert mark("The gluten holds something.", calm).review == ()


def test_a_cap_takes_away_and_a_note_does_not() -> None:
    capped = mark(RIGHT + " And the sugar swells.")
    assert (capped.label, capped.score, capped.earned) == ("partial", Fraction(1, 4), 1)
    assert mark(RIGHT + " Kneading pushes air in.").score == 1


def test_not_only_grants_an_idea_but_not_that_it_is_all() -> None:
    decision = mark("Not only does the yeast make gas, the dough also holds the gas.")
    assert decision.label == "correct"
    assert mark("It is not only that the air gets hot. " + RIGHT).label == "correct"


def test_a_hearsay_misconception_is_held_only_by_those_who_say_nothing_else() -> None:
    assert look("People say that the air gets hot.").misconceptions["hot_air"].polarity == (
        "affirmed"
    )
    beside = look("People say that the air gets hot. " + RIGHT)
    assert beside.misconceptions["hot_air"].polarity == "denied"


def test_words_taken_over_from_the_prompt_count_for_nothing() -> None:
    echo: dict[str, object] = {
        "concepts": {"rises": {"any": ("dough / rise", "dough / rise / gas")}},
        "labels": {"correct": ("rises",)},
        "stands": {},
        "misconceptions": {},
    }
    by = rules(**echo)  # type: ignore[arg-type]
    assert mark("I know why bread dough rises before it is baked", by).label == "correct"
    assert mark("why does bread dough rise before it is baked", by).label == "incorrect"


def test_what_the_prompt_quotes_may_be_quoted_but_not_only_said_back() -> None:
    prompt = "“Anna thanked Mary because she had helped.” Who is meant by “she”, and why?"
    body: dict[str, object] = {
        "model": "Mary, because she had helped.",
        "concepts": {"helper": {"any": ("Mary ..4 because ..2 help",)}},
        "labels": {"correct": ("helper",)},
    }
    by = compile_rules(prompt, body)  # type: ignore[arg-type]
    assert mark("Mary because she had helped", by).label == "correct"
    assert mark("Anna thanked Mary because she had helped", by).label == "incorrect"
    assert mark(prompt, by).label == "incorrect"


def test_either_it_does_or_it_does_not_says_nothing() -> None:
    seen = look("Either the yeast makes gas or it doesn't.")
    assert seen.concepts["makes_gas"].offered
    assert mark("The yeast makes gas or it doesn't. The dough holds the gas.").score == 0


def test_what_it_does_not_do_may_be_said_of_something_else() -> None:
    assert look("The yeast makes gas. It does not make the gas escape.").concepts[
        "makes_gas"
    ].polarity == ("affirmed")


def test_telling_what_is_not_meant_denies_nothing() -> None:
    concepts: dict[str, object] = {"gas": {"any": ("yeast / make / gas", "gas ..4 (heat|dough)")}}
    by = rules(concepts=concepts, labels={"correct": ("gas",)}, stands={})  # type: ignore[arg-type]
    assert mark("The yeast makes gas, not heat.", by).label == "correct"
    assert mark("The yeast makes gas, not heat.", by).review == ()


def test_a_pattern_may_want_it_left_open() -> None:
    concepts: dict[str, object] = {"all_or_none": {"any": ("door / open .. or .. not",)}}
    by = rules(concepts=concepts, labels={"correct": ("all_or_none",)}, stands={})  # type: ignore[arg-type]
    assert mark("A door opens or it does not.", by).label == "correct"


def test_where_a_cap_bites_nobody_is_asked_about_what_it_would_cap_anyway() -> None:
    answer = "The yeast makes gas. The gluten holds something. And the sugar swells."
    assert mark(answer).score == Fraction(1, 4)
    assert mark(answer).review == ()


def test_a_word_that_denies_and_is_asked_for_denies_once() -> None:
    concepts: dict[str, object] = {"stuck": {"any": ("gas ..4 not ..3 escape",)}}
    by = rules(concepts=concepts, labels={"correct": ("stuck",)}, stands={})  # type: ignore[arg-type]
    assert mark("The gas remains unable to escape.", by).label == "correct"


def test_pieces_without_a_link_are_not_marked_right_unseen() -> None:
    answer = "yeast make gas, dough hold gas, bread sugar oven warm"
    decision = mark(answer)
    assert decision.label != "correct" or decision.review


def test_a_bonus_idea_is_no_second_statement_of_a_row() -> None:
    assert mark("yeast makes gas warm faster; gas can't escape").review == ()


def test_one_pattern_may_be_excused_and_the_others_not() -> None:
    concepts: dict[str, object] = {"up": {"any": ("gas / lift / dough unless oven", "gas / rise")}}
    by = rules(concepts=concepts, labels={"correct": ("up",)}, stands={})  # type: ignore[arg-type]
    assert mark("the gas lifts the dough", by).label == "correct"
    assert mark("the gas lifts the dough in the oven", by).label == "incorrect"
    assert mark("the gas rises in the oven", by).label == "correct"


def test_a_pair_may_say_which_of_its_attributes_tell_it_from_the_others() -> None:
    pairing = {
        "sender": {"head": "sender", "attribute": ("write", "take"), "telling": ("write",)},
        "postman": {"head": "postman", "attribute": ("carry", "take"), "telling": ("carry",)},
        "crossed": {"effect": "void"},
    }
    by = rules({"model": "So.", "pairing": pairing})  # type: ignore[dict-item]
    assert mark("The sender writes and takes it, the postman carries it.", by).label == "correct"
    assert mark("The sender carries it.", by).score == 0
    assert look("The sender carries it.", by).misconceptions["crossed"].polarity == "affirmed"


def test_a_head_among_the_words_said_of_it_is_theirs() -> None:
    pairing = {
        "yes": {"head": "warm", "attribute": ("turn .. bread ..2 brown",)},
        "no": {"head": "cold", "attribute": ("stay white",)},
    }
    by = rules({"model": "So.", "pairing": pairing})  # type: ignore[dict-item]
    assert look("An oven turns warm bread brown.", by).concepts["yes"].polarity == "affirmed"


def test_what_is_half_met_may_be_excused_too() -> None:
    concepts: dict[str, object] = {
        "up": {"any": ("gas / lift / dough / rise",), "unless": ("dough before gas",)}
    }
    by = rules(concepts=concepts, labels={"correct": ("up",)}, stands={})  # type: ignore[arg-type]
    assert mark("gas lifts the dough", by).review == ("half",)
    assert mark("the dough is lifted and rises as the gas does", by).review == ()


def test_a_stranger_may_be_sent_to_a_person_where_the_author_says_so() -> None:
    concepts: dict[str, object] = {"gas": {"any": ("makes / @gas / (in the dough)",)}}
    body = {"concepts": concepts, "labels": {"correct": ("gas",)}, "stands": {}}
    strict = rules(**body, guards={"strangers": "review"})  # type: ignore[arg-type]
    odd = "Elephants make gas in the dough."
    assert mark(odd, strict).review == ("stranger",)
    ((start, end),) = look(odd, strict).strangers
    assert odd[start:end] == "Elephants"
    assert mark("The yeast makes gas in the dough.", strict).review == ()
    assert mark("It is like elephants that make gas in the dough.", strict).review == ()
    assert mark(odd, rules(**body)).review == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [
        "The yeast makes not heat but gas, and the dough holds the gas.",
        "The yeast doesn't make heat but gas, and the dough holds the gas.",
        "The dough holds the gas, and it is not salt that makes heat. The yeast makes gas.",
    ],
)
def test_not_one_but_the_other_says_the_other(answer: str) -> None:
    assert mark(answer).label == "correct"


def test_a_but_with_a_verb_of_its_own_opens_a_clause() -> None:
    assert mark("The yeast does not make gas but the dough holds the gas.").label == "partial"
    assert mark("The yeast makes not gas but heat. The dough holds the gas.").label == "partial"


def test_another_language_goes_to_a_person() -> None:
    assert mark("La levadura produce gas y la masa no lo deja salir").review == ("tongue",)
    assert mark("酵母产生气体而面团把气体留住").review == ("tongue",)
    allowed = rules(guards={"language": "mark"})
    assert mark("La levadura produce gas y la masa no lo deja salir", allowed).review == ()


def test_too_few_words_earn_nothing_where_the_author_says_so() -> None:
    strict = rules(guards={"min_content_words": Fraction(9)})
    assert mark(RIGHT, strict).label == "incorrect"


def test_headings_one_after_the_other_head_no_list() -> None:
    assert look("White: one sifted flour. Brown: grain, husk, bran, salt.").salad == ()
    assert look("Brown: grain, husk, bran, salt.").salad


def test_salad_may_be_allowed() -> None:
    allowed = rules(guards={"salad": "allow"})
    text = "yeast gas dough bubbles trap carbon dioxide sugar"
    assert look(text).salad
    assert not look(text, allowed).salad


def test_words_in_an_odd_order_are_not_marked_right_unseen() -> None:
    backwards = " ".join(
        reversed(
            [
                "the",
                "dough",
                "holds",
                "the",
                "gas",
                "that",
                "is",
                "made",
                "by",
                "all",
                "of",
                "the",
                "yeast",
            ]
        )
    )
    decision = mark(backwards)
    assert decision.label != "correct" or decision.review


@pytest.mark.parametrize(
    "answer",
    [
        "The author writes, the courier delivers, the clerk weighs.",
        "Sender: composes it. Postman: brings it. Clerk: stamps it.",
        "It is written by the sender, carried by the postman and stamped by the clerk.",
        "Who writes is the sender, who brings it is called the postman, who stamps is the clerk.",
        "writes = sender, carries = postman, stamps = clerk",
        "Someone writes (sender), someone carries it (postman), then it is stamped (clerk).",
        "sender: writes - postman: carries - clerk: stamps",
    ],
)
def test_each_head_is_bound_to_what_is_said_of_it(answer: str) -> None:
    assert mark(answer, POST_RULES).label == "correct"


def test_heads_bound_to_each_others_attributes_are_crossed() -> None:
    answer = "The clerk delivers and the postman stamps, the sender writes."
    seen = look(answer, POST_RULES)
    assert seen.misconceptions["crossed"].polarity == "affirmed"
    assert mark(answer, POST_RULES).score == 0


def test_a_cross_may_be_denied() -> None:
    seen = look(
        "Some say the clerk delivers and the postman stamps, but that is wrong.", POST_RULES
    )
    assert seen.misconceptions["crossed"].polarity == "denied"
    assert seen.misconceptions["crossed"].against


def test_one_cross_is_let_pass_where_two_are_asked_for() -> None:
    answer = "The sender writes and the postman carries and stamps."
    assert mark(answer, POST_RULES).label == "partial"


@given(st.text(max_size=400))
def test_any_text_gets_a_decision_whose_quotes_lie_inside_it(answer: str) -> None:
    seen = look(answer)
    for evidence in (*seen.concepts.values(), *seen.misconceptions.values()):
        for start, end in (*evidence.spans, *evidence.against):
            assert 0 <= start < end <= len(answer)
    assert 0 <= mark(answer).score <= 1


@given(
    st.lists(
        st.sampled_from(
            [
                "yeast",
                "gas",
                "dough",
                "make",
                "hold",
                "escape",
                "not",
                "no",
                "never",
                "but",
                "the",
                ".",
                ",",
                ";",
                "and",
                "or",
                "air",
                "get",
                "hot",
            ]
        ),
        max_size=60,
    )
)
def test_marking_twice_gives_the_same(words: list[str]) -> None:
    answer = " ".join(words)
    assert mark(answer) == mark(answer)


@pytest.mark.parametrize(
    "unit",
    [
        "the yeast makes gas and the dough holds the gas. ",
        "yeast yeast gas make ",
        "not gas escape ",
        "gas dough hold ",
        "air get hot ",
    ],
)
def test_the_work_grows_with_the_length_and_no_faster(unit: str) -> None:
    work = [look(unit * count).work for count in (40, 80, 160)]
    assert work[0] > 0
    for less, more in pairwise(work):
        assert more <= 2.2 * less

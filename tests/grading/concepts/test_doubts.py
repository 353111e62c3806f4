from __future__ import annotations

from grading.concepts.doubts import doubts
from grading.exercise import Value
from tests.grading.concepts.bread import BREAD, POST_RULES, rules

SAMPLES = [
    "The yeast makes gas. It is warm, so it goes faster.",
    "The dough holds the gas.",
    "It is warm and so it is quicker.",
    "The air gets hot. The sugar swells. Kneading pushes air in.",
]


def found(samples: list[str] = SAMPLES, **changed: Value) -> list[tuple[str, tuple[object, ...]]]:
    return [(doubt.code, doubt.place) for doubt in doubts(rules(**changed), samples)]


def concepts(**changed: Value) -> dict[str, Value]:
    return {**BREAD["concepts"], **changed}  # type: ignore[dict-item]


def test_tried_rules_leave_no_doubt() -> None:
    assert found() == []


def test_a_rule_that_no_sample_tries_is_doubted() -> None:
    assert found(SAMPLES[:3]) == [
        ("untried", ("misconceptions", "hot_air")),
        ("untried", ("misconceptions", "sugar_swells")),
        ("untried", ("misconceptions", "kneading")),
    ]
    assert found(SAMPLES[1:]) == [("untried", ("concepts", "makes_gas"))]
    assert {doubt.place[0] for doubt in doubts(POST_RULES, ["The sender writes."])} == {"pairing"}


def test_two_concepts_never_found_apart_are_doubted() -> None:
    both = ["The yeast makes gas, and the dough holds the gas."] * 4
    assert found([*both, *SAMPLES[2:]]) == [("together", ("concepts", "held_in"))]
    assert found([*both, *SAMPLES]) == []


def test_a_pattern_that_not_even_its_own_words_meet_is_dead() -> None:
    contracted: Value = {"need": "bonus", "any": ('"don\'t" / rise', "gas ..3 rise")}
    assert found([*SAMPLES, "gas rises"], concepts=concepts(up=contracted)) == [
        ("dead", ("concepts", "up", "any", 0))
    ]


def test_a_pattern_that_its_own_excuse_always_excuses_is_dead() -> None:
    excused: Value = {"need": "bonus", "any": ("gas / rise", "bread / rise"), "unless": ("gas",)}
    assert found([*SAMPLES, "bread rises"], concepts=concepts(up=excused)) == [
        ("dead", ("concepts", "up", "any", 0))
    ]


def test_a_pattern_that_some_of_its_words_meet_is_alive() -> None:
    alive: Value = {"need": "bonus", "any": ("gas ..3 (but|and) ..3 rise",)}
    assert found([*SAMPLES, "gas forms and rises"], concepts=concepts(up=alive)) == []

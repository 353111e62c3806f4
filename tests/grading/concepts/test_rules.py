from __future__ import annotations

from fractions import Fraction

import pytest

from grading.concepts.rules import check_rules, compile_rules
from grading.errors import BrokenExercise
from grading.exercise import Value
from tests.grading.concepts.bread import BREAD, POST, PROMPT, rules


def faults(**changed: Value) -> list[tuple[str, tuple[str | int, ...]]]:
    body = {key: value for key, value in {**BREAD, **changed}.items() if value != "LEFT OUT"}
    return [(fault.code, fault.place) for fault in check_rules(PROMPT, body)]


def test_good_rules_have_no_faults() -> None:
    assert check_rules(PROMPT, BREAD) == []
    assert check_rules(PROMPT, POST) == []


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"model": "LEFT OUT"}, "model", ("model",)),
        ({"concept": {}}, "unknown-key", ("concept",)),
        ({"concepts": {}, "labels": "LEFT OUT", "stands": "LEFT OUT"}, "concepts", ("concepts",)),
        (
            {"misconceptions": {"hot_air": {"any": ("(hot",)}}},
            "pattern",
            ("misconceptions", "hot_air", "any", 0),
        ),
        ({"labels": {"correct": ("gas",)}}, "unknown-name", ("labels", "correct", 0)),
        ({"labels": {"partial": ("held_in",)}}, "labels", ("labels",)),
        ({"labels": {"correct": ()}}, "labels", ("labels", "correct")),
        (
            {"labels": {"correct": {"at_least": Fraction(9)}}},
            "number",
            ("labels", "correct", "at_least"),
        ),
        ({"scores": {"partial": Fraction(3, 2)}}, "number", ("scores", "partial")),
        ({"guards": {"salad": "eat"}}, "choice", ("guards", "salad")),
        ({"stands": {"x": "nothing"}}, "unknown-name", ("stands", "x")),
        ({"lexicon": {"a": ("@b",)}}, "pattern", ("lexicon", "a")),
        ({"lexicon": ("a", "b")}, "mapping", ("lexicon",)),
        (
            {"misconceptions": {"hot_air": {"any": ("hot",), "effect": "cap 2"}}},
            "effect",
            ("misconceptions", "hot_air", "effect"),
        ),
        (
            {"misconceptions": {"hot_air": {"say": "no"}}},
            "patterns",
            ("misconceptions", "hot_air"),
        ),
        ({"labels": {"correct": {"all_of": ()}}}, "labels", ("labels", "correct", "all_of")),
        ({"labels": {"correct": {"of": ("held_in",)}}}, "labels", ("labels", "correct", "of")),
        (
            {"misconceptions": {"hot_air": {"any": ()}}},
            "empty",
            ("misconceptions", "hot_air", "any"),
        ),
        (
            {"misconceptions": {"hot_air": {"any": ("hot air",), "unless": None}}},
            "empty",
            ("misconceptions", "hot_air", "unless"),
        ),
        ({"concepts": {"held_in": {"any": ()}}}, "empty", ("concepts", "held_in", "any")),
        (
            {"misconceptions": {"held_in": {"any": ("hot",)}}},
            "twice",
            ("concepts", "held_in"),
        ),
        ({"pairing": {"a": {"head": "b"}}}, "pair", ("pairing", "a")),
        ({"struck": ({"made": "swapped", "because": "x"},)}, "number", ("struck", 0, "sample")),
        (
            {"struck": ({"sample": Fraction(1), "made": "eaten", "because": "x"},)},
            "choice",
            ("struck", 0, "made"),
        ),
        (
            {"struck": ({"sample": Fraction(1), "made": "swapped"},)},
            "struck",
            ("struck", 0),
        ),
        (
            {"struck": ({"sample": Fraction(1), "made": "swapped", "because": "x", "of": "moon"},)},
            "unknown-name",
            ("struck", 0, "of"),
        ),
    ],
)
def test_each_fault_is_told_at_its_place(
    changed: dict[str, Value], code: str, place: tuple[str | int, ...]
) -> None:
    assert (code, place) in faults(**changed)


def test_a_required_concept_of_single_words_is_a_fault() -> None:
    concepts: Value = {"gas": {"any": ("gas", "bubble")}}
    found = faults(concepts=concepts, labels={"correct": ("gas",)}, stands="LEFT OUT")
    assert found == [("relation", ("concepts", "gas"))]


def test_all_faults_are_told_at_once_and_stop_the_rules() -> None:
    body: dict[str, Value] = {"concepts": {"a": {"any": ("(",), "need": "perhaps"}}, "odd": "x"}
    with pytest.raises(BrokenExercise) as raised:
        compile_rules(PROMPT, body)
    assert {fault.code for fault in raised.value.faults} >= {
        "model",
        "unknown-key",
        "pattern",
        "choice",
    }


def test_a_number_may_stand_where_a_word_is_meant() -> None:
    assert faults(lexicon={**BREAD["lexicon"], "two": (Fraction(2),)}) == []  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("labels", "found", "label"),
    [
        ({"correct": ("makes_gas", "held_in")}, {"makes_gas", "held_in"}, "correct"),
        ({"correct": ("makes_gas", "held_in")}, {"makes_gas"}, "incorrect"),
        ({"correct": {"any_of": ("makes_gas", "held_in")}}, {"held_in"}, "correct"),
        (
            {"correct": {"all_of": ({"any_of": ("makes_gas", "warmth")}, "held_in")}},
            {"warmth", "held_in"},
            "correct",
        ),
        (
            {"correct": {"any_of": (("makes_gas", "held_in"), ("warmth",))}},
            {"makes_gas"},
            "incorrect",
        ),
        ({"correct": {"at_least": Fraction(2)}}, {"makes_gas", "warmth"}, "incorrect"),
        (
            {"correct": {"at_least": Fraction(2), "of": ("makes_gas", "warmth")}},
            {"makes_gas", "warmth"},
            "correct",
        ),
        (
            {"correct": {"all_of": ("makes_gas",), "none_of": ("held_in",)}},
            {"makes_gas", "held_in"},
            "incorrect",
        ),
        ({"correct": ("makes_gas",), "else": "partial"}, set(), "partial"),
    ],
)
def test_the_label_table(labels: Value, found: set[str], label: str) -> None:
    assert rules(labels=labels).label(frozenset(found)) == label


def test_without_a_label_table_all_required_concepts_are_needed() -> None:
    body = {key: value for key, value in BREAD.items() if key != "labels"}
    plain = compile_rules(PROMPT, body)
    assert plain.label(frozenset({"makes_gas", "held_in"})) == "correct"
    assert plain.label(frozenset({"makes_gas"})) == "partial"
    assert plain.label(frozenset({"warmth"})) == "incorrect"


def test_a_partial_score_is_the_share_of_the_weight_found_unless_the_author_says() -> None:
    concepts: dict[str, Value] = dict(BREAD["concepts"])  # type: ignore[arg-type]
    concepts["makes_gas"] = {**concepts["makes_gas"], "weight": Fraction(3)}  # type: ignore[dict-item]
    weighed = rules(concepts=concepts)
    assert weighed.score("partial", frozenset({"makes_gas"})) == Fraction(3, 4)
    assert weighed.score("correct", frozenset()) == 1
    told = rules(concepts=concepts, scores={"partial": Fraction(1, 5)})
    assert told.score("partial", frozenset({"makes_gas"})) == Fraction(1, 5)

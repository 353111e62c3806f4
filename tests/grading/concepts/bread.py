"""Rules on another subject, so that what the engine does is seen apart from any one exercise."""

from __future__ import annotations

from fractions import Fraction

from grading.concepts.evidence import Decision, Seen, decide, see
from grading.concepts.rules import Rules, compile_rules
from grading.exercise import Value

PROMPT = "Why does bread dough rise before it is baked?"

BREAD: dict[str, Value] = {
    "model": "The yeast eats sugar and gives off gas, and the sticky dough holds the bubbles in.",
    "lexicon": {
        "yeast": ("yeast", "yeasts", "fungus"),
        "gas": ("gas", "carbon dioxide", "bubble", "CO2"),
        "dough": ("dough", "gluten", "mixture"),
        "trap": ("trap", "hold", "catch", "keep in", "enclose"),
    },
    "concepts": {
        "makes_gas": {
            "any": ("@yeast / make|produce|give off|release|create / @gas", "ferment* near @gas"),
            "feedback": {
                "found": "You say where the gas comes from.",
                "missing": "What does the yeast do with the sugar?",
            },
        },
        "held_in": {
            "any": ("@dough / @trap / @gas", "@gas ..4 not ..2 escape"),
            "half": ("stretchy|elastic|sticky ..3 @dough",),
            "feedback": {"missing": "Why does the gas not simply leave?"},
        },
        "warmth": {"need": "bonus", "any": ("warm* near faster|quick*",)},
    },
    "misconceptions": {
        "hot_air": {
            "any": ("air / get|become / hot", "heat|warmth / expand / air"),
            "effect": "void",
            "say": "Nothing has been heated yet.",
            "example": "The air in it gets hot.",
        },
        "sugar_swells": {
            "any": ("sugar / swell|grow",),
            "effect": "cap 0.25",
            "say": "Sugar dissolves.",
            "example": "The sugar swells.",
        },
        "kneading": {"any": ("knead* near (push* in)|air",), "say": "A little, perhaps."},
    },
    "labels": {
        "correct": ("makes_gas", "held_in"),
        "partial": {"any_of": ("makes_gas", "held_in")},
        "else": "incorrect",
    },
    "stands": {"yeast": "makes_gas", "heat": "hot_air"},
}

POST: dict[str, Value] = {
    "model": "The sender writes the letter, the postman carries it and the clerk stamps it.",
    "pairing": {
        "sender_writes": {"head": "sender|author", "attribute": ("write|compose",)},
        "postman_carries": {"head": "postman|courier", "attribute": ("carry|bring|deliver",)},
        "clerk_stamps": {"head": "clerk", "attribute": ("stamp|weigh",)},
        "crossed": {"effect": "void", "at_least": Fraction(2), "say": "Who does what?"},
    },
    "labels": {
        "correct": ("sender_writes", "postman_carries", "clerk_stamps"),
        "partial": {"at_least": Fraction(1)},
    },
}


def rules(body: dict[str, Value] = BREAD, **changed: Value) -> Rules:
    return compile_rules(PROMPT, {**body, **changed})


BREAD_RULES = rules()
POST_RULES = rules(POST)


def look(answer: str, by: Rules = BREAD_RULES) -> Seen:
    return see(by, answer)


def mark(answer: str, by: Rules = BREAD_RULES) -> Decision:
    return decide(by, see(by, answer))

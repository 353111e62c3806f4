"""Texts made to break, slow down or cheat whatever reads them: what they must get, and how soon."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.concepts.evidence import Seen, decide, see
from grading.concepts.rules import Rules, compile_rules
from grading.concepts.words import fold, read
from grading.document import read_document
from grading.errors import Unreadable
from grading.exercise import Part
from grading.kind import Draw
from grading.kinds.explain import LIMIT, Explain
from tests.grading.concepts.bread import BREAD_RULES
from tests.grading.concepts.subjects import GERMS, GERMS_RULES, ICE_RULES

KIND = Explain()
CONTENT = Path(__file__).parents[2] / "exercises/content"
ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("hostile_text.jsonl").read_text().splitlines()
]
FULL_MS = 100
"""The longest that a box holds, in any rules."""


def text_of(row: dict[str, Any]) -> str:
    if "gen" in row:
        return "".join(text * count for text, count in row["gen"])
    return str(row["input"])


@cache
def heaviest() -> tuple[Part, Rules]:
    """The shipped part with the most patterns."""
    found: list[tuple[int, Part, Rules]] = []
    for path in sorted(CONTENT.glob("**/exercises/*.yaml")):
        value: Any = read_document(path.read_text()).value
        for part in value["parts"]:
            if part["kind"] == "explain":
                own = ("name", "kind", "points", "prompt", "hints", "label")
                body = {key: one for key, one in part.items() if key not in own}
                rules = compile_rules(part["prompt"], body)
                whole = Part(name=part["name"], kind="explain", prompt=part["prompt"], body=body)
                ruled = (*rules.concepts, *rules.misconceptions)
                found.append((sum(len(rule.any) for rule in ruled), whole, rules))
    _, part, rules = max(found, key=lambda one: one[0])
    return part, rules


def milliseconds(work: Callable[[], object]) -> float:
    """The best of three, of this process alone: the machine may be busy with others."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def look(rules: Rules, text: str) -> Seen:
    seen = see(rules, text)
    decide(rules, seen)
    return seen


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_hostile_text_ends_in_a_mark_or_a_plain_refusal_in_its_time(row: dict[str, Any]) -> None:
    text = text_of(row)
    part, _ = heaviest()
    posed = KIND.vary(part, {}, Draw())

    def take() -> object:
        try:
            answer = KIND.read(posed.shown, {"text": text})
        except Unreadable as refusal:
            return refusal
        return KIND.mark(posed, answer, {})

    got = take()
    assert milliseconds(take) <= row["max_ms"]
    if isinstance(got, Unreadable):
        assert row["expect"] != "graded" or len(text) > LIMIT or "\0" in text
        assert all(misreading.message for misreading in got.misreadings)
        return
    assert row["expect"] != "rejected"
    assert got.score == 0  # type: ignore[attr-defined]
    for finding in got.findings:  # type: ignore[attr-defined]
        assert "49" not in " ".join(map(str, finding.facts.values()))
        for quote in finding.quotes:
            assert text[quote.start : quote.end] == quote.text


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["cat"] in ("redos", "size") and text_of(row)],
    ids=lambda row: row["id"],
)
def test_the_time_for_a_text_grows_with_its_length_and_no_faster(row: dict[str, Any]) -> None:
    text = text_of(row)
    _, rules = heaviest()
    half, full = (text * (LIMIT // len(text) + 1) for _ in range(2))
    times = [
        milliseconds(lambda part=part: look(rules, part))  # type: ignore[misc]
        for part in (half[: LIMIT // 2], full[:LIMIT])
    ]
    assert times[1] <= FULL_MS
    assert times[1] <= 3 * max(times[0], 3)


UNITS = [
    "some say ",
    "not ",
    "if it would ",
    "or it is not ",
    "and it, which then does. ",
    "that is wrong. ",
    "I disagree. They say so. ",
    "he says, my friend says, ",
    "no, but no, ",
    "either or not ",
    "it seems to be but ",
    "! = ",
    "x > 0 ",
    "it it it ",
]


@pytest.mark.parametrize("unit", UNITS)
def test_what_a_stance_is_taken_on_costs_no_more_than_its_length(unit: str) -> None:
    _, rules = heaviest()
    half, full = (unit * (LIMIT // share // len(unit)) for share in (2, 1))
    times = [milliseconds(lambda part=part: look(rules, part)) for part in (half, full)]  # type: ignore[misc]
    assert times[1] <= FULL_MS
    assert times[1] <= 3 * max(times[0], 3)


# -- where the learner's words stand ------------------------------------------------------------

ANSWERS = [
    (BREAD_RULES, "The yeast makes gas, and the sticky dough holds the gas. It can't escape."),
    (GERMS_RULES, "A few bacteria are resistant. The drug kills the others, and they multiply."),
    (ICE_RULES, "Water swells as it freezes: ice takes up more room. The water lifts it."),
]
DRESS = {
    "as it is": lambda char: char,
    "capital": str.upper,
    "fullwidth": lambda char: chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char,
    "marked": lambda char: char + "\u0301\u0323" if char.isalpha() else char,
    "bold": lambda char: chr(0x1D41A + ord(char) - 97) if "a" <= char <= "z" else char,
    "soft hyphen": lambda char: char + "\u00ad" if char.isalpha() else char,
    "no width": lambda char: "\u200b" + char if char.isalpha() else char,
    "turned": lambda char: "\u202e" + char + "\u202c" if char.isalpha() else char,
}


@given(
    st.sampled_from(ANSWERS),
    st.lists(st.sampled_from(sorted(DRESS)), min_size=90, max_size=90),
    st.sampled_from(["", " ", "\ufeff", "\u2067", "ﬁne. ", "Æ! ", "\U0001f600 "]),
)
def test_in_any_dress_the_same_is_seen_and_quoted_as_typed(
    answered: tuple[Rules, str], dresses: list[str], before: str
) -> None:
    rules, plain = answered
    typed = before + "".join(
        DRESS[dress](char) for dress, char in zip(dresses, plain, strict=False)
    )
    seen, same = see(rules, typed), see(rules, plain)
    for name, evidence in same.concepts.items():
        shown = seen.concepts[name]
        assert shown.polarity == evidence.polarity
        for (start, end), (first, last) in zip(shown.spans, evidence.spans, strict=True):
            assert fold(typed[start:end]) == fold(plain[first:last])
            assert end == len(typed) or not unicodedata.combining(typed[end])


@given(st.text(max_size=200), st.sampled_from([rules for rules, _ in ANSWERS]))
def test_every_word_of_any_text_stands_where_it_is_said_to(text: str, rules: Rules) -> None:
    reached = 0
    for word in read(text, rules.lexicon).words:
        assert reached <= word.end
        assert text[word.start : word.end].strip() or not word.text.isalnum()
        reached = max(reached, word.start)


@given(st.lists(st.sampled_from([*GERMS["lexicon"], *UNITS, "\u0301", "."]), max_size=30))  # type: ignore[misc]
def test_the_same_text_is_seen_alike_every_time(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert see(GERMS_RULES, text) == see(GERMS_RULES, text)

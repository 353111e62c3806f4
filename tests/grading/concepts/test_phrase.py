"""A phrase becomes a pattern that its own words meet, whatever signs stand in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.concepts.patterns import Sets, View, meet, parse
from grading.concepts.phrase import LONGEST, UnfitPhrase, phrase_pattern
from grading.concepts.stance import take
from grading.concepts.words import Lexicon, read


def met_by(pattern: str, text: str) -> bool:
    found = read(text, Lexicon(frozenset(pattern.replace('"', "").split())))
    return bool(meet(parse(pattern, Sets({})), View(found, take(found))))


@pytest.mark.parametrize(
    ("phrase", "pattern"),
    [
        ("It must all pass through a single vector", "it must all pass through single vector"),
        ("  the   Tiny\npipe ", "tiny pipe"),
        ("it | never, forgets / what it saw?", "it never forgets what it saw"),
        ("@state near (x) *", 'state "near" x'),
        ("wiped before it is read unless kept", 'wiped "before" it is read "unless" kept'),
        ("doesn’t forget", "does not forget"),
        ("squeezed … slowly [...] one pipe", "squeezed .. slowly .. one pipe"),
        ("- key: value # no comment", "key value no comment"),
        ("72% of it", "72 percent of it"),
        ("w = 3 -> x", "w = three -> x"),
        ("слово дело", "слово дело"),
    ],
)  # fmt: skip
def test_only_words_are_left_of_a_phrase(phrase, pattern):
    assert phrase_pattern(phrase) == pattern


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("", "2 to 12 words; this one has 0 words"),
        ("?!*|", "has 0 words"),
        ("vector", "has one word"),
        ("a b c d e f g h i j k l m", "has 13 words"),
        ("is it of the", "small words"),
        ("the vector", "small words"),
        ("squeezed ... of it", "on each side"),
        ("it fades. The rest stays", "more than one clause"),
        ("it fades but something stays", "more than one clause"),
        ("x" * (LONGEST + 1), "201 characters"),
        ("word " * 2_000, "10,000 characters"),
        ("ﬃ" * 60 + " " + "ﬃ" * 60, "too long"),
        ("one dog ... two cat ... three cow ... four hen ... five pig", "3 places"),
    ],
)
def test_what_is_no_phrase_is_refused_in_words(phrase, said):
    with pytest.raises(UnfitPhrase, match=said):
        phrase_pattern(phrase)


@pytest.mark.parametrize(
    ("phrase", "also", "not_by"),
    [
        ("squeezed into one box", "They are squeezing into that one box.", "one box, squeezed"),
        ("never forgets its start", "It never forgot the start.", "It forgets its start."),
        (
            "squeezed ... one pipe",
            "It is squeezed bit by bit through one pipe",
            "one squeezed pipe",
        ),
    ],
)
def test_a_phrase_is_met_by_its_inflections_and_not_by_its_words_alone(phrase, also, not_by):
    pattern = phrase_pattern(phrase)
    assert met_by(pattern, phrase.replace("...", ""))
    assert met_by(pattern, also)
    assert not met_by(pattern, not_by)


@given(st.text(max_size=60))
def test_any_text_becomes_a_pattern_that_it_meets_or_is_refused(text):
    try:
        pattern = phrase_pattern(text)
    except UnfitPhrase:
        return
    assert met_by(pattern, text.replace("[", " ").replace("]", " "))
    assert phrase_pattern(pattern.replace("..", "...").replace('"', "")) == pattern


WORDS = ["near", "before", "unless", "not", "|", "/", "@a", "..", "...", "(", ")", '"', "'", "?x",
         "*", "~", "tiny", "pipe", "the", "squeezed", "->", "=", "a*", "don't", "e.g."]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=10))
def test_signs_of_the_rule_language_mean_nothing_in_a_phrase(words):
    try:
        pattern = phrase_pattern(" ".join(words))
    except UnfitPhrase:
        return
    assert not set(pattern) & set("|/@()?*~'")
    assert parse(pattern, Sets({})).shape == "chain"

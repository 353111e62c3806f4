"""A learner's own words as a pattern: what a teacher accepts for an idea, safely written down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from grading.concepts import english
from grading.concepts.order import is_content
from grading.concepts.patterns import Pattern, Sets, View, meet, parse
from grading.concepts.rules import Rules
from grading.concepts.stance import take
from grading.concepts.words import Lexicon, Text, Word, read

LONGEST = 200
"""Characters of a phrase; twelve words never need as many."""

FEWEST, MOST = 2, 12
"""Words of a phrase."""

MOST_GAPS = 3

PASSED_OVER = 2
"""Light words in a row that may stand between the words of any phrase."""

_LEFT_OUT = re.compile(r"\s*(?:\[?(?:…|\.{3,10})\]?)\s*")
_MEANS_MORE = frozenset({"near", "before", "unless"})
"""Words that join slots in a pattern, unless they stand in quotation marks."""

_DENIALS = english.ADVERBS_OF_DENIAL | english.NOUNS_OF_DENIAL | english.PREPOSITIONS_OF_DENIAL


class UnfitPhrase(ValueError):
    """Words that cannot be accepted as they stand. The message is for who chose them."""


@dataclass(frozen=True, kw_only=True)
class Idea:
    """One concept as a person reads of it."""

    name: str
    found: str
    """What a learner is told who has it."""
    missing: str
    """What a learner is asked who lacks it."""
    takes_phrases: bool
    """Whether a phrase by itself can meet it."""


def ideas_of(rules: Rules) -> tuple[Idea, ...]:
    """The concepts in the order of the exercise, the paired ones last."""
    paired = {pair.concept.name for pair in rules.pairs}
    return tuple(
        Idea(
            name=concept.name,
            found=concept.found,
            missing=concept.missing,
            takes_phrases=not concept.all
            and concept.polarity != "denied"
            and concept.name not in paired,
        )
        for concept in rules.concepts
    )


def phrase_pattern(text: str) -> str:
    """The pattern that these words meet, in any inflection; ``...`` leaves out up to five words.

    Everything in it is a word: what else a pattern may hold has no meaning here. Small words that
    may stand between the words of any phrase (a, the, very) are left out.

    >>> phrase_pattern("Squeezed through the one | tiny pipe?")
    'squeezed through one tiny pipe'
    >>> phrase_pattern("squeezed ... before the pipe")
    'squeezed .. "before" pipe'

    Raises UnfitPhrase.
    """
    if len(text) > LONGEST:
        raise UnfitPhrase(
            f"These are {len(text):,} characters. A phrase is a few words: choose "
            f"{FEWEST} to {MOST} of them."
        )
    stretches = [stretch for stretch in _LEFT_OUT.split(text) if stretch.strip()]
    if len(stretches) > MOST_GAPS + 1:
        raise UnfitPhrase(f"Words may be left out in {MOST_GAPS} places at most.")
    read_ones = [read(stretch, Lexicon(())) for stretch in stretches]
    words = [word for one in read_ones for word in one.words]
    if not FEWEST <= len(words) <= MOST:
        told = f"{len(words)} words" if len(words) != 1 else "one word"
        raise UnfitPhrase(f"A phrase has {FEWEST} to {MOST} words; this one has {told}.")
    if any(one.words[0].clause != one.words[-1].clause for one in read_ones if one.words):
        raise UnfitPhrase(
            "These words stand in more than one clause, and a phrase is met within one. Choose "
            "words between two full stops, semicolons or a “but”."
        )
    if sum(map(_says, words)) < 2 or not all(any(map(_says, one.words)) for one in read_ones):
        raise UnfitPhrase(
            "These are mostly small words, which stand in every answer. Choose at least two words "
            "that carry meaning of their own, and one on each side of what is left out."
        )
    pattern = " .. ".join(" ".join(_spelt(word) for word in _kept(one)) for one in read_ones)
    if len(pattern) > LONGEST + 40:
        # Some signs stand for several letters.
        raise UnfitPhrase("These words are too long to be written down as a phrase.")
    _try_out(parse(pattern, Sets({})), pattern, stretches)
    return pattern


def _says(word: Word) -> bool:
    """Whether a word carries meaning of its own; a denial does."""
    return is_content(word) or word.text in _DENIALS


def _kept(text: Text) -> list[Word]:
    """The words without the light ones, but for a row of them too long to be passed over."""
    runs = [
        (light, list(run)) for light, run in groupby(text.words, lambda w: w.text in english.LIGHT)
    ]
    return [
        word
        for at, (light, run) in enumerate(runs)
        if not light or (len(run) > PASSED_OVER and 0 < at < len(runs) - 1)
        for word in run
    ]


def _spelt(word: Word) -> str:
    return f'"{word.text}"' if word.text in _MEANS_MORE else word.text


def _try_out(pattern: Pattern, written: str, stretches: list[str]) -> None:
    """Raises UnfitPhrase where the pattern is not met by the very words it was made of."""
    words = frozenset(re.findall(r"\w+", written))
    text = read(" ".join(stretches), Lexicon(words))
    if not meet(pattern, View(text, take(text))):
        raise UnfitPhrase(
            "These words cannot be read as one phrase. Choose a plainer stretch of the answer."
        )

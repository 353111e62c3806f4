"""Phrases that would separate right answers from wrong ones, where the rules go wrong today.

Two searches. *Credit*: answers marked too low, or sent to a person although not incorrect,
against all that the person calls incorrect. *Caution*: answers marked too high, against all that
the person calls correct. A phrase is one to three words in a row, or two words of one clause.
With a of A answers on its side and b of B on the other, its log-odds are

    ln((a + 1/2) / (A - a + 1/2)) - ln((b + 1/2) / (B - b + 1/2))

and phrases are ranked by these over their standard error, the root of
1/(a + 1/2) + 1/(A - a + 1/2) + 1/(b + 1/2) + 1/(B - b + 1/2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Literal

from grading.concepts.bench.groups import usual
from grading.concepts.bench.judging import Judged
from grading.concepts.rules import LABELS, Rules
from grading.concepts.words import stem

MOST = 20
NEAR = 8
"""Words between the two of a pair, as `near` allows."""

MOST_WORDS = 400
"""Of one answer that are looked at."""

LEAST = 2
"""Answers that must have a phrase."""

Phrase = tuple[Literal["row", "near"], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A phrase, written as a pattern, and what would speak for and against it."""

    side: Literal["credit", "caution"]
    pattern: str
    rule: str
    """The concept that most of the answers it would help lack; empty where none stands out."""
    helped: int
    """Of the misjudged answers (``of_helped``), how many have it."""
    of_helped: int
    against: int
    """Of the answers on the other side (``of_against``), how many have it."""
    of_against: int
    log_odds: float
    examples: tuple[Judged, ...]


def suggestions(rules: Rules, judged: Sequence[Judged]) -> tuple[Suggestion, ...]:
    """At most MOST phrases, both sides together, each side's best first."""
    low = [j for j in judged if _low(j)]
    high = [j for j in judged if _high(j)]
    wrong = [j for j in judged if j.row.label == "incorrect"]
    right = [j for j in judged if j.row.label == "correct"]
    credit = _search("credit", rules, low, wrong)
    caution = _search("caution", rules, high, right)
    # What one side leaves of its half is the other's.
    of_caution = max(MOST // 2, MOST - len(credit))
    of_credit = MOST - min(len(caution), of_caution)
    return (*credit[:of_credit], *caution[:of_caution])


def _low(judged: Judged) -> bool:
    if judged.told is None:
        return judged.row.label != "incorrect"
    return LABELS.index(judged.told) > LABELS.index(judged.row.label)


def _high(judged: Judged) -> bool:
    return judged.told is not None and LABELS.index(judged.told) < LABELS.index(judged.row.label)


def _search(
    side: Literal["credit", "caution"],
    rules: Rules,
    helped: Sequence[Judged],
    against: Sequence[Judged],
) -> list[Suggestion]:
    written: dict[str, Counter[str]] = {}
    have: dict[Phrase, list[int]] = {}
    for at, one in enumerate(helped):
        for text, _, _ in one.words[:MOST_WORDS]:
            written.setdefault(stem(text), Counter())[text] += 1
        for phrase in _phrases(one):
            have.setdefault(phrase, []).append(at)
    have = {phrase: places for phrase, places in have.items() if len(places) >= LEAST}
    other = Counter(p for one in against for p in _phrases(one) if p in have)
    ranked = []
    for phrase, places in have.items():
        odds, error = _log_odds(len(places), len(helped), other[phrase], len(against))
        if odds > 0:
            # Of phrases that do the same, the longer says more of what it is about.
            ranked.append((-odds / error, -len(phrase[1]), phrase, odds))
    ranked.sort(key=lambda entry: entry[:3])
    found: list[Suggestion] = []
    taken: list[tuple[frozenset[int], frozenset[str]]] = []
    for _, _, phrase, odds in ranked:
        helps, stems = frozenset(have[phrase]), frozenset(phrase[1])
        if any(helps <= before and stems & words for before, words in taken):
            continue
        taken.append((helps, stems))
        found.append(
            Suggestion(
                side=side,
                pattern=_pattern(phrase, written),
                rule=_lacking(rules, [helped[at] for at in have[phrase]])
                if side == "credit"
                else "",
                helped=len(helps),
                of_helped=len(helped),
                against=other[phrase],
                of_against=len(against),
                log_odds=odds,
                examples=tuple(helped[at] for at in have[phrase][:3]),
            )
        )
        if len(found) == MOST:
            break
    return found


def _phrases(judged: Judged) -> set[Phrase]:
    """Every phrase of an answer, by stems: linear in its length."""
    return set(_each_phrase([(stem(t), c, content) for t, c, content in judged.words[:MOST_WORDS]]))


def _each_phrase(words: Sequence[tuple[str, int, bool]]) -> Iterator[Phrase]:
    for at, (first, clause, content) in enumerate(words):
        if not content or not first.isalnum():
            continue
        yield "row", (first,)
        row = [first]
        for further in range(at + 1, min(at + NEAR + 2, len(words))):
            name, its_clause, carries = words[further]
            if its_clause != clause or not name.isalnum():
                break
            if further < at + 3:
                row.append(name)
                if carries:
                    yield "row", tuple(row)
            if carries and name != first:
                yield "near", (min(first, name), max(first, name))


def _log_odds(a: int, of_a: int, b: int, of_b: int) -> tuple[float, float]:
    """The smoothed log-odds and their standard error."""
    cells = (a + 0.5, of_a - a + 0.5, b + 0.5, of_b - b + 0.5)
    odds = log(cells[0] / cells[1]) - log(cells[2] / cells[3])
    return odds, sqrt(sum(1 / cell for cell in cells))


def _pattern(phrase: Phrase, written: dict[str, Counter[str]]) -> str:
    shape, stems = phrase
    words = [usual(written[name]) for name in stems]
    # These words would be read as what they do in a pattern.
    words = [f'"{word}"' if word in ("near", "before", "not") else word for word in words]
    return (" near " if shape == "near" else " ").join(words)


def _lacking(rules: Rules, judged: Sequence[Judged]) -> str:
    """The required concept that most of these answers lack, by the person's ideas if said."""
    lacking: Counter[str] = Counter()
    for one in judged:
        for concept in rules.concepts:
            due = concept.name in one.row.ideas if one.row.ideas else concept.need == "required"
            if due and concept.name not in one.found:
                lacking[concept.name] += 1
    ranked = lacking.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return ""
    return ranked[0][0]

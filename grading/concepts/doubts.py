"""What an author may not have meant: patterns that nothing meets, rules that no sample tries.

A pattern is tried on the words it spells itself: where not even those meet it, nothing will.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product

from grading.concepts.evidence import see
from grading.concepts.patterns import Atom, Chain, Pattern, Phrase, Segment, View, meet
from grading.concepts.rules import Concept, Misconception, Rules
from grading.concepts.stance import take
from grading.concepts.words import read
from grading.errors import Fault, Place

TRIES = 24
"""So many spellings of one pattern are tried before it is called dead."""
ALWAYS = 4
"""Samples in which two concepts are found, always together, before that is told."""


def doubts(rules: Rules, samples: Sequence[str]) -> Iterator[Fault]:
    """Every doubt about ``rules``, placed relative to the part; ``samples`` are its answers."""
    for group, ruled in (("concepts", rules.concepts), ("misconceptions", rules.misconceptions)):
        for rule in ruled:
            yield from _dead(rules, rule, (group, rule.name))
    seen = [see(rules, text) for text in samples]
    found = {
        concept.name: frozenset(
            number
            for number, one in enumerate(seen)
            if one.concepts[concept.name].polarity != "absent"
        )
        for concept in rules.concepts
    }
    paired = {pair.concept.name for pair in rules.pairs}
    for concept in rules.concepts:
        if not found[concept.name]:
            message = (
                f"No sample says `{concept.name}`: write one that does, and one that nearly does."
            )
            place = ("pairing" if concept.name in paired else "concepts", concept.name)
            yield Fault(code="untried", message=message, place=place)
    for wrong in rules.misconceptions:
        crossed = rules.crossed is not None and wrong is rules.crossed.misconception
        tried = any(one.misconceptions[wrong.name].polarity != "absent" for one in seen)
        if not tried and not crossed:
            message = f"No sample asserts or rejects `{wrong.name}`: write one that does."
            place = ("misconceptions", wrong.name)
            yield Fault(code="untried", message=message, place=place)
    needed = [concept for concept in rules.concepts if concept.need == "required"]
    for one, other in combinations(needed, 2):
        together = found[one.name]
        if len(together) >= ALWAYS and together == found[other.name] and len(together) < len(seen):
            message = (
                f"`{one.name}` and `{other.name}` are found in the same samples, always. Are they "
                "one idea? If not, write a sample that says only one of them."
            )
            yield Fault(code="together", message=message, place=("concepts", other.name))


def _dead(rules: Rules, rule: Concept | Misconception, place: Place) -> Iterator[Fault]:
    for key, patterns in (("any", rule.any), ("all", rule.all), ("unless", rule.unless)):
        for number, pattern in enumerate(patterns):
            excuses = rule.unless if key == "any" else ()
            reason = _reason(rules, pattern, excuses)
            if reason:
                message = f"`{pattern.text}` of `{rule.name}` can never be met: {reason}."
                yield Fault(code="dead", message=message, place=(*place, key, number))


def _reason(rules: Rules, pattern: Pattern, unless: Sequence[Pattern]) -> str:
    """Why nothing can meet a pattern; empty where something does."""
    reason = ""
    for spelt in islice(_spellings(pattern), TRIES):
        text = read(spelt, rules.lexicon)
        view = View(text, take(text))
        if not meet(pattern, view):
            reason = reason or f"not even “{spelt}” meets it"
        elif any(meet(excuse, view) for excuse in unless):
            reason = "its own words are among those that `unless` lets pass"
        else:
            return ""
    return reason


def _spellings(pattern: Pattern) -> Iterator[str]:
    """Texts that spell a pattern out: each of its words in turn, the first of the others."""
    slots = [list(islice(_of_chain(slot), TRIES)) for slot in pattern.slots]
    firsts = [slot[0] for slot in slots]
    for number in range(max(map(len, slots))):
        yield " ".join(
            slot[number] if number < len(slot) else first
            for slot, first in zip(slots, firsts, strict=True)
        )


def _of_chain(chain: Chain) -> Iterator[str]:
    segments = [list(islice(_of_segment(segment), TRIES)) for segment in chain.segments]
    for number in range(max(map(len, segments))):
        yield " ".join(segment[min(number, len(segment) - 1)] for segment in segments)


def _of_segment(segment: Segment) -> Iterator[str]:
    for spelt in segment.singles.values():
        yield min(spelt)
    for phrase in segment.phrases:
        yield from islice(_of_phrase(phrase), 4)


def _of_phrase(phrase: Phrase) -> Iterator[str]:
    for chosen in product(*(list(islice(_of_atom(atom), 3)) for atom in phrase)):
        yield " ".join(chosen)


def _of_atom(atom: Atom) -> Iterator[str]:
    if atom.group is not None:
        yield from _of_chain(atom.group)
    elif atom.kind == "opening":
        yield atom.text + "ing"
    else:
        yield atom.text or "never"

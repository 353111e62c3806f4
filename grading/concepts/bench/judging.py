"""What an exercise's rules say of marked answers: label, rules met, patterns met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from grading.concepts.bench.answers import Marked, label_of_score
from grading.concepts.evidence import Polarity, Seen, Span, decide, see
from grading.concepts.order import is_content
from grading.concepts.patterns import Pattern
from grading.concepts.rules import Concept, Label, Misconception, Rules

PatternKey = tuple[str, str, int]
"""A rule's name, its key (`any`, `all`, `half`) and the pattern's place there, from 0."""

_WANTED: Mapping[str, frozenset[Polarity]] = {
    "affirmed": frozenset({"affirmed"}),
    "denied": frozenset({"denied"}),
    "either": frozenset({"affirmed", "denied", "both"}),
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One marked answer, and what the rules say of it."""

    row: Marked
    label: Label
    """What the rules lean to, where a person is asked too."""
    review: tuple[str, ...]
    """Why it goes to a person; empty where the rules decide."""
    evidence: Mapping[str, Polarity]
    """Every rule that is not absent."""
    spans: Mapping[str, tuple[Span, ...]]
    """Where each of them is seen, in the answer as typed."""
    found: frozenset[str]
    """The concepts that earn credit."""
    patterns: frozenset[PatternKey]
    """The patterns that meet it by themselves, in the sense their rule wants."""
    words: tuple[tuple[str, int, bool], ...]
    """Each word folded, its clause, and whether it carries meaning of its own."""

    @property
    def told(self) -> Label | None:
        """The label the learner would see; None where a person decides."""
        return None if self.review else self.label


class Judge:
    """Judges answers by one exercise's rules; an answer given many times is looked at once."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._apart, self._keys = _apart(rules)

    def judge(self, rows: Iterable[Marked]) -> Iterator[Judged]:
        """Each row judged, in order."""
        known: dict[str, Judged] = {}
        for row in rows:
            before = known.get(row.answer)
            if before is None:
                known[row.answer] = before = self._judge(row)
            yield before if before.row is row else replace(before, row=row)

    def _judge(self, row: Marked) -> Judged:
        seen = see(self.rules, row.answer)
        decision = decide(self.rules, seen)
        evidence = {**seen.concepts, **seen.misconceptions}
        met = {name: e for name, e in evidence.items() if e.polarity != "absent"}
        return Judged(
            row=row,
            label=label_of_score(decision.score),
            review=decision.review,
            evidence={name: e.polarity for name, e in met.items()},
            spans={name: (*e.spans, *e.against) for name, e in met.items()},
            found=decision.found,
            patterns=frozenset(self._patterns(row.answer)) if met else frozenset(),
            words=tuple(_words(seen)),
        )

    def _patterns(self, answer: str) -> Iterator[PatternKey]:
        seen = see(self._apart, answer)
        for name, evidence in (*seen.concepts.items(), *seen.misconceptions.items()):
            key, wanted = self._keys[name]
            if evidence.polarity in wanted:
                yield key


def _words(seen: Seen) -> Iterator[tuple[str, int, bool]]:
    for word in seen.text.words:
        yield word.text, word.clause, is_content(word)


def _apart(rules: Rules) -> tuple[Rules, dict[str, tuple[PatternKey, frozenset[Polarity]]]]:
    """The same rules, every pattern a rule of its own: what each one meets by itself."""
    keys: dict[str, tuple[PatternKey, frozenset[Polarity]]] = {}
    concepts = []
    wrong = []
    for rule in every_rule(rules):
        for key, place, pattern in each_pattern(rule):
            name = f"{rule.name} {key} {place}"
            if isinstance(rule, Concept):
                keys[name] = (rule.name, key, place), _WANTED[rule.polarity]
                concepts.append(replace(rule, name=name, any=(pattern,), all=(), half=()))
            else:
                keys[name] = (rule.name, key, place), _WANTED["affirmed"]
                wrong.append(replace(rule, name=name, any=(pattern,), all=()))
    apart = replace(
        rules, concepts=tuple(concepts), misconceptions=tuple(wrong), pairs=(), crossed=None
    )
    return apart, keys


def every_rule(rules: Rules) -> tuple[Concept | Misconception, ...]:
    """Concepts, then misconceptions, in the order of the exercise."""
    return *rules.concepts, *rules.misconceptions


def each_pattern(rule: Concept | Misconception) -> Iterator[tuple[str, int, Pattern]]:
    """A rule's patterns, each with its key and its place under it."""
    groups = [("any", rule.any), ("all", rule.all)]
    if isinstance(rule, Concept):
        groups.append(("half", rule.half))
    for key, patterns in groups:
        for place, pattern in enumerate(patterns):
            yield key, place, pattern

"""Rule by rule and pattern by pattern: how often it is met, how often rightly, what it misses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from grading.concepts.bench.agreement import Share
from grading.concepts.bench.judging import Judged, PatternKey, each_pattern, every_rule
from grading.concepts.rules import Concept, Misconception, Rules

MOST_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class PatternFigures:
    """One pattern of a rule."""

    key: PatternKey
    text: str
    right: Share
    """Of the answers it meets, those where its rule is right to be met."""
    only: int
    """Answers of the rule that no other of its patterns meets."""


@dataclass(frozen=True, kw_only=True)
class RuleFigures:
    """One concept or misconception.

    A concept is right to be met where the person says that the idea is there; where answers
    carry no ideas, where the answer is correct or partial. A misconception is right where the
    answer is not correct (incorrect, if it voids). What a concept misses are answers with the
    idea or, without ideas said, correct answers that lack it although it is required; what a
    misconception misses cannot be known from labels.
    """

    name: str
    group: Literal["concept", "misconception"]
    need: str
    """`required`, `optional`, `bonus`; of a misconception `void`, `cap`, `note`."""
    by_ideas: bool
    right: Share
    """Its precision: of the answers where it counts, those where it is right to."""
    denied: int
    half: int
    both: int
    missed: Share | None
    """Of the answers that ought to meet it, those that do not."""
    wrong_examples: tuple[Judged, ...]
    missed_examples: tuple[Judged, ...]
    patterns: tuple[PatternFigures, ...]


def by_rule(rules: Rules, judged: Sequence[Judged]) -> tuple[RuleFigures, ...]:
    """The figures of every rule, in the order of the exercise."""
    named = frozenset(idea for j in judged for idea in j.row.ideas or ())
    return tuple(_figures(rule, judged, named) for rule in every_rule(rules))


def _figures(
    rule: Concept | Misconception, judged: Sequence[Judged], named: frozenset[str]
) -> RuleFigures:
    by_ideas = isinstance(rule, Concept) and rule.name in named
    met = [j for j in judged if _counts(rule, j)]
    right = _judge_of(rule, by_ideas=by_ideas)
    wrong = [j for j in met if not right(j)]
    missed: list[Judged] | None = None
    due: list[Judged] = []
    if isinstance(rule, Concept) and (by_ideas or rule.need == "required"):
        due = [
            j
            for j in judged
            if (right(j) if by_ideas and j.row.ideas is not None else j.row.label == "correct")
        ]
        missed = [j for j in due if not _counts(rule, j)]
    polarities = Counter(j.evidence.get(rule.name) for j in judged)
    return RuleFigures(
        name=rule.name,
        group="concept" if isinstance(rule, Concept) else "misconception",
        need=rule.need if isinstance(rule, Concept) else rule.effect.kind,
        by_ideas=by_ideas,
        right=Share(part=len(met) - len(wrong), whole=len(met)),
        denied=polarities["denied"],
        half=polarities["half"],
        both=polarities["both"],
        missed=None if missed is None else Share(part=len(missed), whole=len(due)),
        wrong_examples=tuple(wrong[:MOST_EXAMPLES]),
        missed_examples=tuple((missed or [])[:MOST_EXAMPLES]),
        patterns=tuple(_patterns(rule, judged, right)),
    )


def _counts(rule: Concept | Misconception, judged: Judged) -> bool:
    if isinstance(rule, Concept):
        return rule.name in judged.found
    return judged.evidence.get(rule.name) == "affirmed"


def _judge_of(rule: Concept | Misconception, *, by_ideas: bool) -> Callable[[Judged], bool]:
    """Whether the rule is right to be met, by the person's word."""
    if isinstance(rule, Misconception):
        if rule.effect.kind == "void":
            return lambda j: j.row.label == "incorrect"
        return lambda j: j.row.label != "correct"

    def right(judged: Judged) -> bool:
        if by_ideas and judged.row.ideas is not None:
            return rule.name in judged.row.ideas
        return judged.row.label != "incorrect"

    return right


def _patterns(
    rule: Concept | Misconception, judged: Sequence[Judged], right: Callable[[Judged], bool]
) -> list[PatternFigures]:
    own = [(j, {key for key in j.patterns if key[0] == rule.name}) for j in judged]
    held: dict[PatternKey, list[Judged]] = {}
    only: Counter[PatternKey] = Counter()
    for one, keys in own:
        for each in keys:
            held.setdefault(each, []).append(one)
        if len(keys) == 1:
            only.update(keys)
    found = []
    for key, place, pattern in each_pattern(rule):
        of = (rule.name, key, place)
        met = held.get(of, [])
        found.append(
            PatternFigures(
                key=of,
                text=pattern.text,
                right=Share(part=sum(map(right, met)), whole=len(met)),
                only=only[of],
            )
        )
    return found

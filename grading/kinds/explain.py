"""Explain: a few sentences, marked by an exercise's own rules, with the learner's words quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grading.concepts.doubts import doubts
from grading.concepts.evidence import Decision, Evidence, Seen, Span, decide, see
from grading.concepts.patterns import Pattern, lone_words
from grading.concepts.rules import LABELS, Concept, Rules, check_rules, compile_rules
from grading.concepts.samples import Promised, generate, idle
from grading.concepts.words import fold
from grading.errors import Fault, Misreading, Place, Unreadable
from grading.exercise import Field, Part, Posed, Raw, Sample, Shown, Stray, Value, Worked
from grading.given import fill
from grading.kind import Draw, Kind
from grading.verdict import Finding, Mark, Quote, Tone

LIMIT = 10_000
MOST_QUOTES = 8


@dataclass(frozen=True, kw_only=True)
class ExplainAnswer:
    """The text as typed."""

    text: str


class Explain(Kind[ExplainAnswer]):
    """``concepts``, ``misconceptions`` and ``labels`` decide; ``model`` is a good answer.

    A finding about a rule has the rule's name in its fact ``rule``; a sample may name either the
    finding's code or the rule.
    """

    name = "explain"

    def check(self, part: Part) -> list[Fault]:
        return check_rules(part.prompt, part.body)

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        prompt = fill(part.prompt, given)
        field = Field(
            name="text",
            widget="prose",
            label="Your answer",
            help="A few sentences in your own words.",
            limit=LIMIT,
        )
        return Posed(
            part=part,
            shown=Shown(prompt=prompt, fields=(field,)),
            key=_compiled(prompt, _frozen(part.body)),
        )

    def read(self, shown: Shown, raw: Raw) -> ExplainAnswer:
        text = raw["text"]
        if not text.strip():
            message = "Nothing is written yet. Write a sentence or two in your own words."
            raise Unreadable([Misreading(code="blank", message=message, start=0, end=0)])
        if len(text) > LIMIT:
            message = (
                f"This is {len(text):,} characters long; {LIMIT:,} is the most that is read. "
                "A few sentences are enough."
            )
            raise Unreadable(
                [Misreading(code="too-long", message=message, start=LIMIT, end=len(text))]
            )
        for at, char in enumerate(text):
            if char == "\0" or "\ud800" <= char <= "\udfff":
                message = (
                    "There is a character here that cannot be stored, perhaps from copying out of "
                    "another program. Delete it or type the word again."
                )
                raise Unreadable(
                    [Misreading(code="character", message=message, start=at, end=at + 1)]
                )
        return ExplainAnswer(text=text)

    def mark(self, posed: Posed, answer: ExplainAnswer, others: Mapping[str, Any]) -> Mark:
        rules: Rules = posed.key
        seen = see(rules, answer.text)
        decision = decide(rules, seen)
        return Mark(
            score=decision.score,
            findings=tuple(_Teller(rules, seen, decision, answer.text).findings()),
            state="review" if decision.review else "marked",
        )

    def solve(self, posed: Posed) -> Worked:
        return Worked(answer={"text": posed.key.model})

    def stray(self, posed: Posed) -> Iterable[Stray]:
        rules: Rules = posed.key
        for wrong in rules.misconceptions:
            if wrong.example and wrong.effect.kind != "note":
                yield Stray(code=wrong.name, answer={"text": wrong.example}, score=wrong.effect.cap)

    def doubts(self, posed: Posed) -> Iterable[Fault]:
        """What its author may not have meant, placed relative to the part; it may be published."""
        rules: Rules = posed.key
        for group, ruled in (
            ("concepts", rules.concepts),
            ("misconceptions", rules.misconceptions),
        ):
            for rule in ruled:
                for key, patterns in (("any", rule.any), ("all", rule.all)):
                    for pattern in patterns:
                        yield from _lone(pattern, group, rule.name, key)
        for wrong in rules.misconceptions:
            if not wrong.example or wrong.effect.kind == "note":
                continue
            seen = see(rules, wrong.example)
            place = _place_of(rules, wrong.name)
            if decide(rules, seen).review:
                message = f"The example of `{wrong.name}` goes to a person and is not marked."
                yield Fault(code="example-in-review", message=message, place=place)
            elif seen.misconceptions[wrong.name].polarity != "affirmed":
                message = f"The example of `{wrong.name}` is not seen to assert it."
                yield Fault(code="example-unmet", message=message, place=place)

    def normal(self, answer: ExplainAnswer) -> str:
        return fold(answer.text)

    def stands(self, posed: Posed, answer: ExplainAnswer) -> frozenset[str]:
        rules: Rules = posed.key
        if not rules.stands:
            return frozenset()
        seen = see(rules, answer.text)
        held = {**seen.concepts, **seen.misconceptions}
        return frozenset(label for label, name in rules.stands if held[name].polarity == "affirmed")

    def trials(self, part: Part, samples: Sequence[Sample]) -> Iterable[Sample]:
        rules = _compiled(part.prompt, _frozen(part.body))
        for made in generate(rules, _promised(part, samples)):
            yield Sample(
                answer={part.name: {"": made.answer}},
                label=made.expect.label,
                below=Fraction(1) if made.expect.never == "correct" else None,
                denied=(made.expect.denied,) if made.expect.denied else (),
                index=made.index,
                made_by=made.why,
                struck=made.struck,
            )

    def remarks(self, part: Part, samples: Sequence[Sample]) -> Iterable[Fault]:
        rules = _compiled(part.prompt, _frozen(part.body))
        mine = _promised(part, samples)
        made = generate(rules, mine) if rules.struck else []
        for number in idle(rules, made):
            strike = rules.struck[number]
            message = (
                f"Nothing is made of sample {strike.sample} that is called `{strike.made}`: this "
                "strikes nothing."
            )
            yield Fault(code="struck", message=message, place=("struck", number))
        texts = [
            text for sample in samples for text in sample.answer.get(part.name, {}).values() if text
        ]
        yield from doubts(rules, texts)


def _promised(part: Part, samples: Sequence[Sample]) -> list[Promised]:
    return [
        Promised(answer=text, label=label, index=sample.index)
        for sample in samples
        for text in sample.answer.get(part.name, {}).values()
        for label in LABELS
        if label == sample.label
    ]


@lru_cache(maxsize=64)
def _compiled(prompt: str, body: tuple[Any, ...]) -> Rules:
    """A worker marks many answers to few exercises: their rules are kept."""
    return compile_rules(prompt, _thawed(body))


def _frozen(value: Value | Mapping[str, Value]) -> Any:
    """The value with its mappings as tuples that tell themselves apart, to be looked up by."""
    if isinstance(value, Mapping):
        return (dict, *((key, _frozen(item)) for key, item in value.items()))
    if isinstance(value, tuple):
        return (tuple, *(_frozen(item) for item in value))
    return value


def _thawed(frozen: Any) -> Any:
    if isinstance(frozen, tuple):
        if frozen[0] is dict:
            return {key: _thawed(item) for key, item in frozen[1:]}
        return tuple(_thawed(item) for item in frozen[1:])
    return frozen


def _lone(pattern: Pattern, *place: str) -> Iterator[Fault]:
    words = lone_words(pattern)
    if words:
        message = (
            f"In `{pattern.text}`, {', '.join(f'“{word}”' for word in words)} alone is enough: `|` "
            "parts whole phrases. If it belongs to the words behind it, put brackets around the "
            "alternatives: `(one|single) vector`."
        )
        yield Fault(code="lone-word", message=message, place=place)


def _place_of(rules: Rules, name: str) -> Place:
    crossed = rules.crossed is not None and rules.crossed.misconception.name == name
    return ("pairing" if crossed else "misconceptions", name, "example")


class _Teller:
    """Tells what was seen in an answer, and what came of it, in the order a learner reads it."""

    def __init__(self, rules: Rules, seen: Seen, decision: Decision, text: str) -> None:
        self.rules = rules
        self.seen = seen
        self.decision = decision
        self.text = text
        weights = rules.weights
        self.found_weight = sum(
            (weights[name] for name in decision.found if name in weights), Fraction(0)
        )

    def findings(self) -> Iterator[Finding]:
        for concept in self.rules.concepts:
            if concept.name in self.decision.found:
                yield self._found(concept)
        yield from self._wrong()
        yield from self._unsettled()
        yield from self._set_aside()
        if self.decision.label != "correct":
            yield from self._missing()

    def _quotes(self, spans: Iterable[Span]) -> tuple[Quote, ...]:
        return tuple(
            Quote(start=start, end=end, text=self.text[start:end], field="text")
            for start, end in list(spans)[:MOST_QUOTES]
        )

    def _finding(
        self,
        code: str,
        tone: Tone,
        spans: Iterable[Span] = (),
        *,
        worth: Fraction | None = None,
        **facts: str,
    ) -> Finding:
        return Finding(
            code=code,
            tone=tone,
            facts={name: fact for name, fact in facts.items() if fact},
            place="text",
            quotes=self._quotes(spans),
            worth=worth,
        )

    def _found(self, concept: Concept) -> Finding:
        seen = self.seen.concepts[concept.name]
        weight = self.rules.weights.get(concept.name, Fraction(0))
        share = weight / self.found_weight if self.found_weight else Fraction(0)
        return self._finding(
            "concept-found",
            "right",
            seen.spans or seen.against,
            worth=share * self.decision.earned,
            rule=concept.name,
            say=concept.found,
        )

    def _wrong(self) -> Iterator[Finding]:
        lost = self.decision.score - self.decision.earned
        for wrong in self.rules.misconceptions:
            seen = self.seen.misconceptions[wrong.name]
            if seen.polarity == "affirmed":
                took = wrong.effect.kind != "note"
                yield self._finding(
                    "misconception",
                    "wrong" if took else "note",
                    seen.spans,
                    worth=lost if took and lost else None,
                    rule=wrong.name,
                    say=wrong.say,
                )
                lost = lost if not took else Fraction(0)
            elif seen.polarity == "denied":
                yield self._finding("misconception-denied", "note", seen.against, rule=wrong.name)
            elif seen.polarity == "both":
                yield self._both(wrong.name, seen.spans + seen.against)

    def _unsettled(self) -> Iterator[Finding]:
        for concept in self.rules.concepts:
            seen: Evidence = self.seen.concepts[concept.name]
            if concept.name in self.decision.found:
                continue
            spans = sorted((*seen.spans, *seen.against))
            if concept.name in self.decision.offered:
                yield self._finding("both-offered", "wrong", spans, rule=concept.name)
            elif seen.polarity == "both":
                yield self._both(concept.name, spans)
            elif seen.polarity == "denied" and concept.polarity == "affirmed":
                yield self._finding("concept-denied", "wrong", spans, rule=concept.name)
            elif seen.polarity == "half" and "half" in self.decision.review:
                yield self._finding("half-met", "partly", spans, rule=concept.name)

    def _both(self, rule: str, spans: Iterable[Span]) -> Finding:
        """A person is promised only where one looks."""
        code = "said-both" if self.decision.review else "said-both-marked"
        return self._finding(code, "ask", spans, rule=rule)

    def _set_aside(self) -> Iterator[Finding]:
        seen = self.seen
        if seen.salad:
            yield self._finding("salad", "wrong", seen.salad)
        if seen.orders:
            yield self._finding("injection-ignored", "note", seen.orders)
        if (
            seen.content
            and seen.copied >= self.rules.guards.copy_overlap_max
            and self.decision.label == "incorrect"
        ):
            yield self._finding("copied-prompt", "wrong")
        if "tangled" in self.decision.review:
            yield self._finding("tangled", "ask")
        if "stranger" in self.decision.review:
            yield self._finding("stranger", "ask", seen.strangers)
        if "tongue" in self.decision.review:
            yield self._finding("other-language", "ask")

    def _missing(self) -> Iterator[Finding]:
        decision = self.decision
        if not decision.found and not decision.review and seen_nothing(self.seen):
            yield self._finding("nothing-found", "wrong")
        for concept in self.rules.concepts:
            if (
                concept.need == "required"
                and concept.name not in decision.found
                and self.seen.concepts[concept.name].polarity in ("absent", "denied")
            ):
                yield self._finding(
                    "concept-missing", "ask", rule=concept.name, say=concept.missing
                )


def seen_nothing(seen: Seen) -> bool:
    """Whether no rule was met at all, and nothing else explains the mark."""
    evidence = (*seen.concepts.values(), *seen.misconceptions.values())
    return not seen.salad and all(e.polarity == "absent" for e in evidence)

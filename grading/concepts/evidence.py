"""What a text shows of an exercise's rules, each quoting the words that met it, and the decision.

Order of evaluation: words -> stance -> what may not count (orders to the marker, copied words,
word lists) -> hits with spans -> polarity of each hit -> each rule affirmed, denied, both, half or
absent -> label. Where the same idea is both affirmed and denied, or only half said, and it would
change the label, nobody guesses: a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from grading.concepts import english
from grading.concepts.order import (
    between_signs,
    clashes,
    heaped,
    is_content,
    oddities,
    only_listed,
    overloaded,
    says,
    strung,
    thrown_together,
    unlinked,
)
from grading.concepts.patterns import Met, Pattern, View, meet, partly
from grading.concepts.rules import Concept, Label, Misconception, Pair, Rules
from grading.concepts.stance import Stance, take
from grading.concepts.words import Sentence, Text, Word, read, stem, tongue

Polarity = Literal["affirmed", "denied", "both", "half", "absent"]

Span = tuple[int, int]
"""Code points [start, end) of the text as typed."""

FEW = 20
MANY = 7
"""So many words of content in a sentence without one link are a heap, commas or not."""
HEADING = 2
"""So many words before a colon may belong to what it announces."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a text shows of one rule, and where."""

    rule: str
    polarity: Polarity
    spans: tuple[Span, ...] = ()
    against: tuple[Span, ...] = ()
    """Where it is denied."""
    offered: bool = False
    """Both it and its opposite are offered at once: "either it does, or it does not"."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a text shows of all rules, and what was set aside."""

    text: Text
    concepts: Mapping[str, Evidence]
    misconceptions: Mapping[str, Evidence]
    orders: tuple[Span, ...]
    """Stretches addressed to whoever marks; they count for nothing."""
    salad: tuple[Span, ...]
    """Lists of words with no relation between them."""
    tangled: tuple[Span, ...]
    """Sentences whose words stand oddly, and rows of words that hardly anything links: too odd to
    be marked right unseen, not so odd as to be a mere heap of words."""
    unlinked: tuple[Span, ...]
    """Rows of words with nothing to link them: each may say one thing, and not two."""
    strangers: tuple[Span, ...]
    """Who is said to do something, and is named nowhere in the exercise."""
    copied: Fraction
    """The share of the content words that the prompt holds too."""
    content: int
    """How many content words there are, orders left out."""
    tongue: str | None
    work: int


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The label and score a text earns; ``review`` says why a person decides, if one must.

    ``earned`` is the score before anything asserted wrongly took from it.
    """

    label: Label
    score: Fraction
    earned: Fraction
    review: tuple[str, ...] = ()
    found: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Hit:
    words: tuple[int, ...]
    denied: bool
    settled: bool
    """A denial was part of the pattern: the hit says what it says."""
    reported: bool
    asked: bool
    contrast: bool
    """Denied only where it tells what the learner does not mean."""


def see(rules: Rules, raw: str) -> Seen:
    """What ``raw`` shows of ``rules``. Any text at all can be looked at."""
    text = read(raw, rules.lexicon)
    stance = take(text)
    view = View(text, stance)
    barred = [False] * len(text.words)
    orders = _orders(text, barred) if rules.guards.injection == "ignore" else ()
    content = [word for at, word in enumerate(text.words) if not barred[at] and is_content(word)]
    asked = rules.asked
    echoed = sum(1 for word in content if word.stem in asked)
    salad: tuple[Span, ...] = ()
    tangled = rows = salad
    if rules.guards.salad == "reject":
        broken = [clashes(text.words[s.first : s.last]) for s in text.sentences]
        salad = _salads(text, broken, barred)
        tangled = _tangled(text, broken)
        rows = _unlinked(text)
    copied = _copied(rules, text)
    looker = _Looker(view=view, barred=barred, copied=copied, asked=asked)
    concepts = {
        concept.name: looker.concept(concept)
        for concept in rules.concepts
        if concept.any or concept.all
    }
    misconceptions = {
        wrong.name: looker.misconception(wrong)
        for wrong in rules.misconceptions
        if wrong.any or wrong.all
    }
    if rules.pairs:
        paired, crossed, uncrossed = looker.pairs(rules.pairs)
        concepts |= paired
        if rules.crossed is not None:
            wrong = rules.crossed.misconception
            held = len(crossed) >= rules.crossed.at_least
            denied = len(uncrossed) >= rules.crossed.at_least
            misconceptions[wrong.name] = Evidence(
                rule=wrong.name,
                polarity="affirmed" if held else "denied" if denied else "absent",
                spans=tuple(crossed) if held else (),
                against=tuple(uncrossed) if denied and not held else (),
            )
    return Seen(
        text=text,
        concepts=concepts,
        misconceptions=_own(misconceptions, concepts, looker.reported),
        orders=orders,
        salad=salad,
        tangled=tangled,
        unlinked=rows,
        strangers=_strangers(rules, text, barred) if rules.guards.strangers == "review" else (),
        copied=Fraction(echoed, len(content)) if content else Fraction(0),
        content=len(content),
        tongue=tongue(text),
        work=view.work,
    )


def decide(rules: Rules, seen: Seen) -> Decision:
    """The label that what was seen earns, or the reasons why a person must say."""
    by = {
        polarity: frozenset(n for n, e in seen.concepts.items() if e.polarity == polarity)
        for polarity in ("affirmed", "denied", "both", "half")
    }
    found = frozenset(
        concept.name
        for concept in rules.concepts
        if concept.name in by[_COUNTS[concept.polarity]]
        or (concept.polarity == "either" and concept.name in by["denied"] | by["both"])
    )
    if seen.content < rules.guards.min_content_words:
        found = frozenset()
    held = {name: seen.misconceptions[name].polarity for name in seen.misconceptions}
    most = min(
        (w.effect.cap for w in rules.misconceptions if held[w.name] == "affirmed"),
        default=Fraction(1),
    )
    offered = frozenset(n for n in by["both"] if seen.concepts[n].offered) - found
    if offered:
        # "Either it does or it does not" says nothing, however right one of the two is.
        most = Fraction(0)

    def outcome(names: frozenset[str]) -> tuple[Label, Fraction, Fraction]:
        """The label and score once capped, and the score before."""
        label = rules.label(names)
        earned = rules.score(label, names)
        if earned <= most:
            return label, earned, earned
        return ("partial" if most else "incorrect"), most, earned

    label, score, earned = outcome(found)
    why = []
    if most:
        if outcome(found | by["both"])[0] != label or (
            score
            and any(held[w.name] == "both" for w in rules.misconceptions if w.effect.kind != "note")
        ):
            why.append("both")
        if rules.guards.half == "review" and outcome(found | by["half"])[0] != label:
            why.append("half")
        needed = found - {c.name for c in rules.concepts if c.need == "bonus"}
        if (label == "correct" and _is_in_a_tangle(seen, needed)) or (
            label == "partial" and _is_from_a_heap(seen, needed)
        ):
            why.append("tangled")
        if label == "correct" and seen.strangers:
            why.append("stranger")
        if seen.tongue and rules.guards.language == "review" and label != "correct":
            why.append("tongue")
    return Decision(
        label=label,
        score=score,
        earned=earned,
        review=tuple(why),
        found=found,
        offered=offered,
    )


def _is_in_a_tangle(seen: Seen, found: Iterable[str]) -> bool:
    """Whether a concept is shown nowhere but in tangled words, or two in one unlinked row."""
    spans = {name: seen.concepts[name].spans for name in found}
    rows = [sum(_all_within(held, [row]) for held in spans.values()) for row in seen.unlinked]
    return max(rows, default=0) > 1 or any(_all_within(s, seen.tangled) for s in spans.values())


def _is_from_a_heap(seen: Seen, found: Iterable[str]) -> bool:
    """Whether all that was found stands in rows that name much and link nothing."""
    heaps = [row for row in seen.unlinked if row in seen.tangled]
    return bool(heaps) and all(_all_within(seen.concepts[name].spans, heaps) for name in found)


def _all_within(spans: Sequence[Span], stretches: Sequence[Span]) -> bool:
    return bool(spans) and all(
        any(first <= start and end <= last for first, last in stretches) for start, end in spans
    )


_COUNTS: Mapping[str, Polarity] = {
    "affirmed": "affirmed",
    "denied": "denied",
    "either": "affirmed",
}


def _own(
    misconceptions: Mapping[str, Evidence],
    concepts: Mapping[str, Evidence],
    reported: frozenset[str],
) -> dict[str, Evidence]:
    """What others are said to think is the learner's own view only where there is no other view."""
    other = any(e.polarity == "affirmed" for e in concepts.values())
    return {
        name: Evidence(rule=name, polarity="denied", against=seen.spans)
        if other and name in reported and seen.polarity == "affirmed"
        else seen
        for name, seen in misconceptions.items()
    }


_NAMES = english.BE | english.words("= -> called named")


class _Looker:
    """Looks for rules in one text."""

    def __init__(
        self,
        *,
        view: View,
        barred: Sequence[bool],
        copied: Sequence[bool],
        asked: frozenset[str],
    ) -> None:
        self.view = view
        self.text = view.text
        self.stance: Stance = view.stance
        self.barred = barred
        self.copied = copied
        self.asked = asked
        self.reported: frozenset[str] = frozenset()

    def concept(self, concept: Concept) -> Evidence:
        hits = self._hits(concept.any, concept.unless, wrong=False)
        for pattern in concept.all:
            more = self._hits((pattern,), concept.unless, wrong=False)
            if not more:
                hits = []
                break
            hits += more
        seen = self._weigh(concept.name, hits)
        affirmed = [hit for hit in hits if not hit.denied]
        if seen.polarity == "affirmed" and all(hit.asked for hit in affirmed):
            # Asked, and gone past: it may be meant, but it has not been said.
            return Evidence(rule=concept.name, polarity="half", spans=seen.spans)
        if seen.polarity == "absent":
            near = self._hits(concept.half, concept.unless, wrong=False)
            near += [
                hit
                for pattern in concept.any
                for met in partly(pattern, self.view)
                if (hit := self._hit(met, wrong=False))
                and self._telling(met)
                and not (concept.unless and self._excused(met, concept.unless))
            ]
            kept = [hit for hit in near if not hit.denied]
            if kept:
                return Evidence(rule=concept.name, polarity="half", spans=self._spans(kept[:1]))
        return seen

    def misconception(self, wrong: Misconception) -> Evidence:
        hits = self._hits(wrong.any, wrong.unless, wrong=True)
        for pattern in wrong.all:
            more = self._hits((pattern,), wrong.unless, wrong=True)
            if not more:
                hits = []
                break
            hits += more
        held = [hit for hit in hits if not hit.denied]
        if held and all(hit.reported for hit in held):
            self.reported |= {wrong.name}
        return self._weigh(wrong.name, hits)

    def pairs(self, pairs: Sequence[Pair]) -> tuple[dict[str, Evidence], list[Span], list[Span]]:
        """Each pair's evidence; where attributes are crossed; where that is denied.

        Each attribute goes to the nearest head in its clause, a head before it first.

        In a segment with one head all attributes are that head's; a segment with none goes on
        speaking of the last head of its clause.
        """
        heads: list[tuple[int, str, Met]] = []
        for pair in pairs:
            heads += [(met.words[0], pair.concept.name, met) for met in meet(pair.head, self.view)]
        heads.sort(key=lambda head: head[0])
        bound = self._bound(((pair, pair.attribute) for pair in pairs), heads)
        own: dict[int, set[int]] = {}
        for name, met, (at, owner, _) in bound:
            if name == owner:
                own.setdefault(at, set()).update(met.words)
        hits: dict[str, list[_Hit]] = {pair.concept.name: [] for pair in pairs}
        crossed: list[Span] = []
        uncrossed: list[Span] = []
        for name, met, (_, owner, named) in bound:
            hit = self._hit(_bind(named, met), wrong=False)
            if hit is not None and name == owner:
                hits[name].append(hit)
        telling = self._bound(((pair, pair.telling or pair.attribute) for pair in pairs), heads)
        for name, met, (at, owner, named) in telling:
            hit = self._hit(_bind(named, met), wrong=False) if name != owner else None
            if hit is None or own.get(at, set()).issuperset(met.words):
                continue  # words that two heads may be said to do cross nothing
            (uncrossed if hit.denied else crossed).extend(self._spans([hit]))
        seen = {name: self._weigh(name, found) for name, found in hits.items()}
        return seen, crossed, uncrossed

    def _bound(
        self,
        listed: Iterable[tuple[Pair, Sequence[Pattern]]],
        heads: Sequence[tuple[int, str, Met]],
    ) -> list[tuple[str, Met, tuple[int, str, Met]]]:
        """Each attribute found, by the pair that lists it, with the head it is said of."""
        return [
            (pair.concept.name, met, head)
            for pair, patterns in listed
            for pattern in patterns
            for met in meet(pattern, self.view)
            if (head := self._head(met, heads)) is not None
        ]

    def _head(self, met: Met, heads: Sequence[tuple[int, str, Met]]) -> tuple[int, str, Met] | None:
        words = self.text.words
        first = words[met.words[0]]
        free = [
            head
            for head in heads
            if words[head[0]].sentence == first.sentence and not set(head[2].words) & set(met.words)
        ]
        inside = [head for head in free if met.words[0] < head[0] < met.words[-1]]
        if inside:
            return inside[0]
        after = [head for head in free if head[0] > met.words[-1]]
        if after and self._named_behind(met.words, after[0][0]):
            return after[0]
        near = [head for head in free if words[head[0]].segment == first.segment]
        if not near:
            before = [head for head in free if head[0] < met.words[0]]
            return before[-1] if before else (free[0] if free else None)
        before = [head for head in near if head[0] < met.words[0]]
        after = [head for head in near if head[0] > met.words[-1]]
        return before[-1] if before else (after[0] if after else None)

    def _named_behind(self, met: tuple[int, ...], head: int) -> bool:
        """Whether a head names what is said before it: "the carrier is the postman"."""
        words, last = self.text.words, met[-1]
        between = words[last + 1 : min(head, last + 5)]
        if head - last > 5 or any(word.apart for word in between):
            return False
        if any(word.text == "by" for word in between[:2]):
            return True
        if words[head].announced:
            closes = head + 1 == len(words) or words[head + 1].segment != words[head].segment
            return closes and not any(words[at].announced for at in met)
        return (
            bool(between)
            and between[0].text in _NAMES
            and all(word.text in _NAMES or word.text in english.ARTICLES for word in between)
        )

    def _hits(
        self, patterns: Iterable[Pattern], unless: Sequence[Pattern], *, wrong: bool
    ) -> list[_Hit]:
        found = []
        for pattern in patterns:
            if not self.view.holds(pattern.wants):
                continue  # most patterns are passed over here
            for met in meet(pattern, self.view, carry=not wrong):
                hit = self._hit(met, wrong=wrong)
                if hit is not None and not (unless and self._excused(met, unless)):
                    found.append(hit)
                    if not wrong and self._doubtful(met):
                        found.append(replace(hit, denied=not hit.denied))
        return found

    def _excused(self, met: Met, unless: Sequence[Pattern]) -> bool:
        words = self.text.words
        clauses = {words[at].clause for at in met.words}
        return any(
            words[other.words[0]].clause in clauses
            for pattern in unless
            for other in meet(pattern, self.view)
        )

    def _hit(self, met: Met, *, wrong: bool) -> _Hit | None:
        """The hit with its polarity, or None where its words do not count."""
        if any(self.barred[at] for at in met.words):
            return None
        if all(self.copied[at] for at in met.words):
            return None
        words, stance = self.text.words, self.stance
        if wrong and any(stance.imagined[at] for at in met.words):
            return None  # what would be if the facts were others is not what the learner holds
        deepest = 0
        for at in met.words:
            # Denials inside one another cancel out; those side by side deny each its own words.
            depth = int(words[at].flipped and at not in stance.negators)
            for number in stance.over[at]:
                denial = stance.denials[number]
                if denial.corrected is not None and met.words[-1] > denial.corrected:
                    continue  # "it makes not heat but gas" says that it makes gas
                if denial.at not in met.spent and (wrong or not denial.soft):
                    depth += 1
            deepest = max(deepest, depth)
        voices = {stance.voices[at] for at in met.words}
        reported = voices != {"own"}
        aside = (
            "mistaken" in voices
            or ("reported" in voices and wrong and any(stance.answered[at] for at in met.words))
            or any(stance.rejected[at] for at in met.words)
        )
        conceded = voices == {"reported"} and all(stance.answered[at] for at in met.words)
        if conceded and not wrong and not aside:
            return None  # said of others, before the learner's own "but": neither held nor denied
        denied = (deepest % 2 == 1) != aside
        if denied and met.carried:
            return None  # what "it" does not do may well be said of something else
        asked = self._asked(met)
        return _Hit(
            words=met.words,
            denied=denied,
            settled=bool(met.spent),
            reported=reported or asked,
            asked=asked,
            contrast=denied and self._contrasts(met),
        )

    def _contrasts(self, met: Met) -> bool:
        """Whether only a part of the words is denied, as what the rest is not: "gas, not heat"."""
        words, stance = self.text.words, self.stance
        over = {number for at in met.words for number in stance.over[at]}
        return any(
            met.words[0] < denial.at and words[denial.at].apart
            for number in over
            if (denial := stance.denials[number]).at not in met.spent
        )

    def _doubtful(self, met: Met) -> bool:
        """Whether nobody can say if a denial reaches the words."""
        return any(
            denial.doubtful is not None and met.words[0] >= denial.doubtful
            for number in self.stance.over[met.words[-1]]
            if (denial := self.stance.denials[number]).at not in met.spent
        )

    def _asked(self, met: Met) -> bool:
        """Whether the words are only asked, or only supposed against the facts.

        A statement with a question mark behind it is a statement in doubt, and doubt costs nothing.
        """
        if all(self.stance.supposed[at] for at in met.words):
            return True
        words, sentences = self.text.words, self.text.sentences
        number = words[met.words[0]].sentence
        sentence = sentences[number]
        if not sentence.asks:
            return False
        goes_on = number + 1 < len(sentences) and not all(
            self.barred[at] for at in range(sentences[number + 1].first, sentences[-1].last)
        )
        return goes_on or words[sentence.first].text in english.AUXILIARIES

    def _telling(self, met: Met) -> bool:
        """Whether at least two of the words are the learner's own: not small, not the prompt's."""
        words = self.text.words
        own = (at for at in met.words if is_content(words[at]) and words[at].stem not in self.asked)
        return sum(1 for _ in own) >= 2

    def _weigh(self, rule: str, hits: Sequence[_Hit]) -> Evidence:
        if not hits:
            return Evidence(rule=rule, polarity="absent")
        affirmed = [hit for hit in hits if not hit.denied]
        settled = {at for hit in affirmed if hit.settled for at in hit.words}
        denied = [
            hit
            for hit in hits
            if hit.denied and not settled & set(hit.words) and not (hit.contrast and affirmed)
        ]
        if any(not hit.reported for hit in affirmed):
            # What the learner says outweighs a report of what others say.
            denied = [hit for hit in denied if not hit.reported]
        polarity: Polarity = "absent"
        left_open = [hit for hit in affirmed if self._left_open(hit)]
        if left_open and len(left_open) == len(affirmed):
            spans = self._spans(affirmed)
            return Evidence(rule=rule, polarity="both", spans=spans, against=spans, offered=True)
        if affirmed and denied:
            polarity = "both"
        elif affirmed:
            polarity = "affirmed"
        elif denied:
            polarity = "denied"
        return Evidence(
            rule=rule,
            polarity=polarity,
            spans=self._spans(affirmed),
            against=self._spans(denied),
            offered=polarity == "both" and self._offered(affirmed, denied),
        )

    def _left_open(self, hit: _Hit) -> bool:
        """Whether "or it doesn't" follows; a pattern that spells the "or" wants it so."""
        words, stance = self.text.words, self.stance
        return any(stance.open[at] for at in hit.words) and not any(
            words[at].text == "or" for at in hit.words
        )

    def _offered(self, affirmed: Sequence[_Hit], denied: Sequence[_Hit]) -> bool:
        """Whether an "or" stands between a hit and its denial, in one sentence."""
        words = self.text.words
        for one in affirmed[:8]:
            for other in denied[:8]:
                first = min(one.words[0], other.words[0])
                last = max(one.words[-1], other.words[-1])
                if words[first].sentence == words[last].sentence and any(
                    words[at].text == "or" for at in range(first, last)
                ):
                    return True
        return False

    def _spans(self, hits: Sequence[_Hit]) -> tuple[Span, ...]:
        """The stretches that the hits cover, overlapping ones joined, in reading order."""
        words = self.text.words
        spans: list[Span] = []
        for start, end in sorted(
            (words[hit.words[0]].start, words[hit.words[-1]].end) for hit in hits
        ):
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        return tuple(spans)


def _bind(head: Met, attribute: Met) -> Met:
    words = tuple(sorted({*head.words, *attribute.words}))
    return Met(words, head.spent | attribute.spent)


# -- what may not count -------------------------------------------------------------------------


def _orders(text: Text, barred: list[bool]) -> tuple[Span, ...]:
    """Bars the segments that speak to whoever marks, and tells where they stand."""
    words = text.words
    spans: list[Span] = []
    for first, last in _segments(text):
        if words[first].announced and first and words[first - 1].sentence == words[first].sentence:
            first = max(first - HEADING, 0)  # noqa: PLW2901 - "Grade: 100" is one stretch
        stretch = [words[at].text for at in range(first, last)]
        if not english.NOT_IN_ANSWERS & set(stretch):
            continue
        if any(_ordered(stretch, kinds) for kinds in english.INSTRUCTIONS):
            for at in range(first, last):
                barred[at] = True
            spans.append((words[first].start, words[last - 1].end))
    return tuple(spans)


def _ordered(stretch: Sequence[str], kinds: Sequence[frozenset[str]]) -> bool:
    """Whether a word of each kind stands in the stretch, at most six words apart."""
    places = [[at for at, text in enumerate(stretch) if text in kind] for kind in kinds]
    if not all(places):
        return False
    if len(places) == 1:
        return True
    return any(0 < abs(one - other) <= 6 for one in places[0][:20] for other in places[1][:20])


def _segments(text: Text) -> Iterator[tuple[int, int]]:
    """The stretches of words between commas, colons, contrasts and full stops."""
    first = 0
    for at in range(1, len(text.words) + 1):
        if at == len(text.words) or text.words[at].segment != text.words[first].segment:
            yield first, at
            first = at


def _copied(rules: Rules, text: Text) -> list[bool]:
    """For each word whether it stands in a run of words taken over from the prompt."""
    words = [word.text for word in text.words]
    copied = [False] * len(words)
    for length, runs in rules.echoes.items():
        for at in range(len(words) - length + 1):
            if tuple(words[at : at + length]) in runs:
                copied[at : at + length] = [True] * length
    return copied


def _salads(text: Text, broken: Sequence[int], barred: list[bool]) -> tuple[Span, ...]:
    """Bars sentences that only list words, or throw them together in no order."""
    spans: list[Span] = []
    short: list[Sentence] = []
    headed = [_is_headed(text.words[s.first : s.last]) for s in text.sentences]
    told = sum(headed) > 1  # "hard: one of them. soft: all, weighted, summed."
    for sentence, clashing, under in zip(text.sentences, broken, headed, strict=True):
        words = text.words[sentence.first : sentence.last]
        listed = only_listed(words) and not (told and under)
        if listed or thrown_together(words, clashing) or heaped(words):
            spans.append(_bar(text, sentence, barred))
        elif len(words) <= 3 and not says(words):
            short.append(sentence)
    if len(short) >= 4 and len(short) + len(spans) == len(text.sentences):
        spans += [_bar(text, sentence, barred) for sentence in short]
    return tuple(spans)


def _is_headed(words: Sequence[Word]) -> bool:
    """Whether a sentence opens with a word or two and a colon."""
    return any(word.announced for word in words[1:3])


def _tangled(text: Text, broken: Sequence[int]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for sentence, clashing in zip(text.sentences, broken, strict=True):
        words = text.words[sentence.first : sentence.last]
        odd = oddities(words, asks=sentence.asks, broken=clashing)
        # One odd pair may be a hurried writer's; in few words, or where they clash, it is much.
        often = odd and (odd > 1 or len(words) < FEW or clashing) and odd * 40 >= len(words)
        heap = sum(map(is_content, words)) >= MANY and unlinked(words)
        if often or heap or strung(words):
            spans.append((words[0].start, words[-1].end))
    for first, last in _segments(text):
        if any(map(overloaded, between_signs(text.words[first:last]))):
            spans.append((text.words[first].start, text.words[last - 1].end))
    return tuple(spans)


def _strangers(rules: Rules, text: Text, barred: Sequence[bool]) -> tuple[Span, ...]:
    """The subjects that the exercise has no word for.

    "Bananas evaporate from the sea" may meet every rule. An analogy says what it compares, or is
    looked at by a person.
    """
    if any(word.text in english.COMPARING for word in text.words):
        return ()
    spans: list[Span] = []
    for sentence in text.sentences:
        if barred[sentence.first]:
            continue
        head: Word | None = None
        for word in text.words[sentence.first : sentence.last]:
            if word.text in english.AUXILIARIES or (head is not None and english.acts(word.text)):
                break
            if word.text in english.PRONOUNS | english.QUANTIFIERS or word.apart:
                head = None  # somebody or something known is spoken of
                break
            if is_content(word):
                head = word
        else:
            continue
        if head is not None and _is_strange(head.text) and stem(head.text) not in rules.known:
            spans.append((head.start, head.end))
    return tuple(spans)


def _is_strange(word: str) -> bool:
    return len(word) > 3 and word.isalpha() and not word.endswith(("ed", "ly", "ing"))


def _unlinked(text: Text) -> tuple[Span, ...]:
    return tuple(
        (text.words[first].start, text.words[last - 1].end)
        for first, last in _segments(text)
        if unlinked(text.words[first:last])
    )


def _bar(text: Text, sentence: Sentence, barred: list[bool]) -> Span:
    for at in range(sentence.first, sentence.last):
        barred[at] = True
    return text.words[sentence.first].start, text.words[sentence.last - 1].end

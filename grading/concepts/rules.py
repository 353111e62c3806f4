"""An exercise's rules on a text: concepts, misconceptions, pairing, labels and guards.

The rules are parsed once, with every fault told at its place; a part whose ``check`` found none
compiles. Nothing here looks at a learner's text: that is ``grading.concepts.evidence``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal, get_args

from grading.concepts import english
from grading.concepts.everyday import EVERYDAY
from grading.concepts.patterns import Pattern, Sets, Unsound, atoms_of, parse
from grading.concepts.words import Lexicon, Text, Word, fold, read, stem
from grading.document import unknown_keys
from grading.errors import BrokenExercise, Fault, Place
from grading.exercise import Value, number_text

KEYS = (
    "model",
    "lexicon",
    "concepts",
    "misconceptions",
    "pairing",
    "labels",
    "scores",
    "guards",
    "stands",
    "struck",
)
CONCEPT_KEYS = (
    "need",
    "weight",
    "any",
    "near",
    "before",
    "all",
    "half",
    "unless",
    "polarity",
    "feedback",
)
MISCONCEPTION_KEYS = ("any", "near", "before", "all", "unless", "effect", "say", "example")
PAIR_KEYS = ("head", "attribute", "telling", "need", "weight", "feedback")
CROSSED_KEYS = ("effect", "at_least", "say", "example")

STRIKE_KEYS = ("sample", "made", "of", "because")

FAMILIES: Mapping[str, str] = {
    "capitals": "in capitals",
    "quotes": "with curly quotes",
    "order": "with an order to the marker",
    "slips": "with a typing slip in each long word",
    "denied": "denied as a whole",
    "negated": "negated at its verbs",
    "backwards": "its words from last to first",
    "shuffled": "its words shuffled",
    "swapped": "who does what to whom exchanged",
    "shortened": "the sentence of one concept dropped",
    "asserted": "{of} asserted beside it",
    "rejected": "{of} denied beside it",
    "conceded": "{of} conceded before it",
}
"""What is made of a sample, by the name under which it may be struck, and how it is told."""

Need = Literal["required", "optional", "bonus"]
Polarity = Literal["affirmed", "denied", "either"]
Label = Literal["correct", "partial", "incorrect"]
LABELS: tuple[Label, ...] = get_args(Label)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an asserted misconception does: the most the answer may still score."""

    kind: Literal["void", "cap", "note"]
    cap: Fraction


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One idea. ``any`` pattern meets it; where there is ``all``, each of those must be met too."""

    name: str
    need: Need = "required"
    weight: Fraction = Fraction(1)
    any: tuple[Pattern, ...] = ()
    all: tuple[Pattern, ...] = ()
    half: tuple[Pattern, ...] = ()
    """Words that show the learner near the idea without saying it: a person looks."""
    unless: tuple[Pattern, ...] = ()
    """In the same clause, these say that the words speak of something else."""
    polarity: Polarity = "affirmed"
    found: str = ""
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Misconception:
    """One wrong idea, held only where it is asserted."""

    name: str
    effect: Effect
    any: tuple[Pattern, ...] = ()
    all: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    say: str = ""
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A head and what must be said of it, not of another: bound to the nearest head."""

    concept: Concept
    head: Pattern
    attribute: tuple[Pattern, ...]
    telling: tuple[Pattern, ...] = ()
    """What crosses where it is said of another head; every attribute does, unless said."""


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """What happens where heads are bound to each other's attributes."""

    misconception: Misconception
    at_least: int


Condition = Callable[[frozenset[str]], bool]
"""Whether a label is earned by the names of what was found."""


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What is held against every answer, whatever the subject."""

    min_content_words: int = 1
    copy_overlap_max: Fraction = Fraction(4, 5)
    salad: Literal["reject", "allow"] = "reject"
    injection: Literal["ignore", "allow"] = "ignore"
    language: Literal["review", "mark"] = "review"
    half: Literal["review", "ignore"] = "review"
    strangers: Literal["ignore", "review"] = "ignore"


@dataclass(frozen=True, kw_only=True)
class Strike:
    """A made sample that its author takes out, since it does not apply, and the reason."""

    sample: int
    """Counted from 1, as in the document's list."""
    made: str
    of: str
    """The rule it is about; empty: whichever."""
    because: str


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All that decides a text."""

    prompt: Text
    asked: frozenset[str]
    """The stems of what the prompt asks; what it quotes is there to be spoken of."""
    echoes: Mapping[int, frozenset[tuple[str, ...]]]
    """By their length, the runs of the prompt's words that are a copy where an answer holds them.
    Of a quotation only the whole is one."""
    model: str
    lexicon: Lexicon
    concepts: tuple[Concept, ...]
    """The pairs' concepts stand among them, last."""
    misconceptions: tuple[Misconception, ...]
    pairs: tuple[Pair, ...]
    crossed: Crossed | None
    labels: tuple[tuple[Label, Condition], ...]
    otherwise: Label
    scores: Mapping[Label, Fraction]
    guards: Guards
    stands: tuple[tuple[str, str], ...]
    """Labels the words may commit to, and the rule whose being met commits them."""
    struck: tuple[Strike, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        """The stems of all that the exercise has a word for, and of everyday words."""
        own = (*self.prompt.words, *read(self.model, Lexicon(())).words)
        return self.lexicon.stems | {stem(word.text) for word in own} | EVERYDAY_STEMS

    @cached_property
    def weights(self) -> Mapping[str, Fraction]:
        """What each concept weighs; a bonus weighs nothing and is left out."""
        return {c.name: c.weight for c in self.concepts if c.need != "bonus"}

    @cached_property
    def whole(self) -> Fraction:
        """What all required concepts weigh together."""
        return sum((c.weight for c in self.concepts if c.need == "required"), Fraction(0))

    def label(self, found: frozenset[str]) -> Label:
        """The label that the names of the found concepts earn."""
        for label, holds in self.labels:
            if holds(found):
                return label
        return self.otherwise

    def score(self, label: Label, found: frozenset[str]) -> Fraction:
        """The score of a label; a partial one is the share of the required weight found."""
        if label in self.scores:
            return self.scores[label]
        if label != "partial":
            return Fraction(label == "correct")
        got = sum((weight for name, weight in self.weights.items() if name in found), Fraction(0))
        whole = self.whole
        return got / whole if 0 < got < whole else Fraction(1, 2)


EVERYDAY_STEMS = frozenset(
    stem(word) for phrases in EVERYDAY.values() for word in re.findall(r"\w+", " ".join(phrases))
)

_QUOTED = re.compile(
    r"“[^“”]{1,400}”|\"[^\"]{1,400}\"|\*{1,2}[^*]{1,400}\*{1,2}|(?<!\w)_[^_]{1,400}_(?!\w)"
)


COPIED_RUN = 4
"""So many words in a row, the same as the prompt's, are taken over from it."""


def _unquoted(prompt: Text) -> Iterator[Word]:
    quoted = [found.span() for found in _QUOTED.finditer(prompt.raw)]
    for word in prompt.words:
        if not any(first <= word.start < last for first, last in quoted):
            yield word


def _echoes(prompt: Text) -> dict[int, frozenset[tuple[str, ...]]]:
    words = prompt.words
    asking = {word.start for word in _unquoted(prompt)}
    runs = {
        tuple(word.text for word in words[at : at + COPIED_RUN])
        for at in range(len(words) - COPIED_RUN + 1)
        if any(word.start in asking for word in words[at : at + COPIED_RUN])
    }
    for found in _QUOTED.finditer(prompt.raw):
        first, last = found.span()
        runs.add(tuple(word.text for word in words if first <= word.start < last))
    lengths = {len(run) for run in runs if len(run) >= COPIED_RUN}
    return {
        length: frozenset(run for run in runs if len(run) == length) for length in sorted(lengths)
    }


def compile_rules(prompt: str, body: Mapping[str, Value]) -> Rules:
    """The rules of a part. Raises BrokenExercise with every fault, placed relative to the part."""
    reader = _Reader(body)
    rules = reader.rules(prompt)
    if reader.faults:
        raise BrokenExercise(reader.faults)
    return rules


def check_rules(prompt: str, body: Mapping[str, Value]) -> list[Fault]:
    """Every fault of a part's rules, placed relative to the part."""
    reader = _Reader(body)
    reader.rules(prompt)
    return reader.faults


class _Reader:
    """Reads one part's body. What is wrong is noted; reading goes on with something harmless."""

    def __init__(self, body: Mapping[str, Value]) -> None:
        self.body = body
        self.faults: list[Fault] = []
        self.sets = Sets(self._lexicon())
        self.patterns: list[Pattern] = []

    def fault(self, code: str, message: str, *place: str | int) -> None:
        self.faults.append(Fault(code=code, message=message, place=place))

    def rules(self, prompt: str) -> Rules:
        self.faults += unknown_keys(self.body, KEYS)
        model = self.body.get("model")
        if not isinstance(model, str) or not model.strip():
            self.fault("model", "`model` is an answer that deserves full marks.", "model")
            model = ""
        for name in self.sets.entries:
            try:
                self.sets.named(name)
            except Unsound as error:
                self.fault("pattern", f"@{name}: {error}.", "lexicon", name)
        concepts = list(self._concepts())
        misconceptions = list(self._misconceptions())
        pairs, crossed = self._pairing()
        concepts += [pair.concept for pair in pairs]
        if crossed is not None:
            misconceptions.append(crossed.misconception)
        if not concepts:
            message = "There is nothing to find: write at least one of `concepts` or `pairing`."
            self.fault("concepts", message, "concepts")
        names = [c.name for c in concepts] + [m.name for m in misconceptions]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.fault("twice", f"Two rules are called `{name}`.", "concepts", name)
        labels, otherwise = self._labels(concepts)
        asked = read(prompt, Lexicon(fold(prompt).split()))
        lexicon = self._words(prompt)
        return Rules(
            prompt=asked,
            asked=frozenset(lexicon.stem(word.text) for word in _unquoted(asked)),
            echoes=_echoes(asked),
            model=model.strip(),
            lexicon=lexicon,
            concepts=tuple(concepts),
            misconceptions=tuple(misconceptions),
            pairs=tuple(pairs),
            crossed=crossed,
            labels=labels,
            otherwise=otherwise,
            scores=self._scores(),
            guards=self._guards(),
            stands=self._stands(names),
            struck=tuple(self._struck(names)),
        )

    def _words(self, prompt: str) -> Lexicon:
        words = {word.text for word in read(prompt, Lexicon(())).words}
        openings = set()
        for pattern in self.patterns:
            for atom in atoms_of(pattern):
                if atom.kind == "opening":
                    openings.add(atom.text)
                elif atom.text and atom.text not in english.SYMBOLS:
                    words.add(atom.text)
        return Lexicon(words, openings)

    # -- small readers ----------------------------------------------------------------------

    def _mapping(self, value: Value, *place: str | int) -> Mapping[str, Value]:
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self.fault("mapping", f"`{place[-1]}` holds lines of the form `name: value`.", *place)
        return {}

    def _texts(self, value: Value, *place: str | int) -> tuple[str, ...]:
        """A text, or a list of texts; a number in it is read as it would be typed."""
        entries = value if isinstance(value, tuple) else (value,)
        if not entries or value is None:
            message = f"`{place[-1]}` is empty: write something there, or leave the key out."
            self.fault("empty", message, *place)
            return ()
        texts = []
        for index, entry in enumerate(entries):
            text = number_text(entry) if isinstance(entry, Fraction) else entry
            if isinstance(text, str) and text.strip():
                texts.append(text)
            else:
                here = (*place, index) if isinstance(value, tuple) else place
                self.fault("text", "This is to be a text; put it in quotation marks.", *here)
        return tuple(texts)

    def _text(self, value: Value, *place: str | int) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value.strip()
        self.fault("text", f"`{place[-1]}` is a text.", *place)
        return ""

    def _choice(self, value: Value, options: Sequence[str], *place: str | int) -> str:
        if isinstance(value, str) and value in options:
            return value
        self.fault("choice", f"`{place[-1]}` is one of {', '.join(options)}.", *place)
        return options[0]

    def _number(
        self, value: Value, low: int, high: int, *place: str | int, whole: bool = False
    ) -> Fraction:
        fits = isinstance(value, Fraction) and low <= value <= high
        if isinstance(value, Fraction) and fits and (not whole or value.denominator == 1):
            return value
        kind = "a whole number" if whole else "a number"
        self.fault("number", f"`{place[-1]}` is {kind} from {low} to {high}.", *place)
        return Fraction(low)

    def _patterns(self, value: Value, *place: str | int) -> tuple[Pattern, ...]:
        patterns = []
        for index, text in enumerate(self._texts(value, *place)):
            here: Place = (*place, index) if isinstance(value, tuple) else place
            pattern = self._pattern(text, *here)
            if pattern is not None:
                patterns.append(pattern)
        return tuple(patterns)

    def _pattern(self, text: str, *place: str | int) -> Pattern | None:
        try:
            pattern = parse(text, self.sets)
        except Unsound as error:
            self.fault("pattern", f"`{text}`: {error}.", *place)
            return None
        self.patterns.append(pattern)
        return pattern

    def _listed(
        self, value: Mapping[str, Value], key: str, *place: str | int
    ) -> tuple[Pattern, ...]:
        return self._patterns(value[key], *place, key) if key in value else ()

    def _any(self, value: Mapping[str, Value], *place: str | int) -> tuple[Pattern, ...]:
        """``any`` lists patterns; ``near: [a, b]`` and ``before: [a, b]`` spell one more each."""
        patterns = self._listed(value, "any", *place)
        for join in ("near", "before"):
            slots = self._texts(value[join], *place, join) if join in value else ()
            if len(slots) == 1:
                self.fault("pattern", f"`{join}` lists at least two slots.", *place, join)
            elif slots:
                pattern = self._pattern(f" {join} ".join(slots), *place, join)
                patterns += () if pattern is None else (pattern,)
        return patterns

    # -- the blocks -------------------------------------------------------------------------

    def _lexicon(self) -> dict[str, tuple[str, ...]]:
        entries = self._mapping(self.body.get("lexicon"), "lexicon")
        return {name: self._texts(value, "lexicon", name) for name, value in entries.items()}

    def _concepts(self) -> Iterator[Concept]:
        for name, entry in self._mapping(self.body.get("concepts"), "concepts").items():
            place = ("concepts", name)
            value = self._mapping(entry, *place)
            self.faults += [f.under(*place) for f in unknown_keys(value, CONCEPT_KEYS)]
            found, missing = self._feedback(value, *place)
            concept = Concept(
                name=name,
                need=self._need(value, *place),
                weight=self._weight(value, *place),
                any=self._any(value, *place),
                all=self._listed(value, "all", *place),
                half=self._listed(value, "half", *place),
                unless=self._listed(value, "unless", *place),
                polarity=self._choice(  # type: ignore[arg-type]
                    value.get("polarity", "affirmed"), get_args(Polarity), *place, "polarity"
                ),
                found=found,
                missing=missing,
            )
            if not {"any", "all", "near", "before"} & set(value):
                message = f"`{name}` has no patterns: list some under `any`."
                self.fault("patterns", message, *place)
            elif concept.need == "required" and concept.any and not _relates(concept):
                message = (
                    f"`{name}` is met by single words alone. A required concept needs a pattern "
                    "that relates two things: with `/`, `near`, `before` or `..`."
                )
                self.fault("relation", message, *place)
            yield concept

    def _need(self, value: Mapping[str, Value], *place: str | int) -> Need:
        return self._choice(  # type: ignore[return-value]
            value.get("need", "required"), get_args(Need), *place, "need"
        )

    def _weight(self, value: Mapping[str, Value], *place: str | int) -> Fraction:
        return self._number(value.get("weight", Fraction(1)), 0, 100, *place, "weight")

    def _feedback(self, value: Mapping[str, Value], *place: str | int) -> tuple[str, str]:
        feedback = self._mapping(value.get("feedback"), *place, "feedback")
        here = (*place, "feedback")
        self.faults += [f.under(*here) for f in unknown_keys(feedback, ("found", "missing"))]
        return (
            self._text(feedback.get("found"), *here, "found"),
            self._text(feedback.get("missing"), *here, "missing"),
        )

    def _misconceptions(self) -> Iterator[Misconception]:
        entries = self._mapping(self.body.get("misconceptions"), "misconceptions")
        for name, entry in entries.items():
            place = ("misconceptions", name)
            value = self._mapping(entry, *place)
            self.faults += [f.under(*place) for f in unknown_keys(value, MISCONCEPTION_KEYS)]
            if not {"any", "all", "near", "before"} & set(value):
                message = f"`{name}` has no patterns: list some under `any`."
                self.fault("patterns", message, *place)
            yield Misconception(
                name=name,
                effect=self._effect(value.get("effect", "note"), *place, "effect"),
                any=self._any(value, *place),
                all=self._listed(value, "all", *place),
                unless=self._listed(value, "unless", *place),
                say=self._text(value.get("say"), *place, "say"),
                example=self._text(value.get("example"), *place, "example"),
            )

    def _effect(self, value: Value, *place: str | int) -> Effect:
        if value == "void":
            return Effect(kind="void", cap=Fraction(0))
        if value == "note":
            return Effect(kind="note", cap=Fraction(1))
        if isinstance(value, str) and value.startswith("cap "):
            try:
                cap = Fraction(value.removeprefix("cap ").strip()[:20])
            except (ValueError, ZeroDivisionError):
                cap = Fraction(-1)
            if 0 < cap < 1:
                return Effect(kind="cap", cap=cap)
        message = "`effect` is `void`, `note`, or `cap` and a share, such as `cap 0.5`."
        self.fault("effect", message, *place)
        return Effect(kind="note", cap=Fraction(1))

    def _pairing(self) -> tuple[list[Pair], Crossed | None]:
        pairs: list[Pair] = []
        crossed: Crossed | None = None
        for name, entry in self._mapping(self.body.get("pairing"), "pairing").items():
            place = ("pairing", name)
            value = self._mapping(entry, *place)
            if name == "crossed":
                self.faults += [f.under(*place) for f in unknown_keys(value, CROSSED_KEYS)]
                least = value.get("at_least", Fraction(1))
                crossed = Crossed(
                    misconception=Misconception(
                        name=name,
                        effect=self._effect(value.get("effect", "void"), *place, "effect"),
                        say=self._text(value.get("say"), *place, "say"),
                        example=self._text(value.get("example"), *place, "example"),
                    ),
                    at_least=int(self._number(least, 1, 20, *place, "at_least", whole=True)),
                )
                continue
            self.faults += [f.under(*place) for f in unknown_keys(value, PAIR_KEYS)]
            heads = self._listed(value, "head", *place)
            attribute = self._listed(value, "attribute", *place)
            if len(heads) != 1 or not attribute:
                message = f"`{name}` needs one `head` and at least one `attribute`."
                self.fault("pair", message, *place)
                continue
            found, missing = self._feedback(value, *place)
            concept = Concept(
                name=name,
                need=self._need(value, *place),
                weight=self._weight(value, *place),
                found=found,
                missing=missing,
            )
            telling = self._listed(value, "telling", *place)
            pairs.append(Pair(concept=concept, head=heads[0], attribute=attribute, telling=telling))
        return pairs, crossed

    def _labels(
        self, concepts: Sequence[Concept]
    ) -> tuple[tuple[tuple[Label, Condition], ...], Label]:
        names = frozenset(concept.name for concept in concepts)
        required = frozenset(concept.name for concept in concepts if concept.need == "required")
        value = self.body.get("labels")
        if value is None:
            return (
                ("correct", lambda found: bool(found) and required <= found),
                ("partial", lambda found: bool(required & found)),
            ), "incorrect"
        table = self._mapping(value, "labels")
        self.faults += [f.under("labels") for f in unknown_keys(table, (*LABELS, "else"))]
        labels: list[tuple[Label, Condition]] = []
        for label in LABELS:
            if label in table:
                here = _Conditions(self, names, required)
                labels.append((label, here.read(table[label], "labels", label)))
        if "correct" not in table:
            self.fault("labels", "`labels` says what is `correct`.", "labels")
        otherwise = self._choice(table.get("else", "incorrect"), LABELS, "labels", "else")
        return tuple(labels), otherwise  # type: ignore[return-value]

    def _scores(self) -> dict[Label, Fraction]:
        scores = self._mapping(self.body.get("scores"), "scores")
        self.faults += [f.under("scores") for f in unknown_keys(scores, LABELS)]
        return {
            label: self._number(scores[label], 0, 1, "scores", label)
            for label in LABELS
            if label in scores
        }

    def _guards(self) -> Guards:
        guards = self._mapping(self.body.get("guards"), "guards")
        known = tuple(Guards.__dataclass_fields__)
        self.faults += [f.under("guards") for f in unknown_keys(guards, known)]

        def choice(name: str, *options: str) -> str:
            return self._choice(guards.get(name, options[0]), options, "guards", name)

        least = guards.get("min_content_words", Fraction(1))
        most = guards.get("copy_overlap_max", Fraction(4, 5))
        return Guards(
            min_content_words=int(
                self._number(least, 0, 50, "guards", "min_content_words", whole=True)
            ),
            copy_overlap_max=self._number(most, 0, 1, "guards", "copy_overlap_max"),
            salad=choice("salad", "reject", "allow"),  # type: ignore[arg-type]
            injection=choice("injection", "ignore", "allow"),  # type: ignore[arg-type]
            language=choice("language", "review", "mark"),  # type: ignore[arg-type]
            half=choice("half", "review", "ignore"),  # type: ignore[arg-type]
            strangers=choice("strangers", "ignore", "review"),  # type: ignore[arg-type]
        )

    def _stands(self, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        stands = []
        for label, name in self._mapping(self.body.get("stands"), "stands").items():
            if isinstance(name, str) and name in names:
                stands.append((label, name))
            else:
                message = f"`{label}` names a rule of this part: {', '.join(names)}."
                self.fault("unknown-name", message, "stands", label)
        return tuple(stands)

    def _struck(self, names: Sequence[str]) -> Iterator[Strike]:
        value = self.body.get("struck", ())
        for index, entry in enumerate(value if isinstance(value, tuple) else (value,)):
            place = ("struck", index)
            told = self._mapping(entry, *place)
            self.faults += [f.under(*place) for f in unknown_keys(told, STRIKE_KEYS)]
            because = self._text(told.get("because"), *place, "because")
            if not because:
                message = "`because` says why this made sample does not apply."
                self.fault("struck", message, *place)
            of = self._text(told.get("of"), *place, "of")
            if of and of not in names:
                message = f"`of` names a rule of this part: {', '.join(names)}."
                self.fault("unknown-name", message, *place, "of")
            yield Strike(
                sample=int(
                    self._number(told.get("sample"), 1, 10_000, *place, "sample", whole=True)
                ),
                made=self._choice(told.get("made"), tuple(FAMILIES), *place, "made"),
                of=of,
                because=because,
            )


class _Conditions:
    """Reads one entry of the label table.

    A list: all of these. ``{any_of: [...]}``, ``{all_of: [...]}``, ``{none_of: [...]}``,
    ``{at_least: 2, of: [...]}``, several of them in one mapping (all must hold); entries of
    ``any_of``, ``all_of`` and ``none_of`` may be such mappings or lists themselves.
    """

    def __init__(self, reader: _Reader, names: frozenset[str], required: frozenset[str]) -> None:
        self.reader = reader
        self.names = names
        self.required = required

    def read(self, value: Value, *place: str | int) -> Condition:
        if isinstance(value, str):
            if value not in self.names:
                message = (
                    f"`{value}` is not a concept of this part: {', '.join(sorted(self.names))}."
                )
                self.reader.fault("unknown-name", message, *place)
            return lambda found: value in found
        if isinstance(value, tuple) and value:
            return _all([self.read(item, *place, index) for index, item in enumerate(value)])
        if isinstance(value, Mapping) and value and len(place) < 10:
            return self._mapping(value, *place)
        message = "A label lists the concepts it needs, or says `any_of`, `all_of` or `at_least`."
        self.reader.fault("labels", message, *place)
        return lambda found: False

    def _mapping(self, value: Mapping[str, Value], *place: str | int) -> Condition:
        known = ("any_of", "all_of", "none_of", "at_least", "of")
        self.reader.faults += [f.under(*place) for f in unknown_keys(value, known)]
        held: list[Condition] = []
        if "of" in value and "at_least" not in value:
            message = "`of` goes with `at_least`: how many of them?"
            self.reader.fault("labels", message, *place, "of")
        for key in ("any_of", "all_of", "none_of"):
            if key not in value:
                continue
            entries = value[key]
            if not isinstance(entries, tuple):
                entries = (entries,)
            if not entries:
                # "All of none" would hold of every answer.
                message = f"`{key}` is empty: list at least one concept."
                self.reader.fault("labels", message, *place, key)
            inner = [self.read(item, *place, key, i) for i, item in enumerate(entries)]
            held.append({"any_of": _any, "all_of": _all, "none_of": _none}[key](inner))
        if "at_least" in value:
            of = self.required
            if "of" in value:
                named = value["of"] if isinstance(value["of"], tuple) else (value["of"],)
                for index, name in enumerate(named):
                    self.read(name, *place, "of", index)
                of = frozenset(name for name in named if isinstance(name, str))
            count = self.reader._number(
                value["at_least"], 1, max(len(of), 1), *place, "at_least", whole=True
            )
            held.append(lambda found: len(of & found) >= count)
        return _all(held)


def _all(conditions: Sequence[Condition]) -> Condition:
    return lambda found: all(holds(found) for holds in conditions)


def _any(conditions: Sequence[Condition]) -> Condition:
    return lambda found: any(holds(found) for holds in conditions)


def _none(conditions: Sequence[Condition]) -> Condition:
    return lambda found: not any(holds(found) for holds in conditions)


def _relates(concept: Concept) -> bool:
    return bool(concept.all) or any(
        pattern.shape != "chain"
        or pattern.slots[0].gaps
        or any(len(phrase) > 1 for phrase in pattern.slots[0].segments[0].phrases)
        for pattern in concept.any
    )

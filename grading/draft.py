"""A document to an exercise: the keys that every exercise has, read with every fault at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from grading.document import Document, unknown_keys
from grading.errors import BrokenExercise, Fault, Place
from grading.exercise import Agreement, Exercise, Hint, Part, Raw, Sample, Value
from grading.given import check_given

TOP_KEYS = ("title", "intro", "tries", "release", "given", "parts", "agree", "samples")
PART_KEYS = ("name", "kind", "prompt", "points", "hints")
SAMPLE_KEYS = ("answer", "score", "label", "outcome", "finding", "denied", "seed")
AGREE_KEYS = ("top-of", "said-in", "cost", "say")
LABELS = ("correct", "partial", "incorrect")
OUTCOMES = ("marked", "review", "unreadable")
MOST_PARTS = 20
MOST_FORESEEN = 40
"""So many wrong answers of one part: each is compared with each other, on every draw."""


def read_draft(document: Document, text: str, slug: str) -> tuple[Exercise, list[Fault]]:
    """The exercise as far as it can be read, and the faults found; its kinds have not looked yet.

    Raises BrokenExercise where there is nothing to go on with.
    """
    top = document.value
    if not isinstance(top, Mapping):
        message = (
            "An exercise is a mapping: it begins with a line such as `title: Mix four values`."
        )
        raise BrokenExercise([document.locate(Fault(code="top", message=message))])
    reader = _Reader(document)
    reader.faults += unknown_keys(top, TOP_KEYS)
    given = reader.mapping(top.get("given"), ("given",))
    reader.faults += [fault.under("given") for fault in check_given(given)]
    parts = tuple(reader.parts(top.get("parts")))
    exercise = Exercise(
        slug=slug,
        title=reader.line(top.get("title"), ("title",)),
        intro=reader.text(top.get("intro"), ("intro",)),
        tries=reader.tries(top.get("tries")),
        release=reader.choice(top.get("release", "now"), ("now", "close", "never"), ("release",)),
        given=given,
        parts=parts,
        agree=tuple(reader.agreements(top.get("agree"), parts)),
        samples=tuple(reader.samples(top.get("samples"), parts)),
        text=text,
    )
    return exercise, reader.faults


class _Reader:
    """Reads values of one document and keeps what is wrong with them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def fault(self, code: str, message: str, place: Place) -> None:
        self.faults.append(Fault(code=code, message=message, place=place))

    def mapping(self, value: Value, place: Place) -> Mapping[str, Value]:
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self.fault("mapping", f"`{place[-1]}` holds lines of the form `name: value`.", place)
        return {}

    def sequence(self, value: Value, place: Place) -> tuple[Value, ...]:
        if value is None:
            return ()
        if isinstance(value, tuple):
            return value
        self.fault("list", f"`{place[-1]}` is a list: each entry begins with `- `.", place)
        return ()

    def text(self, value: Value, place: Place) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        typed = self.document.typed.get(place)
        if typed is not None:
            return typed
        self.fault("text", f"`{place[-1]}` is a text.", place)
        return ""

    def line(self, value: Value, place: Place) -> str:
        text = self.text(value, place).strip()
        if not text or "\n" in text or len(text) > 120:
            self.fault("missing", f"`{place[-1]}` is one line of 1 to 120 characters.", place)
        return text

    def choice(self, value: Value, options: tuple[str, ...], place: Place) -> Any:
        if value in options:
            return value
        self.fault("choice", f"`{place[-1]}` is one of {', '.join(options)}.", place)
        return options[0]

    def share(self, value: Value, place: Place) -> Fraction:
        if isinstance(value, Fraction) and 0 <= value <= 1:
            return value
        self.fault("share", f"`{place[-1]}` is a number from 0 to 1.", place)
        return Fraction(0)

    def tries(self, value: Value) -> int | None:
        if value is None:
            return None
        if isinstance(value, Fraction) and value.denominator == 1 and 1 <= value <= 1000:
            return int(value)
        self.fault(
            "tries",
            "`tries` is a whole number from 1 to 1000; leave it out for no limit.",
            ("tries",),
        )
        return None

    def parts(self, value: Value) -> Iterator[Part]:
        entries = self.sequence(value, ("parts",))
        if not 1 <= len(entries) <= MOST_PARTS:
            self.fault("parts", f"An exercise has 1 to {MOST_PARTS} parts.", ("parts",))
        names: set[str] = set()
        for index, entry in enumerate(entries[:MOST_PARTS]):
            place: Place = ("parts", index)
            if not isinstance(entry, Mapping):
                self.fault("part", "A part is a mapping with `name`, `kind` and `prompt`.", place)
                continue
            name = self.text(entry.get("name"), (*place, "name"))
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name):
                message = (
                    "`name` is a short word: small letters, digits and hyphens, a letter first."
                )
                self.fault("name", message, (*place, "name"))
            if name in names:
                self.fault("twice", f"Another part is already called `{name}`.", (*place, "name"))
            names.add(name)
            prompt = self.text(entry.get("prompt"), (*place, "prompt"))
            if not prompt.strip():
                self.fault("missing", "A part needs a `prompt`: what the learner is to do.", place)
            points = entry.get("points", Fraction(1))
            if not isinstance(points, Fraction) or not 0 < points <= 100:
                self.fault(
                    "points", "`points` is a number above 0, at most 100.", (*place, "points")
                )
                points = Fraction(1)
            wrong = entry.get("wrong")
            if isinstance(wrong, tuple) and len(wrong) > MOST_FORESEEN:
                message = f"{len(wrong):,} foreseen answers; {MOST_FORESEEN} is the most."
                self.fault("wrong", message, (*place, "wrong"))
            yield Part(
                name=name,
                kind=self.text(entry.get("kind"), (*place, "kind")),
                prompt=prompt.strip(),
                points=points,
                hints=tuple(self.hints(entry.get("hints"), (*place, "hints"))),
                body={key: entry for key, entry in entry.items() if key not in PART_KEYS},
            )

    def hints(self, value: Value, place: Place) -> Iterator[Hint]:
        total = Fraction(0)
        for index, entry in enumerate(self.sequence(value, place)):
            here: Place = (*place, index)
            if isinstance(entry, str):
                yield Hint(say=entry)
                continue
            if not isinstance(entry, Mapping) or not isinstance(entry.get("say"), str):
                self.fault("hint", "A hint is a text, or `{say: a text, cost: 0.1}`.", here)
                continue
            self.faults += [f.under(*here) for f in unknown_keys(entry, ("say", "cost"))]
            cost = self.share(entry.get("cost", Fraction(0)), (*here, "cost"))
            total += cost
            yield Hint(say=str(entry["say"]), cost=cost)
        if total > 1:
            self.fault("hint", "Together the hints cost more than the whole part.", place)

    def agreements(self, value: Value, parts: tuple[Part, ...]) -> Iterator[Agreement]:
        names = [part.name for part in parts]
        for index, entry in enumerate(self.sequence(value, ("agree",))):
            place: Place = ("agree", index)
            if not isinstance(entry, Mapping):
                self.fault("agree", "A rule is `{top-of: part, said-in: part}`.", place)
                continue
            self.faults += [fault.under(*place) for fault in unknown_keys(entry, AGREE_KEYS)]
            for key in ("top-of", "said-in"):
                if entry.get(key) not in names:
                    message = f"`{key}` names a part of this exercise: {', '.join(names)}."
                    self.fault("agree", message, (*place, key))
            yield Agreement(
                top_of=str(entry.get("top-of")),
                said_in=str(entry.get("said-in")),
                cost=self.share(entry.get("cost", Fraction(0)), (*place, "cost")),
                say=self.text(entry.get("say"), (*place, "say")),
            )

    def samples(self, value: Value, parts: tuple[Part, ...]) -> Iterator[Sample]:
        for index, entry in enumerate(self.sequence(value, ("samples",))):
            place: Place = ("samples", index)
            if not isinstance(entry, Mapping) or "answer" not in entry:
                self.fault("sample", "A sample is `{answer: ..., score: 1}`.", place)
                continue
            self.faults += [fault.under(*place) for fault in unknown_keys(entry, SAMPLE_KEYS)]
            if not {"score", "label", "outcome", "finding", "denied"} & set(entry):
                message = (
                    "Say what this answer must get: a score, a label, a finding or an outcome."
                )
                self.fault("sample", message, place)
            denied = self.sequence(entry.get("denied"), (*place, "denied"))
            seed = entry.get("seed", Fraction(0))
            if not isinstance(seed, Fraction) or seed.denominator != 1 or not 0 <= seed < 2**63:
                self.fault("seed", "`seed` is a whole number from 0.", (*place, "seed"))
                seed = Fraction(0)
            label, outcome = entry.get("label"), entry.get("outcome")
            yield Sample(
                index=index,
                answer=self.answer(entry["answer"], parts, (*place, "answer")),
                score=self.share(entry["score"], (*place, "score")) if "score" in entry else None,
                label=self.choice(label, LABELS, (*place, "label")) if "label" in entry else None,
                outcome=self.choice(outcome, OUTCOMES, (*place, "outcome"))
                if "outcome" in entry
                else None,
                finding=self.text(entry.get("finding"), (*place, "finding")) or None,
                denied=tuple(str(name) for name in denied),
                seed=int(seed),
            )

    def answer(self, value: Value, parts: tuple[Part, ...], place: Place) -> Mapping[str, Raw]:
        """A text for the one box of the one part, or part by part, or box by box.

        The name of a single box is not known here: it stands as "" until the part is posed.
        """
        if not isinstance(value, Mapping):
            if len(parts) != 1:
                self.fault("answer", "Say the answer of each part: `part: text`.", place)
                return {}
            return {parts[0].name: {"": self.text(value, place)}}
        answer: dict[str, Raw] = {}
        self.faults += [
            fault.under(*place) for fault in unknown_keys(value, [p.name for p in parts])
        ]
        for name, entry in value.items():
            here = (*place, name)
            if isinstance(entry, Mapping):
                answer[name] = {key: self.text(entry, (*here, key)) for key, entry in entry.items()}
            else:
                answer[name] = {"": self.text(entry, here)}
        return answer

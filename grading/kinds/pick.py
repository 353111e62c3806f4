"""Pick: point at one token of a row, or at several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grading.document import unknown_keys
from grading.errors import Fault, Misreading, Unreadable
from grading.exercise import Field, Option, Part, Posed, Raw, Shown, Stray, Value, Worked
from grading.given import fill
from grading.kind import Draw, Kind
from grading.tokens import positions, split_tokens
from grading.verdict import Finding, Mark


@dataclass(frozen=True, kw_only=True)
class Picked:
    """The positions picked, from 0, in the order of the row."""

    positions: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which positions are right, and what to say of the others."""

    tokens: tuple[str, ...]
    right: frozenset[int]
    count: int
    say: Mapping[int, str]
    found: str


class Pick(Kind[Picked]):
    """``tokens`` in a row; ``right`` names those that count, ``count`` how many to pick.

    A token is named by its text, or, where the same text stands twice, as ``the#2``.
    """

    name = "pick"

    def check(self, part: Part) -> list[Fault]:
        faults = unknown_keys(part.body, ("tokens", "right", "count", "wrong", "found"))
        tokens = split_tokens(part.body.get("tokens"))
        if len(tokens) < 2:
            message = "`tokens` is a list of at least two words, or one line of text to be split."
            return [*faults, Fault(code="tokens", message=message, place=("tokens",))]
        right = part.body.get("right")
        if not isinstance(right, tuple) or not right:
            message = "`right` lists the tokens that count as right."
            faults.append(Fault(code="right", message=message, place=("right",)))
            right = ()
        for index, token in enumerate(right):
            faults += _check_token(tokens, token, ("right", index))
        wrong = part.body.get("wrong", {})
        if not isinstance(wrong, Mapping):
            message = "`wrong` says, token by token, what to tell a learner who picks it."
            faults.append(Fault(code="wrong", message=message, place=("wrong",)))
        else:
            for token, text in wrong.items():
                faults += _check_token(tokens, token, ("wrong", token))
                if not isinstance(text, str):
                    message = "Say here what to tell a learner who picks it."
                    faults.append(Fault(code="wrong", message=message, place=("wrong", token)))
        if not isinstance(part.body.get("found", ""), str):
            faults.append(Fault(code="found", message="`found` is a text.", place=("found",)))
        count = part.body.get("count", Fraction(1))
        if right and (
            not isinstance(count, Fraction)
            or count.denominator != 1
            or not 1 <= count <= len(right)
        ):
            message = "`count` is a whole number, at most as many as there are right tokens."
            faults.append(Fault(code="count", message=message, place=("count",)))
        return faults

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        body = part.body
        tokens = split_tokens(body["tokens"])
        count = int(body.get("count", 1))  # type: ignore[arg-type]
        right = frozenset(p for token in body["right"] for p in positions(tokens, token))  # type: ignore[union-attr]
        wrong: Mapping[str, Any] = body.get("wrong", {})  # type: ignore[assignment]
        say = {p: str(text) for token, text in wrong.items() for p in positions(tokens, token)}
        field = Field(
            name="picked",
            widget="tokens",
            label="Your pick" if count == 1 else f"Your {count} picks",
            options=tuple(Option(value=str(i), label=token) for i, token in enumerate(tokens)),
            many=count > 1,
        )
        return Posed(
            part=part,
            shown=Shown(
                prompt=fill(part.prompt, given), fields=(field,), detail={"count": str(count)}
            ),
            key=Key(
                tokens=tokens, right=right, count=count, say=say, found=str(body.get("found", ""))
            ),
        )

    def read(self, shown: Shown, raw: Raw) -> Picked:
        text = raw["picked"]
        options = shown.fields[0].options
        values = {option.value: i for i, option in enumerate(options)}
        # A program may send the words themselves; a page sends positions.
        words = {option.label: [] for option in options}  # type: dict[str, list[int]]
        for i, option in enumerate(options):
            words[option.label].append(i)
        picked: set[int] = set()
        for word in text.replace(",", " ").split():
            place = values.get(word)
            if place is None and len(words.get(word, ())) == 1:
                place = words[word][0]
            if place is None:
                start = text.index(word)
                message = f"“{word[:40]}” is not one of the words to pick from."
                raise Unreadable(
                    [Misreading(code="option", message=message, start=start, end=start + len(word))]
                )
            picked.add(place)
        count = int(shown.detail["count"])
        if len(picked) > count:
            message = f"You picked {len(picked)}. Pick {'one' if count == 1 else count}."
            raise Unreadable([Misreading(code="too-many", message=message, start=0, end=len(text))])
        return Picked(positions=tuple(sorted(picked)))

    def mark(self, posed: Posed, answer: Picked, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        right = [p for p in answer.positions if p in key.right]
        findings = []
        if right:
            facts = {"tokens": _named(key.tokens, right)}
            if key.found:
                facts["say"] = key.found
            findings.append(Finding(code="pick-right", tone="right", facts=facts, place="picked"))
        for position in answer.positions:
            if position not in key.right:
                facts = {"token": key.tokens[position]}
                if position in key.say:
                    facts["say"] = key.say[position]
                findings.append(
                    Finding(code="pick-wrong", tone="wrong", facts=facts, place="picked")
                )
        missing = key.count - len(answer.positions)
        if missing:
            facts = {"count": str(missing)}
            findings.append(Finding(code="pick-more", tone="ask", facts=facts, place="picked"))
        return Mark(score=Fraction(len(right), key.count), findings=tuple(findings))

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        chosen = sorted(key.right)[: key.count]
        answer = {"picked": " ".join(map(str, chosen))}
        return Worked(answer=answer, steps=(f"For example: {_named(key.tokens, chosen)}.",))

    def stray(self, posed: Posed) -> Iterable[Stray]:
        key: Key = posed.key
        for position in range(len(key.tokens)):
            if position not in key.right:
                yield Stray(code="pick-wrong", answer={"picked": str(position)})

    def normal(self, answer: Picked) -> str:
        return " ".join(map(str, answer.positions))

    def stands(self, posed: Posed, answer: Picked) -> frozenset[str]:
        return frozenset(posed.key.tokens[position] for position in answer.positions)


def _check_token(
    tokens: tuple[str, ...], token: Value, place: tuple[str | int, ...]
) -> list[Fault]:
    if positions(tokens, token):
        return []
    message = f"`{token}` is not among the tokens: {', '.join(tokens)}."
    return [Fault(code="token", message=message, place=place)]


def _named(tokens: tuple[str, ...], places: Iterable[int]) -> str:
    return ", ".join(f"“{tokens[p]}”" for p in places)

"""What grading says of an answer: findings make a mark, the marks of all parts make a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

Tone = Literal["right", "partly", "wrong", "ask", "note"]
"""right: this is well done; partly: right as far as it goes; wrong: this is what went wrong;
ask: the next good question; note: worth knowing, costs nothing."""

State = Literal["marked", "blank", "review", "undecided"]
"""marked: decided; blank: not attempted, scores 0; review: a person decides; undecided: our own
fault or a time limit, goes to the exercise's authors and is never the learner's wrong answer."""

Outcome = Literal["marked", "review"]

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A stretch of the learner's own text as typed: code points [start, end) of one box."""

    start: int
    end: int
    text: str
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing seen in an answer.

    ``code`` names it (its sentence stands in ``grading.sentences``), ``facts`` fill the sentence
    and are always text, ``place`` is ``part``, ``part.field`` or ``part.field.index``, and
    ``worth`` is what it added to (or, negative, took from) the score of its part.
    """

    code: str
    tone: Tone
    facts: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    place: str = ""
    quotes: tuple[Quote, ...] = ()
    worth: Fraction | None = None

    def under(self, outer: str) -> Finding:
        """The same finding, seen from further out: its place is prefixed by ``outer``."""
        return replace(self, place=f"{outer}.{self.place}" if self.place else outer)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a kind says of one posed part: a score from 0 to 1 and the findings that explain it."""

    score: Fraction
    findings: tuple[Finding, ...] = ()
    state: State = "marked"

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"a score lies between 0 and 1, this one is {self.score}")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The marks of all parts, weighed. ``score`` is None while a person has to decide a part."""

    outcome: Outcome
    score: Fraction | None
    marks: Mapping[str, Mark]
    findings: tuple[Finding, ...] = ()
    """What was seen across parts: whether they agree. A part's own stand in its mark."""

    def every_finding(self) -> tuple[Finding, ...]:
        """All findings in reading order: part by part, then across parts."""
        within = (f.under(name) for name, mark in self.marks.items() for f in mark.findings)
        return (*within, *self.findings)

    @property
    def guessed(self) -> bool:
        """Whether a number was read by a guess: a decimal comma, a percent, ``log``."""
        return any(f.code.startswith("read-") for f in self.every_finding())

    def to_json(self) -> dict[str, Any]:
        """A JSON value that ``from_json`` turns back into an equal verdict."""
        return {
            "outcome": self.outcome,
            "score": _fraction_out(self.score),
            "marks": {
                name: {
                    "score": _fraction_out(mark.score),
                    "state": mark.state,
                    "findings": [_finding_out(finding) for finding in mark.findings],
                }
                for name, mark in self.marks.items()
            },
            "findings": [_finding_out(finding) for finding in self.findings],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Verdict:
        """The verdict that ``to_json`` wrote."""
        return cls(
            outcome=value["outcome"],
            score=_fraction_in(value["score"]),
            marks={
                name: Mark(
                    score=Fraction(mark["score"]),
                    state=mark["state"],
                    findings=tuple(_finding_in(finding) for finding in mark["findings"]),
                )
                for name, mark in value["marks"].items()
            },
            findings=tuple(_finding_in(finding) for finding in value["findings"]),
        )


def _fraction_out(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _fraction_in(value: str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _finding_out(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "tone": finding.tone,
        "facts": dict(finding.facts),
        "place": finding.place,
        "quotes": [
            {"start": q.start, "end": q.end, "text": q.text, "field": q.field}
            for q in finding.quotes
        ],
        "worth": _fraction_out(finding.worth),
    }


def _finding_in(value: Mapping[str, Any]) -> Finding:
    return Finding(
        code=value["code"],
        tone=value["tone"],
        facts=value["facts"],
        place=value["place"],
        quotes=tuple(Quote(**quote) for quote in value["quotes"]),
        worth=_fraction_in(value["worth"]),
    )

"""Number: one number, judged by a tolerance, with the wrong numbers its author foresaw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grading.document import unknown_keys
from grading.errors import BrokenExercise, Fault, Unreadable
from grading.exercise import Field, Part, Posed, Raw, Shown, Stray, Value, Worked, number_text
from grading.given import fill
from grading.kind import Draw, Kind, Target
from grading.numeric.advice import advice
from grading.numeric.reading import Reading, read_number
from grading.numeric.tolerance import Judgement, Tolerance, judge
from grading.verdict import Finding, Mark

BODY_KEYS = ("answer", "tolerance", "wrong", "steps", "label")


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """A wrong number, what to call it, and what to say."""

    code: str
    number: Fraction | float
    say: str


@dataclass(frozen=True, kw_only=True)
class Key:
    """The right number and the foreseen wrong ones."""

    number: Fraction | float
    tolerance: Tolerance
    wrong: tuple[Foreseen, ...]
    steps: tuple[str, ...]


class Number(Kind[Reading]):
    """``answer`` is a number or a calculation such as ``1 - {a} - {b}`` over the given numbers."""

    name = "number"

    def check(self, part: Part) -> list[Fault]:
        body = part.body
        faults = unknown_keys(body, BODY_KEYS)
        if not isinstance(body.get("answer"), Fraction | str):
            message = "`answer` is a number, or a calculation such as `1 - 0.7 - 0.15`."
            faults.append(Fault(code="answer", message=message, place=("answer",)))
        steps = body.get("steps", ())
        if not isinstance(steps, tuple) or not all(isinstance(step, str) for step in steps):
            message = "`steps` is a list of texts: the model answer, worked."
            faults.append(Fault(code="steps", message=message, place=("steps",)))
        if not isinstance(body.get("label", ""), str):
            faults.append(Fault(code="label", message="`label` is a text.", place=("label",)))
        tolerance = Tolerance.parse(body.get("tolerance", "exact"))
        if not isinstance(tolerance, Tolerance):
            faults += [fault.under("tolerance") for fault in tolerance]
        wrong = body.get("wrong", ())
        if not isinstance(wrong, tuple):
            message = "`wrong` is a list of `{answer: a number, code: a-name, say: a text}`."
            return [*faults, Fault(code="wrong", message=message, place=("wrong",))]
        for index, entry in enumerate(wrong):
            faults += [fault.under("wrong", index) for fault in _check_wrong(entry)]
        return faults

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        body: Mapping[str, Any] = part.body
        tolerance = Tolerance.parse(body.get("tolerance", "exact"))
        assert isinstance(tolerance, Tolerance)
        field = Field(
            name="number",
            widget="number",
            label=str(body.get("label", "Your answer")),
            help=advice(tolerance),
        )
        wrong = tuple(
            Foreseen(
                code=str(entry["code"]),
                number=_worked_out(entry["answer"], given, part),
                say=fill(str(entry["say"]), given),
            )
            for entry in body.get("wrong", ())
        )
        return Posed(
            part=part,
            shown=Shown(prompt=fill(part.prompt, given), fields=(field,)),
            key=Key(
                number=_worked_out(body["answer"], given, part),
                tolerance=tolerance,
                wrong=wrong,
                steps=tuple(fill(str(step), given) for step in body.get("steps", ())),
            ),
        )

    def read(self, shown: Shown, raw: Raw) -> Reading:
        return read_number(raw["number"])

    def mark(self, posed: Posed, answer: Reading, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        notes = [
            Finding(code=f"read-{n.code}", tone="note", facts=dict(n.facts), place="number")
            for n in answer.notes
            if n.guess
        ]
        judgement = judge(answer, key.number, key.tolerance)
        if judgement.ok:
            right = Finding(code="number-right", tone="right", place="number")
            return Mark(score=Fraction(1), findings=(right, *notes))
        foreseen = [w for w in key.wrong if judge(answer, w.number, key.tolerance).ok]
        if len(foreseen) == 1:
            facts = {"say": foreseen[0].say}
            found = Finding(code=foreseen[0].code, tone="wrong", facts=facts, place="number")
        else:
            found = _missed(judgement)
        return Mark(score=Fraction(0), findings=(found, *notes))

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        return Worked(answer={"number": _text(key.number)}, steps=key.steps)

    def stray(self, posed: Posed) -> Iterable[Stray]:
        for wrong in posed.key.wrong:
            yield Stray(code=wrong.code, answer={"number": _text(wrong.number)})

    def normal(self, answer: Reading) -> str:
        return _text(answer.float if answer.value is None else answer.value)

    def unfair(self, posed: Posed) -> str | None:
        key: Key = posed.key
        right = read_number(_text(key.number))
        for wrong in key.wrong:
            if judge(right, wrong.number, key.tolerance).ok:
                return f"the wrong number `{wrong.code}` is as good as the right one"
        return None

    def targets(self, posed: Posed) -> Iterable[Target]:
        key: Key = posed.key
        yield Target(field="number", keys=(key.number,), tolerances=(key.tolerance,))


def _missed(judgement: Judgement) -> Finding:
    """The near-miss by its name, told in what was typed; never with the key itself."""
    code = judgement.near or "number-wrong"
    facts = {"typed": judgement.facts["typed"]}
    return Finding(code=code, tone="wrong", facts=facts, place="number")


def _text(number: Fraction | float) -> str:
    return number_text(number) if isinstance(number, Fraction) else repr(number)


def _worked_out(answer: Fraction | str, given: Mapping[str, Any], part: Part) -> Fraction | float:
    """The number an author's calculation gives, by the grammar that learners use."""
    if isinstance(answer, Fraction):
        return answer
    # In brackets, so that a negative given cannot change how the calculation is read.
    text = re.sub(
        r"\{(\w+)\}",
        lambda m: f"({given[m[1]]})" if isinstance(given.get(m[1]), Fraction) else m[0],
        answer,
    )
    try:
        reading = read_number(text)
    except Unreadable as error:
        message = f"`{part.name}`: “{answer}” cannot be worked out: {error}"
        raise BrokenExercise([Fault(code="answer", message=message, place=("parts",))]) from None
    return reading.float if reading.value is None else reading.value


def _check_wrong(entry: Value) -> list[Fault]:
    if not isinstance(entry, Mapping):
        message = "An entry is `{answer: a number, code: a-name, say: a text}`."
        return [Fault(code="wrong", message=message)]
    faults = unknown_keys(entry, ("answer", "code", "say"))
    if not isinstance(entry.get("answer"), Fraction | str):
        message = "`answer` is a number or a calculation."
        faults.append(Fault(code="wrong", message=message, place=("answer",)))
    code = entry.get("code")
    if not isinstance(code, str) or not re.fullmatch(r"[a-z][a-z0-9-]*", code):
        message = "`code` names the wrong turn: small letters, digits and hyphens."
        faults.append(Fault(code="wrong", message=message, place=("code",)))
    if not isinstance(entry.get("say"), str):
        message = "`say` tells the learner what went wrong."
        faults.append(Fault(code="wrong", message=message, place=("say",)))
    return faults

"""Number: one number, judged by a tolerance, with the wrong numbers its author foresaw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, Final

from grading.document import check_foreseen, check_words, unknown_keys
from grading.errors import Fault, Place
from grading.exercise import Field, Part, Posed, Raw, Shown, Stray, Value, Worked, number_text
from grading.given import fill
from grading.kind import Draw, Kind, Target
from grading.numeric.advice import advice, wanted
from grading.numeric.calculation import (
    alike,
    calculate,
    calculated,
    check_calculation,
    givable,
)
from grading.numeric.equation import equation
from grading.numeric.notes import guessed
from grading.numeric.reading import Reading, read_number
from grading.numeric.tolerance import (
    Judgement,
    Tolerance,
    check_near,
    judge,
    of_wrong,
    too_near,
)
from grading.numeric.tree import Tree
from grading.verdict import Finding, Mark

BODY_KEYS: Final = ("answer", "tolerance", "wrong", "steps", "label", "near")
NEAR: Final = dict.fromkeys(
    ("percent-for-fraction", "slipped-point", "sign", "too-few-digits"), Fraction(0)
)
"""The near misses that have a name, and what each earns unless the author says."""
LONGEST_EXACT: Final = 20
"""Digits, point and bar of a number that is still written out exactly."""


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
    near: Mapping[str, Fraction]
    work: Tree
    """How the number comes about."""
    steps: tuple[str, ...]


class Number(Kind[Reading]):
    """``answer`` is a number or a calculation such as ``1 - {a} - {b}`` over the given numbers."""

    name = "number"

    def check(self, part: Part) -> list[Fault]:
        body = part.body
        faults = unknown_keys(body, BODY_KEYS)
        faults += check_calculation(body.get("answer"), place=("answer",))
        faults += check_words(body)
        tolerance = Tolerance.parse(body.get("tolerance", "exact"))
        if not isinstance(tolerance, Tolerance):
            faults += [fault.under("tolerance") for fault in tolerance]
        elif tolerance.rule == "honest":
            message = "`honest` follows the stages of a lookup. Of one number, say its `places`."
            faults.append(Fault(code="tolerance", message=message, place=("tolerance",)))
        faults += check_near(body.get("near", {}), NEAR)
        wrong = body.get("wrong", ())
        if not isinstance(wrong, tuple):
            message = "`wrong` is a list of `{answer: a number, code: a-name, say: a text}`."
            return [*faults, Fault(code="wrong", message=message, place=("wrong",))]
        for index, entry in enumerate(wrong):
            faults += [
                fault.under("wrong", index) for fault in _check_wrong(entry, body.get("answer"))
            ]
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
                number=_worked_out(entry["answer"], given, tolerance, ("wrong", index, "answer")),
                say=fill(str(entry["say"]), given),
            )
            for index, entry in enumerate(body.get("wrong", ()))
        )
        number = _worked_out(body["answer"], given, tolerance, ("answer",))
        if tolerance.rule == "exact":
            givable(number, place=("answer",))
        return Posed(
            part=part,
            shown=Shown(prompt=fill(part.prompt, given), fields=(field,)),
            key=Key(
                number=number,
                tolerance=tolerance,
                wrong=wrong,
                near={**NEAR, **body.get("near", {})},
                work=calculated(body["answer"], given, place=("answer",)),
                steps=tuple(fill(str(step), given) for step in body.get("steps", ())),
            ),
        )

    def read(self, shown: Shown, raw: Raw) -> Reading:
        return read_number(raw["number"])

    def mark(self, posed: Posed, answer: Reading, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        notes = guessed(answer.notes, "number")
        judgement = judge(answer, key.number, key.tolerance)
        if judgement.ok:
            right = Finding(code="number-right", tone="right", place="number")
            return Mark(score=Fraction(1), findings=(right, *notes))
        near = of_wrong(key.tolerance)
        foreseen = {
            wrong.code: wrong for wrong in key.wrong if judge(answer, wrong.number, near).ok
        }
        if len(foreseen) == 1:
            (one,) = foreseen.values()
            found = Finding(code=one.code, tone="wrong", facts={"say": one.say}, place="number")
            return Mark(score=Fraction(0), findings=(found, *notes))
        score = key.near[judgement.near] if judgement.near else Fraction(0)
        return Mark(score=score, findings=(_missed(judgement, key.tolerance, score), *notes))

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        steps = key.steps
        if not steps and (work := equation(key.work)):
            steps = (f"${work}$",)
        return Worked(answer={"number": _text(key.number)}, steps=steps)

    def stray(self, posed: Posed) -> Iterable[Stray]:
        for at, wrong in enumerate(posed.key.wrong):
            answer = {"number": _text(wrong.number)}
            yield Stray(code=wrong.code, answer=answer, place=("wrong", at, "answer"))

    def normal(self, answer: Reading) -> str:
        return _text(answer.float if answer.value is None else answer.value)

    def unfair(self, posed: Posed) -> str | None:
        """Right numbers apart from wrong ones by two tolerances; and wrong ones told apart."""
        key: Key = posed.key
        for wrong in key.wrong:
            if too_near(wrong.number, key.number, key.tolerance):
                return f"the wrong number `{wrong.code}` is as good as the right one"
        near = of_wrong(key.tolerance)
        for one, other in combinations(key.wrong, 2):
            if one.code != other.code and too_near(one.number, other.number, near):
                return f"the wrong numbers `{one.code}` and `{other.code}` cannot be told apart"
        return None

    def targets(self, posed: Posed) -> Iterable[Target]:
        key: Key = posed.key
        yield Target(field="number", keys=(key.number,), tolerances=(key.tolerance,))


def _missed(judgement: Judgement, tolerance: Tolerance, score: Fraction) -> Finding:
    """The near-miss by its name, told in what was typed.

    ``low``, ``high`` and ``off`` are for an answer that is settled: no sentence says them before.
    """
    code = judgement.near or "number-wrong"
    told = ("typed", "low", "high", "off")
    facts = {name: judgement.facts[name] for name in told} | {"digits": wanted(tolerance)}
    return Finding(code=code, tone="partly" if score else "wrong", facts=facts, place="number")


def _text(number: Fraction | float) -> str:
    return number_text(number) if isinstance(number, Fraction) else repr(number)


def _worked_out(
    value: Value, given: Mapping[str, Any], tolerance: Tolerance, place: Place
) -> Fraction | float:
    """What an author's calculation comes to; 0.9^29 as a float, where it need not be exact."""
    number = calculate(value, given, place=place)
    long = isinstance(number, Fraction) and len(number_text(number)) > LONGEST_EXACT
    return float(number) if long and tolerance.rule != "exact" else number


def _check_wrong(entry: Value, right: Value) -> list[Fault]:
    if not isinstance(entry, Mapping):
        message = "An entry is `{answer: a number, code: a-name, say: a text}`."
        return [Fault(code="wrong", message=message)]
    faults = check_foreseen(entry, ("answer",))
    faults += check_calculation(entry.get("answer"), place=("answer",))
    if not faults and alike(entry["answer"], right):
        message = "This wrong number is the right one."
        faults.append(Fault(code="wrong", message=message, place=("answer",)))
    return faults

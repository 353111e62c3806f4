"""One variant and one answer to one verdict: each part marked by its kind, then all weighed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from grading.errors import BrokenExercise, Fault, Misreading, Unreadable
from grading.exercise import Agreement, Exercise, Numbers, Part, Raw, Shown, Variant
from grading.given import draw_given, restore, store, tables
from grading.kind import Draw
from grading.kinds import KINDS, kind_of
from grading.verdict import Finding, Mark, Verdict

log = logging.getLogger(__name__)

MOST_DRAWS = 400
"""A generator that finds no good numbers in so many draws is the author's to mend."""

Answers = Mapping[str, Any]
"""What each part's kind read; None for a part left blank."""


def draw_variant(exercise: Exercise, seed: int) -> Variant:
    """Draw until the numbers are good: no wrong turn gives the right answer, nothing ties.

    Raises BrokenExercise where no such numbers turn up; ValueError for a seed out of range.
    """
    if not 0 <= seed < 1 << 63:
        raise ValueError(f"a seed is a whole number from 0 to 2**63 - 1, not {seed}")
    reason = ""
    for turn in range(MOST_DRAWS if exercise.drawn else 1):
        given = draw_given(exercise.given, seed, turn)
        draws = {part.name: Draw() for part in exercise.parts}
        variant = _pose(exercise, seed, given, draws)
        reasons = (kind_of(p.part).unfair(p) for p in variant.posed.values())
        reason = next((why for why in reasons if why), "")
        # Fixed numbers are what their author chose: `check` tells what is unfair about them.
        if not reason or not exercise.drawn:
            return variant
    message = f"No good numbers turned up in {MOST_DRAWS} draws. The last were refused: {reason}."
    raise BrokenExercise([Fault(code="no-good-variant", message=message, place=("given",))])


def rebuild_variant(exercise: Exercise, seed: int, numbers: Numbers) -> Variant:
    """The variant of stored numbers. Nothing is drawn again, whatever became of the generator."""
    given = {name: restore(value) for name, value in numbers["given"].items()}
    draws = {part.name: Draw(numbers["parts"].get(part.name, {})) for part in exercise.parts}
    return _pose(exercise, seed, given, draws)


def _pose(
    exercise: Exercise, seed: int, given: Mapping[str, Any], draws: Mapping[str, Draw]
) -> Variant:
    posed = {}
    for index, part in enumerate(exercise.parts):
        try:
            fresh = kind_of(part).vary(part, given, draws[part.name])
        except BrokenExercise as error:
            raise BrokenExercise(_in_part(fault, index) for fault in error.faults) from None
        posed[part.name] = replace(fresh, shown=replace(fresh.shown, kind=part.kind))
    return Variant(
        exercise=exercise,
        seed=seed,
        numbers={
            "given": {name: store(value) for name, value in given.items()},
            "parts": {name: draw.numbers for name, draw in draws.items() if draw.numbers},
        },
        given=tuple(tables(exercise.given, given)),
        posed=posed,
    )


def _in_part(fault: Fault, index: int) -> Fault:
    """A fault that a kind places in its part, seen from the whole exercise."""
    whole = fault.place[:1] in (("given",), ("parts",))
    return fault if whole else fault.under("parts", index)


def read_answers(shown: Mapping[str, Shown], raw: Mapping[str, Raw]) -> Answers:
    """What the learner wrote, part by part; a part whose boxes are all empty reads as None.

    Raises Unreadable with every box that cannot be read (``field`` is ``part.field``), or with
    the code ``blank`` where all is empty.
    """
    answers, misreadings = _read_each(shown, raw)
    _refuse(answers, misreadings)
    return answers


def grade_variant(
    variant: Variant,
    raw: Mapping[str, Raw],
    *,
    hints: Mapping[str, int],
    at_deadline: bool,
) -> Verdict:
    """The verdict on one answer. ``hints`` counts the hints taken, by part.

    At a deadline nobody can be asked: a box that cannot be read sends its part to a person, and
    an answer that is all blank is marked as not attempted. Otherwise both raise Unreadable.
    """
    answers, misreadings = _read_each(variant.shown, raw)
    if not at_deadline:
        _refuse(answers, misreadings)
    unread = {misreading.field.split(".")[0] for misreading in misreadings}
    marks = {}
    for name, posed in variant.posed.items():
        if name in unread:
            finding = Finding(code="kept-unread", tone="note")
            marks[name] = Mark(score=Fraction(0), findings=(finding,), state="review")
        else:
            mark = _mark(variant, name, answers)
            marks[name] = less_hints(mark, posed.part, hints.get(name, 0))
    return weigh_marks(variant.exercise, marks, _disagreements(variant, marks, answers))


def less_hints(mark: Mark, part: Part, taken: int) -> Mark:
    """The mark less what the hints taken cost; never less than nothing."""
    cost = min(sum((hint.cost for hint in part.hints[:taken]), Fraction(0)), mark.score)
    if not cost:
        return mark
    finding = Finding(
        code="hints-taken",
        tone="note",
        facts={"count": str(taken), "percent": f"{float(cost):.0%}"},
        worth=-cost,
    )
    return replace(mark, score=mark.score - cost, findings=(*mark.findings, finding))


def weigh_marks(
    exercise: Exercise, marks: Mapping[str, Mark], findings: tuple[Finding, ...] = ()
) -> Verdict:
    """The marks of all parts by their points, less what the findings across parts take."""
    if any(mark.state in ("review", "undecided") for mark in marks.values()):
        return Verdict(outcome="review", score=None, marks=marks, findings=findings)
    points = sum((part.points for part in exercise.parts), Fraction(0))
    earned = sum((part.points * marks[part.name].score for part in exercise.parts), Fraction(0))
    cost = -sum((finding.worth or Fraction(0) for finding in findings), Fraction(0))
    score = max(earned / points - cost, Fraction(0))
    return Verdict(outcome="marked", score=score, marks=marks, findings=findings)


def _read_each(
    shown: Mapping[str, Shown], raw: Mapping[str, Raw]
) -> tuple[dict[str, Any], list[Misreading]]:
    answers: dict[str, Any] = {}
    misreadings: list[Misreading] = []
    for name, part in shown.items():
        texts = {field.name: raw.get(name, {}).get(field.name, "") for field in part.fields}
        answers[name] = None
        if not any(_filled(text) for text in texts.values()):
            continue
        try:
            answers[name] = KINDS[part.kind].read(part, texts)
        except Unreadable as error:
            misreadings += [
                replace(m, field=f"{name}.{m.field or part.fields[0].name}")
                for m in error.misreadings
            ]
    return answers, misreadings


def _refuse(answers: Answers, misreadings: list[Misreading]) -> None:
    if misreadings:
        raise Unreadable(misreadings)
    if all(answer is None for answer in answers.values()):
        message = "Nothing is filled in yet. Fill in at least one part, then submit."
        raise Unreadable([Misreading(code="blank", message=message, start=0, end=0)])


def _filled(text: str) -> bool:
    """Whether a box holds anything: a grid of empty cells is joined by commas and line breaks."""
    return bool(text.strip(", ;\t\r\n"))


def _mark(variant: Variant, name: str, answers: Answers) -> Mark:
    if answers[name] is None:
        finding = Finding(code="not-attempted", tone="note")
        return Mark(score=Fraction(0), findings=(finding,), state="blank")
    posed = variant.posed[name]
    others = {other: answer for other, answer in answers.items() if other != name}
    try:
        return kind_of(posed.part).mark(posed, answers[name], others)
    except Exception:
        # Whatever went wrong is ours or the author's: it must not cost the other parts their
        # marks, nor ever count as the learner's wrong answer.
        log.exception("part %s of %s could not be decided", name, variant.exercise.slug)
        finding = Finding(code="undecided", tone="note")
        return Mark(score=Fraction(0), findings=(finding,), state="undecided")


def _disagreements(
    variant: Variant, marks: Mapping[str, Mark], answers: Answers
) -> tuple[Finding, ...]:
    """Where parts contradict each other; a part that could not be decided contradicts nothing."""
    found = (
        _disagreement(variant, rule, answers)
        for rule in variant.exercise.agree
        if all(marks[name].state == "marked" for name in (rule.top_of, rule.said_in))
    )
    return tuple(finding for finding in found if finding is not None)


def _disagreement(variant: Variant, rule: Agreement, answers: Answers) -> Finding | None:
    """What one part puts first and another part's words name something else: say both."""
    stands = {}
    for name in (rule.top_of, rule.said_in):
        posed = variant.posed[name]
        stands[name] = kind_of(posed.part).stands(posed, answers[name])
    first, said = stands[rule.top_of], stands[rule.said_in]
    if not first or not said or first & said:
        return None
    facts = {"first": " and ".join(sorted(first)), "said": " and ".join(sorted(said))}
    if rule.say:
        facts["say"] = rule.say
    return Finding(
        code="parts-disagree", tone="wrong", facts=facts, place=rule.said_in, worth=-rule.cost
    )

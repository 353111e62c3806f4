"""One variant and one answer to one verdict: each part marked by its kind, then all weighed."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from grading.errors import BrokenExercise, Fault, Misreading, Unreadable
from grading.exercise import Agreement, Exercise, Numbers, Part, Posed, Raw, Shown, Variant
from grading.given import draw_given, restore, store, tables
from grading.kind import Draw
from grading.kinds import KINDS, kind_of
from grading.verdict import Finding, Mark, Verdict

log = logging.getLogger(__name__)

MOST_DRAWS = 400
"""A generator that finds no good numbers in so many draws is the author's to mend."""

_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+(?:e-?[0-9]+)?")

Answers = Mapping[str, Any]
"""What each part's kind read; None for a part left blank."""


class Drawing(NamedTuple):
    """A good variant, how many draws it took, and what was wrong with those that had no key."""

    variant: Variant
    draws: int
    broken: tuple[Fault, ...]


def draw_variant(exercise: Exercise, seed: int) -> Variant:
    """Draw until the numbers are good: each part has a right answer, no wrong turn gives it,
    nothing ties.

    Raises BrokenExercise where no such numbers turn up; ValueError for a seed out of range.
    """
    return draw_counted(exercise, seed).variant


def draw_counted(exercise: Exercise, seed: int) -> Drawing:
    """As ``draw_variant``, and what it took."""
    if not 0 <= seed < 1 << 63:
        raise ValueError(f"a seed is a whole number from 0 to 2**63 - 1, not {seed}")
    refused: list[str] = []
    broken: list[BrokenExercise] = []
    for turn in range(MOST_DRAWS):
        # What a turn draws depends on nothing that other turns drew.
        given = draw_given(exercise.given, seed, turn)
        draws = {part.name: Draw() for part in exercise.parts}
        posed: dict[str, Posed] = {}
        reason = None
        for index, part in enumerate(exercise.parts):
            try:
                posed[part.name] = _posed(part, index, given, draws[part.name])
            except BrokenExercise as error:
                if not exercise.drawn:
                    raise
                # These numbers have no key: 1/{a}, where 0 was drawn. Others may have one.
                broken.append(error)
                reason = error.faults[0].message
            else:
                # Fixed numbers are what their author chose: `check` tells what is unfair of them.
                reason = kind_of(part).unfair(posed[part.name]) if exercise.drawn else None
            if reason:
                refused.append(f"`{part.name}`: {reason}")
                break
        if not reason:
            variant = pose_variant(exercise, seed, given, draws, posed)
            faults = tuple(fault for error in broken for fault in error.faults)
            return Drawing(variant, turn + 1, faults)
    if len(broken) == len(refused):
        # It is not the numbers: what is wrong is told where it stands.
        raise broken[0]
    raise BrokenExercise([_no_good_variant(refused)])


def _no_good_variant(refused: Sequence[str]) -> Fault:
    """What kept good numbers from turning up, the most frequent first, each with an example."""
    # "The largest weight is 0.95" and "... is 0.97" are one reason.
    examples = {_NUMBER.sub("#", reason): reason for reason in refused}
    often = Counter(_NUMBER.sub("#", reason) for reason in refused).most_common(3)
    told = "; ".join(f"{count} times because of {examples[reason]}" for reason, count in often)
    message = f"No good numbers turned up in {len(refused)} draws. They were refused {told}."
    return Fault(code="no-good-variant", message=message, place=("given",))


def rebuild_variant(exercise: Exercise, seed: int, numbers: Numbers) -> Variant:
    """The variant of stored numbers. Nothing is drawn again, whatever became of the generator."""
    given, draws = stored(exercise, numbers)
    posed = {
        part.name: _posed(part, index, given, draws[part.name])
        for index, part in enumerate(exercise.parts)
    }
    return pose_variant(exercise, seed, given, draws, posed)


def _posed(part: Part, index: int, given: Mapping[str, Any], draw: Draw) -> Posed:
    try:
        return kind_of(part).vary(part, given, draw)
    except BrokenExercise as error:
        raise BrokenExercise(_in_part(fault, index) for fault in error.faults) from None


def _in_part(fault: Fault, index: int) -> Fault:
    """A fault that a kind places in its part, seen from the whole exercise."""
    whole = fault.place[:1] in (("given",), ("parts",))
    return fault if whole else fault.under("parts", index)


def stored(exercise: Exercise, numbers: Numbers) -> tuple[Mapping[str, Any], Mapping[str, Draw]]:
    """The given numbers of a variant and what each part drew, as a sheet keeps them."""
    given = {name: restore(value) for name, value in numbers["given"].items()}
    draws = {part.name: Draw(numbers["parts"].get(part.name, {})) for part in exercise.parts}
    return given, draws


def pose_variant(
    exercise: Exercise,
    seed: int,
    given: Mapping[str, Any],
    draws: Mapping[str, Draw],
    posed: Mapping[str, Posed],
) -> Variant:
    """The variant of parts that are posed with these numbers."""
    return Variant(
        exercise=exercise,
        seed=seed,
        numbers={
            "given": {name: store(value) for name, value in given.items()},
            "parts": {name: draw.numbers for name, draw in draws.items() if draw.numbers},
        },
        given=tuple(tables(exercise.given, given)),
        posed={name: _of_its_kind(one) for name, one in posed.items()},
    )


def _of_its_kind(posed: Posed) -> Posed:
    """What is shown, with the name of the kind that reads it."""
    return replace(posed, shown=replace(posed.shown, kind=posed.part.kind))


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
    paper = read_paper(variant, raw)
    if not at_deadline:
        paper.refuse()
    marks = {name: mark_part(paper, name) for name in variant.posed}
    return weighed(paper, marks, hints)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One answer to one variant, as far as it could be read."""

    variant: Variant
    answers: Answers
    misreadings: Sequence[Misreading]

    @property
    def unread(self) -> frozenset[str]:
        """The parts with a box that cannot be read."""
        return frozenset(misreading.field.split(".")[0] for misreading in self.misreadings)

    def refuse(self) -> None:
        """Raise Unreadable unless all that is filled in was read, and something is."""
        _refuse(self.answers, self.misreadings)

    def to_mark(self, name: str) -> bool:
        """Whether a kind has to mark this part: it is neither blank nor unreadable."""
        return self.answers[name] is not None

    def others(self, name: str) -> Answers:
        """The other parts' answers, by name."""
        return {other: answer for other, answer in self.answers.items() if other != name}


def read_paper(variant: Variant, raw: Mapping[str, Raw]) -> Paper:
    """The answer, read part by part; nothing is raised."""
    answers, misreadings = _read_each(variant.shown, raw)
    return Paper(variant=variant, answers=answers, misreadings=misreadings)


def weighed(paper: Paper, marks: Mapping[str, Mark], hints: Mapping[str, int]) -> Verdict:
    """The verdict on a paper whose parts are marked, less what the hints taken cost."""
    less = {
        name: mark
        if name in paper.unread
        else less_hints(mark, paper.variant.posed[name].part, hints.get(name, 0))
        for name, mark in marks.items()
    }
    exercise = paper.variant.exercise
    return weigh_marks(exercise, less, _disagreements(paper.variant, less, paper.answers))


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


def _refuse(answers: Answers, misreadings: Sequence[Misreading]) -> None:
    if misreadings:
        raise Unreadable(misreadings)
    if all(answer is None for answer in answers.values()):
        message = "Nothing is filled in yet. Fill in at least one part, then submit."
        raise Unreadable([Misreading(code="blank", message=message, start=0, end=0)])


def _filled(text: str) -> bool:
    """Whether a box holds anything: a grid of empty cells is joined by commas and line breaks."""
    return bool(text.strip(", ;\t\r\n"))


def mark_part(paper: Paper, name: str) -> Mark:
    """The mark of one part; undecided where its kind stumbles."""
    if not paper.to_mark(name):
        return unmarked(paper, name)
    posed = paper.variant.posed[name]
    try:
        return kind_of(posed.part).mark(posed, paper.answers[name], paper.others(name))
    except Exception:
        # Whatever went wrong is ours or the author's: it must not cost the other parts their
        # marks, nor ever count as the learner's wrong answer.
        log.exception("part %s of %s could not be decided", name, paper.variant.exercise.slug)
        finding = Finding(code="undecided", tone="note")
        return Mark(score=Fraction(0), findings=(finding,), state="undecided")


def unmarked(paper: Paper, name: str) -> Mark:
    """What is said of a part that no kind can mark: it is blank, or cannot be read."""
    if name in paper.unread:
        finding = Finding(code="kept-unread", tone="note")
        return Mark(score=Fraction(0), findings=(finding,), state="review")
    finding = Finding(code="not-attempted", tone="note")
    return Mark(score=Fraction(0), findings=(finding,), state="blank")


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

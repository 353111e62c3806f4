"""The doors of the mind: everything the site, the shell or a notebook calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grading.document import read_document
from grading.draft import read_draft
from grading.errors import BrokenExercise, Fault
from grading.exercise import Exercise, Numbers, Raw, Shown, Variant, Worked
from grading.kinds import KINDS, kind_of
from grading.numeric.grids import read_text
from grading.proof import Report, prove
from grading.sentences import say
from grading.verdict import Verdict
from grading.weigh import (
    Answers,
    draw_variant,
    grade_variant,
    read_answers,
    rebuild_variant,
)

__all__ = [
    "check",
    "grade",
    "normal",
    "open",
    "read",
    "read_text",
    "rebuild",
    "say",
    "solve",
    "vary",
]


def open(text: str, *, slug: str) -> Exercise:
    """The exercise that a YAML text describes.

    Raises BrokenExercise with every fault at its line and column.
    """
    document = read_document(text)
    exercise, faults = read_draft(document, text, slug)
    for index, part in enumerate(exercise.parts):
        if part.kind in KINDS:
            found = kind_of(part).check(part)
        else:
            message = f"`kind` is one of {', '.join(KINDS)}, not “{part.kind}”."
            found = [Fault(code="kind", message=message, place=("kind",))]
        faults += [fault.under("parts", index) for fault in found]
    if not faults:
        try:
            # Only with the given numbers can a kind see whether they fit each other.
            draw_variant(exercise, 0)
        except BrokenExercise as error:
            faults += error.faults
    if faults:
        raise BrokenExercise(document.locate_all(faults))
    return exercise


def check(exercise: Exercise, *, seeds: Sequence[int]) -> Report:
    """Prove an exercise on these seeds: samples, model answers, wrong turns.

    Nothing is raised: what is wrong stands in the report, at its line and column.
    """
    return prove(exercise, seeds).located(read_document(exercise.text))


def vary(exercise: Exercise, *, seed: int) -> Variant:
    """The exercise with numbers drawn from the seed, the same ones every time.

    Raises ValueError for a seed outside 0 to 2**63 - 1.
    """
    return draw_variant(exercise, seed)


def rebuild(exercise: Exercise, *, seed: int, numbers: Numbers) -> Variant:
    """The variant whose ``numbers`` were stored. Nothing is drawn again."""
    return rebuild_variant(exercise, seed, numbers)


def read(shown: Mapping[str, Shown], raw: Mapping[str, Raw]) -> Answers:
    """What the learner wrote, by part; None for a part left blank. The key is not needed.

    Raises Unreadable with every box that cannot be read, each named ``part.field``; with the
    code ``blank`` where nothing is filled in.
    """
    return read_answers(shown, raw)


def grade(
    variant: Variant,
    raw: Mapping[str, Raw],
    *,
    hints: Mapping[str, int] | None = None,
    at_deadline: bool = False,
) -> Verdict:
    """The verdict on an answer; ``hints`` counts the hints taken, by part.

    Raises Unreadable, except at a deadline: there, what cannot be read goes to a person.
    """
    return grade_variant(variant, raw, hints=hints or {}, at_deadline=at_deadline)


def solve(variant: Variant) -> Mapping[str, Worked]:
    """A good answer to each part of this variant, worked in steps."""
    return {name: kind_of(posed.part).solve(posed) for name, posed in variant.posed.items()}


def normal(variant: Variant, raw: Mapping[str, Raw]) -> Mapping[str, str]:
    """Each part's answer in its normal form: equal answers give equal texts.

    Raises Unreadable, as ``read`` does.
    """
    answers = read_answers(variant.shown, raw)
    return {
        name: kind_of(variant.posed[name].part).normal(answer)
        for name, answer in answers.items()
        if answer is not None
    }

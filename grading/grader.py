"""The doors of the mind: everything the site, the shell or a notebook calls."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grading.amend import CannotAmend, add_pattern
from grading.bulk import Answered, Graded, grade_each
from grading.concepts.bench import report as benches
from grading.concepts.bench.answers import Marked, MarkedFile, label_of_score, read_marked
from grading.concepts.bench.figures import Figures
from grading.concepts.bench.report import Bench, Comparison
from grading.concepts.phrase import Idea, UnfitPhrase, ideas_of, phrase_pattern
from grading.concepts.rules import Label, Rules
from grading.document import read_document
from grading.draft import read_draft
from grading.errors import BrokenExercise, Fault, Unreadable
from grading.exercise import Exercise, Numbers, Part, Posed, Raw, Shown, Variant, Worked
from grading.kinds import KINDS, kind_of
from grading.numeric.formula import read_formula_text
from grading.numeric.grids import read_text
from grading.proof import Report, prove
from grading.sentences import say
from grading.tables import BadRow
from grading.verdict import Finding, Mark, Verdict
from grading.weigh import (
    Answers,
    draw_variant,
    grade_variant,
    less_hints,
    read_answers,
    rebuild_variant,
    weigh_marks,
)

log = logging.getLogger(__name__)

__all__ = [
    "Answered",
    "Bench",
    "CannotAmend",
    "Comparison",
    "Figures",
    "Graded",
    "Idea",
    "Label",
    "Marked",
    "MarkedFile",
    "UnfitPhrase",
    "add_pattern",
    "bench",
    "check",
    "compare",
    "grade",
    "grade_many",
    "ideas",
    "label_of_score",
    "less_hints",
    "normal",
    "open",
    "phrase_pattern",
    "pool",
    "read",
    "read_formula_text",
    "read_marked",
    "read_text",
    "rebuild",
    "say",
    "solve",
    "vary",
    "weigh",
]


def open(text: str, *, slug: str) -> Exercise:
    """The exercise that a YAML text describes.

    Raises BrokenExercise with every fault at its line and column.
    """
    document = read_document(text)
    exercise, faults = read_draft(document, text, slug)
    for index, part in enumerate(exercise.parts):
        if part.kind in KINDS:
            found = _checked(part)
        else:
            message = f"`kind` is one of {', '.join(KINDS)}, not “{part.kind}”."
            found = [Fault(code="kind", message=message, place=("kind",))]
        faults += [fault.under("parts", index) for fault in found]
    if not faults:
        faults += _fitting(exercise)
    if faults:
        raise BrokenExercise(document.locate_all(faults))
    return exercise


def _fitting(exercise: Exercise) -> list[Fault]:
    """Only with the given numbers can a kind see whether they fit each other."""
    try:
        draw_variant(exercise, 0)
    except BrokenExercise as error:
        return list(error.faults)
    except Exception:
        log.exception("%s could not be posed", exercise.slug)
        message = "With these numbers no sheet can be made: compare with the examples."
        return [Fault(code="unchecked", message=message, place=("given",))]
    return []


def _checked(part: Part) -> list[Fault]:
    try:
        return kind_of(part).check(part)
    except Exception:
        # A check that stumbles is ours to mend, and must not keep an author from their draft.
        log.exception("the part %s could not be checked", part.name)
        message = "Something here could not be checked at all: compare it with the examples."
        return [Fault(code="unchecked", message=message)]


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


def grade_many(exercise: Exercise, many: Iterable[Answered]) -> Iterator[Graded]:
    """What ``rebuild`` and ``grade`` give for each answer, in order, in one pass for all of them.

    Whatever they would have raised for one answer stands in the place of its verdict, as a value
    (``Unreadable`` mostly), and touches no other. Answers are taken and told in pieces, so
    neither side need ever hold them all.
    """
    return grade_each(exercise, many)


def weigh(
    exercise: Exercise, marks: Mapping[str, Mark], *, findings: Sequence[Finding] = ()
) -> Verdict:
    """The marks of all parts as one verdict, weighed as ``grade`` does: for what a person settles.

    Hints are not taken off here: ``less_hints`` does that for each fresh mark.
    """
    return weigh_marks(exercise, marks, tuple(findings))


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


def ideas(exercise: Exercise) -> Mapping[str, tuple[Idea, ...]]:
    """The ideas that the rules of each explain part look for, in the order of the exercise."""
    return {name: ideas_of(posed.key) for name, posed in _ruled(exercise).items()}


def _ruled(exercise: Exercise) -> Mapping[str, Posed]:
    """The parts decided by rules."""
    posed = draw_variant(exercise, 0).posed
    return {name: one for name, one in posed.items() if isinstance(one.key, Rules)}


def bench(exercise: Exercise, rows: Iterable[Marked], *, part: str = "") -> Bench:
    """What the rules of an explain part say of marked answers, and how far the two agree.

    ``part`` may be left out where only one part is explained. Answers that its box would refuse
    are told apart, by their lines. Raises ValueError where there is no such part.
    """
    ruled = _ruled(exercise)
    if not ruled:
        raise ValueError("no part of it is decided by rules")
    if part not in ruled and (part or len(ruled) > 1):
        raise ValueError(f"name one of the parts decided by rules: {', '.join(ruled)}")
    posed = ruled[part] if part else next(iter(ruled.values()))
    (box,) = posed.shown.fields
    kept = []
    refused = []
    for row in rows:
        try:
            kind_of(posed.part).read(posed.shown, {box.name: row.answer})
        except Unreadable as error:
            refused.append(BadRow(line=row.line, message=error.misreadings[0].message))
        else:
            kept.append(row)
    return benches.bench(posed.key, kept, refused)


def compare(before: Bench, after: Bench) -> Comparison:
    """Two reports on the same answers: who changes from what to what.

    Raises ValueError where the answers are not the same.
    """
    return benches.compare(before, after)


def pool(reports: Mapping[str, Bench]) -> Figures:
    """The figures of several exercises' answers, all put together."""
    return benches.pool(reports)

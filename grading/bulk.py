"""Many answers to one exercise, graded in one pass: the verdicts of one by one, only sooner."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from grading.exercise import EMPTY, Exercise, Numbers, Part, Posed, Raw, Variant
from grading.kinds import kind_of
from grading.verdict import Mark, Verdict
from grading.weigh import (
    Paper,
    mark_part,
    pose_variant,
    read_paper,
    rebuild_variant,
    stored,
    unmarked,
    weighed,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

PIECE = 512
"""Answers held at a time: enough that what a pass costs is spread thin, little enough to hold."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One answer to be graded among many: the sheet's stored numbers, and what was typed."""

    numbers: Numbers
    raw: Mapping[str, Raw]
    hints: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    """How many hints were taken, by part."""
    at_deadline: bool = False


Graded = Verdict | Exception
"""A verdict, or what grading this answer alone would have raised: Unreadable, mostly."""


def grade_each(exercise: Exercise, many: Iterable[Answered]) -> Iterator[Graded]:
    """One result for each answer, in order. A piece of them is held at a time."""
    answers = iter(many)
    while piece := list(islice(answers, PIECE)):
        yield from _grade_piece(exercise, piece)


def _grade_piece(exercise: Exercise, piece: Sequence[Answered]) -> list[Graded]:
    variants = _once(piece, _numbers_text, lambda firsts: _rebuilt(exercise, firsts))
    answers = list(zip(variants, piece, strict=True))
    # Learners with the same numbers often give the same answer: it is read and marked once.
    papers = _once(answers, _what_was_typed, lambda firsts: [_read(*one) for one in firsts])
    sheets = list(zip(papers, piece, strict=True))
    marked = _once(sheets, _what_is_marked, _marked)
    return [
        marks if isinstance(marks, Exception) else _weighed(paper, marks, answered.hints)
        for (paper, answered), marks in zip(sheets, marked, strict=True)
    ]


def _once(
    many: Sequence[T], same: Callable[[T], Hashable], work: Callable[[list[T]], list[Any]]
) -> list[Any]:
    """What ``work`` makes of each, done once for all that are the ``same``."""
    names = [_name(same, one) for one in many]
    firsts = dict(zip(reversed(names), reversed(many), strict=True))
    done = dict(zip(firsts, work(list(firsts.values())), strict=True))
    return [done[name] for name in names]


def _name(same: Callable[[T], Hashable], one: T) -> Hashable:
    try:
        name = same(one)
        hash(name)
    except Exception:
        # Not what an answer should be made of: what it raises alone is told in its own place.
        return id(one)
    return name


# ---------------------------------------------------------------- from stored numbers to variants


def _numbers_text(answered: Answered) -> str:
    return json.dumps(answered.numbers, sort_keys=True)


def _rebuilt(exercise: Exercise, many: Sequence[Answered]) -> list[Variant | Exception]:
    """The variant of each; what is raised by one is its own affair."""
    try:
        kept = [stored(exercise, one.numbers) for one in many]
        posed = [
            kind_of(part).vary_many(part, [(given, draws[part.name]) for given, draws in kept])
            for part in exercise.parts
        ]
        return [
            pose_variant(exercise, 0, given, draws, _by_name(exercise.parts, parts))
            for (given, draws), parts in zip(kept, zip(*posed, strict=True), strict=True)
        ]
    except Exception:
        return [_attempt(rebuild_variant, exercise, 0, one.numbers) for one in many]


def _by_name(parts: Sequence[Part], posed: Sequence[Posed]) -> dict[str, Posed]:
    return {part.name: one for part, one in zip(parts, posed, strict=True)}


def _attempt(work: Callable[..., T], *arguments: Any) -> T | Exception:
    try:
        return work(*arguments)
    except Exception as error:
        return error


# ---------------------------------------------------------------- from texts to answers


def _what_was_typed(answer: tuple[Variant | Exception, Answered]) -> Hashable:
    variant, answered = answer
    texts = ((name, tuple(sorted(boxes.items()))) for name, boxes in sorted(answered.raw.items()))
    return id(variant), tuple(texts)


def _read(variant: Variant | Exception, answered: Answered) -> Paper | Exception:
    if isinstance(variant, Exception):
        return variant
    return _attempt(read_paper, variant, answered.raw)


# ---------------------------------------------------------------- from answers to marks


def _what_is_marked(sheet: tuple[Paper | Exception, Answered]) -> Hashable:
    paper, answered = sheet
    return id(paper), answered.at_deadline


def _marked(
    sheets: Sequence[tuple[Paper | Exception, Answered]],
) -> list[Mapping[str, Mark] | Exception]:
    """The marks of each paper by part, or why it has none."""
    kept = [_refused(paper, answered) for paper, answered in sheets]
    papers = [paper for paper in kept if isinstance(paper, Paper)]
    parts = papers[0].variant.exercise.parts if papers else ()
    by_part = {part.name: iter(mark_papers(part, papers)) for part in parts}
    return [
        {name: next(marks) for name, marks in by_part.items()}
        if isinstance(paper, Paper)
        else paper
        for paper in kept
    ]


def _refused(paper: Paper | Exception, answered: Answered) -> Paper | Exception:
    """The paper, or why it is not marked: at a deadline whatever is there is."""
    if isinstance(paper, Exception) or answered.at_deadline:
        return paper
    refusal = _attempt(paper.refuse)
    return paper if refusal is None else refusal


def mark_papers(part: Part, papers: Sequence[Paper]) -> list[Mark]:
    """The mark of one part on each paper, as ``mark_part`` gives it."""
    name = part.name
    filled = [paper for paper in papers if paper.to_mark(name)]
    marked = _at_once(part, filled)
    if marked is None:
        # One that cannot be decided must not take the others' marks: each on its own then.
        marked = [mark_part(paper, name) for paper in filled]
    found = dict(zip(map(id, filled), marked, strict=True))
    return [found.get(id(paper)) or unmarked(paper, name) for paper in papers]


def _at_once(part: Part, papers: Sequence[Paper]) -> Sequence[Mark] | None:
    """The marks, or None where the kind stumbles over one of them, or does not mark them all."""
    name = part.name
    many = [(p.variant.posed[name], p.answers[name], p.others(name)) for p in papers]
    try:
        marks = kind_of(part).mark_many(many)
    except Exception as error:
        log.warning("part %s is marked one by one, for many at once: %r", name, error)
        return None
    return marks if len(marks) == len(many) else None


def _weighed(paper: Paper, marks: Mapping[str, Mark], hints: Mapping[str, int]) -> Graded:
    return _attempt(weighed, paper, marks, hints)

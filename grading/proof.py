"""Proving an exercise: its samples, its own solutions and its wrong turns, over many seeds."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from grading.bulk import mark_papers
from grading.document import Document
from grading.errors import BrokenExercise, Fault, Place, Unreadable
from grading.exercise import Exercise, Posed, Raw, Sample, Variant, number_text
from grading.kinds import kind_of
from grading.numeric.spelling import edges, joined, key_text, rounded, spellings
from grading.verdict import Mark, Verdict
from grading.weigh import (
    draw_counted,
    draw_variant,
    grade_variant,
    read_paper,
    rebuild_variant,
)

log = logging.getLogger(__name__)

RARE = 10
"""More draws than that for one good variant are told to its author."""
MOST_ALIKE = 3
"""Faults of one code told of one part; those that follow seldom say anything new."""


@dataclass(frozen=True, kw_only=True)
class SampleResult:
    """What one promised answer got. ``why`` is empty where the promise holds."""

    index: int
    answer: str
    expected: str
    got: str
    ok: bool
    why: str = ""
    made_by: str = ""
    """How it was made from an author's sample; empty for the author's own."""
    struck: str = ""
    """Why its author says that it does not apply; it counts as neither kept nor broken."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What proving an exercise found. It is good where there are no faults and all samples hold."""

    digest: str
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    samples: tuple[SampleResult, ...]
    seeds_run: int

    @property
    def good(self) -> bool:
        """Whether it may be published."""
        return not self.faults and all(sample.ok for sample in self.samples)

    def located(self, document: Document) -> Report:
        """The same report, each fault with its line and column in the document."""
        return replace(
            self,
            faults=document.locate_all(self.faults),
            warnings=document.locate_all(self.warnings),
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON value, for the row that keeps it."""
        return {**asdict(self), "good": self.good}


def prove(exercise: Exercise, seeds: Sequence[int]) -> Report:
    """Run everything an exercise promises. Faults are the author's to mend; nothing is raised."""
    faults: list[Fault] = []
    warnings: list[Fault] = []
    draws = 0
    keyless: list[Fault] = []
    if not exercise.samples:
        message = "There are no samples: write at least one answer and what it must get."
        faults.append(Fault(code="no-samples", message=message, place=("samples",)))
    run = 0
    for seed in seeds if exercise.drawn else seeds[:1]:
        try:
            variant, drawn, broken = draw_counted(exercise, seed)
            found = list(_prove_variant(variant))
        except BrokenExercise as error:
            faults += error.faults
            break
        except Exception:
            # A proof that stumbles is ours to mend, and is told all the same: nothing is raised.
            log.exception("%s could not be proved with seed %d", exercise.slug, seed)
            message = (
                f"With seed {seed} it could not be proved at all: compare it with the examples."
            )
            faults.append(Fault(code="unproved", message=message, place=("parts",)))
            break
        run += 1
        draws += drawn
        keyless += broken
        faults += (fault for fault in found if not _warns(fault))
        warnings += (fault for fault in found if _warns(fault))
        if faults:
            # Another seed would say the same again.
            break
    if run and draws > RARE * run:
        message = (
            f"Only one draw in {draws // run} gives good numbers. Where they are rarer still, a "
            f"learner may get none: draw from a wider range, or ask for fewer things at once."
        )
        warnings.append(Fault(code="doubt-rare", message=message, place=("given",)))
    if keyless:
        first = keyless[0]
        message = (
            f"{len(keyless)} of {draws} draws gave numbers without a right answer, and were drawn "
            f"again: {first.message} Draw from a range in which there always is one."
        )
        warnings.append(replace(first, code="doubt-no-answer", message=message))
    if run:
        warnings += _remarks(exercise)
    samples = [_run_sample(exercise, sample) for sample in exercise.samples] if run else []
    if samples and all(sample.ok for sample in samples):
        samples += [_run_sample(exercise, made) for made in _made_samples(exercise)]
    return Report(
        digest=exercise.digest,
        faults=tuple(dict.fromkeys(faults)),
        warnings=tuple(dict.fromkeys(warnings)),
        samples=tuple(samples),
        seeds_run=run,
    )


def _remarks(exercise: Exercise) -> Iterator[Fault]:
    for index, part in enumerate(exercise.parts):
        for remark in kind_of(part).remarks(part, exercise.samples):
            yield replace(remark.under("parts", index), code=f"doubt-{remark.code}")


def _warns(fault: Fault) -> bool:
    """Whether it is worth telling, and no reason to keep an exercise from learners."""
    return fault.code == "coincides" or fault.code.startswith("doubt-")


def _prove_variant(variant: Variant) -> Iterator[Fault]:
    """It can be rebuilt as it was, and each part knows right from wrong."""
    at = f"With seed {variant.seed}: "
    again = rebuild_variant(variant.exercise, variant.seed, variant.numbers)
    if again.shown != variant.shown or again.given != variant.given:
        message = at + "the sheet rebuilt from its stored numbers differs from the one drawn."
        yield Fault(code="rebuild", message=message, place=("given",))
    solution: dict[str, Raw] = {}
    for index, (name, posed) in enumerate(variant.posed.items()):
        place = ("parts", index)
        kind = kind_of(posed.part)
        solution[name] = kind.solve(posed).answer
        found = (*_prove_trials(variant, posed), *_prove_targets(variant, posed))
        for fault in _few_alike(found):
            yield replace(fault.under(*place), message=at + fault.message)
        yield from (
            replace(doubt.under(*place), code=f"doubt-{doubt.code}") for doubt in kind.doubts(posed)
        )
        reason = kind.unfair(posed)
        if reason and not variant.exercise.drawn:
            yield Fault(code="coincides", message=f"`{name}`: {reason}.", place=place)
    verdict = grade_variant(variant, solution, hints={}, at_deadline=False)
    if verdict.score != 1:
        message = f"{at}the model answers of all parts together earn {_percent(verdict.score)}."
        yield Fault(code="model", message=message, place=("agree",))


def _few_alike(faults: Iterable[Fault]) -> Iterator[Fault]:
    """The first of each code: one tolerance that is too narrow refuses fifteen spellings."""
    told: Counter[str] = Counter()
    for fault in faults:
        told[fault.code] += 1
        if told[fault.code] <= MOST_ALIKE:
            yield fault


@dataclass(frozen=True, kw_only=True)
class _Trial:
    """An answer to one part alone, and what it may earn."""

    code: str
    what: str
    raw: Raw
    least: Fraction = Fraction(1)
    most: Fraction = Fraction(1)
    told: tuple[str, ...] = ()
    """The findings of which one must name it; empty where none has to."""
    place: Place = ()
    """Where its author wrote it, within the part."""


def _prove_trials(variant: Variant, posed: Posed) -> Iterator[Fault]:
    """The right answer earns all, however it is written; a wrong turn does not, and is told."""
    name = posed.part.name
    trials = [*_right_answers(posed), *_wrong_turns(posed)]
    marks = _marks_alone(variant, name, [trial.raw for trial in trials])
    for trial, mark in zip(trials, marks, strict=True):
        if isinstance(mark, Unreadable):
            message = f"{trial.what} of `{name}` cannot be read: {mark}"
            yield Fault(code=trial.code, message=message, place=trial.place)
        elif mark.state != "marked":
            if trial.least:
                message = f"{trial.what} of `{name}` is not marked ({mark.state})."
                yield Fault(code=trial.code, message=message, place=trial.place)
        elif mark.score < trial.least:
            message = f"{trial.what} of `{name}` earns {_percent(mark.score)}, not all."
            told = f"{message} {_typed(trial.raw)}"
            yield Fault(code=trial.code, message=told, place=trial.place)
        elif mark.score > trial.most:
            message = (
                f"{trial.what} earns {_percent(mark.score)} in `{name}`; "
                f"it may earn {_percent(trial.most)} at most."
            )
            yield Fault(code=trial.code, message=message, place=trial.place)
        elif trial.told and not _tells(mark, trial.told):
            said = ", ".join(finding.code for finding in mark.findings) or "nothing"
            message = f"{trial.what} is not told apart in `{name}`: {said} is what is found."
            yield Fault(code="stray-untold", message=message, place=trial.place)


def _right_answers(posed: Posed) -> Iterator[_Trial]:
    """The model answer, in every spelling, and rounded as the page advises."""
    kind = kind_of(posed.part)
    worked = kind.solve(posed).answer
    yield _Trial(code="model", what="the model answer", raw=worked)
    ways: dict[str, dict[str, str]] = {}
    for field in posed.shown.fields:
        if field.widget in ("number", "vector", "grid"):
            for how, text in spellings(worked.get(field.name, ""), field.shape).items():
                if len(text) <= field.limit:
                    ways.setdefault(how, {})[field.name] = text
    for how, texts in ways.items():
        what = f"the model answer written {how}"
        yield _Trial(code="spelling", what=what, raw={**worked, **texts})
    for rounded_texts in _rounded_ways(posed):
        what = "the right answer, rounded as advised,"
        yield _Trial(code="rounding", what=what, raw={**worked, **rounded_texts})
    for spelling in kind.spellings(posed):
        what = f"the right answer, {spelling.how},"
        yield _Trial(code="spelling", what=what, raw=spelling.answer)


def _rounded_ways(posed: Posed) -> Iterator[Raw]:
    """Every box rounded to the digits it asks for: ties up, ties down, and ties to even."""
    shapes = {field.name: field.shape for field in posed.shown.fields}
    boxes = {
        target.field: [
            rounded(key, tolerance)
            for key, tolerance in zip(target.keys, target.tolerances, strict=True)
        ]
        for target in kind_of(posed.part).targets(posed)
    }
    ways = (
        {
            field: joined([texts[way] for texts in cells], shapes[field])
            for field, cells in boxes.items()
            if all(cells)
        }
        for way in range(3)
    )
    yield from (dict(way) for way in dict.fromkeys(tuple(way.items()) for way in ways if way))


def _wrong_turns(posed: Posed) -> Iterator[_Trial]:
    for stray in kind_of(posed.part).stray(posed):
        yield _Trial(
            code="stray-passes",
            what=f"the wrong turn `{stray.code}`",
            raw=stray.answer,
            least=Fraction(0),
            most=stray.score,
            told=stray.told or (stray.code,),
            place=stray.place,
        )


def _tells(mark: Mark, told: Sequence[str]) -> bool:
    """Whether a finding names the wrong turn, or its family, or says that several fit."""
    codes = {finding.facts.get("rule", finding.code) for finding in mark.findings}
    return any(
        code.startswith("several") or name == code or name.startswith(f"{code}-")
        for code in codes
        for name in told
    )


def _prove_targets(variant: Variant, posed: Posed) -> Iterator[Fault]:
    """Each box of numbers takes what lies just inside its tolerance, and not what lies outside."""
    shapes = {field.name: field.shape for field in posed.shown.fields}
    for target in kind_of(posed.part).targets(posed):
        shape = shapes[target.field]
        right = [key_text(key) for key in target.keys]
        ends = list(map(edges, target.keys, target.tolerances))
        # A cell a seed, so that all have their turn; every cell at once would hide one.
        cell = variant.seed % len(right)
        inside = [
            [texts[end] if texts else key for (texts, _), key in zip(ends, right, strict=True)]
            for end in (0, 1)
        ]
        outside = [[*right[:cell], text, *right[cell + 1 :]] for text in ends[cell][1]]
        raws = [{target.field: joined(row, shape)} for row in (right, *inside, *outside)]
        whole, *rest = map(_earned, _marks_alone(variant, posed.part.name, raws))
        where = f"`{target.field}` of `{posed.part.name}`"
        if not whole:
            yield Fault(code="edge", message=f"{where}, right in every cell, earns nothing.")
            continue
        for row, earned in zip(inside, rest[:2], strict=True):
            if earned != whole:
                message = f"{where}, just inside its tolerance, is not right: {', '.join(row)}."
                yield Fault(code="edge", message=message)
        for row, earned in zip(outside, rest[2:], strict=True):
            if earned is not None and earned >= whole:
                message = f"{where}, just outside its tolerance, is taken: {', '.join(row)}."
                yield Fault(code="edge", message=message)


def _marks_alone(variant: Variant, name: str, raws: Sequence[Raw]) -> list[Mark | Unreadable]:
    """The mark of each answer to one part, the other parts left blank."""
    papers = [read_paper(variant, {name: raw}) for raw in raws]
    marks = mark_papers(variant.posed[name].part, papers)
    return [
        Unreadable(paper.misreadings) if paper.misreadings else mark
        for paper, mark in zip(papers, marks, strict=True)
    ]


def _earned(mark: Mark | Unreadable) -> Fraction | None:
    return mark.score if isinstance(mark, Mark) and mark.state == "marked" else None


def _typed(raw: Raw) -> str:
    """What was typed, on one line and not too long of it."""
    text = "; ".join(" / ".join(box.split("\n")) for box in raw.values())
    return f"Typed: {text[:200]}{'...' if len(text) > 200 else ''}"


def _made_samples(exercise: Exercise) -> Iterator[Sample]:
    """What the kinds make of the author's samples, where the answer is one part's alone."""
    if len(exercise.parts) == 1:
        part = exercise.parts[0]
        yield from kind_of(part).trials(part, exercise.samples)


def _run_sample(exercise: Exercise, sample: Sample) -> SampleResult:
    """Grade one sample and hold every promise it makes against what it got."""
    if sample.struck:
        return SampleResult(
            index=sample.index,
            answer=_answer_text(sample.answer),
            expected=_promise(sample),
            got="not asked for",
            ok=True,
            made_by=sample.made_by,
            struck=sample.struck,
        )
    try:
        variant = draw_variant(exercise, sample.seed)
        verdict: Verdict | None = grade_variant(
            variant, named_boxes(variant, sample.answer), hints={}, at_deadline=False
        )
        unread = ""
    except Unreadable as error:
        verdict, unread = None, str(error)
    except BrokenExercise as error:
        verdict, unread = None, str(error)
    misses = list(_misses(sample, verdict))
    got = f"unreadable: {unread}" if verdict is None else _told(verdict)
    return SampleResult(
        index=sample.index,
        answer=_answer_text(sample.answer),
        expected=_promise(sample),
        got=got,
        ok=not misses,
        why=" ".join(misses),
        made_by=sample.made_by,
    )


def named_boxes(variant: Variant, answer: Mapping[str, Raw]) -> Mapping[str, Raw]:
    """The answer with each box named: a bare text belongs to the first box of its part."""
    named: dict[str, Raw] = {}
    for name, texts in answer.items():
        shown = variant.shown.get(name)
        first = shown.fields[0].name if shown else ""
        named[name] = {field or first: text for field, text in texts.items()}
    return named


def label_of(verdict: Verdict) -> str | None:
    """correct, partial or incorrect, as a person would label the score; None while not final."""
    if verdict.score is None:
        return None
    return {Fraction(1): "correct", Fraction(0): "incorrect"}.get(verdict.score, "partial")


def _misses(sample: Sample, verdict: Verdict | None) -> Iterator[str]:
    outcome = "unreadable" if verdict is None else verdict.outcome
    if sample.outcome is not None and outcome != sample.outcome:
        yield f"The outcome is {outcome}."
    if verdict is None:
        if sample.outcome is None:
            yield "It could not be read."
        return
    if sample.score is not None and verdict.score != sample.score:
        yield f"The score is {_percent(verdict.score)}."
    if sample.below is not None and verdict.score is not None and verdict.score >= sample.below:
        yield f"The score is {_percent(verdict.score)}; it must stay below."
    if sample.label is not None and label_of(verdict) != sample.label:
        yield f"The label is {label_of(verdict) or 'not final'}."
    findings = verdict.every_finding()
    names = {finding.code for finding in findings} | {
        finding.facts["rule"] for finding in findings if "rule" in finding.facts
    }
    if sample.finding is not None and sample.finding not in names:
        seen = ", ".join(sorted(names)) or "nothing"
        yield f"It was not found to be {sample.finding}, but {seen}."
    denied = {f.facts.get("rule", "") for f in findings if f.code == "misconception-denied"}
    for name in sample.denied:
        if name not in denied:
            yield f"{name} was not seen to be denied."


def _promise(sample: Sample) -> str:
    promises = [
        f"score {number_text(sample.score)}" if sample.score is not None else "",
        f"below {number_text(sample.below)}" if sample.below is not None else "",
        sample.label or "",
        sample.outcome or "",
        f"finding {sample.finding}" if sample.finding else "",
        f"denied {', '.join(sample.denied)}" if sample.denied else "",
    ]
    return ", ".join(promise for promise in promises if promise)


def _told(verdict: Verdict) -> str:
    score = "not final" if verdict.score is None else f"score {number_text(verdict.score)}"
    codes = [f.facts.get("rule", f.code) for f in verdict.every_finding()]
    return f"{score}; {', '.join(codes)}" if codes else score


def _answer_text(answer: Mapping[str, Raw]) -> str:
    if len(answer) == 1:
        (texts,) = answer.values()
        if len(texts) == 1:
            return next(iter(texts.values()))
    return "; ".join(f"{name}: {', '.join(texts.values())}" for name, texts in answer.items())


def _percent(score: Fraction | None) -> str:
    return "no final score" if score is None else f"{float(score):.0%}"

"""Proving an exercise: its samples, its own solutions and its wrong turns, over many seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from grading.document import Document
from grading.errors import BrokenExercise, Fault, Unreadable
from grading.exercise import Exercise, Raw, Sample, Variant, number_text
from grading.kinds import kind_of
from grading.verdict import Verdict
from grading.weigh import draw_variant, grade_variant, rebuild_variant


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
    if not exercise.samples:
        message = "There are no samples: write at least one answer and what it must get."
        faults.append(Fault(code="no-samples", message=message, place=("samples",)))
    run = 0
    for seed in seeds if exercise.drawn else seeds[:1]:
        try:
            found = list(_prove_variant(draw_variant(exercise, seed)))
        except BrokenExercise as error:
            faults += error.faults
            break
        run += 1
        faults += (fault for fault in found if not _warns(fault))
        warnings += (fault for fault in found if _warns(fault))
        if faults:
            # Another seed would say the same again.
            break
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


def _warns(fault: Fault) -> bool:
    """Whether it is worth telling, and no reason to keep an exercise from learners."""
    return fault.code == "coincides" or fault.code.startswith("doubt-")


def _prove_variant(variant: Variant) -> Iterator[Fault]:
    """Its own solution earns everything, no wrong turn does, and it can be rebuilt as it was."""
    at = f"With seed {variant.seed}: "
    again = rebuild_variant(variant.exercise, variant.seed, variant.numbers)
    if again.shown != variant.shown or again.given != variant.given:
        message = at + "the sheet rebuilt from its stored numbers differs from the one drawn."
        yield Fault(code="rebuild", message=message, place=("given",))
    solution: dict[str, Raw] = {}
    for index, (name, posed) in enumerate(variant.posed.items()):
        place = ("parts", index)
        kind = kind_of(posed.part)
        worked = kind.solve(posed)
        solution[name] = worked.answer
        score, why = _score_alone(variant, name, worked.answer)
        if score != 1:
            message = f"{at}the model answer of `{name}` earns {_percent(score)}, not all. {why}"
            yield Fault(code="model", message=message.rstrip(), place=place)
        yield from (
            replace(doubt.under(*place), code=f"doubt-{doubt.code}") for doubt in kind.doubts(posed)
        )
        reason = kind.unfair(posed)
        if reason and not variant.exercise.drawn:
            yield Fault(code="coincides", message=f"`{name}`: {reason}.", place=place)
        for stray in kind.stray(posed):
            earned, _ = _score_alone(variant, name, stray.answer)
            if earned is not None and earned > stray.score:
                message = (
                    f"{at}the wrong turn `{stray.code}` earns {_percent(earned)} in `{name}`; "
                    f"it may earn {_percent(stray.score)} at most."
                )
                yield Fault(code="stray-passes", message=message, place=place)
    verdict = grade_variant(variant, solution, hints={}, at_deadline=False)
    if verdict.score != 1:
        message = f"{at}the model answers of all parts together earn {_percent(verdict.score)}."
        yield Fault(code="model", message=message, place=("agree",))


def _score_alone(variant: Variant, name: str, answer: Raw) -> tuple[Fraction | None, str]:
    try:
        verdict = grade_variant(variant, {name: answer}, hints={}, at_deadline=False)
    except Unreadable as error:
        return None, f"It cannot be read: {error}"
    mark = verdict.marks[name]
    if mark.state != "marked":
        return None, f"It is not marked ({mark.state})."
    return mark.score, ""


def _made_samples(exercise: Exercise) -> Iterator[Sample]:
    """What the kinds make of the author's samples, where the answer is one part's alone."""
    if len(exercise.parts) == 1:
        part = exercise.parts[0]
        yield from kind_of(part).trials(part, exercise.samples)


def _run_sample(exercise: Exercise, sample: Sample) -> SampleResult:
    """Grade one sample and hold every promise it makes against what it got."""
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

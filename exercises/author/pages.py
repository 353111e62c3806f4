"""What the author's pages show: drafts with their faults, a variant to try, a proof, versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises import catalog, desk, phrases, roles
from exercises.author.benches import EffectShown, effect_shown
from exercises.forms import AnswerForm, Box
from exercises.models import Exercise, Proposal, Revision, User
from exercises.showing import (
    PartOfVerdict,
    Table,
    WorkedPart,
    parts_of_verdict,
    percent,
    tables,
    worked,
)
from exercises.templatetags.marks import score_tone
from grading import grader
from grading.errors import BrokenExercise, Fault
from grading.exercise import Hint, Variant, number_text
from grading.proof import Report, SampleResult
from grading.verdict import Finding

AROUND = 2
"""Lines shown before and after a faulty one, and around a change."""

LONGEST_COMPARED = 3_000
"""Lines of a text that is compared with another: the time grows with their square."""

# --- The list -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class State:
    """An exercise's state by tone, icon and word."""

    tone: str
    icon: str
    word: str
    score: None = None


def state_of(exercise: Exercise) -> State:
    if not learners_can_open(exercise):
        return State(tone="wrong", icon="wrong", word=_("learners cannot open it"))
    return {
        "draft": State(tone="", icon="draft", word=_("draft")),
        "failing": State(tone="wrong", icon="wrong", word=_("failing")),
        "published": State(tone="right", icon="right", word=_("published")),
        "changed": State(tone="partly", icon="partly", word=_("changed since")),
    }[exercise.state]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One exercise in the list."""

    exercise: Exercise
    state: State
    authors: str


def learners_can_open(exercise: Exercise) -> bool:
    """Whether the engine still takes the wording that learners get, if they get one."""
    try:
        catalog.current(exercise)
    except BrokenExercise:
        return False
    return True


def lines_for(person: User) -> list[Line]:
    """What this person may write: an author's own and those without one; for an admin all."""
    rows = roles.written_by(person).in_order().select_related("lesson", "current")
    return [
        Line(
            exercise=row,
            state=state_of(row),
            authors=", ".join(map(str, row.authors.all())) or _("any author"),
        )
        for row in rows.prefetch_related("authors")
    ]


# --- The draft ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of an excerpt, with the faults that stand in it; number 0 is a gap."""

    number: int
    text: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DraftPage:
    """The page of a draft."""

    exercise: Exercise
    title: str
    state: State
    faults: tuple[Fault, ...]
    excerpt: tuple[Listed, ...]
    shut: tuple[str, ...]
    theirs: tuple[Change, ...] = ()
    """After a conflict: how to get from what somebody else saved to what was typed here."""
    from_file: str = ""

    @property
    def bad_lines(self) -> str:
        """The numbers of the faulty lines, for the editor's margin."""
        return " ".join(str(line.number) for line in self.excerpt if line.faults)


def draft_page(exercise: Exercise, text: str, theirs: str | None = None) -> DraftPage:
    """Everything beside the box. ``theirs`` is what somebody else saved meanwhile."""
    faults = faults_in(text, exercise.slug)
    return DraftPage(
        exercise=exercise,
        title=str(exercise),
        state=state_of(exercise),
        faults=faults,
        excerpt=tuple(_excerpt(text, faults)),
        shut=why_shut(exercise, faults),
        theirs=() if theirs is None else tuple(_changes(theirs, text)),
        from_file=_file_words(exercise),
    )


def faults_in(text: str, slug: str) -> tuple[Fault, ...]:
    """Every fault that can be seen without proving, in reading order."""
    try:
        grader.open(text, slug=slug)
    except BrokenExercise as broken:
        return broken.faults
    return ()


def why_shut(exercise: Exercise, seen: Sequence[Fault] = ()) -> tuple[str, ...]:
    """Why this draft cannot be published now; nothing where it can.

    ``seen`` are faults that were found without proving.
    """
    if exercise.state == "published":
        return (_("Learners already get this text."),)
    report = exercise.report or {} if exercise.proved else {}
    reasons = []
    faults = len(report.get("faults", seen))
    if faults:
        reasons.append(
            ngettext("There is %(count)d fault.", "There are %(count)d faults.", faults)
            % {"count": faults}
        )
    elif not exercise.proved:
        reasons.append(_("It was not proved since it was last changed."))
    failing = sum(not sample["ok"] for sample in report.get("samples", ()))
    if failing:
        reasons.append(
            ngettext(
                "%(count)d sample does not get what it must.",
                "%(count)d samples do not get what they must.",
                failing,
            )
            % {"count": failing}
        )
    return tuple(reasons)


def _file_words(exercise: Exercise) -> str:
    if not exercise.loaded_digest:
        return ""
    if exercise.loaded_digest == exercise.draft_digest:
        return _(
            "This exercise comes from a file. Once you save a change here, loading the files "
            "again leaves it alone."
        )
    return _(
        "This exercise came from a file and was changed here since. Loading the files again "
        "leaves it alone."
    )


def _excerpt(text: str, faults: Sequence[Fault]) -> Iterator[Listed]:
    """The faulty lines with a few around them."""
    lines = text.splitlines() or [""]
    at: dict[int, list[Fault]] = {}
    for fault in faults:
        at.setdefault(min(fault.line or 1, len(lines)), []).append(fault)
    near = {n for line in at for n in range(line - AROUND, line + AROUND + 1)}
    before = 0
    for number in sorted(n for n in near if 1 <= n <= len(lines)):
        if number != before + 1:
            yield Listed(number=0)
        yield Listed(number=number, text=lines[number - 1], faults=tuple(at.get(number, ())))
        before = number
    if at and before < len(lines):
        yield Listed(number=0)


# --- Trying it as a learner -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PartOnPreview:
    """One part as a learner meets it, its hints all shown."""

    name: str
    prompt: SafeString
    boxes: tuple[Box, ...]
    points: str
    hints: tuple[Hint, ...]


@dataclass(frozen=True, kw_only=True)
class Said:
    """The verdict on an answer that was tried and not kept."""

    heading: str
    tone: str
    parts: tuple[PartOfVerdict, ...]
    across: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A variant of the draft, to be tried."""

    seed: int
    title: str
    intro: str
    drawn: bool
    given: tuple[Table, ...]
    parts: tuple[PartOnPreview, ...]
    worked: tuple[WorkedPart, ...]
    said: Said | None = None


def preview_of(variant: Variant, form: AnswerForm, said: Said | None) -> Preview:
    exercise = variant.exercise
    return Preview(
        seed=variant.seed,
        title=exercise.title,
        intro=exercise.intro,
        drawn=exercise.drawn,
        given=tables(variant),
        parts=tuple(
            PartOnPreview(
                name=section.name,
                prompt=section.prompt,
                boxes=section.boxes,
                points=number_text(exercise.part(section.name).points),
                hints=exercise.part(section.name).hints,
            )
            for section in form.sections
        ),
        worked=worked(variant),
        said=said,
    )


def said_of(variant: Variant, form: AnswerForm) -> Said:
    """What grading says of the answer in the form. Nothing is kept."""
    spoken = grader.grade(variant, form.answer)
    heading = (
        _("Not counted yet: a person looks at it")
        if spoken.score is None
        else _("%(percent)s of this exercise") % {"percent": percent(spoken.score)}
    )
    return Said(
        heading=heading,
        tone="ask" if spoken.score is None else score_tone(spoken.score),
        parts=parts_of_verdict(variant, form.answer, spoken),
        across=spoken.findings,
    )


# --- A phrase to accept ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """One phrase that waits for its authors."""

    proposal: Proposal
    url: str


def proposals_for(person: User) -> list[ProposalLine]:
    """The phrases that wait for this person."""
    return [
        ProposalLine(proposal=row, url=reverse("author:proposal", args=[row.pk]))
        for row in phrases.waiting_for(person).for_reading()
    ]


@dataclass(frozen=True, kw_only=True)
class ProposalPage:
    """A phrase, what it would change in the draft, and what that would change."""

    changes: tuple[Change, ...]
    idea: str
    in_its_answer: bool
    effect: EffectShown
    base: str
    proof: str
    """What proving says of the draft with the phrase."""
    proof_tone: str
    spoils: tuple[Mapping[str, Any], ...]
    """Samples that it would break."""


def proposal_page(proposal: Proposal, weighed: phrases.Weighed, person: User) -> ProposalPage:
    """What an author looks at before keeping a phrase."""
    exercise = proposal.exercise
    if weighed.spoils:
        proof, tone = _("A sample that holds now would not hold any more:"), "wrong"
    elif weighed.report.good:
        proof, tone = _("With the phrase in it, the draft proves good."), "right"
    else:
        proof = _("The draft does not hold by itself yet; the phrase makes it no worse.")
        tone = "partly"
    return ProposalPage(
        changes=tuple(_changes(exercise.draft, weighed.text)),
        idea=weighed.idea.missing or weighed.idea.found,
        in_its_answer=weighed.in_its_answer,
        effect=effect_shown(weighed.effect, person),
        base=weighed.base,
        proof=proof,
        proof_tone=tone,
        spoils=tuple(asdict(sample) | {"number": sample.index + 1} for sample in weighed.spoils),
    )


# --- The proof ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ProofPage:
    """What the last proof of this very draft found."""

    good: bool
    heading: str
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    samples: tuple[Mapping[str, Any], ...]
    """The author's own, as ``grading.proof.SampleResult``, the failing ones first."""
    made: tuple[Mapping[str, Any], ...]
    """Those that were made from the author's."""
    made_failing: int
    seeds_run: int
    cut: str
    """What is said of a proof that had no time for every sheet."""
    excerpt: tuple[Listed, ...]


def proof_page(exercise: Exercise) -> ProofPage | None:
    """None where the draft was not proved since it was last changed."""
    if not exercise.proved or exercise.report is None:
        return None
    report = exercise.report
    faults = tuple(_fault(fault) for fault in report["faults"])
    samples = sorted(report["samples"], key=lambda sample: sample["ok"])
    own = tuple(s | {"number": s["index"] + 1} for s in samples if not s["made_by"])
    made = tuple(s | {"number": s["index"] + 1} for s in samples if s["made_by"])
    return ProofPage(
        good=exercise.report_good,
        heading=_("It proves good") if exercise.report_good else _("It does not hold yet"),
        faults=faults,
        warnings=tuple(_fault(fault) for fault in report["warnings"]),
        samples=own,
        made=made,
        made_failing=sum(not sample["ok"] for sample in made),
        seeds_run=report["seeds_run"],
        cut=_cut_words(exercise),
        excerpt=tuple(_excerpt(exercise.draft, faults)),
    )


def kept_report(exercise: Exercise) -> Report | None:
    """The report that is kept of this very draft, if there is one."""
    if not exercise.proved or exercise.report is None:
        return None
    kept = exercise.report
    return Report(
        digest=kept["digest"],
        faults=tuple(map(_fault, kept["faults"])),
        warnings=tuple(map(_fault, kept["warnings"])),
        samples=tuple(SampleResult(**sample) for sample in kept["samples"]),
        seeds_run=kept["seeds_run"],
    )


def proved_in_full(exercise: Exercise, report: Report) -> bool:
    """Whether a good report speaks of every sheet that publishing asks for."""
    return (
        report.seeds_run >= len(desk.SEEDS)
        or not grader.open(exercise.draft, slug=exercise.slug).drawn
    )


def not_in_full(report: Report) -> str:
    """What an author is told of a proof that was cut."""
    return _(
        "It proves good on %(run)d of %(all)d sheets so far, and is slow to prove. The others are "
        "proved in the background: open this page again in a minute or two, then publish."
    ) % {"run": report.seeds_run, "all": len(desk.SEEDS)}


def _cut_words(exercise: Exercise) -> str:
    report = kept_report(exercise)
    if report is None or not report.good or proved_in_full(exercise, report):
        return ""
    return not_in_full(report)


def _fault(kept: Mapping[str, Any]) -> Fault:
    return Fault(**{**kept, "place": tuple(kept["place"])})


# --- Versions -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a difference: kept, out or in; a gap stands for lines that are the same.

    The one line ``long`` says that the texts are too long to be compared.
    """

    change: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One published wording."""

    number: int
    at: datetime
    by: str
    digest: str
    current: bool
    sheets: int


DRAFT = "draft"


def versions_of(exercise: Exercise) -> list[Version]:
    """Every wording that was published, the newest first."""
    rows = exercise.revisions.newest_first().select_related("published_by")
    return [
        Version(
            number=row.number,
            at=row.published_at,
            by=str(row.published_by) if row.published_by else _("loaded from a file"),
            digest=row.digest[:12],
            current=row.pk == exercise.current_id,
            sheets=row.sheets.count(),
        )
        for row in rows
    ]


def choices_of(versions: Sequence[Version]) -> list[tuple[str, str]]:
    """What can be compared: the draft and each version, by name and label."""
    return [
        (DRAFT, _("the draft")),
        *((str(v.number), _("version %(number)d") % {"number": v.number}) for v in versions),
    ]


def usual_comparison(exercise: Exercise, versions: Sequence[Version]) -> dict[str, str]:
    """What an author most likely wants to see: the draft against what learners get."""
    if not versions:
        return {"old": DRAFT, "new": DRAFT}
    if exercise.state != "published" or len(versions) == 1:
        return {"old": str(versions[0].number), "new": DRAFT}
    return {"old": str(versions[1].number), "new": str(versions[0].number)}


def comparison(exercise: Exercise, old: str, new: str) -> tuple[Change, ...]:
    """How to get from one version to another, with a few lines around each change."""
    return tuple(_changes(_text_of(exercise, old), _text_of(exercise, new)))


def preview_url(exercise: Exercise, seed: int) -> str:
    return f"{reverse('author:preview', args=[exercise.slug])}?seed={seed}"


def _text_of(exercise: Exercise, name: str) -> str:
    if name == DRAFT:
        return exercise.draft
    revision: Revision = exercise.revisions.get(number=int(name))
    return revision.text


def _changes(old: str, new: str) -> Iterator[Change]:
    if max(old.count("\n"), new.count("\n")) > LONGEST_COMPARED:
        yield Change(change="long")
        return
    lines = catalog.difference(old, new)
    changed = [i for i, line in enumerate(lines) if line.change != "kept"]
    near = {n for i in changed for n in range(i - AROUND, i + AROUND + 1)}
    before = -1
    for number in sorted(n for n in near if 0 <= n < len(lines)):
        if number != before + 1:
            yield Change(change="gap")
        yield Change(change=lines[number].change, text=lines[number].text)
        before = number
    if changed and before < len(lines) - 1:
        yield Change(change="gap")

"""Accepting a phrase: words of a learner's, proposed for an idea, weighed, kept in a draft."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from exercises import bench, catalog, desk, roles
from exercises.models import Audit, Exercise, Proposal, Submission, User
from exercises.models.proposals import LONGEST_CONCEPT, ProposalQuerySet
from grading import grader
from grading.errors import BrokenExercise
from grading.exercise import Exercise as Opened
from grading.proof import Report, SampleResult


class Refused(Exception):
    """What cannot be done with a phrase. The message is for the person, ``code`` for the page."""

    code = "refused"


class BadPhrase(Refused):
    code = "bad-phrase"


class NoSuchIdea(Refused):
    code = "no-such-idea"

    def __init__(self) -> None:
        super().__init__("Choose one of the ideas that this exercise looks for.")


class FoundAlready(Refused):
    code = "found-already"

    def __init__(self) -> None:
        super().__init__(
            "The rules as they stand now find this idea in these words already: nothing is to be "
            "added."
        )


class Faulty(Refused):
    code = "faulty"

    def __init__(self) -> None:
        super().__init__(
            "The draft of this exercise has faults: nothing can be added before they are mended."
        )


class Settled(Refused):
    code = "settled"

    def __init__(self) -> None:
        super().__init__("Somebody has decided about this phrase already.")


class Spoils(Refused):
    code = "spoils"

    def __init__(self) -> None:
        super().__init__(
            "With this phrase a sample would not get what it must any more, so it was not kept. "
            "The samples are listed below; the draft can still be written by hand."
        )


# --- Proposing ------------------------------------------------------------------------------------


def rules_now(exercise: Exercise) -> Opened | None:
    """The exercise as its draft words it or, where that has faults, as learners get it."""
    try:
        return grader.open(exercise.draft, slug=exercise.slug)
    except BrokenExercise:
        pass
    try:
        return catalog.current(exercise)
    except BrokenExercise:
        return None


def open_ideas(exercise: Exercise) -> dict[str, tuple[grader.Idea, ...]]:
    """The ideas that a phrase can be added to, by part."""
    opened = rules_now(exercise)
    found = grader.ideas(opened) if opened else {}
    kept = {part: tuple(idea for idea in ideas if _takes(idea)) for part, ideas in found.items()}
    return {part: ideas for part, ideas in kept.items() if ideas}


def _takes(idea: grader.Idea) -> bool:
    return idea.takes_phrases and len(idea.name) <= LONGEST_CONCEPT


def propose(
    submission: Submission, *, part: str, concept: str, phrase: str, by: User
) -> tuple[Proposal, bool]:
    """Puts a phrase before the exercise's authors; and whether it is new: one that waits already
    is given back.

    Raises BadPhrase, NoSuchIdea, FoundAlready.
    """
    exercise = submission.track.exercise
    if concept not in {idea.name for idea in open_ideas(exercise).get(part, ())}:
        raise NoSuchIdea
    try:
        pattern = grader.phrase_pattern(phrase)
    except grader.UnfitPhrase as unfit:
        raise BadPhrase(str(unfit)) from unfit
    opened = rules_now(exercise)
    if opened is not None and concept in _found(opened, part, phrase):
        raise FoundAlready
    wanted = {"exercise": exercise, "part": part, "concept": concept, "pattern": pattern}
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                **wanted, submission=submission, phrase=" ".join(phrase.split()), by=by
            )
            Audit.objects.note(
                "proposed a phrase for",
                exercise,
                who=by,
                proposal=made.pk,
                submission=submission.pk,
                concept=concept,
            )
    except IntegrityError:
        return Proposal.objects.open().get(**wanted), False
    return made, True


def _found(opened: Opened, part: str, text: str) -> frozenset[str]:
    """The ideas that the rules find in a text."""
    judged = grader.bench(opened, [grader.Marked(answer=text, label="correct")], part=part).judged
    return judged[0].found if judged else frozenset()


# --- Weighing -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What keeping a phrase would do. Nothing of it is stored."""

    text: str
    """The draft with the phrase in it."""
    base: str
    """The digest of the draft that it was made from."""
    idea: grader.Idea
    in_its_answer: bool
    """Whether the idea is found then in the answer that the words come from."""
    effect: bench.Effect
    report: Report
    spoils: tuple[SampleResult, ...]
    """Samples that hold now, and would not then."""


def weigh(proposal: Proposal) -> Weighed:
    """The draft with the phrase in it, proved and held against the site's own answers.

    Raises Faulty, NoSuchIdea, FoundAlready, BadPhrase.
    """
    exercise, part = proposal.exercise, proposal.part
    text, report, spoils = _with_phrase(proposal)
    before = grader.open(exercise.draft, slug=exercise.slug)
    after = grader.open(text, slug=exercise.slug)
    answer = "\n".join(proposal.submission.raw.get(part, {}).values())
    return Weighed(
        text=text,
        base=exercise.draft_digest,
        idea=next(i for i in grader.ideas(after)[part] if i.name == proposal.concept),
        in_its_answer=proposal.concept in _found(after, part, answer),
        effect=bench.effect_of(before, after, part, bench.site_answers(exercise, part)),
        report=report,
        spoils=spoils,
    )


def _with_phrase(proposal: Proposal) -> tuple[str, Report, tuple[SampleResult, ...]]:
    exercise = proposal.exercise
    try:
        opened = grader.open(exercise.draft, slug=exercise.slug)
    except BrokenExercise as broken:
        raise Faulty from broken
    ideas = grader.ideas(opened).get(proposal.part, ())
    if not any(idea.name == proposal.concept and idea.takes_phrases for idea in ideas):
        raise NoSuchIdea
    if proposal.concept in _found(opened, proposal.part, proposal.phrase):
        raise FoundAlready
    try:
        text = grader.add_pattern(
            exercise.draft, part=proposal.part, concept=proposal.concept, pattern=proposal.pattern
        )
    except (grader.CannotAmend, BrokenExercise) as cannot:
        # A document has its own bounds, which one pattern more may pass.
        raise BadPhrase(str(cannot)) from cannot
    report = desk.prove_soon(text, exercise.slug)
    failing = tuple(sample for sample in report.samples if not sample.ok)
    if failing:
        before = desk.prove_soon(exercise.draft, exercise.slug)
        known = {(s.made_by, s.answer) for s in before.samples if not s.ok}
        failing = tuple(s for s in failing if (s.made_by, s.answer) not in known)
    return text, report, failing


# --- Deciding -------------------------------------------------------------------------------------


def waiting_for(person: User) -> ProposalQuerySet:
    """The proposals that this person may decide about, the longest waiting first."""
    return Proposal.objects.open().filter(exercise__in=roles.written_by(person)).order_by("pk")


def keep(proposal: Proposal, by: User, base: str) -> None:
    """Saves the draft with the phrase in it; its authors publish as always.

    ``base`` is the digest of the draft that was weighed. Raises Settled, Spoils, what ``weigh``
    raises, and desk.DraftMoved or desk.TooLong.
    """
    if base != proposal.exercise.draft_digest:
        raise desk.DraftMoved(proposal.exercise.draft)
    text, report, spoils = _with_phrase(proposal)
    if spoils:
        raise Spoils
    with transaction.atomic():
        _settle(proposal, Proposal.State.KEPT, by)
        desk.save_draft(proposal.exercise, text, by, base=base)
        desk.remember(proposal.exercise_id, report)
        Audit.objects.note("kept a phrase in", proposal.exercise, who=by, proposal=proposal.pk)


def discard(proposal: Proposal, by: User) -> None:
    """Leaves the rules as they are. Raises Settled."""
    with transaction.atomic():
        _settle(proposal, Proposal.State.DISCARDED, by)
        Audit.objects.note(
            "discarded a phrase for", proposal.exercise, who=by, proposal=proposal.pk
        )


def _settle(proposal: Proposal, state: Proposal.State, by: User) -> None:
    row = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if row.state != Proposal.State.OPEN:
        raise Settled
    proposal.state, proposal.settled_by, proposal.settled_at = state, by, timezone.now()
    proposal.save(update_fields=["state", "settled_by", "settled_at"])

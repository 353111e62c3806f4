"""What the teacher's pages show: cells, answers with their evidence, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises import catalog, classrooms, gradebook, marking, phrases, review, roles
from exercises.models import (
    Classroom,
    Comment,
    Dispute,
    Exercise,
    Membership,
    Override,
    Proposal,
    Submission,
    User,
    Verdict,
)
from exercises.showing import (
    PartOfVerdict,
    Table,
    WorkedPart,
    parts_as_stored,
    parts_of_verdict,
    tables,
    worked,
)
from exercises.teach.forms import PartToDecide, PhraseForm, WaitingForm
from grading import grader
from grading.errors import BrokenExercise
from grading.verdict import Finding
from grading.verdict import Verdict as Spoken

# --- How something stands, by icon and word -------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stand:
    """How a learner stands on an exercise, or an answer by itself."""

    tone: str
    icon: str
    word: str
    score: Fraction | None = None


NOT_BEGUN = Stand(tone="", icon="todo", word="")


def stand(state: str, score: Fraction | None) -> Stand:
    """The icon and the word of a state, with the score that stands."""
    if state == "begun":
        return Stand(tone="", icon="draft", word=_("begun"))
    if state == "waiting":
        return Stand(tone="", icon="waiting", word=_("being marked"), score=score)
    if state == "broken":
        return Stand(tone="wrong", icon="note", word=_("could not be marked"), score=score)
    if state == "review" or score is None:
        return Stand(tone="ask", icon="review", word=_("waits for a person"), score=score)
    if score == 1:
        return Stand(tone="right", icon="right", word=_("right"), score=score)
    if score > 0:
        return Stand(tone="partly", icon="partly", word=_("partly"), score=score)
    return Stand(tone="wrong", icon="wrong", word=_("not yet"), score=score)


# --- Classrooms -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ClassroomCard:
    """One classroom in the list."""

    classroom: Classroom
    learners: int
    mine: bool


def cards(person: User) -> list[ClassroomCard]:
    """The classrooms this person may teach in; an admin's list holds all, their own first."""
    mine = set(Classroom.objects.taught_by(person).values_list("pk", flat=True))
    rows = Classroom.objects.all() if person.is_admin else Classroom.objects.filter(pk__in=mine)
    learners = Count("memberships", filter=Q(memberships__role=Membership.Role.LEARNER))
    found = [
        ClassroomCard(classroom=row, learners=row.learners, mine=row.pk in mine)
        for row in rows.annotate(learners=learners)
    ]
    return sorted(found, key=lambda card: (card.classroom.archived, not card.mine))


@dataclass(frozen=True, kw_only=True)
class CellShown:
    """One cell of the matrix."""

    stand: Stand
    url: str = ""
    tries: str = ""
    overridden: bool = False
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One learner of the matrix."""

    learner: User
    url: str
    cells: tuple[CellShown, ...]


@dataclass(frozen=True, kw_only=True)
class ClassroomPage:
    """Who has done what."""

    classroom: Classroom
    exercises: tuple[Exercise, ...]
    rows: tuple[Row, ...]
    waiting: int


def classroom_page(classroom: Classroom, person: User) -> ClassroomPage:
    """The matrix of a classroom, and how much of it waits for this person."""
    matrix = gradebook.matrix(classroom)
    rows = tuple(
        Row(
            learner=learner,
            url=reverse("teach:learner", args=[classroom.pk, learner.pk]),
            cells=tuple(
                _cell(classroom, learner, exercise, cell)
                for exercise, cell in zip(matrix.exercises, cells, strict=True)
            ),
        )
        for learner, cells in matrix.rows()
    )
    here = review.inbox(person).filter(learner__in=[learner.pk for learner in matrix.learners])
    return ClassroomPage(
        classroom=classroom, exercises=matrix.exercises, rows=rows, waiting=here.count()
    )


def _cell(
    classroom: Classroom, learner: User, exercise: Exercise, cell: gradebook.Cell | None
) -> CellShown:
    if cell is None:
        return CellShown(stand=NOT_BEGUN)
    found = stand(cell.state, cell.best)
    if not cell.tries and cell.best is None:
        return CellShown(stand=found)
    url = reverse("teach:learner", args=[classroom.pk, learner.pk])
    return CellShown(
        stand=found,
        url=f"{url}?exercise={exercise.slug}",
        tries=ngettext("%(count)d try", "%(count)d tries", cell.tries) % {"count": cell.tries},
        overridden=cell.overridden,
        label=f"{learner}, {exercise}:",
    )


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One person of a classroom, and what they have done."""

    person: User
    teaches: bool
    joined_at: datetime
    url: str = ""
    begun: int = 0
    right: int = 0
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """A classroom's people and the code that lets more in."""

    classroom: Classroom
    people: tuple[PersonRow, ...]
    exercises: int
    code: str

    @property
    def learners(self) -> int:
        return sum(not row.teaches for row in self.people)


def people_page(classroom: Classroom) -> PeoplePage:
    """Everybody in the classroom, teachers first."""
    matrix = gradebook.matrix(classroom)
    done = {learner.pk: [cell for cell in cells if cell] for learner, cells in matrix.rows()}
    return PeoplePage(
        classroom=classroom,
        people=tuple(
            _person_row(classroom, place, done.get(place.user_id, []))
            for place in classrooms.roster(classroom)
        ),
        exercises=len(matrix.exercises),
        code=f"{classroom.code[:4]} {classroom.code[4:]}",
    )


def _person_row(
    classroom: Classroom, place: Membership, cells: Sequence[gradebook.Cell]
) -> PersonRow:
    if place.role == Membership.Role.TEACHER:
        return PersonRow(person=place.user, teaches=True, joined_at=place.joined_at)
    return PersonRow(
        person=place.user,
        teaches=False,
        joined_at=place.joined_at,
        url=reverse("teach:learner", args=[classroom.pk, place.user_id]),
        begun=len(cells),
        right=sum(cell.best == 1 for cell in cells),
        tries=sum(cell.tries for cell in cells),
    )


# --- Answers --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AnswerShown:
    """One answer, with what was said of it and by what."""

    submission: Submission
    url: str
    who: str
    title: str
    stand: Stand
    parts: tuple[PartOfVerdict, ...]
    across: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    verdict: Verdict | None
    override: Override | None
    comments: tuple[Comment, ...]
    disputes: tuple[Dispute, ...]

    @property
    def digest(self) -> str:
        """The start of the wording's digest: enough to tell two wordings apart."""
        revision = self.verdict.revision if self.verdict else self.submission.sheet.revision
        return revision.digest[:12]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One finding as the machine keeps it."""

    place: str
    code: str
    worth: Fraction | None
    quotes: tuple[str, ...]


def answers_shown(submissions: Iterable[Submission]) -> list[AnswerShown]:
    """Each answer with its evidence. Read them with ``for_reading``."""
    return [answer_shown(submission) for submission in submissions]


def answer_shown(submission: Submission, who: str = "") -> AnswerShown:
    """One answer with its evidence; ``who`` stands in for the learner's name."""
    current = submission.marking.current
    spoken = current.spoken if current else None
    overrides = list(submission.overrides.all())
    return AnswerShown(
        submission=submission,
        url=reverse("teach:answer", args=[submission.pk]),
        who=who or str(submission.learner),
        title=str(submission.track.exercise),
        stand=stand(submission.standing, submission.score),
        parts=_parts(submission, spoken),
        across=spoken.findings if spoken else (),
        evidence=tuple(_evidence(finding) for finding in spoken.every_finding()) if spoken else (),
        verdict=current,
        override=Override.standing(overrides),
        comments=tuple(_comments(submission, spoken)),
        disputes=tuple(submission.disputes.all()),
    )


def _comments(submission: Submission, spoken: Spoken | None) -> Iterator[Comment]:
    """What people said, but for words that stand in the verdict or under a dispute already."""
    findings = spoken.every_finding() if spoken else ()
    told = {finding.facts.get("say") for finding in findings if finding.code == "by-hand"}
    told |= {dispute.words for dispute in submission.disputes.all()}
    return (comment for comment in submission.comments.all() if comment.text not in told)


@dataclass(frozen=True, kw_only=True)
class SheetShown:
    """What the learner had before them, and a good answer to it."""

    given: tuple[Table, ...]
    worked: tuple[WorkedPart, ...]


def sheet_shown(submission: Submission) -> SheetShown | None:
    """The numbers of an answer's sheet; None where its wording is accepted no more."""
    try:
        variant = catalog.variant(submission.sheet)
    except BrokenExercise:
        return None
    return SheetShown(given=tables(variant), worked=worked(variant))


def parts_to_decide(submission: Submission) -> list[PartToDecide]:
    """The parts a person may give a score, and which of them wait for one.

    Raises BrokenExercise where the wording is accepted no more.
    """
    current = submission.marking.current
    marks = current.spoken.marks if current else {}
    parts = catalog.opened(current.revision if current else submission.sheet.revision).parts
    return [
        PartToDecide(
            name=part.name,
            label=_("Score")
            if len(parts) == 1
            else _("Score of part %(number)d") % {"number": number},
            waits=part.name not in marks or marks[part.name].state in ("review", "undecided"),
        )
        for number, part in enumerate(parts, start=1)
    ]


def _parts(submission: Submission, spoken: Spoken | None) -> tuple[PartOfVerdict, ...]:
    try:
        variant = catalog.variant(submission.sheet)
    except BrokenExercise:
        return parts_as_stored(submission.raw, spoken)
    return parts_of_verdict(variant, submission.raw, spoken, within=str(submission.pk))


def _evidence(finding: Finding) -> Evidence:
    return Evidence(
        place=finding.place,
        code=finding.facts.get("rule", finding.code),
        worth=finding.worth,
        quotes=tuple(quote.text for quote in finding.quotes),
    )


# --- Accepting a phrase ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ProposalShown:
    """A phrase of this answer that was put before the exercise's authors."""

    phrase: str
    concept: str
    stand: Stand
    url: str
    """Its page, for those who may write the exercise."""


def phrase_form(submission: Submission, data: Any = None) -> PhraseForm | None:
    """The form for accepting a phrase; None where no part of the exercise takes one.

    It begins with what the rules half met, and its idea.
    """
    choices = [
        (f"{part}:{idea.name}", _idea_label(idea))
        for part, ideas in phrases.open_ideas(submission.track.exercise).items()
        for idea in ideas
    ]
    if not choices:
        return None
    near = next((why for why in review.why(submission) if why.reason == "half"), None)
    initial = (
        {"phrase": "".join(near.quotes[:1]), "idea": f"{near.part}:{near.rule}"} if near else {}
    )
    return PhraseForm(choices, data, initial)


def _idea_label(idea: grader.Idea) -> str:
    words = idea.missing or idea.found
    return f"{idea.name}: {words}" if words else idea.name


def proposals_shown(submission: Submission, person: User) -> list[ProposalShown]:
    """What was proposed from this answer, and what became of it."""
    writes = roles.may_write(person, submission.track.exercise)
    stands = {
        Proposal.State.OPEN: Stand(tone="ask", icon="waiting", word=_("waits for an author")),
        Proposal.State.KEPT: Stand(tone="right", icon="right", word=_("in the draft")),
        Proposal.State.DISCARDED: Stand(tone="note", icon="wrong", word=_("discarded")),
    }
    return [
        ProposalShown(
            phrase=row.phrase,
            concept=row.concept,
            stand=stands[Proposal.State(row.state)],
            url=reverse("author:proposal", args=[row.pk]) if writes else "",
        )
        for row in Proposal.objects.filter(submission=submission)
    ]


# --- What waits for a person ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ReasonShown:
    """One reason why an answer waits, in words."""

    word: str
    tone: str
    icon: str
    about: str = ""
    """Which idea."""
    quotes: tuple[str, ...] = ()
    words: str = ""
    """The learner's own reason."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One answer that a person has to look at, and why."""

    url: str
    title: str
    who: str
    reasons: tuple[ReasonShown, ...]
    since: datetime


def reason_words() -> dict[review.Reason, tuple[str, str, str]]:
    """Each reason with its word, tone and icon, in the order of the filter."""
    return {
        "half": (_("close to an idea"), "partly", "partly"),
        "both": (_("says an idea and its opposite"), "ask", "ask"),
        "language": (_("another language"), "note", "review"),
        "order": (_("words in an unusual order"), "note", "review"),
        "unread": (_("could not be read at the deadline"), "note", "note"),
        "undecided": (_("could not be decided: our fault"), "wrong", "note"),
        "broken": (_("could not be marked"), "wrong", "note"),
        "other": (_("not decided by the machine"), "ask", "review"),
        "disputed": (_("“Please look at this”"), "partly", "ask"),
    }


def reasons_shown(submission: Submission) -> tuple[ReasonShown, ...]:
    """Why an answer waits, in words; nothing where it does not."""
    words = reason_words()
    return tuple(
        ReasonShown(
            word=words[why.reason][0],
            tone=words[why.reason][1],
            icon=words[why.reason][2],
            about=why.rule,
            quotes=why.quotes,
            words=why.words,
        )
        for why in review.why(submission)
    )


def waiting_form(person: User, data: Any) -> WaitingForm:
    """The choices of the filter: the exercises of which something waits, and all reasons."""
    rows = review.inbox(person).order_by("track__exercise__title").distinct()
    titles = dict(rows.values_list("track__exercise__slug", "track__exercise__title"))
    return WaitingForm(
        [(slug, title or slug) for slug, title in titles.items()],
        [(reason, words[0]) for reason, words in reason_words().items()],
        data,
    )


def waiting_for(submissions: Iterable[Submission], person: User) -> list[Waiting]:
    """The lines of what waits, as this person may read them."""
    names = names_for(person)
    return [_waiting(submission, names.of(submission)) for submission in submissions]


def _waiting(submission: Submission, who: str) -> Waiting:
    opened = [one for one in submission.disputes.all() if one.state == Dispute.State.OPEN]
    return Waiting(
        url=reverse("teach:answer", args=[submission.pk]),
        title=str(submission.track.exercise),
        who=who,
        reasons=reasons_shown(submission),
        since=opened[0].opened_at if opened else submission.received_at,
    )


@dataclass(frozen=True, kw_only=True)
class Names:
    """Whose names a person may read: those of the learners they teach; an admin reads all."""

    every: bool
    learners: frozenset[int]

    def of(self, submission: Submission) -> str:
        """The learner's name, or that it is somebody in no classroom of this person's."""
        if self.every or submission.learner_id in self.learners:
            return str(submission.learner)
        return _("A learner without a teacher")


def names_for(person: User) -> Names:
    """Whose names this person may read."""
    places = Membership.objects.learners().filter(
        classroom__in=Classroom.objects.taught_by(person).values("pk")
    )
    mine = places.values_list("user_id", flat=True) if person.teaches else ()
    return Names(every=person.is_admin, learners=frozenset(mine))


def home_of(submission: Submission, person: User) -> Classroom | None:
    """A classroom in which this person teaches the learner, to go back to."""
    rows = Classroom.objects.all() if person.is_admin else Classroom.objects.taught_by(person)
    rows = rows.filter(
        pk__in=Membership.objects.learners().filter(user=submission.learner_id).values("classroom")
    )
    return next((row for row in rows if roles.may_teach(person, row)), None)


def queue_words() -> str:
    """The truth about the queue in a sentence or two."""
    truth = marking.queue_truth()
    words = []
    if truth.oldest is None:
        words.append(_("No answer waits to be marked."))
    else:
        age = timesince(timezone.now() - truth.oldest)
        if truth.oldest < timedelta(minutes=1):
            age = _("less than a minute")
        says = {"count": truth.waiting, "age": age}
        words.append(
            ngettext(
                "%(count)d answer has waited to be marked for %(age)s.",
                "%(count)d answers wait to be marked, the oldest for %(age)s.",
                truth.waiting,
            )
            % says
        )
    if truth.at_work is True:
        words.append(_("A marker is at work."))
    elif truth.at_work is False:
        words.append(_("No marker is at work just now."))
    return " ".join(words)

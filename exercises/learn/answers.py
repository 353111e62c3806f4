"""The page of one answer: its verdict and why, what comes next; waiting, with a person, broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises import catalog, intake, marking
from exercises.learn.release import Curtain, release_of
from exercises.learn.steps import Step, exercise_url, step_of_answer
from exercises.models import Exercise, Lesson, Sheet, Submission, Track
from exercises.showing import (
    PartOfVerdict,
    WorkedPart,
    parts_as_stored,
    parts_of_verdict,
    percent,
    worked,
)
from grading.errors import BrokenExercise
from grading.exercise import Variant
from grading.verdict import Finding


@dataclass(frozen=True, kw_only=True)
class PastTry:
    """One earlier answer, in a list."""

    number: int
    title: str
    url: str
    at: datetime
    step: Step


@dataclass(frozen=True, kw_only=True)
class Next:
    """One thing to do now. ``post`` where it changes something."""

    words: str
    url: str
    post: bool = False


@dataclass(frozen=True, kw_only=True)
class AnswerPage:
    """The page of one submission."""

    submission: Submission
    standing: str
    title: str
    url: str
    exercise_url: str
    lesson: Lesson | None
    heading: str
    lines: tuple[str, ...]
    unshown: bool = False
    """Whether a later engine refuses the wording: what is stored is shown, and no more."""
    queue_words: str = ""
    tone: str = ""
    across: tuple[Finding, ...] = ()
    parts: tuple[PartOfVerdict, ...] = ()
    next_steps: tuple[Next, ...] = ()
    next_note: str = ""
    worked: tuple[WorkedPart, ...] = ()
    comments: tuple[Any, ...] = ()
    disputes: tuple[Any, ...] = ()
    may_dispute: bool = False


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """The words above a verdict."""

    heading: str
    lines: tuple[str, ...] = ()
    tone: str = ""
    queue_words: str = ""


def answer_page(submission: Submission) -> AnswerPage:
    """All that the page of one submission shows."""
    track = submission.track
    variant = _variant(submission.sheet)
    hidden = Curtain(submission.learner).hides(submission)
    standing = "stored" if hidden else submission.standing
    words = _STANDINGS[standing](submission)
    current = submission.marking.current
    spoken = current.spoken if current is not None and not hidden else None
    left = None if variant is None else _tries(intake.tries_left, track)
    full = standing == "marked" and submission.score == 1
    disputes = tuple(submission.disputes.all())
    return AnswerPage(
        submission=submission,
        standing=standing,
        title=variant.exercise.title if variant else str(track.exercise),
        url=reverse("learn:answer", args=[submission.pk]),
        exercise_url=exercise_url(track.exercise, track.assignment),
        lesson=track.exercise.lesson,
        heading=words.heading,
        lines=words.lines,
        tone=words.tone,
        queue_words=words.queue_words,
        across=spoken.findings if spoken else (),
        unshown=variant is None,
        parts=(
            parts_of_verdict(variant, submission.raw, spoken)
            if variant
            else parts_as_stored(submission.raw, spoken)
        ),
        next_steps=_next_steps(submission, variant, left, full) if standing != "waiting" else (),
        next_note=_next_note(left) if not full else "",
        worked=_worked(submission, variant, left, full, standing),
        comments=tuple(submission.comments.all()),
        disputes=disputes,
        may_dispute=(
            standing in {"marked", "broken"} and not any(d.state == "open" for d in disputes)
        ),
    )


def _variant(sheet: Sheet) -> Variant | None:
    """What the sheet holds; None where its wording is accepted no more."""
    try:
        return catalog.variant(sheet)
    except BrokenExercise:
        return None


def _worked(
    submission: Submission, variant: Variant | None, left: int | None, full: bool, standing: str
) -> tuple[WorkedPart, ...]:
    """The model answer, where the learner may see it by now."""
    if variant is None or standing not in {"marked", "review"}:
        return ()
    shown = full or solution_shown(submission.sheet, left, variant.exercise.release)
    return worked(variant) if shown else ()


def _tries(ask: Callable[[Track], int | None], track: Track) -> int | None:
    """A number of tries; None where the wording that says it is accepted no more."""
    try:
        return ask(track)
    except BrokenExercise:
        return None


def _when_waiting(submission: Submission) -> _Standing:
    truth = marking.queue_truth()
    ahead = marking.position(submission.marking)
    place = (
        _("It is the next one to be marked.")
        if ahead == 0
        else ngettext(
            "There is %(ahead)d answer before it.", "There are %(ahead)d answers before it.", ahead
        )
        % {"ahead": ahead}
    )
    age = _("Sent %(ago)s ago.") % {"ago": _ago(submission.received_at)}
    workers = {
        True: _("A marker is at work."),
        False: _(
            "No marker is at work just now. The site looks for waiting answers every half minute, "
            "and marks yours as soon as one is back."
        ),
        None: "",
    }[truth.at_work]
    return _Standing(
        heading=_("Your answer is stored, and waits to be marked"),
        queue_words=" ".join(filter(None, [place, age, workers])),
    )


def _when_marked(submission: Submission) -> _Standing:
    score = submission.score
    overrides = sorted(submission.overrides.all(), key=lambda override: override.pk)
    lines = [_try_line(submission), *_late_line(submission), *_guess_line(submission)]
    if overrides and overrides[-1].score is not None:
        lines.append(_("A person set this score: %(reason)s") % {"reason": overrides[-1].reason})
    if score is None:
        return _when_review(submission)
    if score == 1:
        return _Standing(heading=_("Full marks"), lines=tuple(lines), tone="right")
    heading = _("%(percent)s of this exercise") % {"percent": percent(score)}
    if score == 0:
        heading = _("Not yet: no marks this time")
    return _Standing(heading=heading, lines=tuple(lines), tone="partly" if score else "wrong")


def _when_review(submission: Submission) -> _Standing:
    return _Standing(
        heading=_("Not counted yet: a person looks at it"),
        lines=(
            _("The parts that could be marked are marked below. The total is not final."),
            _("You need do nothing. The result will stand here."),
        ),
        tone="ask",
    )


def _when_broken(submission: Submission) -> _Standing:
    return _Standing(
        heading=_("We could not mark this, and that is our fault"),
        lines=(
            _("Your answer is kept as you sent it, and does not count against you."),
            _(
                "It was tried again by itself, several times. A person looks at it now, and the "
                "verdict will stand here."
            ),
        ),
        tone="note",
    )


def _when_stored(submission: Submission) -> _Standing:
    line = (
        _("The verdict is shown when the work closes.")
        if release_of(submission.sheet.revision) == "close"
        else _("In this exercise the verdict is kept by your teacher.")
    )
    lines = (_try_line(submission), *_late_line(submission), line)
    return _Standing(heading=_("Your answer is stored"), lines=lines)


_STANDINGS = {
    "waiting": _when_waiting,
    "marked": _when_marked,
    "review": _when_review,
    "broken": _when_broken,
    "stored": _when_stored,
}


def _try_line(submission: Submission) -> str:
    allowed = _tries(intake.tries_allowed, submission.track)
    says = {"number": submission.try_number, "allowed": allowed}
    if allowed is None:
        return _("This was try %(number)d. Your best try counts.") % says
    return _("This was try %(number)d of %(allowed)d. Your best try counts.") % says


def _late_line(submission: Submission) -> Iterator[str]:
    if not submission.counts:
        yield _(
            "It came after the deadline: it is marked for you to learn from, and does not count."
        )


def _guess_line(submission: Submission) -> Iterator[str]:
    """Where the try is given back: the first of its sheet in which a number was guessed."""
    current = submission.marking.current
    if current is None or not current.guessed:
        return
    earlier = submission.sheet.submissions.filter(
        marking__current__guessed=True, pk__lt=submission.pk
    )
    if not earlier.exists():
        yield _(
            "We had to guess how you meant a number, as is said below, so this try costs nothing. "
            "If we guessed wrong, type it again."
        )


def _ago(moment: datetime) -> str:
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    return timesince(moment)


def _next_steps(
    submission: Submission, variant: Variant | None, left: int | None, full: bool
) -> tuple[Next, ...]:
    """What to do now, the best thing first."""
    sheet, steps = submission.sheet, []
    takes_more = variant is not None and left != 0 and sheet.solution_at is None
    following = _following(submission.track.exercise)
    again = reverse("learn:again", args=[submission.pk])
    if takes_more and not full:
        steps.append(Next(words=_("Try again with what you typed"), url=again, post=True))
    if variant is not None and takes_more and not full and (taken := _hint_left(sheet, variant)):
        steps.append(taken)
    if variant is not None and left != 0 and variant.exercise.drawn:
        fresh = reverse("learn:new_numbers", args=[sheet.pk])
        steps.append(Next(words=_("New numbers"), url=fresh, post=True))
    if following is not None:
        on = _("Next exercise: %(title)s") % {"title": following}
        step = Next(words=on, url=exercise_url(following))
        steps = [step, *steps] if full else [*steps, step]
    lesson = submission.track.exercise.lesson
    if lesson is not None:
        back = reverse("learn:lesson", args=[lesson.slug])
        steps.append(Next(words=_("Back to the lesson"), url=back))
    return tuple(steps)


def _hint_left(sheet: Sheet, variant: Variant) -> Next | None:
    """The way to the first hint not taken yet, with its cost; it is taken there, not here."""
    for part in variant.exercise.parts:
        count = int(sheet.hints.get(part.name, 0))
        if count < len(part.hints):
            cost = percent(part.hints[count].cost)
            words = _("See a hint (%(cost)s of its part)") % {"cost": cost}
            url = reverse("learn:sheet", args=[sheet.pk])
            return Next(words=words, url=f"{url}#hints-{part.name}")
    return None


def _next_note(left: int | None) -> str:
    if left is None:
        return ""
    if left == 0:
        return _("No try is left.")
    return ngettext("%(left)d try is left.", "%(left)d tries are left.", left) % {"left": left}


def _following(exercise: Exercise) -> Exercise | None:
    """The next exercise of the same lesson."""
    if exercise.lesson_id is None:
        return None
    later = Exercise.objects.published().filter(
        Q(position__gt=exercise.position) | Q(position=exercise.position, slug__gt=exercise.slug),
        lesson=exercise.lesson_id,
    )
    return later.order_by("position", "slug").first()


def past_try(submission: Submission, curtain: Curtain) -> PastTry:
    """One line of a list of answers."""
    return PastTry(
        number=submission.try_number,
        title=str(submission.track.exercise),
        url=reverse("learn:answer", args=[submission.pk]),
        at=submission.received_at,
        step=step_of_answer(submission, curtain),
    )


def solution_shown(sheet: Sheet, left: int | None, release: str) -> bool:
    """Whether the worked answer stands on the page: asked for, or no try is left."""
    return release == "now" and (sheet.solution_at is not None or left == 0)

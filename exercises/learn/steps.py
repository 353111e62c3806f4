"""How far a learner has come: one step an exercise, with its state by word, icon and tone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TypedDict

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from exercises.learn.release import Curtain
from exercises.models import Assignment, Exercise, Revision, Sheet, Submission, User


@dataclass(frozen=True, kw_only=True)
class Step:
    """One exercise on the way, or one answer to it."""

    title: str
    url: str
    tone: str
    icon: str
    word: str
    call: str = ""
    score: Fraction | None = None
    answered: bool = False


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Where the learner was."""

    title: str
    url: str
    draft_at: datetime | None


def steps_of(
    learner: User | None, exercises: Sequence[Exercise], assignment: Assignment | None = None
) -> list[Step]:
    """A step for each exercise, in their order. As many queries for many as for few."""
    curtain = Curtain(learner)
    sent: dict[int, list[Submission]] = defaultdict(list)
    begun: set[int] = set()
    if learner is not None:
        work = Submission.objects.filter(
            learner=learner, track__exercise__in=exercises, track__assignment=assignment
        )
        # A wording is long, and many answers share one: it is fetched beside them, once.
        wordings = Prefetch("sheet__revision", Revision.objects.select_related("exercise"))
        for submission in work.select_related(
            "track__assignment", "sheet", "marking__current"
        ).prefetch_related("overrides", wordings):
            sent[submission.track.exercise_id].append(submission)
        sheets = Sheet.objects.filter(
            learner=learner, exercise__in=exercises, track__assignment=assignment
        )
        begun = set(sheets.values_list("exercise_id", flat=True))
    return [
        _step(exercise, sent[exercise.pk], exercise.pk in begun, assignment, curtain)
        for exercise in exercises
    ]


def step_of_answer(submission: Submission, curtain: Curtain) -> Step:
    """The state of one answer, as far as its learner may know it."""
    return Step(
        title=str(submission.track.exercise),
        url=reverse("learn:answer", args=[submission.pk]),
        answered=True,
        **(_stored() if curtain.hides(submission) else _standing(submission)),
    )


def resume(learner: User) -> Resume | None:
    """The sheet whose draft was saved last, if nothing was sent on it since."""
    sheet = (
        Sheet.objects.filter(learner=learner, draft_at__isnull=False)
        .select_related("exercise", "track__assignment")
        .order_by("-draft_at")
        .first()
    )
    if sheet is None or not any(any(texts.values()) for texts in sheet.draft.values()):
        return None
    if sheet.submissions.filter(received_at__gte=sheet.draft_at).exists():
        return None
    return Resume(
        title=str(sheet.exercise),
        url=reverse("learn:sheet", args=[sheet.pk]),
        draft_at=sheet.draft_at,
    )


def exercise_url(exercise: Exercise, assignment: Assignment | None = None) -> str:
    """Where a learner does the exercise, alone or for an assignment."""
    url = reverse("learn:exercise", args=[exercise.slug])
    return url if assignment is None else f"{url}?assignment={assignment.pk}"


def _step(
    exercise: Exercise,
    sent: Iterable[Submission],
    begun: bool,
    assignment: Assignment | None,
    curtain: Curtain,
) -> Step:
    every = sorted(sent, key=lambda submission: submission.try_number)
    tries = [submission for submission in every if not curtain.hides(submission)]
    # What came too late is shown where nothing else is: it does not count.
    tries = [t for t in tries if t.counts] or tries
    scored = [t for t in tries if t.standing == "marked" and t.score is not None]
    title, url = str(exercise), exercise_url(exercise, assignment)
    if scored:
        best = max(scored, key=lambda submission: submission.score or Fraction(0))
        full = best.score == 1
        call = _("Look at it again") if full else _("Go on")
        return Step(title=title, url=url, call=call, answered=True, **_standing(best))
    if tries:
        return Step(title=title, url=url, call=_("Go on"), answered=True, **_standing(tries[-1]))
    if every:
        return Step(title=title, url=url, call=_("Go on"), answered=True, **_stored())
    if begun:
        return Step(
            title=title, url=url, call=_("Go on"), tone="ask", icon="draft", word=_("begun")
        )
    return Step(title=title, url=url, call=_("Begin"), tone="", icon="todo", word=_("not begun"))


class _Standing(TypedDict):
    """How an answer stands, by word, icon and tone."""

    tone: str
    icon: str
    word: str
    score: Fraction | None


def _stored() -> _Standing:
    """How an answer stands whose verdict is kept back, whatever the verdict."""
    return {"tone": "", "icon": "waiting", "word": _("stored"), "score": None}


def _standing(submission: Submission) -> _Standing:
    standing, score = submission.standing, submission.score
    if standing == "waiting":
        return {"tone": "", "icon": "waiting", "word": _("waiting to be marked"), "score": None}
    if standing == "broken":
        return {
            "tone": "",
            "icon": "waiting",
            "word": _("not marked yet: our fault"),
            "score": None,
        }
    if score is None:
        return {"tone": "ask", "icon": "review", "word": _("with a person"), "score": None}
    tone = "right" if score == 1 else "partly" if score > 0 else "wrong"
    word = {"right": _("solved"), "partly": _("partly right"), "wrong": _("not yet")}[tone]
    if not submission.counts:
        word = _("%(state)s, too late to count") % {"state": word}
    return {"tone": tone, "icon": tone, "word": word, "score": score}

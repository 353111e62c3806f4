"""The page of a sheet: what is given, what is asked, what stands in the boxes, what it costs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exercises import catalog, intake
from exercises.forms import AnswerForm, Box
from exercises.learn.answers import PastTry, past_try, solution_shown
from exercises.learn.release import Curtain
from exercises.learn.steps import exercise_url
from exercises.models import Assignment, Lesson, Sheet
from exercises.showing import Table, WorkedPart, percent, tables, worked
from grading.exercise import Hint, Part, number_text


@dataclass(frozen=True, kw_only=True)
class PartOnSheet:
    """One part: its prompt and boxes, the hints taken, and the next one with its cost."""

    name: str
    prompt: SafeString
    boxes: tuple[Box, ...]
    points: str
    points_count: int
    taken: tuple[Hint, ...]
    next_hint: str
    hint_call: str


@dataclass(frozen=True, kw_only=True)
class SheetPage:
    """The exercise page of one sheet."""

    sheet: Sheet
    title: str
    lesson: Lesson | None
    assignment: Assignment | None
    due_at: datetime | None
    intro: str
    given: tuple[Table, ...]
    parts: tuple[PartOnSheet, ...]
    key: str
    tries_words: str
    release_words: str
    closed_words: str
    old_sheet: bool
    newest_url: str
    newer_wording: bool
    may_have_new_numbers: bool
    may_ask_for_solution: bool
    worked: tuple[WorkedPart, ...]
    past: tuple[PastTry, ...]
    sheets: tuple[Sheet, ...]

    @property
    def open(self) -> bool:
        """Whether this sheet takes a try."""
        return not self.closed_words


def sheet_page(sheet: Sheet, form: AnswerForm, *, key: str = "") -> SheetPage:
    """All that the exercise page shows. ``key`` is the form's own where it comes back."""
    variant = catalog.variant(sheet)
    opened, track = variant.exercise, sheet.track
    left, allowed = intake.tries_left(track), intake.tries_allowed(track)
    sheets = tuple(track.sheets.newest_first())
    submissions = list(_submissions(track.submissions.newest_first()))
    newer_wording = sheet.revision_id != track.exercise.current_id
    closed = _closed_words(sheet, left)
    if closed:
        here = (submission.raw for submission in submissions if submission.sheet_id == sheet.pk)
        form.close(next(here, {}))
    curtain = Curtain(track.learner)
    waits = opened.release == "close"
    closes_at = curtain.closes_at(track.exercise_id, track.assignment) if waits else None
    return SheetPage(
        sheet=sheet,
        title=opened.title,
        lesson=track.exercise.lesson,
        assignment=track.assignment,
        due_at=track.assignment.due_at if track.assignment else None,
        intro=opened.intro,
        given=tables(variant),
        parts=tuple(
            _part_on_sheet(sheet, opened.part(s.name), s.prompt, s.boxes) for s in form.sections
        ),
        key=key or str(uuid.uuid4()),
        tries_words=_tries_words(left, allowed),
        release_words=_release_words(opened.release, closes_at),
        closed_words=closed,
        old_sheet=sheets[0].pk != sheet.pk,
        newest_url=exercise_url(track.exercise, track.assignment),
        newer_wording=newer_wording,
        may_have_new_numbers=(
            sheets[0].pk == sheet.pk and left != 0 and (opened.drawn or newer_wording)
        ),
        may_ask_for_solution=bool(submissions) and not closed and opened.release == "now",
        worked=worked(variant) if solution_shown(sheet, left, opened.release) else (),
        past=tuple(past_try(submission, curtain) for submission in submissions),
        sheets=sheets,
    )


def _submissions(rows: Any) -> Any:
    return rows.select_related(
        "track__exercise", "track__assignment", "sheet__revision__exercise", "marking__current"
    ).prefetch_related("overrides")


def _part_on_sheet(
    sheet: Sheet, part: Part, prompt: SafeString, boxes: tuple[Box, ...]
) -> PartOnSheet:
    count = int(sheet.hints.get(part.name, 0))
    following = part.hints[count] if count < len(part.hints) else None
    call = ""
    if following is not None:
        says = {"number": count + 1, "total": len(part.hints), "cost": percent(following.cost)}
        call = (
            _("Show hint %(number)d of %(total)d (costs %(cost)s of this part)") % says
            if following.cost
            else _("Show hint %(number)d of %(total)d (costs nothing)") % says
        )
    return PartOnSheet(
        name=part.name,
        prompt=prompt,
        boxes=boxes,
        points=number_text(part.points),
        points_count=int(part.points) if part.points.denominator == 1 else 2,
        taken=part.hints[:count],
        next_hint=f"{part.name}:{count + 1}" if following else "",
        hint_call=call,
    )


def _tries_words(left: int | None, allowed: int | None) -> str:
    if left is None or allowed is None:
        return _("as many as you like")
    if left == 0:
        return _("none left of %(allowed)d") % {"allowed": allowed}
    return _("%(left)d left of %(allowed)d") % {"left": left, "allowed": allowed}


def _release_words(release: str, closes_at: datetime | None) -> str:
    if release == "never":
        return _("kept by your teacher")
    if release == "close" and closes_at is not None:
        return _("when the work closes")
    return _("at once, with reasons")


def _closed_words(sheet: Sheet, left: int | None) -> str:
    assignment, now = sheet.track.assignment, timezone.now()
    if sheet.solution_at is not None:
        return intake.SolutionShown.message
    if left == 0:
        return intake.TriesUsedUp.message
    if assignment and assignment.opens_at and assignment.opens_at > now:
        return _("This work is not open yet.")
    if assignment and assignment.due_at and assignment.due_at <= now:
        return _("This work is closed: its time is over.")
    return ""

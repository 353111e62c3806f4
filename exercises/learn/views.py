"""The learner's pages: each reads the request, calls one verb, and chooses a page."""

from __future__ import annotations

import time
import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exercises import catalog, classrooms, intake, limits, prose, roles
from exercises.forms import AnswerForm, CellsBox, formula_reading
from exercises.forms import reading as read_back
from exercises.learn.answers import answer_page, past_try
from exercises.learn.forms import DisputeForm, JoinForm, ProfileForm
from exercises.learn.guards import shown_or_told, signed_in
from exercises.learn.overview import overview_of
from exercises.learn.release import Curtain
from exercises.learn.sheets import sheet_page
from exercises.learn.steps import resume, steps_of
from exercises.models import (
    Assignment,
    Classroom,
    Exercise,
    Lesson,
    Sheet,
    Submission,
    User,
    sheet_for_a_try,
)
from exercises.posted import posted_from
from grading.errors import Unreadable
from grading.exercise import FORMULA_NAME, MOST_NAMES

PATIENCE = 0.4
"""Seconds that the page of an answer waits for its verdict before it says that it waits."""

BACK_OFF = (700, 1_000, 2_000, 3_000, 5_000, 8_000, 15_000)
"""Milliseconds until a waiting page asks again: the first pause, the second, ..."""

REFRESH = 4
"""Seconds until a waiting page without JavaScript loads itself again."""

ANSWERS_A_PAGE = 50


# --- Home, lessons, classrooms, profile -----------------------------------------------------------


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this site is; who is signed in is offered the way back to where they were."""
    person = request.user
    where = resume(person) if isinstance(person, User) else None
    context = {"resume": where, "first_lesson": Lesson.objects.in_order().first()}
    return render(request, "exercises/home.html", context)


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Lessons with their progress, what is set and what waits, and my classrooms."""
    context = {"page": overview_of(_learner(request)), "join": JoinForm()}
    return render(request, "exercises/learn/index.html", context)


@require_GET
def lesson(request: HttpRequest, slug: str) -> HttpResponse:
    """One lesson, for whoever wants to read; its exercises want an account."""
    row = get_object_or_404(Lesson, slug=slug)
    person = request.user if isinstance(request.user, User) else None
    exercises = list(row.exercises.published().order_by("position"))
    steps = dict(zip((e.slug for e in exercises), steps_of(person, exercises), strict=True))
    places = [
        {
            "kind": p.kind,
            "html": p.html,
            "name": p.name,
            "words": p.name.replace("-", " "),
            "step": steps.get(p.name),
        }
        for p in prose.pieces(row.body)
    ]
    context = {
        "lesson": row,
        "pieces": places,
        "steps": list(steps.values()),
        "following": Lesson.objects.in_order()
        .filter(Q(order__gt=row.order) | Q(order=row.order, slug__gt=row.slug))
        .first(),
    }
    return render(request, "exercises/learn/lesson.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited("join")
def join(request: HttpRequest) -> HttpResponse:
    """Join a classroom with its code, after being told who will see what."""
    form = JoinForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context["classroom"] = classrooms.opened_by(form.cleaned_data["code"])
            if request.POST.get("sure"):
                classrooms.join(form.cleaned_data["code"], _learner(request))
                says = {"name": context["classroom"]}
                messages.success(request, _("You are in %(name)s.") % says)
                return redirect("learn:index")
        except classrooms.Refused as refused:
            form.add_error("code", str(refused))
    status = 422 if form.errors else 200
    return render(request, "exercises/learn/join.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, classroom_id: int) -> HttpResponse:
    """Leave a classroom, after being asked."""
    learner = _learner(request)
    mine = Classroom.objects.filter(memberships__user=learner)
    classroom = get_object_or_404(mine, pk=classroom_id)
    if request.method != "POST":
        return render(request, "exercises/learn/leave.html", {"classroom": classroom})
    try:
        classrooms.leave(classroom, learner)
    except classrooms.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("You have left %(name)s.") % {"name": classroom})
    return redirect("learn:index")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone, language."""
    # A row of its own, so that a refused form does not rename the person at the top of the page.
    person = User.objects.get(pk=_learner(request).pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is kept."))
        return redirect("learn:profile")
    status = 422 if form.errors else 200
    return render(request, "exercises/learn/profile.html", {"form": form}, status=status)


# --- A sheet: writing an answer -------------------------------------------------------------------


@login_required
@require_GET
@shown_or_told
def exercise(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest sheet of an exercise; the first view deals one."""
    learner = _learner(request)
    row = get_object_or_404(Exercise.objects.published(), slug=slug)
    assignment = _assignment(request, learner, row)
    return _show_sheet(request, _own_sheet(request, intake.deal(learner, row, assignment).pk))


@signed_in("learn:sheet")
@require_http_methods(["GET", "HEAD", "POST"])
@shown_or_told
def sheet(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """One sheet: shown, or an answer submitted on it."""
    if request.method != "POST":
        return _show_sheet(request, _own_sheet(request, sheet_id))
    row = _own_sheet_for_a_try(request, sheet_id)
    form = AnswerForm(catalog.variant(row).shown, request.POST)
    if not limits.within("submit", _learner(request)):
        return _not_so_often(request, _own_sheet(request, sheet_id), form)
    if not form.is_valid():
        return _show_sheet(request, _own_sheet(request, sheet_id), form, status=422)
    try:
        submission = intake.submit(row, form.answer, _key(request))
    except intake.Refused as refused:
        form.add_error(None, str(refused))
        return _show_sheet(request, _own_sheet(request, sheet_id), form, status=409)
    return _see_other(reverse("learn:answer", args=[submission.pk]))


@signed_in("learn:sheet")
@posted_from("learn:sheet")
@shown_or_told
def check(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Reads what was typed back to the learner. Nothing is sent, no try is taken."""
    row = _own_sheet(request, sheet_id)
    form = AnswerForm(catalog.variant(row).shown, request.POST)
    if not limits.within("reading", _learner(request)):
        return _not_so_often(request, row, form)
    form.is_valid()
    return _show_sheet(request, row, form, status=422 if form.errors else 200)


@signed_in("learn:sheet")
@posted_from("learn:sheet")
@shown_or_told
def draft(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Keeps what stands in the boxes: by itself while typing, or by a button."""
    row = _own_sheet(request, sheet_id)
    form = AnswerForm(catalog.variant(row).shown, request.POST)
    by_itself = bool(request.headers.get("HX-Request"))
    if not limits.within("draft", _learner(request)):
        return (
            _unsaved(request, limits.too_often())
            if by_itself
            else _not_so_often(request, row, form)
        )
    try:
        # What a page saves by itself may be late, after its form was sent; a button is meant.
        kept = intake.keep_draft(row, form.answer, _key(request) if by_itself else None)
    except Unreadable as unreadable:
        if by_itself:
            return _unsaved(request, str(unreadable))
        form.is_valid()
        return _show_sheet(request, row, form, status=422)
    except intake.Refused as refused:
        if by_itself:
            return _unsaved(request, str(refused))
        form.add_error(None, str(refused))
        return _show_sheet(request, row, form, status=409)
    if not kept:
        return _unsaved(request, _("this form was sent before. Submit it again to keep a change."))
    if by_itself:
        return render(request, "exercises/learn/saved.html", {"at": row.draft_at})
    messages.success(request, _("Saved. It waits for you here, and is not sent yet."))
    return _see_other(reverse("learn:sheet", args=[row.pk]))


@signed_in("learn:sheet")
@posted_from("learn:sheet")
@shown_or_told
def hint(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Shows the next hint of a part; what was typed is kept as the draft."""
    row = _own_sheet(request, sheet_id)
    part, _colon, stage = request.POST.get("hint", "").rpartition(":")
    try:
        intake.keep_draft(row, AnswerForm(catalog.variant(row).shown, request.POST).answer)
        intake.take_hint(row, part, int(stage))
    except Unreadable as unreadable:
        messages.error(request, str(unreadable))
    except (KeyError, ValueError) as unknown:
        raise Http404 from unknown
    return _see_other(f"{reverse('learn:sheet', args=[row.pk])}#hints-{part}")


@signed_in("learn:sheet")
@posted_from("learn:sheet")
@shown_or_told
def new_numbers(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Deals the next sheet, and keeps this one."""
    row = _own_sheet(request, sheet_id)
    try:
        row = intake.new_numbers(row)
    except intake.Refused as refused:
        messages.error(request, str(refused))
    return _see_other(reverse("learn:sheet", args=[row.pk]))


@signed_in("learn:sheet")
@posted_from("learn:sheet")
@shown_or_told
def solution(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Shows the model answer, which ends the tries on this sheet."""
    row = _own_sheet(request, sheet_id)
    if not row.track.submissions.exists() or catalog.opened(row.revision).release != "now":
        raise Http404
    intake.ask_solution(row)
    return _see_other(f"{reverse('learn:sheet', args=[row.pk])}#worked")


@signed_in("learn:index")
@require_POST
@limits.limited("reading")
def reading(request: HttpRequest) -> HttpResponse:
    """Reads one box back while it is typed. It knows the text and the shape, no exercise."""
    sides = [side for side in request.POST.get("shape", "").split(",") if side]
    # Its digits are counted before they are read: a number of thousands of them is no number here.
    if len(sides) > 2 or any(len(side) > 2 or not side.isdecimal() for side in sides):
        raise Http404
    shape = tuple(int(side) for side in sides)
    if any(not 0 < side <= 60 for side in shape):
        raise Http404
    name = request.POST.get("box", "")
    text = CellsBox.joined(request.POST, name, shape) if shape else request.POST.get(name, "")
    if request.POST.get("widget") == "formula":
        names = request.POST.get("names", "").split(",")[:MOST_NAMES]
        told = formula_reading(text, [name for name in names if FORMULA_NAME.fullmatch(name)])
    else:
        told = read_back(text, shape, empty=request.POST.get("empty", ""))
    return render(request, "exercises/learn/reading.html", {"reading": told})


# --- An answer: its verdict -----------------------------------------------------------------------


@login_required
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """Everything this learner has sent, newest first."""
    mine = Submission.objects.filter(learner=_learner(request)).for_reading().newest_first()
    mine = mine.select_related("sheet__revision__exercise")
    shown = Paginator(mine, ANSWERS_A_PAGE).get_page(request.GET.get("page"))
    curtain = Curtain(_learner(request))
    context = {"pages": shown, "tries": [past_try(submission, curtain) for submission in shown]}
    return render(request, "exercises/learn/answers.html", context)


@login_required
@require_GET
def answer(request: HttpRequest, submission_id: int) -> HttpResponse:
    """One answer and its verdict; a page without JavaScript loads itself again while it waits."""
    submission = _patiently(request, submission_id)
    return _show_answer(request, submission, DisputeForm())


@signed_in("learn:answer")
@require_GET
def status(request: HttpRequest, submission_id: int) -> HttpResponse:
    """The same without the frame, for a page that waits; it says when to ask again."""
    seen = request.GET.get("seen", "")
    number = min(int(seen) if seen.isdecimal() and len(seen) < 4 else 0, len(BACK_OFF) - 1)
    page = answer_page(_own_submission(request, submission_id))
    context = {
        "page": page,
        "dispute_form": DisputeForm(),
        "seen": number + 1,
        "delay": BACK_OFF[number],
    }
    return render(request, "exercises/learn/status.html", context)


@signed_in("learn:answer")
@posted_from("learn:answer")
@shown_or_told
def again(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Puts a sent answer back into the boxes of its sheet, unless something newer stands there."""
    submission = _own_submission(request, submission_id)
    if not submission.sheet.draft:
        intake.keep_draft(submission.sheet, submission.raw)
    return _see_other(reverse("learn:sheet", args=[submission.sheet_id]))


@signed_in("learn:answer")
@posted_from("learn:answer")
@shown_or_told
def dispute(request: HttpRequest, submission_id: int) -> HttpResponse:
    """“Please look at this.”"""
    submission = _own_submission(request, submission_id)
    form = DisputeForm(request.POST)
    if form.is_valid():
        try:
            intake.dispute(submission, form.cleaned_data["reason"])
        except intake.Refused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, _("Somebody will look at it. Their answer will stand here."))
            return _see_other(reverse("learn:answer", args=[submission.pk]))
    return _show_answer(request, submission, form, status=422)


# --- What the views share -------------------------------------------------------------------------


def _learner(request: HttpRequest) -> User:
    return cast(User, request.user)


def _own_sheet(request: HttpRequest, sheet_id: int) -> Sheet:
    """The asking person's sheet; another's does not exist."""
    rows = Sheet.objects.select_related("revision__exercise__current", "track__assignment")
    return _owned(request, rows.filter(pk=sheet_id, learner=_learner(request)).first())


def _own_sheet_for_a_try(request: HttpRequest, sheet_id: int) -> Sheet:
    """The same with only what taking a try reads: this is the path of every answer."""
    return _owned(request, sheet_for_a_try(sheet_id, _learner(request).pk))


def _owned(request: HttpRequest, row: Sheet | None) -> Sheet:
    learner = _learner(request)
    if row is None or not roles.may_work_on(learner, row):
        raise Http404
    # Rows that are here already are not read twice.
    row.track.exercise, row.track.learner = row.revision.exercise, learner
    return row


def _own_submission(request: HttpRequest, submission_id: int) -> Submission:
    """The asking person's answer; another's does not exist on these pages, whoever asks."""
    rows = Submission.objects.for_reading().select_related(
        "sheet__revision__exercise", "track__exercise__current", "track__exercise__lesson"
    )
    return get_object_or_404(rows, pk=submission_id, learner=_learner(request))


def _patiently(request: HttpRequest, submission_id: int) -> Submission:
    """The answer, once it is marked or ``PATIENCE`` is over."""
    until = time.monotonic() + PATIENCE
    submission = _own_submission(request, submission_id)
    while submission.standing == "waiting" and time.monotonic() < until:
        time.sleep(0.04)
        submission.marking.refresh_from_db()
    return submission


def _assignment(request: HttpRequest, learner: User, row: Exercise) -> Assignment | None:
    """The assignment that the address names: one of this exercise, set for this learner."""
    named = request.GET.get("assignment", "")
    if not named:
        return None
    mine = Assignment.objects.filter(exercises=row, classroom__memberships__user=learner)
    if not named.isdecimal():
        raise Http404
    return get_object_or_404(mine.distinct(), pk=named)


def _key(request: HttpRequest) -> uuid.UUID:
    """The form's idempotency key; one that a hand-made form left out is made here."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def _see_other(url: str) -> HttpResponse:
    response = redirect(url)
    response.status_code = 303
    return response


def _show_sheet(
    request: HttpRequest, row: Sheet, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    form = form or AnswerForm(catalog.variant(row).shown, draft=row.draft)
    # What was refused for its key, or for good, needs another one; all else keeps its own.
    keeps_key = request.method == "POST" and status != 409
    page = sheet_page(row, form, key=str(_key(request)) if keeps_key else "")
    context = {"page": page, "form": form}
    return render(request, "exercises/learn/exercise.html", context, status=status)


def _not_so_often(request: HttpRequest, row: Sheet, form: AnswerForm) -> HttpResponse:
    """The sheet with all that was typed; it is not read, which is what costs."""
    messages.error(request, limits.too_often())
    return _show_sheet(request, row, AnswerForm(form.shown, draft=form.answer), status=429)


def _unsaved(request: HttpRequest, why: str) -> HttpResponse:
    """One sentence for the line under the boxes. 200, as htmx shows no other answer there."""
    return render(request, "exercises/learn/saved.html", {"unsaved": why})


def _show_answer(
    request: HttpRequest, submission: Submission, form: DisputeForm, status: int = 200
) -> HttpResponse:
    page = answer_page(submission)
    context = {"page": page, "dispute_form": form, "refresh": REFRESH}
    return render(request, "exercises/learn/answer.html", context, status=status)

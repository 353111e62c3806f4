"""The teacher's pages: each reads the request, calls one verb, and chooses a page.

What is not the asking person's to see answers 404, as if it did not exist.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exercises import classrooms, gradebook, limits, phrases, review, roles
from exercises.models import Classroom, Exercise, Submission, User
from exercises.models.work import SubmissionQuerySet
from exercises.teach.forms import ClassroomForm, LiftForm, OverrideForm, SettleForm
from exercises.teach.pages import (
    answer_shown,
    answers_shown,
    cards,
    classroom_page,
    home_of,
    names_for,
    parts_to_decide,
    people_page,
    phrase_form,
    proposals_shown,
    queue_words,
    reasons_shown,
    sheet_shown,
    waiting_for,
    waiting_form,
)
from grading.errors import BrokenExercise

ANSWERS_A_PAGE = 25

# --- Classrooms -----------------------------------------------------------------------------------


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """My classrooms, and how much waits for me."""
    person = _teacher(request)
    context = {
        "cards": cards(person),
        "waiting": review.inbox(person).count(),
        "queue": queue_words(),
    }
    return render(request, "exercises/teach/index.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a classroom."""
    person = _teacher(request)
    form = ClassroomForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = classrooms.create(form.cleaned_data["name"], person)
        messages.success(request, _("The classroom is open. Give your learners its code."))
        return redirect("teach:people", made.pk)
    status = 422 if form.errors else 200
    return render(request, "exercises/teach/new.html", {"form": form}, status=status)


@login_required
@require_GET
def classroom(request: HttpRequest, classroom_id: int) -> HttpResponse:
    """Who has done what."""
    row = _classroom(request, classroom_id)
    page = classroom_page(row, _person(request))
    return render(request, "exercises/teach/classroom.html", {"page": page, "classroom": row})


@login_required
@require_GET
def people(request: HttpRequest, classroom_id: int) -> HttpResponse:
    """Who is in it, and the code that lets more in."""
    row = _classroom(request, classroom_id)
    return render(
        request, "exercises/teach/people.html", {"page": people_page(row), "classroom": row}
    )


@login_required
@require_POST
def code(request: HttpRequest, classroom_id: int) -> HttpResponse:
    """Make a new code, close the code, or open it again."""
    row, person = _classroom(request, classroom_id), _person(request)
    verbs = {
        "rotate": (classrooms.rotate_code, _("There is a new code. The old one lets nobody in.")),
        "close": (classrooms.close_code, _("The code is closed: nobody joins until you open it.")),
        "open": (classrooms.open_code, _("The code is open: learners can join with it.")),
    }
    if request.POST.get("do") not in verbs:
        raise Http404
    verb, done = verbs[request.POST["do"]]
    try:
        verb(row, person)
    except classrooms.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("teach:people", row.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, classroom_id: int) -> HttpResponse:
    """Close a classroom for good, after being asked."""
    row = _classroom(request, classroom_id)
    if request.method != "POST":
        return render(request, "exercises/teach/archive.html", {"classroom": row})
    classrooms.archive(row, _person(request))
    messages.success(request, _("The classroom is archived. It can still be read."))
    return redirect("teach:index")


# --- Answers of a classroom -----------------------------------------------------------------------


@login_required
@require_GET
def exercise(request: HttpRequest, classroom_id: int, slug: str) -> HttpResponse:
    """All answers of a classroom to one exercise, newest first."""
    row = _classroom(request, classroom_id)
    of = get_object_or_404(Exercise.objects.published(), slug=slug)
    context = {"classroom": row, "exercise": of, **_paged(request, gradebook.answers(row, of))}
    return render(request, "exercises/teach/exercise.html", context)


@login_required
@require_GET
def learner(request: HttpRequest, classroom_id: int, learner_id: int) -> HttpResponse:
    """One learner's answers in the order in which they were sent, of one exercise or of all."""
    row = _classroom(request, classroom_id)
    of = get_object_or_404(User, pk__in=row.memberships.learners().values("user"), pk=learner_id)
    work = gradebook.work(row, of)
    only = None
    if request.GET.get("exercise"):
        # PostgreSQL takes no NUL, not even to look for it.
        only = get_object_or_404(Exercise, slug=request.GET["exercise"].replace("\0", "?"))
        work = work.filter(track__exercise=only)
    context = {"classroom": row, "learner": of, "only": only, **_paged(request, work)}
    return render(request, "exercises/teach/learner.html", context)


# --- What waits for a person ----------------------------------------------------------------------


@login_required
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What this person has to look at: their learners' answers, and those that nobody teaches."""
    person = _person(request)
    if not (person.teaches or person.writes):
        raise Http404
    filters = waiting_form(person, request.GET)
    rows = review.inbox(person, **filters.chosen)
    shown = Paginator(rows, ANSWERS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "lines": waiting_for(shown.object_list, person),
        "filters": filters,
        "chosen": urlencode({name: value for name, value in filters.chosen.items() if value}),
    }
    return render(request, "exercises/teach/waiting.html", context)


@login_required
@require_GET
def answer(request: HttpRequest, submission_id: int) -> HttpResponse:
    """One answer with its evidence, and what this person may do about it, if anything."""
    readable = roles.read_by(_person(request))
    return _show_answer(request, _submission(request, submission_id, readable))


@login_required
@require_POST
def settle(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Decide by hand: scores, words, or both."""
    submission = _submission(request, submission_id)
    form = _settle_form(submission, request.POST)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            review.settle(
                submission, by=_person(request), scores=form.scores, say=form.cleaned_data["say"]
            )
        except review.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Settled. The learner sees it at once."))
            return redirect("teach:answer", submission.pk)
    return _show_answer(request, submission, settle=form)


@login_required
@require_POST
def override(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Put a score in place of the one that stands, with a reason."""
    submission = _submission(request, submission_id)
    form = OverrideForm(request.POST)
    if form.is_valid():
        score, reason = form.cleaned_data["score"], form.cleaned_data["reason"]
        review.override(submission, score, reason, _person(request))
        messages.success(request, _("Your score stands now. No marking changes it."))
        return redirect("teach:answer", submission.pk)
    return _show_answer(request, submission, override=form)


@login_required
@require_POST
def lift(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Take an override back, with a reason."""
    submission = _submission(request, submission_id)
    form = LiftForm(request.POST)
    if form.is_valid():
        review.override(submission, None, form.cleaned_data["reason"], _person(request))
        messages.success(request, _("The override is lifted: the verdict's score stands again."))
        return redirect("teach:answer", submission.pk)
    return _show_answer(request, submission, lift=form)


@login_required
@require_POST
@limits.limited("desk")
def phrase(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Let words of this answer count for an idea: its author weighs them, others propose them."""
    submission, person = _submission(request, submission_id), _person(request)
    form = phrase_form(submission, request.POST)
    if form is None:
        raise Http404
    if form.is_valid():
        part, concept = form.part_and_concept
        try:
            made, fresh = phrases.propose(
                submission,
                part=part,
                concept=concept,
                phrase=form.cleaned_data["phrase"],
                by=person,
            )
        except phrases.Refused as refused:
            form.add_error("phrase", str(refused))
        else:
            if roles.may_write(person, submission.track.exercise):
                return redirect("author:proposal", made.pk)
            done = _("Proposed. The authors of the exercise see it on their desk.")
            again = _("These words wait for the authors already.")
            messages.success(request, done if fresh else again)
            return redirect("teach:answer", submission.pk)
    return _show_answer(request, submission, phrase=form)


# --- What the views share -------------------------------------------------------------------------


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _teacher(request: HttpRequest) -> User:
    """The asking person; for anybody who does not teach there is no such page."""
    person = _person(request)
    if not roles.may_open_classroom(person):
        raise Http404
    return person


def _classroom(request: HttpRequest, classroom_id: int) -> Classroom:
    row = get_object_or_404(Classroom, pk=classroom_id)
    if not roles.may_teach(_person(request), row):
        raise Http404
    return row


def _submission(
    request: HttpRequest, submission_id: int, among: SubmissionQuerySet | None = None
) -> Submission:
    """One of those that the person may decide, or of those named."""
    rows = roles.decided_by(_person(request)) if among is None else among
    rows = rows.for_reading().select_related(
        "sheet__revision__exercise", "marking__current__revision__exercise"
    )
    return get_object_or_404(rows, pk=submission_id)


def _paged(request: HttpRequest, rows: Any) -> dict[str, Any]:
    rows = rows.select_related("sheet__revision__exercise", "marking__current__revision")
    shown = Paginator(rows, ANSWERS_A_PAGE).get_page(request.GET.get("page"))
    return {"shown": shown, "answers": answers_shown(shown.object_list)}


def _settle_form(submission: Submission, data: Any = None) -> SettleForm | None:
    """The form for what a person may decide; None while the machine has it, or none can."""
    if submission.standing == "waiting":
        return None
    try:
        return SettleForm(parts_to_decide(submission), data)
    except BrokenExercise:
        return None


def _show_answer(request: HttpRequest, submission: Submission, **refused: Any) -> HttpResponse:
    person = _person(request)
    may_decide = roles.may_decide(person, submission)
    forms = {
        "phrase": phrase_form(submission) if may_decide else None,
        "settle": _settle_form(submission),
        "override": OverrideForm(),
        "lift": LiftForm(),
        **refused,
    }
    context = {
        "page": answer_shown(submission, names_for(person).of(submission)),
        "sheet": sheet_shown(submission),
        "classroom": home_of(submission, person),
        "verdicts": submission.verdicts.in_order().select_related("revision"),
        "may_decide": may_decide,
        "may_write": roles.may_write(person, submission.track.exercise),
        "reasons": reasons_shown(submission),
        "proposals": proposals_shown(submission, person) if may_decide else (),
        "own": submission.learner_id == person.pk,
        "forms": forms,
        # The page's summary of errors is that of the one form that came back.
        "form": next(iter(refused.values()), None),
    }
    return render(request, "exercises/teach/answer.html", context, status=422 if refused else 200)

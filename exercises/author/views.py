"""The author's pages: each reads the request, calls one verb, and chooses a page.

An exercise that the asking person may not write answers 404, as if it did not exist.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from exercises import desk, limits, phrases, queue, review, roles
from exercises.author import benches
from exercises.author.forms import BenchForm, CompareForm, DraftForm, NewForm, SeedForm
from exercises.author.pages import (
    choices_of,
    comparison,
    draft_page,
    faults_in,
    kept_report,
    lines_for,
    not_in_full,
    preview_of,
    preview_url,
    proof_page,
    proposal_page,
    proposals_for,
    proved_in_full,
    said_of,
    state_of,
    usual_comparison,
    versions_of,
    why_shut,
)
from exercises.bench import MOST
from exercises.forms import AnswerForm
from exercises.models import Exercise, Proposal, User
from exercises.posted import posted_from
from grading import grader
from grading.errors import BrokenExercise

STARTER = Path(__file__).with_name("starter.yaml")
"""What a new exercise begins with: a small one that proves good, and says how it is written."""


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The exercises one may write, and what waits for their authors."""
    person = _author(request)
    context = {
        "lines": lines_for(person),
        "waiting": review.inbox(person).count(),
        "proposals": proposals_for(person),
    }
    return render(request, "exercises/author/index.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an exercise from the starter."""
    person = _author(request)
    form = NewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = desk.create(
                form.cleaned_data["slug"],
                person,
                STARTER.read_text(encoding="utf-8"),
                form.cleaned_data["lesson"],
            )
        except desk.Refused as refused:
            form.add_error("slug", str(refused))
        else:
            messages.success(request, _("Begun. Learners see nothing of it until you publish it."))
            return redirect("author:exercise", made.slug)
    status = 422 if form.errors else 200
    return render(request, "exercises/author/new.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exercise(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft: read it with every fault in it, or save it, good or not."""
    row = _exercise(request, slug)
    if request.method != "POST":
        form = DraftForm(initial={"text": row.draft, "base": row.draft_digest})
        return _show_draft(request, row, form)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _show_draft(request, row, form, status=422)
    text, base = form.cleaned_data["text"], form.cleaned_data["base"]
    try:
        desk.save_draft(row, text, _author(request), base=base)
    except desk.DraftMoved as moved:
        row.refresh_from_db()
        return _show_draft(request, row, form, theirs=moved.theirs, status=409)
    except desk.Refused as refused:
        form.add_error("text", str(refused))
        return _show_draft(request, row, form, status=422)
    messages.success(request, _("The draft is saved."))
    then = {"preview": "author:preview", "proof": "author:proof"}
    return redirect(then.get(request.POST.get("then", ""), "author:exercise"), row.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited("desk")
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft as a learner meets it, on a chosen seed; answers are marked and not kept."""
    row = _exercise(request, slug)
    asked = SeedForm({"seed": request.GET.get("seed", "0")})
    context = {"exercise": row, "seed_form": asked, "state": state_of(row)}
    if not asked.is_valid():
        context["form"] = asked
        return render(request, "exercises/author/preview.html", context, status=422)
    seed = asked.cleaned_data["seed"]
    try:
        variant = grader.vary(grader.open(row.draft, slug=row.slug), seed=seed)
    except BrokenExercise as broken:
        context["faults"] = broken.faults
        return render(request, "exercises/author/preview.html", context)
    form = AnswerForm(variant.shown, request.POST if request.method == "POST" else None)
    said = said_of(variant, form) if form.is_valid() else None
    context |= {
        "page": preview_of(variant, form, said),
        "form": form,
        "url": preview_url(row, seed),
        "before": preview_url(row, seed - 1) if seed else "",
        "after": preview_url(row, seed + 1),
    }
    status = 422 if form.errors else 200
    return render(request, "exercises/author/preview.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited("desk")
def proof(request: HttpRequest, slug: str) -> HttpResponse:
    """What the last proof found; or prove the draft now."""
    row = _exercise(request, slug)
    if request.method == "POST":
        report = desk.prove_draft(row.pk, soon=True)
        if report is not None and report.good and not proved_in_full(row, report):
            queue.wake("prove", row.pk)
        return redirect("author:proof", row.slug)
    context = {
        "exercise": row,
        "page": proof_page(row),
        "faults": faults_in(row.draft, row.slug),
        "state": state_of(row),
        "shut": why_shut(row),
    }
    return render(request, "exercises/author/proof.html", context)


@login_required
@posted_from("author:exercise")
@limits.limited("desk")
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Let learners get the draft that the author was looking at, if it still proves good."""
    row, person = _exercise(request, slug), _author(request)
    if request.POST.get("base") != row.draft_digest:
        messages.error(
            request,
            _("The draft was saved again since you looked, in another tab or by somebody else. ")
            + _("Read it, then publish it."),
        )
        return redirect("author:exercise", row.slug)
    report = desk.prove_soon(row.draft, row.slug)
    if report.good and not proved_in_full(row, report):
        # While somebody waits there is no time for every sheet; a worker has it.
        kept = kept_report(row)
        if kept is None or not proved_in_full(row, kept):
            queue.wake("prove", row.pk)
            messages.warning(request, not_in_full(report))
            return redirect("author:proof", row.slug)
        report = kept
    try:
        revision = desk.publish(row, report, person)
    except desk.Refused as refused:
        messages.error(request, str(refused))
        return redirect("author:proof", row.slug)
    messages.success(
        request,
        _("Published as version %(number)d. Sheets dealt before keep the version they have.")
        % {"number": revision.number},
    )
    return redirect("author:exercise", row.slug)


@login_required
@require_GET
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Every published wording, and the difference between any two."""
    row = _exercise(request, slug)
    rows = versions_of(row)
    asked = request.GET if "old" in request.GET else usual_comparison(row, rows)
    form = CompareForm(choices_of(rows), asked)
    changes = None
    if form.is_valid():
        changes = comparison(row, form.cleaned_data["old"], form.cleaned_data["new"])
    context = {"exercise": row, "versions": rows, "form": form, "changes": changes}
    status = 422 if form.errors else 200
    return render(request, "exercises/author/versions.html", context, status=status)


# --- The bench and the phrases --------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limits.limited("desk")
def bench(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft's rules held against marked answers, of a file or of the site. Nothing is kept."""
    row, person = _exercise(request, slug), _author(request)
    opened, parts = benches.explained(row)
    context = {"exercise": row, "state": state_of(row), "faulty": opened is None, "parts": parts}
    if opened is None or not parts:
        return render(request, "exercises/author/bench.html", context)
    posted = request.method == "POST"
    form = BenchForm(parts, request.POST, request.FILES) if posted else BenchForm(parts)
    if form.is_valid():
        part, content = form.cleaned_data["part"], form.cleaned_data["marked"]
        try:
            context["page"] = (
                benches.of_site(row, opened, part, person)
                if content is None
                else benches.of_file(row, opened, part, content)
            )
        except benches.Refused as refused:
            form.add_error("marked", str(refused))
    context |= {"form": form, "most": MOST}
    status = 422 if form.errors else 200
    return render(request, "exercises/author/bench.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """A phrase with what it would change; kept in the draft or discarded."""
    person = _author(request)
    row = get_object_or_404(Proposal.objects.for_reading(), pk=proposal_id)
    if not roles.may_write(person, row.exercise):
        raise Http404
    # Looking costs as much as keeping: the draft is proved, and hundreds of answers are marked.
    if row.state == Proposal.State.OPEN and not limits.within("desk", person):
        return render(request, "429.html", status=429)
    refused = ""
    if request.method == "POST":
        try:
            return _decide_proposal(request, row, person)
        except (phrases.Refused, desk.Refused) as error:
            refused = str(error)
            row = Proposal.objects.for_reading().get(pk=row.pk)
    context = {
        "proposal": row,
        "exercise": row.exercise,
        "state": state_of(row.exercise),
        "readable": roles.read_by(person).filter(pk=row.submission_id).exists(),
        "refused": refused,
    }
    if row.state == Proposal.State.OPEN:
        try:
            context["page"] = proposal_page(row, phrases.weigh(row), person)
        except phrases.Refused as error:
            context["shut"] = str(error)
    status = 409 if refused else 200
    return render(request, "exercises/author/proposal.html", context, status=status)


def _decide_proposal(request: HttpRequest, row: Proposal, person: User) -> HttpResponse:
    if request.POST.get("do") == "keep":
        phrases.keep(row, person, base=request.POST.get("base", ""))
        messages.success(
            request,
            _("The phrase stands in the draft now. Learners get it once you publish the draft."),
        )
        return redirect("author:proof", row.exercise.slug)
    if request.POST.get("do") != "discard":
        raise Http404
    phrases.discard(row, person)
    messages.success(request, _("Discarded. The rules are as they were."))
    return redirect("author:index")


# --- What the views share -------------------------------------------------------------------------


def _author(request: HttpRequest) -> User:
    """The asking person; for anybody who does not write there is no such page."""
    person = cast(User, request.user)
    if not roles.may_create_exercise(person):
        raise Http404
    return person


def _exercise(request: HttpRequest, slug: str) -> Exercise:
    row = get_object_or_404(Exercise.objects.select_related("current", "lesson"), slug=slug)
    if not roles.may_write(_author(request), row):
        raise Http404
    return row


def _show_draft(
    request: HttpRequest,
    row: Exercise,
    form: DraftForm,
    theirs: str | None = None,
    status: int = 200,
) -> HttpResponse:
    text = form["text"].value() or ""
    page = draft_page(row, text, theirs)
    context = {
        "exercise": row,
        "page": page,
        "form": form,
        # The box was begun from what is stored now: saving again is done knowingly.
        "base": row.draft_digest,
        "conflict": theirs is not None,
        "learner_url": reverse("learn:exercise", args=[row.slug]) if row.current_id else "",
    }
    return render(request, "exercises/author/exercise.html", context, status=status)

"""What stands before a learner's view: a session that ended, a wording that opens no more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from exercises.models import Sheet, User
from grading.errors import BrokenExercise

View = Callable[..., HttpResponse]

log = logging.getLogger(__name__)


def signed_in(page: str) -> Callable[[View], View]:
    """Like ``login_required`` for what is sent from ``page``, an address of the same arguments.

    Signing in leads back to that page, which can be read, and a form that came too late is not
    passed over in silence. A line that a page fetches by itself gets a sentence, not a whole page.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            if request.user.is_authenticated:
                return view(request, *args, **named)
            back = redirect_to_login(reverse(page, args=args, kwargs=named))
            if request.headers.get("HX-Request"):
                return render(request, "exercises/learn/signed_out.html", {"url": back["Location"]})
            if request.method == "POST":
                messages.warning(
                    request,
                    _(
                        "You are signed out, so what you just sent was not taken. Sign in, and you "
                        "are led back; your sheet holds the draft that was saved last."
                    ),
                )
            return back

        return answer

    return guard


def shown_or_told(view: View) -> View:
    """Where a published wording is refused by a later engine, says so, and loses nothing typed."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *args, **named)
        except BrokenExercise as broken:
            # The author's pages show it among the exercises; here it reaches whoever runs the site.
            log.error("a published exercise opens no more: %s: %s", request.path, broken)
        if request.headers.get("HX-Request"):
            words = _("this exercise cannot be shown just now; its authors are told.")
            return render(request, "exercises/learn/saved.html", {"unsaved": words})
        context = {"typed": _typed(request, named.get("sheet_id"))}
        return render(request, "exercises/learn/unshown.html", context, status=503)

    return answer


def _typed(request: HttpRequest, sheet_id: int | None) -> list[str]:
    """What was typed: in the form that was sent, else in the draft of the sheet."""
    sent = [text for name, text in request.POST.items() if "." in name and str(text).strip()]
    if sent or sheet_id is None or not isinstance(request.user, User):
        return [str(text) for text in sent]
    row = Sheet.objects.filter(pk=sheet_id, learner=request.user).first()
    return [text for texts in row.draft.values() for text in texts.values()] if row else []

"""How often one person may ask for what costs the site something: so many times a minute.

The limits are far above what anybody does by hand; they stop a script, and a key that got stuck.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from exercises.models import User

Action = Literal["submit", "draft", "reading", "desk", "join"]

A_MINUTE: dict[Action, int] = {
    "submit": 30,
    "draft": 120,
    "reading": 120,
    "desk": 20,
    "join": 10,
}

COUNTED_TOGETHER: frozenset[Action] = frozenset({"join"})
"""What all processes count as one, in the database: a class code must not be guessed. The others
are counted by each web process for itself, which costs no write on the path of every answer."""


def within(action: Action, person: User) -> bool:
    """Counts this time; False where this person's share of the minute is used up."""
    store = caches["default" if action in COUNTED_TOGETHER else "here"]
    key = f"limit:{action}:{person.pk}:{int(time.time() // 60)}"
    store.add(key, 0, timeout=120)
    try:
        return store.incr(key) <= A_MINUTE[action]
    except ValueError:
        # The count was swept out between the two steps: it begins anew.
        return True


def too_often() -> str:
    """What a person is told who asks too often."""
    return _("That was very often within one minute. Nothing is lost: wait a little, then again.")


def limited(action: Action) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Answers 429 to a signed-in person who posts to a view more often than they may."""

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            person = request.user
            if request.method != "POST" or not isinstance(person, User) or within(action, person):
                return view(request, *args, **named)
            if request.headers.get("HX-Request"):
                return HttpResponse(too_often(), status=429, content_type="text/plain")
            return render(request, "429.html", status=429)

        return answer

    return guard

"""Addresses that only change something: who comes by such an address alone is shown its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

View = Callable[..., HttpResponse]


def posted_from(page: str) -> Callable[[View], View]:
    """Takes a form that stands on ``page``, an address of the same arguments.

    A reload, a kept link, or signing in on the way asks for the address of the form without the
    form: that changes nothing, and leads back to the page.
    """

    def guard(view: View) -> View:
        taken = require_POST(view)

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            if request.method in {"GET", "HEAD"}:
                return redirect(page, *args, **named)
            return taken(request, *args, **named)

        return answer

    return guard

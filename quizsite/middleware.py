"""What every request passes on its way in: content policy, second factor, one's own clock."""

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.utils import is_mfa_enabled
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation

Answer = Callable[[HttpRequest], HttpResponse]


class ContentSecurity(CSPMiddleware):
    """One strict policy for all pages but the admin's desk, whose looser one is in the settings."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.replace = {**settings.ADMIN_CONTENT_SECURITY, **(parts.replace or {})}
            # A nonce beside 'unsafe-inline' would switch the latter off.
            parts.nonce = None
        return parts


def second_factor_for_staff(answer: Answer) -> Answer:
    """Who sees others' work in production sets up a second factor before seeing any page."""

    def ask_first(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.SECOND_FACTOR_FOR_STAFF
            and user.is_authenticated
            and (user.is_staff or user.teaches or user.writes)
            and not request.path_info.startswith(("/accounts/", settings.STATIC_URL))
            and not is_mfa_enabled(user)
        ):
            return redirect("mfa_activate_totp")
        return answer(request)

    return ask_first


def page_for_a_wrong_method(answer: Answer) -> Answer:
    """Who asks an address for what it does not do is told so on a page, not left with a blank."""

    def explain(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page

    return explain


def own_clock_and_language(answer: Answer) -> Answer:
    """Whoever is signed in reads times by their own clock, and headings in their own language."""

    def adapt(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return answer(request)
        with timezone.override(clock_of(user.time_zone)), translation.override(user.language):
            return answer(request)

    return adapt


def clock_of(name: str) -> ZoneInfo:
    """The clock of a time zone; UTC where the zone is known no more, which locks nobody out."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")

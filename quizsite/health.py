"""Two questions from outside: is this process alive (/healthz), is the site ready (/readyz)?

Whoever asks learns which part fails, and no more: an error's own words name hosts, ports and users,
and go to the log.
"""

import logging
from contextlib import suppress

from celery import current_app
from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quizsite import pulse

OK = "ok"

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers: nothing else is asked."""
    return HttpResponse("alive", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if answers are taken and marked now, else 503; each part is named with what is wrong."""
    parts = {
        "database": database(),
        "cache": limits(),
        "broker": broker(),
        **{f"worker {queue}": worker(queue) for queue in ("grading", "bulk")},
    }
    ready = all(said == OK for said in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def database() -> str:
    """Can a row be read?"""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        return failed("database", "does not answer", error)
    return OK


def limits() -> str:
    """Is the table there that holds sign-in limits and the workers' pulse?"""
    try:
        cache.get("pulse:of-nobody")
    except Error as error:
        return failed("cache", "has no table (manage.py createcachetable makes it)", error)
    return OK


def broker() -> str:
    """Does the broker answer within the time that a page would give it?"""
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            # A frozen broker still accepts connections; only a reply shows that it lives, and "no
            # such queue" is a reply (an empty one does not exist on Redis).
            with suppress(*link.channel_errors):
                link.default_channel.queue_declare("grading", passive=True)
    except Exception as error:  # each broker has its own ways to fail, and all of them count
        return failed("broker", "does not answer", error)
    return OK


def worker(queue: str) -> str:
    """Has a worker that reads this queue spoken lately?"""
    try:
        silent = pulse.silence(queue)
    except Error as error:
        return failed(f"worker {queue}", "unknown: the database does not answer", error)
    if silent is None:
        return "has not been seen: answers are kept and wait"
    if silent > pulse.SILENT_AFTER:
        return f"silent for {silent:.0f} s: answers are kept and wait"
    return OK


def failed(part: str, said: str, error: Exception) -> str:
    """What is said outside of a part that failed; why it failed stands in the log."""
    why = (str(error).strip() or type(error).__name__).splitlines()[0]
    log.warning("%s %s: %s", part, said, why)
    return said

"""sweep: finds what waited too long and wakes the queue for it, once or again and again."""

from __future__ import annotations

import logging
import signal
from argparse import ArgumentParser, ArgumentTypeError
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from exercises import marking

log = logging.getLogger(__name__)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise ArgumentTypeError("a number of seconds, more than 0 and at most a day")
    return value


class Command(BaseCommand):
    help = "Wakes the queue for answers that waited too long, or whose worker died."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every",
            type=seconds,
            metavar="SECONDS",
            help="go on sweeping until told to stop; without it, sweep once",
        )

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            report = marking.sweep()
            self.stdout.write(f"Woken: {report.waiting} waiting, {report.abandoned} left behind.")
            return
        asked_to_stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked_to_stop.set())
        while not asked_to_stop.is_set():
            self.sweep()
            asked_to_stop.wait(every)

    def sweep(self) -> None:
        """One round. A database or broker that is away is said, and waited for."""
        try:
            # A connection that broke since the last round is dropped before it is used.
            close_old_connections()
            report = marking.sweep()
        except Error as error:
            log.warning("The sweep could not reach the database: %s. It tries again.", error)
        except Exception:
            log.exception("The sweep failed. It tries again.")
        else:
            if report.waiting or report.abandoned:
                log.info(
                    "The sweep woke %d that waited and %d that were left behind.",
                    report.waiting,
                    report.abandoned,
                )

"""Wakes the queue: after commit, in bounded time, and never in the way of a stored answer.

A message only says that a row waits. One that cannot be sent is no loss, because the sweep finds
the row; so whatever goes wrong with the broker is logged here and goes no further.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Literal

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

Name = Literal["mark", "prove"]

TASKS: dict[Name, str] = {
    "mark": "exercises.tasks.mark",
    "prove": "exercises.tasks.prove",
}
"""Every task that may be woken. Each takes one integer, the id of a row."""

PAUSE = 2.0
"""Seconds without another try after the broker failed, so that a class that submits at once does
not wait once each."""


class Pause:
    """Says for how long the broker is left alone after a failure."""

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        self._until = time.monotonic() + PAUSE

    def end(self) -> None:
        self._until = 0.0

    def on(self) -> bool:
        return time.monotonic() < self._until


pause = Pause()


def wake(name: Name, id: int) -> None:
    """Asks a worker to look at one row, once the transaction around this call has committed."""
    # robust: by then the answer is stored, and no error may turn that into a failed page.
    transaction.on_commit(partial(_publish, TASKS[name], id), robust=True)


def _publish(task: str, id: int) -> None:
    if pause.on():
        return
    try:
        current_app.send_task(task, args=[id])
    except Exception as error:
        # Any class at all: redis, kombu, amqp and sockets each have their own.
        pause.begin()
        log.warning(
            "The queue could not be told of %s(%d): %s. The sweep will tell it later.",
            task,
            id,
            error,
        )

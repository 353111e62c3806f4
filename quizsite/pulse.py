"""The workers' pulse: each says every ten seconds which queues it reads, and /readyz listens.

It goes through the cache, which is a table of the site's own database: so it works with any broker
and with plain `celery` workers on other machines, and costs one small write. A worker whose broker
is gone has no pulse, because the timer belongs to the loop that reads the queue.
"""

import logging
import time
from typing import Any

from celery import bootsteps
from django.core.cache import cache
from django.db import Error, connections

log = logging.getLogger(__name__)

EVERY = 10  # seconds
SILENT_AFTER = 35  # seconds: three beats missed, and a moment


def key(queue: str) -> str:
    return f"pulse:{queue}"


def silence(queue: str) -> float | None:
    """How many seconds ago a worker of this queue last spoke; None if none did lately.

    Errors: what the database raises when it cannot be asked.
    """
    spoke: float | None = cache.get(key(queue))
    return None if spoke is None else max(0.0, time.time() - spoke)


def speak(queues: list[str]) -> None:
    """Says now that a worker reads these queues.

    Errors: what the database raises when it cannot be told.
    """
    cache.set_many(dict.fromkeys(map(key, queues), time.time()), timeout=SILENT_AFTER * 4)


class Pulse(bootsteps.StartStopStep):
    """A step of a worker's start: beats while the worker reads its queues."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **_: object) -> None:
        self.timer: Any = None
        super().__init__(consumer)

    def start(self, consumer: Any) -> None:
        queues = list(consumer.app.amqp.queues.consume_from)
        self.beat(queues)
        self.timer = consumer.timer.call_repeatedly(EVERY, self.beat, (queues,))

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def beat(self, queues: list[str]) -> None:
        try:
            speak(queues)
        except Error as error:
            log.warning("The pulse could not be written: %s", error)
        finally:
            # The pool's children are forked from this process and must not inherit a connection.
            connections.close_all()

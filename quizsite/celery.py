"""The queue: a message wakes a worker for one row. Every setting has its reason beside it.

The row in the database is the truth, the message is its number and nothing more. So a message may
be lost (the sweep sends another) or come twice (the second finds the row done); what may not happen
is that sending one keeps a learner waiting, or that a worker dies and takes its rows with it.
"""

import logging
import os
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import close_old_connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from kombu.entity import Queue

from quizsite.pulse import Pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizsite.settings")
# A worker needs no pages: without this it would import them all to check them, at each start.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
# Our arrays are small: threads of a linear algebra library would only fight over the cores that the
# processes already share. Read when numpy is first imported, which is later than this.
for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(library, "1")

# Who sends (a page, the sweep) gives up within a second even when the broker is frozen: a stopped
# process still accepts connections, so nothing but these timeouts would end the wait.
HASTY_REDIS = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "health_check_interval": 0}
HASTY_RABBIT = {"confirm_publish": True, "read_timeout": 1, "write_timeout": 1}

# Who receives has time, and takes back what a dead worker held: a message unacknowledged for two
# minutes (six times the hard limit) is looked for every five seconds; by default kombu looks every
# hundred, after an hour.
PATIENT_REDIS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "health_check_interval": 10,
}
PATIENT_RABBIT = {"confirm_publish": True}

app = Celery("spotlight")


def on_rabbit() -> bool:
    url: str = settings.CELERY_BROKER_URL
    return url.startswith(("amqp", "pyamqp"))


@app.add_defaults  # asked for at first need: the settings may be in the middle of being read now
def configuration() -> dict[str, Any]:
    rabbit = on_rabbit()
    # On RabbitMQ a quorum queue outlives the broker's machine. A message delivered five times in
    # vain is dropped: its row is still there, and the sweep counts the runs.
    durable = {"x-queue-type": "quorum", "x-delivery-limit": 5} if rabbit else None
    return {
        "broker_url": settings.CELERY_BROKER_URL,
        # --- Two queues, each with its own workers: bulk work never stands in front of a learner
        "task_queues": [
            Queue(name, routing_key=name, queue_arguments=durable)  # type: ignore[no-untyped-call]
            for name in ("grading", "bulk")
        ],
        "task_create_missing_queues": False,  # a misspelt queue is an error, not a lost message
        "task_routes": {"exercises.tasks.mark": {"queue": "grading"}},
        "task_default_queue": "bulk",
        # --- Messages: numbers only, nothing to unpickle, nothing sent back
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,  # the verdict row is the result
        # --- A worker that dies gives its row back
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,  # the row counts its runs, the broker does not
        "worker_prefetch_multiplier": 1,  # one row at a time, so a dead worker keeps few back
        "worker_cancel_long_running_tasks_on_connection_loss": True,  # it comes again
        "worker_soft_shutdown_timeout": 15,  # longer than any task may take politely
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 400_000,  # kB
        # A live answer takes milliseconds, bulk work is cut into pieces of at most 5 s.
        "task_soft_time_limit": 10,
        "task_time_limit": 20,
        # --- A broker that goes away is waited for by workers, and never by learners
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # One more try finds a kept connection dead after a restart and opens a new one; beyond that
        # the learner has waited enough, and the sweep delivers.
        "task_publish_retry": True,
        "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0},
        "broker_connection_timeout": 1,
        "broker_transport_options": HASTY_RABBIT if rabbit else HASTY_REDIS,
        # --- Nothing here writes what a learner wrote
        "worker_hijack_root_logger": False,  # logs stay as the settings shape them
        "worker_redirect_stdouts": False,
        "task_send_sent_event": False,
        "timezone": "UTC",
        "enable_utc": True,
        # Celery's Django support reads this one under its old name. Without it every task opens a
        # database connection of its own, which costs three quarters of the speed; what went dead is
        # dropped below.
        "CELERY_DB_REUSE_MAX": 1_000_000,
    }


app.steps["consumer"].add(Pulse)  # tells /readyz that a worker lives and which queues it reads
app.autodiscover_tasks()


@signals.celeryd_init.connect
def take_time(conf: Any, **_: object) -> None:
    """A worker waits for its broker longer than a page may."""
    conf.update(
        broker_connection_timeout=4,
        broker_transport_options=PATIENT_RABBIT if on_rabbit() else PATIENT_REDIS,
        worker_detect_quorum_queues=True,  # RabbitMQ has no global prefetch limit on quorum queues
    )


@signals.celeryd_init.connect
def let_verdicts_be_computed_again(**_: object) -> None:
    """A worker's commits need no sync of their own on SQLite: decision 0002."""
    connection_created.connect(commit_lightly)


def commit_lightly(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=NORMAL")


@signals.task_prerun.connect
def drop_dead_connections(**_: object) -> None:
    """Connections live from task to task, so one that a database restart broke is dropped here."""
    close_old_connections()


@signals.setup_logging.connect
def keep_our_logs(**_: object) -> None:
    """Celery leaves logging to the settings as soon as somebody listens here."""
    logging.captureWarnings(True)

"""Waking the queue: after commit, soon given up, and never an error for a stored answer."""

import socket
import time

import pytest
from celery import Celery
from django.db import transaction

from exercises import queue
from quizsite import celery as site_celery
from tests import factories


@pytest.fixture(autouse=True)
def fresh_pause(monkeypatch):
    monkeypatch.setattr(queue, "pause", queue.Pause())


class Recorder:
    """Stands where Celery's app stands, and notes what is sent."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[tuple[str, list[int]]] = []
        self.error = error

    def send_task(self, name: str, args: list[int]) -> None:
        self.sent.append((name, args))
        if self.error:
            raise self.error


@pytest.fixture
def recorder(monkeypatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(queue, "current_app", made)
    return made


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_before_the_commit(recorder):
    with transaction.atomic():
        queue.wake("mark", 7)
        assert recorder.sent == []
    assert recorder.sent == [("exercises.tasks.mark", [7])]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_of_what_was_rolled_back(recorder):
    with transaction.atomic():
        queue.wake("mark", 7)
        transaction.set_rollback(True)
    assert recorder.sent == []


@pytest.mark.django_db(transaction=True)
def test_a_submission_wakes_the_queue_with_its_own_number(recorder):
    submission = factories.submission()
    assert recorder.sent == [("exercises.tasks.mark", [submission.pk])]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_fails_is_told_in_the_log_and_left_alone_for_a_while(
    recorder, monkeypatch, caplog
):
    recorder.error = ConnectionError("no broker here")
    queue.wake("mark", 7)
    queue.wake("mark", 8)
    assert len(recorder.sent) == 1
    assert "no broker here" in caplog.text
    recorder.error = None
    now = time.monotonic()
    monkeypatch.setattr(queue.time, "monotonic", lambda: now + queue.PAUSE + 0.1)
    queue.wake("mark", 9)
    assert recorder.sent[-1] == ("exercises.tasks.mark", [9])


def sending_to(port: int) -> Celery:
    """A queue with the site's own patience, at a broker of the test's."""
    app = Celery("elsewhere", set_as_current=False)
    patience = ("task_publish_retry", "task_publish_retry_policy", "broker_connection_timeout")
    app.conf.update({name: site_celery.app.conf[name] for name in patience})
    app.conf.update(
        broker_url=f"redis://127.0.0.1:{port}/0",
        broker_transport_options=site_celery.HASTY_REDIS,
        task_ignore_result=True,
    )
    return app


@pytest.mark.django_db(transaction=True)
def test_a_frozen_broker_holds_nobody_for_two_seconds(monkeypatch):
    # It accepts connections and never answers, as a stopped Redis does.
    with socket.create_server(("127.0.0.1", 0), backlog=50) as frozen:
        monkeypatch.setattr(queue, "current_app", sending_to(frozen.getsockname()[1]))
        begun = time.monotonic()
        for id in range(5):
            queue.wake("mark", id)
        assert time.monotonic() - begun < 2


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_not_there_holds_nobody_for_two_seconds(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setattr(queue, "current_app", sending_to(port))
    begun = time.monotonic()
    queue.wake("mark", 1)
    assert time.monotonic() - begun < 2

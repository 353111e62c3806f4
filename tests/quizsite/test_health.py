"""The two questions from outside are answered truly: alive, and ready, with each part named."""

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError, connection

from quizsite import health, pulse


@pytest.fixture
def empty_cache(db):
    cache.clear()


def test_a_living_process_says_so_and_asks_nobody(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive")


def test_a_site_whose_workers_are_silent_is_not_ready_and_says_which(client, empty_cache):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    said = answer.json()
    assert said["ready"] is False
    assert said["database"] == said["cache"] == said["broker"] == "ok"
    assert said["worker grading"] == "has not been seen: answers are kept and wait"


def test_a_site_whose_workers_speak_is_ready(client, empty_cache):
    pulse.speak(["grading", "bulk"])
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True


def test_a_worker_that_fell_silent_is_named_with_how_long_ago(client, empty_cache):
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False) as clock:
        pulse.speak(["grading", "bulk"])
        clock.shift(pulse.SILENT_AFTER)
        assert client.get("/readyz").status_code == 200
        clock.shift(5)
        pulse.speak(["bulk"])
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker grading"] == "silent for 40 s: answers are kept and wait"
    assert answer.json()["worker bulk"] == "ok"


def test_a_database_that_is_gone_is_named_and_the_question_still_answered(
    client, empty_cache, monkeypatch, caplog
):
    def gone(*_):
        raise OperationalError("connection refused\nis the server running?")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(connection, "cursor", gone)
        assert health.database() == "does not answer"
    assert "connection refused" in caplog.text


def test_a_broker_that_is_gone_is_named_and_its_address_is_not(
    client, empty_cache, closed_port, broker_at, caplog
):
    broker_at(f"redis://127.0.0.1:{closed_port}/0")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "does not answer"
    assert str(closed_port) not in answer.content.decode()
    assert "broker does not answer" in caplog.text


def test_only_reading_is_answered(client):
    assert client.post("/healthz").status_code == 405

"""What the front door's tests may ask for."""

import socket
from collections.abc import Callable, Iterator

import pytest

from quizsite.celery import app


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port where nobody listens, and nobody will while the test runs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Points the queue at another broker for this test."""

    def point(address: str) -> None:
        monkeypatch.setattr(app.conf, "broker_write_url", address)
        monkeypatch.setattr(app.conf, "broker_read_url", address)

    return point

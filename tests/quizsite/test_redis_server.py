"""The embedded Redis is found, reached by a short socket, and missing it is said helpfully."""

import socket
import subprocess
import time
from pathlib import Path

import pytest

from quizsite import redis_server


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setattr(redis_server, "find_spec", lambda name: None)


def test_the_one_in_the_wheel_or_on_the_path_is_found_and_runs():
    assert redis_server.runs(redis_server.find())


def test_without_the_wheel_the_one_on_the_path_is_taken(no_wheel, monkeypatch, tmp_path):
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\necho Redis server v=7\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find() == own


def test_one_that_this_machine_cannot_run_does_not_count(no_wheel, monkeypatch, tmp_path):
    broken = tmp_path / "redis-server"
    broken.write_bytes(b"\x7fELF, but for another machine")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(redis_server.NoRedis, match="apt install redis-server"):
        redis_server.find()


def test_without_any_one_sentence_says_what_to_install(no_wheel, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(redis_server.NoRedis, match=r"apt install redis-server.*CELERY_BROKER_URL"):
        redis_server.find()


def test_the_sockets_folder_is_short_and_ours_alone(monkeypatch, tmp_path):
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    folder = redis_server.private_folder()
    try:
        assert len(str(folder / "redis.sock")) < redis_server.LONGEST_SOCKET
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        folder.rmdir()


def test_the_runtime_folder_is_preferred_where_it_is_short(monkeypatch):
    home = redis_server.private_folder()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    inside = redis_server.private_folder()
    try:
        assert inside.parent == home
    finally:
        inside.rmdir()
        home.rmdir()


def test_a_real_one_answers_on_its_socket_only_and_keeps_its_data_on_a_long_path(tmp_path):
    data = tmp_path / ("deep" * 25) / ("deeper" * 25)
    folder = redis_server.private_folder()
    place = folder / "redis.sock"
    command = redis_server.command(redis_server.find(), socket=place, data=data)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        assert ask(place, b"PING") == b"+PONG"
        assert ask(place, b"CONFIG GET port").endswith(b"$1\r\n0")
        assert ask(place, b"SET wake 1") == b"+OK"
        process.terminate()
        process.wait(timeout=10)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert ask(place, b"GET wake") == b"$1\r\n1"
    finally:
        process.kill()
        process.wait()
        place.unlink(missing_ok=True)
        folder.rmdir()


def ask(place: Path, words: bytes) -> bytes:
    """What Redis says to this, once it is up."""
    until = time.monotonic() + 10
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(str(place))
                link.sendall(words + b"\r\n")
                said = link.recv(1000).strip()
                if not said.startswith(b"-LOADING"):
                    return said
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)

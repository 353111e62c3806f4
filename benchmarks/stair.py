"""Submitting against a bare POST and INSERT, and the time from an answer to its verdict.

Starts the whole site (web, workers, sweep, embedded Redis, SQLite) and beside it a bare Django
site on the same server, with the same number of processes and threads and the same SQLite
settings. Both are loaded in turns, and the ratio is taken turn by turn: once with the markers
frozen, so that only the taking of answers is measured, and once with them at work beside it.
The idle time is measured first, from sending the answer to holding the page with its verdict.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 16
PEOPLE = 24 * CONNECTIONS  # so many that nobody meets the limit of answers in a minute
PAUSE = 0.15  # seconds between two idle answers

EXERCISE = """\
title: Mix, without a limit
given:
  weights: [0.72, 0.05, 0.08, 0.15]
  values: [[4, 1], [1, 4], [2, 0], [0, 3]]
parts:
  - name: output
    kind: lookup
    prompt: Mix {values} by {weights}.
    ask: output
    weights: weights
    values: values
samples:
  - {answer: "3.09, 1.37", score: 1}
"""


@dataclass
class Visitor:
    """One signed-in person on one kept-open connection."""

    port: int
    cookies: str
    token: str = ""
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str, str]:
        """Status, Location and body of one request."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookies}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body.encode(), headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for header in response.headers.get_all("Set-Cookie") or []:
            if header.startswith("csrftoken="):
                self.cookies += "; " + header.split(";", 1)[0]
        return response.status, response.headers.get("Location", ""), text

    def take_token(self, page: str) -> None:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, "the page has no form"
        self.token = found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Visitor(port, "").ask("GET", path)[0] in (200, 303, 403):
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"nothing answers on port {port}")


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def in_python(code: str, environment: dict[str, str]) -> object:
    """Run code in a process of its own and read the JSON that it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


SITE_PEOPLE = """
import json, os, secrets
import django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from exercises import desk
from exercises.models import User
author = User.objects.create(username="bench-author", email="bench@example.org", is_author=True)
exercise = desk.create("bench-mix", author, os.environ["BENCH_EXERCISE"])
desk.publish(exercise, desk.prove(exercise.draft, exercise.slug), author)
keys = []
for index in range(int(os.environ["BENCH_PEOPLE"])):
    user = User.objects.create(username=f"b{index}", email=f"b{index}@example.org", password="!")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    keys.append(session.session_key)
print(json.dumps(keys))
"""

FLOOR_PEOPLE = """
import json, os
from benchmarks.floor import floor_site
print(json.dumps(floor_site.prepare(int(os.environ["BENCH_PEOPLE"]))))
"""

LEFT = """
import json
import django; django.setup()
from exercises.models import Marking, Submission, Verdict
print(json.dumps({
    "submissions": Submission.objects.count(),
    "verdicts": Verdict.objects.count(),
    "undone": Marking.objects.exclude(state="done").count(),
}))
"""


def site_visitors(port: int, keys: list[str]) -> list[tuple[Visitor, str]]:
    """Signed-in visitors, each with the address of their own sheet."""
    visitors = []
    for key in keys:
        visitor = Visitor(port, f"sessionid={key}")
        status, _, page = visitor.ask("GET", "/learn/exercises/bench-mix/")
        assert status == 200, status
        visitor.take_token(page)
        action = re.search(r'action="(/learn/sheets/\d+/)"', page)
        assert action, "the page has no sheet"
        visitors.append((visitor, action[1]))
    return visitors


def answer_body(visitor: Visitor) -> str:
    return urllib.parse.urlencode(
        {
            "csrfmiddlewaretoken": visitor.token,
            "key": str(uuid.uuid4()),
            "output.output.0.0": "3.09",
            "output.output.0.1": "1.37",
        }
    )


def idle(people: list[tuple[Visitor, str]], times: int) -> list[float]:
    """Seconds from sending an answer to holding the page with its verdict, one after another."""
    seconds = []
    for turn in range(times):
        visitor, sheet = people[turn % len(people)]
        refresh(visitor)
        began = time.perf_counter()
        status, location, page = visitor.ask("POST", sheet, answer_body(visitor))
        assert status == 303, (status, page[:500])
        while True:
            _, _, page = visitor.ask("GET", location)
            if "Output: right" in page:
                break
            assert time.perf_counter() - began < 30, f"no verdict: {page}"
        seconds.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    return seconds


def in_turns(people: list[tuple[Visitor, str]]) -> Callable[[], int]:
    """One connection on which several people submit in turns; gives each request's status."""
    turns = itertools.cycle(people)
    shared = people[0][0]

    def submit() -> int:
        visitor, sheet = next(turns)
        visitor.connection = shared.connection
        status = visitor.ask("POST", sheet, answer_body(visitor))[0]
        shared.connection = visitor.connection
        return status

    return submit


def load(visitors: list[Callable[[], int]], seconds: float) -> tuple[float, list[float]]:
    """Redirects a second with all visitors sending at once, and each request's seconds."""
    counts: list[list[float]] = [[] for _ in visitors]
    wrong: list[int] = []
    until = time.perf_counter() + seconds

    def visit(index: int) -> None:
        while (began := time.perf_counter()) < until:
            status = visitors[index]()
            if status != 303:
                wrong.append(status)
            counts[index].append(time.perf_counter() - began)

    threads = [threading.Thread(target=visit, args=(i,)) for i in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"{len(wrong)} answers were not accepted: {sorted(set(wrong))}")
    every = [one for count in counts for one in count]
    return len(every) / seconds, every


@contextmanager
def markers_frozen(serve: int) -> Iterator[None]:
    """The workers of this site stopped, and let go again."""
    found = subprocess.run(
        ["pgrep", "-P", str(serve), "-f", "celery"], stdout=subprocess.PIPE, check=False
    )
    groups = [int(line) for line in found.stdout.split()]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in groups:
            os.killpg(group, signal.SIGCONT)


def refresh(*visitors: Visitor) -> None:
    """New connections: a server closes one that was idle for two seconds."""
    for visitor in visitors:
        if visitor.connection is not None:
            visitor.connection.close()


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def told(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds) * 1000:.0f} ms, p95 {p95(seconds) * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=100, help="idle answers (default 100)")
    parser.add_argument("--seconds", type=float, default=6, help="of load a turn (default 6)")
    parser.add_argument("--turns", type=int, default=5, help="turns of both (default 5)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stair") as folder:
        port, floor_port = free_port(), free_port()
        common = {**os.environ, "PYTHONPATH": str(ROOT), "BENCH_PEOPLE": str(PEOPLE)}
        site = {
            **common,
            "DJANGO_SETTINGS_MODULE": "quizsite.settings",
            "SPOTLIGHT_MODE": "demo",
            "SPOTLIGHT_DATA": f"{folder}/site",
            "SPOTLIGHT_DEMO_PASSWORD": secrets.token_hex(8),
            "PORT": str(port),
            "BENCH_EXERCISE": EXERCISE,
        }
        floor = {**common, "FLOOR_DATABASE": f"{folder}/floor.sqlite3"}
        gunicorn = [
            sys.executable, "-m", "gunicorn", "benchmarks.floor.floor_site:application",
            f"--bind=127.0.0.1:{floor_port}", "--worker-class=gthread", "--workers=2",
            "--threads=8", "--no-control-socket", "--log-level=warning",
        ]  # fmt: skip
        floor_keys = in_python(FLOOR_PEOPLE, floor)
        with (
            running([sys.executable, "-m", "quizsite.serve"], site) as serve,
            running(gunicorn, floor),
        ):
            wait_for(port, "/readyz")
            wait_for(floor_port, "/form")
            site_keys = in_python(SITE_PEOPLE, site)
            assert isinstance(site_keys, list)
            assert isinstance(floor_keys, list)
            people = site_visitors(port, site_keys)
            idle(people[:20], 20)  # caches and connections are warm from here on
            print(f"idle, answer sent to verdict shown: {told(idle(people, options.idle))}")

            bare = [Visitor(floor_port, f"sessionid={key}") for key in floor_keys[:CONNECTIONS]]
            for visitor in bare:
                visitor.take_token(visitor.ask("GET", "/form")[2])
            on_site = [in_turns(people[i::CONNECTIONS]) for i in range(CONNECTIONS)]
            on_floor = [
                lambda v=v: v.ask("POST", "/submit", answer_body(v))[0]  # type: ignore[misc]
                for v in bare
            ]
            load(on_floor, 1)
            for name, frozen in (("taking answers alone", True), ("with marking", False)):
                ratios, slower = [], []
                for turn in range(options.turns):
                    refresh(*bare, *(visitor for visitor, _ in people))
                    low, low_times = load(on_floor, options.seconds)
                    refresh(*(visitor for visitor, _ in people))
                    with markers_frozen(serve.pid) if frozen else nullcontext():
                        high, high_times = load(on_site, options.seconds)
                    ratios.append(high / low)
                    slower.append(p95(high_times) / p95(low_times))
                    print(
                        f"{name}, turn {turn + 1}: floor {low:.0f}/s ({told(low_times)}), "
                        f"site {high:.0f}/s ({told(high_times)}): ratio {high / low:.2f}"
                    )
                    # The markers catch up in peace, so that every turn begins alike.
                    drain(site)
                print(
                    f"{name} / floor: median {statistics.median(ratios):.2f}, "
                    f"from {min(ratios):.2f} to {max(ratios):.2f}; "
                    f"p95 {statistics.median(slower):.1f} x the floor's"
                )
            left = in_python(LEFT, site)
    print(f"afterwards: {left}")


def drain(site: dict[str, str], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        left = in_python(LEFT, site)
        if isinstance(left, dict) and left["undone"] == 0:
            return
        time.sleep(1)
    raise SystemExit(f"still waiting after {seconds:.0f} s: {left}")


if __name__ == "__main__":
    main()

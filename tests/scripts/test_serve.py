"""`scripts/serve` for real: runs the site, minds its parts, refuses politely, leaves nothing."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Site:
    """A `scripts/serve` that runs, and what it says."""

    def __init__(self, data: Path, log: Path, **environment: str) -> None:
        self.data = data
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [ROOT / "scripts" / "serve"],
                env=surroundings(SPOTLIGHT_DATA=str(data), PORT="0", **environment),
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: self.said("Stop with Ctrl-C."), self)
        self.address = self.find(r"Spotlight is ready: (\S+)/")
        self.password = self.find(r"with the password (\S+)")

    def said(self, words: str) -> bool:
        return words in self.log.read_text()

    def find(self, pattern: str) -> str:
        found = re.search(pattern, self.log.read_text())
        assert found, self.log.read_text()
        return found[1]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def part(self, words: str) -> int | None:
        """The process id of the part whose command holds these words, if it runs."""
        ours = [
            process
            for process in processes_on(self.data)
            if words in command_of(process) and parent_of(process) == self.process.pid
        ]
        assert len(ours) < 2, (words, [command_of(process) for process in ours])
        return ours[0] if ours else None

    def end(self) -> None:
        for process in processes_on(self.data):
            os.kill(process, signal.SIGKILL)
        self.process.wait()


def surroundings(**environment: str) -> dict[str, str]:
    """This shell's environment without what would steer the site."""
    steering = re.compile(
        "SPOTLIGHT_|DJANGO_|DATABASE_URL|CELERY_|SECRET_KEY|ALLOWED_HOSTS|EMAIL_URL|PORT$|HOST$"
    )
    kept = {name: value for name, value in os.environ.items() if not steering.match(name)}
    return {**kept, **environment}


def processes_on(data: Path) -> list[int]:
    """Every process that was told of this data folder or works in it, by the kernel's own list."""
    mark = f"SPOTLIGHT_DATA={data}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            # Redis writes its title over its environment, but lives in its folder.
            inside = (folder / "cwd").readlink().is_relative_to(data)
            dead = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        if (mark in environment or inside) and not dead:
            found.append(int(folder.name))
    return found


def command_of(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def wait_until(true: Callable[[], object], site: Site, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            pytest.fail(f"Waited {seconds} s in vain. The site said:\n{site.log.read_text()}")
        time.sleep(0.1)


def refusal(**environment: str) -> str:
    """What a serve that does not start says; it says it in time, and fails."""
    done = subprocess.run(
        [ROOT / "scripts" / "serve"],
        env=surroundings(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose path is far longer than a socket's may be."""
    return tmp_path_factory.mktemp("serve") / ("a-very-long-name-" * 8) / ("and-another-" * 8)


@pytest.fixture(scope="module")
def site(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(home, tmp_path_factory.mktemp("log") / "serve.log")
    yield running
    running.end()


def test_it_serves_a_site_whose_every_part_is_ready(site):
    assert len(str(site.data)) > 200
    assert site.ready()
    with urllib.request.urlopen(f"{site.address}/healthz") as answer:
        assert answer.read() == b"alive"


def test_it_prints_a_password_that_signs_in_each_of_the_four(site):
    for name in ("learner", "teacher", "author", "admin"):
        browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        with browser.open(f"{site.address}/accounts/login/") as page:
            token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.read())[1].decode()
        form = {"login": name, "password": site.password, "csrfmiddlewaretoken": token}
        request = urllib.request.Request(
            f"{site.address}/accounts/login/",
            urllib.parse.urlencode(form).encode(),
            {"Referer": f"{site.address}/accounts/login/"},
        )
        with browser.open(request) as answer:
            assert answer.status == 200
            assert "/accounts/login/" not in answer.url, answer.read().decode()


def test_what_it_serves_is_named_by_its_content_and_kept_by_browsers(site):
    with urllib.request.urlopen(f"{site.address}/accounts/login/") as page:
        sheet = re.search(r'href="(/static/[^"]+\.css)"', page.read().decode())[1]
    with urllib.request.urlopen(f"{site.address}{sheet}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_data_folder_that_is_too_far_down_is_refused(tmp_path):
    far = tmp_path.joinpath(*["down" * 15] * 8)
    assert "SQLite opens no file that far down" in refusal(SPOTLIGHT_DATA=str(far))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("worker grading", "--queues=grading"),
        ("web", "gunicorn"),
        ("redis", "redis-server"),
        ("sweep", "sweep"),
    ],
)
def test_a_part_that_dies_is_started_again_and_said(site, name, words):
    before = site.part(words)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: site.said(f"{name} ended by signal 9"), site)
    wait_until(lambda: site.part(words) not in {before, None}, site)
    wait_until(site.ready, site)


def test_a_second_one_on_the_same_data_is_refused_and_told_who_holds_it(site):
    said = refusal(SPOTLIGHT_DATA=str(site.data), PORT="0")
    assert f"process {site.process.pid}" in said
    assert site.address in said


def test_a_port_in_use_is_refused_with_another_one_proposed(site, tmp_path):
    port = urllib.parse.urlsplit(site.address).port
    said = refusal(SPOTLIGHT_DATA=str(tmp_path), PORT=str(port))
    assert f"Port {port} of 127.0.0.1 cannot be used" in said
    assert "PORT=" in said


def test_it_stops_cleanly_on_ctrl_c_and_leaves_no_process(site):
    sockets = Path(json.loads((site.data / "serve.lock").read_text())["sockets"])
    assert sockets.is_dir()
    # As a terminal does: to the whole group in the foreground.
    os.killpg(site.process.pid, signal.SIGINT)
    assert site.process.wait(timeout=60) == 0
    assert site.said("Stopped.")
    assert processes_on(site.data) == []
    assert not sockets.exists()


def test_it_comes_back_with_the_same_password_and_dies_without_orphans(site, home, tmp_path):
    again = Site(home, tmp_path / "again.log")
    try:
        assert again.password == site.password
        assert "new" not in again.log.read_text(), "the lessons were there already"
        port = urllib.parse.urlsplit(again.address).port
        again.process.kill()
        again.process.wait()
        wait_until(lambda: processes_on(home) == [], again, 40)
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))
    finally:
        again.end()


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = refusal(SPOTLIGHT_DATA=str(tmp_path / "file" / "data"), PORT="0")
    assert f"The data folder {tmp_path / 'file' / 'data'} cannot be written" in said


@pytest.mark.parametrize("port", ["many", "-1", "65536", "８０００"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    said = refusal(SPOTLIGHT_DATA=str(tmp_path), PORT=port)
    assert f"PORT is {port!r}; it is a whole number from 0 to 65535." in said


def test_an_unsafe_production_is_refused_with_all_that_is_missing(tmp_path):
    said = refusal(SPOTLIGHT_DATA=str(tmp_path), PORT="0", SPOTLIGHT_MODE="production")
    assert "SECRET_KEY is not set" in said
    assert "ALLOWED_HOSTS is not set" in said


def test_a_database_that_does_not_answer_is_refused(tmp_path):
    said = refusal(
        SPOTLIGHT_DATA=str(tmp_path),
        PORT="0",
        DATABASE_URL="postgres://nobody:nothing@127.0.0.1:1/nowhere",
    )
    assert "The database cannot be used" in said
    assert processes_on(tmp_path) == []

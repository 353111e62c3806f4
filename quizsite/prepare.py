"""What a site needs before it can serve: tables, static files, lessons and, in a demo, people.

Run as `python -m quizsite.prepare`; it may be run again at any time, and then changes nothing. With
`--static` it gathers the static files and no more: for each further machine that serves pages.
"""

import hashlib
import os
import sys
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import Error

from quizsite import storage


def prepare() -> None:
    call_command("check", stdout=StringIO())
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    collect_files()
    call_command("load_content")
    if not settings.PRODUCTION:
        call_command("demo")


def collect_files() -> None:
    """Gathers, hashes and compresses the static files, unless nothing changed since last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    now = digest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == now:
        return
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(now, encoding="ascii")


def digest() -> str:
    """A digest of every static file's name, size and date, and of how we keep them."""
    seen = hashlib.sha256(Path(storage.__file__).read_bytes())
    for finder in get_finders():
        for name, home in finder.list([]):
            facts = Path(home.path(name)).stat()
            seen.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m quizsite.prepare", description=__doc__)
    parser.add_argument(
        "--static", action="store_true", help="only gather the static files; no database is met"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizsite.settings")
    try:
        django.setup()
        if arguments.static:
            collect_files()
        else:
            prepare()
    except (ImproperlyConfigured, CommandError) as fault:
        sys.exit(str(fault))
    except Error as fault:
        sys.exit(f"The database cannot be used: {str(fault).strip()}")

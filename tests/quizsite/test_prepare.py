"""Preparing a site: in one place everything, on each further machine the static files alone."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def prepare(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, on a machine from which the database cannot be reached."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "quizsite.settings",
        "SPOTLIGHT_MODE": "demo",
        "SPOTLIGHT_DATA": str(data),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    }
    return subprocess.run(
        [sys.executable, "-m", "quizsite.prepare", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_static_files_alone_want_no_database_and_load_nothing(tmp_path):
    done = prepare(tmp_path, "--static")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / ".collected").is_file()
    assert (tmp_path / "static" / "staticfiles.json").is_file()


def test_everything_wants_the_database(tmp_path):
    refused = prepare(tmp_path)
    assert refused.returncode != 0
    assert "The database cannot be used" in refused.stderr

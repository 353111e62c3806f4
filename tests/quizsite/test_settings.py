"""The settings are read from the environment, and refuse what is unsafe, in one go."""

import json
import logging
import logging.config
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site

ROOT = Path(__file__).parents[2]
GOOD = {
    "SPOTLIGHT_MODE": "production",
    "SECRET_KEY": "correct horse battery staple, and fifty characters of it",
    "ALLOWED_HOSTS": "quiz.example.org",
}


def settings(data: Path, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Reads the settings in a fresh process that knows this environment and nothing else."""
    show = (
        "import json; from django.conf import settings as its; "
        f"print(json.dumps([str(getattr(its, name)) for name in {names!r}]))"
    )
    return subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "quizsite.settings",
            "SPOTLIGHT_DATA": str(data),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_without_a_word_the_site_is_in_production_and_says_all_that_is_missing(tmp_path):
    done = settings(tmp_path, "DEBUG")
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr
    assert "ALLOWED_HOSTS is not set" in done.stderr
    assert "SPOTLIGHT_MODE=demo" in done.stderr


@pytest.mark.parametrize(
    ("unsafe", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY can be guessed"),
        ({"ALLOWED_HOSTS": "*"}, "lets every host name in"),
        ({"ALLOWED_HOSTS": "quiz.example.org,*"}, "lets every host name in"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"SPOTLIGHT_MODE": "prodution"}, "either demo or production"),
        ({"DATABASE_URL": "mysql://a:b@localhost/c"}, "DATABASE_URL names a database"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL names a database"),
    ],
)
def test_production_refuses_an_unsafe_setting_in_a_plain_sentence(tmp_path, unsafe, sentence):
    done = settings(tmp_path, "DEBUG", **{**GOOD, **unsafe})
    assert done.returncode != 0
    assert sentence in done.stderr


def test_production_with_all_it_needs_starts_and_is_strict(tmp_path):
    names = ("DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    assert told(settings(tmp_path, *names, **GOOD)) == ["False", "True", "True", "True"]
    names = ("SESSION_COOKIE_NAME", "SECOND_FACTOR_FOR_STAFF")
    assert told(settings(tmp_path, *names, **GOOD)) == ["__Host-session", "True"]


def test_a_demo_needs_nothing_and_listens_to_this_machine_alone(tmp_path):
    hosts, debug = told(settings(tmp_path, "ALLOWED_HOSTS", "DEBUG", SPOTLIGHT_MODE="demo"))
    assert hosts == "['localhost', '.localhost', '127.0.0.1', '[::1]']"
    assert debug == "False"


def test_a_demo_keeps_its_secret_to_itself_and_for_the_next_start(tmp_path):
    first = told(settings(tmp_path, "SECRET_KEY", SPOTLIGHT_MODE="demo"))
    again = told(settings(tmp_path, "SECRET_KEY", SPOTLIGHT_MODE="demo"))
    assert first == again
    assert len(first[0]) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_demo_that_cannot_keep_its_secret_says_where_it_tried(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    done = settings(in_the_way / "data", "DEBUG", SPOTLIGHT_MODE="demo")
    assert done.returncode != 0
    assert f"{in_the_way / 'data'}" in done.stderr
    assert "SPOTLIGHT_DATA" in done.stderr


def test_the_embedded_database_waits_for_its_turn_and_commits_to_disk(tmp_path):
    show = """
import django; django.setup()
from django.db import connection, transaction
with connection.cursor() as cursor:
    facts = [cursor.execute(f"PRAGMA {name}").fetchone()[0]
             for name in ("journal_mode", "synchronous", "busy_timeout")]
print(facts, connection.transaction_mode)
"""
    done = subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "quizsite.settings",
            "SPOTLIGHT_MODE": "demo",
            "SPOTLIGHT_DATA": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['wal', 2, 20000] IMMEDIATE", done.stderr


def test_postgresql_is_one_variable_away(tmp_path):
    url = "postgres://someone:secret@db.example.org:5433/quizzes"
    [databases] = told(settings(tmp_path, "DATABASES", SPOTLIGHT_MODE="demo", DATABASE_URL=url))
    assert "'ENGINE': 'django.db.backends.postgresql'" in databases
    assert "'HOST': 'db.example.org'" in databases
    assert "'CONN_HEALTH_CHECKS': True" in databases


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_traceback_tells_where_and_never_what_a_learner_wrote(format_):
    configurator = logging.config.DictConfigurator(site.LOGGING)
    formatter = configurator.configure_formatter(dict(site.LOGGING["formatters"][format_]))

    def marked_answer():
        typed = {"reason": "my very own words", "password": "open sesame"}
        assert typed
        raise ValueError("this broke")

    try:
        marked_answer()
    except ValueError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Error at %s", ("/x",), sys.exc_info()
        )
    line = formatter.format(record)
    assert "marked_answer" in line
    assert "this broke" in line
    assert "my very own words" not in line
    assert "open sesame" not in line

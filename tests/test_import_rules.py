"""Each import rule is broken once, in a copy of the house, and must be the one that complains."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RULES = configparser.ConfigParser()
RULES.read(ROOT / ".importlinter")
NAMES = {
    section.rpartition(":")[2]: RULES[section]["name"]
    for section in RULES.sections()
    if ":contract:" in section
}

# The rule that must bite, the file that breaks it, and the line that it says.
BREACHES = [
    ("stair", "exercises/models/kept.py", "import quizsite.pulse"),
    ("stair", "exercises/prose.py", "from quizsite import settings"),
    ("grading", "grading/errors.py", "import grading.document"),
    ("grading", "grading/engine/attention.py", "from grading.numeric import reading"),
    ("grading", "grading/numeric/reading.py", "from grading.concepts import words"),
    ("grading", "grading/weigh.py", "def late():\n    from grading import grader"),
    ("grading", "grading/cleverness.py", "CLEVER = True"),
    ("kinds", "grading/kinds/pick.py", "from grading.kinds import number"),
    ("kinds", "grading/kinds/lookup.py", "from grading.kinds.scorecard import Card"),
    ("exercises", "exercises/models/kept.py", "from exercises import intake"),
    ("exercises", "exercises/queue.py", "from exercises import marking"),
    ("exercises", "exercises/forms.py", "from exercises.learn import views"),
    ("exercises", "exercises/helpers.py", "HELPFUL = True"),
    ("front-door", "quizsite/settings.py", "import quizsite.urls"),
    ("front-door", "quizsite/miscellany.py", "VARIOUS = True"),
    ("doors", "exercises/forms.py", "from grading.numeric.reading import read_number"),
    ("doors", "exercises/marking.py", "from grading.kinds import KINDS"),
    ("doors", "exercises/showing.py", "from grading.engine import attention"),
    ("doors", "quizsite/health.py", "import grading.kind"),
    ("doors", "exercises/catalog.py", "from grading.concepts.rules import Rules"),
    ("pure", "grading/verdict.py", "from django.utils import timezone"),
    ("pure", "grading/grader.py", "import celery"),
    ("pure", "grading/kinds/pick.py", "import random"),
    ("pure", "grading/engine/trace.py", "import time"),
    ("pure", "grading/concepts/evidence.py", "from datetime import datetime"),
    ("sympy", "grading/kinds/number.py", "import sympy"),
    ("sympy", "grading/numeric/reading.py", "from sympy import sympify"),
    ("sympy", "exercises/forms.py", "import sympy"),
    ("sympy", "grading/proof.py", "import sympy"),
    ("sympy", "grading/numeric/value.py", "import sympy"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of all that the rules look at."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / ".importlinter", copy)
    for package in ("quizsite", "exercises", "grading"):
        shutil.copytree(
            ROOT / package,
            copy / package,
            ignore=shutil.ignore_patterns("content", "static", "templates", "__pycache__"),
        )
    return copy


def broken_in(house):
    """The names of the rules that are broken, of those that were looked at: all of them."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=house,
        capture_output=True,
        text=True,
        # Wide enough that no name is wrapped.
        env={**environment, "COLUMNS": "200"},
        timeout=120,
        check=False,
    )
    states = {}
    for line in done.stdout.splitlines():
        # A rule that lets one import pass says so behind its state.
        name, _, state = line.strip().partition(" (")[0].rpartition(" ")
        if state in ("KEPT", "BROKEN"):
            states[name] = state
    assert set(states) == set(NAMES.values()), done.stdout + done.stderr
    broken = {name for name, state in states.items() if state == "BROKEN"}
    assert done.returncode == (1 if broken else 0)
    return broken


def test_the_house_as_it_stands_keeps_every_rule(house):
    assert broken_in(house) == set()


def test_every_rule_is_broken_by_something_here():
    assert {rule for rule, _, _ in BREACHES} == set(NAMES)


@pytest.mark.parametrize(
    ("rule", "file", "line"),
    BREACHES,
    ids=[f"{rule}: {file}: {line.split()[-1]}" for rule, file, line in BREACHES],
)
def test_a_wrong_import_breaks_the_rule_made_for_it(house, rule, file, line):
    path = house / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    # A file with no place in the house is new; an import stands in one that is there.
    assert ("import" in line) == (before is not None)
    try:
        path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
        assert broken_in(house) == {NAMES[rule]}
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")

"""What the docs show runs, what they link to is there, and the commands they name exist."""

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands

from grading import grader
from grading.__main__ import main
from grading.concepts.evidence import see
from grading.concepts.rules import compile_rules
from grading.kinds import KINDS
from grading.stages.recipe import BODY_KEYS, NEAR, STAGES, STAGES_OF, slip_codes

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")])
AUTHORING = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")

every_page = pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))


def fenced(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def code_in(text):
    """What a page sets as code: spans, and the lines of fenced blocks without a language."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", prose)
    for language, block in fences:
        if language in ("", "sh", "bash", "console"):
            yield from block.splitlines()


CODE = sorted({(page, code) for page in DOCS for code in code_in(page.read_text("utf-8"))})


def named(pattern):
    """Every match of a pattern in the pages' code, with the first page that holds it."""
    found = {}
    for page, code in CODE:
        for match in re.finditer(pattern, code):
            found.setdefault(match.groups(), page)
    return found


# -- writing exercises --------------------------------------------------------------------------

EXAMPLES = [text for text in fenced(AUTHORING, "yaml") if text.startswith("title:")]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.splitlines()[0][7:])
def test_every_example_of_an_exercise_is_a_good_one(text):
    report = grader.check(grader.open(text, slug="example"), seeds=range(25))
    assert report.faults == report.warnings == ()
    assert [(sample.answer, sample.why) for sample in report.samples if not sample.ok] == []


def test_there_is_an_example_of_every_kind():
    kinds = {part.kind for text in EXAMPLES for part in grader.open(text, slug="x").parts}
    assert kinds == set(KINDS)


def test_the_faults_told_of_the_wrong_exercise_are_the_ones_that_check_tells(
    tmp_path, monkeypatch, capsys
):
    (wrong,) = (text for text in fenced(AUTHORING, "yaml") if not text.startswith("title:"))
    (told,) = fenced(AUTHORING, "text")
    (tmp_path / "light.yaml").write_text(wrong, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "light.yaml"]) == 1
    assert capsys.readouterr().out == told


def patterns_shown():
    """Rows of the table of patterns: the pattern, what meets it, what does not."""
    for line in AUTHORING.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and "“" in cells[2]:
            pattern = cells[0].strip("`").replace("\\|", "|")
            met, unmet = (re.findall(r"“(.*?)”", cell) for cell in cells[2:])
            yield pytest.param(pattern, met, unmet, id=pattern)


PATTERNS = list(patterns_shown())


def test_the_table_of_patterns_is_read():
    assert len(PATTERNS) == 15


@pytest.mark.parametrize(("pattern", "met", "unmet"), PATTERNS)
def test_a_pattern_means_what_the_table_says(pattern, met, unmet):
    rules = compile_rules(
        "Why?",
        {
            "model": "So.",
            "lexicon": {"state": ("state", "hidden vector")},
            "concepts": {"idea": {"need": "optional", "any": (pattern,)}},
            "guards": {"salad": "allow"},
        },
    )
    assert met
    assert unmet
    for text in met:
        assert see(rules, text).concepts["idea"].polarity == "affirmed", text
    for text in unmet:
        assert see(rules, text).concepts["idea"].polarity in ("absent", "half"), text


def test_every_slip_key_and_near_miss_of_a_lookup_is_named():
    codes = {code for family in STAGES_OF for code in slip_codes(family)}
    for name in (*codes, *BODY_KEYS, *STAGES, *NEAR):
        assert f"`{name}`" in AUTHORING, name


# -- links --------------------------------------------------------------------------------------


def anchors(page):
    for heading in re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@every_page
def test_relative_links_lead_somewhere(page):
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(there), target


def test_the_pages_that_others_point_to_are_there():
    names = {str(page.relative_to(ROOT)) for page in DOCS}
    assert {
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/words.md",
        "docs/authoring.md",
    } <= names


# -- commands and paths -------------------------------------------------------------------------


def test_scripts_that_are_named_exist_and_may_be_run():
    found = named(r"(?<![\w/.-])(scripts/[\w-]+|\.ci/[\w-]+)(?![\w/])")
    assert ("scripts/serve",) in found
    for (script,), page in found.items():
        path = ROOT / script
        assert path.is_file(), f"{page}: {script}"
        assert os.access(path, os.X_OK), f"{page}: {script}"


def test_tools_that_are_named_are_installed():
    found = named(r"\.venv/bin/([\w-]+)")
    assert ("python",) in found
    for (tool,), page in found.items():
        assert Path(sys.executable).with_name(tool).exists(), f"{page}: {tool}"


def test_modules_that_are_run_exist():
    found = named(r"python3? -m ([\w.]+)")
    assert ("grading",) in found
    for (module,), page in found.items():
        spec = find_spec(module)
        assert spec is not None, f"{page}: {module}"
        if spec.submodule_search_locations:
            assert find_spec(f"{module}.__main__") is not None, f"{page}: {module}"


def test_commands_of_manage_py_exist():
    commands = get_commands()
    found = named(r"manage\.py ([a-z_]+)")
    assert ("load_content",) in found
    for (command,), page in found.items():
        assert command in commands, f"{page}: {command}"


def test_commands_of_grading_and_their_options_exist(capsys):
    found = named(r"-m grading ([a-z]+)([^|]*)")
    assert {command for command, _ in found} >= {"check", "show", "grade"}
    for (command, rest), page in found.items():
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        told = capsys.readouterr().out
        assert ended.value.code == 0, f"{page}: {command}"
        for option in re.findall(r"--[a-z]+", rest):
            assert option in told, f"{page}: {command} {option}"


def test_files_and_folders_that_are_named_exist():
    found = named(r"^((?:quizsite|exercises|grading|tests|docs|benchmarks|scripts)/[\w./-]*[\w/])$")
    assert ("grading/kind.py",) in found
    for (path,), page in found.items():
        assert (ROOT / path).exists(), f"{page.relative_to(ROOT)}: {path}"

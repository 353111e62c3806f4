"""`scripts/setup` is quick when there is nothing to do, and says what is missing when it cannot."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FONT = "quizsite/static/site/fonts/math.woff2"


def setup(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", folder / "scripts" / "setup"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


NOTHING = "# no packages\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose lock names nothing: all of set-up but the packages."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", folder / "scripts")
    (folder / "scripts" / "font").write_text(f"open({FONT!r}, 'w').write('cut')\n")
    (folder / FONT).parent.mkdir(parents=True)
    (folder / "requirements.txt").write_text(NOTHING)
    return folder


@pytest.fixture
def made(checkout: Path) -> Path:
    """The same, set up."""
    (checkout / "requirements.txt").write_text(NOTHING)
    done = setup(checkout)
    assert done.returncode == 0, done.stderr
    return checkout


def test_it_makes_an_environment_and_the_font_and_then_has_nothing_to_do(made):
    assert (made / ".venv" / "bin" / "python").exists()
    assert (made / FONT).read_text() == "cut"
    fastest = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        again = setup(made)
        fastest = min(fastest, time.perf_counter() - start)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert fastest < 0.3


def test_a_changed_lock_is_installed_anew(made):
    (made / "requirements.txt").write_text("# still no packages\n")
    assert "Installing" in setup(made).stderr
    assert setup(made).stderr == ""


def test_a_lock_that_cannot_be_installed_fails_and_is_tried_again(made):
    (made / "requirements.txt").write_text("./no-such-package-here\n")
    for _ in range(2):
        done = setup(made)
        assert done.returncode == 1
        assert "run this again" in done.stderr


def test_a_set_up_that_was_interrupted_is_finished(made):
    (made / ".venv" / ".complete").unlink()
    shutil.rmtree(next((made / ".venv" / "lib").glob("python3*")) / "site-packages" / "pip")
    again = setup(made)
    assert again.returncode == 0, again.stderr
    assert setup(made).stderr == ""


def test_without_a_python_that_is_new_enough_it_says_what_to_install(checkout, tmp_path):
    (checkout / "requirements.txt").write_text("# needs an environment\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "dirname", "sha256sum", "cut", "cat", "mkdir", "rm"):
        (tools / tool).symlink_to(shutil.which(tool))
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = setup(checkout, PATH=str(tools))
    assert done.returncode == 1
    assert "Python 3.11 or later" in done.stderr
    assert "apt install python3" in done.stderr

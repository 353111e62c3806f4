"""The command line as a program meets it: real processes, away from the checkout."""

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from grading import grader
from grading.__main__ import _box_lines
from grading.exercise import Field

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = ROOT / "exercises" / "content" / "attention" / "01-soft-lookup" / "exercises"
PYTHON = sys.executable

GOOD = """\
title: Half
parts:
  - {name: half, kind: number, prompt: Half of 1?, answer: 0.5}
samples:
  - {answer: "1/2", score: 1}
"""

BROKEN = """\
titel: Half
parts:
  - name: half
    kind: pick
    prompt: Which?
    tokens: a b
    rihgt: [a]
"""

UNKEPT = """\
title: Half
parts:
  - {name: half, kind: number, prompt: Half of 1?, answer: 0.5}
samples:
  - {answer: "1/2", score: 1}
  - {answer: "3,5,7", score: 0}
  - {answer: "2", score: 1}
"""

SECRETS = """\
title: Where does the cat sit?
parts:
  - name: place
    kind: explain
    prompt: Say where the cat sits, and why.
    model: It sits on the kumquat, as the sun shines there.
    concepts:
      warmth: {any: ["sun near shine"], feedback: {missing: Think of the zeppelin.}}
    hints: [{say: A quokka would know., cost: 0.1}]
  - {name: half, kind: number, prompt: Half of 1234?, answer: 617}
samples:
  - {answer: {place: "The sun shines on it.", half: "617"}, score: 1}
"""


@pytest.fixture
def folder(tmp_path):
    """A working directory with nothing of ours in it."""
    return tmp_path


def run(folder, *arguments, stdin=b"", **environment):
    """One command, run in ``folder``: its code, its output and what it complained of."""
    done = subprocess.run(
        [PYTHON, "-m", "grading", *map(os.fspath, arguments)],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(folder, *arguments, **more):
    code, out, complaint = run(folder, *arguments, **more)
    assert (code, complaint) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def graded(folder, exercise, *answers, seed=None):
    """The rows that grading these answers (JSON values, or lines as they are) gives."""
    lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in answers]
    written(folder, "answers.jsonl", b"\n".join(lines) + b"\n")
    chosen = [] if seed is None else ["--seed", str(seed)]
    return rows(folder, "grade", exercise, *chosen, "--answers", "answers.jsonl")


# -- check --------------------------------------------------------------------------------------


def test_a_good_file_is_said_to_be_good_and_ends_in_0(folder):
    written(folder, "half.yaml", GOOD)
    code, out, complaint = run(folder, "check", "half.yaml")
    assert (code, complaint) == (0, "")
    assert out == "half.yaml: good: 1/1 samples, 1 seed(s)\n"


def test_a_broken_file_ends_in_1_and_every_fault_has_its_line_and_column(folder):
    written(folder, "broken.yaml", BROKEN)
    code, out, _ = run(folder, "check", "broken.yaml")
    assert code == 1
    assert [line.split(": ")[0] for line in out.splitlines()] == [
        "broken.yaml:1:1",
        "broken.yaml:1:1",
        "broken.yaml:3:5",
        "broken.yaml:7:5",
    ]
    assert "broken.yaml:7:5: `rihgt` is not known here. Did you mean `right`?" in out


def test_a_sample_that_breaks_its_promise_is_told_at_its_line(folder):
    written(folder, "unkept.yaml", UNKEPT)
    code, out, _ = run(folder, "check", "unkept.yaml")
    unread, wrong, last = out.splitlines()
    assert code == 1
    assert unread.startswith("unkept.yaml:6:5: sample 2: '3,5,7' promised score 0; got unreadable")
    assert wrong.startswith("unkept.yaml:7:5: sample 3: '2' promised score 1; got score 0")
    assert last == "unkept.yaml: FAILS: 1/3 samples, 1 seed(s)"


def test_a_folder_is_checked_through_and_one_bad_file_does_not_hide_the_others(folder):
    (folder / "deep" / "er").mkdir(parents=True)
    written(folder, "deep/a.yaml", BROKEN)
    written(folder, "deep/b.yaml", b"title: \xff\n")
    written(folder, "deep/er/c.yaml", GOOD)
    code, out, complaint = run(folder, "check", "deep")
    assert (code, complaint) == (1, "")
    assert "deep/a.yaml:1:1: " in out
    assert "deep/b.yaml:1:1: deep/b.yaml cannot be read: it is not text in UTF-8.\n" in out
    assert out.endswith("deep/er/c.yaml: good: 1/1 samples, 1 seed(s)\n")


def test_seeds_says_how_many_variants_are_proved(folder):
    code, out, _ = run(folder, "check", EXERCISES / "full-soft-lookup.yaml", "--seeds", "2")
    assert code == 0
    assert out.endswith(" samples, 2 seed(s)\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "nowhere.yaml"], "There is no file or folder 'nowhere.yaml'.\n"),
        (["check", "."], "There are no exercises (*.yaml) there.\n"),
        (["check", "half.yaml", "--seeds", "0"], "--seeds is at least 1.\n"),
        (["check", "x" * 300], f"There is no file or folder '{'x' * 300}'.\n"),
        (["show", "nothing"], "There is no file and no exercise called 'nothing'.\n"),
        (["show", "*"], "There is no file and no exercise called '*'.\n"),
        (["show", "x" * 300], f"There is no file and no exercise called '{'x' * 300}'.\n"),
        (["read", "--lines", "nowhere"], "nowhere cannot be read: No such file or directory.\n"),
        (["grade", "mix-four-values", "--answers", "."], ". cannot be read: Is a directory.\n"),
    ],
)
def test_a_wrong_call_ends_in_one_sentence_and_2(folder, arguments, sentence):
    if "half.yaml" in arguments:
        written(folder, "half.yaml", GOOD)
    assert run(folder, *arguments) == (2, "", sentence)


@pytest.mark.parametrize("seed", ["-1", "9223372036854775808", "1.5", "1" * 5000])
def test_a_seed_out_of_range_is_told_in_a_sentence(folder, seed):
    code, out, complaint = run(folder, "show", "mix-four-values", f"--seed={seed}")
    assert (code, out) == (2, "")
    assert complaint.endswith(" a seed is a whole number from 0 to 9223372036854775807\n")


def test_the_largest_seed_is_a_seed(folder):
    code, out, _ = run(folder, "show", "full-soft-lookup", "--seed", str(2**63 - 1))
    assert code == 0
    assert out.startswith("# A soft lookup")


def test_a_broken_exercise_is_not_graded_and_its_faults_are_told(folder):
    written(folder, "broken.yaml", BROKEN)
    written(folder, "answers", '"a"\n')
    code, out, complaint = run(folder, "grade", "broken.yaml", "--answers", "answers")
    assert (code, out) == (2, "")
    assert "broken.yaml: line 7, column 5: `rihgt` is not known here." in complaint


def test_a_proof_that_is_interrupted_ends_without_a_traceback(folder):
    written(folder, "half.yaml", GOOD)
    long = EXERCISES / "full-soft-lookup.yaml"
    call = [PYTHON, "-m", "grading", "check", "half.yaml", str(long), "--seeds", "1000000"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

    def hear_interrupts() -> None:
        # Whoever starts the tests in the background may have had them ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        call, cwd=folder, env=environment, preexec_fn=hear_interrupts, **pipes
    ) as running:
        try:
            assert running.stdout.readline().startswith(b"half.yaml: good")
            running.send_signal(signal.SIGINT)
            out, complaint = running.communicate(timeout=30)
        finally:
            running.kill()
    assert (running.returncode, out, complaint) == (130, b"", b"")


def test_what_stumbles_inside_is_told_in_a_line(folder):
    written(folder, "half.yaml", GOOD)
    script = (
        "import sys\n"
        "from grading.kinds.number import Number\n"
        "from grading.__main__ import main\n"
        "Number.mark = lambda *_: 1 / 0\n"
        "sys.exit(main(['check', 'half.yaml']))\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "half.yaml:3:5: With seed 0: the model answer of `half` is not marked" in done.stdout
    assert "part half of half could not be decided: ZeroDivisionError(" in done.stderr
    assert "Traceback" not in done.stderr


# -- show ---------------------------------------------------------------------------------------


def test_show_is_the_same_every_time_and_differs_between_seeds(folder):
    one, again, other = (
        run(folder, "show", "full-soft-lookup", "--seed", seed)[1] for seed in ("3", "3", "4")
    )
    assert one == again != other
    variant = grader.vary(
        grader.open((EXERCISES / "full-soft-lookup.yaml").read_text(), slug="x"), seed=3
    )
    for given in variant.given:
        for row in given.values:
            assert "  ".join(row) in one


def test_show_names_the_cells_of_a_box_and_says_what_is_asked_of_it(folder):
    _, out, _ = run(folder, "show", "full-soft-lookup")
    products = out.split("- products (grid 4x4): ")[1].split("\n- ")[0].splitlines()
    assert products[1:] == [
        "    Give at least 2 decimal places.",
        "    rows: word 1, word 2, word 3, word 4",
        "    columns: component 1, component 2, component 3, component 4",
    ]


def test_given_cells_of_a_box_are_shown_and_the_others_left_open():
    field = Field(name="m", widget="grid", label="M", shape=(2, 2), fixed=("1", "", "", "1/2"))
    assert list(_box_lines(field)) == ["1  __", "__  1/2"]


def test_show_never_tells_a_key_a_model_or_a_hint(folder):
    path = written(folder, "secrets.yaml", SECRETS)
    assert run(folder, "check", "secrets.yaml")[0] == 0
    code, out, _ = run(folder, "show", "secrets.yaml")
    assert code == 0
    assert "Say where the cat sits" in out
    assert "Half of 1234?" in out
    for secret in ("617", "kumquat", "quokka", "zeppelin", "warmth", "sun"):
        assert secret in path.read_text()
        assert secret not in out


def test_a_terminal_that_knows_only_ascii_still_gets_an_answer(folder):
    code, out, _ = run(folder, "show", "mix-four-values", PYTHONIOENCODING="ascii")
    assert code == 0
    assert r"\u201cit\u201d" in out


def test_output_that_nobody_reads_on_is_no_fault(folder):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [PYTHON, "-m", "grading", "show", "mix-four-values"],
        cwd=folder,
        stdout=writer,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


# -- read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["72%"], "18/25"),
        (["-3"], "-3"),
        (["--", "-3"], "-3"),
        (["--", "-1/2"], "-1/2"),
        (["-1/2"], "-1/2"),
        (["-sqrt(4)"], "-2"),
        (["--shape", "2", "-1/2, -3"], ["-1/2", "-3"]),
        (["-1/2, -3", "--shape=2"], ["-1/2", "-3"]),
        (["exp(1)"], None),
        (["3.09, 1.37", "--shape", "2"], ["309/100", "137/100"]),
        (
            ["--shape", "3x2", "--", "-1,2; 3,4; 5,exp(1)"],
            [["-1", "2"], ["3", "4"], ["5", None]],
        ),
    ],
)
def test_read_tells_the_exact_value_as_text(folder, arguments, value):
    (row,) = rows(folder, "read", *arguments)
    assert row["value"] == value


def test_read_answers_each_line_on_its_own(folder):
    values = [b'"0.1"', b"3", b"null", b'["1"]', b"{no", b'"1/0"', b'"\xff"', b'"\\ud800"']
    lines = b"\r\n".join([*values, b"[" * 100_000, b"1" * 5000, '"1\u2028"'.encode(), b'"7"'])
    written(folder, "lines", b"\xef\xbb\xbf" + lines + b"\n\n")
    first, *wrong, last = rows(folder, "read", "--lines", "lines")
    assert first == {"value": "1/10", "float": 0.1}
    assert last == {"value": "7", "float": 7.0}
    assert [row.get("error") for row in wrong] == [
        "type",
        "type",
        "type",
        "json",
        "division-by-zero",
        "json",
        "unknown-character",
        "json",
        "json",
        "unknown-character",
    ]
    for row in wrong:
        start, end = row["span"]
        assert 0 <= start <= end
        assert row["message"].endswith((".", "it."))
    assert wrong[3]["message"].startswith("Line 5 is not JSON: ")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_no_lines_are_no_rows(folder, content):
    written(folder, "lines", content)
    assert run(folder, "read", "--lines", "lines") == (0, "", "")


def test_a_line_of_a_million_characters_is_told_in_a_sentence(folder):
    written(folder, "lines", b'"' + b"1" * 1_000_000 + b'"\n"1"\n')
    long, short = rows(folder, "read", "--lines", "lines")
    assert (long["error"], long["span"]) == ("too-long", [500, 1_000_000])
    assert short["value"] == "1"


def test_an_unknown_option_is_no_text(folder):
    code, out, complaint = run(folder, "read", "--places", "2")
    assert (code, out) == (2, "")
    assert "--places" in complaint or "required" in complaint


def test_reading_loads_neither_sympy_nor_a_site(folder):
    script = (
        "import sys\n"
        "from grading.__main__ import main\n"
        "code = main(['read', 'sqrt(2), 1/3', '--shape', '2'])\n"
        "loaded = {'sympy', 'django', 'celery', 'rapidfuzz'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {loaded}' if loaded else code)\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", script],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_read_takes_standard_input(folder):
    found = rows(folder, "read", "--lines", "-", "--shape", "2", stdin=b'"1, 2"\n"1"\n')
    assert found[0]["value"] == ["1", "2"]
    assert (found[1]["error"], found[1]["span"]) == ("cell-count", [0, 1])


def test_standard_input_is_utf_8_whatever_the_terminal_is(folder):
    line = '"\u22123"\n'.encode()
    (row,) = rows(folder, "read", "--lines", "-", stdin=line, PYTHONIOENCODING="latin-1")
    assert row["value"] == "-3"


@pytest.mark.parametrize("shape", ["0", "2x", "1x401", "9" * 5000, "1x2x3"])
def test_a_shape_that_is_none_is_told_in_a_sentence(folder, shape):
    code, out, complaint = run(folder, "read", "1", f"--shape={shape}")
    assert (code, out) == (2, "")
    assert "a shape is a count such as 2, or rows x columns such as 3x2" in complaint


# -- grade --------------------------------------------------------------------------------------


def test_a_right_and_a_wrong_answer_are_marked_with_reasons(folder):
    right, wrong = graded(folder, "mix-four-values", "3.09, 1.37", "4, 1")
    assert (right["outcome"], right["score"]) == ("marked", 1)
    assert [(f["code"], f["tone"]) for f in right["findings"]] == [("stage-right", "right")]
    assert (wrong["outcome"], wrong["score"]) == ("marked", 0)
    (finding,) = wrong["findings"]
    assert (finding["code"], finding["tone"]) == ("hard-lookup", "wrong")
    assert finding["message"].startswith("That is the strongest key alone.")


def test_an_exercise_is_named_by_its_slug_or_its_file(folder):
    by_slug = graded(folder, "mix-four-values", "3.1, 1.4")
    by_file = graded(folder, EXERCISES / "mix-four-values.yaml", "3.1, 1.4")
    assert by_slug == by_file
    assert by_slug[0]["score"] == 0.9


def test_without_a_seed_it_is_0(folder):
    path = EXERCISES / "full-soft-lookup.yaml"
    variant = grader.vary(grader.open(path.read_text(), slug="x"), seed=0)
    answer = {name: dict(worked.answer) for name, worked in grader.solve(variant).items()}
    assert graded(folder, path, answer)[0]["score"] == 1
    assert graded(folder, path, answer, seed=0)[0]["score"] == 1
    assert graded(folder, path, answer, seed=1)[0]["score"] < 1


def test_quotes_are_stretches_of_the_answer_as_typed(folder):
    answers = [
        "  All goes through ONE fixed state 🙂, and each new word overwrites the old ones!",
        "Some say that it is only slow, but one vector has to hold it all.",
        "Il n’y a qu’un seul état, et chaque mot en efface un peu. " * 2,
        "fixed state, overwritten, gradients, chain, dilution, summary",
        ("The early words fade a little with every step. " * 220)[:10_000],
    ]
    quoted = 0
    for answer, row in zip(answers, graded(folder, "rnn-bottleneck", *answers), strict=True):
        assert row["outcome"] in ("marked", "review")
        assert (row["score"] is None) == (row["outcome"] == "review")
        for finding in row["findings"]:
            assert set(finding) == {"code", "tone", "message", "quotes"}
            for quote in finding["quotes"]:
                assert quote["text"] == answer[quote["start"] : quote["end"]] != ""
                quoted += 1
    assert quoted >= len(answers)


def test_an_answer_in_another_language_goes_to_a_person(folder):
    spanish = "El estado oculto tiene que guardar toda la frase y se pierde la memoria."
    (row,) = graded(folder, "rnn-bottleneck", spanish)
    assert (row["outcome"], row["score"]) == ("review", None)


def test_what_is_no_answer_is_an_unreadable_row_and_the_others_are_marked(folder):
    strange = [3.09, None, True, [], ["1", "2"], {}, "", " \n", "3,09, 1,37", "3.09"]
    strange += [{"output": "3.09, 1.37"}, {"output": {"output": 3}}, {"output": {"": "1, 2"}}]
    strange += [{"nobody": {"output": "1"}}, {"output": {"nothing": "1"}}, "\ud800, 1"]
    strange += [{"output": {"output": "\udfff"}}, {"\ud800": {"\ud800": "\ud800"}}, "1" * 10_000]
    strange += [b"{no json", b"[" * 100_000, b"1" * 5000, b'"\xff"', "x" * 10_000]
    *found, last = graded(folder, "mix-four-values", *strange, "3.09, 1.37")
    assert last["score"] == 1
    assert len(found) == len(strange)
    for answer, row in zip(strange, found, strict=True):
        assert (row["outcome"], row["score"]) == ("unreadable", None), answer
        assert row["findings"], answer
        for finding in row["findings"]:
            assert finding["tone"] == "ask"
            assert finding["message"].endswith((".", "?")), finding
            for quote in finding["quotes"]:
                text = answer["output"]["output"] if isinstance(answer, dict) and answer else answer
                stretch = "" if not isinstance(text, str) else text[quote["start"] : quote["end"]]
                assert quote["text"] == stretch


def test_prose_that_cannot_be_kept_is_unreadable(folder):
    answers = ["\ud800 one state", "one \0 state", "a" * 10_001]
    found = graded(folder, "rnn-bottleneck", *answers)
    assert [row["findings"][0]["code"] for row in found] == ["character", "character", "too-long"]
    for answer, row in zip(answers, found, strict=True):
        (quote,) = row["findings"][0]["quotes"]
        assert quote["text"] == answer[quote["start"] : quote["end"]]


def test_an_exercise_of_several_boxes_takes_its_answers_by_part_and_box(folder):
    path = written(folder, "secrets.yaml", SECRETS)
    part = {"place": {"text": "The sun shines on it."}}
    found = graded(folder, path, "617", {**part, "half": {"number": "617"}}, part)
    bare, both, one = found
    assert (bare["outcome"], bare["findings"][0]["code"]) == ("unreadable", "type")
    assert both["score"] == 1
    assert one["score"] == 0.5
    assert "not-attempted" in [finding["code"] for finding in one["findings"]]


def test_scores_are_numbers_from_0_to_1(folder):
    seen = set()
    for row in graded(folder, "mix-four-values", "3.09, 1.3", "4, 1", "3.1, 1.4", "3.09, 1.37"):
        assert type(row["score"]) is float
        seen.add(Fraction(row["score"]).limit_denominator(100))
    assert seen == {Fraction(1, 4), Fraction(0), Fraction(9, 10), Fraction(1)}


# -- what it stands on --------------------------------------------------------------------------


def test_no_site_and_no_queue_is_loaded(folder):
    script = (
        "import sys\n"
        "from grading.__main__ import main\n"
        "code = main(['check', sys.argv[1]])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(loaded & {'django', 'celery', 'redis', 'exercises', 'quizsite'}))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", script, EXERCISES],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *_, checked, loaded = done.stdout.split("\n")[:-1]
    assert ": good: " in checked
    assert loaded == ""

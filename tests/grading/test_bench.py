"""The bench by its doors and from the shell: what is printed, and how bad files end."""

import io
import json
import sys

import pytest

from grading import grader
from grading.__main__ import main

EXERCISE = """\
title: Why does dough rise?
parts:
  - name: why
    kind: explain
    prompt: Why does dough rise?
    model: The yeast makes gas, and the dough holds the gas.
    concepts:
      makes_gas: {any: ["yeast / make|release / gas"]}
      held_in: {any: ["dough / hold|trap / gas"]}
    misconceptions:
      hot_air: {any: ["air / get / hot"], effect: void}
    labels:
      correct: [makes_gas, held_in]
      partial: {any_of: [makes_gas, held_in]}
      else: incorrect
samples:
  - {answer: "The yeast makes gas, and the dough holds the gas.", label: correct}
"""

BODY = EXERCISE[EXERCISE.index("    kind: explain") : EXERCISE.index("samples:")]
TWO_PARTS = f"""\
title: Twice
parts:
  - name: why
{BODY}  - name: again
{BODY}samples:
  - {{answer: {{why: The yeast makes gas.}}, finding: makes_gas}}
"""

MARKED = """\
id,answer,label,kind,q
1,"The yeast makes gas, and the dough holds the gas.",correct,plain,q1
2,Tiny bugs breathe out inside.,correct,analogy,q1
3,Bugs are breathing out there.,correct,analogy,q1
4,The air gets hot.,incorrect,plain,q1
5,The yeast makes gas.,partial,plain,q2
6,,partial,plain,q2
7,Nobody knows.,wrong,plain,q2
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dough.yaml").write_text(EXERCISE)
    (tmp_path / "bread.yaml").write_text(EXERCISE)
    (tmp_path / "marked.csv").write_text(MARKED)
    return tmp_path


def bench(capsys, *arguments):
    code = main(["bench", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_report_is_told_within_the_width_of_a_terminal(folder, capsys):
    code, out, err = bench(capsys, "dough.yaml", "--marked", "marked.csv")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    for line in (
        "2-way accuracy                0.60 [0.23, 0.88]",
        "nothing, correct                         2 of 3",
        "correct                           1          0          2          0",
        "makes_gas               required       2      2    1.00 [0.34, 1.00]      2/3",
        "Marked differently from the person (2)",
        "  2 alike (2 correct): breathe, bugs",
        "        2/2         0/1      2.71  breathe near bugs",
    ):
        assert any(told.startswith(line) for told in out.splitlines()), line
    assert err.splitlines() == [
        "marked.csv:7: left out: There is no answer.",
        "marked.csv:8: left out: “wrong” is no label: write correct, partial or incorrect, "
        "or a score from 0 to 1.",
    ]


def test_a_program_gets_the_same_as_json(folder, capsys):
    code, out, _ = bench(capsys, "dough.yaml", "--marked", "marked.csv", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["answers"] == 5
    assert told["confusion"]["correct"] == {
        "correct": 1,
        "partial": 0,
        "incorrect": 2,
        "sent": 0,
    }
    assert told["strict"]["two_way"]["part"] == 3
    assert told["zero_to_correct"]["whole"] == 3
    assert set(told["kinds"]) == {"plain", "analogy"}
    assert [rule["name"] for rule in told["rules"]] == ["makes_gas", "held_in", "hot_air"]
    assert [a["line"] for a in told["misjudged"]] == [3, 4]
    assert told["misjudged"][0]["marked"] == "incorrect"
    assert told["unseen"]["groups"][0]["labels"] == {"correct": 2}
    assert {"bugs", "breathe"} & {
        word for s in told["suggestions"] for word in s["pattern"].split()
    }


def test_rows_are_chosen_by_what_stands_in_a_column(folder, capsys):
    for chosen in (["dough.yaml=q2"], ["dough.yaml", "--only", "q=q2"]):
        _, out, _ = bench(capsys, *chosen, "--marked", "marked.csv", "--json")
        assert json.loads(out)["answers"] == 1


def test_several_exercises_are_pooled(folder, capsys):
    pairs = ["dough.yaml=q1", "bread.yaml=q2", "--marked", "marked.csv"]
    code, out, _ = bench(capsys, *pairs)
    assert code == 0
    lines = out.splitlines()
    assert lines[1].split()[:3] == ["dough", "4", "0.50"]
    assert lines[2].split()[:3] == ["bread", "1", "1.00"]
    assert any(line.split() == ["answers", "5", "5", "5"] for line in lines)
    assert "dough: marked differently from the person (2)" in lines
    _, out, _ = bench(capsys, *pairs, "--json")
    told = json.loads(out)
    assert told["exercises"]["dough"]["answers"] == 4
    assert told["pooled"]["answers"] == 5


def test_an_edited_rule_is_held_against_the_one_before(folder, capsys):
    edited = EXERCISE.replace('gas"]}\n      held', 'gas", "bugs near breathe"]}\n      held')
    (folder / "edited.yaml").write_text(edited)
    arguments = ["dough.yaml", "--marked", "marked.csv", "--against", "edited.yaml"]
    code, out, _ = bench(capsys, *arguments)
    assert code == 0
    assert out.startswith("2 answers change: 2 better, 0 worse, 0 neither.")
    assert "better   line 3      person: correct    rules: incorrect -> partial" in out
    _, out, _ = bench(capsys, *arguments, "--json")
    told = json.loads(out)
    assert [(one["line"], one["effect"]) for one in told["changed"]] == [
        (3, "better"),
        (4, "better"),
    ]
    assert (
        told["after"]["strict"]["quadratic_kappa"]["value"]
        > (told["before"]["strict"]["quadratic_kappa"]["value"])
    )


def test_every_pattern_is_told_of_when_asked(folder, capsys):
    _, out, _ = bench(capsys, "dough.yaml", "--marked", "marked.csv", "--patterns")
    assert "    yeast / make|release / gas  (2 met, 0 wrong, 2 by it alone)" in out


def test_marked_answers_come_by_standard_input_too(folder, capsys, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(b"answer,label\nThe air gets hot.,0\n"))
    monkeypatch.setattr(sys, "stdin", stream)
    _, out, _ = bench(capsys, "dough.yaml", "--marked", "-", "--json")
    assert json.loads(out)["confusion"]["incorrect"]["incorrect"] == 1


def test_what_the_box_refuses_is_told_by_its_line(folder, capsys):
    rows = [
        {"answer": "The air gets hot.", "label": 0},
        {"answer": "  \n", "label": 0},
        {"answer": "word " * 2001, "label": 0},
        {"answer": "a\ud800", "label": 0},
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    code, out, err = bench(capsys, "dough.yaml", "--marked", "rows.jsonl", "--json")
    assert code == 0
    assert [line.split(": ")[0] for line in err.splitlines()] == [
        f"rows.jsonl:{at}" for at in (2, 3, 4)
    ]
    assert [refused["line"] for refused in json.loads(out)["refused"]] == [2, 3, 4]


def test_signs_that_steer_a_terminal_are_not_printed(folder, capsys):
    row = {"answer": "\x1b[31mred \u202eback", "label": "correct", "kind": "\x1b]0;title\x07"}
    (folder / "rows.jsonl").write_text(json.dumps(row))
    _, out, _ = bench(capsys, "dough.yaml", "--marked", "rows.jsonl")
    assert not set("\x1b\x07\u202e") & set(out)
    assert "red back" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["dough.yaml", "--marked", "none.csv"], "none.csv cannot be read"),
        (["dough.yaml", "--marked", "."], "cannot be read"),
        (["dough.yaml", "--marked", "dough.yaml"], "no column `answer`"),
        (["none", "--marked", "marked.csv"], "no exercise called 'none'"),
        (["dough.yaml=q3", "--marked", "marked.csv"], "no marked answer that can be used for"),
        (["dough.yaml", "--marked", "marked.csv", "--only", "q=q3"], "no marked answer"),
        (["dough.yaml", "bread.yaml", "--marked", "marked.csv"], "EXERCISE=Q each"),
        (["dough.yaml=q1", "dough.yaml=q2", "--marked", "marked.csv"], "named twice"),
        (["dough.yaml", "--marked", "marked.csv", "--against", "none.yaml"], "no exercise called"),
        (["dough.yaml", "--marked", "marked.csv", "--part", "how"], "decided by rules: why"),
        (["number.yaml", "--marked", "marked.csv"], "no part of it is decided by rules"),
        (["two.yaml", "--marked", "marked.csv"], "decided by rules: why, again"),
        (["broken.yaml", "--marked", "marked.csv"], "broken.yaml: line 1"),
    ],
)
def test_a_call_that_cannot_be_served_ends_in_a_sentence(folder, capsys, arguments, says):
    (folder / "two.yaml").write_text(TWO_PARTS)
    (folder / "broken.yaml").write_text("titel: x\n")
    (folder / "number.yaml").write_text(
        "title: Half\nparts:\n  - {name: half, kind: number, prompt: Half?, answer: 0.5}\n"
        "samples:\n  - {answer: '0.5', score: 1}\n"
    )
    code, out, err = bench(capsys, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_a_part_is_chosen_by_name(folder, capsys):
    (folder / "two.yaml").write_text(TWO_PARTS)
    code, _, _ = bench(capsys, "two.yaml", "--marked", "marked.csv", "--part", "again")
    assert code == 0


def test_the_doors_take_rows_from_anywhere():
    exercise = grader.open(EXERCISE, slug="dough")
    rows = [grader.Marked(answer="The yeast makes gas.", label="partial")]
    report = grader.bench(exercise, rows)
    assert isinstance(report, grader.Bench)
    assert grader.pool({"dough": report}).alone.three.value == 1
    assert grader.compare(report, report).changed == ()
    assert grader.read_marked(b"answer,label\nx,1\n").rows[0].label == "correct"


def test_the_bench_marks_as_grading_does():
    exercise = grader.open(EXERCISE, slug="dough")
    answers = [
        row.split('"')[1] if '"' in row else row.split(",")[1] for row in MARKED.split("\n")[1:6]
    ]
    rows = [grader.Marked(answer=answer, label="correct") for answer in answers]
    variant = grader.vary(exercise, seed=0)
    names = {1: "correct", 0: "incorrect"}
    for judged in grader.bench(exercise, rows).judged:
        verdict = grader.grade(variant, {"why": {"text": judged.row.answer}})
        assert (verdict.outcome == "review") == (judged.told is None)
        assert judged.told == names.get(verdict.score, "partial")

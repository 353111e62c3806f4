"""Marked answers read from rows: labels, scores, what is left out, what looks like a mistake."""

import json

import pytest

from grading.concepts.bench.answers import read_marked


def of(*objects, **options):
    return read_marked("\n".join(map(json.dumps, objects)).encode(), **options)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("correct", "correct"),
        (" Partial ", "partial"),
        ("INCORRECT", "incorrect"),
        (1, "correct"),
        ("1.0", "correct"),
        ("100%", "correct"),
        (0, "incorrect"),
        ("0,0", "incorrect"),
        (0.5, "partial"),
        (".25", "partial"),
        ("99 %", "partial"),
    ],
)
def test_a_label_is_a_word_or_a_score(written, label):
    (row,) = of({"answer": "a", "label": written}).rows
    assert row.label == label


@pytest.mark.parametrize(
    "written", ["good", "2", "101%", "-1", "1e0", "nan", "½", True, None, "", [], {}, "1" * 5000]
)
def test_any_other_label_is_told_by_its_line(written):
    read = of({"answer": "a", "label": 1}, {"answer": "b", "label": written})
    assert [row.answer for row in read.rows] == ["a"]
    ((line, message),) = [(bad.line, bad.message) for bad in read.bad]
    assert line == 2
    assert "write correct, partial or incorrect, or a score from 0 to 1" in message


@pytest.mark.parametrize("answer", [None, "", 7, ["a"]])
def test_what_is_no_answer_is_told_by_its_line(answer):
    assert [bad.line for bad in of({"answer": answer, "label": "correct"}).bad] == [1]


def test_an_answer_is_kept_as_typed():
    (row,) = of({"answer": "  =1+1\n ", "label": 1}).rows
    assert row.answer == "  =1+1\n "


def test_what_stands_beside_is_kept():
    told = {"id": 7, "kind": "plain", "q": "q1", "ideas": ["a", "b"], "more": {}}
    (row,) = of({"answer": "a", "label": 1, **told}).rows
    assert (row.id, row.kind, row.of, row.ideas) == ("7", "plain", "q1", {"a", "b"})
    (row,) = read_marked(b"answer,label,ideas\na,1,one; two\n").rows
    assert row.ideas == {"one", "two"}
    (row,) = of({"answer": "a", "label": 1}).rows
    assert row.ideas is None


def test_only_the_rows_asked_for_are_kept_and_the_others_counted():
    rows = [{"answer": "a", "label": "x", "q": q} for q in ("q1", "q2")]
    rows[1]["label"] = "correct"
    read = of(*rows, only={"q": "q2"})
    assert (len(read.rows), read.bad, read.passed_over) == (1, (), 1)
    assert of(*rows, only={"r": "q2"}).passed_over == 2


def test_ids_that_stand_twice_and_answers_labelled_twice_are_remarked_on_and_counted():
    read = of(
        {"answer": "The same", "label": 1, "id": "a"},
        {"answer": "the  same", "label": 0, "id": "b"},
        {"answer": "another", "label": 0, "id": "a"},
        {"answer": "another", "label": 1, "id": "a", "q": "q2"},
    )
    assert len(read.rows) == 4
    assert [(note.line, note.message.split()[1]) for note in read.notes] == [
        (2, "same"),
        (3, "id"),
    ]

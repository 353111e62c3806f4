from fractions import Fraction

import pytest

from grading.document import LONGEST, read_document, unknown_keys
from grading.errors import BrokenExercise, Fault


def faults_of(text):
    with pytest.raises(BrokenExercise) as caught:
        read_document(text)
    return caught.value.faults


def test_numbers_are_exactly_what_was_written():
    document = read_document("w: [0.72, .05, 1e-2, -3, 0.1]")
    assert document.value == {
        "w": (Fraction(18, 25), Fraction(1, 20), Fraction(1, 100), Fraction(-3), Fraction(1, 10))
    }


def test_words_that_other_yaml_takes_for_truth_stay_words():
    assert read_document("a: yes\nb: on\nc: true").value == {"a": "yes", "b": "on", "c": True}


def test_every_value_knows_its_line_and_column():
    document = read_document("title: Mix\nparts:\n  - name: a\n    points: 2\n")
    assert document.spots["parts", 0, "points"] == (4, 5)
    assert document.typed["parts", 0, "points"] == "2"


def test_a_fault_is_placed_at_the_nearest_thing_that_has_a_place():
    document = read_document("parts:\n  - name: a\n")
    fault = document.locate(Fault(code="x", message="m", place=("parts", 0, "prompt", 3)))
    assert (fault.line, fault.column) == (2, 5)


def test_faults_come_in_reading_order():
    document = read_document("a: 1\nb: 2\n")
    late, early = (
        Fault(code="b", message="", place=("b",)),
        Fault(code="a", message="", place=("a",)),
    )
    assert [fault.code for fault in document.locate_all([late, early])] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: [1, 2", "yaml", 1, 9),
        ("a: 1\na: 2", "twice", 2, 1),
        ("a: &x 1\nb: 2", "alias", 1, 4),
        ("a: !!python/object/apply:os.system [id]", "tag", 1, 1),
        ("a: !thing x", "tag", 1, 1),
        ("a: .nan", "number", 1, 1),
        ("a: .inf", "number", 1, 1),
        ("a: 0x1F", "number", 1, 1),
        ("a: 1e9999", "number", 1, 1),
        ("? [1]\n: 2", "key", 1, 1),
        ("", "empty", 1, 1),
        ("- 1\n---\n- 2", "yaml", 2, 1),
        ("a: x\x00y", "character", 1, 5),
        ("ok: 1\nb: \x1b[0m", "character", 2, 4),
        ('a: "x\\0y"', "character", 1, 1),
        ('a: "\\ud800"', "character", 1, 1),
        ("x" * (LONGEST + 1), "too-long", 1, 1),
    ],
)
def test_what_an_exercise_does_not_need_is_refused_where_it_stands(text, code, line, column):
    (fault, *_) = faults_of(text)
    assert (fault.code, fault.line, fault.column) == (code, line, column)
    assert fault.message.endswith((".", "again."))


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 5000, "[" * 50 + "]" * 50, "{a: " * 40 + "1" + "}" * 40]
)
def test_deep_nesting_ends_in_a_sentence(text):
    assert faults_of(text)


def test_a_billion_laughs_are_refused_before_the_first():
    text = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert {fault.code for fault in faults_of(text)} == {"alias"}


def test_an_unknown_key_is_told_with_the_one_it_resembles():
    (near,) = unknown_keys({"tirtes": 1}, ["title", "tries"])
    assert "Did you mean `tries`?" in near.message
    (far,) = unknown_keys({"zzz": 1}, ["title", "tries"])
    assert "title, tries" in far.message


def test_a_mark_of_byte_order_before_the_text_is_not_seen():
    assert read_document("\ufefftitle: One").value == read_document("title: One").value

import copy
import json
from fractions import Fraction
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from grading import grader
from grading.errors import BrokenExercise
from tests.grading.exercises import PICK, TWO_PARTS, opened


def faults_of(text):
    with pytest.raises(BrokenExercise) as caught:
        grader.open(text, slug="x")
    return [(fault.line, fault.column, fault.code) for fault in caught.value.faults]


def test_an_exercise_is_what_was_written():
    exercise = opened(PICK, "who")
    assert (exercise.slug, exercise.title, exercise.tries) == ("who", "Who helped?", 3)
    (part,) = exercise.parts
    assert (part.name, part.kind, part.points) == ("who", "pick", Fraction(1))
    assert [hint.cost for hint in part.hints] == [Fraction(1, 10), Fraction(1, 5)]
    assert exercise.samples[1].finding == "pick-wrong"


def test_the_digest_names_one_wording():
    assert opened(PICK).digest == opened(PICK).digest != opened(PICK + "\n").digest


def test_a_sample_of_several_parts_answers_each():
    assert opened(TWO_PARTS).samples[0].answer == {"first": {"": "cat"}, "second": {"": "cat"}}


def test_all_faults_are_told_at_once_each_at_its_line_and_column():
    text = """\
titel: x
tries: 0
release: later
parts:
  - name: A b
    kind: pik
    prompt: ""
  - name: who
    kind: pick
    prompt: Pick.
    points: -1
    tokens: cat sat
    rihgt: [cat]
    hints: [{say: x, cost: 0.7}, {say: y, cost: 0.7}, 3]
agree: [{top-of: nobody, said-in: who}]
samples:
  - {answer: "1"}
  - {score: 1}
  - {answer: "1", label: good, seed: -1}
"""
    assert faults_of(text) == [
        (1, 1, "unknown-key"),
        (1, 1, "missing"),
        (2, 1, "tries"),
        (3, 1, "choice"),
        (5, 5, "name"),
        (5, 5, "missing"),
        (6, 5, "kind"),
        (8, 5, "right"),
        (11, 5, "points"),
        (13, 5, "unknown-key"),
        (14, 5, "hint"),
        (14, 55, "hint"),
        (15, 10, "agree"),
        (17, 5, "sample"),
        (17, 6, "answer"),
        (18, 5, "sample"),
        (19, 6, "answer"),
        (19, 19, "choice"),
        (19, 32, "seed"),
    ]


@pytest.mark.parametrize("text", ["just words", "[1, 2]", "42"])
def test_a_document_that_is_no_mapping_ends_in_a_sentence(text):
    with pytest.raises(BrokenExercise, match="An exercise is a mapping"):
        grader.open(text, slug="x")


def test_two_parts_of_one_name_are_refused():
    text = TWO_PARTS.replace("name: second", "name: first")
    assert (9, 5, "twice") in faults_of(text)


HOSTILE = ("1", "[1]", "{a: {b: c}}", "null", "true", "'x'", "[[[1]]]", "-5", "1e300")
TAKEN = {
    "title": ("1", "true", "'x'", "-5", "1e300"),
    "intro": ("1", "true", "'x'", "-5", "1e300", "null"),
    "tries": ("1", "null"),
    "given": ("null",),
    "agree": ("null",),
    "samples": ("null",),
}
"""What a key may hold all the same: a text that looks like a number is a text."""


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "key", ["title", "intro", "tries", "release", "given", "parts", "agree", "samples"]
)
def test_hostile_values_are_faults_and_never_errors(key, value):
    document = YAML(typ="safe", pure=True).load(PICK)
    document.pop(key, None)
    rest = (f"{name}: {json.dumps(entry)}" for name, entry in document.items())
    hostile = "\n".join([f"{key}: {value}", *rest])
    if value in TAKEN.get(key, ()):
        assert grader.open(hostile, slug="x").parts[0].kind == "pick"
        return
    with pytest.raises(BrokenExercise) as caught:
        grader.open(hostile, slug="x")
    # Each fault says what to mend and where; this key stands in the first line.
    assert all(fault.message and fault.line for fault in caught.value.faults)
    assert 1 in [fault.line for fault in caught.value.faults]


ODD = (None, True, "x", -1, [], [None], {"a": None})


def shipped():
    return sorted((Path(grader.__file__).parent.parent / "exercises/content").rglob("*.yaml"))


def oddly_changed(value, path=()):
    """Every copy of a document in which one value, at any depth, is replaced by an odd one."""
    for odd in ODD:
        yield path, odd
    if isinstance(value, dict):
        for key in value:
            yield from oddly_changed(value[key], (*path, key))
    elif isinstance(value, list) and len(value) <= 6:
        for index, entry in enumerate(value):
            yield from oddly_changed(entry, (*path, index))


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_no_odd_value_anywhere_does_more_than_make_faults(path, caplog):
    caplog.set_level("CRITICAL")
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load(path.read_text())
    # Samples are many and alike: two are enough, and the explain rules have a test of their own.
    document["samples"] = document["samples"][:1]
    for part in document["parts"]:
        for key in ("concepts", "misconceptions", "lexicon", "pairing", "labels"):
            part.pop(key, None)
    for where, odd in oddly_changed(document):
        changed = copy.deepcopy(document)
        place = changed
        for step in where[:-1]:
            place = place[step]
        if where:
            place[where[-1]] = odd
        else:
            changed = odd
        text = json.dumps(changed)
        try:
            exercise = grader.open(text, slug="x")
        except BrokenExercise as error:
            # A fault that its kind foresaw says what to mend; "unchecked" is the net below.
            unforeseen = [str(f) for f in error.faults if f.code == "unchecked"]
        else:
            grader.check(exercise, seeds=[0])
            unforeseen = []
        assert not unforeseen, (where, odd, unforeseen)


def test_more_foreseen_answers_than_anybody_foresees_are_refused_at_once():
    entry = "      - {answer: %d, code: c-%d, say: No.}"
    many = "\n".join(entry % (number, number) for number in range(2, 1502))
    with pytest.raises(BrokenExercise) as caught:
        grader.open(
            "title: One\nparts:\n  - name: a\n    kind: number\n    prompt: One?\n    answer: 1\n"
            f"    wrong:\n{many}\nsamples:\n  - {{answer: '1', score: 1}}\n",
            slug="one",
        )
    assert [fault.message for fault in caught.value.faults] == [
        "1,500 foreseen answers; 40 is the most."
    ]

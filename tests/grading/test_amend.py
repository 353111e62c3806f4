"""A pattern is put where an author would write it, and nothing else of the text is touched."""

from __future__ import annotations

import difflib

import pytest

from grading import grader
from grading.amend import CannotAmend, add_pattern
from grading.errors import BrokenExercise
from tests.content.shipped import EXERCISES

HEAD = """\
# Kept, as it stands.
title: Why?   # and this
parts:
  - {name: hops, kind: number, prompt: How many?, answer: 1}
  - name: why
    kind: explain
    prompt: Why?
    model: The sun lights one half.
    concepts:
"""
TAIL = """\
      other: {any: [moon near half]}
samples: []
"""


def amended(idea: str, pattern: str = "tiny pipe") -> tuple[list[str], list[str]]:
    """The lines that came and those that went."""
    text = HEAD + idea + TAIL
    changed = add_pattern(text, part="why", concept="lit", pattern=pattern)
    lines = list(difflib.ndiff(text.splitlines(), changed.splitlines()))
    return [n[2:] for n in lines if n[0] == "+"], [n[2:] for n in lines if n[0] == "-"]


@pytest.mark.parametrize(
    ("idea", "came", "went"),
    [
        (
            "      lit:\n        any:\n          - sun / light / half  # first\n\n"
            "          # the last\n          - \"half ..2 lit\"   # here\n        weight: 2\n",
            ['          - "tiny pipe"'],
            [],
        ),
        ("      lit:\n        any:\n        - sun near half\n", ['        - "tiny pipe"'], []),
        (
            "      lit:\n        any:\n          - >-\n            sun\n            near half\n",
            ['          - "tiny pipe"'],
            [],
        ),
        (
            "      lit:\n        any: [sun near half, 'half ..2 lit']  # two\n",
            ["        any: [sun near half, 'half ..2 lit', \"tiny pipe\"]  # two"],
            ["        any: [sun near half, 'half ..2 lit']  # two"],
        ),
        (
            "      lit:\n        any: [sun near half,  # one\n"
            "          half ..2 lit,  # two\n        ]\n",
            ['          half ..2 lit, "tiny pipe",  # two'],
            ["          half ..2 lit,  # two"],
        ),
        (
            "      lit: {need: optional, any: [sun near half]}\n",
            ['      lit: {need: optional, any: [sun near half, "tiny pipe"]}'],
            ["      lit: {need: optional, any: [sun near half]}"],
        ),
        (
            "      lit:\n        any: sun near half  # alone\n",
            ['        any: ["sun near half", "tiny pipe"]  # alone'],
            ["        any: sun near half  # alone"],
        ),
        (
            "      lit:\n        near: [sun, half]\n",
            ["        any:", '          - "tiny pipe"'],
            [],
        ),
        (
            "      lit: {near: [sun, half]}\n",
            ['      lit: {any: ["tiny pipe"], near: [sun, half]}'],
            ["      lit: {near: [sun, half]}"],
        ),
    ],
)  # fmt: skip
def test_each_way_of_writing_patterns_takes_one_more(idea, came, went):
    assert amended(idea) == (came, went)


def test_a_text_without_a_last_line_end_takes_a_line():
    text = (
        HEAD.replace("model", "lexicon: {}\n    model") + "      lit:\n        any:\n        - sun"
    )
    text = text.replace("title", "samples: []\ntitle", 1)
    changed = add_pattern(text, part="why", concept="lit", pattern="tiny pipe")
    assert changed == f'{text}\n        - "tiny pipe"\n'


@pytest.mark.parametrize("pattern", ['tiny "before" pipe', "it's", "a: b # c", "\\ ", "é→…"])
def test_signs_that_mean_something_to_yaml_stay_what_they_are(pattern):
    # add_pattern reads its own result back; here the words are looked at once more.
    came, _ = amended("      lit:\n        any:\n          - sun near half\n", pattern)
    assert len(came) == 1


@pytest.mark.parametrize(
    ("part", "concept"),
    [("why", "dark"), ("what", "lit"), ("hops", "lit"), ("why", ""), ("why", "labels")],
)
def test_an_idea_that_is_not_there_is_said_to_be_missing(part, concept):
    text = HEAD + "      lit: {any: [sun near half]}\n" + TAIL
    with pytest.raises(CannotAmend, match="no idea"):
        add_pattern(text, part=part, concept=concept, pattern="tiny pipe")


@pytest.mark.parametrize(
    "idea",
    [
        "      lit:\n        any: |\n          sun near half\n",
        "      lit:\n        any: []\n",
        "      lit:\n        any: {a: b}\n",
        "      lit:\n        any: 5\n",
    ],
)
def test_what_cannot_be_added_to_is_left_to_its_author(idea):
    with pytest.raises(CannotAmend, match="into the draft"):
        amended(idea)


def test_a_text_that_is_no_document_is_refused_with_its_faults():
    with pytest.raises(BrokenExercise):
        add_pattern("title: [", part="why", concept="lit", pattern="tiny pipe")


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_every_idea_of_every_shipped_exercise_takes_a_phrase(path):
    text = path.read_text(encoding="utf-8")
    exercise = grader.open(text, slug=path.stem)
    for part, ideas in grader.ideas(exercise).items():
        for idea in ideas:
            if not idea.takes_phrases:
                continue
            changed = add_pattern(text, part=part, concept=idea.name, pattern="tiny pipe")
            assert grader.open(changed, slug=path.stem).part(part).body != exercise.part(part).body
            assert len(changed) - len(text) < 60

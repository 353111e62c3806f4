"""Whatever stands at a key of a part of numbers: what is wrong with it is told at its line."""

import copy
import json

import pytest
from ruamel.yaml import YAML

from grading import grader
from grading.errors import BrokenExercise

GRID = """
rows: [cat, cup]
columns: [left, right]
label: Numbers
tolerance: {places: 2}
credit: each
near: {sign: 0.5}
cells:
  - [{shown: 1}, {answer: "{a} * 2", tolerance: exact}]
  - ["{a} / 3", 4]
wrong:
  - {code: added, cells: [[1, 5], [6, 7]], say: You added.}
must:
  - {sum: "{a} * 2 + {a} / 3 + 5", of: all, say: All together.}
  - {sign: positive, of: all}
  - {sign: positive, of: ["[1][2]"]}
  - {order: "[1][2] > [2][1]", say: Compare.}
steps: [one, two]
"""
EXPRESSION = """
label: Formula
names:
  d: the length
  n: {means: the count, domain: positive}
answer: "{a} / sqrt(n) + d"
near: {sign: 0.5}
wrong:
  - {answer: "{a} + d", code: plus, say: You added.}
steps: [one]
"""
NUMBER = """
label: Number
answer: "{a} / 3"
tolerance: {places: 2}
near: {sign: 0.5}
wrong:
  - {answer: "{a} + 4", code: plus, say: You added.}
steps: [one]
"""
ODD = (
    None, True, False, "x", "", " ", -1, 0, 0.5, [], [None], [True], {}, {"a": None}, [[1]],
    ["a", "a"], [[], []], 10**30, "1/0",
)  # fmt: skip


def document(kind, body):
    yaml = YAML(typ="safe", pure=True)
    part = {"name": "p", "kind": kind, "prompt": "Fill it in.", **yaml.load(body)}
    return {
        "title": "Odd",
        "given": {"a": 2},
        "parts": [part],
        "samples": [{"answer": "x", "outcome": "unreadable"}],
    }


def changed(whole, path, odd):
    copied = copy.deepcopy(whole)
    place = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = odd
    return copied


def paths(value, path):
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from paths(entry, (*path, index))


CASES = [
    (kind, body, key)
    for kind, body in (("grid", GRID), ("expression", EXPRESSION), ("number", NUMBER))
    for key in YAML(typ="safe", pure=True).load(body)
]


@pytest.mark.parametrize(
    ("kind", "body", "key"), CASES, ids=[f"{kind}-{key}" for kind, _, key in CASES]
)
def test_an_odd_value_is_told_at_its_key_or_means_something(kind, body, key, caplog):
    whole = document(kind, body)
    grader.open(json.dumps(whole), slug="x")
    start = ("parts", 0, key)
    for path in paths(whole["parts"][0][key], start):
        for odd in ODD:
            # Indented, so that each key has a line of its own.
            text = json.dumps(changed(whole, path, odd), indent=1)
            try:
                exercise = grader.open(text, slug="x")
            except BrokenExercise as error:
                faults = error.faults
            else:
                faults = grader.check(exercise, seeds=[0]).faults
            for fault in faults:
                assert fault.code not in ("unchecked", "unproved"), (path, odd)
                assert len(fault.place) > 2 or fault.place[0] == "given", (path, odd, fault)
                assert fault.line > 1
            if path == start and odd is None:
                assert any(fault.place[:3] == start for fault in faults), (path, faults)

"""What authors may ask of a lookup, and what is refused, each fault at its line."""

from fractions import Fraction

import pytest

from grading import grader
from grading.errors import BrokenExercise
from grading.stages.recipe import NEAR, read_recipe

FULL = """\
title: Whole
given:
  query: [1, 2]
  keys: [[1, 0], [0, 1], [1, 1], [2, -1]]
  values: [[4, 1], [1, 4], [2, 0], [0, 3]]
  asks: [[1, 2], [0, 1], [1, 1], [1, 0]]
  raw: [[1, 2, 3], [0, 1, 0], [1, 1, 1]]
  shares: [0.72, 0.05, 0.08, 0.15]
  short: [[1], [2], [3], [4]]
  heavy: [0.7, 0.2, 0.2, 0]
  below: [0.7, 0.4, -0.1, 0]
  thirds: [0.33, 0.33, 0.33, 0]
  words: [a, b, c, d]
parts:
  - name: steps
    kind: lookup
    prompt: Work it out.
    {body}
samples:
  - {{answer: "x", outcome: unreadable}}
"""
LINE = FULL.splitlines().index("    {body}") + 1


def opened(body):
    return grader.open(FULL.format(body="\n    ".join(body.split("\n"))), slug="x")


def faults_of(body):
    with pytest.raises(BrokenExercise) as caught:
        opened(body)
    return caught.value.faults


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("ask: exps", "ask", LINE),
        ("ask: [output, output]", "ask", LINE),
        ("query: query", "ask", LINE - 3),
        ("ask: [scores, nothing]", "ask", LINE),
        ("ask: scores\nweights: shares", "ask", LINE),
        ("ask: output\nweights: shares\nquery: query", "start", LINE + 2),
        ("ask: weights\nscores: raw\nkeys: keys", "start", LINE + 2),
        ("ask: output\nquery: query\nqueries: asks", "start", LINE + 2),
        ("ask: output\nscores: raw", "ask", LINE),
        ("ask: [scores, products]\nqueries: asks", "ask", LINE),
        ("ask: output\nscale: 0", "scale", LINE + 1),
        ("ask: weights\nscores: raw\nscale: sqrt", "scale", LINE + 2),
        ("ask: output\ntemperature: -1", "temperature", LINE + 1),
        ("ask: output\ncausal: perhaps", "causal", LINE + 1),
        ("ask: output\ncausal: true", "causal", LINE + 1),
        ("ask: weights\ntolerance: exact", "tolerance-exact", LINE + 1),
        ("ask: output\ntolerance: {absolute: 0}", "tolerance-amount", LINE + 1),
        ("ask: [scores, output]\ntolerance: {output: exact}", "tolerance-exact", LINE + 1),
        ("ask: output\ntolerance: {weights: {places: 2}}", "tolerance", LINE + 1),
        ("ask: scaled\ntolerance: exact", "tolerance-exact", LINE + 1),
        ("ask: output\nslips: [hard-lookup, hard-lokup]", "slip", LINE + 1),
        ("ask: output\nentries: 2", "entries", LINE + 1),
        ("ask: output\nnear: {sign: 1}", "near", LINE + 1),
        ("ask: output\nnear: {sing: 0.5}", "unknown-key", LINE + 1),
        ("ask: output\ncredit: {weights: 1}", "credit", LINE + 1),
        ("ask: output\nlabels: [a, b]", "given", LINE + 1),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_line(body, code, line):
    found = [(fault.code, fault.line) for fault in faults_of(body)]
    assert (code, line) in found, found


@pytest.mark.parametrize(
    ("body", "given", "words"),
    [
        ("ask: output\nweights: heavy", "heavy", "sum to 1.1"),
        ("ask: output\nweights: below", "below", "negative"),
        ("ask: output\nweights: words", "words", "list of numbers"),
        ("ask: output\nweights: shares\nvalues: raw", "raw", "4 weights in a row for 3 values"),
        ("ask: output\nkeys: raw", "raw", "each key 3"),
        ("ask: output\nvalues: raw", "raw", "4 keys for 3 values"),
        ("ask: weights\nscores: asks\ncausal: true", "asks", "here are 4 and 2"),
        ("ask: output\nquery: keys", "keys", "a list of numbers"),
    ],
)
def test_numbers_that_do_not_fit_are_told_at_their_own_line(body, given, words):
    at = next(
        number for number, line in enumerate(FULL.splitlines(), 1) if line.startswith(f"  {given}:")
    )
    assert any(fault.line == at and words in fault.message for fault in faults_of(body))


def test_every_fault_is_told_at_once():
    found = faults_of("ask: [exps, weights]\ntolerance: exact\nscale: 0\nslips: [x]")
    assert {fault.code for fault in found} == {"ask", "tolerance-exact", "scale", "slip"}


@pytest.mark.parametrize(
    "body",
    [
        "ask: [scores, scaled, weights, products, output]",
        "ask: [scores, scaled, weights, output]\nqueries: asks\ncausal: true",
        "ask: [scaled, weights]\nscores: raw\nscale: 0.5\ntemperature: 2",
        "ask: output\nweights: thirds\nvalues: short",
        "ask: [scaled, output]\nscale: 0.5\ntolerance: {scaled: exact, output: {figures: 3}}",
        "ask: output\nnear: {rounded-early: 0.5}\nentries: 0",
    ],
)
def test_what_can_be_asked_is_accepted(body):
    variant = grader.vary(opened(body), seed=0)
    worked = grader.solve(variant)["steps"]
    assert grader.grade(variant, {"steps": worked.answer}).score == 1
    assert worked.steps


def test_a_recipe_says_what_is_left_unsaid():
    recipe = read_recipe({"ask": ("output", "scores"), "query": "q", "credit": {}})
    assert recipe.ask == ("scores", "output")
    assert recipe.names == {"queries": "q", "keys": "keys", "values": "values"}
    assert recipe.credit == {"scores": Fraction(1, 2), "output": Fraction(1, 2)}
    assert {tolerance.rule for tolerance in recipe.tolerances.values()} == {"honest"}
    assert recipe.near == NEAR
    assert recipe.exact_scale(4) == Fraction(1, 2)
    assert recipe.exact_scale(2) is None

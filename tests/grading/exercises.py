"""Small exercises for tests, as YAML texts; each says only what the test is about."""

from __future__ import annotations

from grading import grader
from grading.exercise import Exercise

PICK = """\
title: Who helped?
tries: 3
parts:
  - name: who
    kind: pick
    prompt: Pick the noun.
    tokens: the cat sat on the mat
    right: [cat, mat]
    wrong: {sat: That is what it does., "the#2": The article of the mat.}
    hints: [{say: It purrs., cost: 0.1}, {say: It has whiskers., cost: 0.2}]
samples:
  - {answer: "1", score: 1}
  - {answer: sat, score: 0, finding: pick-wrong}
"""

TWO_PARTS = """\
title: Two of them
parts:
  - name: first
    kind: pick
    points: 1
    prompt: Pick the animal.
    tokens: cat sat mat
    right: [cat]
  - name: second
    kind: pick
    points: 3
    prompt: Pick the animal again.
    tokens: cat sat mat
    right: [cat, mat]
agree:
  - {top-of: first, said-in: second, cost: 0.5}
samples:
  - {answer: {first: cat, second: cat}, score: 1}
"""

DRAWN = """\
title: Drawn weights
given:
  w: {draw: weights, count: 3, places: 2, label: Weights, columns: [a, b, c]}
parts:
  - name: who
    kind: pick
    prompt: Which of {w}?
    tokens: a b c
    right: [a]
samples:
  - {answer: a, score: 1}
"""


def opened(text: str, slug: str = "small") -> Exercise:
    """The exercise of a YAML text."""
    return grader.open(text, slug=slug)

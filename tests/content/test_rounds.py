"""Answers that fresh writers wrote and labelled by the marking guide are marked as they said.

Each round was looked at once before any rule was mended by it; those figures stand in
docs/decisions/0005-rounds-of-fresh-answers.md. Here the rounds only keep what was reached.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from grading import grader
from grading.exercise import Variant
from tests.content.shipped import EXERCISES, slug_of

SLUGS = (
    "rnn-bottleneck", "widening-is-not-access", "bidirectional-and-deeper",
    "what-attention-solves", "why-soft-lookup", "why-not-zero", "what-weights-mean", "who-is-she",
    "why-soft-trains", "query-key-value", "fixed-size-summary", "weights-as-explanation",
)  # fmt: skip
ROUNDS = sorted((Path(__file__).parent / "rounds").glob("*.jsonl"))


@cache
def variant_of(slug: str) -> Variant:
    (path,) = (path for path in EXERCISES if slug_of(path) == slug)
    return grader.vary(grader.open(path.read_text(encoding="utf-8"), slug=slug), seed=0)


def label_of(slug: str, answer: str) -> str:
    variant = variant_of(slug)
    verdict = grader.grade(variant, {"answer": {"text": answer}})
    if verdict.score is None:
        return "review"
    return {0: "incorrect", 1: "correct"}.get(verdict.score, "partial")


@pytest.mark.parametrize("rows", ROUNDS, ids=lambda path: path.stem)
def test_a_spent_round_is_marked_as_its_writer_did(rows):
    marked = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    got = [label_of(SLUGS[int(row["q"][1:]) - 1], row["answer"]) for row in marked]
    pairs = [(row["label"], label) for row, label in zip(marked, got, strict=True)]
    exact = sum(said == label for said, label in pairs) / len(pairs)
    flattered = sum(said != "correct" and label == "correct" for said, label in pairs)
    assert exact >= 0.84
    assert flattered <= 2

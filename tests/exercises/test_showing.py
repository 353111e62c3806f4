"""A model answer is shown as people write it: in tables, four places, nothing said twice."""

from __future__ import annotations

import pytest

from exercises.showing import Tie, parts_of_verdict, stretches, worked
from grading import grader
from grading.verdict import Quote
from tests import factories

GRID = factories.DRAWN.replace("ask: [scores, output]", "ask: [weights, products, output]").replace(
    "answer: {steps: {scores: ", "answer: {steps: {weights: "
)


def worked_parts(text):
    return worked(grader.vary(grader.open(text, slug="it"), seed=0))


def test_a_grid_of_a_model_answer_is_a_table_of_four_places():
    (part,) = worked_parts(GRID)
    weights, products, _output = part.boxes
    assert len(products.table) == 3
    assert len(products.heads) == 2
    cells = [cell for box in (weights, products) for _side, row in box.table for cell in row]
    assert all(len(cell.partition(".")[2]) <= 4 for cell in cells)


def test_what_is_exact_is_not_rounded():
    (part,) = worked_parts(factories.MIX)
    assert part.boxes[0].table == (("", ("3.2", "2")),)


def test_steps_are_folded_where_the_boxes_show_every_stage():
    assert worked_parts(GRID)[0].folded
    assert not worked_parts(factories.MIX)[0].folded


# --- Words tied to what is said of them -----------------------------------------------------------


def tie(number: int) -> Tie:
    return Tie(number=number, tone="right", hue=number, to=f"s{number}", back=f"w{number}")


def cut(text: str, *spans: tuple[int, int, int]):
    """Each stretch with the numbers that light it, that open there and that close there."""
    tied = [(tie(n), Quote(start=start, end=end, text="")) for n, start, end in spans]
    return [
        (
            one.text,
            [light.tie.number for light in one.lights],
            [t.number for t in one.opens],
            [t.number for t in one.closes],
        )
        for one in stretches(text, tied)
    ]


def test_words_that_nobody_quotes_are_one_stretch():
    assert cut("abc") == [("abc", [], [], [])]
    assert cut("") == []


def test_a_quote_is_cut_out_with_its_number():
    assert cut("abcdef", (1, 2, 4)) == [
        ("ab", [], [], []),
        ("cd", [1], [1], [1]),
        ("ef", [], [], []),
    ]


def test_crossing_quotes_keep_each_its_own_beginning_and_end():
    assert cut("abcdef", (1, 0, 4), (2, 2, 6)) == [
        ("ab", [1], [1], []),
        ("cd", [1, 2], [2], [1]),
        ("ef", [2], [], [2]),
    ]


def test_a_quote_within_another_lies_on_a_line_of_its_own():
    found = stretches(
        "abcdef",
        [(tie(2), Quote(start=2, end=3, text="")), (tie(1), Quote(start=0, end=6, text=""))],
    )
    assert [light.lane for light in found[1].lights] == [0, 1]
    assert {light.tie.number: light.lane for light in found[1].lights} == {1: 0, 2: 1}


def test_the_same_words_quoted_twice_are_lit_by_both():
    assert cut("abc", (1, 0, 3), (2, 0, 3)) == [("abc", [1, 2], [1, 2], [1, 2])]


def test_no_quote_reaches_outside_and_an_empty_one_is_none():
    assert cut("abc", (1, -5, 2), (2, 2, 99), (3, 1, 1)) == [
        ("ab", [1], [1], [1]),
        ("c", [2], [2], [2]),
    ]


def test_only_the_first_words_of_a_finding_are_where_it_leads_back():
    found = stretches(
        "abcdef",
        [(tie(1), Quote(start=0, end=1, text="")), (tie(1), Quote(start=3, end=4, text=""))],
    )
    assert [[t.number for t in one.first] for one in found] == [[1], [], [], []]


EXPLAIN = """\
title: Why?
parts:
  - name: why
    kind: explain
    prompt: Why do we see half of the moon lit?
    model: The sun lights one half, and we see it from the side.
    concepts:
      lit: {any: ["sun / light / half|moon"], feedback: {missing: What lights it?}}
      side: {any: ["see near side"]}
    misconceptions:
      shadow: {any: ["shadow near moon"], effect: cap 0.5, example: The shadow hits the moon.}
samples:
  - {answer: "The sun lights half of it.", label: partial}
"""


@pytest.fixture
def part():
    variant = grader.vary(grader.open(EXPLAIN, slug="why"), seed=0)
    raw = {
        "why": {"text": "The sun lights half. There is no shadow on the moon. 🌙 We see its side."}
    }
    (part,) = parts_of_verdict(variant, raw, grader.grade(variant, raw), within="7")
    return part


def test_each_finding_that_quotes_sentences_has_a_number_and_a_place_of_its_own(part):
    assert [(f.code, t and t.number) for f, t in zip(part.findings, part.ties, strict=True)] == [
        ("concept-found", 1),
        ("concept-found", 2),
        ("misconception-denied", 3),
    ]
    assert part.ties[0].to == "said-why-7-1"
    assert [t.hue for t in part.ties] == [1, 2, 0]


def test_the_words_of_an_answer_are_all_there_and_in_order(part):
    (box,) = part.boxes
    assert "".join(one.text for one in box.stretches) == box.text
    lit = [one.text for one in box.stretches if one.lights]
    assert lit == ["sun lights half", "shadow on the moon", "see its side"]


def test_numbers_are_not_tied_to_what_is_said_of_them():
    variant = grader.vary(grader.open(factories.MIX, slug="mix"), seed=0)
    raw = {"output": {"output": "4, 1"}}
    (part,) = parts_of_verdict(variant, raw, grader.grade(variant, raw))
    assert part.ties == (None,) * len(part.findings)

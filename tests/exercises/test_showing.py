"""A model answer is shown as people write it: in tables, four places, nothing said twice."""

from __future__ import annotations

from exercises.showing import worked
from grading import grader
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

"""A worked solution can be checked by hand, and a page can show it."""

import re

import pytest
from latex2mathml.converter import convert

from exercises import prose
from grading import grader
from tests.grading.stages.test_deciding import ALL, WHOLE


def steps(body, far="[0]"):
    text = WHOLE.format(body="\n    ".join(body.split("\n")))
    text = text.replace("given:\n", f"given:\n  far: {far}\n")
    return grader.solve(grader.vary(grader.open(text, slug="x"), seed=0))["steps"].steps


def test_a_lookup_is_worked_stage_by_stage():
    score, scale, softmax, products, output = steps(ALL)
    assert "- 1: $1 \\cdot 1 + 2 \\cdot 0 = 1$" in score
    assert "$\\sqrt{2} \\approx 1.4142$: [0.7071, 1.4142, 2.1213, 0.0000]." in scale
    assert "| 3 | 8.3421 | 0.5388 |" in softmax
    assert "- 2: $0.2657 \\times [1, 4] = [0.2657, 1.0626]$" in products
    assert output == "Add them up, place by place: [1.8671, 1.3874]."


def test_only_the_way_to_what_is_asked_is_shown():
    assert len(steps("ask: scores")) == 1
    assert len(steps("ask: weights")) == 3
    assert len(steps("ask: output\nscale: 1")) == 4


def test_what_is_exact_stays_exact():
    products, output = steps("ask: output\nweights: thirds")
    assert "$0.25 \\times [4, 1] = [1, 0.25]$" in products
    assert output.endswith("[2, 2.25].")


def test_several_queries_are_tables():
    found = steps("ask: [scores, weights, output]\nqueries: asks\ncausal: true")
    assert "| query 1 | 1 | 2 | 3 | 0 |" in found[0]
    assert any("minus infinity" in step for step in found)
    assert "- query 1: $1.0000 \\times [4, 1]" in found[-1]


@pytest.mark.parametrize(
    "body",
    [
        ALL,
        "ask: weights\nscores: raw\ncausal: true",
        "ask: output\nqueries: asks\nlabels: ['a|b', c, d, e]",
    ],
)
def test_every_step_can_be_shown(body):
    for step in steps(body):
        for formula in re.findall(r"\$([^$]+)\$", step):
            assert "\\" not in convert(formula)
        html = str(prose.block(step))
        assert "$" not in html
        assert "bad-formula" not in html
        assert ("<table>" in html) == ("|---|" in step)


@pytest.mark.parametrize("scores", ["[800, 801, 799]", "[-800, -801, -799]", "[-12, -13, -11]"])
def test_far_scores_are_worked_less_the_largest(scores):
    found = steps("ask: weights\nscores: far", far=scores)
    told = "\n".join(found)
    assert "Take the largest off each" in told
    assert "inf" not in told
    assert "| 1.0000 | 0.6652 |" in told
    assert "| sum | 1.5032 | 1 |" in told


def test_far_rows_are_worked_less_the_largest_of_each():
    found = steps("ask: weights\nscores: far", far="[[800, 801], [3, 3]]")
    assert "Take the largest of its row off each" in found[0]
    assert "1.3679" in found[-1]
    assert "2.0000" in found[-1]

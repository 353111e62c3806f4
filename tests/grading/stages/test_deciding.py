"""What is said of each stage: right, carried, slipped, nearly right; and what must always hold."""

from fractions import Fraction

import numpy as np
import pytest

from grading import grader
from grading.engine.attention import attend
from grading.sentences import further, settled

WHOLE = """\
title: Whole
given:
  query: [1, 2]
  keys: [[1, 0], [0, 1], [1, 1], [2, -1]]
  values: [[4, 1], [1, 4], [2, 0], [0, 3]]
  asks: [[1, 2], [0, 1], [1, 1], [1, 0]]
  raw: [[1, 2, 3], [0, 1, 0], [1, 1, 1]]
  half: [0.5, -0.5]
  thirds: [0.25, 0.5, 0.25, 0]
  pair: [[1, 0], [0, 1]]
  column: [[4], [1], [2], [0]]
  ones: [1, 1]
  opposite: [[0.3], [-0.3]]
  shares: [[0.5, 0.25, 0.25, 0], [0, 0, 0.5, 0.5]]
parts:
  - name: steps
    kind: lookup
    prompt: Work it out.
    {body}
samples:
  - {{answer: "x", outcome: unreadable}}
"""
ALL = "ask: [scores, scaled, weights, products, output]"
# The worked example of the lessons.
SCALED = "0.7071, 1.4142, 2.1213, 0"
WEIGHTS = "0.1310, 0.2657, 0.5388, 0.0646"


def graded(body, **stages):
    text = WHOLE.format(body="\n    ".join(body.split("\n")))
    variant = grader.vary(grader.open(text, slug="x"), seed=0)
    return grader.grade(variant, {"steps": stages})


def said(verdict):
    return [(f.place.removeprefix("steps."), f.code) for f in verdict.every_finding()]


def finding(verdict, code):
    return next(f for f in verdict.every_finding() if f.code == code)


# ---- the lessons' own figures --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("1.8671, 1.3874", "stage-right"),
        ("2, 0", "hard-lookup"),
        ("1.8733, 1.1309", "unscaled"),
        ("1.8833, 0.8163", "multiplied-by-sqrt-d"),
        ("8.4853, 6.3640", "skipped-softmax"),
        ("12, 9", "skipped-softmax-unscaled"),
        ("2.0, 1.5", "divided-by-sum-no-exp"),
        ("28.91, 21.48", "exp-not-normalised"),
        ("1.75, 2.0", "uniform-average"),
        ("7, 8", "plain-sum-of-values"),
        ("0.7989, 0.7398", "mixed-keys-not-values"),
        ("0.2941, 0.7116", "swapped-keys-values"),
        ("1.3228, 2.4059", "negated-scores"),
        ("0.9206, 2.2049", "off-by-one-token-right"),
        ("1.7306, 2.8137", "off-by-one-token-left"),
        ("1.3284, 2.6126", "reversed-order"),
        ("1.9961, 1.2760", "dropped-last-token"),
        ("1.5457, 1.4457", "dropped-first-token"),
        ("1.8919, 0.6812", "base10"),
        ("1.8571, 1.2143", "squared-weights"),
        ("5.2694, 5.3875", "sigmoid-not-softmax"),
        ("1.3246, 0.7996", "scale-after-softmax"),
        ("1.0776, 0", "strongest-only-times-weight"),
        ("1.3432, 1.0626", "top2-only"),
        ("1.3874, 1.8671", "swapped-components"),
        ("1.7784, 1.8292", "softmax-twice"),
    ],
)
def test_each_wrong_turn_of_the_lessons_is_told(output, code):
    assert said(graded("ask: output", output=output))[0] == ("output", code)


@pytest.mark.parametrize("output", ["1.8557, 1.5760", "1.8549, 1.5850", "1.855, 1.581"])
def test_two_turns_that_coincide_are_told_as_one_sort(output):
    # With two components, dividing by d and taking powers of 2 differ by less than .01.
    assert said(graded("ask: output", output=output)) == [("output", "softened-too-much")]


def test_between_several_slips_nothing_is_claimed():
    # Of two keys, forgetting the last and choosing the best are the same.
    two = "ask: {}\nquery: half\nkeys: pair\nvalues: pair"
    verdict = graded(two.format("output"), output="1, 0")
    assert said(verdict) == [("output", "several-slips-alone")]
    assert verdict.score == 0
    verdict = graded(two.format("[weights, output]"), output="1, 0")
    assert ("output", "several-slips") in said(verdict)


def test_one_right_component_is_no_slip():
    # 1.87 fits the right answer and four slips; the other component fits none.
    verdict = graded("ask: output", output="1.87, 1.90")
    assert said(verdict)[0] == ("output", "entries-right")


# ---- what floating point makes of a right answer -------------------------------------------------

MIX = """\
title: Mix
given:
  weights: {weights}
  values: {values}
parts:
  - name: steps
    kind: lookup
    prompt: Mix.
    ask: output
    weights: weights
    values: values
    tolerance: {tolerance}
samples:
  - {{answer: "x", outcome: unreadable}}
"""


def score_of_mix(output, weights, values, tolerance):
    text = MIX.format(weights=weights, values=values, tolerance=tolerance)
    variant = grader.vary(grader.open(text, slug="x"), seed=0)
    (many,) = grader.grade_many(
        variant.exercise,
        [grader.Answered(numbers=variant.numbers, raw={"steps": {"output": output}})],
    )
    alone = grader.grade(variant, {"steps": {"output": output}})
    assert many == alone
    return alone.score


@pytest.mark.parametrize(
    "tolerance", ["exact", "{places: 2}", "{figures: 3}", "{relative: 1%}", "{absolute: 0.001}"]
)
@pytest.mark.parametrize(
    ("weights", "values"),
    [
        ("[0.7, 0.2, 0.1]", "[[-1], [3], [1]]"),
        ("[0.7, 0.2, 0.1]", "[[-100000], [300000], [100000]]"),
        ("[0.1, 0.2, 0.7]", "[[0.3], [0.2], [-0.1]]"),
    ],
)
def test_a_mix_that_comes_to_nothing_is_right_as_zero(weights, values, tolerance):
    assert score_of_mix("0", weights, values, tolerance) == 1
    assert score_of_mix("0.2", weights, values, tolerance) < 1


@pytest.mark.parametrize(
    ("weights", "values", "output", "earns"),
    [
        ("[0.7, 0.2, 0.1]", "[[-2], [1], [2]]", "-1.004", True),
        ("[0.7, 0.2, 0.1]", "[[-2], [1], [2]]", "-1.006", False),
        ("[0.7, 0.2, 0.1]", "[[-200000], [200000], [999990]]", "-1.004", True),
        ("[0.7, 0.2, 0.1]", "[[0.1], [0], [0.3]]", "0.1004", True),
        ("[0.7, 0.2, 0.1]", "[[0.1], [0], [0.3]]", "0.1006", False),
        ("[0.5, 0.5]", "[[0.000001], [0.000001]]", "0.000001004", True),
    ],
)
def test_figures_count_from_the_right_power_of_ten(weights, values, output, earns):
    assert (score_of_mix(output, weights, values, "{figures: 3}") == 1) is earns


@pytest.mark.parametrize(
    ("tolerance", "right"),
    [("{figures: 3}", "0.0017, 0.0018"), ("{relative: 1%}", "0.0017, 0.0018"), ("exact", "")],
)
def test_small_numbers_are_told_apart_by_their_own_measure(tolerance, right):
    text = MIX.format(
        weights="[0.7, 0.2, 0.1]",
        values="[[0.001, 0.002], [0.003, 0.001], [0.004, 0.002]]",
        tolerance=tolerance,
    )
    exercise = grader.open(text, slug="x")
    assert [fault.message for fault in grader.check(exercise, seeds=[0]).faults] == []
    variant = grader.vary(exercise, seed=0)
    assert grader.grade(variant, {"steps": {"output": right or "0.0017, 0.0018"}}).score == 1
    verdict = grader.grade(variant, {"steps": {"output": "0.001, 0.002"}})
    assert said(verdict) == [("output", "hard-lookup")]


def test_a_lookup_that_comes_to_nothing_is_right_as_zero():
    verdict = graded(
        "ask: output\nkeys: pair\nvalues: opposite\nquery: ones\ntolerance: {relative: 1%}",
        output="0",
    )
    assert verdict.score == 1


# ---- honest rounding -----------------------------------------------------------------------------


def test_whoever_carries_two_places_on_is_right():
    # Scaled scores of two places give these weights of two places.
    weights = np.array([0.13, 0.26, 0.54, 0.06])
    values = np.array([[4, 1], [1, 4], [2, 0], [0, 3]])
    output = ", ".join(f"{x:.2f}" for x in weights @ values)
    assert graded("ask: output", output=output).score == 1
    assert graded("ask: output\ntolerance: {places: 2}", output=output).score < 1
    assert graded("ask: output", output="1.87, 1.43").score < 1


def test_a_wrong_turn_is_never_in_what_honest_rounding_allows():
    right = attend([[1, 2]], [[1, 0], [0, 1], [1, 1], [2, -1]], [[4, 1], [1, 4], [2, 0], [0, 3]])
    near = right.output[0]
    for places in (1, 2, 3):
        body = f"ask: output\ntolerance: {{honest: {places}}}"
        assert graded(body, output=f"{near[0]:.6f}, {near[1]:.6f}").score == 1
        assert graded(body, output="1.8733, 1.1309").score == 0


# ---- carried errors ------------------------------------------------------------------------------


def test_what_follows_from_a_slip_counts():
    verdict = graded(
        ALL,
        scores="1, 2, 3, 0",
        scaled="1, 2, 3, 0",
        weights="0.0871, 0.2369, 0.6439, 0.0321",
        products="0.35, 0.09\n0.24, 0.95\n1.29, 0\n0, 0.10",
        output="1.87, 1.13",
    )
    assert said(verdict) == [
        ("scores", "stage-right"),
        ("weights", "carried"),
        ("products", "carried"),
        ("output", "carried"),
        ("scaled", "unscaled"),
    ]
    assert verdict.score == Fraction(4, 5)


def test_nothing_is_carried_from_a_slip_that_leaves_nothing_to_do():
    verdict = graded(ALL, weights="0, 0, 1, 0", products="0, 0\n0, 0\n2, 0\n0, 0", output="2, 0")
    assert ("output", "carried-trivial") in said(verdict)
    assert verdict.score == 0


def follow_up(weights):
    """Products and output that follow from these weights of the worked example."""
    weights = np.array(weights)
    parts = weights[:, None] * np.array([[4, 1], [1, 4], [2, 0], [0, 3]])
    return {
        "weights": ", ".join(f"{weight:.10g}" for weight in weights),
        "products": "\n".join(", ".join(f"{cell:.10g}" for cell in row) for row in parts),
        "output": ", ".join(f"{cell:.10g}" for cell in parts.sum(axis=0)),
    }


@pytest.mark.parametrize("scores", [[0, 0, 0, 0.001], [100, 0, 0, 0], [0.004, 0, 0, 0]])
def test_a_small_change_does_not_make_a_trivial_slip_worth_carrying(scores):
    scaled = np.array(scores) / 2**0.5
    powers = np.exp(scaled - scaled.max())
    verdict = graded(
        ALL,
        scores=", ".join(map(str, scores)),
        scaled=", ".join(f"{x:.10g}" for x in scaled),
        **follow_up(powers / powers.sum()),
    )
    assert verdict.score < Fraction(1, 10)
    assert {code for _, code in said(verdict)} >= {"carried-trivial"}


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ([0.97, 0.01, 0.01, 0.01], "carried-trivial"),
        ([0.252, 0.25, 0.249, 0.249], "carried-trivial"),
        ([0.9, 0.04, 0.03, 0.03], "carried"),
        ([0.3, 0.2, 0.25, 0.25], "carried"),
    ],
)
def test_made_up_weights_count_where_there_is_still_something_to_mix(weights, code):
    verdict = graded(ALL, **follow_up(weights))
    assert ("output", code) in said(verdict)


def test_coarse_typing_buys_no_room():
    # Half a unit of one place would reach the plain average: 0.05 times 7, and times 8.
    stages = {"weights": "0.3, 0.2, 0.3, 0.2", "output": "1.75, 2"}
    verdict = graded("ask: [weights, output]", **stages)
    assert ("output", "carried") not in said(verdict)
    assert verdict.score == 0


def test_whole_numbers_are_not_rounded_answers():
    assert graded("ask: output", output="1.9, 1.4").score == Fraction(9, 10)
    assert "rounded-answer" not in [code for _, code in said(graded("ask: output", output="2, 1"))]


def test_what_a_wrong_turn_rounds_to_as_well_is_no_rounded_answer():
    # Right is 1.8671, and without the scale 1.8733.
    verdict = graded("ask: output\nvalues: column", output="1.9")
    assert verdict.score == 0
    assert "rounded-answer" not in [code for _, code in said(verdict)]


def test_a_row_that_the_mask_leaves_alone_does_not_make_the_rest_trivial():
    body = "ask: [scaled, weights]\nscores: raw\ncausal: true\nscale: 0.5"
    verdict = graded(
        body, scaled="1, 2, 3; 0, 1, 0; 1, 1, 1", weights="1,0,0; .27,.73,0; .33,.33,.33"
    )
    assert ("weights", "carried") in said(verdict)


# ---- matrices and masks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ("1, 0, 0; 0.2689, 0.7311, 0; 1/3, 1/3, 1/3", "stage-right"),
        ("0.0900, 0, 0; 0.2119, 0.5761, 0; 0.3333, 0.3333, 0.3333", "mask-after-softmax"),
        ("0.09, 0.2447, 0.6652; 0, 0.7311, 0.2689; 0, 0, 1", "causal-transposed"),
        ("0, 0, 0; 1, 0, 0; 0.5, 0.5, 0", "causal-strict"),
        ("0.4223, 0, 0; 0.1554, 0.5, 0; 0.4223, 0.5, 1", "softmax-wrong-axis"),
    ],
)
def test_a_causal_mask_and_what_goes_wrong_with_it(weights, code):
    body = "ask: weights\nscores: raw\ncausal: true"
    assert said(graded(body, weights=weights))[0] == ("weights", code)


def test_rows_of_queries_are_judged_row_by_row():
    body = "ask: [scores, output]\nqueries: asks\nasking: [a, b, c, d]"
    trace = attend(
        [[1, 2], [0, 1], [1, 1], [1, 0]],
        [[1, 0], [0, 1], [1, 1], [2, -1]],
        [[4, 1], [1, 4], [2, 0], [0, 3]],
    )
    rows = "\n".join(", ".join(f"{x:.3f}" for x in row) for row in trace.output)
    scores = "1,2,3,0\n0,1,1,-1\n1,1,2,1\n1,0,1,2"
    assert graded(body, scores=scores, output=rows).score == 1
    verdict = graded(body, scores=scores.replace("3,0", "3,1"), output=rows)
    assert finding(verdict, "entries-right").facts["entries"] == "a → 4"


def test_weights_in_rows_blend_in_rows():
    body = "ask: output\nweights: shares"
    assert graded(body, output="2.75, 1.5; 1, 1.5").score == 1
    assert said(graded(body, output="4, 1; 2, 0")) == [("output", "hard-lookup")]


# ---- near misses, told in the learner's numbers --------------------------------------------------


def test_too_few_digits_are_told_with_what_was_asked():
    verdict = graded("ask: weights", weights="0.1, 0.3, 0.54, 0.06")
    told = grader.say(finding(verdict, "rounded-answer"))
    assert "You typed 0.1 for 1; give 2 decimal places." in told
    assert verdict.score == Fraction(9, 10)
    body = "ask: weights\nnear: {too-few-digits: 0.25}"
    assert graded(body, weights="0.1, 0.3, 0.54, 0.06").score == Fraction(1, 4)


@pytest.mark.parametrize(
    ("output", "code", "entry"),
    [
        ("-1.87, 1.39", "stage-sign", "component 1"),
        ("1.87, 13.9", "stage-slipped-point", "component 2"),
    ],
)
def test_a_sign_and_a_slipped_point_are_named_at_their_entry(output, code, entry):
    verdict = graded("ask: output", output=output)
    assert finding(verdict, code).facts["entries"] == entry
    assert verdict.score == Fraction(1, 4)  # half of the entries' half
    assert graded("ask: output\nnear: {sign: 0.5, slipped-point: 0.5}", output=output).score == (
        Fraction(1, 2)
    )


def test_right_entries_earn_what_the_author_says():
    assert graded("ask: output\nentries: 1", output="1.87, 9").score == Fraction(1, 2)
    assert graded("ask: output\nentries: 0", output="1.87, 9").score == 0


def test_only_a_settled_answer_is_told_what_would_have_passed():
    verdict = graded("ask: output", output="1.87, 2.9")
    found = finding(verdict, "entries-right")
    assert "1.3" not in grader.say(found)
    assert settled(found).startswith("component 2: from 1.3")
    assert "2.9 is 1.51" in settled(found)
    assert settled(finding(graded("ask: output", output="2, 0"), "hard-lookup")) == ""


def test_the_second_level_of_a_slip_shows_where_it_began_and_never_the_key():
    verdict = graded("ask: output", output="12, 9")
    found = finding(verdict, "skipped-softmax-unscaled")
    assert further(found) == "It begins at the weights: there you went on from 1, 2, 3, 0."
    for output in ("1.3284, 2.6126", "0.7989, 0.7398", "1.0776, 0", "1.3432, 1.0626"):
        (found,) = graded("ask: output", output=output).every_finding()
        assert "went" not in found.facts
        assert further(found).startswith("It begins at the ")


# ---- what must hold of any answer ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("stages", "code", "words"),
    [
        ({"weights": "0.2, 0.3, 0.4, 0.3"}, "weights-sum", "these 4 weights sum to 1.2"),
        ({"weights": "0.3, 0.4, 0.5, -0.2"}, "weights-negative", "-0.2 for 4 is negative"),
        ({"weights": "0.50, 0.20, 0.20, 0.10"}, "weights-order", "“2” has a higher score than “1”"),
        ({"output": "4.5, 3.5"}, "output-hull", "4.5 for component 1 lies outside 0 to 4"),
    ],
)
def test_a_broken_rule_is_told_without_the_key(stages, code, words):
    verdict = graded(ALL, **stages)
    assert words in grader.say(finding(verdict, code))
    assert verdict.score == 0


def test_the_order_is_that_of_the_learners_own_scores():
    verdict = graded(ALL, scores="5, 1, 1, 1", weights="0.4, 0.5, 0.05, 0.05")
    assert "“1” has a higher score than “2”" in grader.say(finding(verdict, "weights-order"))


def test_rounded_weights_may_miss_their_sum_and_are_told_so():
    verdict = graded("ask: weights", weights="0.13, 0.27, 0.54, 0.08")
    assert "entries-right" in [code for _, code in said(verdict)]
    verdict = graded("ask: weights", weights="0.131, 0.266, 0.539, 0.065")
    assert verdict.score == 1
    told = grader.say(finding(verdict, "weights-sum-rounded"))
    assert "sum to 1.001" in told
    assert "by up to 0.002" in told

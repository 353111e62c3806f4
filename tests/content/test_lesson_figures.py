"""Every number that lesson 1 prints, worked out again from first principles.

What a test has recomputed and found in the text it takes out; the last test asks that hardly a
digit is left. So a figure cannot be changed in the text alone, nor a new one slip in unchecked.
"""

import math
import re
from fractions import Fraction

import numpy as np
import pytest

from tests.content.shipped import CONTENT, body_of

LESSON = CONTENT / "attention" / "01-soft-lookup" / "lesson.md"
BODY = body_of(LESSON)

NAMES = ("cat", "car", "cup")
VALUES = {"cat": (6, 0), "car": (0, 4), "cup": (2, 2)}
SHARES = {"cat": Fraction(1, 2), "car": Fraction(3, 10), "cup": Fraction(1, 5)}
QUERY = np.array([2, 1, 0, 1])
KEYS = np.array([[1, 1, 1, 1], [1, 0, 2, 0], [-1, 0, 1, 0]])

SCORES = KEYS @ QUERY  # (3,)
SCALED = SCORES / math.sqrt(KEYS.shape[1])
POWERS = np.exp(SCALED)
WEIGHTS = POWERS / POWERS.sum()
V = np.array([VALUES[name] for name in NAMES])
OUTPUT = WEIGHTS @ V  # (2,)


def vector(entries):
    return "[" + ", ".join(map(str, entries)) + "]"


def row(cells):
    return r"\begin{bmatrix} " + " & ".join(map(str, cells)) + r" \end{bmatrix}"


def relay():
    hands = sum(1 for _ in range(1, 30))  # from state 1 to 2, ..., from 29 to 30
    assert Fraction(9, 10) ** hands < Fraction(5, 100)
    yield "Token 1 enters"
    yield "the state at token 30"
    yield "from state 1 to state 2, from 2 to 3"
    yield f"**{hands} hand-overs**"
    yield "keeps 90% of a detail"
    yield f"0.9^{{{hands}}} \\approx {0.9**hands:.3f}"
    yield "Less than 5% arrives"
    yield "what token 30 hears of token 1 has still been handed on"
    yield f"through time at least {hands} times"
    yield "token 30 compares itself with token 1 in a single step, and with token 2, token 17"


def cost():
    for count in (30, 60):
        updates = sum(1 for _ in range(count))
        comparisons = sum(1 for _ in range(count) for _ in range(count))
        yield f"| {count} | {updates} | {comparisons:,} |"
    yield "$N^2$ comparisons"


def first_blend():
    assert sum(SHARES.values()) == 1
    yield "cat the weight 0.5, car 0.3 and cup 0.2"
    total = [Fraction(0), Fraction(0)]
    for name in NAMES:
        products = [SHARES[name] * value for value in VALUES[name]]
        total = [before + product for before, product in zip(total, products, strict=True)]
        printed = vector(f"{float(product):.1f}" for product in products)
        yield f"| {name} | {float(SHARES[name])} | {vector(VALUES[name])} | {printed} |"
    printed = vector(float(entry) for entry in total)
    yield f"| **Sum** | **1.0** | | **{printed}** |"
    yield f"${printed}$"
    yield f"such as ${vector(VALUES['cat'])}$"


def pronoun():
    weights = [Fraction(72, 100), Fraction(5, 100), Fraction(8, 100), Fraction(15, 100)]
    assert sum(weights) == 1
    printed = " | ".join(f"{float(weight):.2f}" for weight in weights)
    yield "| Token | animal | road | cross | tired |\n|---|---|---|---|---|"
    yield f"| Weight | {printed} |"


def scores():
    yield f"$q = {vector(QUERY)}$"
    for name, key, score in zip(NAMES, KEYS, SCORES, strict=True):
        terms = " + ".join(str(term) for term in key * QUERY)
        yield f"| {name} | {vector(key)} | {terms} | {score} |"
    doubled = 2 * KEYS[1]
    assert doubled @ QUERY == SCORES[0] == 4
    yield f"${vector(doubled)}$"
    yield "its score rises to 4 and ties with cat's"
    yield "$k_1, k_2, k_3$"


def scaling():
    # A sum of 100 products of independent numbers of variance 1 has variance 100.
    assert math.sqrt(100 * 1 * 1) == 10
    yield "mean 0 and variance 1"
    yield "10 for keys of 100 entries"
    assert KEYS.shape[1] == 4
    assert SCALED.tolist() == [2, 1, -1]
    yield "$d_k = 4$ and $\\sqrt{4} = 2$"
    yield "the scaled scores are 2, 1 and -1"


def softmax():
    yield f"$e \\approx {math.e:.3f}$"
    columns = zip(NAMES, SCALED, POWERS, WEIGHTS, strict=True)
    for name, scaled, power, weight in columns:
        yield f"| {name} | {scaled:.0f} | {power:.3f} | {weight:.4f} |"
    printed_sum = sum(Fraction(f"{weight:.4f}") for weight in WEIGHTS)
    assert printed_sum == 1
    assert sum(Fraction(f"{power:.3f}") for power in POWERS) == Fraction(f"{POWERS.sum():.3f}")
    yield f"| **Sum** | | **{POWERS.sum():.3f}** | **{float(printed_sum):.4f}** |"
    assert math.isclose(WEIGHTS[0] / WEIGHTS[1], math.exp(SCALED[0] - SCALED[1]))
    assert 22_000 < math.exp(10) < 23_000
    yield f"A gap of 1 gives a ratio of about {math.exp(1):.1f}, a gap of 3 about {math.exp(3):.0f}"
    yield "a gap of 10 more than 22,000"
    unscaled = np.exp(SCORES) / np.exp(SCORES).sum()
    yield "would be {:.3f}, {:.3f} and {:.3f}".format(*unscaled)
    yield "That is why step 2 matters"


def full_blend():
    terms = " + ".join(
        f"{weight:.4f} {row(value)}" for weight, value in zip(WEIGHTS, V, strict=True)
    )
    # Whoever goes on from the printed weights gets what is printed too.
    printed = np.array([float(f"{weight:.4f}") for weight in WEIGHTS]) @ V
    assert [f"{x:.2f}" for x in printed] == [f"{x:.2f}" for x in OUTPUT]
    yield f"$${terms} \\approx {row(f'{x:.2f}' for x in OUTPUT)}$$"


def meaning():
    assert SHARES["car"] * VALUES["car"][0] == 0
    assert SHARES["cup"] * VALUES["cup"][0] == Fraction(4, 10)
    assert SHARES["car"] > SHARES["cup"]
    yield "the weight 0.3 put three tenths of car's vector"
    yield 'The 0.72 above does not say "we are 72% sure'
    yield "Car's weight of 0.3 added nothing to the first number of the output"
    yield "since its value is 0 there"
    yield "Cup, with only 0.2, added 0.4"


SECTIONS = (
    relay,
    cost,
    first_blend,
    pronoun,
    scores,
    scaling,
    softmax,
    full_blend,
    meaning,
)

# What holds a digit and is no result: years, the names of the steps, a sum that begins at 1.
NO_RESULTS = (
    "### Step 1:",
    "### Step 2:",
    "### Step 3:",
    "### Step 4:",
    "Two papers of 2019",
    "In **2014**",
    "In **2017**",
    "and they sum to 1.",
    "Weights are positive and sum to 1",
)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_what_is_recomputed_is_what_is_printed(section):
    for printed in section():
        assert printed in BODY


def test_no_number_is_printed_that_nothing_here_recomputes():
    left = re.sub(r"```python\n.*?```", "", BODY, flags=re.DOTALL)
    for printed in (*(text for section in SECTIONS for text in section()), *NO_RESULTS):
        left = left.replace(printed, "")
    assert re.findall(r"[^\n]{0,30}\d[^\n]{0,30}", left) == []


def test_the_python_does_what_its_comments_say():
    (source,) = re.findall(r"```python\n(.*?)```", BODY, re.DOTALL)
    names = {}
    first, found, failed = source.splitlines()
    exec(first, names)
    assert names["memory"] == {name: list(value) for name, value in VALUES.items()}
    expression, comment = found.split("  # ")
    assert str(eval(expression, names)) == comment
    expression, comment = failed.split("  # ")
    with pytest.raises(KeyError) as caught:
        eval(expression, names)
    assert type(caught.value).__name__ == comment


def test_the_one_who_is_tired_comes_after_it():
    sentence = "The animal didn't cross the road because it was tired."
    assert f"> {sentence}\n" in BODY
    words = sentence.rstrip(".").split()
    assert "comes **after** *it*" in BODY
    assert words.index("tired") > words.index("it")
    assert words.index("it") > max(words.index(word) for word in ("animal", "cross", "road"))


def test_random_scores_spread_as_the_lesson_says():
    draw = np.random.default_rng(20)
    products = draw.standard_normal((20_000, 100)) * draw.standard_normal((20_000, 100))
    assert abs(products.sum(axis=1).std() - 10) < 0.2


def test_long_keys_without_scaling_give_one_token_nearly_all_the_light():
    draw = np.random.default_rng(21)
    queries, keys = draw.standard_normal((500, 512)), draw.standard_normal((500, 8, 512))
    raw = np.einsum("nd,nkd->nk", queries, keys)

    def largest(scores):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (powers / powers.sum(axis=1, keepdims=True)).max(axis=1)

    assert np.median(largest(raw)) > 0.99
    assert np.median(largest(raw / math.sqrt(512))) < 0.6
    # The slope of softmax at the winner, a (1 - a), has all but vanished.
    top = largest(raw)
    assert np.median(top * (1 - top)) < 0.01


def test_the_lesson_gives_no_answer_of_its_exercises_away():
    for answer in ("3.09", "1.37", "2.88", "Riya", "Meena"):
        assert answer not in BODY

"""Grouping by likeness, against the slow and plain way to do it, and within its bounds."""

from collections import Counter
from itertools import combinations
from math import log, sqrt
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from grading.concepts.bench.answers import Marked
from grading.concepts.bench.groups import ALIKE, MOST, group
from grading.concepts.bench.judging import Judge
from grading.concepts.words import stem
from tests.grading.concepts.bread import BREAD_RULES


def judged(*answers, label="correct"):
    rows = [Marked(answer=a, label=label, line=at) for at, a in enumerate(answers)]
    return list(Judge(BREAD_RULES).judge(rows))


def lines(grouped):
    """The groups and the lone ones as sets of lines."""
    return {frozenset(j.row.line for j in g.answers) for g in grouped.groups} | {
        frozenset([j.row.line]) for j in grouped.alone
    }


def slowly(answers):
    """Average linkage by its definition: join the two most alike, again and again."""
    words = [Counter(stem(t) for t, _, content in j.words if content) for j in answers]
    having = Counter(w for counted in words for w in counted)
    n = len(words)
    vectors = []
    for counted in words:
        raw = {w: c * (1 + log((1 + n) / (1 + having[w]))) for w, c in counted.items()}
        length = sqrt(sum(x * x for x in raw.values()))
        vectors.append({w: x / length for w, x in raw.items()})

    def cosine(a, b):
        return sum(x * vectors[b].get(w, 0) for w, x in vectors[a].items())

    groups = [[at] for at in range(n)]
    while len(groups) > 1:

        def mean(pair):
            one, two = pair
            return sum(cosine(a, b) for a in one for b in two) / (len(one) * len(two))

        best = max(combinations(groups, 2), key=mean)
        if mean(best) < ALIKE:
            break
        groups = [g for g in groups if g not in best] + [best[0] + best[1]]
    return {frozenset(g) for g in groups}


def test_answers_that_say_alike_lie_together_and_the_most_typical_stands_first():
    grouped = group(
        judged(
            "the little bugs breathe",
            "my grandmother taught me",
            "bugs, little ones, breathe and eat",
            "grandmother taught everybody",
            "salt",
        )
    )
    assert lines(grouped) == {frozenset({0, 2}), frozenset({1, 3}), frozenset({4})}
    (bugs,) = [g for g in grouped.groups if g.answers[0].row.line in (0, 2)]
    assert set(bugs.shared) == {"little", "bugs", "breathe"}
    assert [j.row.line for j in grouped.alone] == [4]


WORDS = ["sugar", "salt", "water", "flour", "oven", "heat", "grandmother", "bowl"]


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True).map(" ".join),
        min_size=1,
        max_size=9,
    )
)
def test_no_two_groups_that_are_left_are_alike_enough_to_be_joined(answers):
    found = lines(group(judged(*answers)))
    assert frozenset().union(*found) == set(range(len(answers)))
    assert sum(map(len, found)) == len(answers)
    if len(set(answers)) == 1:
        assert len(found) == 1


def test_the_groups_are_those_of_the_plain_way():
    answers = judged(
        "sugar and salt in water",
        "sugar, salt, warm water",
        "an oven with heat",
        "heat of the oven",
        "the oven heats the bowl",
        "grandmother has a bowl",
        "grandmother",
        "flour and sugar",
        "clouds",
        "the cat sleeps",
        "salt water",
    )
    assert lines(group(answers)) == slowly(answers)


def test_groups_with_marks_at_stake_stand_first():
    wrong = judged("salt in water", "water with salt", "salty salt water", label="incorrect")
    right = judged("bugs breathe", "breathing bugs")
    grouped = group([*wrong, *right])
    assert [g.labels for g in grouped.groups] == [{"correct": 2}, {"incorrect": 3}]


def test_answers_without_words_are_left_alone():
    grouped = group(judged("...", "!?", "the of and"))
    assert (len(grouped.groups), len(grouped.alone)) == (0, 3)


def test_no_more_than_the_bound_are_compared_in_a_bearable_time():
    answers = judged(*(f"word{at % 700} thing{at % 31} other{at % 7}" for at in range(MOST + 5)))
    start = process_time()
    grouped = group(answers)
    assert process_time() - start < 20
    assert grouped.beyond == 5
    assert sum(map(len, lines(grouped))) <= MOST

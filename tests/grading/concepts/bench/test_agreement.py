"""The statistics against published examples, other programs, and what must hold of any table."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grading.concepts.bench.agreement import Share, exact, kappa, quadratic

FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
"""Fleiss, Cohen and Everitt: 100 patients, two diagnosticians."""

COHEN = [[88, 10, 2], [14, 40, 6], [18, 10, 12]]
"""Cohen, Psychological Bulletin 70, 1968: kappa .492, weighted .348."""

SEVERITY = [[0, 1, 3], [1, 0, 6], [3, 6, 0]]

OURS = [[44, 5, 1], [7, 20, 3], [0, 4, 36]]

# Kappas and standard errors: statsmodels 0.15.0, cohens_kappa; the kappas of OURS agree with
# scikit-learn 1.9.1, cohen_kappa_score, too.
KNOWN = [
    (FLEISS, None, 0.676470588235294, 0.08770295347521254),
    (COHEN, None, 0.49152542372881347, 0.05100181557607786),
    (
        COHEN,
        [[1 - w / 6 for w in row] for row in SEVERITY],
        0.3478260869565216,
        0.07550401525482295,
    ),
    (OURS, None, 0.7441364605543711, 0.05150119927502352),
    (OURS, quadratic(3), 0.8716279069767442, 0.03250299544556092),
    ([[61, 5], [9, 45]], None, 0.7627118644067796, 0.059437561271562106),
]


@pytest.mark.parametrize(("table", "weights", "value", "error"), KNOWN)
def test_kappa_and_its_error_are_those_of_other_programs(table, weights, value, error):
    found = kappa(table, weights)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.error == pytest.approx(error, abs=1e-12)


def test_kappa_is_as_published():
    assert round(kappa(FLEISS).value, 2) == 0.68
    assert round(kappa(COHEN).value, 3) == 0.492
    assert round(kappa(COHEN, KNOWN[2][1]).value, 3) == 0.348


def test_the_interval_of_kappa_is_normal_and_stays_within_bounds():
    assert kappa(FLEISS).interval == pytest.approx((0.5045759580860855, 0.8483652183845026))
    low, high = kappa([[2, 1], [0, 2]]).interval
    assert -1 <= low < high == 1


@pytest.mark.parametrize("counts", [(3, 2, 4), (43, 22, 44), (1, 0, 6), (7, 7, 7)])
@pytest.mark.parametrize("weights", [exact(3), quadratic(3)])
def test_perfect_agreement_has_a_kappa_of_one_and_no_interval(counts, weights):
    a, b, c = counts
    found = kappa([[a, 0, 0], [0, b, 0], [0, 0, c]], weights)
    assert found.value == pytest.approx(1)
    assert found.interval is None


@pytest.mark.parametrize("table", [[[5, 0], [0, 0]], [[0, 0], [0, 0]]])
def test_no_kappa_where_chance_agrees_fully_or_nothing_was_marked(table):
    assert kappa(table).value is kappa(table).interval is None


def test_an_answer_that_is_sent_agrees_with_nothing():
    decided = [[8, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert kappa(decided, exact(3, miss=True)).value < kappa([[8, 0], [0, 1]]).value
    all_sent = [[0, 0, 0, 5], [0, 0, 0, 5], [0, 0, 0, 5], [0, 0, 0, 0]]
    assert kappa(all_sent, quadratic(4, miss=True)).value == 0
    assert kappa(all_sent, exact(4, miss=True)).value == 0


def test_quadratic_weights_fall_with_the_square_of_the_distance():
    assert quadratic(3) == [[1, 0.75, 0], [0.75, 1, 0.75], [0, 0.75, 1]]
    assert quadratic(4, miss=True) == [
        [1, 0.75, 0, 0],
        [0.75, 1, 0.75, 0],
        [0, 0.75, 1, 0],
        [0, 0, 0, 0],
    ]


TABLES = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3)


@given(TABLES)
def test_kappa_is_the_same_from_either_side_and_for_twice_the_answers(table):
    turned = [list(column) for column in zip(*table, strict=True)]
    twice = [[2 * n for n in row] for row in table]
    for weights in (exact(3), quadratic(3)):
        found = kappa(table, weights)
        assume(found.value is not None)
        assert -1 - 1e-9 <= found.value <= 1 + 1e-9
        assert kappa(turned, weights).value == pytest.approx(found.value, abs=1e-9)
        assert kappa(twice, weights).value == pytest.approx(found.value, abs=1e-9)
        assert kappa(twice, weights).error == pytest.approx(found.error / 2**0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # statsmodels 0.15.0, proportion_confint(method="wilson")
        (47, 50, 0.8378290831116182, 0.979385029651026),
        (0, 12, 0.0, 0.24249400665524096),
        (12, 12, 1 - 0.24249400665524096, 1.0),
    ],
)
def test_the_interval_of_a_share_is_wilsons(part, whole, low, high):
    assert Share(part=part, whole=whole).interval == pytest.approx((low, high), abs=1e-12)


def test_a_share_of_nothing_says_nothing():
    assert Share(part=0, whole=0).value is Share(part=0, whole=0).interval is None

"""One number for a row of weights, and the length of a clue's way."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.stats

from grading.engine.attention import attend
from grading.engine.measures import (
    comparisons,
    component_shares,
    component_shares_exact,
    effective_tokens,
    entropy,
    hand_overs,
    longest_way,
    total_variation,
    total_variation_exact,
)
from grading.engine.slips import wrong_turns
from grading.errors import EngineError
from tests.grading.engine.checks import K, Q, V


def test_entropy_in_nats_and_in_bits_agrees_with_scipy():
    rng = np.random.default_rng(1)
    rows = rng.dirichlet(np.ones(6), size=(4, 50))
    np.testing.assert_allclose(entropy(rows, unit="nats"), scipy.stats.entropy(rows, axis=-1))
    np.testing.assert_allclose(
        entropy(rows, unit="bits"), scipy.stats.entropy(rows, base=2, axis=-1)
    )


def test_a_certain_row_has_no_entropy_and_an_even_one_the_most():
    assert entropy([0, 1, 0], unit="bits").tolist() == 0
    assert not np.signbit(entropy([0, 1, 0], unit="nats"))
    np.testing.assert_allclose(entropy(np.full(8, 1 / 8), unit="bits"), 3, rtol=1e-15)


def test_effective_tokens_of_the_scorecard_from_hard_to_soft():
    """The weights of the lesson's scorecard, sharpened and flattened."""
    card = np.log([0.72, 0.05, 0.08, 0.15])
    for temperature, tokens in ((0.05, 1.00), (1, 2.39), (2, 3.47), (100, 4.00)):
        powers = np.exp(card / temperature)
        assert effective_tokens(powers / powers.sum()).round(2) == tokens


def test_rounded_weights_are_measured_with_slack():
    with pytest.raises(EngineError, match="WEIGHTS_SUM"):
        entropy([0.33, 0.33, 0.33], unit="nats")
    assert entropy([0.33, 0.33, 0.33], unit="nats", slack=0.015) > 1
    for bad in ([0.5, 0.6], [1.5, -0.5], []):
        with pytest.raises(EngineError, match="WEIGHTS_SUM"):
            effective_tokens(bad)


def test_total_variation_is_the_weight_to_move():
    one, other = [Fraction(72, 100), Fraction(5, 100), Fraction(8, 100), Fraction(15, 100)], [
        Fraction(1, 4)] * 4  # fmt: skip
    assert total_variation_exact(one, other) == Fraction(47, 100)
    np.testing.assert_allclose(total_variation(one, other), 0.47, rtol=1e-14)
    assert total_variation([[1, 0], [0, 1]], [1, 0]).tolist() == [0, 1]


def test_rows_that_cannot_be_compared_are_refused():
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        total_variation([1, 0], [1, 0, 0])
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        total_variation(np.eye(2), np.eye(2)[[0, 1, 1]])
    with pytest.raises(EngineError, match="COUNT_MISMATCH"):
        total_variation_exact([Fraction(1)], [Fraction(1), Fraction(0)])
    with pytest.raises(EngineError, match="WEIGHTS_SUM"):
        total_variation_exact([Fraction(1, 2)], [Fraction(1)])


def test_who_gives_how_much_of_each_component():
    trace = attend(Q, K, V).replay("weights", [[0.72, 0.05, 0.08, 0.15]])
    shares = component_shares(trace)[0]  # (4 tokens, 2 components)
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-15)
    np.testing.assert_allclose(shares[:, 1], [0.526, 0.146, 0, 0.328], atol=5e-4)
    np.testing.assert_allclose(shares[0, 0], 0.932, atol=5e-4)
    nobody = wrong_turns(attend(Q, K, V, allowed=[False] * 4))["hard-lookup"]
    assert np.isnan(component_shares(nobody)).all()


def test_shares_of_the_scorecard_are_exact():
    card = [Fraction(x, 100) for x in (72, 5, 8, 15)]
    values = [[Fraction(int(x)) for x in row] for row in V]
    shares = component_shares_exact(card, values)
    assert [row[1] for row in shares] == [Fraction(x, 137) for x in (72, 20, 0, 45)]
    assert sum(row[0] for row in shares) == 1
    with pytest.raises(EngineError, match="NOT_FINITE"):
        component_shares_exact([Fraction(1)], [[Fraction(0)]])


def test_the_way_of_a_clue():
    assert hand_overs(1, 30, by="relay") == 29
    assert hand_overs(7, 7, by="relay") == 0
    assert hand_overs(30, 1, by="relay") is None
    assert {hand_overs(i, j, by="attention") for i in (1, 30) for j in (1, 7, 30)} == {1}
    # two directions flip which end is near, and leave the middle where it was
    assert hand_overs(30, 1, by="bidirectional") == hand_overs(1, 30, by="bidirectional") == 29
    assert hand_overs(15, 16, by="bidirectional") == hand_overs(15, 16, by="relay")
    assert [longest_way(n, by="relay") for n in (1, 2, 60)] == [0, 1, 59]
    assert longest_way(60, by="attention") == 1


def test_the_price_is_a_square():
    assert comparisons(10) == 100
    assert comparisons(10, causal=True) == np.tril(np.ones((10, 10))).sum()


def test_places_and_counts_that_are_none_are_refused():
    for wrong in (lambda: hand_overs(0, 1, by="relay"), lambda: longest_way(0, by="relay"),
                  lambda: comparisons(-1)):  # fmt: skip
        with pytest.raises(EngineError, match="COUNT_MISMATCH"):
            wrong()


def test_a_measure_keeps_to_its_range_whatever_the_slack():
    with pytest.raises(EngineError, match="WEIGHTS_SUM"):
        entropy([1.0000004, 0], unit="nats")
    with pytest.raises(EngineError, match="WEIGHTS_SUM"):
        total_variation([1.02, 0], [0, 1], slack=0.05)
    rounded_up = [0.34, 0.34, 0.34]
    assert entropy(rounded_up, unit="nats", slack=0.03) <= np.log(3)
    assert effective_tokens(rounded_up, slack=0.03) <= 3
    assert effective_tokens([1 / 3] * 3) <= 3
    assert effective_tokens([1.0, 0, 0]) == 1
    assert total_variation([0.51, 0.51, 0, 0], [0, 0, 0.51, 0.51], slack=0.03) <= 1


def test_entropy_has_two_units_and_no_third():
    with pytest.raises(EngineError, match="UNIT"):
        entropy([0.5, 0.5], unit="dits")

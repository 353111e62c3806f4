"""The relay: what it computes, and how little of the first word it keeps."""

from fractions import Fraction

import numpy as np
import pytest

from grading.engine.relay import (
    Cell,
    bidirectional,
    fixed_size_note,
    half_life,
    left_after,
    left_after_exact,
    note_loss,
    relay,
    stacked,
)
from grading.errors import EngineError

HALF = Cell(W_x=[[1]], W_h=[[0.5]])
CLUE = [[1], [0], [0], [0], [0]]


def random_cell(rng, width, inputs, size=1.0):
    return Cell(
        W_x=rng.standard_normal((width, inputs)),
        W_h=rng.standard_normal((width, width)) * size / np.sqrt(width),
        b=rng.standard_normal(width) * 0.1,
    )


def test_the_clue_of_the_lesson_fades():
    states = relay(CLUE, HALF).states[:, 0]
    np.testing.assert_allclose(states, [0.7616, 0.3634, 0.1797, 0.0896, 0.0448], atol=5e-5)


def test_each_state_follows_from_the_one_before():
    rng = np.random.default_rng(1)
    cell, x, start = random_cell(rng, 3, 2), rng.standard_normal((4, 5, 2)), rng.random((4, 3))
    run = relay(x, cell, start=start)
    state = start
    for t in range(5):
        state = np.tanh(x[:, t] @ cell.W_x.T + state @ cell.W_h.T + cell.b)
        np.testing.assert_allclose(run.states[:, t], state, rtol=1e-12)
    np.testing.assert_array_equal(run.final, run.states[:, -1])


def test_what_is_left_is_what_a_nudge_moves():
    rng = np.random.default_rng(2)
    cell, x = random_cell(rng, 4, 3), rng.standard_normal((6, 3))
    run, step = relay(x, cell), 1e-6
    for earlier, later in ((1, 6), (3, 5), (4, 4)):
        left = run.left_of(earlier, later)
        assert left.shape == (4, 3)
        for a in range(3):
            up, down = x.copy(), x.copy()
            up[earlier - 1, a] += step
            down[earlier - 1, a] -= step
            moved = relay(up, cell).states[later - 1] - relay(down, cell).states[later - 1]
            np.testing.assert_allclose(left[:, a], moved / (2 * step), rtol=0, atol=1e-9)


def test_the_jacobian_is_a_chain_of_hand_overs():
    rng = np.random.default_rng(3)
    run = relay(rng.standard_normal((2, 7, 3)), random_cell(rng, 3, 3))
    np.testing.assert_array_equal(run.jacobian(4, 4), np.broadcast_to(np.eye(3), (2, 3, 3)))
    np.testing.assert_allclose(
        run.jacobian(7, 1), run.jacobian(7, 4) @ run.jacobian(4, 1), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(
        run.jacobian(7, 0), run.jacobian(7, 1) @ run.jacobian(1, 0), rtol=1e-12, atol=1e-15
    )


def test_without_inputs_the_last_hand_overs_are_nearly_linear():
    """Where the states are small tanh is straight, and each hand-over keeps one half."""
    run = relay([[1e-9]] + [[0]] * 29, HALF)
    np.testing.assert_allclose(run.left_of(1, 30), left_after(0.5, 29), rtol=1e-12)


def test_wider_bags_help_a_little_and_cannot_fix_it():
    """The middle of many random relays, of spectral size 0.7: the gradient across 29 hand-overs."""

    def middle(width, runs=15):
        rng = np.random.default_rng(width)
        norms = []
        for _ in range(runs):
            run = relay(rng.standard_normal((30, 8)), random_cell(rng, width, 8, size=0.7))
            norms.append(np.linalg.norm(run.jacobian(30, 1), 2))
        return np.median(norms)

    narrow, wide = middle(4), middle(64)
    assert narrow < wide < 1e-3  # more of it comes through, and still next to nothing


def test_a_relay_that_does_not_fit_is_refused():
    for x, cell, options in (
        ([[1, 2]], HALF, {}),
        ([[1]], Cell(W_x=[[1]], W_h=[[1, 2]]), {}),
        ([[1]], Cell(W_x=[[1]], W_h=[[1]], b=[1, 2]), {}),
        ([[1]], HALF, {"start": [1, 2]}),
        (np.ones((2, 1, 1)), HALF, {"start": np.ones((3, 1))}),
    ):
        with pytest.raises(EngineError, match="DIM_MISMATCH"):
            relay(x, cell, **options)
    with pytest.raises(EngineError, match="NOT_FINITE"):
        relay([[1e300]], Cell(W_x=[[1e300]], W_h=[[1]]))
    run = relay(CLUE, HALF)
    for earlier, later in ((2, 1), (0, 6), (-1, 2)):
        with pytest.raises(EngineError, match="DIM_MISMATCH"):
            run.jacobian(later, earlier)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        run.left_of(0, 1)


def test_a_relay_over_nothing_ends_where_it_began():
    run = relay(np.empty((0, 1)), HALF, start=[0.25])
    assert run.states.shape == (0, 1)
    assert run.final.tolist() == [0.25]


def test_a_batch_of_relays_is_each_by_itself_to_the_last_bit():
    rng = np.random.default_rng(4)
    x, cell = rng.standard_normal((60, 5, 3)), random_cell(rng, 4, 3)
    together = relay(x, cell)
    for i in range(60):
        alone = relay(x[i], cell)
        np.testing.assert_array_equal(together.states[i], alone.states)
        np.testing.assert_array_equal(together.left_of(1, 5)[i], alone.left_of(1, 5))


# ---- the rescues ---------------------------------------------------------------------------------


def test_two_directions_meet_at_every_place():
    rng = np.random.default_rng(5)
    x, there, back = rng.standard_normal((6, 2)), random_cell(rng, 3, 2), random_cell(rng, 4, 2)
    both = bidirectional(x, there, back)
    assert both.states.shape == (6, 7)
    np.testing.assert_array_equal(both.states[:, :3], relay(x, there).states)
    np.testing.assert_array_equal(both.states[::-1, 3:], relay(x[::-1], back).states)


def test_a_stack_passes_states_on_upwards():
    rng = np.random.default_rng(6)
    x, low, high = rng.standard_normal((5, 2)), random_cell(rng, 3, 2), random_cell(rng, 4, 3)
    below, above = stacked(x, [low, high])
    np.testing.assert_array_equal(above.states, relay(below.states, high).states)
    assert stacked(x, []) == ()


# ---- by hand -------------------------------------------------------------------------------------


def test_keeping_a_share_at_each_hand_over():
    np.testing.assert_allclose(left_after(0.9, 29), 0.0471, atol=5e-5)
    np.testing.assert_allclose(left_after(0.9, 20), 0.1216, atol=5e-5)
    np.testing.assert_allclose(left_after(0.5, 29), 1.9e-9, rtol=0.02)
    exact = left_after_exact(Fraction(9, 10), 29)
    assert exact == Fraction(9**29, 10**29)
    np.testing.assert_allclose(left_after(0.9, 29), float(exact), rtol=1e-14)
    assert left_after_exact(Fraction(3, 7), 0) == 1


@pytest.mark.filterwarnings("error")
def test_a_relay_that_blows_up_beyond_all_doubles_is_refused_without_a_warning():
    assert left_after(2, 3) == 8
    assert left_after(1e-308, 2) == 0
    with pytest.raises(EngineError, match="TOO_BIG"):
        left_after(1e308, 2)


def test_the_half_life():
    np.testing.assert_allclose(half_life(0.9), 6.58, atol=5e-3)
    np.testing.assert_allclose(left_after(0.9, half_life(0.9)), 0.5, rtol=1e-14)
    for keep in (0, 1, -0.5, 1.5):
        with pytest.raises(EngineError, match="NOT_FINITE"):
            half_life(keep)


def test_a_relay_that_is_none_is_refused():
    for keep, hops in ((-1, 2), (0.5, -1), (np.nan, 1), (0.5, np.inf)):
        with pytest.raises(EngineError, match="NOT_FINITE"):
            left_after(keep, hops)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        left_after_exact(Fraction(1, 2), -1)
    with pytest.raises(EngineError, match="TOO_BIG"):
        left_after_exact(Fraction(1, 2), 10**9)


# ---- the note ------------------------------------------------------------------------------------


def test_a_note_large_enough_loses_nothing_and_a_blank_one_everything():
    x = np.random.default_rng(7).standard_normal((3, 5, 4))
    for size in (20, 33):
        note = fixed_size_note(x, size)
        assert note.numbers.shape == (3, size)
        np.testing.assert_allclose(note.decoded, x, atol=1e-13)
        np.testing.assert_allclose(note.lost, 0, atol=1e-25)
    np.testing.assert_allclose(fixed_size_note(x, 0).lost, 1)
    assert fixed_size_note(np.zeros((2, 2)), 1).lost == 0


def test_a_longer_sentence_loses_more_on_the_same_note():
    rng = np.random.default_rng(8)
    for words, size in ((5, 20), (10, 20), (50, 20), (10, 7)):
        lost = fixed_size_note(rng.standard_normal((400, words, 4)), size).lost
        np.testing.assert_allclose(lost.mean(), float(note_loss(words, 4, size)), atol=0.02)
    assert note_loss(5, 4, 20) == 0
    assert note_loss(50, 4, 20) == Fraction(9, 10)


def test_every_number_more_on_the_note_helps():
    x = np.random.default_rng(9).standard_normal((6, 3))
    lost = [float(fixed_size_note(x, size).lost) for size in range(19)]
    assert lost == sorted(lost, reverse=True)


def test_a_note_that_cannot_be_is_refused():
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        fixed_size_note([[1, 2]], -1)
    with pytest.raises(EngineError, match="TOO_BIG"):
        fixed_size_note(np.ones((5000, 2)), 4)
    with pytest.raises(EngineError, match="DIM_MISMATCH"):
        note_loss(0, 4, 2)

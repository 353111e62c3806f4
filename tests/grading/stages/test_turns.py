"""One name for an answer only where exactly one wrong turn, or one sort, gives all of it."""

import numpy as np
import pytest

from grading.engine.slips import BLEND_SLIPS, LOOKUP_SLIPS, MATRIX_SLIPS
from grading.sentences import SENTENCES
from grading.stages.recipe import SWAPPED
from grading.stages.turns import FAMILIES, match, name_of

RIGHT = np.array([0.0, 0.0])
REACH = np.array([0.1, 0.1])


def found(typed, *turns, codes=("base2", "unscaled", "top2-only"), fine=0.005):
    return match(
        codes[: len(turns)], np.array(turns, dtype=float), np.array(typed), RIGHT, REACH, fine
    )


def test_the_only_one_near_is_named():
    assert found([1.05, 1.0], [1, 1], [2, 2]).name == "base2"


def test_the_whole_stage_has_to_fit():
    assert found([1.0, 1.2], [1, 1], [2, 2]) is None


def test_half_way_between_two_none_is_named():
    both = found([1.075, 1.0], [1, 1], [1.15, 1])
    assert not both.sure
    assert both.codes == ("base2", "unscaled")
    assert found([1.07, 1.0], [1, 1], [1.15, 1]).name == "base2"


def test_a_slip_whose_neighbour_is_nearer_than_the_answer_is_not_named():
    # 0.04 from the first, which has a neighbour 0.06 away on the other side.
    assert not found([1.04, 1.0], [1, 1], [0.94, 1]).sure


def test_what_is_right_is_a_neighbour_too():
    assert found([0.06, 0.0], [0.09, 0.0]).name == "base2"
    assert not found([0.04, 0.0], [0.09, 0.0]).sure


def test_slips_that_coincide_are_one_sort_or_have_no_name():
    turns = [[1, 1], [1.004, 1]]
    assert found([1, 1], *turns, codes=("base2", "scaled-by-d")).name == "softened-too-much"
    assert not found([1, 1], *turns, codes=("base2", "hard-lookup")).sure


def test_a_slip_that_leaves_the_stage_as_it_is_is_none():
    assert found([0.001, 0], [0.0, 0.0]) is None


def test_what_is_not_finite_is_never_taken_for_an_answer():
    assert found([1, 1], [np.inf, np.nan], [1, 1]).name == "unscaled"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_sort_has_known_members_and_a_sentence(family):
    known = {*LOOKUP_SLIPS, *MATRIX_SLIPS, *BLEND_SLIPS, SWAPPED}
    assert FAMILIES[family] <= known
    assert family in SENTENCES
    assert name_of(FAMILIES[family]) == family


def test_every_slip_has_a_sentence():
    assert {*LOOKUP_SLIPS, *MATRIX_SLIPS, *BLEND_SLIPS, SWAPPED} <= set(SENTENCES)

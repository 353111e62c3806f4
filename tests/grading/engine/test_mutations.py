"""Whatever is put wrong in the engine, something in the battery of checks notices."""

import pytest

from grading.engine.slips import (
    BLEND_SLIPS,
    HEADS_SLIPS,
    LOOKUP_SLIPS,
    MATRIX_SLIPS,
    ROUNDING_SLIPS,
)
from tests.grading.engine import checks
from tests.grading.engine.mutations import MUTATIONS, idle, main, table


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: f"{m.family}: {m.name}")
def test_each_mutation_is_caught(mutation):
    assert table()[mutation]


def test_every_named_slip_is_among_them():
    names = {(mutation.family, mutation.name) for mutation in MUTATIONS}
    for family, slips in (
        ("lookup", LOOKUP_SLIPS), ("matrix", MATRIX_SLIPS), ("rounding", ROUNDING_SLIPS),
        ("heads", HEADS_SLIPS), ("blend", BLEND_SLIPS),
    ):  # fmt: skip
        assert {(family, code) for code in slips} <= names


def test_every_check_catches_something():
    """A check that no wrong engine fails would be a check that cannot fail."""
    assert idle() == []


def test_the_engine_is_whole_again_afterwards():
    table()
    assert checks.failed() == []


def test_the_table_can_be_printed(capsys):
    main()
    printed = capsys.readouterr().out
    assert "heads-not-split" in printed
    assert f"{len(MUTATIONS)} mutations, 0 not caught" in printed

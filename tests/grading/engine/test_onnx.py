"""The engine held against the node cases that define ONNX's Attention operator."""

import pytest

from tests.grading.engine.onnx_suite import CASES, IN_BFLOAT16, error


def test_the_suite_is_the_one_we_know():
    assert len(CASES) == 93
    assert len(IN_BFLOAT16) == 5


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(name):
    assert error(name) <= 1

"""A coverage-guided fuzzer for the reading of numbers: nothing may come out but the two outcomes.

It is no part of the test suite and needs atheris, which goes into an environment of its own::

    python -m venv /somewhere/fuzz && /somewhere/fuzz/bin/pip install atheris numpy
    /somewhere/fuzz/bin/python -m tests.fuzz.numbers -max_total_time=600 corpus/

What it finds is mended, and becomes a test in ``tests/grading/numeric/``.
"""

import importlib
import json
import math
import sys
import time
from typing import Any

atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["grading"]):
    from grading.errors import Unreadable
    from grading.numeric import reading as reading_module
    from grading.numeric.grids import Grid, read_grid, read_text
    from grading.numeric.reading import Reading, read_formula, read_number
    from grading.numeric.value import Rough, evaluate

PIECES = (
    *"0123456789.,;:()[]{}+-*/^%eπ√½²⁻·×÷−–—\t\n\r _x'’=≈∞",
    *("sqrt(", "exp(", "ln(", "log(", "tanh(", "sin(", "cos(", "abs(", "min(", "max(", "pi", "inf"),
    *("**", "1e", "e-3", "0,72", "3.09", "1/3", "10^", "(-1)", "999999999", "1e308", "1e-308"),
    *("\u00a0", "\u2009", "\u200b", "\ufeff", "\u202e", "\ud800", "٣", "，", "；", "。", "\\frac"),
)
SHAPES = ((1,), (2,), (4,), (2, 2), (3, 1), (1, 3), (2, 3))
SLOWEST = 0.05
"""Seconds; far above what any text takes, and far below what a learner would notice."""


def one_input(data: bytes) -> None:
    """Read one text every way there is; whatever is not as promised is raised."""
    provider = atheris.FuzzedDataProvider(data)
    mode = provider.ConsumeIntInRange(0, 7)
    shape = SHAPES[provider.ConsumeIntInRange(0, len(SHAPES) - 1)]
    if provider.ConsumeBool():
        text = provider.ConsumeUnicode(4200)
    else:
        rest = provider.ConsumeBytes(4200)
        text = "".join(PIECES[byte % len(PIECES)] for byte in rest)
    if seconds(mode, text, shape) > SLOWEST:
        # A machine may stumble once; a text that is slow is slow each time.
        slow = min(seconds(mode, text, shape) for _ in range(5))
        assert slow < SLOWEST, f"{slow * 1000:.0f} ms"


def seconds(mode: int, text: str, shape: tuple[int, ...]) -> float:
    """Read the text, and how much work that was for the processor."""
    began = time.process_time()
    if mode < 3:
        check_number(text, infinite=mode == 1, in_list=mode == 2)
    elif mode < 6:
        check_grid(text, shape, blanks=mode == 4, infinite=mode == 5)
    elif mode == 6:
        check_formula(text)
    else:
        json.dumps(read_text(text, shape))
        json.dumps(read_text(text))
    return time.process_time() - began


def check_number(text: str, *, infinite: bool, in_list: bool) -> None:
    """A number is finite, its tree stands in the text, and both ways to it agree."""
    try:
        reading = read_number(text, infinite=infinite, in_list=in_list)
    except Unreadable as refused:
        check_refusal(refused, text)
        return
    check_reading(reading, text, infinite=infinite)
    short, reading_module.value_of = reading_module.value_of, lambda *_: None
    try:
        long = read_number(text, infinite=infinite, in_list=in_list)
    finally:
        reading_module.value_of = short
    assert long._replace(grown=None) == reading._replace(grown=None)
    assert long.tree == reading.tree


def check_reading(reading: Reading, text: str, *, infinite: bool) -> None:
    """What every reading promises."""
    assert 0 <= reading.tree.start < reading.tree.end <= len(text)
    assert all(0 <= note.start < note.end <= len(text) for note in reading.notes)
    if infinite and math.isinf(reading.float):
        return
    assert math.isfinite(reading.float)
    again = evaluate(reading.tree)
    if reading.value is None:
        assert isinstance(again, Rough)
        assert again.x == reading.float
        assert again.error == reading.error < 1e-6 * max(1.0, abs(reading.float))
    else:
        assert not isinstance(again, Rough)
        assert again[0] * reading.value.denominator == again[1] * reading.value.numerator


def check_grid(text: str, shape: tuple[int, ...], *, blanks: bool, infinite: bool) -> None:
    """A grid has every cell, or every fault has its place."""
    try:
        grid = read_grid(text, shape, blanks=blanks, infinite=infinite)
    except Unreadable as refused:
        check_refusal(refused, text)
        return
    assert isinstance(grid, Grid)
    assert len(grid.cells) == math.prod(shape)
    assert grid.floats().shape == shape
    for cell in grid.cells:
        assert blanks or cell is not None
        if cell is not None:
            check_reading(cell, text, infinite=infinite)


def check_formula(text: str) -> None:
    """A formula has a tree that stands in the text."""
    try:
        formula = read_formula(text, ["d", "d_k", "x"])
    except Unreadable as refused:
        check_refusal(refused, text)
        return
    assert 0 <= formula.tree.start < formula.tree.end <= len(text)


def check_refusal(refused: Unreadable, text: str) -> None:
    """A refusal says something, at a place inside the text."""
    assert refused.misreadings
    for misreading in refused.misreadings:
        assert misreading.code
        assert misreading.message
        assert 0 <= misreading.start <= misreading.end <= len(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()

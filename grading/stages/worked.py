"""A worked solution of one variant, stage by stage, as Markdown that a person can check by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from grading.engine.arrays import Array
from grading.exercise import number_text
from grading.stages.key import Key, Stage
from grading.stages.recipe import STAGES

_PLACES: Final = 4
_FAR: Final = 10
"""The power of e of a score beyond that has too many digits to write, or none in four places."""


def written(key: Key, stage: Stage) -> str:
    """The right answer to a stage as somebody would type it: exact, or with digits to spare."""
    digits = max(6, stage.tolerance.digits + 2)
    cells = [
        number_text(value)
        if isinstance(value, Fraction)
        else f"{value:.{digits}f}"
        if stage.tolerance.rule in ("places", "honest", "range")
        else repr(value)
        for value in key.keys(stage.name)
    ]
    return typed(cells, stage.shape)


def typed(cells: Sequence[str], shape: tuple[int, ...]) -> str:
    """Cells as the text of one box: commas within a row, a line for each."""
    width = shape[-1]
    rows = [cells[start : start + width] for start in range(0, len(cells), width)]
    return "\n".join(", ".join(row) for row in rows)


def steps(key: Key) -> Iterator[str]:
    """The way to the last stage that is asked, one step after the other."""
    last = max(STAGES.index(stage.name) for stage in key.stages)
    upto = STAGES[: last + 1]
    if key.recipe.family == "full":
        yield _score_step(key)
    if key.recipe.family != "blend":
        if "scaled" in upto:
            yield from _scale_steps(key)
        if "weights" in upto:
            yield from _softmax_steps(key)
    if "products" not in upto:
        return
    if key.asking:
        yield from _row_steps(key)
        return
    yield "Multiply each value by its weight:\n\n" + "\n".join(
        f"- {label}: ${weight} \\times [{value}] = [{product}]$"
        for label, weight, value, product in zip(
            map(_plain, key.labels),
            _told(key, "weights"),
            _values(key),
            _products(key),
            strict=True,
        )
    )
    if "output" in upto:
        yield f"Add them up, place by place: {_bracket(_told(key, 'output'))}."


def _score_step(key: Key) -> str:
    queries, keys = key.start.rows["queries"], key.start.rows["keys"]
    if key.asking:
        table = _table(key, _told(key, "scores"))
        return f"Score each query against each key: multiply place by place, and add.\n\n{table}"
    (query,) = queries
    lines = [
        f"- {_plain(label)}: ${_dot(query, row)} = {score}$"
        for label, row, score in zip(key.labels, keys, _told(key, "scores"), strict=True)
    ]
    return "Score each key: multiply it by the query place by place, and add.\n\n" + "\n".join(
        lines
    )


def _scale_steps(key: Key) -> Iterator[str]:
    if key.sheaf.right.asked.scale == 1:
        return
    if key.recipe.scale is None:
        width = len(key.start.rows["keys"][0])
        exact = key.recipe.exact_scale(width)
        root = f"= {1 / exact}" if exact is not None else f"\\approx {width**0.5:.{_PLACES}f}"
        how = f"Divide each score by $\\sqrt{{{width}}} {root}$"
    else:
        how = f"Multiply each score by {number_text(key.recipe.scale)}"
    if key.asking:
        yield f"{how}.\n\n{_table(key, _told(key, 'scaled'))}"
    else:
        yield f"{how}: {_bracket(_told(key, 'scaled'))}."


def _softmax_steps(key: Key) -> Iterator[str]:
    if key.recipe.temperature != 1:
        yield f"Divide by the temperature {number_text(key.recipe.temperature)}."
    if key.recipe.causal:
        yield (
            "The mask lets each see itself and what comes before. All other scores become minus "
            "infinity, and $e$ to the power of that is 0."
        )
    cold = key.trace.masked[0] / float(key.recipe.temperature)
    best = cold.max(axis=-1, keepdims=True)
    if (np.abs(best[np.isfinite(best)]) > _FAR).any():
        what = "largest of its row" if key.asking else "largest"
        yield (
            f"Take the {what} off each: that changes no weight, and keeps the powers of $e$ "
            f"from 0 to 1."
        )
        cold = cold - np.where(np.isfinite(best), best, 0.0)
    powers = np.exp(cold)
    if key.asking:
        totals = ", ".join(
            f"{_plain(name)} {_short(total)}"
            for name, total in zip(key.asking, powers.sum(axis=-1), strict=True)
        )
        cells = [_short(power) for power in powers.ravel()]
        yield f"Take $e$ to the power of each.\n\n{_table(key, cells)}"
        yield (
            f"Add up each row ({totals}), and divide each power by the sum of its row.\n\n"
            f"{_table(key, _told(key, 'weights'))}"
        )
        return
    yield (
        "Take $e$ to the power of each, and divide each power by their sum.\n\n"
        "| | power of e | weight |\n|---|---|---|\n"
        + "\n".join(
            f"| {_plain(label)} | {_short(power)} | {weight} |"
            for label, power, weight in zip(
                key.labels, powers[0], _told(key, "weights"), strict=True
            )
        )
        + f"\n| sum | {_short(powers[0].sum())} | 1 |"
    )


def _row_steps(key: Key) -> Iterator[str]:
    """Several queries: each row of weights mixes the values by itself."""
    weights, outputs = _rows(key, "weights"), _rows(key, "output")
    lines = []
    for name, row, output in zip(key.asking, weights, outputs, strict=True):
        terms = " + ".join(
            f"{weight} \\times [{value}]" for weight, value in zip(row, _values(key), strict=True)
        )
        lines.append(f"- {_plain(name)}: ${terms} = [{', '.join(output)}]$")
    yield "Mix the values, each row of weights by itself:\n\n" + "\n".join(lines)


# ---- writing -------------------------------------------------------------------------------------


def _told(key: Key, stage: str) -> list[str]:
    """The entries of a stage, exact where they are rational and short."""
    if key.recipe.family == "blend" and stage == "weights":
        return [number_text(weight) for row in key.start.rows["weights"] for weight in row]
    exact = key.exact.get(stage)
    if exact is None:
        return [_short(value) for value in key.right(stage)]
    return [number_text(value) for value in exact]


def _rows(key: Key, stage: str) -> list[list[str]]:
    cells, count = _told(key, stage), len(key.asking)
    width = len(cells) // count
    return [cells[start : start + width] for start in range(0, len(cells), width)]


def _values(key: Key) -> list[str]:
    return [", ".join(map(number_text, value)) for value in key.start.rows["values"]]


def _products(key: Key) -> list[str]:
    cells, width = _told(key, "products"), len(key.start.rows["values"][0])
    return [", ".join(cells[start : start + width]) for start in range(0, len(cells), width)]


def _dot(query: Sequence[Fraction], row: Sequence[Fraction]) -> str:
    return " + ".join(
        f"{_factor(one)} \\cdot {_factor(other)}" for one, other in zip(query, row, strict=True)
    )


def _factor(value: Fraction) -> str:
    text = number_text(value)
    return f"({text})" if value < 0 else text


def _table(key: Key, cells: Sequence[str]) -> str:
    """A stage of several queries: a row for each, a column for each key."""
    width = len(key.labels)
    lines = [
        f"| | {' | '.join(map(_plain, key.labels))} |",
        "|---|" + "---|" * width,
    ]
    for place, name in enumerate(key.asking):
        row = cells[place * width : (place + 1) * width]
        lines.append(f"| {_plain(name)} | {' | '.join(row)} |")
    return "\n".join(lines)


def _short(value: float | Array) -> str:
    return f"{float(value):.{_PLACES}f}"


def _bracket(cells: Sequence[str]) -> str:
    return f"[{', '.join(cells)}]"


def _plain(label: str) -> str:
    """A label, whatever signs of Markdown are in it."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>()#+-.!|$~" else char for char in label)

"""The numbers that an exercise's parts share: checked as written, drawn, stored and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

from grading.document import unknown_keys
from grading.draws import Stream
from grading.errors import BrokenExercise, Fault
from grading.exercise import Given, Value, number_text

SHOWING = ("value", "draw", "label", "rows", "columns", "hidden")
"""The keys that say how a given is shown; the rest belong to its draw."""

DRAWS: Mapping[str, tuple[str, ...]] = {
    "integers": ("low", "high", "shape", "distinct"),
    "weights": ("count", "places", "largest"),
    "choose": ("from",),
}

MOST_CELLS = 400
LARGEST_WEIGHT = Fraction(9, 10)
MOST_TRIES = 30_000
"""A block whose weights do not turn up ten times in a tenth of this is refused."""

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)((?:\[[0-9]{1,3}\]){0,2})\}")
"""A given, or one entry of it, in braces: ``{weights}``, ``{weights[2]}``, ``{keys[2][1]}``."""


def check_given(given: Mapping[str, Value]) -> list[Fault]:
    """Every fault in the ``given`` block, placed relative to it."""
    faults: list[Fault] = []
    for name, spec in given.items():
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            message = f"`{name}` cannot name a given: use letters, digits and _, a letter first."
            faults.append(Fault(code="name", message=message, place=(name,)))
        found = _check_spec(spec) if isinstance(spec, Mapping) else _check_value(spec)
        faults += [fault.under(name) for fault in found]
    return faults


def draw_given(given: Mapping[str, Value], seed: int, turn: int) -> dict[str, Value]:
    """One variant's numbers: drawn ones from the seed and the turn, fixed ones as written."""
    return {
        name: _draw(spec, Stream("given", seed, turn, name))
        if isinstance(spec, Mapping) and "draw" in spec
        else _fixed(spec)
        for name, spec in given.items()
    }


def store(value: Value) -> Any:
    """A given's value as JSON, numbers as exact text: what a sheet keeps."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [store(entry) for entry in value]
    if isinstance(value, Mapping):
        return {"map": {key: store(entry) for key, entry in value.items()}}
    return {"is": value}


def restore(stored: Any) -> Value:
    """The value that ``store`` wrote."""
    if isinstance(stored, str):
        return Fraction(stored)
    if isinstance(stored, list):
        return tuple(restore(entry) for entry in stored)
    if "map" in stored:
        return {key: restore(entry) for key, entry in stored["map"].items()}
    value: Value = stored["is"]
    return value


def shown_text(value: Value) -> str:
    """A given inside a sentence: ``0.72``, ``[0.72, 0.05]``, ``[4, 1], [1, 4]``, a word."""
    if isinstance(value, tuple):
        rows = value if value and all(isinstance(row, tuple) for row in value) else None
        if rows is not None:
            return ", ".join(shown_text(row) for row in rows)
        return "[" + ", ".join(shown_text(entry) for entry in value) + "]"
    return _cell(value)


def fill(text: str, given: Mapping[str, Value]) -> str:
    """The text with each ``{name}`` of a given replaced; other braces (as in LaTeX) stay."""

    def filled(match: re.Match[str]) -> str:
        value = named_value(match[0], given)
        return match[0] if value is None else shown_text(value)

    return PLACEHOLDER.sub(filled, text)


def named_value(braced: str, given: Mapping[str, Value]) -> Value:
    """What ``{name}``, ``{name[2]}`` or ``{name[2][1]}`` names; None where there is no such thing.

    Entries are counted from 1; those of a matrix by row, then by column.

    >>> named_value("{w[2]}", {"w": (Fraction(1), Fraction(3))})
    Fraction(3, 1)
    """
    match = PLACEHOLDER.fullmatch(braced)
    if match is None:
        return None
    value = given.get(match[1])
    for index in map(int, re.findall(r"[0-9]+", match[2])):
        if not isinstance(value, tuple) or not 1 <= index <= len(value):
            return None
        value = value[index - 1]
    return value


def tables(given: Mapping[str, Value], values: Mapping[str, Value]) -> Iterator[Given]:
    """Each given that is to be shown, as a table: a vector is one row, one number one cell."""
    for name, spec in given.items():
        how: Mapping[str, Any] = spec if isinstance(spec, Mapping) else {}
        value = values[name]
        if how.get("hidden") or not isinstance(value, tuple):
            continue
        matrix = value if all(isinstance(row, tuple) for row in value) else (value,)
        yield Given(
            name=name,
            label=str(how.get("label", name)),
            values=tuple(tuple(_cell(cell) for cell in row) for row in matrix),  # type: ignore[union-attr]
            rows=tuple(map(str, how.get("rows", ()))),
            columns=tuple(map(str, how.get("columns", ()))),
        )


def _cell(value: Value) -> str:
    return number_text(value) if isinstance(value, Fraction) else str(value)


def _fixed(spec: Value) -> Value:
    return spec["value"] if isinstance(spec, Mapping) else spec


def _check_value(value: Value) -> list[Fault]:
    if value is None or value == ():
        return [Fault(code="empty", message="A given needs a value.")]
    if isinstance(value, tuple):
        lengths = {len(row) for row in value if isinstance(row, tuple)}
        if len(lengths) > 1:
            message = f"The rows have different lengths: {', '.join(map(str, sorted(lengths)))}."
            return [Fault(code="ragged", message=message)]
        if lengths and not all(isinstance(row, tuple) for row in value):
            return [Fault(code="ragged", message="Some entries are rows and some are not.")]
    return []


def _check_spec(spec: Mapping[str, Value]) -> list[Fault]:
    if "draw" not in spec:
        faults = unknown_keys(spec, [key for key in SHOWING if key != "draw"])
        if "value" not in spec:
            faults.append(Fault(code="missing", message="Say its `value`, or how to `draw` it."))
            return faults
        faults += [fault.under("value") for fault in _check_value(spec["value"])]
        return faults + _check_labels(spec, _shape(spec["value"]))
    kind = spec["draw"]
    if not isinstance(kind, str) or kind not in DRAWS:
        message = f"`draw` is one of {', '.join(DRAWS)}."
        return [Fault(code="draw", message=message, place=("draw",))]
    known = [key for key in SHOWING if key != "value"]
    faults = unknown_keys(spec, [*known, *DRAWS[kind]])
    faults += {"integers": _check_integers, "weights": _check_weights, "choose": _check_choose}[
        kind
    ](spec)
    return faults


def _check_integers(spec: Mapping[str, Value]) -> list[Fault]:
    low, high = _whole(spec.get("low")), _whole(spec.get("high"))
    faults = []
    if low is None or high is None or low >= high or high - low > 1000:
        message = "`low` and `high` are whole numbers, `low` the smaller, at most 1000 apart."
        faults.append(Fault(code="range", message=message, place=("low",)))
    shape = _spec_shape(spec["shape"]) if "shape" in spec else ()
    if shape is None:
        message = "`shape` is a count such as `4`, or rows and columns such as `[4, 2]`."
        faults.append(Fault(code="shape", message=message, place=("shape",)))
    if not faults and shape and spec.get("distinct") and low is not None and high:
        room = (high - low + 1) ** (shape[1] if len(shape) == 2 else 1)
        if room < shape[0]:
            message = f"{shape[0]} different ones cannot be drawn: there are only {room}."
            faults.append(Fault(code="distinct", message=message, place=("distinct",)))
    return faults + (_check_labels(spec, shape) if shape else [])


def _check_weights(spec: Mapping[str, Value]) -> list[Fault]:
    count, places = _whole(spec.get("count")), _whole(spec.get("places", Fraction(2)))
    largest = spec.get("largest", LARGEST_WEIGHT)
    faults = []
    if count is None or not 2 <= count <= 12:
        message = "`count` is a whole number from 2 to 12."
        faults.append(Fault(code="count", message=message, place=("count",)))
    if places not in (1, 2, 3):
        message = "`places` is 1, 2 or 3."
        faults.append(Fault(code="places", message=message, place=("places",)))
    if not isinstance(largest, Fraction) or not 0 < largest <= 1:
        message = "`largest` is the most that one weight may be, above 0 and at most 1."
        faults.append(Fault(code="largest", message=message, place=("largest",)))
    if not faults and isinstance(largest, Fraction) and not _weights_turn_up(spec):
        message = (
            f"{count} different weights of {places} place{'s' * (places != 1)}, none above "
            f"{number_text(largest)}, hardly ever sum to 1, or never: ask for fewer, for more "
            f"`places`, or let the `largest` be larger."
        )
        faults.append(Fault(code="weights", message=message, place=("count",)))
    return faults + (_check_labels(spec, (count,)) if count else [])


def _weights_turn_up(spec: Mapping[str, Value]) -> bool:
    """Whether weights as asked for are frequent enough that a draw never looks for them in vain."""
    stream = Stream("weights that turn up")
    tries = (_try_weights(spec, stream) for _ in range(MOST_TRIES // 10))
    return sum(1 for _ in islice(filter(None, tries), 10)) == 10


def _check_choose(spec: Mapping[str, Value]) -> list[Fault]:
    options = spec.get("from")
    if not isinstance(options, tuple) or len(options) < 2:
        message = "`from` is a list of at least two values to choose from."
        return [Fault(code="from", message=message, place=("from",))]
    faults = [
        fault.under("from", at)
        for at, option in enumerate(options)
        for fault in _check_value(option)
    ]
    shapes = [_shape(option) for option in options]
    odd = next((at for at, shape in enumerate(shapes) if shape != shapes[0]), None)
    if odd is not None and not faults:
        message = (
            f"Every value to choose from has the shape of the first, {_called(shapes[0])}; this "
            f"one is {_called(shapes[odd])}."
        )
        faults.append(Fault(code="shape", message=message, place=("from", odd)))
    return faults or _check_labels(spec, shapes[0])


def _called(shape: tuple[int, ...]) -> str:
    if not shape:
        return "one value"
    return f"a list of {shape[0]}" if len(shape) == 1 else f"{shape[0]} rows of {shape[1]}"


def _check_labels(spec: Mapping[str, Value], shape: tuple[int, ...]) -> list[Fault]:
    faults = []
    # A vector is shown as one row, so its entries are labelled by columns.
    wanted = {
        "rows": shape[0] if len(shape) == 2 else 1,
        "columns": shape[-1] if shape else 1,
    }
    for key, count in wanted.items():
        labels = spec.get(key, ())
        if key in spec and (not isinstance(labels, tuple) or len(labels) != count):
            message = f"`{key}` is a list of {count} labels."
            faults.append(Fault(code="labels", message=message, place=(key,)))
    return faults


def _draw(spec: Mapping[str, Any], stream: Stream) -> Value:
    match spec["draw"]:
        case "integers":
            return _draw_integers(spec, stream)
        case "weights":
            return _draw_weights(spec, stream)
        case _:
            chosen: Value = stream.one_of(spec["from"])
            return chosen


def _draw_integers(spec: Mapping[str, Any], stream: Stream) -> Value:
    low, high = int(spec["low"]), int(spec["high"])
    if "shape" not in spec:
        return Fraction(stream.between(low, high))
    shape = _spec_shape(spec["shape"]) or (1,)
    entries: list[Value] = []
    while len(entries) < shape[0]:
        entry: Value = (
            Fraction(stream.between(low, high))
            if len(shape) == 1
            else tuple(Fraction(stream.between(low, high)) for _ in range(shape[1]))
        )
        if not (spec.get("distinct") and entry in entries):
            entries.append(entry)
    return tuple(entries)


def _draw_weights(spec: Mapping[str, Any], stream: Stream) -> Value:
    """Positive weights of so many places that sum to exactly 1, none above ``largest``."""
    for _ in range(MOST_TRIES):
        weights = _try_weights(spec, stream)
        if weights:
            return weights
    message = "No weights as asked for turned up: let the `largest` be larger, or ask for fewer."
    raise BrokenExercise([Fault(code="weights", message=message, place=("given",))])


def _try_weights(spec: Mapping[str, Any], stream: Stream) -> tuple[Fraction, ...] | None:
    """One list of weights that sum to 1; None where two are equal or one is too large."""
    count = int(spec["count"])
    units = 10 ** int(spec.get("places", 2))
    # Cutting a stick at random places makes every such list of weights equally likely.
    cuts = {stream.between(1, units - 1) for _ in range(count - 1)}
    if len(cuts) < count - 1:
        return None
    parts = [b - a for a, b in pairwise([0, *sorted(cuts), units])]
    if len(set(parts)) < count or max(parts) > spec.get("largest", LARGEST_WEIGHT) * units:
        return None
    return tuple(Fraction(part, units) for part in parts)


def _whole(value: Value) -> int | None:
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else None


def _spec_shape(value: Value) -> tuple[int, ...] | None:
    sizes = value if isinstance(value, tuple) else (value,)
    shape = tuple(_whole(size) or 0 for size in sizes)
    cells = 1
    for size in shape:
        cells *= size
    return shape if 1 <= len(shape) <= 2 and min(shape) > 0 and cells <= MOST_CELLS else None


def _shape(value: Value) -> tuple[int, ...]:
    if not isinstance(value, tuple):
        return ()
    if value and isinstance(value[0], tuple):
        return (len(value), len(value[0]))
    return (len(value),)

"""Cases put to the engine and to torch alike: what is asked, what the engine says, and how far
apart two careful float64 computations may lie.

Needs numpy and the engine alone, because scripts/trust uses it where nothing else is installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

# by module, so that a door which a mutation has exchanged is the one that is used
from grading.engine import attention, heads, relay, slope

GOLDEN = Path(__file__).parent / "golden" / "torch.npz"
EPS = float(np.finfo(np.float64).eps)

Results = Mapping[str, np.ndarray]

BOUNDS = {
    "attention": "8 eps max|v| (1 + max|score|)",
    "multi-head": "8 eps max|v| (1 + max|score|) (1 + max row of |W_o|)",
    "relay": "32 eps",
    "gradient": "1e-8 (at least 1, or the largest slope)",
}
"""How far from torch each family may be; the scores are those that go into exp."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One call: arrays and settings by the names that the engine gives them."""

    family: str  # attention, multi-head, relay or gradient
    kind: str
    arrays: dict[str, np.ndarray]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def groups(self) -> int:
        """How many query heads share a key head, where attention is grouped."""
        q, k = self.arrays["Q"], self.arrays["K"]
        return q.shape[-3] // k.shape[-3] if self.options.get("grouped") else 1

    @cached_property
    def room(self) -> float:
        """The bound on the results of attention, in one head or in many."""
        arrays = self.arrays
        if self.family == "multi-head":
            q, k, v = (_side(arrays, letter) for letter in "qkv")
            narrow = q.shape[-1] // self.options["heads"]
            top = float(np.abs(q).max() * np.abs(k).max()) * narrow**0.5 + _bias(arrays)
            wide = 1 + float(np.abs(arrays["W_o"]).sum(axis=0).max())
            return 8 * EPS * (1 + top) * max(1.0, float(np.abs(v).max())) * wide
        q, k, v = (arrays[letter] for letter in "QKV")
        if self.groups > 1:
            k = np.repeat(k, self.groups, axis=-3)
        scale = self.options.get("scale", q.shape[-1] ** -0.5)
        scores = np.einsum("...id,...jd->...ij", q, k) * scale
        top = float(np.abs(scores).max(initial=0.0)) + _bias(arrays)
        top /= self.options.get("temperature", 1.0)
        return 8 * EPS * float(np.abs(v).max(initial=0.0)) * (1 + top)


def ours(case: Case) -> dict[str, np.ndarray]:
    """The engine's results, by name."""
    arrays = dict(case.arrays)
    options = {name: value for name, value in case.options.items() if name != "grouped"}
    if case.family == "attention":
        run = heads.attend_grouped if case.options.get("grouped") else attention.attend
        return {"output": run(**arrays, **options).output}
    if case.family == "gradient":
        upstream = arrays.pop("gradient")
        back = slope.pull_back(attention.attend(**arrays, **options), upstream)
        assert back.queries is not None
        assert back.keys is not None
        return {"queries": back.queries, "keys": back.keys, "values": back.values}
    if case.family == "multi-head":
        names = [f"{kind}_{letter}" for letter in "qkvo" for kind in "Wb"]
        by = heads.Projections(**{name: arrays.pop(name) for name in names if name in arrays})
        done = heads.multi_head(**arrays, by=by, **options)
        return {"output": done.output, "weights": done.trace.weights}
    cells = [
        relay.Cell(W_x=arrays[f"W_x{i}"], W_h=arrays[f"W_h{i}"], b=arrays[f"b{i}"])
        for i in range(options["cells"])
    ]
    if case.kind == "bidirectional":
        return {"states": relay.bidirectional(arrays["X"], *cells).states}
    if case.kind == "stacked":
        return {"states": relay.stacked(arrays["X"], cells)[-1].states}
    run_ = relay.relay(arrays["X"], cells[0], start=arrays["start"])
    return {"states": run_.states, "left": run_.left_of(1, run_.states.shape[-2])}


def bound(case: Case, name: str, theirs: np.ndarray) -> float:
    """How far the result called ``name`` may lie from ``theirs``."""
    if case.family == "gradient" or name == "left":
        return 1e-8 * max(1.0, float(np.abs(theirs).max(initial=0.0)))
    if case.family == "relay":
        return 32 * EPS
    return case.room


def error(case: Case, theirs: Results, mine: Results | None = None) -> float:
    """The largest difference from ``theirs``, in units of the bound; infinite where shapes differ.

    ``mine`` are the engine's own results unless others are given.
    """
    mine = ours(case) if mine is None else mine
    worst = 0.0
    for name, wanted in theirs.items():
        got = mine[name]
        if got.shape != wanted.shape or not np.isfinite(got).all():
            return float("inf")
        gap = float(np.abs(got - wanted).max(initial=0.0))
        worst = max(worst, gap / bound(case, name, wanted) if gap else 0.0)
    return worst


# ---- kept on disk --------------------------------------------------------------------------------


def store(path: Path, cases: Iterable[tuple[Case, Results]], head: Mapping[str, Any]) -> int:
    """Write cases with torch's results: one flat array of numbers, and an index in JSON."""
    numbers: list[np.ndarray] = []
    index, start = [], 0
    for case, theirs in cases:
        entry: dict[str, Any] = {
            "family": case.family, "kind": case.kind, "options": case.options, "arrays": {},
            "theirs": {},
        }  # fmt: skip
        for part, arrays in (("arrays", case.arrays), ("theirs", theirs)):
            for name, array in arrays.items():
                entry[part][name] = [start, array.shape, array.dtype == np.bool_]
                numbers.append(array.astype(np.float64).ravel())
                start += array.size
        index.append(entry)
    text = json.dumps({**head, "cases": index})
    np.savez_compressed(path, numbers=np.concatenate(numbers), index=text)
    return start


def stored() -> Iterator[tuple[Case, dict[str, np.ndarray]]]:
    """The cases that scripts/trust --golden wrote, each with the results of torch."""
    with np.load(GOLDEN) as file:
        numbers, index = file["numbers"], json.loads(str(file["index"]))

    def array(where: tuple[int, list[int], bool]) -> np.ndarray:
        start, shape, boolean = where
        cells = numbers[start : start + int(np.prod(shape))].reshape(shape)
        return cells.astype(bool) if boolean else cells

    for entry in index["cases"]:
        yield (
            Case(
                family=entry["family"],
                kind=entry["kind"],
                arrays={name: array(where) for name, where in entry["arrays"].items()},
                options=entry["options"],
            ),
            {name: array(where) for name, where in entry["theirs"].items()},
        )


# ---- small steps ---------------------------------------------------------------------------------


def _bias(arrays: Mapping[str, np.ndarray]) -> float:
    bias = arrays.get("bias", np.zeros(1))
    return float(np.abs(bias[np.isfinite(bias)]).max(initial=0.0))


def _side(arrays: Mapping[str, np.ndarray], letter: str) -> np.ndarray:
    return arrays[letter.upper()] @ arrays[f"W_{letter}"] + arrays.get(f"b_{letter}", 0.0)

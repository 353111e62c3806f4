"""Random cases put to the reference engine and to torch side by side; started by scripts/trust."""

from __future__ import annotations

import argparse
import json
import sys
import time
import types
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "grading" / "engine" / "golden" / "torch.npz"

# The engine alone, without the rest of the house: a bare package named grading stands in for
# grading/__init__.py, whose public names would ask for libraries that this environment lacks.
grading = types.ModuleType("grading")
grading.__path__ = [str(ROOT / "grading")]
sys.modules["grading"] = grading

from grading.engine.attention import attend  # noqa: E402 - after the bare package

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call of the engine: arrays and options by the names that ``attend`` gives them."""

    kind: str
    arrays: dict[str, np.ndarray]
    options: dict[str, Any] = field(default_factory=dict)
    groups: int = 1
    """How many query heads share a key head."""


def draw(rng: np.random.Generator, *, small: bool) -> Case:
    """One random case; a small one has few, short numbers, for storing."""
    most_queries, most_keys, most_width = (4, 5, 4) if small else (9, 24, 33)
    lq, lk = (int(rng.integers(1, most + 1)) for most in (most_queries, most_keys))
    d, dv = (int(rng.integers(1, most_width + 1)) for _ in range(2))
    if rng.random() < 0.4:
        dv = d  # else torch leaves its fused kernel aside
    if not small and rng.random() < 0.05:
        lk = int(rng.integers(60, 140))
    if rng.random() < 0.4:
        lq = lk = min(lq, lk)
    lead = tuple(int(n) for n in rng.integers(1, 3 if small else 4, size=rng.integers(0, 3)))
    groups = 1
    if rng.random() < 0.15:
        groups, lead = int(rng.integers(2, 4)), (*lead[:1], int(rng.integers(1, 3)))
        lead = (1, *lead)[-2:]  # torch groups heads on four axes only

    def normal(*shape: int) -> np.ndarray:
        numbers = rng.standard_normal(shape)
        return np.round(numbers * 64) / 64 if small else numbers

    heads = (*lead[:-1], lead[-1] * groups) if groups > 1 else lead
    loud = 10.0 ** rng.integers(-2, 2) if small else 10.0 ** rng.uniform(-3, 2)
    arrays = {
        "Q": normal(*heads, lq, d) * loud,
        "K": normal(*lead, lk, d),
        "V": normal(*lead, lk, dv) * 10.0 ** float(rng.integers(-3, 4)),
    }
    options: dict[str, Any] = {}
    if rng.random() < 0.35:
        options["scale"] = float(rng.choice([1.0, 0.5, -0.25, 2.0, 0.0, 1 / 3]))
    if rng.random() < 0.2:
        options["temperature"] = float(rng.choice([0.05, 0.5, 2.0, 100.0]))

    kind = str(rng.choice(["plain", "allowed", "empty", "bias", "closed", "both", "causal",
                           "offset", "window", "causal+allowed"]))  # fmt: skip
    shapes = [(lq, lk), (1, lk), (lk,), (*heads, lq, lk), (*(1 for _ in heads), lq, lk)]
    shape = shapes[rng.integers(len(shapes))]
    if kind in ("allowed", "both", "causal+allowed"):
        arrays["allowed"] = rng.random(shape) < 0.7
    if kind == "empty":
        allowed = rng.random((*heads, lq, lk)) < 0.6
        allowed[..., rng.integers(lq), :] = False
        arrays["allowed"] = allowed
    if kind in ("bias", "closed", "both"):
        bias = normal(*shape) * 3
        if kind == "closed":
            bias = np.where(rng.random(shape) < 0.3, -np.inf, bias)
        arrays["bias"] = bias
    if kind in ("causal", "offset", "causal+allowed"):
        options |= {"causal": True, "causal_offset": 0}
    if kind in ("offset", "window"):
        options["causal_offset"] = int(rng.integers(-lq, lk + 1))
    if kind == "window":
        options["window"] = [None if rng.random() < 0.3 else int(rng.integers(0, lk)) for _ in "lr"]
        options["causal"] = bool(rng.random() < 0.5)
    return Case(kind=kind, arrays=arrays, options=options, groups=groups)


def ours(case: Case) -> np.ndarray:
    """The engine's output."""
    arrays = dict(case.arrays)
    for name in ("K", "V") if case.groups > 1 else ():
        arrays[name] = np.repeat(arrays[name], case.groups, axis=-3)
    return attend(**arrays, **case.options).output


def theirs(case: Case) -> np.ndarray:
    """The output of torch, every mask and window built by other means than the engine's."""
    q, k, v = (torch.from_numpy(case.arrays[name]) for name in "QKV")
    options = case.options
    heat = options.get("temperature", 1.0)
    scale = options.get("scale", q.shape[-1] ** -0.5) / heat
    extra: dict[str, Any] = {"enable_gqa": True} if case.groups > 1 else {}
    if case.kind == "causal":
        # torch's fused kernel multiplies its own minus infinity by the scale: NaN unless scale > 0
        with sdpa_kernel(SDPBackend.MATH) if scale <= 0 else nullcontext():
            out = torch.nn.functional.scaled_dot_product_attention(
                q, k, v, is_causal=True, scale=scale, **extra
            )
        return out.numpy()

    mask = torch.from_numpy(case.arrays["allowed"]) if "allowed" in case.arrays else None
    if "causal_offset" in options:
        square = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool)
        offset = options["causal_offset"]
        order = square.tril(offset) if options["causal"] else square
        left, right = options.get("window", (None, None))
        if left is not None:
            order = order & square.triu(offset - left)
        if right is not None:
            order = order & square.tril(offset + right)
        mask = order if mask is None else mask & order
    if "bias" in case.arrays:
        bias = torch.from_numpy(case.arrays["bias"]) / heat
        mask = bias if mask is None else bias.masked_fill(~mask, -torch.inf)
    if mask is not None and mask.ndim == 1:  # one row for every query, which torch wants spelt out
        mask = mask[None]
    out = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, scale=scale, **extra
    )
    return out.numpy()


def bound(case: Case) -> float:
    """How far apart two careful float64 computations may lie: 8 eps max|v| (1 + max|score|)."""
    q, k, v = (torch.from_numpy(case.arrays[name]) for name in "QKV")
    if case.groups > 1:
        k = k.repeat_interleave(case.groups, dim=-3)
    scale = case.options.get("scale", q.shape[-1] ** -0.5)
    score = float((q @ k.transpose(-1, -2) * scale).abs().max())
    if "bias" in case.arrays:
        bias = case.arrays["bias"]
        score += float(np.abs(bias[np.isfinite(bias)]).max(initial=0.0))
    score /= case.options.get("temperature", 1.0)
    return 8 * EPS * float(v.abs().max()) * (1 + score)


def compare(cases: int, seed: int) -> int:
    """Put ``cases`` random cases to both; print one line; 1 if any case fails, else 0."""
    rng = np.random.default_rng(seed)
    begun = time.perf_counter()
    worst, failed, kinds = 0.0, 0, Counter[str]()
    what = ""
    for number in range(cases):
        case = draw(rng, small=False)
        kinds[case.kind + ("+groups" if case.groups > 1 else "")] += 1
        try:
            mine, other = ours(case), theirs(case)
            gap = float(np.abs(mine - other).max()) if mine.shape == other.shape else np.inf
            what = f"off by {gap:.3g}"
        except Exception as fault:  # one broken case must not hide the others
            gap, what = np.inf, repr(fault)
        ratio = gap / bound(case) if gap else 0.0
        worst = max(worst, ratio) if np.isfinite(ratio) else np.inf
        if not ratio <= 1:
            failed += 1
            if failed <= 5:
                shapes = {name: array.shape for name, array in case.arrays.items()}
                print(
                    f"case {number} ({case.kind}, {shapes}, {case.options}, groups {case.groups}): "
                    f"{what}, {ratio:.2g} of the bound",
                    file=sys.stderr,
                )
    print(
        f"trust: {cases} cases (seed {seed}) against torch {torch.__version__}, numpy "
        f"{np.__version__}: {failed} failed, worst error {worst:.2f} of the bound, "
        f"{len(kinds)} kinds of at least {min(kinds.values(), default=0)}, "
        f"{time.perf_counter() - begun:.1f} s"
    )
    return 1 if failed or not kinds else 0


def write_golden(cases: int, seed: int) -> None:
    """Store small cases with torch's outputs: one flat array of numbers, and an index in JSON."""
    rng = np.random.default_rng(seed)
    numbers: list[np.ndarray] = []
    index, start = [], 0
    for _ in range(cases):
        case = draw(rng, small=True)
        entry: dict[str, Any] = {"kind": case.kind, "options": case.options, "groups": case.groups}
        for name, array in {**case.arrays, "output": theirs(case)}.items():
            entry[name] = [start, array.shape]
            numbers.append(array.astype(np.float64).ravel())
            start += array.size
        index.append(entry)
    head = {"torch": torch.__version__, "seed": seed, "cases": index}
    np.savez_compressed(GOLDEN, numbers=np.concatenate(numbers), index=json.dumps(head))
    print(f"trust: wrote {cases} cases, {start} numbers, {GOLDEN.stat().st_size} bytes to {GOLDEN}")


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="scripts/trust", description=__doc__)
    parser.add_argument("--full", action="store_true", help="20,000 cases in place of 2,000")
    parser.add_argument("--cases", type=int, help="so many cases")
    parser.add_argument("--seed", type=int, default=2017, help="other cases (default: 2017)")
    parser.add_argument("--golden", action="store_true", help="write the stored cases anew")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.golden:
        write_golden(asked.cases or 300, asked.seed)
        return 0
    return compare(asked.cases or (20_000 if asked.full else 2_000), asked.seed)


if __name__ == "__main__":
    raise SystemExit(main())

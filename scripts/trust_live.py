"""Random cases put to the reference engine and to torch side by side; started by scripts/trust."""

from __future__ import annotations

import argparse
import sys
import time
import types
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

ROOT = Path(__file__).resolve().parent.parent

# The engine alone, without the rest of the house: a bare package named grading stands in for
# grading/__init__.py, whose public names would ask for libraries that this environment lacks.
grading = types.ModuleType("grading")
grading.__path__ = [str(ROOT / "grading")]
sys.modules["grading"] = grading
sys.path.insert(0, str(ROOT))

from tests.grading.engine.cases import BOUNDS, GOLDEN, Case, error, store  # noqa: E402 - after it

SHARES = {"attention": 1.0, "multi-head": 0.25, "relay": 0.25, "gradient": 0.5}
"""How many cases of each family there are for one of attention."""

# ---- attention -----------------------------------------------------------------------------------


def draw_attention(rng: np.random.Generator, *, small: bool) -> Case:
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
        return numbers(rng, *shape, small=small)

    heads = (*lead[:-1], lead[-1] * groups) if groups > 1 else lead
    loud = 10.0 ** rng.integers(-2, 2) if small else 10.0 ** rng.uniform(-3, 2)
    arrays = {
        "Q": normal(*heads, lq, d) * loud,
        "K": normal(*lead, lk, d),
        "V": normal(*lead, lk, dv) * 10.0 ** float(rng.integers(-3, 4)),
    }
    options: dict[str, Any] = {"grouped": True} if groups > 1 else {}
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
    return Case(family="attention", kind=kind, arrays=arrays, options=options)


def sdpa(case: Case, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The output of torch, every mask and window built by other means than the engine's."""
    options = case.options
    heat = options.get("temperature", 1.0)
    scale = options.get("scale", q.shape[-1] ** -0.5) / heat
    extra: dict[str, Any] = {"enable_gqa": True} if case.groups > 1 else {}
    if case.kind == "causal":
        # torch's fused kernel multiplies its own minus infinity by the scale: NaN unless scale > 0
        with sdpa_kernel(SDPBackend.MATH) if scale <= 0 else nullcontext():
            return torch.nn.functional.scaled_dot_product_attention(
                q, k, v, is_causal=True, scale=scale, **extra
            )

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
    return torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, scale=scale, **extra
    )


def numbers(rng: np.random.Generator, *shape: int, small: bool) -> np.ndarray:
    """Normal numbers; where they are to be stored, short ones."""
    normal = rng.standard_normal(shape)
    return np.round(normal * 64) / 64 if small else normal


# ---- its gradients -------------------------------------------------------------------------------


def draw_gradient(rng: np.random.Generator, *, small: bool) -> Case:
    """An attention case without groups or empty rows, and a gradient to carry back."""
    while True:
        case = draw_attention(rng, small=small)
        # where nothing may be seen torch has no slope, and where scores are huge no digits
        loud = np.abs(case.arrays["Q"]).max() / case.options.get("temperature", 1.0) < 100
        if case.groups == 1 and case.kind in ("plain", "bias", "causal", "allowed") and loud:
            seen = case.arrays.get("allowed", np.ones(1, dtype=bool))
            if case.arrays["V"].size and seen.any(axis=-1).all():
                break
    lead = np.broadcast_shapes(*(case.arrays[name].shape[:-2] for name in "QKV"))
    shape = (*lead, case.arrays["Q"].shape[-2], case.arrays["V"].shape[-1])
    upstream = {"gradient": numbers(rng, *shape, small=small)}
    return Case(
        family="gradient", kind=case.kind, arrays=case.arrays | upstream, options=case.options
    )


def gradients(case: Case) -> dict[str, np.ndarray]:
    """What torch's autograd carries back."""
    q, k, v = (torch.from_numpy(case.arrays[name].copy()).requires_grad_() for name in "QKV")
    sdpa(case, q, k, v).backward(torch.from_numpy(case.arrays["gradient"]))
    found = zip(("queries", "keys", "values"), (q, k, v), strict=True)
    return {name: tensor.grad.numpy() for name, tensor in found if tensor.grad is not None}


# ---- multi-head attention ------------------------------------------------------------------------


def draw_multi_head(rng: np.random.Generator, *, small: bool) -> Case:
    """A random layer; keys and values may come from another sequence, of another width."""
    heads = int(rng.integers(1, 4))
    width = heads * int(rng.integers(1, 3 if small else 5))
    batch, lq, lk = (int(rng.integers(1, most)) for most in ((3, 4, 5) if small else (4, 9, 12)))
    kind = str(rng.choice(["self", "cross", "wide", "masked", "bias", "causal"]))
    k_width = v_width = width
    if kind == "wide":
        k_width, v_width = (int(rng.integers(1, 6)) for _ in "kv")
    if kind in ("self", "causal"):
        lk = lq
    q = numbers(rng, batch, lq, width, small=small)
    arrays = {
        "Q": q,
        "K": q if kind in ("self", "causal") else numbers(rng, batch, lk, k_width, small=small),
        "V": q if kind in ("self", "causal") else numbers(rng, batch, lk, v_width, small=small),
    }
    for letter, rows in (("q", width), ("k", k_width), ("v", v_width), ("o", width)):
        arrays[f"W_{letter}"] = numbers(rng, rows, width, small=small)
    if rng.random() < 0.5:
        arrays |= {f"b_{letter}": numbers(rng, width, small=small) for letter in "qkvo"}
    options: dict[str, Any] = {"heads": heads}
    if kind == "causal":
        options |= {"causal": True}
    if kind == "masked":
        arrays["allowed"] = rng.random((batch, 1, lq, lk)) < 0.7
        arrays["allowed"][..., 0] = True  # a row that sees nothing is NaN in torch's layer
    if kind == "bias":
        arrays["bias"] = numbers(rng, lq, lk, small=small) * 3
    return Case(family="multi-head", kind=kind, arrays=arrays, options=options)


def layer(case: Case) -> dict[str, np.ndarray]:
    """What torch.nn.MultiheadAttention makes of it."""
    tensors = {name: torch.from_numpy(array) for name, array in case.arrays.items()}
    q, k, v = (tensors[name] for name in "QKV")
    heads, width = case.options["heads"], q.shape[-1]
    module = torch.nn.MultiheadAttention(
        width, heads, bias="b_q" in tensors, kdim=k.shape[-1], vdim=v.shape[-1], batch_first=True,
        dtype=torch.float64,
    )  # fmt: skip
    with torch.no_grad():
        if module.in_proj_weight is not None:
            module.in_proj_weight.copy_(torch.cat([tensors[f"W_{x}"].T for x in "qkv"]))
        else:
            for letter in "qkv":
                getattr(module, f"{letter}_proj_weight").copy_(tensors[f"W_{letter}"].T)
        module.out_proj.weight.copy_(tensors["W_o"].T)
        if module.in_proj_bias is not None:
            module.in_proj_bias.copy_(torch.cat([tensors[f"b_{x}"] for x in "qkv"]))
            module.out_proj.bias.copy_(tensors["b_o"])
        mask = tensors.get("bias")
        if "allowed" in tensors:  # True means "may not" here
            mask = ~tensors["allowed"].expand(-1, heads, -1, -1).flatten(0, 1)
        if case.kind == "causal":
            mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).triu(1)
        output, weights = module(q, k, v, attn_mask=mask, average_attn_weights=False)
    return {"output": output.numpy(), "weights": weights.numpy()}


# ---- recurrent networks --------------------------------------------------------------------------


def draw_relay(rng: np.random.Generator, *, small: bool) -> Case:
    """A random network: one run with a start of its own, one from either end, or a stack."""
    kind = str(rng.choice(["single", "bidirectional", "stacked"]))
    inputs, width = (int(rng.integers(1, 4 if small else 9)) for _ in "xh")
    length, batch = int(rng.integers(1, 6 if small else 13)), int(rng.integers(1, 4))
    cells = {"single": 1, "bidirectional": 2, "stacked": int(rng.integers(2, 4))}[kind]
    arrays = {"X": numbers(rng, batch, length, inputs, small=small)}
    if kind == "single":
        arrays["start"] = numbers(rng, batch, width, small=small)
    for i in range(cells):
        heard = width if kind == "stacked" and i else inputs
        arrays[f"W_x{i}"] = numbers(rng, width, heard, small=small)
        arrays[f"W_h{i}"] = numbers(rng, width, width, small=small) / 4
        arrays[f"b{i}"] = numbers(rng, width, small=small)
    return Case(family="relay", kind=kind, arrays=arrays, options={"cells": cells})


def recurrent(case: Case) -> dict[str, np.ndarray]:
    """What torch.nn.RNN makes of it and, of a single run, autograd's d h_L / d x_1."""
    tensors = {name: torch.from_numpy(array) for name, array in case.arrays.items()}
    cells = case.options["cells"]
    module = torch.nn.RNN(
        tensors["X"].shape[-1],
        tensors["W_h0"].shape[0],
        num_layers=cells if case.kind == "stacked" else 1,
        bidirectional=case.kind == "bidirectional",
        batch_first=True,
        dtype=torch.float64,
    )
    with torch.no_grad():
        for i in range(cells):
            name = "l0" + "_reverse" * i if case.kind == "bidirectional" else f"l{i}"
            getattr(module, f"weight_ih_{name}").copy_(tensors[f"W_x{i}"])
            getattr(module, f"weight_hh_{name}").copy_(tensors[f"W_h{i}"])
            # torch has two biases where one would do; each gets a half, which is exact
            getattr(module, f"bias_ih_{name}").copy_(tensors[f"b{i}"] / 2)
            getattr(module, f"bias_hh_{name}").copy_(tensors[f"b{i}"] / 2)
    start = tensors["start"][None] if "start" in tensors else None
    states = module(tensors["X"], start)[0]
    found = {"states": states.detach().numpy()}
    if case.kind == "single":
        left = []
        for x, first in zip(tensors["X"], tensors["start"], strict=True):

            def last(
                clue: torch.Tensor, x: torch.Tensor = x, first: torch.Tensor = first
            ) -> torch.Tensor:
                return module(torch.cat([clue[None], x[1:]])[None], first[None, None])[0][0, -1]

            left.append(torch.autograd.functional.jacobian(last, x[0]).numpy())
        found["left"] = np.stack(left)
    return found


# ---- side by side --------------------------------------------------------------------------------

DRAW = {
    "attention": draw_attention,
    "multi-head": draw_multi_head,
    "relay": draw_relay,
    "gradient": draw_gradient,
}


def theirs(case: Case) -> dict[str, np.ndarray]:
    """What torch makes of a case, by the names of the engine's results."""
    if case.family == "attention":
        q, k, v = (torch.from_numpy(case.arrays[name]) for name in "QKV")
        return {"output": sdpa(case, q, k, v).numpy()}
    return {"gradient": gradients, "multi-head": layer, "relay": recurrent}[case.family](case)


def drawn(cases: int, seed: int, *, small: bool) -> Iterator[Case]:
    """Cases of every family, ``cases`` of them of attention."""
    for place, (family, share) in enumerate(SHARES.items()):
        rng = np.random.default_rng([seed, place] if place else seed)
        for _ in range(max(1, round(cases * share))):
            yield DRAW[family](rng, small=small)


def compare(cases: int, seed: int) -> int:
    """Put random cases to both; print a line for each family; 1 if any case fails, else 0."""
    begun = time.perf_counter()
    worst = dict.fromkeys(SHARES, 0.0)
    kinds, failed = Counter[tuple[str, str]](), 0
    for number, case in enumerate(drawn(cases, seed, small=False)):
        kinds[case.family, case.kind + ("+groups" if case.options.get("grouped") else "")] += 1
        what = ""
        try:
            ratio = error(case, theirs(case))
        except Exception as fault:  # one broken case must not hide the others
            ratio, what = float("inf"), repr(fault)
        worst[case.family] = max(worst[case.family], ratio)
        if not ratio <= 1:
            failed += 1
            if failed <= 5:
                shapes = {name: array.shape for name, array in case.arrays.items()}
                print(
                    f"case {number} ({case.family}, {case.kind}, {shapes}, {case.options}): "
                    f"{ratio:.2g} of the bound {what}",
                    file=sys.stderr,
                )
    print(f"{'against torch ' + torch.__version__:24}{'cases':>7}{'worst':>10}  of the bound")
    for family, ratio in worst.items():
        count = sum(n for (of, _), n in kinds.items() if of == family)
        print(f"{family:24}{count:7,}{ratio:10.2g}  {BOUNDS[family]}")
    print(
        f"trust: {kinds.total():,} cases of {len(kinds)} kinds, of the rarest "
        f"{min(kinds.values())} (seed {seed}, numpy {np.__version__}): {failed} failed, "
        f"{time.perf_counter() - begun:.1f} s"
    )
    return 1 if failed or not kinds else 0


def write_golden(cases: int, seed: int) -> None:
    """Store small cases with torch's results."""
    pairs = ((case, theirs(case)) for case in drawn(cases, seed, small=True))
    count = store(GOLDEN, pairs, {"torch": torch.__version__, "seed": seed})
    print(f"trust: wrote {count:,} numbers, {GOLDEN.stat().st_size:,} bytes to {GOLDEN}")


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="scripts/trust", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="20,000 cases of attention in place of 2,000"
    )
    parser.add_argument(
        "--cases", type=int, help="so many cases of attention, and of the rest to match"
    )
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

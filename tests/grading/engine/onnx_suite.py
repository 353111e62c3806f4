"""The node cases that define ONNX's Attention operator, run by the engine."""

import ml_dtypes
import numpy as np
import onnx
from onnx.backend.test.case import node as onnx_cases

from grading.engine.heads import attend_grouped, merge, split

# importing the module fills onnx's own list; without a target it would hold other operators too
onnx_cases._TargetOpType = "Attention"
from onnx.backend.test.case.node import attention  # noqa: E402, F401

CASES = {
    case.name: case for case in onnx_cases._NodeTestCases if not case.name.endswith("_expanded")
}
IN_BFLOAT16 = {name for name in CASES if name.endswith("_bf16")}


def error(name):
    """The largest error of one case, in units of the suite's own tolerance for it."""
    case = CASES[name]
    (node,) = case.model.graph.node
    settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    inputs, expected = case.data_sets[0]
    given = dict(zip((name for name in node.input if name), inputs, strict=True))
    results = run(given, settings, short=name in IN_BFLOAT16)
    worst = 0.0
    for output, wanted in zip((name for name in node.output if name), expected, strict=True):
        if results[output].shape != wanted.shape:
            return float("inf")
        # what float64 found, in the operator's own precision
        mine, theirs = (
            x.astype(np.float64) for x in (results[output].astype(wanted.dtype), wanted)
        )
        with np.errstate(invalid="ignore"):
            gaps = np.where(mine == theirs, 0.0, np.abs(mine - theirs))
        room = case.atol + case.rtol * np.abs(theirs)
        worst = max(worst, float((gaps / room).max(initial=0.0)))
    return worst


def run(given, settings, *, short):
    """One call of the operator by way of the engine's own heads and past; padding is unfolded.

    ``short``: in bfloat16, whose 8 bits the operator rounds to after every step.
    """
    flat = given["Q"].ndim == 3
    q, k, v = (given[name].astype(np.float64) for name in "QKV")
    if flat:
        heads = settings["kv_num_heads"]
        q, k, v = split(q, settings["q_num_heads"]), split(k, heads), split(v, heads)
    past = (given["past_key"], given["past_value"]) if "past_key" in given else None

    lq, lk = q.shape[-2], k.shape[-2] + (past[0].shape[-2] if past else 0)
    offset = lk - k.shape[-2]
    options = {"allowed": np.ones((1, 1, 1, lk), dtype=bool)}
    if "nonpad_kv_seqlen" in given:
        lengths = given["nonpad_kv_seqlen"]
        options["allowed"] = np.arange(lk) < lengths[:, None, None, None]
        offset = (lengths - lq)[:, None]  # over the axes (batch, head)
    if "attn_mask" in given:
        mask = given["attn_mask"]
        missing = lk - mask.shape[-1]
        pad = [(0, 0)] * (mask.ndim - 1) + [(0, missing)]
        if mask.dtype == bool:
            options["allowed"] = options["allowed"] & np.pad(mask, pad)
        else:
            options["bias"] = np.pad(mask.astype(np.float64), pad, constant_values=-np.inf)
    sides = [settings.get(f"{side}_window_size", -1) for side in ("left", "right")]
    if settings.get("is_causal") or max(sides) >= 0:
        options |= {
            "causal": bool(settings.get("is_causal")),
            "causal_offset": offset,
            "window": tuple(None if side < 0 else side for side in sides),
        }
    scale = settings.get("scale")
    if short:
        assert scale is None
        root = bfloat16(np.sqrt(q.shape[-1] ** -0.5))  # the operator scales both sides
        q, k, scale = bfloat16(q * root), bfloat16(k * root), 1.0
    grouped = attend_grouped(
        q, k, v, past=past, scale=scale, softcap=settings.get("softcap") or None, **options
    )
    trace = step_by_step(grouped.trace) if short else grouped.trace
    results = {"present_key": grouped.keys, "present_value": grouped.values}
    results["Y"] = merge(trace.output) if flat else trace.output
    results["qk_matmul_output"] = (trace.scaled, trace.capped, trace.masked, trace.weights)[
        settings.get("qk_matmul_output_mode", 0)
    ]
    return results


def bfloat16(x):
    """The nearest numbers of 8 significant bits, as float64."""
    return np.asarray(x, dtype=ml_dtypes.bfloat16).astype(np.float64)


def step_by_step(trace):
    """The same pass, each stage rounded to bfloat16 before the next one uses it."""
    for stage in ("scaled", "biased", "masked", "row_max"):
        trace = trace.replay(stage, bfloat16(getattr(trace, stage)))
    gaps = bfloat16(trace.masked - trace.row_max[..., None])
    trace = trace.replay("exps", bfloat16(np.exp(gaps)))
    total = np.zeros_like(trace.row_sum)
    for key in range(trace.exps.shape[-1]):
        total = bfloat16(total + trace.exps[..., key])
    trace = trace.replay("row_sum", total)
    trace = trace.replay("weights", bfloat16(trace.weights))
    return trace.replay("output", bfloat16(trace.output))

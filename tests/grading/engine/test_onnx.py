"""The engine held against the node cases that define ONNX's Attention operator."""

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx.backend.test.case import node as onnx_cases

from grading.engine.attention import attend

# importing the module fills onnx's own list; without a target it would hold other operators too
onnx_cases._TargetOpType = "Attention"
from onnx.backend.test.case.node import attention  # noqa: E402, F401

CASES = {
    case.name: case for case in onnx_cases._NodeTestCases if not case.name.endswith("_expanded")
}
IN_BFLOAT16 = {name for name in CASES if name.endswith("_bf16")}


def test_the_suite_is_the_one_we_know():
    assert len(CASES) == 93
    assert len(IN_BFLOAT16) == 5


@pytest.mark.parametrize("name", sorted(CASES))
def test_case(name):
    case = CASES[name]
    (node,) = case.model.graph.node
    settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    inputs, expected = case.data_sets[0]
    given = dict(zip((name for name in node.input if name), inputs, strict=True))
    results = run(given, settings, short=name in IN_BFLOAT16)
    for output, wanted in zip((name for name in node.output if name), expected, strict=True):
        assert results[output].shape == wanted.shape
        # what float64 found, in the operator's own precision, at the suite's own tolerance
        mine = results[output].astype(wanted.dtype)
        np.testing.assert_allclose(
            mine.astype(np.float64), wanted.astype(np.float64), rtol=case.rtol, atol=case.atol
        )


def run(given, settings, *, short):
    """One call of the operator by way of the engine: heads, the cache and padding are unfolded.

    ``short``: in bfloat16, whose 8 bits the operator rounds to after every step.
    """
    heads_q, heads_kv = settings.get("q_num_heads"), settings.get("kv_num_heads")
    flat = given["Q"].ndim == 3
    q, k, v = (given[name].astype(np.float64) for name in "QKV")
    if flat:
        q, k, v = split(q, heads_q), split(k, heads_kv), split(v, heads_kv)
    before = 0
    if "past_key" in given:
        before = given["past_key"].shape[-2]
        k = np.concatenate([given["past_key"], k], axis=-2)
        v = np.concatenate([given["past_value"], v], axis=-2)
    results = {"present_key": k, "present_value": v}
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)

    (_, _, lq, _), lk = q.shape, k.shape[-2]
    offset = before
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
    trace = attend(q, k, v, scale=scale, softcap=settings.get("softcap") or None, **options)
    if short:
        trace = step_by_step(trace)
    results["Y"] = join(trace.output) if flat else trace.output
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


def split(x, heads):
    """(B, L, heads * d) -> (B, heads, L, d)."""
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def join(x):
    """(B, heads, L, d) -> (B, L, heads * d)."""
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)

"""How well the engine agrees with everything outside it that it is held against, in one table.

python -m tests.grading.engine.agreement           the references of the test environment
python -m tests.grading.engine.agreement --live    and torch itself, by way of scripts/trust
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mpmath
import numpy as np
import scipy.special

from grading.engine.attention import attend, logsumexp, softmax
from tests.grading.engine import checks, onnx_suite
from tests.grading.engine.cases import BOUNDS, EPS

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What one reference says of the engine."""

    reference: str
    cases: int
    worst: float
    """The largest error, in units of the bound."""
    bound: str


def with_onnx() -> Agreement:
    errors = [onnx_suite.error(name) for name in onnx_suite.CASES]
    return Agreement(
        reference="onnx, Attention node cases",
        cases=len(errors),
        worst=max(errors),
        bound="the suite's own tolerance, in the operator's own precision",
    )


def with_stored_torch(family: str) -> Agreement:
    return Agreement(
        reference=f"torch, stored: {family}",
        cases=len(checks.golden(family)),
        worst=checks.worst(family),
        bound=BOUNDS[family],
    )


def with_scipy(cases: int = 500) -> Agreement:
    """softmax and log-sum-exp over any axis."""
    rng = np.random.default_rng(11)
    worst = 0.0
    for _ in range(cases):
        shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
        scores = rng.standard_normal(shape) * 10 ** rng.uniform(-2, 3)
        axis = int(rng.integers(-len(shape), len(shape)))
        room = 4 * EPS * (1 + np.abs(scores).max())
        for mine, theirs in (
            (softmax(scores, axis=axis), scipy.special.softmax(scores, axis=axis)),
            (logsumexp(scores, axis=axis), scipy.special.logsumexp(scores, axis=axis)),
        ):
            assert mine.shape == theirs.shape
            worst = max(worst, float(np.abs(mine - theirs).max() / room))
    return Agreement(
        reference="scipy, softmax and logsumexp",
        cases=cases,
        worst=worst,
        bound="4 eps (1 + max|score|)",
    )


def with_mpmath(cases: int = 2000) -> Agreement:
    """One query in 60 digits, with scale, temperature, bias, soft cap and mask."""
    rng = np.random.default_rng(12)
    with mpmath.workdps(60):
        worst = max(_high_precision_error(rng) for _ in range(cases))
    return Agreement(
        reference="mpmath, 60 digits",
        cases=cases,
        worst=worst,
        bound="4 eps max|v| (1 + max|score|)",
    )


def _high_precision_error(rng: np.random.Generator) -> float:
    """One random pass worked out twice; the error of ours, in units of the bound."""
    n, d, dv = (int(size) for size in rng.integers(1, 6, size=3))
    q, k, v = (rng.standard_normal(shape) for shape in ((1, d), (n, d), (n, dv)))
    q *= 10 ** rng.uniform(-2, 2)
    v *= 10 ** rng.uniform(-2, 2)
    scale = float(rng.choice([1.0, -0.25, 1 / 3])) if rng.random() < 0.3 else None
    temperature = float(rng.choice([0.05, 0.5, 3.0])) if rng.random() < 0.3 else 1.0
    softcap = float(rng.choice([0.5, 5.0])) if rng.random() < 0.2 else None
    bias = rng.standard_normal(n) * 3 if rng.random() < 0.3 else np.zeros(n)
    allowed = rng.random(n) < 0.7 if rng.random() < 0.3 else np.ones(n, dtype=bool)
    mine = attend(
        q, k, v, scale=scale, temperature=temperature, softcap=softcap, bias=bias, allowed=allowed
    ).output[0]

    exact = mpmath.mpf
    factor = 1 / mpmath.sqrt(d) if scale is None else exact(scale)
    query = [exact(x) for x in q[0]]
    powers, loudest = [], 0.0
    for row, push, seen in zip(k, bias, allowed, strict=True):
        score = factor * mpmath.fdot(zip(query, map(exact, row), strict=True))
        loudest = max(loudest, (abs(float(score)) + abs(push)) / temperature)
        if softcap is not None:
            score = exact(softcap) * mpmath.tanh(score / exact(softcap))
        score = (score + exact(push)) / exact(temperature)
        powers.append(mpmath.exp(score) if seen else exact(0))
    total = mpmath.fsum(powers)
    room = 4 * EPS * float(np.abs(v).max()) * (1 + loudest)
    worst = 0.0
    for component in range(dv):
        mixed = mpmath.fdot(zip(powers, map(exact, v[:, component]), strict=True))
        true = mixed / total if total else exact(0)
        worst = max(worst, float(abs(exact(float(mine[component])) - true)) / room)
    return worst


REFERENCES: tuple[Callable[[], Agreement], ...] = (
    with_onnx,
    *(lambda family=family: with_stored_torch(family) for family in BOUNDS),
    with_scipy,
    with_mpmath,
)


def main() -> None:
    """Print the table."""
    print(f"{'reference':32}{'cases':>6}{'worst':>9}  of the bound")
    for reference in REFERENCES:
        row = reference()
        print(f"{row.reference:32}{row.cases:6,}{row.worst:9.2g}  {row.bound}")
    if "--live" in sys.argv[1:]:
        print(flush=True)
        raise SystemExit(subprocess.run([ROOT / "scripts" / "trust"], check=False).returncode)


if __name__ == "__main__":
    main()

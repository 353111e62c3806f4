"""What any attention engine must satisfy, so that a wrong one can be seen to fail."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grading.engine.attention import attend

Engine = Callable[..., np.ndarray]
"""Takes what ``attend`` takes and gives the output alone."""

EPS = float(np.finfo(np.float64).eps)
GOLDEN = Path(__file__).parent / "golden" / "torch.npz"

# one query against four keys, small enough to work by hand
Q = np.array([[1.0, 2.0]])
K = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])
V = np.array([[4.0, 1.0], [1.0, 4.0], [2.0, 0.0], [0.0, 3.0]])


def reference(*args: Any, **kwargs: Any) -> np.ndarray:
    return attend(*args, **kwargs).output


@dataclass(frozen=True)
class Stored:
    kind: str
    arrays: dict[str, np.ndarray]
    options: dict[str, Any]
    output: np.ndarray

    @property
    def bound(self) -> float:
        """8 eps max|v| (1 + max|score|), the scores computed by einsum."""
        scores = np.einsum("...id,...jd->...ij", self.arrays["Q"], self.arrays["K"])
        loudest = np.abs(scores * self.options.get("scale", self.arrays["Q"].shape[-1] ** -0.5))
        bias = self.arrays.get("bias", np.zeros(1))
        top = loudest.max() + np.abs(bias[np.isfinite(bias)]).max(initial=0.0)
        top /= self.options.get("temperature", 1.0)
        return 8 * EPS * float(np.abs(self.arrays["V"]).max()) * (1 + float(top))


def stored_cases() -> Iterator[Stored]:
    """The cases that scripts/trust --golden wrote, each with the output of torch."""
    with np.load(GOLDEN) as file:
        numbers, index = file["numbers"], json.loads(str(file["index"]))
    for entry in index["cases"]:
        arrays = {
            name: numbers[where[0] : where[0] + int(np.prod(where[1]))].reshape(where[1])
            for name, where in entry.items()
            if name not in ("kind", "options", "groups")
        }
        output = arrays.pop("output")
        if "allowed" in arrays:
            arrays["allowed"] = arrays["allowed"].astype(bool)
        if entry["groups"] > 1:
            for name in "KV":
                arrays[name] = np.repeat(arrays[name], entry["groups"], axis=-3)
        yield Stored(kind=entry["kind"], arrays=arrays, options=entry["options"], output=output)


def agrees_with_torch(engine: Engine) -> bool:
    def fine(case: Stored) -> bool:
        output = engine(**case.arrays, **case.options)
        if output.shape != case.output.shape:
            return False
        return bool(np.abs(output - case.output).max() <= case.bound)

    return all(fine(case) for case in stored_cases())


def agrees_by_hand(engine: Engine) -> bool:
    return bool(np.allclose(engine(Q, K, V), [[1.8671, 1.3874]], rtol=0, atol=5e-5))


def shift_changes_nothing(engine: Engine) -> bool:
    """A key component that every query meets with 1 adds the same to every score."""
    shifted = engine(np.hstack([Q, [[1.0]]]), np.hstack([K, np.full((4, 1), 5.0)]), V, scale=0.5)
    return bool(np.allclose(shifted, engine(Q, K, V, scale=0.5), rtol=0, atol=1e-12))


def huge_scores_stay_finite(engine: Engine) -> bool:
    output = engine(Q * 1e3, K, V)
    return bool(np.isfinite(output).all() and np.allclose(output, [[2.0, 0.0]]))


def order_of_pairs_is_nothing(engine: Engine) -> bool:
    order = [2, 0, 3, 1]
    return bool(np.allclose(engine(Q, K[order], V[order]), engine(Q, K, V), rtol=0, atol=1e-12))


def cold_is_hard(engine: Engine) -> bool:
    return bool(np.allclose(engine(Q, K, V, temperature=1e-6), [[2.0, 0.0]], rtol=0, atol=1e-9))


def hot_is_the_mean(engine: Engine) -> bool:
    return bool(np.allclose(engine(Q, K, V, temperature=1e9), [[1.75, 2.0]], rtol=0, atol=1e-6))


def masking_is_deleting(engine: Engine) -> bool:
    masked = engine(Q, K, V, allowed=[True, False, True, True])
    kept = [0, 2, 3]
    return bool(np.allclose(masked, engine(Q, K[kept], V[kept]), rtol=0, atol=1e-12))


def empty_rows_are_zero(engine: Engine) -> bool:
    return bool((engine(Q, K, V, allowed=[False] * 4) == 0).all())


def output_lies_in_the_hull(engine: Engine) -> bool:
    """Each component of the output lies between the least and the greatest value."""
    output = engine(np.vstack([Q, -Q, 3 * Q]), K, V)
    low, high = V.min(axis=0) - 1e-12, V.max(axis=0) + 1e-12
    return bool(((output >= low) & (output <= high)).all())


def weights_sum_to_one(engine: Engine) -> bool:
    """With every value 1 the output is the sum of the weights."""
    ones = engine(np.vstack([Q, -Q, 3 * Q]), K, np.ones((4, 1)))
    return bool(np.allclose(ones, 1.0, rtol=0, atol=1e-15))


def future_keys_are_dark(engine: Engine) -> bool:
    """Under the causal mask the first query gets the first value, whatever comes later."""
    output = engine(K, K, V, causal=True)
    return bool(np.allclose(output[0], V[0]) and not np.allclose(output[1], V[1]))


CHECKS = (
    agrees_with_torch,
    agrees_by_hand,
    shift_changes_nothing,
    huge_scores_stay_finite,
    order_of_pairs_is_nothing,
    cold_is_hard,
    hot_is_the_mean,
    masking_is_deleting,
    empty_rows_are_zero,
    output_lies_in_the_hull,
    weights_sum_to_one,
    future_keys_are_dark,
)


def failed(engine: Engine) -> list[str]:
    """The names of the checks that ``engine`` fails."""
    with np.errstate(all="ignore"):
        return [check.__name__ for check in CHECKS if not check(engine)]

"""The reference engine: one lookup, every slip of it, and a hundred thousand at once.

Floors and peers: the same pass in bare numpy, without stages, checks or conventions; the engine's
own door called in a Python loop; torch's scaled_dot_product_attention, where scripts/trust has
installed it. One thread each; all are taken in turns, and the medians of the rounds are printed.

    python benchmarks/engine.py [--count 100000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402  # it reads those when it is imported

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading.engine.attention import attend  # noqa: E402  # the path comes first
from grading.engine.slips import LOOKUP_SLIPS, wrong_turns  # noqa: E402

TORCH = ROOT / ".venv-trust" / "bin" / "python"
LOOP = 400
"""So many lookups stand for all of them where they are taken one by one."""
PIECE = 2000
"""So many are put through all slips at once: more would no longer lie in the processor's cache."""

Work = Callable[[], object]


def lookups(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queries (count, 1, 4), keys and values (count, 4, 4) of small whole numbers."""
    rng = np.random.default_rng(2017)
    return tuple(rng.integers(-1, 3, (count, n, 4)).astype(float) for n in (1, 4, 4))  # type: ignore[return-value]


def bare(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The least that is a soft lookup: no stage is kept, nothing is checked."""
    scores = q @ k.swapaxes(-1, -2) * k.shape[-1] ** -0.5
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ v


def seconds(work: Work, times: int = 1) -> float:
    """How long one of ``times`` runs takes."""
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


PEER = """
import sys, time
import numpy as np, torch
torch.set_num_threads(1)
sdpa = torch.nn.functional.scaled_dot_product_attention
rng = np.random.default_rng(2017)
count, loop = int(sys.argv[1]), int(sys.argv[2])
q, k, v = (torch.from_numpy(rng.integers(-1, 3, (count, n, 4)).astype(float)) for n in (1, 4, 4))
few = list(zip(q[:loop, None], k[:loop, None], v[:loop, None]))
sdpa(q, k, v)
print(torch.__version__, flush=True)
for line in sys.stdin:
    begun = time.perf_counter()
    if line.strip() == "batch":
        sdpa(q, k, v)
        spent = time.perf_counter() - begun
    else:
        for each in few:
            sdpa(*each)
        spent = (time.perf_counter() - begun) / len(few)
    print(spent, flush=True)
"""


class Torch:
    """A process of the environment that has torch; it does its round when it is asked."""

    def __init__(self, count: int) -> None:
        self._process = subprocess.Popen(
            [TORCH, "-c", PEER, str(count), str(LOOP)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = self._line()

    def seconds(self, what: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return float(self._line())

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise SystemExit("the process that has torch has ended; run scripts/trust to see why")
        return line


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="lookups in the batch")
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    q, k, v = lookups(asked.count)
    few = [(q[i], k[i], v[i]) for i in range(LOOP)]
    many = attend(q, k, v)
    starts = range(0, asked.count, PIECE)
    pieces = [attend(*(x[i : i + PIECE] for x in (q, k, v))) for i in starts]
    single, hundred = attend(*few[0]), attend(q[:100], k[:100], v[:100])
    assert np.allclose(many.output, bare(q, k, v), rtol=0, atol=1e-12)
    assert all(np.array_equal(many.output[i], attend(*few[i]).output) for i in range(LOOP))

    rounds: dict[str, Work | str] = {
        "one, bare": lambda: [bare(*each) for each in few],
        "one": lambda: [attend(*each) for each in few],
        "one, slips": lambda: [wrong_turns(single) for _ in range(LOOP)],
        "hundred, slips": lambda: wrong_turns(hundred),
        "all, bare": lambda: bare(q, k, v),
        "all": lambda: attend(q, k, v),
        "all, slips": lambda: [wrong_turns(piece) and None for piece in pieces],
    }
    torch = Torch(asked.count) if TORCH.exists() else None
    spent: dict[str, list[float]] = {name: [] for name in rounds}
    spent |= {"one, torch": [], "all, torch": []} if torch else {}
    for name in rounds:
        rounds[name]()  # warm  # type: ignore[operator]
    for _ in range(asked.rounds):
        for name, work in rounds.items():
            share = LOOP if name.startswith("one") else 1
            spent[name].append(seconds(work) / share)  # type: ignore[arg-type]
        if torch:
            spent["one, torch"].append(torch.seconds("one"))
            spent["all, torch"].append(torch.seconds("batch"))
    if torch:
        torch.close()

    def median(name: str, unit: float) -> float:
        return statistics.median(spent[name]) / unit

    def ratio(slow: str, fast: str, factor: float = 1.0) -> float:
        pairs = zip(spent[slow], spent[fast], strict=True)
        return statistics.median(factor * a / b for a, b in pairs)

    print(f"{machine()}; numpy {np.__version__}, one thread, medians of {asked.rounds} rounds\n")
    slips = len(wrong_turns(single))
    print("one soft lookup (1 query, 4 keys, d = 4)")
    print(f"  all stages                  {median('one', 1e-6):8.1f} µs")
    print(f"  in bare numpy               {median('one, bare', 1e-6):8.1f} µs  "
          f"{ratio('one', 'one, bare'):5.1f} x the bare time")  # fmt: skip
    if torch:
        print(f"  torch {torch.version:14}        {median('one, torch', 1e-6):8.1f} µs  "
              f"{ratio('one', 'one, torch'):5.1f} x torch's time")  # fmt: skip
    print(f"  its {slips} slips, one by one     {median('one, slips', 1e-3):8.2f} ms")
    full = statistics.median(a + b for a, b in zip(spent["one"], spent["one, slips"], strict=True))
    print(f"  all stages and all slips    {full / 1e-3:8.2f} ms  goal: at most 1")
    print(f"  slips in a batch of 100     {median('hundred, slips', 1e-1):8.3f} ms each  "
          f"{ratio('one, slips', 'hundred, slips', 100):5.0f} x faster\n")  # fmt: skip
    print(f"{asked.count:,} of them")
    print(f"  all stages, batched         {median('all', 1e-3):8.1f} ms")
    print(f"  in a Python loop            {median('one', 1e-3) * asked.count:8.0f} ms  "
          f"{ratio('one', 'all', asked.count):5.0f} x as long, goal: at least 50")  # fmt: skip
    print(f"  bare numpy, batched         {median('all, bare', 1e-3):8.1f} ms  "
          f"{ratio('all', 'all, bare'):5.1f} x the bare time")  # fmt: skip
    print(f"  bare numpy in a loop        {median('one, bare', 1e-3) * asked.count:8.0f} ms  "
          f"{ratio('one, bare', 'all', asked.count):5.0f} x as long as ours batched")  # fmt: skip
    if torch:
        print(f"  torch, batched              {median('all, torch', 1e-3):8.1f} ms  "
              f"{ratio('all', 'all, torch'):5.1f} x torch's time")  # fmt: skip
    else:
        print("  torch: not measured, scripts/trust has not installed it here")
    faster = ratio("one, slips", "all, slips", asked.count)
    print(f"  {slips} slips, {PIECE:,} at a time   {median('all, slips', 1e-3):8.0f} ms  "
          f"{faster:5.0f} x faster than one by one")  # fmt: skip
    print(f"\n{len(LOOKUP_SLIPS)} slips are known, of which {slips} can be taken here.")


def machine() -> str:
    """The processor by its name, and how many there are."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()

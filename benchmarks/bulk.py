"""Grading many answers in one pass, against grading each on its own; and drawing good variants.

Three things are measured, each against its own floor in the same run, turn by turn, so that a
machine that slows down slows both: whole submissions a second, from stored numbers and typed text
to verdict; the grading core alone, the engine's pass over 100,000 tiny lookups and the comparison
with what was answered; and what it takes to draw numbers that make a good exercise. Prints the
medians of several rounds and their ratios (above 1: the one pass is faster).

    python benchmarks/bulk.py [--rounds 5] [--answers 1000]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# One thread: more of them only get into each other's way on arrays as small as these.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # the number of threads comes first

from grading import grader  # noqa: E402
from grading.draws import Stream  # noqa: E402
from grading.engine.attention import attend  # noqa: E402
from grading.exercise import Exercise  # noqa: E402
from grading.grader import Answered  # noqa: E402
from grading.kinds import kind_of  # noqa: E402
from grading.weigh import draw_counted, stored  # noqa: E402

CONTENT = ROOT / "exercises" / "content"
TINY = 100_000
TINY_ALONE = 2_000
"""So many of the tiny lookups are done one by one; what 100,000 take is reckoned from them."""


def exercise(slug: str) -> Exercise:
    """A shipped exercise."""
    (path,) = CONTENT.rglob(f"{slug}.yaml")
    return grader.open(path.read_text(encoding="utf-8"), slug=slug)


def submissions(of: Exercise, count: int, sheets: int) -> list[Answered]:
    """Right, slipped and half-filled answers to so many sheets, in the order of a die."""
    stream = Stream("benchmark", of.slug)
    pools: list[tuple[Any, list[Any]]] = []
    for seed in range(sheets):
        variant = grader.vary(of, seed=seed)
        answers = []
        for name, posed in variant.posed.items():
            kind = kind_of(posed.part)
            right = kind.solve(posed).answer
            wrong = [{**right, **stray.answer} for stray in kind.stray(posed)]
            last = dict(list(right.items())[-1:])
            answers += [{name: answer} for answer in (right, right, last, *wrong)]
        pools.append((variant.numbers, answers))
    chosen = [stream.one_of(pools) for _ in range(count)]
    return [Answered(numbers=numbers, raw=stream.one_of(raws)) for numbers, raws in chosen]


def one_by_one(of: Exercise, many: Sequence[Answered]) -> list[object]:
    """Each answer rebuilt and graded on its own."""
    return [grader.grade(grader.rebuild(of, seed=0, numbers=one.numbers), one.raw) for one in many]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(
    rounds: int, slow: Callable[[], object], fast: Callable[[], object], times: float = 1.0
) -> tuple[float, float, float]:
    """Median seconds of both, ``slow`` scaled by ``times``, and the median ratio of a round."""
    pairs = [(seconds(slow) * times, seconds(fast)) for _ in range(rounds)]
    ratio = statistics.median(one / other for one, other in pairs)
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs), ratio


def whole_submissions(rounds: int, count: int) -> None:
    """From stored numbers and typed text to verdicts."""
    print("submissions a second, stored numbers and typed text to verdict")
    print(f"{'':44}{'one by one':>12}{'one pass':>12}{'ratio':>8}")
    for slug, sheets, what in (
        ("full-soft-lookup", count, "a sheet each"),
        ("full-soft-lookup", max(1, count // 30), "30 answers a sheet"),
        ("mix-four-values", 1, "all on equal numbers"),
    ):
        of = exercise(slug)
        many = submissions(of, count, sheets)
        assert (
            [v.to_json() for v in grader.grade_many(of, many[:50])]
            == [  # type: ignore[union-attr]
                v.to_json()  # type: ignore[attr-defined]
                for v in one_by_one(of, many[:50])
            ]
        )
        alone, together, ratio = in_turns(
            rounds,
            lambda of=of, many=many: one_by_one(of, many),  # type: ignore[misc]  # bound at once
            lambda of=of, many=many: list(grader.grade_many(of, many)),  # type: ignore[misc]
        )
        name = f"{slug}, {what}"
        print(f"{name:44}{count / alone:12,.0f}{count / together:12,.0f}{ratio:8.1f}")


def tiny_core(rounds: int) -> None:
    """The engine's pass over 100,000 tiny lookups, and whether what was answered is right."""
    dice = np.random.default_rng(7)
    Q = dice.integers(-2, 3, (TINY, 1, 2)).astype(float)  # noqa: N806  # the letters of every paper
    K = dice.integers(-2, 3, (TINY, 4, 2)).astype(float)  # noqa: N806
    V = dice.integers(-5, 6, (TINY, 4, 2)).astype(float)  # noqa: N806
    answers = attend(Q, K, V).output.round(2)
    answers[::3] += 0.01

    def together() -> Any:
        off = np.abs(attend(Q, K, V).output - answers)
        return (off <= 0.005 * (1 + 1e-9)).all(axis=(1, 2))

    def alone() -> Any:
        right = []
        for q, k, v, answer in zip(
            Q[:TINY_ALONE], K[:TINY_ALONE], V[:TINY_ALONE], answers[:TINY_ALONE], strict=True
        ):
            off = np.abs(attend(q, k, v).output - answer)
            right.append(bool((off <= 0.005 * (1 + 1e-9)).all()))
        return right

    assert alone() == together()[:TINY_ALONE].tolist()
    slow, fast, ratio = in_turns(rounds, alone, together, TINY / TINY_ALONE)
    print(f"\n{TINY:,} tiny lookups, engine and comparison alone")
    print(f"one by one {slow * 1000:,.0f} ms, one pass {fast * 1000:,.1f} ms, ratio {ratio:.0f}")


def kind_core(rounds: int, count: int) -> None:
    """What the kind does of it: the right answer and its wrong turns, and the mark with reasons."""
    of = exercise("full-soft-lookup")
    (part,) = of.parts
    kind = kind_of(part)
    many = submissions(of, count, count)
    drawn = [
        (given, draws[part.name]) for given, draws in (stored(of, one.numbers) for one in many)
    ]
    shown = grader.vary(of, seed=0).shown[part.name]
    texts = [{f.name: one.raw[part.name].get(f.name, "") for f in shown.fields} for one in many]
    answers = [kind.read(shown, raw) for raw in texts]

    def together() -> object:
        posed = kind.vary_many(part, drawn)
        return kind.mark_many([(p, a, {}) for p, a in zip(posed, answers, strict=True)])

    def alone() -> object:
        return [
            kind.mark(kind.vary(part, given, draw), answer, {})
            for (given, draw), answer in zip(drawn, answers, strict=True)
        ]

    assert alone() == together()
    slow, fast, ratio = in_turns(rounds, alone, together)
    print("\na full soft lookup, posed and marked with reasons, once it is read")
    print(
        f"one by one {slow / count * 1e6:,.0f} µs, one pass {fast / count * 1e6:,.0f} µs, "
        f"ratio {ratio:.1f}"
    )


def good_variants(rounds: int) -> None:
    """Numbers drawn until they make a good exercise."""
    of = exercise("full-soft-lookup")
    seeds = range(300)
    draws = [draw_counted(of, seed)[1] for seed in seeds]
    spent = statistics.median(
        seconds(lambda: [grader.vary(of, seed=seed) for seed in seeds]) for _ in range(rounds)
    )
    print("\na good variant of a full soft lookup")
    print(
        f"{sum(draws) / len(draws):.2f} draws each ({max(draws)} at most), "
        f"{spent / len(seeds) * 1000:.2f} ms each, {spent / sum(draws) * 1000:.2f} ms a draw"
    )


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--answers", type=int, default=1000)
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, ", end=""
    )
    print(f"numpy {np.__version__}, one thread; medians of {options.rounds} rounds in turns\n")
    whole_submissions(options.rounds, options.answers)
    kind_core(options.rounds, min(options.answers, 1000))
    tiny_core(options.rounds)
    good_variants(options.rounds)


if __name__ == "__main__":
    main()

"""Reading and judging numbers, against a bare evaluator of Python's own syntax tree.

The bare evaluator does the least that can be called reading: ``ast.parse`` and a walk in floats.
It bounds nothing, accepts no learner's spelling, keeps no place and is never exact. Prints
microseconds and ratios (above 1: ours is faster), then the slowest of the hostile texts.

    python benchmarks/reading.py
"""

from __future__ import annotations

import ast
import json
import math
import operator
import sys
import timeit
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading.numeric.grids import read_grid, read_text  # noqa: E402  # the path comes first
from grading.numeric.reading import read_number  # noqa: E402
from grading.numeric.tolerance import Tolerance, judge  # noqa: E402

TEXTS = (
    "0.72*4+0.05*1",
    "3.09",
    "18/25",
    "(1+2)*3-4/5",
    "0.9**29",
    "sqrt(2)/2",
    "e**2/(e**1+e**2)",
)

_SIGNS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def bare(text: str) -> float:
    """The value of ``text`` in Python's syntax."""
    return _walk(ast.parse(text, mode="eval").body)


def _walk(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=float() | int() as value):
            return value
        case ast.BinOp(left=left, op=sign, right=right):
            return _SIGNS[type(sign)](_walk(left), _walk(right))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_walk(inner)
        case ast.Name(id=name):
            return float(getattr(math, name))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return float(getattr(math, name)(*map(_walk, arguments)))
    raise ValueError(ast.dump(node))


def microseconds(work: Callable[[], object]) -> float:
    """The best of several rounds: other programs can only make it slower."""
    times = 5000
    return min(timeit.repeat(work, number=times, repeat=9)) / times * 1e6


def main() -> None:
    """Print the ratios."""
    two_places = Tolerance(rule="places", digits=2)
    print(f"{'text':20}{'bare':>8}{'read':>8}{'ratio':>7}{'+judge':>8}{'ratio':>7}")
    for text in TEXTS:
        key = read_number(text)
        right = key.float if key.value is None else key.value

        def read_and_judge(text: str = text, right: Fraction | float = right) -> object:
            return judge(read_number(text), right, two_places)

        floor = microseconds(lambda text=text: bare(text))  # type: ignore[misc]  # a default binds the loop's text
        read = microseconds(lambda text=text: read_number(text))  # type: ignore[misc]
        both = microseconds(read_and_judge)
        print(f"{text:20}{floor:8.2f}{read:8.2f}{floor / read:7.2f}{both:8.2f}{floor / both:7.2f}")
    keys = [Fraction(text) for text in ("0.72", "0.05", "0.08", "0.15")]

    def vector() -> list[bool]:
        cells = read_grid("0.72, 0.05, 0.08, 0.15", (4,)).cells
        return [
            judge(cell, key, two_places).ok
            for cell, key in zip(cells, keys, strict=True)
            if cell is not None
        ]

    print(f"\nread and judge a vector of four: {microseconds(vector):.1f} µs")
    hostile = ROOT / "tests" / "grading" / "numeric" / "hostile.jsonl"
    slowest: list[tuple[float, str]] = []
    for line in hostile.read_text("utf-8").splitlines():
        row = json.loads(line)
        text = row["input"] if "input" in row else "".join(t * n for t, n in row["gen"])
        spent = min(timeit.repeat(lambda text=text: read_text(text), number=1, repeat=5))  # type: ignore[misc]
        slowest.append((spent * 1000 / row["max_ms"], f"{row['id']} {spent * 1000:.2f} ms"))
    share, what = max(slowest)
    print(f"slowest hostile text: {what}, {share:.1%} of the time it may take")


if __name__ == "__main__":
    main()

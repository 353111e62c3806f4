"""Reading and judging numbers, against a bare evaluator and against what others read numbers with.

The bare evaluator does the least that can be called reading: ``ast.parse`` and a walk in floats.
It bounds nothing, accepts no learner's spelling, keeps no place and is never exact. Sympy's
``sympify`` is what PrairieLearn and others stand on; openedx-calc, asteval and simpleeval take part
where they are installed (``pip install openedx-calc asteval simpleeval``). Each judges by a
comparison of floats, ours by its rule, with all it needs to explain itself.

All are taken in turns, one round after the other; what is printed are medians of the rounds' ratios
(above 1: ours is faster). Then vectors, and the slowest of the hostile texts.

    python benchmarks/numeric.py
"""

from __future__ import annotations

import ast
import importlib
import json
import math
import operator
import platform
import sys
import time
import timeit
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading.numeric.grids import read_grid, read_text  # noqa: E402  # the path comes first
from grading.numeric.reading import read_number  # noqa: E402
from grading.numeric.tolerance import Tolerance, judge  # noqa: E402

# As a learner types it, and the same in Python's signs and names.
TEXTS = (
    ("0.72*4+0.05*1", "0.72*4+0.05*1"),
    ("3.09", "3.09"),
    ("-3", "-3"),
    (".72", ".72"),
    ("2e-3", "2e-3"),
    ("18/25", "18/25"),
    ("1.5*10^-2", "1.5*10**-2"),
    ("(1+2)*3-4/5", "(1+2)*3-4/5"),
    ("0.9^29", "0.9**29"),
    ("2^0.5", "2**0.5"),
    ("sqrt(2)/2", "sqrt(2)/2"),
    ("exp(1)", "exp(1)"),
    ("ln(3)", "log(3)"),
    ("pi/2", "pi/2"),
    ("e^2/(e^1+e^2)", "e**2/(e**1+e**2)"),
)
VECTOR = "0.72, 0.05, 0.08, 0.15"
ROUNDS = 21
LASTS = 0.002
"""Seconds that one measurement takes, about."""
PLACES = Tolerance(rule="places", digits=2)

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


def peers() -> dict[str, Callable[[str], Any]]:
    """What else reads a number here, each from Python's spelling to a float."""
    found: dict[str, Callable[[str], Any]] = {}
    if sympy := _installed("sympy"):
        names = {"e": sympy.E}
        found["sympify"] = lambda text: float(sympy.sympify(text, locals=names))
    if calc := _installed("calc"):
        found["openedx"] = lambda text: calc.evaluator({}, {}, _openedx(text))
    if asteval := _installed("asteval"):
        interpreter = asteval.Interpreter()
        found["asteval"] = interpreter
    if simpleeval := _installed("simpleeval"):
        functions = {name: getattr(math, name) for name in ("sqrt", "exp", "log")}
        constants = {"pi": math.pi, "e": math.e}
        found["simpleeval"] = lambda text: simpleeval.simple_eval(
            text, functions=functions, names=constants
        )
    return found


def _openedx(text: str) -> str:
    return text.replace("**", "^").replace("log", "ln")


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def microseconds(work: Callable[[], object], times: int) -> float:
    """How long ``work`` keeps the processor once; what others do on the machine does not count."""
    return timeit.timeit(work, timer=time.process_time, number=times) / times * 1e6


def in_turns(works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Microseconds of each work in each round; in a round, one follows the other."""
    times = {name: max(1, int(LASTS * 1e6 / microseconds(work, 3))) for name, work in works.items()}
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            spent[name].append(microseconds(work, times[name]))
    return spent


def ratio(other: list[float], ours: list[float]) -> float:
    """How many times as long the other takes: the median of the rounds."""
    return median(a / b for a, b in zip(other, ours, strict=True))


def judged(found: float, right: float) -> bool:
    """The judgement of all the others."""
    return abs(found - right) <= 0.005


def texts() -> None:
    """Print a line for each text."""
    others = {"bare": bare, **peers()}
    print(f"{'read and judge':16}{'µs':>7}{'read':>7}" + "".join(f"{n:>11}" for n in others))
    for typed, python in TEXTS:
        key = read_number(typed)
        right = key.float if key.value is None else key.value

        def ours(typed: str = typed, right: Fraction | float = right) -> object:
            return judge(read_number(typed), right, PLACES)

        works: dict[str, Callable[[], object]] = {
            "ours": ours,
            "read": lambda typed=typed: read_number(typed),  # type: ignore[misc]  # a default binds the loop's text
        }
        for name, read in others.items():
            assert judged(read(python), float(right)), (name, python)
            works[name] = lambda read=read, python=python, right=right: judged(read(python), right)  # type: ignore[misc]
        spent = in_turns(works)
        print(
            f"{typed:16}{median(spent['ours']):7.2f}{median(spent['read']):7.2f}"
            + "".join(f"{ratio(spent[name], spent['ours']):11.2f}" for name in others)
        )


def cold() -> None:
    """Print how long the first reading takes, where nothing is remembered."""
    sympy = _installed("sympy")
    if sympy is None:
        return
    clear = importlib.import_module("sympy.core.cache").clear_cache
    text, right = "0.72*4+0.05*1", Fraction(293, 100)
    ratios = []
    for _ in range(ROUNDS):
        clear()
        other = microseconds(lambda: judged(float(sympy.sympify(text)), float(right)), 1)
        # What a tolerance accepts is worked out once; this one has met no key yet.
        new = Tolerance(rule="places", digits=2)
        ours = microseconds(lambda new=new: judge(read_number(text), right, new), 1)  # type: ignore[misc]  # a default binds the loop's
        ratios.append(other / ours)
    print(f"\ncold, {text}: sympify takes {median(ratios):.0f} times as long")


def vector() -> None:
    """Print how long four numbers in one text take."""
    keys = [Fraction(text) for text in VECTOR.split(", ")]

    def ours() -> list[bool]:
        cells = read_grid(VECTOR, (4,)).cells
        pairs = zip(cells, keys, strict=True)
        return [judge(cell, key, PLACES).ok for cell, key in pairs if cell is not None]

    def others(read: Callable[[str], Any]) -> Callable[[], list[bool]]:
        pairs = list(zip(VECTOR.split(", "), map(float, keys), strict=True))
        return lambda: [judged(read(text), key) for text, key in pairs]

    assert ours() == [True] * 4
    readers = {"bare": bare, **peers()}
    spent = in_turns({"ours": ours, **{name: others(read) for name, read in readers.items()}})
    told = ", ".join(f"{name} {ratio(spent[name], spent['ours']):.2f}" for name in readers)
    print(f"\nread and judge {VECTOR}: {median(spent['ours']):.1f} µs; {told}")


def hostile() -> None:
    """Print which texts, made to be slow, come nearest to the time that they may take."""
    rows = (ROOT / "tests" / "grading" / "numeric" / "hostile.jsonl").read_text("utf-8")
    slowest: list[tuple[float, str]] = []
    for row in map(json.loads, rows.splitlines()):
        text = row["input"] if "input" in row else "".join(t * n for t, n in row["gen"])
        # The first look is the one that a learner waits for; later ones may be faster.
        spent = [microseconds(lambda text=text: read_text(text), 1) / 1000 for _ in range(5)]  # type: ignore[misc]
        told = f"{row['id']} {spent[0]:.2f} ms, then {median(spent):.2f} ms"
        slowest.append((max(spent) / row["max_ms"], f"{told}, of {row['max_ms']} ms"))
    print("\nslowest hostile texts:")
    for share, told in sorted(slowest, reverse=True)[:3]:
        print(f"  {told}: {share:.1%}")


def main() -> None:
    """Print the ratios."""
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}\n")
    texts()
    cold()
    vector()
    hostile()


if __name__ == "__main__":
    main()

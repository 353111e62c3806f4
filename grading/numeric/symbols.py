"""A tree as a sympy expression: closed forms for worked solutions, and proofs of equality.

The one home of sympy. Expressions are built node by node; sympy never parses a text. Whatever may
simplify runs on a budget of steps, so that no formula, however made, keeps a worker busy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from fractions import Fraction
from functools import cache
from threading import RLock
from types import FrameType
from typing import Any, Final, TypeVar

import sympy
from sympy.core.assumptions import make_property
from sympy.core.cache import clear_cache
from sympy.printing.str import StrPrinter

from grading.errors import Unreadable
from grading.numeric.formula import nodes
from grading.numeric.tree import (
    Call,
    Constant,
    Name,
    Negation,
    Number,
    Operation,
    Percent,
    Tree,
)
from grading.numeric.value import Rough, evaluate

T = TypeVar("T")

_ALONE: Final = RLock()
"""One proof at a time: what others make sympy remember would change how far a budget goes."""
_UNFIT: Final = (sympy.sin, sympy.cos, sympy.Abs, sympy.Min, sympy.Max)
"""Functions whose values are bounded, or bend: no factor shows where they are 0."""

_FUNCTIONS: Final[dict[str, Any]] = {
    "sqrt": sympy.sqrt,
    "exp": sympy.exp,
    "ln": sympy.log,
    "log": sympy.log,
    "abs": sympy.Abs,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "min": sympy.Min,
    "max": sympy.Max,
}
_CONSTANTS: Final[dict[str, Any]] = {"pi": sympy.pi, "e": sympy.E, "inf": sympy.oo}

_MOST_BITS: Final = 8192
_SMALL: Final = 40
"""Simplifying a tree of more nodes than this is not tried."""
_MOST_DEGREE: Final = 100
"""Powers that multiply to more than this may become polynomials of that many terms."""
_STEPS: Final = 200_000
"""Calls and returns, of Python and C; some 50 ms."""
_KNOWLEDGE: Final = make_property.__code__.co_filename
_DIGITS: Final = 50
_ROADS: Final[tuple[Callable[[Any], Any], ...]] = (
    lambda form: sympy.expand(form.rewrite(sympy.Abs)),
    sympy.logcombine,
    lambda form: sympy.cancel(sympy.expand_power_exp(sympy.expand(form))),
    sympy.simplify,
)
"""Ways to show that something is 0, the shortest first."""


def expression(
    tree: Tree, *, positive: Collection[str] = (), whole: Collection[str] = ()
) -> sympy.Expr:
    """The tree as a sympy expression, with sympy's own small simplifications (2*3 is 6).

    A name stands for a real number, a positive one or a whole one where it is listed so.
    """
    if isinstance(tree, Number):
        return _rational(tree)
    if isinstance(tree, Constant):
        return _CONSTANTS[tree.name]
    if isinstance(tree, Name):
        return sympy.Symbol(
            tree.name,
            real=True,
            positive=True if tree.name in positive else None,
            integer=True if tree.name in whole else None,
        )
    if isinstance(tree, Negation):
        return -expression(tree.inner, positive=positive, whole=whole)
    if isinstance(tree, Percent):
        return expression(tree.inner, positive=positive, whole=whole) / 100
    if isinstance(tree, Call):
        arguments = [expression(each, positive=positive, whole=whole) for each in tree.arguments]
        return _FUNCTIONS[tree.name](*arguments)
    left = expression(tree.left, positive=positive, whole=whole)
    right = expression(tree.right, positive=positive, whole=whole)
    match tree.sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "^":
            return _power(left, right)


def closed_form(tree: Tree) -> str:
    """The value without rounding, ``sqrt(2)/2``, in a spelling that ``read_number`` reads."""
    return str(_Printer().doprint(_simplest(tree)))


def closed_form_math(tree: Tree) -> str:
    r"""The value without rounding, in LaTeX: ``\frac{e}{1 + e}``."""
    return str(sympy.latex(_simplest(tree), ln_notation=True))


def proved_equal(
    first: Tree, second: Tree, *, positive: Collection[str] = (), whole: Collection[str] = ()
) -> bool:
    """Whether algebra shows within its budget that two trees are equal, whatever their names are.

    False says only that it did not.
    """

    def prove() -> bool:
        left = expression(first, positive=positive, whole=whole)
        form = left - expression(second, positive=positive, whole=whole)
        if form.has(sympy.Float):
            return False
        roads = _ROADS if _size(first) + _size(second) <= _SMALL else ()
        return bool(form.is_zero) or any(road(form).is_zero for road in roads)

    if _degree(first) > _MOST_DEGREE or _degree(second) > _MOST_DEGREE:
        return False
    return bool(_within_budget(prove))


def touches_zero(
    tree: Tree, *, positive: Collection[str] = (), whole: Collection[str] = ()
) -> bool:
    """Whether a formula may come down to 0 and go up again, as (x-200)^2 does at 200 and x never.

    False is shown: none of its irreducible factors stands in it an even number of times, but for
    those that are never 0. True says only that this was not shown.
    """

    def look() -> bool:
        form = expression(tree, positive=positive, whole=whole)
        form = form.replace(sympy.tanh, lambda inner: 1 - 2 / (sympy.exp(2 * inner) + 1))
        if form.has(sympy.Float, *_UNFIT) or any(map(_is_hidden_root, form.atoms(sympy.Pow))):
            return not (form.is_positive or form.is_negative)
        return any(
            power % 2 == 0 and not (factor.is_positive or factor.is_negative)
            for side in sympy.fraction(sympy.together(sympy.expand_power_exp(form)))
            for factor, power in _factors(side)
        )

    if _size(tree) > _SMALL or _degree(tree) > _MOST_DEGREE:
        return True
    return _within_budget(look, 2 * _STEPS) is not False


def never_both(
    first: Tree, second: Tree, *, positive: Collection[str] = (), whole: Collection[str] = ()
) -> bool:
    """Whether algebra shows that two formulas are never above 0 at once: x-y and y/x-x/y.

    False says only that it did not.
    """

    def prove() -> bool:
        forms = (expression(tree, positive=positive, whole=whole) for tree in (first, second))
        product = sympy.prod(forms)
        return bool(product.is_nonpositive or sympy.factor(product).is_nonpositive)

    if _degree(first) * _degree(second) > _MOST_DEGREE or _size(first) + _size(second) > _SMALL:
        return False
    return bool(_within_budget(prove))


def _factors(form: sympy.Expr) -> list[tuple[sympy.Expr, int]]:
    """The irreducible factors, and how often each stands in it; 0 itself stands in 0 for good."""
    if form.is_zero:
        return [(form, 0)]
    return [] if form.is_Number else list(sympy.factor_list(form)[1])


def _is_hidden_root(power: sympy.Expr) -> bool:
    """Whether a power may be a root that factors do not see: sqrt(2) in x^2 - 2*sqrt(2)*x + 2."""
    base, exponent = power.as_base_exp()
    return not (exponent.is_Integer or base == sympy.E or (base.is_Symbol and base.is_positive))


# ---------------------------------------------------------------- a budget


class _Spent(BaseException):
    """The budget is used up. No Exception, so that nothing in between takes it for its own."""


def _within_budget(work: Callable[[], T], steps: int = _STEPS) -> T | None:
    """What ``work`` gives; None where it takes more than so many calls and returns.

    Counting, not timing: no thread and no signal is needed, nothing goes on in the background,
    and with the same Python and the same sympy the same work is stopped at the same place, on
    every machine and whatever other threads do.
    """
    with _ALONE:
        return _counted(work, steps)


def _counted(work: Callable[[], T], steps: int) -> T | None:
    left = steps

    def count(frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0 and left % 64 == 0 and not _underway(frame):
            raise _Spent

    _warm_up()
    # What sympy remembers from earlier work would make later work take fewer steps.
    clear_cache()
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work()
    except (_Spent, RecursionError):
        return None
    finally:
        sys.setprofile(before)


@cache
def _warm_up() -> None:
    """Let sympy load what it loads at its first sum, outside any budget."""
    name = sympy.Symbol("x", real=True)
    for road in _ROADS:
        road(sympy.Max(name, 1) + sympy.exp(name) - sympy.log(2) * sympy.sin(1) / sympy.sqrt(3))
    sympy.factor_list(sympy.numer(sympy.together(1 - 1 / (sympy.exp(2 * name) + 1) ** 2)))


def _underway(frame: FrameType | None) -> bool:
    """Whether something is going on that must not be left half done.

    Asked what it knows of a number, sympy notes down that it knows nothing, until it has the
    answer; stopped there, it would know less for good, of such numbers as 0 and 1 too.
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if file == _KNOWLEDGE or file.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _degree(tree: Tree) -> float:
    """The product of all powers that are numbers: more than the degree of any polynomial in it."""
    degree = 1.0
    for node in nodes(tree):
        if isinstance(node, Operation) and node.sign == "^":
            try:
                value = evaluate(node.right)
            except (Unreadable, ValueError):
                continue
            if not isinstance(value, Rough):
                power = Fraction(*value)
                degree *= max(abs(power.numerator), power.denominator)
    return degree


def _size(tree: Tree) -> int:
    return sum(1 for _ in nodes(tree))


def _simplest(tree: Tree) -> sympy.Expr:
    """The shortest form that is found within the budget."""
    with _ALONE:
        return _simplest_alone(tree)


def _simplest_alone(tree: Tree) -> sympy.Expr:
    form = expression(tree)
    if form.has(sympy.Float):
        return form.evalf(15)
    if _size(tree) > _SMALL or _degree(tree) > _MOST_DEGREE:
        return form
    simpler = _within_budget(lambda: sympy.simplify(form))
    return form if simpler is None else min((form, simpler), key=sympy.count_ops)


def _rational(number: Number) -> sympy.Rational:
    value = number.value
    return sympy.Rational(value.numerator, value.denominator)


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """A power, exact unless its digits would fill pages; then a float of fifty digits."""
    if base.is_Rational and exponent.is_Rational:
        bits = max(int(base.p).bit_length(), int(base.q).bit_length())
        if abs(exponent) * bits > _MOST_BITS and abs(base) != 1:
            return sympy.Float(base, _DIGITS + 10) ** exponent
    return base**exponent


# ---------------------------------------------------------------- spelling


class _Printer(StrPrinter):  # type: ignore[misc]  # sympy has no types
    """Spells an expression as learners do: ``^`` for powers, ``ln``, lower case."""

    # The names of these methods are sympy's: it looks them up by the class of what is printed.

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: N802
        return str(super()._print_Pow(expr, rational)).replace("**", "^")

    def _print_Exp1(self, expr: Any) -> str:  # noqa: N802
        return "e"

    def _print_Function(self, expr: Any) -> str:  # noqa: N802
        name = expr.func.__name__
        arguments = self.stringify(expr.args, ", ")
        return f"{'ln' if name == 'log' else name.lower()}({arguments})"

    _print_Abs = _print_Function  # noqa: N815
    _print_LatticeOp = _print_Function  # noqa: N815

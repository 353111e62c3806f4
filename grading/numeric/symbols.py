"""A tree as a sympy expression: closed forms for worked solutions, and whether two are equal.

The one home of sympy. Expressions are built node by node; sympy never parses a text.
"""

from __future__ import annotations

from typing import Any, Final

import sympy
from sympy.printing.str import StrPrinter

from grading.numeric.tree import Call, Constant, Name, Negation, Number, Operation, Percent, Tree

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
_SMALL: Final = 25
"""Simplifying a tree of more nodes than this may take seconds."""
_DIGITS: Final = 50


def expression(tree: Tree) -> sympy.Expr:
    """The tree as a sympy expression, with sympy's own small simplifications (2*3 is 6)."""
    if isinstance(tree, Number):
        return _rational(tree)
    if isinstance(tree, Constant):
        return _CONSTANTS[tree.name]
    if isinstance(tree, Name):
        return sympy.Symbol(tree.name, real=True)
    if isinstance(tree, Negation):
        return -expression(tree.inner)
    if isinstance(tree, Percent):
        return expression(tree.inner) / 100
    if isinstance(tree, Call):
        return _FUNCTIONS[tree.name](*map(expression, tree.arguments))
    left, right = expression(tree.left), expression(tree.right)
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
    form = expression(tree)
    if form.has(sympy.Float):
        return str(form.evalf(15))
    if _nodes(tree) <= _SMALL:
        form = min((form, sympy.simplify(form)), key=sympy.count_ops)
    return str(_Printer().doprint(form))


def same(first: Tree, second: Tree) -> bool | None:
    """Whether two trees have one value; None where it could not be decided.

    Values that differ in their first fifty digits differ; values that agree in all of them are
    proved equal by simplifying, which is only tried on small trees.
    """
    left, right = expression(first), expression(second)
    difference = left - right
    exact = not (left.has(sympy.Float) or right.has(sympy.Float))
    if exact and difference.is_zero is not None:
        return bool(difference.is_zero)
    size = abs(right.evalf(_DIGITS)) + 1
    if abs(difference.evalf(_DIGITS)) > size * sympy.Float(10) ** (10 - _DIGITS):
        return False
    if exact and _nodes(first) + _nodes(second) <= _SMALL and sympy.simplify(difference).is_zero:
        return True
    return None


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


def _nodes(tree: Tree) -> int:
    match tree:
        case Negation() | Percent():
            return 1 + _nodes(tree.inner)
        case Operation():
            return 1 + _nodes(tree.left) + _nodes(tree.right)
        case Call():
            return 1 + sum(map(_nodes, tree.arguments))
        case _:
            return 1


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

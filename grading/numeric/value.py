"""A tree to its value: an exact fraction, or a float with a bound on its error.

Values stay exact until an irrational function occurs; from there on each is a float that knows how
far off it may be, so that ``1/sin(pi)`` is a division by zero and not 8165619676597685. No exact
value can grow beyond 8,192 bits, whatever is typed.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from typing import Final, NamedTuple, NoReturn

from grading.numeric.refusing import refuse
from grading.numeric.tree import Call, Constant, Name, Negation, Number, Operation, Percent, Tree

Exact = tuple[int, int]
"""Numerator and denominator (above 0), not always in lowest terms: reducing costs more than it saves."""  # noqa: E501  # one sentence


class Rough(NamedTuple):
    """A float and a bound on how far it is from the true value."""

    x: float
    error: float


TEN: Final = tuple(10**exponent for exponent in range(900))
"""Powers of ten, as far as a text of 500 characters with an exponent of 308 can ask for."""

_ULP: Final = 2.0**-52
_MOST_BITS: Final = 8192
"""An exact value that outgrows this goes on as a float: nobody types an answer of 2,400 digits."""
_MOST_POWER: Final = 10**9
_MOST_ROUGH_POWER: Final = 10**6
"""A rounding error grows with the exponent; up to here nine digits stay true."""


def evaluate(tree: Tree) -> Exact | Rough:
    """The value of a tree. Raises Unreadable at the node that has none; ValueError for a name."""
    if isinstance(tree, Number):
        exponent = tree.exponent
        if exponent < 0:
            return tree.digits, TEN[-exponent]
        return tree.digits * TEN[exponent], 1
    if isinstance(tree, Operation):
        if tree.sign == "^":
            return _power(tree)
        left, right = evaluate(tree.left), evaluate(tree.right)
        if isinstance(left, Rough) or isinstance(right, Rough):
            return _roughly(tree, left, right)
        return _exactly(tree, left, right)
    if isinstance(tree, Negation):
        inner = evaluate(tree.inner)
        if isinstance(inner, Rough):
            return Rough(-inner.x, inner.error)
        return -inner[0], inner[1]
    if isinstance(tree, Percent):
        inner = evaluate(tree.inner)
        if isinstance(inner, Rough):
            return Rough(inner.x / 100, inner.error / 100 + abs(inner.x) * _ULP)
        return inner[0], inner[1] * 100
    if isinstance(tree, Call):
        return _call(tree)
    if isinstance(tree, Name):
        raise ValueError(f"{tree.name} has no value yet")
    if tree.name == "inf":
        message = "Infinity stands alone or not at all; it cannot be calculated with."
        refuse("not-finite", message, tree.start, tree.end)
    value = math.pi if tree.name == "pi" else math.e
    return Rough(value, value * _ULP)


def infinity(tree: Tree) -> float | None:
    """Infinity, where the whole text is ``inf`` with or without a sign; else None."""
    if isinstance(tree, Negation) and isinstance(tree.inner, Constant):
        return -math.inf if tree.inner.name == "inf" else None
    return math.inf if isinstance(tree, Constant) and tree.name == "inf" else None


def double(numerator: int, denominator: int, tree: Tree) -> float:
    """The nearest double of a fraction. Raises Unreadable at ``tree`` where there is none."""
    try:
        x = numerator / denominator
    except OverflowError:
        _refuse_big(tree)
    if not x and numerator:
        _refuse_small(tree)
    return x


def _exactly(tree: Operation, left: Exact, right: Exact) -> Exact | Rough:
    """One of the four operations on two fractions."""
    (a, b), (c, d) = left, right
    sign = tree.sign
    if sign == "*":
        a, b = a * c, b * d
    elif sign == "/":
        if not c:
            _refuse_zero(tree.right)
        a, b = (a * d, b * c) if c > 0 else (-a * d, -b * c)
    elif sign == "+":
        a, b = (a + c, b) if b == d else (a * d + c * b, b * d)
    else:
        a, b = (a - c, b) if b == d else (a * d - c * b, b * d)
    if b.bit_length() <= _MOST_BITS and a.bit_length() <= _MOST_BITS:
        return a, b
    a, b = _lowest((a, b))
    if b.bit_length() <= _MOST_BITS and a.bit_length() <= _MOST_BITS:
        return a, b
    x = double(a, b, tree)
    return Rough(x, abs(x) * _ULP)


def _roughly(tree: Operation, left: Exact | Rough, right: Exact | Rough) -> Exact | Rough:
    """One of the four operations where at least one side is irrational."""
    if tree.sign == "*" and any(
        not isinstance(side, Rough) and not side[0] for side in (left, right)
    ):
        return 0, 1
    a, e = _rough(left, tree.left)
    b, f = _rough(right, tree.right)
    if tree.sign == "*":
        x = a * b
        if not x and a and b:
            _refuse_small(tree)
        return _settled(x, abs(a) * f + abs(b) * e + e * f + abs(x) * _ULP, tree)
    if tree.sign == "/":
        if abs(b) <= f:
            _refuse_zero(tree.right)
        x = a / b
        if not x and a:
            _refuse_small(tree)
        return _settled(x, (e + abs(x) * f) / (abs(b) - f) + abs(x) * _ULP, tree)
    x = a + b if tree.sign == "+" else a - b
    return _settled(x, e + f + abs(x) * _ULP, tree)


def _power(tree: Operation) -> Exact | Rough:
    """Base to the power of exponent; 0^0 is 1, as an empty product is."""
    exponent = evaluate(tree.right)
    if isinstance(tree.left, Constant) and tree.left.name == "e":
        return _exponential(exponent, tree)
    base = evaluate(tree.left)
    if not isinstance(exponent, Rough):
        above, below = _lowest(exponent)
        if below == 2 and not isinstance(base, Rough):
            root = _root(base, tree.left)
            if not isinstance(root, Rough):
                base, below = root, 1
        if below == 1:
            if isinstance(base, Rough):
                return _rough_whole_power(base, above, tree)
            return _whole_power(base, above, tree)
    a, e = _rough(base, tree.left)
    b, f = _rough(exponent, tree.right)
    if not a:
        if b <= f:
            _refuse_zero(tree.left)
        return Rough(0.0, e**b) if e else (0, 1)
    if a < 0:
        message = "A negative number has no real power with a broken exponent."
        refuse("not-real", message, tree.start, tree.end)
    logarithm = _logarithm(base, tree.left)
    try:
        x = a**b
    except OverflowError:
        _refuse_big(tree)
    if not x:
        _refuse_small(tree)
    product = logarithm.x * b
    error = abs(b) * logarithm.error + abs(logarithm.x) * f + abs(product) * _ULP
    return _settled(x, x * (math.expm1(min(error, 1.0)) + 2 * _ULP), tree)


def _whole_power(base: Exact, power: int, tree: Operation) -> Exact | Rough:
    above, below = _lowest(base)
    if power < 0:
        if not above:
            _refuse_zero(tree.left)
        above, below = (below, above) if above > 0 else (-below, -above)
    size = abs(power)
    if below == 1 and abs(above) <= 1:
        return (1 if size % 2 == 0 and above else above) if size else 1, 1
    if size * max(above.bit_length(), below.bit_length()) <= _MOST_BITS:
        return above**size, below**size
    if size > _MOST_POWER:
        message = f"This exponent is too big; at most {_MOST_POWER:,} is read."
        refuse("too-big", message, tree.right.start, tree.right.end)
    # Sixty digits leave fifty true ones after the largest power allowed.
    context = Context(prec=60, traps=[])
    x = float(context.power(context.divide(Decimal(above), Decimal(below)), size))
    if not x:
        _refuse_small(tree)
    return _settled(x, abs(x) * _ULP, tree)


def _rough_whole_power(base: Rough, power: int, tree: Operation) -> Exact | Rough:
    if not power:
        return 1, 1
    if not base.x:
        if power < 0:
            _refuse_zero(tree.left)
        return base
    if abs(power) > _MOST_ROUGH_POWER:
        message = f"This exponent is too big; at most {_MOST_ROUGH_POWER:,} is read here."
        refuse("too-big", message, tree.right.start, tree.right.end)
    try:
        x = base.x**power
    except OverflowError:
        _refuse_big(tree)
    if not x:
        _refuse_small(tree)
    relative = abs(power) * base.error / abs(base.x)
    return _settled(x, abs(x) * (math.expm1(min(relative, 1.0)) + 2 * _ULP), tree)


def _call(tree: Call) -> Exact | Rough:
    values = [evaluate(argument) for argument in tree.arguments]
    value, inner, name = values[0], tree.arguments[0], tree.name
    if name in ("min", "max"):
        return _extreme(values, tree)
    if name == "sqrt":
        return _root(value, inner)
    if name == "exp":
        return _exponential(value, tree)
    if name in ("ln", "log"):
        if not isinstance(value, Rough) and value[0] == value[1]:
            return 0, 1
        return _logarithm(value, inner)
    if name == "abs":
        if isinstance(value, Rough):
            return Rough(abs(value.x), value.error)
        return abs(value[0]), value[1]
    if not isinstance(value, Rough) and not value[0]:
        return (1, 1) if name == "cos" else (0, 1)
    a, e = _rough(value, inner)
    if name == "tanh":
        x = math.tanh(a)
        return _settled(x, min(e, 1.0) * (1 - x * x) + abs(x) * _ULP, tree)
    if e > 1e-6:
        message = f"This is too big for {name}: digits that are not known would decide."
        refuse("too-big", message, inner.start, inner.end)
    x = math.sin(a) if name == "sin" else math.cos(a)
    return _settled(x, e + abs(x) * _ULP, tree)


def _root(value: Exact | Rough, tree: Tree) -> Exact | Rough:
    if not isinstance(value, Rough) and value[0] >= 0:
        above, below = _lowest(value)
        roots = math.isqrt(above), math.isqrt(below)
        if roots[0] ** 2 == above and roots[1] ** 2 == below:
            return roots
    a, e = _rough(value, tree)
    if a < 0:
        refuse("not-real", "A negative number has no real root.", tree.start, tree.end)
    x = math.sqrt(a)
    return _settled(x, (e / x if x else math.sqrt(e)) + x * _ULP, tree)


def _exponential(value: Exact | Rough, tree: Tree) -> Exact | Rough:
    if not isinstance(value, Rough) and not value[0]:
        return 1, 1
    a, e = _rough(value, tree)
    try:
        x = math.exp(a)
    except OverflowError:
        _refuse_big(tree)
    if not x:
        _refuse_small(tree)
    return _settled(x, x * (math.expm1(min(e, 1.0)) + _ULP), tree)


def _logarithm(value: Exact | Rough, tree: Tree) -> Rough:
    if not isinstance(value, Rough):
        above, below = value
        if above > 0 and 2 * abs(above - below) < below:
            # Close to 1 the exact difference is taken first: the digits that count are there.
            x = math.log1p((above - below) / below)
            return Rough(x, abs(x) * 4 * _ULP)
    a, e = _rough(value, tree)
    if a <= 0:
        message = "Only a number above 0 has a logarithm."
        refuse("outside-domain", message, tree.start, tree.end)
    x = math.log(a)
    return _settled(x, e / a + abs(x) * _ULP, tree)


def _extreme(values: list[Exact | Rough], tree: Call) -> Exact | Rough:
    best = values[0]
    for value, argument in zip(values[1:], tree.arguments[1:], strict=True):
        if isinstance(best, Rough) or isinstance(value, Rough):
            above = _rough(value, argument).x > _rough(best, tree).x
        else:
            above = value[0] * best[1] > best[0] * value[1]
        if above == (tree.name == "max"):
            best = value
    return best


def _rough(value: Exact | Rough, tree: Tree) -> Rough:
    if isinstance(value, Rough):
        return value
    numerator, denominator = value
    x = double(numerator, denominator, tree)
    above, below = x.as_integer_ratio()
    return Rough(x, 0.0 if above * denominator == numerator * below else math.ulp(x))


def _settled(x: float, error: float, tree: Tree) -> Rough:
    """A rough value that is finite; what cannot be told from 0 is 0."""
    if not math.isfinite(x) or not math.isfinite(error):
        _refuse_big(tree)
    return Rough(0.0 if abs(x) <= error else x, error)


def _lowest(value: Exact) -> Exact:
    common = math.gcd(*value)
    return value[0] // common, value[1] // common


def _refuse_zero(tree: Tree) -> NoReturn:
    refuse("division-by-zero", "This is 0, and nothing can be divided by 0.", tree.start, tree.end)


def _refuse_big(tree: Tree) -> NoReturn:
    refuse("too-big", "This number is too big to be worked with.", tree.start, tree.end)


def _refuse_small(tree: Tree) -> NoReturn:
    message = "This number is too close to 0 to be told from it."
    refuse("too-small", message, tree.start, tree.end)

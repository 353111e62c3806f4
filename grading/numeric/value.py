"""A tree to its value: an exact fraction, or a float with a bound on its error.

Values stay exact until an irrational function occurs; from there on each is a float that knows how
far off it may be, so that ``1/sin(pi)`` is refused, as too like a division by zero, and is not
8165619676597685, and a result whose digits have all cancelled is refused. No exact value can grow
beyond 8,192 bits, whatever is typed.

The arithmetic (``operate``, ``negate``, ``apply``) knows no places: it raises NoValue, and
whoever knows where the operands stand tells the learner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Final, NamedTuple, NoReturn

from grading.numeric.refusing import refuse
from grading.numeric.tree import (
    Call,
    Constant,
    Name,
    Negation,
    Number,
    Operation,
    Percent,
    Sign,
    Tree,
)

Exact = tuple[int, int]
"""Numerator and denominator (above 0), not always in lowest terms: reducing costs more than it saves."""  # noqa: E501  # one sentence


class Rough(NamedTuple):
    """A float and a bound on how far it is from the true value."""

    x: float
    error: float


class NoValue(Exception):
    """Numbers that cannot be put together so; ``operand`` is the one at fault, None for all."""

    def __init__(self, code: str, message: str, operand: int | None = None) -> None:
        self.code = code
        self.message = message
        self.operand = operand
        super().__init__(message)


TEN: Final = tuple(10**exponent for exponent in range(900))
"""Powers of ten, as far as a text of 500 characters with an exponent of 308 can ask for."""

_ULP: Final = 2.0**-52
_WHOLE: Final = 2**53
"""Whole numbers below are doubles, exactly."""
_LEAST: Final = 2.0**-1072
"""Where floats thin out towards 0, rounding is this coarse, whatever the size of the number."""
_VAGUE: Final = 1e-6
"""A rough value that may be off by more, of it and of 1, is refused, and not read as noise."""
_MOST_BITS: Final = 8192
"""An exact value that outgrows this goes on as a float: nobody types an answer of 2,400 digits."""
_MOST_POWER: Final = 10**9
_MOST_ROUGH_POWER: Final = 10**6
"""A rounding error grows with the exponent; up to here nine digits stay true."""

PI: Final = Rough(math.pi, math.pi * _ULP)
E: Final = Rough(math.e, math.e * _ULP)
"""Told from other numbers by identity: a power of it is exp, which is truer than a power."""


def evaluate(tree: Tree) -> Exact | Rough:
    """The value of a tree. Raises Unreadable at the node that has none; ValueError for a name."""
    if isinstance(tree, Number):
        exponent = tree.exponent
        if exponent < 0:
            return tree.digits, TEN[-exponent]
        return tree.digits * TEN[exponent], 1
    if isinstance(tree, Operation):
        left, right = evaluate(tree.left), evaluate(tree.right)
        try:
            return operate(tree.sign, left, right)
        except NoValue as none:
            refuse_at(none, tree, (tree.left, tree.right))
    if isinstance(tree, Negation):
        return negate(evaluate(tree.inner))
    if isinstance(tree, Percent):
        inner = evaluate(tree.inner)
        try:
            return operate("/", inner, (100, 1))
        except NoValue as none:
            refuse_at(none, tree, (tree.inner, tree))
    if isinstance(tree, Call):
        values = [evaluate(argument) for argument in tree.arguments]
        try:
            return apply(tree.name, values)
        except NoValue as none:
            refuse_at(none, tree, tree.arguments)
    if isinstance(tree, Name):
        raise ValueError(f"{tree.name} has no value yet")
    if tree.name == "inf":
        message = "Infinity stands alone or not at all; it cannot be calculated with."
        refuse("not-finite", message, tree.start, tree.end)
    return PI if tree.name == "pi" else E


def refuse_at(none: NoValue, tree: Tree, operands: Sequence[Tree]) -> NoReturn:
    """Tell the learner of ``none``, which came of putting ``operands`` together to ``tree``."""
    place = tree if none.operand is None else operands[none.operand]
    refuse(none.code, none.message, place.start, place.end)


def infinity(tree: Tree) -> float | None:
    """Infinity, where the whole text is ``inf`` with or without a sign; else None."""
    if isinstance(tree, Negation) and isinstance(tree.inner, Constant):
        return -math.inf if tree.inner.name == "inf" else None
    return math.inf if isinstance(tree, Constant) and tree.name == "inf" else None


def double(numerator: int, denominator: int, tree: Tree) -> float:
    """The nearest double of a fraction. Raises Unreadable at ``tree`` where there is none."""
    try:
        return nearest(numerator, denominator)
    except NoValue as none:
        refuse_at(none, tree, ())


def nearest(numerator: int, denominator: int, operand: int | None = None) -> float:
    """The nearest double of a fraction. Raises NoValue, of ``operand``, where there is none."""
    try:
        x = numerator / denominator
    except OverflowError:
        _too_big(operand)
    if not x and numerator:
        _too_small(operand)
    return x


def negate(value: Exact | Rough) -> Exact | Rough:
    """Minus ``value``."""
    if isinstance(value, Rough):
        return Rough(-value.x, value.error)
    return -value[0], value[1]


def operate(sign: Sign, left: Exact | Rough, right: Exact | Rough) -> Exact | Rough:
    """``left sign right``. Raises NoValue."""
    if sign == "^":
        return _power(left, right)
    if isinstance(left, Rough) or isinstance(right, Rough):
        return _roughly(sign, left, right)
    (a, b), (c, d) = left, right
    if sign == "*":
        a, b = a * c, b * d
    elif sign == "/":
        if not c:
            _by_zero(1)
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
    x = nearest(a, b)
    return Rough(x, math.ulp(x))


def apply(name: str, values: Sequence[Exact | Rough]) -> Exact | Rough:
    """The function of this name; all but ``min`` and ``max`` take one number. Raises NoValue."""
    value = values[0]
    if name in ("min", "max"):
        return _extreme(name, values)
    if name == "sqrt":
        return _root(value)
    if name == "exp":
        return _exponential(value, 0)
    if name in ("ln", "log"):
        if not isinstance(value, Rough) and value[0] == value[1]:
            return 0, 1
        return _logarithm(value)
    if name == "abs":
        if isinstance(value, Rough):
            return Rough(abs(value.x), value.error)
        return abs(value[0]), value[1]
    if not isinstance(value, Rough) and not value[0]:
        return (1, 1) if name == "cos" else (0, 1)
    a, e = _rough(value, 0)
    if name == "tanh":
        x = math.tanh(a)
        return _settled(x, e * (1 - x * x) + abs(x) * _ULP)
    if e > 1e-6:
        message = f"This is too big for {name}: digits that are not known would decide."
        raise NoValue("too-big", message, 0)
    x = math.sin(a) if name == "sin" else math.cos(a)
    return _settled(x, e + abs(x) * _ULP)


def _roughly(sign: Sign, left: Exact | Rough, right: Exact | Rough) -> Exact | Rough:
    """One of the four operations where at least one side is irrational."""
    if sign == "*" and any(not isinstance(side, Rough) and not side[0] for side in (left, right)):
        return 0, 1
    a, e = _rough(left, 0)
    b, f = _rough(right, 1)
    if sign == "*":
        x = a * b
        if not x and a and b:
            _too_small()
        return _settled(x, abs(a) * f + abs(b) * e + e * f + abs(x) * _ULP)
    if sign == "/":
        if not b:
            _by_zero(1, known=not f)
        if abs(b) <= f:
            _like_zero(1)
        x = a / b
        if not x and a:
            _too_small()
        return _settled(x, (e + abs(x) * f) / (abs(b) - f) + abs(x) * _ULP)
    x = a + b if sign == "+" else a - b
    return _settled(x, e + f + abs(x) * _ULP)


def _power(base: Exact | Rough, exponent: Exact | Rough) -> Exact | Rough:
    """Base to the power of exponent; 0^0 is 1, as an empty product is."""
    if base is E:
        return _exponential(exponent, 1)
    if not isinstance(exponent, Rough):
        above, below = _lowest(exponent)
        if below == 2 and not isinstance(base, Rough):
            root = _root(base)
            if above == 1:
                return root
            if not isinstance(root, Rough):
                base, below = root, 1
        if below == 1:
            if isinstance(base, Rough):
                return _rough_whole_power(base, above)
            return _whole_power(base, above)
    a, e = _rough(base, 0)
    b, f = _rough(exponent, 1)
    if not a:
        if b <= f:
            _by_zero(0, known=not e and b < -f)
        return _settled(0.0, e**b) if e else (0, 1)
    if a < 0:
        raise NoValue("not-real", "A negative number has no real power with a broken exponent.")
    logarithm = _logarithm(base)
    try:
        x = a**b
    except OverflowError:
        _too_big()
    if not x:
        _too_small()
    product = logarithm.x * b
    error = abs(b) * logarithm.error + abs(logarithm.x) * f + logarithm.error * f
    return _settled(x, x * (_growth(error + abs(product) * _ULP) + 2 * _ULP))


def _whole_power(base: Exact, power: int) -> Exact | Rough:
    above, below = _lowest(base)
    if power < 0:
        if not above:
            _by_zero(0)
        above, below = (below, above) if above > 0 else (-below, -above)
    size = abs(power)
    if below == 1 and abs(above) <= 1:
        return (1 if size % 2 == 0 and above else above) if size else 1, 1
    if size * max(above.bit_length(), below.bit_length()) <= _MOST_BITS:
        return above**size, below**size
    if size > _MOST_POWER:
        message = f"This exponent is too big; at most {_MOST_POWER:,} is read."
        raise NoValue("too-big", message, 1)
    # Sixty digits leave fifty true ones after the largest power allowed.
    context = Context(prec=60, traps=[])
    x = float(context.power(context.divide(Decimal(above), Decimal(below)), size))
    if not x:
        _too_small()
    return _settled(x, abs(x) * _ULP)


def _rough_whole_power(base: Rough, power: int) -> Exact | Rough:
    if not power:
        return 1, 1
    if not base.x:
        if power < 0:
            _like_zero(0)
        return base
    if abs(power) > _MOST_ROUGH_POWER:
        message = f"This exponent is too big; at most {_MOST_ROUGH_POWER:,} is read here."
        raise NoValue("too-big", message, 1)
    try:
        x = base.x**power
    except OverflowError:
        _too_big()
    if not x:
        _too_small()
    # The power of the base nearest to 0 grows the most where the exponent is negative.
    relative = abs(power) * _fall(base.error, abs(base.x))
    return _settled(x, abs(x) * (_growth(relative) + 2 * _ULP))


def _root(value: Exact | Rough) -> Exact | Rough:
    if not isinstance(value, Rough) and value[0] >= 0:
        above, below = _lowest(value)
        root = math.isqrt(above)
        if root * root == above and math.isqrt(below) ** 2 == below:
            return root, math.isqrt(below)
    a, e = _rough(value, 0)
    if a < 0:
        raise NoValue("not-real", "A negative number has no real root.", 0)
    x = math.sqrt(a)
    return _settled(x, (e / x if x else math.sqrt(e)) + x * _ULP)


def _exponential(value: Exact | Rough, operand: int) -> Exact | Rough:
    if not isinstance(value, Rough) and not value[0]:
        return 1, 1
    a, e = _rough(value, operand)
    try:
        x = math.exp(a)
    except OverflowError:
        _too_big()
    if not x:
        _too_small()
    return _settled(x, x * (_growth(e) + _ULP))


def _logarithm(value: Exact | Rough) -> Rough:
    if not isinstance(value, Rough):
        above, below = value
        if above > 0 and 2 * abs(above - below) < below:
            # Close to 1 the exact difference is taken first: the digits that count are there.
            x = math.log1p((above - below) / below)
            return Rough(x, abs(x) * 4 * _ULP)
    a, e = _rough(value, 0)
    if not a and e:
        _like_zero(0)
    if a <= 0:
        raise NoValue("outside-domain", "Only a number above 0 has a logarithm.", 0)
    x = math.log(a)
    return _settled(x, _fall(e, a) + abs(x) * _ULP)


def _extreme(name: str, values: Sequence[Exact | Rough]) -> Exact | Rough:
    best = values[0]
    for place, value in enumerate(values[1:], 1):
        if isinstance(best, Rough) or isinstance(value, Rough):
            (a, e), (b, f) = _rough(best, None), _rough(value, place)
            if abs(a - b) <= e + f:
                # Either may be the one: what is known is a number that is as vague as both.
                best = _settled(max(a, b) if name == "max" else min(a, b), max(e, f))
                continue
            above = b > a
        else:
            above = value[0] * best[1] > best[0] * value[1]
        if above == (name == "max"):
            best = value
    return best


def _rough(value: Exact | Rough, operand: int | None) -> Rough:
    if isinstance(value, Rough):
        return value
    numerator, denominator = value
    if denominator == 1 and -_WHOLE < numerator < _WHOLE:
        return Rough(float(numerator), 0.0)
    x = nearest(numerator, denominator, operand)
    above, below = x.as_integer_ratio()
    return Rough(x, 0.0 if above * denominator == numerator * below else math.ulp(x))


def _growth(error: float) -> float:
    """By what share exp grows where its exponent grows by ``error``."""
    return math.expm1(error) if error < 1 else math.inf


def _fall(error: float, a: float) -> float:
    """By how much the logarithm of ``a`` falls where ``a`` falls by ``error``."""
    return -math.log1p(-error / a) if error < a else math.inf


def _settled(x: float, error: float) -> Rough:
    """A rough value that is finite and known well; what cannot be told from 0 is 0."""
    if not math.isfinite(x):
        _too_big()
    error += _LEAST
    if error > _VAGUE and error > _VAGUE * abs(x):
        message = "So many digits cancel here that the result is not known; write it another way."
        raise NoValue("too-vague", message)
    return Rough(0.0 if abs(x) <= error else x, error)


def _lowest(value: Exact) -> Exact:
    common = math.gcd(*value)
    return value[0] // common, value[1] // common


def _by_zero(operand: int, *, known: bool = True) -> NoReturn:
    if not known:
        _like_zero(operand)
    raise NoValue("division-by-zero", "This is 0, and nothing can be divided by 0.", operand)


def _like_zero(operand: int) -> NoReturn:
    """Of a rough value that may be 0: only an exact one certainly is."""
    message = (
        "This is 0, or so close to 0 that it cannot be told from it: nothing can be divided by 0, "
        "and 0 has no logarithm."
    )
    raise NoValue("like-zero", message, operand)


def _too_big(operand: int | None = None) -> NoReturn:
    raise NoValue("too-big", "This number is too big to be worked with.", operand)


def _too_small(operand: int | None = None) -> NoReturn:
    raise NoValue("too-small", "This number is too close to 0 to be told from it.", operand)

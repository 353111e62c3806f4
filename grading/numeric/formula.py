"""Trees with names in them: which names, their values put in, and the tree written out again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Final

from grading.errors import Unreadable
from grading.exercise import number_text
from grading.numeric.reading import read_formula
from grading.numeric.tree import Call, Name, Negation, Number, Operation, Percent, Tree

_LOOSE: Final = {"+": 1, "-": 1, "*": 2, "/": 2}


def inside(tree: Tree) -> tuple[Tree, ...]:
    """The nodes right inside a node, in reading order."""
    if isinstance(tree, Operation):
        return tree.left, tree.right
    if isinstance(tree, Negation | Percent):
        return (tree.inner,)
    return tree.arguments if isinstance(tree, Call) else ()


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every node of a tree, each before those inside it."""
    yield tree
    for inner in inside(tree):
        yield from nodes(inner)


def names_in(*trees: Tree) -> frozenset[str]:
    """The names that stand in these trees."""
    return frozenset(node.name for tree in trees for node in nodes(tree) if isinstance(node, Name))


def bind(tree: Tree, values: Mapping[str, Fraction]) -> Tree:
    """The tree with each of these names replaced by its value, at the same place."""
    if isinstance(tree, Operation):
        return tree._replace(left=bind(tree.left, values), right=bind(tree.right, values))
    if isinstance(tree, Negation | Percent):
        return tree._replace(inner=bind(tree.inner, values))
    if isinstance(tree, Call):
        return tree._replace(arguments=tuple(bind(each, values) for each in tree.arguments))
    if isinstance(tree, Name) and tree.name in values:
        return _constant(values[tree.name], tree.start, tree.end)
    return tree


def _constant(value: Fraction, start: int, end: int) -> Tree:
    """A fraction as a tree: a decimal where it is one, else a number divided by another."""
    text = number_text(abs(value))
    if "/" in text:
        above, below = abs(value).as_integer_ratio()
        bare_above, bare_below = (Number(part, 0, start, end) for part in (above, below))
        tree: Tree = Operation("/", bare_above, bare_below, start, end)
    else:
        whole, _, places = text.partition(".")
        tree = Number(int(whole + places), -len(places), start, end)
    return Negation(tree, start, end) if value < 0 else tree


def bare(tree: Tree) -> Tree:
    """The tree without the places in the text: equal formulas, equal trees, however spaced."""
    if isinstance(tree, Operation):
        return Operation(tree.sign, bare(tree.left), bare(tree.right), 0, 0)
    if isinstance(tree, Negation | Percent):
        return tree._replace(inner=bare(tree.inner), start=0, end=0)
    if isinstance(tree, Call):
        return Call(tree.name, tuple(map(bare, tree.arguments)), 0, 0)
    return tree._replace(start=0, end=0)


# ---------------------------------------------------------------- written out

_GREEK: Final = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa", "lambda", "mu", "nu",
     "rho", "sigma", "tau", "phi", "chi", "psi", "omega")
)  # fmt: skip
_SUM, _PRODUCT, _NEGATION, _POWER, _ATOM = range(1, 6)


def plain(tree: Tree) -> str:
    """The formula on one line, as a person would type it; what is written here is read back.

    >>> plain(Operation("/", Number(1, 0, 0, 0), Call("sqrt", (Name("d", 0, 0),), 0, 0), 0, 0))
    '1/sqrt(d)'
    """
    match tree:
        case Number():
            return _digits(tree)
        case Operation(sign="^"):
            power = plain(tree.right) if _level(tree.right) == _ATOM else f"({plain(tree.right)})"
            return f"{_within(tree.left, _ATOM)}^{power}"
        case Operation():
            level = _LOOSE[tree.sign]
            # To the right of a minus or a slash, the same sign again would change its meaning.
            left, right = _within(tree.left, level), _within(tree.right, level + 1)
            if isinstance(tree.right, Negation):
                right = f"({plain(tree.right)})"
            return f"{left} {tree.sign} {right}" if level == _SUM else f"{left}{tree.sign}{right}"
        case Negation():
            return f"-{_within(tree.inner, _POWER)}"
        case Percent():
            return f"{_within(tree.inner, _ATOM)}%"
        case Call():
            return f"{tree.name}({', '.join(map(plain, tree.arguments))})"
        case _:
            return tree.name


def read_formula_text(text: str, names: Collection[str]) -> dict[str, object]:
    r"""One formula, read and told as JSON; never raises.

    ``math`` is how it was read, in LaTeX; what cannot be read gives ``error``, ``message`` and
    ``span`` [start, end) of the first misreading.

    >>> read_formula_text("1/sqrt(d)", ["d"])
    {'math': '\\frac{1}{\\sqrt{d}}'}
    """
    try:
        return {"math": math(read_formula(text, names).tree)}
    except Unreadable as unreadable:
        first = unreadable.misreadings[0]
        return {"error": first.code, "message": first.message, "span": [first.start, first.end]}


def math(tree: Tree, *, raised: bool = False) -> str:
    r"""The formula in LaTeX, its fractions, roots and powers set as such, nothing worked out.

    In an exponent, where ``raised``, a fraction is set on one line: it would be too small to read.

    >>> math(Operation("/", Number(1, 0, 0, 0), Call("sqrt", (Name("d_k", 0, 0),), 0, 0), 0, 0))
    '\\frac{1}{\\sqrt{d_{k}}}'
    """
    match tree:
        case Number():
            mantissa, _, exponent = _digits(tree).partition("e")
            return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa
        case Operation(sign="^"):
            base = _set_within(tree.left, _ATOM, raised=raised, tall=True)
            return f"{base}^{{{math(tree.right, raised=True)}}}"
        case Operation(sign="/") if not raised:
            return rf"\frac{{{math(tree.left)}}}{{{math(tree.right)}}}"
        case Operation():
            level = _LOOSE[tree.sign]
            sign = {"*": r" \cdot ", "/": "/"}.get(tree.sign, f" {tree.sign} ")
            right = _set_within(tree.right, level + 1, raised=raised)
            if isinstance(tree.right, Negation):
                right = _bracketed(math(tree.right, raised=raised))
            return f"{_set_within(tree.left, level, raised=raised)}{sign}{right}"
        case Negation():
            return f"-{_set_within(tree.inner, _PRODUCT, raised=raised)}"
        case Percent():
            return rf"{_set_within(tree.inner, _ATOM, raised=raised)}\%"
        case Call():
            return _set_call(tree, raised=raised)
        case Name():
            return _set_name(tree.name)
        case _:
            return {"pi": r"\pi", "inf": r"\infty"}.get(tree.name, tree.name)


def _level(tree: Tree) -> int:
    """How tight the outermost sign of a tree binds."""
    if isinstance(tree, Operation):
        return _POWER if tree.sign == "^" else _LOOSE[tree.sign]
    if isinstance(tree, Negation):
        return _NEGATION
    if isinstance(tree, Percent):
        return _POWER
    return _ATOM


def _within(tree: Tree, loosest: int) -> str:
    text = plain(tree)
    return text if _level(tree) >= loosest else f"({text})"


def _set_within(tree: Tree, loosest: int, *, raised: bool, tall: bool = False) -> str:
    fraction = isinstance(tree, Operation) and tree.sign == "/" and not raised
    # A fraction's bar brackets it, but for a power that would hang in the air.
    loose = tall or _level(tree) < _PRODUCT if fraction else _level(tree) < loosest
    text = math(tree, raised=raised)
    # What is typed as one number or one call may be set with a power of its own.
    powered = tall and isinstance(tree, Number | Call) and "^" in text and not text.startswith("\\")
    return _bracketed(text) if loose or powered else text


def _bracketed(text: str) -> str:
    return rf"\left({text}\right)"


def _set_call(tree: Call, *, raised: bool) -> str:
    raised = raised or tree.name == "exp"
    inside = ", ".join(math(argument, raised=raised) for argument in tree.arguments)
    match tree.name:
        case "sqrt":
            return rf"\sqrt{{{inside}}}"
        case "exp":
            return f"e^{{{inside}}}"
        case "abs":
            return rf"\left|{inside}\right|"
        case "log":
            return rf"\ln{_bracketed(inside)}"
        case _:
            return rf"\{tree.name}{_bracketed(inside)}"


def _set_name(name: str) -> str:
    """``d_k``, ``s1`` and ``tau`` as mathematics sets them."""
    head, _, below = name.partition("_")
    if not below and (found := re.fullmatch(r"([A-Za-z]+)([0-9]+)", head)):
        head, below = found.groups()
    if head in _GREEK:
        head = rf"\{head}"
    elif len(head) > 1:
        head = rf"\mathrm{{{head}}}"
    return f"{head}_{{{below.replace('_', ' ')}}}" if below else head


def _digits(number: Number) -> str:
    """The number as it is typed: a decimal, with a power of ten where zeros would fill the line."""
    if not -20 <= number.exponent <= 0:
        return f"{number.digits}e{number.exponent}"
    digits = str(number.digits).rjust(1 - number.exponent, "0")
    at = len(digits) + number.exponent
    return f"{digits[:at]}.{digits[at:]}" if number.exponent else digits

"""How a calculation comes out, as one line of mathematics for a worked solution."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final

from grading.exercise import number_text
from grading.numeric.corners import algebra
from grading.numeric.formula import math, nodes, plain
from grading.numeric.tree import Number, Tree
from grading.numeric.value import Rough, evaluate
from grading.numeric.writing import write_short

_SHORT: Final = 24
"""A closed form of more characters says less than the calculation it comes from."""
_SMALL: Final = 25
"""Of larger calculations none is looked for: that takes long, and what is found is long too."""


def equation(tree: Tree) -> str:
    r"""What is worked out and what it comes to, in LaTeX; empty where it is one number already.

    An irrational number has its closed form in between, where that is shorter. Raises Unreadable
    where the tree has no value, ValueError where it has names.

    >>> from grading.numeric.reading import read_number
    >>> equation(read_number("e^2/(e + e^2)").tree)
    '\\frac{e^{2}}{e + e^{2}} = \\frac{e}{1 + e} \\approx 0.731059'
    """
    if isinstance(tree, Number):
        return ""
    value = evaluate(tree)
    if not isinstance(value, Rough):
        told = short_text(Fraction(*value))
        return "" if told == plain(tree) else f"{math(tree)} = {told}"
    closed = _closed(tree, plain(tree))
    between = [f"= {closed}"] if closed else []
    return " ".join([math(tree), *between, rf"\approx {short_text(value.x)}"])


def short_text(number: Fraction | float) -> str:
    """A number as a sentence holds it: exact where that is short."""
    if isinstance(number, Fraction) and len(exact := number_text(number)) <= 12:
        return exact
    return write_short(number)


@lru_cache(maxsize=512)
def _closed(tree: Tree, text: str) -> str:
    """The closed form of a calculation that reads ``text``; empty where it is no shorter."""
    if sum(1 for _ in nodes(tree)) > _SMALL:
        return ""
    form = str(algebra().closed_form(tree)).replace(" ", "")
    longest = min(_SHORT, len(text.replace(" ", "")) - 1)
    # With a decimal in it, it is no closed form but a number.
    return "" if "." in form or len(form) > longest else str(algebra().closed_form_math(tree))

"""Trees with names in them: which names, their values put in, and the tree written out again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from grading.numeric.tree import Call, Name, Negation, Number, Operation, Percent, Tree

_LOOSE: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every node of a tree, each before those inside it."""
    yield tree
    if isinstance(tree, Operation):
        yield from nodes(tree.left)
        yield from nodes(tree.right)
    elif isinstance(tree, Negation | Percent):
        yield from nodes(tree.inner)
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            yield from nodes(argument)


def names_in(tree: Tree) -> frozenset[str]:
    """The names that stand in a tree."""
    return frozenset(node.name for node in nodes(tree) if isinstance(node, Name))


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
    """A fraction as a tree: a number, or one divided by another."""
    above: Tree = Number(abs(value.numerator), 0, start, end)
    if value < 0:
        above = Negation(above, start, end)
    if value.denominator == 1:
        return above
    return Operation("/", above, Number(value.denominator, 0, start, end), start, end)

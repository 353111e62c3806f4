"""Trees with names: which names, and what they become when values are put in."""

from fractions import Fraction

from grading.numeric.formula import bind, names_in, nodes
from grading.numeric.reading import read_formula
from grading.numeric.value import evaluate

TREE = read_formula("-q*k% + max(q, 2)^d", ["q", "k", "d"]).tree


def test_every_node_is_walked_once() -> None:
    assert len(list(nodes(TREE))) == 11
    assert names_in(TREE) == {"q", "k", "d"}


def test_values_take_the_place_of_names() -> None:
    bound = bind(TREE, {"q": Fraction(-1, 2), "k": Fraction(100), "d": Fraction(3)})
    assert not names_in(bound)
    above, below = evaluate(bound)
    assert Fraction(above, below) == Fraction(17, 2)


def test_names_without_a_value_stay() -> None:
    assert names_in(bind(TREE, {"q": Fraction(1)})) == {"k", "d"}

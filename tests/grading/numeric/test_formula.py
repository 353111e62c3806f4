"""Trees with names: which names, and what they become when values are put in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.numeric.formula import bare, bind, math, names_in, nodes, plain
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


NAMES = ["a", "b", "d_k", "s1", "tau", "dims"]


@pytest.mark.parametrize(
    ("typed", "plainly", "set_as"),
    [
        ("1/sqrt( d_k )", "1/sqrt(d_k)", r"\frac{1}{\sqrt{d_{k}}}"),
        ("1/2*a", "1/2*a", r"\frac{1}{2} \cdot a"),
        ("1/(2*a)", "1/(2*a)", r"\frac{1}{2 \cdot a}"),
        ("-a²", "-a^2", "-a^{2}"),
        ("(-a)^2", "(-a)^2", r"\left(-a\right)^{2}"),
        ("2^-a", "2^(-a)", "2^{-a}"),
        ("a^b^2", "a^(b^2)", "a^{b^{2}}"),
        ("(a/b)^2", "(a/b)^2", r"\left(\frac{a}{b}\right)^{2}"),
        ("exp(a)^2", "exp(a)^2", r"\left(e^{a}\right)^{2}"),
        ("exp(a/sqrt(b))", "exp(a/sqrt(b))", r"e^{a/\sqrt{b}}"),
        ("2^(a/(b*2))", "2^(a/(b*2))", r"2^{a/\left(b \cdot 2\right)}"),
        ("2e-30^2", "2e-30^2", r"\left(2 \cdot 10^{-30}\right)^{2}"),
        ("a-(b-1)", "a - (b - 1)", r"a - \left(b - 1\right)"),
        ("a*-b", "a*(-b)", r"a \cdot \left(-b\right)"),
        ("-(a+b)", "-(a + b)", r"-\left(a + b\right)"),
        ("72%*a", "72%*a", r"72\% \cdot a"),
        ("0.50*s1", "0.50*s1", r"0.50 \cdot s_{1}"),
        ("tau*abs(dims)", "tau*abs(dims)", r"\tau \cdot \left|\mathrm{dims}\right|"),
        ("log(a)+max(a,b)", "log(a) + max(a, b)", r"\ln\left(a\right) + \max\left(a, b\right)"),
        ("√pi", "sqrt(pi)", r"\sqrt{\pi}"),
    ],
)
def test_a_formula_is_written_out_as_it_was_read(typed: str, plainly: str, set_as: str) -> None:
    tree = read_formula(typed, NAMES).tree
    assert plain(tree) == plainly
    assert math(tree) == set_as


texts = st.recursive(
    st.sampled_from(["a", "d_k", "s1", "2", "0.50", "3e40", "pi", "e"]),
    lambda inner: st.one_of(
        st.builds("({}){}({})".format, inner, st.sampled_from("+-*/^"), inner),
        st.builds("-({})".format, inner),
        st.builds("({})%".format, inner),
        st.builds("{}({})".format, st.sampled_from(["sqrt", "exp", "max", "ln"]), inner),
    ),
    max_leaves=8,
)


@given(texts)
def test_what_is_written_out_reads_back_as_the_same_tree(text: str) -> None:
    tree = read_formula(text, NAMES).tree
    assert bare(read_formula(plain(tree), NAMES).tree) == bare(tree)

"""Text to one exact number, by a small closed grammar; what cannot be read is told at its place.

The grammar, loosest first (``^`` groups to the right, everything else to the left)::

    sum      = product (("+" | "-") product)*
    product  = power (("*" | "/") power)*
    power    = operand ("^" power)?
    operand  = ("+" | "-") power | "√" operand | atom "%"? raised?
    atom     = number | constant | name | call | "(" sum ")" | "[" sum "]"
    call     = function "(" sum ("," sum)* ")"

A name stands for a number in a formula; where one number is asked for there are none.
Nothing is ever handed to an evaluator of a programming language.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, NamedTuple, NoReturn

from grading.errors import Unreadable
from grading.numeric.refusing import quoted, refuse
from grading.numeric.short import value_of
from grading.numeric.tokens import (
    PARTS,
    RAISED_POINTS,
    Note,
    Token,
    guess,
    plain_text,
    several,
    tokens_of,
)
from grading.numeric.tree import (
    DEEPEST,
    FUNCTIONS,
    MOST_EXPONENT,
    MOST_NODES,
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
from grading.numeric.value import Rough, double, evaluate, infinity

LONGEST: Final = 500
"""Code points in the text of one number."""
Double = float
"""Another name for float, which inside Reading is a field."""


class Reading(NamedTuple):
    """One number as it was read.

    ``value`` is exact, or None where a function made it irrational or it is infinite; ``float``
    is the nearest double. ``places`` and ``figures`` count the decimal places and the significant
    figures typed, of a plain decimal (a sign, a percent sign and a power of ten allowed; ``72%``
    has two places); None for anything else. ``start`` is where ``text`` begins in its box: the
    places of ``tree`` and ``notes`` count from the beginning of the box. A named tuple, because
    thousands are made while a page is graded.
    """

    text: str
    value: Fraction | None
    float: Double
    notes: tuple[Note, ...] = ()
    places: int | None = None
    figures: int | None = None
    start: int = 0
    error: Double = 0.0
    """How far ``float`` may be from the true value, where ``value`` is None."""
    grown: Tree | None = None
    """The tree, where reading needed one."""

    @property
    def tree(self) -> Tree:
        """The number as it was typed, node by node."""
        if self.grown is not None:
            return self.grown
        # A plain expression was read without a tree; few callers ask for one.
        text = " " * self.start + self.text
        plain = plain_text(text)
        tokens, notes = tokens_of(text, plain, self.start, len(text), infinite=False, in_list=False)
        return _Parser(text, tokens, notes, in_list=False).whole(self.start, len(text))


def read_number(
    text: str, *, infinite: bool = False, limit: int = LONGEST, in_list: bool = False
) -> Reading:
    """The number that ``text`` says.

    ``infinite`` lets ``inf`` or ``-inf`` stand alone (a masked score), ``limit`` is the longest
    text in code points, ``in_list`` says that the text is one of several, where a comma is no
    decimal comma. Raises Unreadable, with every misreading that can be told at once.

    >>> read_number("0.72*4 + 0.05").value
    Fraction(293, 100)
    """
    if len(text) > limit:
        message = f"This is longer than {limit} characters, too long for one number."
        refuse("too-long", message, limit, len(text))
    return read_stretch(text, plain_text(text), 0, len(text), infinite=infinite, in_list=in_list)


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression in names, as it was read; it has no value until its names have."""

    text: str
    tree: Tree
    notes: tuple[Note, ...] = ()


def read_formula(text: str, names: Collection[str], *, limit: int = LONGEST) -> Formula:
    """The formula that ``text`` says, in the grammar of numbers, with ``names`` besides.

    Raises Unreadable, with every misreading that can be told at once.

    >>> read_formula("1/sqrt(d)", ["d"]).tree.right.arguments[0].name
    'd'
    """
    if len(text) > limit:
        message = f"This is longer than {limit} characters, too long for one formula."
        refuse("too-long", message, limit, len(text))
    tokens, notes = tokens_of(
        text, plain_text(text), 0, len(text), infinite=False, in_list=False, names=names
    )
    tree = _Parser(text, tokens, notes, in_list=False).whole(0, len(text))
    return Formula(text, tree, tuple(notes))


def read_stretch(
    text: str, plain: str, start: int, end: int, *, infinite: bool = False, in_list: bool = False
) -> Reading:
    """The number in [start, end) of a longer ``text``, whose ``plain_text`` is given."""
    typed = text if end - start == len(text) else text[start:end]
    raised = not text.isascii() and any(point in typed for point in RAISED_POINTS)
    if not raised and (plainly := value_of(plain, start, end)):
        exact, x, error, places, figures = plainly
        return Reading(typed, exact, x, (), places, figures, start, error)
    tokens, notes = tokens_of(text, plain, start, end, infinite=infinite, in_list=in_list)
    tree = _Parser(text, tokens, notes, in_list=in_list).whole(start, end)
    if infinite and (endless := infinity(tree)) is not None:
        return Reading(typed, None, endless, start=start, grown=tree)
    value = evaluate(tree)
    places, figures = _typed_digits(tree)
    if isinstance(value, Rough):
        x, error = value
        return Reading(typed, None, x, tuple(notes), places, figures, start, error, tree)
    nearest = double(*value, tree)
    return Reading(
        typed, Fraction(*value), nearest, tuple(notes), places, figures, start, grown=tree
    )


# ---------------------------------------------------------------- tokens to a tree

_BINDING: Final[dict[str, int]] = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_SPOKEN: Final = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "^": "to the power"}
_CALLED: Final = dict.fromkeys("()[]", "the bracket")
_SIGNS: Final[dict[str, Sign]] = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "^"}


class _Parser:
    """Walks over the tokens once; each method leaves ``index`` behind what it has taken."""

    __slots__ = ("depth", "in_list", "index", "nodes", "notes", "text", "tokens")

    def __init__(self, text: str, tokens: list[Token], notes: list[Note], *, in_list: bool) -> None:
        self.text = text
        self.tokens = tokens
        self.notes = notes
        self.in_list = in_list
        self.index = 0
        self.depth = 0
        self.nodes = 0

    def whole(self, start: int, end: int) -> Tree:
        tree = self.expression(1)
        token = self.tokens[self.index]
        if token.kind != "end":
            self.refuse_after(token)
        if self.nodes > MOST_NODES:
            message = f"More than {MOST_NODES} numbers and signs; work part of it out first."
            refuse("too-complex", message, start, end)
        return tree

    def expression(self, loosest: int) -> Tree:
        """Operands joined by signs that bind at least as tight as ``loosest``."""
        left = self.operand()
        while True:
            token = self.tokens[self.index]
            binding = _BINDING.get(token.kind, 0)
            if binding < loosest:
                return left
            self.index += 1
            self.nodes += 1
            if binding == 3:
                self.deeper(token)
                right = self.expression(3)
                self.depth -= 1
            else:
                right = self.expression(binding + 1)
            left = Operation(_SIGNS[token.kind], left, right, left.start, right.end)

    def operand(self) -> Tree:
        token = self.tokens[self.index]
        kind = token.kind
        self.index += 1
        self.nodes += 1
        tree: Tree
        if kind == "number":
            tree = _number(token)
        elif kind == "-" or kind == "+":
            self.deeper(token)
            inner = self.expression(3)
            self.depth -= 1
            return Negation(inner, token.start, inner.end) if kind == "-" else inner
        elif kind == "(" or kind == "[":
            self.deeper(token)
            if self.tokens[self.index].kind in (")", "]"):
                self.refuse_empty(token)
            inner = self.expression(1)
            tree = inner._replace(start=token.start, end=self.closing())
        elif kind == "name":
            tree = self.name(token)
        elif kind == "√":
            self.deeper(token)
            inner = self.operand()
            self.depth -= 1
            return Call("sqrt", (inner,), token.start, inner.end)
        elif kind == "free":
            tree = Name(token.text, token.start, token.end)
        elif kind == "part":
            above, below = PARTS[token.text]
            span = (token.start, token.end)
            tree = Operation("/", Number(above, 0, *span), Number(below, 0, *span), *span)
        else:
            self.refuse_missing(token)
        following = self.tokens[self.index].kind
        if following == "%" or following == "raised":
            return self.suffixed(tree)
        return tree

    def suffixed(self, tree: Tree) -> Tree:
        """``tree`` with the percent sign and the raised exponent that follow it."""
        token = self.tokens[self.index]
        if token.kind == "%":
            self.index += 1
            self.nodes += 1
            inner = self.text[tree.start : token.start].strip()
            facts = {"typed": f"{inner}%", "read": _hundredth(tree, inner)}
            self.notes.append(guess("percent", facts, tree.start, token.end))
            tree = Percent(tree, tree.start, token.end)
            token = self.tokens[self.index]
        if token.kind == "raised":
            self.index += 1
            self.nodes += 1
            digits = token.text.lstrip("+-")
            exponent: Tree = _number(token._replace(text=digits[:20]))
            if token.text[0] == "-":
                exponent = Negation(exponent, token.start, token.end)
            tree = Operation("^", tree, exponent, tree.start, token.end)
            following = self.tokens[self.index]
            if following.kind in ("^", "raised") or len(digits) > 20:
                message = "Write this power with ^ and brackets, to say what comes first."
                refuse("two-powers", message, token.start, max(token.end, following.end))
        return tree

    def name(self, token: Token) -> Tree:
        """A constant, or a function with its arguments."""
        name = token.text
        opening = self.tokens[self.index]
        if name not in FUNCTIONS:
            return Constant(name, token.start, token.end)
        if opening.kind not in ("(", "["):
            what = opening.text if opening.kind in ("number", "name") else "..."
            message = f"Write {name} with brackets: {name}({what})."
            if opening.kind in ("^", "raised"):
                message = f"Write the power behind the brackets, as in {name}(...)^2."
            refuse("needs-bracket", message, token.start, token.end)
        self.index += 1
        self.deeper(opening)
        if self.tokens[self.index].kind in (")", "]"):
            self.refuse_empty(opening)
        arguments = [self.expression(1)]
        while self.tokens[self.index].kind == ",":
            self.index += 1
            arguments.append(self.expression(1))
        end = self.closing()
        if len(arguments) > 1 and name not in ("min", "max"):
            message = f"{name} takes one number, and {len(arguments)} stand in its brackets. " + (
                "log is natural; for another base, divide by the ln of it."
                if name == "log"
                else "A decimal number is written with a point, as in 0.25."
            )
            refuse("wrong-count", message, token.start, end)
        if name == "log":
            typed = self.text[token.start : end]
            facts = {"typed": typed, "read": f"ln{typed[3:]}"}
            self.notes.append(guess("log-is-natural", facts, token.start, end))
        return Call(name, tuple(arguments), token.start, end)

    def closing(self) -> int:
        """Take the closing bracket; where it ends. Every bracket is known to have a partner."""
        close = self.tokens[self.index]
        if close.kind not in (")", "]"):
            self.refuse_after(close)
        self.depth -= 1
        self.index += 1
        return close.end

    def deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            message = f"This goes more than {DEEPEST} brackets, signs or powers deep; simplify it."
            refuse("too-deep", message, token.start, token.end)

    def refuse_empty(self, opening: Token) -> NoReturn:
        close = self.tokens[self.index]
        message = "There is nothing between these brackets."
        refuse("empty-bracket", message, opening.start, close.end)

    def refuse_missing(self, token: Token) -> NoReturn:
        """A number should begin at ``token``, and none does."""
        previous = self.tokens[self.index - 2] if self.index > 1 else None
        start, end = token.start, token.end
        if previous is not None and previous.kind in _SPOKEN:
            spoken = _SPOKEN[previous.kind]
            message = f"A number is missing after {quoted(previous.text)} ({spoken})."
            start, end = previous.start, end if token.text else previous.end
        elif previous is not None and token.kind == "end":
            message = f"A number is missing after {quoted(previous.text)}."
            start, end = previous.start, previous.end
        elif token.kind == "%":
            message = "A percent sign stands behind its number, as in 72%."
        else:
            message = f"A number is missing before {quoted(self.text[start:end])}."
        refuse("missing-number", message, start, end)

    def refuse_after(self, token: Token) -> NoReturn:
        """An operand has ended, and ``token`` cannot follow it."""
        previous = self.tokens[self.index - 1]
        left = self.text[previous.start : previous.end]
        right = self.text[token.start : token.end]
        span = (previous.start, token.end)
        if token.kind in (",", ";"):
            raise Unreadable([several(token.start, token.end)])
        if token.kind == "%":
            refuse("missing-number", "One percent sign is enough.", *span)
        if token.kind == "raised":
            refuse("two-powers", "Write brackets to say what this is the power of.", *span)
        if previous.kind == "%":
            message = "A sign is missing behind %, which means percent here."
            refuse("forgotten-times", message, *span)
        if previous.kind == "number" and token.kind == "number":
            self.refuse_two_numbers(previous, token)
        if previous.kind == "number" and right in ("e", "E"):
            message = f"Did you forget a * between {left} and e?"
            if previous.end == token.start:
                message = f"Write {left}*e for {left} times e."
            message += " A power of ten is written without a space, as in 2e-3."
            refuse("forgotten-times", message, *span)
        if previous.kind == "number" and token.kind == "part":
            message = f"Write {left}+{right} or {left}*{right}, to say which is meant."
            refuse("forgotten-times", message, *span)
        left = _CALLED.get(previous.kind, left)
        right = _CALLED.get(token.kind, right)
        refuse("forgotten-times", f"Did you forget a * between {left} and {right}?", *span)

    def refuse_two_numbers(self, previous: Token, token: Token) -> NoReturn:
        """Two numbers, with a gap or a second point between them."""
        left, right = previous.text, token.text
        span = (previous.start, token.end)
        if previous.end == token.start:
            whole = self.text[previous.start :]
            message = f"{quoted(left + right)} has more than one point."
            if "e" in left.lower():
                message = f"{quoted(left + right)} has a broken power of ten; it is a whole number."
            elif grouped := _GROUPED.match(plain_text(whole)):
                message = f"Write a number without points inside: {grouped[0].replace('.', '')}."
            refuse("bad-number", message, *span)
        message = (
            f"Two numbers stand side by side: did you forget a comma between {left} and {right}?"
        )
        before = self.tokens[self.index - 2].kind if self.index > 1 else ""
        after = self.tokens[self.index + 1 : self.index + 3]
        mixed = before not in ("/", "^") and [each.kind for each in after] == ["/", "number"]
        if mixed and left.isdigit() and right.isdigit():
            part = f"{right}/{after[1].text}"
            message = f"Write {left}+{part} or {left}*{part}, to say which is meant."
            if self.in_list:
                message += f" For two numbers write {left}, {part}."
        elif _SPACED.fullmatch(f"{left} {right}"):
            message += f" For one number write {left}{right}, without a space."
        elif not self.in_list:
            message += " One number is expected here: write a sign between them, or no space."
        refuse("two-numbers", message, *span)


_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}(?![0-9.])")
_SPACED: Final = re.compile(r"[1-9][0-9]{0,2} [0-9]{3}(?:\.[0-9]*)?|[0-9]+(?:\. | \.)[0-9]+")


def _number(token: Token) -> Number:
    word = token.text
    if word.isdigit():
        return Number(int(word), 0, token.start, token.end)
    mantissa, e, power = word.replace("E", "e").partition("e")
    whole, _, rest = mantissa.partition(".")
    exponent = 0
    if e:
        magnitude = power.lstrip("+-0")
        if len(magnitude) > 3 or int(magnitude or 0) > MOST_EXPONENT:
            small = power[0] == "-"
            message = (
                f"Powers of ten go from -{MOST_EXPONENT} to {MOST_EXPONENT}; "
                f"this number is too {'close to 0' if small else 'big'}."
            )
            refuse("too-small" if small else "too-big", message, token.start, token.end)
        exponent = int(power)
    return Number(int(whole + rest), exponent - len(rest), token.start, token.end)


def _hundredth(tree: Tree, typed: str) -> str:
    """What a percentage is as a plain number, ``72`` to ``0.72``; a formula is left as it is."""
    if isinstance(tree, Number) and -40 <= tree.exponent <= 0:
        return format(Decimal(tree.digits).scaleb(tree.exponent - 2, Context(prec=40)), "f")
    return f"({typed})/100"


def _typed_digits(tree: Tree) -> tuple[int | None, int | None]:
    """How many decimal places and significant figures were typed, where it is a plain decimal."""
    shift = 0
    if isinstance(tree, Negation):
        tree = tree.inner
    if isinstance(tree, Percent):
        tree = tree.inner
        shift = 2
    if not isinstance(tree, Number):
        return None, None
    return max(0, shift - tree.exponent), len(str(tree.digits)) if tree.digits else 1

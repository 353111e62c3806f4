"""Expression: a formula in named quantities, right in whatever way it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from grading.document import check_foreseen, check_words, unknown_keys
from grading.errors import BrokenExercise, Fault
from grading.exercise import (
    FORMULA_NAME,
    MOST_NAMES,
    Field,
    Part,
    Posed,
    Raw,
    Shown,
    Spelling,
    Stray,
    Value,
    Worked,
    number_text,
)
from grading.given import fill
from grading.kind import Draw, Kind
from grading.numeric.calculation import calculated, check_calculation
from grading.numeric.formula import bare, inside, math, names_in, nodes, plain
from grading.numeric.likeness import Domain, Likeness, Witness, compare, unvalued
from grading.numeric.notes import guessed
from grading.numeric.reading import Formula, read_formula
from grading.numeric.tolerance import check_near
from grading.numeric.tree import CONSTANTS, FUNCTIONS, Number, Operation, Tree
from grading.numeric.value import evaluate
from grading.numeric.writing import write_short
from grading.verdict import Finding, Mark

BODY_KEYS = ("names", "answer", "wrong", "near", "steps", "label")
NEAR: Final = dict.fromkeys(("sign", "factor", "upside-down"), Fraction(0))
"""The near misses that have a name, and what each earns unless the author says."""
ANY: Final = Domain()
ONE: Final = Number(1, 0, 0, 0)
FIGURES: Final = (4, 6, 9)
"""Significant figures in which two values are told; more when they look alike in fewer."""


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """A wrong formula, what to call it, and what to say."""

    code: str
    tree: Tree
    say: str


@dataclass(frozen=True, kw_only=True)
class Key:
    """The right formula, what its names may stand for, and the foreseen wrong ones."""

    tree: Tree
    domains: Mapping[str, Domain]
    wrong: tuple[Foreseen, ...]
    near: Mapping[str, Fraction]
    steps: tuple[str, ...]


class Expression(Kind[Formula]):
    """``answer`` is a formula over ``names``; whatever is algebraically the same is right."""

    name = "expression"

    # ---- is it well written? ------------------------------------------------------------------

    def check(self, part: Part) -> list[Fault]:
        body = part.body
        faults = unknown_keys(body, BODY_KEYS)
        names = body.get("names")
        if not isinstance(names, Mapping) or not 1 <= len(names) <= MOST_NAMES:
            message = (
                f"`names` holds 1 to {MOST_NAMES} lines such as `d: the length of a key`: what "
                "the formula may use, and what it stands for."
            )
            return [*faults, Fault(code="names", message=message, place=("names",))]
        for name, entry in names.items():
            faults += [fault.under("names", name) for fault in _check_name(name, entry)]
        faults += _check_formula(body.get("answer"), names, ("answer",))
        faults += check_near(body.get("near", {}), NEAR)
        faults += check_words(body)
        wrong = body.get("wrong", ())
        if not isinstance(wrong, tuple):
            message = "`wrong` is a list of `{answer: a formula, code: a-name, say: a text}`."
            return [*faults, Fault(code="wrong", message=message, place=("wrong",))]
        for index, entry in enumerate(wrong):
            faults += [fault.under("wrong", index) for fault in _check_wrong(entry, names)]
        return faults

    # ---- what the learner sees, and the key ---------------------------------------------------

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        body: Mapping[str, Any] = part.body
        domains = {name: _domain(entry) for name, entry in body["names"].items()}
        meanings = {name: _meaning(entry) for name, entry in body["names"].items()}
        field = Field(
            name="formula",
            widget="formula",
            label=str(body.get("label", "Your formula")),
            help="Use " + _listed([_told(name, text) for name, text in meanings.items()]) + ".",
            names=tuple(domains),
        )
        tree = calculated(body["answer"], given, names=tuple(domains), place=("answer",))
        if (gap := unvalued(tree, domains)) is not None:
            where = f" {_at(gap)}" if gap else ""
            message = (
                f"The formula has no value{where}. Give its names a domain in which it always has "
                "one: `{means: ..., domain: positive}`."
            )
            raise BrokenExercise([Fault(code="no-value", message=message, place=("names",))])
        wrong = tuple(
            Foreseen(
                code=str(entry["code"]),
                tree=calculated(
                    entry["answer"], given, names=tuple(domains), place=("wrong", at, "answer")
                ),
                say=fill(str(entry["say"]), given),
            )
            for at, entry in enumerate(body.get("wrong", ()))
        )
        return Posed(
            part=part,
            shown=Shown(prompt=fill(part.prompt, given), fields=(field,)),
            key=Key(
                tree=bare(tree),
                domains=domains,
                wrong=wrong,
                near={**NEAR, **body.get("near", {})},
                steps=tuple(fill(str(step), given) for step in body.get("steps", ())),
            ),
        )

    # ---- what the learner wrote ---------------------------------------------------------------

    def read(self, shown: Shown, raw: Raw) -> Formula:
        formula = read_formula(raw["formula"], shown.fields[0].names)
        # What has no value, whatever the names stand for, is a slip of typing: d/0, 9^9^9^9*d.
        for piece in _nameless(formula.tree):
            evaluate(piece)
        for node in nodes(formula.tree):
            if isinstance(node, Operation) and node.sign == "/" and not names_in(node.right):
                evaluate(node._replace(left=ONE))
        return formula

    # ---- how right it is, and why -------------------------------------------------------------

    def mark(self, posed: Posed, answer: Formula, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        notes = tuple(guessed(answer.notes, "formula"))
        likeness = compare(answer.tree, key.tree, key.domains)
        if likeness.outcome == "undecided":
            finding = Finding(code="undecided", tone="note", place="formula")
            return Mark(score=Fraction(0), findings=(finding, *notes), state="undecided")
        if likeness.outcome == "equal":
            right = Finding(code="expression-right", tone="right", place="formula")
            return Mark(score=Fraction(1), findings=(right, *notes))
        score, found = self._missed(key, answer.tree, likeness)
        return Mark(score=score, findings=(*found, *notes))

    def _missed(
        self, key: Key, typed: Tree, likeness: Likeness
    ) -> tuple[Fraction, tuple[Finding, ...]]:
        """What went wrong, by the name its author foresaw or else by what can be seen."""
        foreseen = [
            wrong
            for wrong in key.wrong
            if compare(typed, wrong.tree, key.domains).outcome == "equal"
        ]
        witness = _witness(likeness.witness)
        if len(foreseen) == 1:
            facts = {"say": foreseen[0].say}
            named = Finding(code=foreseen[0].code, tone="wrong", facts=facts, place="formula")
            return Fraction(0), (named, *_shown(witness))
        near, facts = _near(likeness)
        if near:
            score = key.near[near]
            named = Finding(
                code=f"expression-{near}",
                tone="partly" if score else "wrong",
                facts=facts,
                place="formula",
            )
            return score, (named, *_shown(witness))
        return Fraction(0), witness or (
            Finding(code="expression-wrong", tone="wrong", place="formula"),
        )

    # ---- a good answer, the wrong turns, the normal form --------------------------------------

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        return Worked(
            answer={"formula": plain(key.tree)}, steps=key.steps or (f"${math(key.tree)}$",)
        )

    def stray(self, posed: Posed) -> Iterable[Stray]:
        for at, wrong in enumerate(posed.key.wrong):
            answer = {"formula": plain(wrong.tree)}
            yield Stray(code=wrong.code, answer=answer, place=("wrong", at, "answer"))

    def spellings(self, posed: Posed) -> Iterable[Spelling]:
        text = plain(posed.key.tree)
        yield Spelling(how="in brackets, plus nothing", answer={"formula": f"({text}) + 0"})
        yield Spelling(how="twice, less once", answer={"formula": f"2*({text}) - ({text})"})
        # A formula that may be 0, as max(0, x) is for all below, has no value divided twice.
        if unvalued(Operation("/", ONE, posed.key.tree, 0, 0), posed.key.domains) is None:
            yield Spelling(how="divided twice", answer={"formula": f"1/(1/({text}))"})
        yield Spelling(how="with stars for powers", answer={"formula": text.replace("^", "**")})

    def normal(self, answer: Formula) -> str:
        return plain(answer.tree)

    def unfair(self, posed: Posed) -> str | None:
        key: Key = posed.key
        for at, wrong in enumerate(key.wrong):
            if compare(wrong.tree, key.tree, key.domains).outcome != "different":
                return f"the wrong formula `{wrong.code}` is as good as the right one"
            for other in key.wrong[:at]:
                if compare(wrong.tree, other.tree, key.domains).outcome != "different":
                    return f"the wrong formulas `{other.code}` and `{wrong.code}` are the same"
        return None


# ---- what the author wrote ----------------------------------------------------------------------


def _check_name(name: str, entry: Value) -> Iterator[Fault]:
    if not FORMULA_NAME.fullmatch(name):
        message = f"`{name}` cannot name a quantity: use up to 16 letters, digits and _."
        yield Fault(code="names", message=message)
    if name.lower() in (*FUNCTIONS, *CONSTANTS, "inf", "nan"):
        message = f"`{name}` has a meaning of its own in a formula; choose another name."
        yield Fault(code="names", message=message)
    if isinstance(entry, Mapping):
        yield from unknown_keys(entry, ("means", "domain"))
        domain = Domain.parse(entry.get("domain", "any"))
        if isinstance(domain, Fault):
            yield domain.under("domain")
        entry = entry.get("means")
    if not isinstance(entry, str) or not entry.strip():
        message = f"Say in a few words what `{name}` stands for; the learner reads it."
        yield Fault(code="names", message=message)


def _check_formula(
    value: Value, names: Mapping[str, Value], place: tuple[str | int, ...]
) -> list[Fault]:
    if not isinstance(value, str):
        message = "`answer` is a formula, such as `1/sqrt(d)`."
        return [Fault(code="answer", message=message, place=place)]
    faults = check_calculation(value, names=tuple(names), place=place)
    if not faults and not _uses(value, names):
        message = f"A formula uses at least one of its names: {', '.join(names)}."
        faults.append(Fault(code="answer", message=message, place=place))
    return faults


def _uses(text: str, names: Mapping[str, Value]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


def _check_wrong(entry: Value, names: Mapping[str, Value]) -> list[Fault]:
    if not isinstance(entry, Mapping):
        message = "An entry is `{answer: a formula, code: a-name, say: a text}`."
        return [Fault(code="wrong", message=message)]
    faults = check_foreseen(entry, ("answer",))
    return faults + check_calculation(entry.get("answer"), names=tuple(names), place=("answer",))


def _domain(entry: Value) -> Domain:
    domain = Domain.parse(entry.get("domain", "any")) if isinstance(entry, Mapping) else ANY
    assert isinstance(domain, Domain)
    return domain


def _meaning(entry: Value) -> str:
    return str(entry["means"] if isinstance(entry, Mapping) else entry).strip()


def _told(name: str, meaning: str) -> str:
    return f"{name} ({meaning.rstrip('.')})"


def _listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


# ---- what was seen ------------------------------------------------------------------------------


def _nameless(tree: Tree) -> Iterator[Tree]:
    """The largest pieces of a formula that hold no name."""
    if not names_in(tree):
        yield tree
        return
    for inner in inside(tree):
        yield from _nameless(inner)


def _near(likeness: Likeness) -> tuple[str, dict[str, str]]:
    """The name of a near miss, and its facts; empty where there is none."""
    factor = likeness.factor
    if factor == -1:
        return "sign", {}
    if likeness.upside_down:
        return "upside-down", {}
    if factor is not None:
        return "factor", {"factor": _number(factor)}
    return "", {}


def _witness(witness: Witness | None) -> tuple[Finding, ...]:
    """Where a learner can see it: at a point, with both values; none where they look alike."""
    if witness is None or not witness.point:
        return ()
    facts = {"where": _at(witness.point), "right": _number(witness.right)}
    if witness.typed is None:
        code = "expression-no-value"
    else:
        code = "expression-differs"
        figures = next((n for n in FIGURES if _differ(witness.typed, witness.right, n)), 0)
        if not figures:
            return ()
        facts["typed"] = _number(witness.typed, figures)
        facts["right"] = _number(witness.right, figures)
    return (Finding(code=code, tone="wrong", facts=facts, place="formula"),)


def _at(point: Mapping[str, Fraction]) -> str:
    return "at " + _listed([f"{name} = {number_text(value)}" for name, value in point.items()])


def _shown(witness: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Beside a finding that says what went wrong, a point to try it at asks, and judges no more."""
    return tuple(replace(finding, tone="ask") for finding in witness)


def _differ(one: Fraction | float, other: Fraction | float, figures: int) -> bool:
    return write_short(one, figures) != write_short(other, figures)


def _number(value: Fraction | float, figures: int = 4) -> str:
    """A number short enough for a sentence; what is rounded says so."""
    if isinstance(value, Fraction) and len(exact := number_text(value)) <= 8:
        return exact
    return f"≈ {write_short(value, figures)}"

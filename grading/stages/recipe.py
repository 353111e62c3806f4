"""What an author asks of a lookup: which numbers it starts from, which stages, how near is near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any, Final, Literal

from grading.document import unknown_keys
from grading.engine.slips import BLEND_SLIPS, LOOKUP_SLIPS, MATRIX_SLIPS
from grading.errors import Fault
from grading.exercise import Value
from grading.numeric.tolerance import Tolerance, check_near, is_share

Family = Literal["full", "scores", "blend"]
"""What is given: queries, keys and values; scores, perhaps with values; weights and values."""

STAGES: Final = ("scores", "scaled", "weights", "products", "output")
"""The stages that can be asked for, in the order they are worked out."""

STAGES_OF: Final[Mapping[Family, tuple[str, ...]]] = {
    "full": STAGES,
    "scores": STAGES[1:],
    "blend": STAGES[3:],
}
BODY_KEYS: Final = (
    "ask", "query", "queries", "keys", "values", "scores", "weights", "scale", "temperature",
    "causal", "tolerance", "slips", "labels", "asking", "credit", "entries", "near",
)  # fmt: skip
NEAR: Final[Mapping[str, Fraction]] = {
    "too-few-digits": Fraction(9, 10),
    "rounded-early": Fraction(9, 10),
    "cut-off": Fraction(9, 10),
    "percent-for-fraction": Fraction(9, 10),
    "swapped-components": Fraction(0),
    "slipped-point": Fraction(0),
    "sign": Fraction(0),
}
"""The near misses that have a name, and what share of its stage each earns unless said."""
ENTRIES: Final = Fraction(1, 2)
"""The share of a stage's credit that is given out entry by entry."""
SWAPPED: Final = "swapped-weights"
RATIONAL: Final[Mapping[Family, tuple[str, ...]]] = {
    "full": ("scores", "scaled"),
    "scores": ("scores", "scaled"),
    "blend": ("products", "output"),
}
"""The stages before exp: rational, but for scaled scores where the scale is not."""
_ANY_STAGES: Final = ("weights", "products", "output")
"""The stages behind exp, whose values no decimal writes exactly."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The body of a lookup part, read. Names are those of given numbers."""

    family: Family
    ask: tuple[str, ...]
    names: Mapping[str, str]
    """For ``queries``, ``keys``, ``values``, ``scores``, ``weights``: which given it is."""
    one_query: bool
    """Whether the one that asks is written as a single list; weights and scores tell themselves."""
    scale: Fraction | None
    """What scores are multiplied by; None for one over the square root of the keys' length."""
    temperature: Fraction
    causal: bool
    tolerances: Mapping[str, Tolerance]
    slips: tuple[str, ...]
    """The wrong turns that the author singles out; none for all there are."""
    labels: tuple[str, ...]
    asking: tuple[str, ...]
    credit: Mapping[str, Fraction]
    """The share of the part's score that each asked stage is worth; they sum to 1."""
    entries: Fraction
    near: Mapping[str, Fraction]

    def exact_scale(self, width: int) -> Fraction | None:
        """What the scores of keys of ``width`` are multiplied by, where that is rational."""
        if self.scale is not None:
            return self.scale
        root = isqrt(width)
        return Fraction(1, root) if root * root == width else None


def family_of(body: Mapping[str, Value]) -> Family:
    """What a part starts from."""
    return "blend" if "weights" in body else "scores" if "scores" in body else "full"


def read_recipe(body: Mapping[str, Any]) -> Recipe:
    """The recipe of a body in which ``check_recipe`` found no fault."""
    family = family_of(body)
    asked = names_in(body["ask"])
    ask = tuple(stage for stage in STAGES if stage in asked)
    weights: Mapping[str, Fraction] = body.get("credit", {})
    total = sum((weights.get(stage, Fraction(1)) for stage in ask), Fraction(0))
    scale = body.get("scale", "sqrt" if family == "full" else Fraction(1))
    return Recipe(
        family=family,
        ask=ask,
        names=_given_names(body, family),
        one_query="queries" not in body,
        scale=None if scale == "sqrt" else scale,
        temperature=body.get("temperature", Fraction(1)),
        causal=bool(body.get("causal", False)),
        tolerances={stage: _tolerance(body, family, stage) for stage in ask},
        slips=names_in(body.get("slips")),
        labels=names_in(body.get("labels")),
        asking=names_in(body.get("asking")),
        credit={stage: weights.get(stage, Fraction(1)) / total for stage in ask},
        entries=body.get("entries", ENTRIES),
        near={**NEAR, **body.get("near", {})},
    )


def slip_codes(family: Family) -> tuple[str, ...]:
    """The wrong turns that have a name."""
    if family == "blend":
        return (*BLEND_SLIPS, SWAPPED)
    return (*LOOKUP_SLIPS, *MATRIX_SLIPS)


def slip_family(code: str) -> str:
    """``swapped-weights-2-3`` is one of ``swapped-weights``."""
    return SWAPPED if code.startswith(f"{SWAPPED}-") else code


def names_in(value: Value) -> tuple[str, ...]:
    """A name, or a list of them."""
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


def _given_names(body: Mapping[str, Value], family: Family) -> dict[str, str]:
    if family == "blend":
        return {role: str(body.get(role, role)) for role in ("weights", "values")}
    if family == "scores":
        return {role: str(body[role]) for role in ("scores", "values") if role in body}
    asks = "queries" if "queries" in body else "query"
    names = {role: str(body.get(role, role)) for role in ("keys", "values")}
    return {"queries": str(body.get(asks, asks)), **names}


def _tolerance(body: Mapping[str, Value], family: Family, stage: str) -> Tolerance:
    found = Tolerance.parse(_tolerance_body(body, family, stage))
    assert isinstance(found, Tolerance)
    return found


def _tolerance_body(body: Mapping[str, Value], family: Family, stage: str) -> Value:
    value = body.get("tolerance")
    if isinstance(value, Mapping) and any(name in STAGES for name in value):
        value = value.get(stage)
    if value is not None:
        return value
    return "exact" if family == "blend" else {"honest": Fraction(2)}


# ---- is it well written? -------------------------------------------------------------------------


def check_recipe(body: Mapping[str, Value]) -> list[Fault]:
    """Every fault in the body that can be told without the given numbers."""
    family = family_of(body)
    faults = unknown_keys(body, BODY_KEYS)
    faults += _check_start(body, family)
    faults += _check_ask(body, family)
    faults += _check_settings(body, family)
    faults += _check_tolerance(body, family)
    known = slip_codes(family)
    for index, code in enumerate(names_in(body.get("slips"))):
        if code not in known:
            message = f"`{code}` is no slip of this kind. Known: {', '.join(known)}."
            faults.append(Fault(code="slip", message=message, place=("slips", index)))
    faults += _check_credit(body)
    return faults


def _check_start(body: Mapping[str, Value], family: Family) -> Iterator[Fault]:
    unfit = {
        "blend": ("query", "queries", "keys", "scores", "scale", "temperature", "causal"),
        "scores": ("query", "queries", "keys"),
        "full": (),
    }[family]
    for key in unfit:
        if key in body:
            start = "weights" if family == "blend" else "scores"
            message = f"`{key}` has nothing to do here: the part starts from `{start}`."
            yield Fault(code="start", message=message, place=(key,))
    if "query" in body and "queries" in body:
        message = "`query` names one list of numbers, `queries` a matrix of them: give one."
        yield Fault(code="start", message=message, place=("queries",))


def _check_ask(body: Mapping[str, Value], family: Family) -> Iterator[Fault]:
    stages = STAGES_OF[family]
    if family == "scores" and "values" not in body:
        stages = ("scaled", "weights")
    asked = names_in(body.get("ask"))
    listed = isinstance(body.get("ask"), tuple)
    if not asked:
        message = f"`ask` is one stage or a list of stages, of {', '.join(stages)}."
        yield Fault(code="ask", message=message, place=("ask",))
    for index, name in enumerate(asked):
        place = ("ask", index) if listed else ("ask",)
        if name not in stages:
            message = f"`ask`: there is no stage `{name}` here, but {', '.join(stages)}."
            yield Fault(code="ask", message=message, place=place)
        elif name in asked[:index]:
            message = f"`ask` names `{name}` twice."
            yield Fault(code="ask", message=message, place=place)
        elif name == "products" and "queries" in body:
            message = "`products` can be asked of one query only: a page has no room for more."
            yield Fault(code="ask", message=message, place=place)


def _check_settings(body: Mapping[str, Value], family: Family) -> Iterator[Fault]:
    scale = body.get("scale", Fraction(1))
    if not (isinstance(scale, Fraction) and scale > 0) and (scale != "sqrt" or family != "full"):
        message = "`scale` is what scores are multiplied by, a number above 0; 1 leaves them alone."
        if family == "full":
            message += " `sqrt` divides them by the square root of d."
        yield Fault(code="scale", message=message, place=("scale",))
    temperature = body.get("temperature", Fraction(1))
    if not isinstance(temperature, Fraction) or not 0 < temperature <= 1000:
        message = "`temperature` is a number above 0: it divides the scores before softmax."
        yield Fault(code="temperature", message=message, place=("temperature",))
    if not isinstance(body.get("causal", False), bool):
        yield Fault(code="causal", message="`causal` is true or false.", place=("causal",))
    elif body.get("causal") and family == "full" and "queries" not in body:
        message = "`causal` needs `queries`, one for each key: a single query comes after nobody."
        yield Fault(code="causal", message=message, place=("causal",))


def _check_tolerance(body: Mapping[str, Value], family: Family) -> list[Fault]:
    value = body.get("tolerance")
    asked = [stage for stage in names_in(body.get("ask")) if stage in STAGES]
    by_stage = isinstance(value, Mapping) and any(name in STAGES for name in value)
    faults: list[Fault] = []
    if by_stage:
        assert isinstance(value, Mapping)
        for name in value:
            if name not in asked:
                message = f"`tolerance` speaks of `{name}`, which is not asked."
                faults.append(Fault(code="tolerance", message=message, place=("tolerance", name)))
    told: set[Fault] = set()
    for stage in asked:
        place = ("tolerance", stage) if by_stage else ("tolerance",)
        found = Tolerance.parse(_tolerance_body(body, family, stage))
        if not isinstance(found, Tolerance):
            told.update(fault.under(*place) for fault in found)
        elif found.rule == "exact" and family != "blend" and stage in _ANY_STAGES:
            message = (
                f"`{stage}` cannot be asked exactly: powers of e are rounded, whoever takes them. "
                "Write {honest: 2}, or give each stage a tolerance of its own."
            )
            told.add(Fault(code="tolerance-exact", message=message, place=place))
    if not asked and value is not None and not by_stage:
        found = Tolerance.parse(value)
        told.update(f.under("tolerance") for f in (found if isinstance(found, list) else ()))
    return [*faults, *sorted(told, key=lambda fault: (fault.place, fault.message))]


def _check_credit(body: Mapping[str, Value]) -> Iterator[Fault]:
    asked = names_in(body.get("ask"))
    credit = body.get("credit", {})
    if not isinstance(credit, Mapping) or any(
        name not in asked or not isinstance(share, Fraction) or share <= 0
        for name, share in credit.items()
    ):
        message = "`credit` gives an asked stage its weight: `{weights: 2, output: 1}`."
        yield Fault(code="credit", message=message, place=("credit",))
    if not is_share(body.get("entries", ENTRIES)):
        message = "`entries` is the share of a stage that right entries earn, from 0 to 1."
        yield Fault(code="entries", message=message, place=("entries",))
    yield from check_near(body.get("near", {}), NEAR)

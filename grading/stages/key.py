"""The right values of every stage, for one variant or for many of one shape together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from grading.engine.arrays import Array
from grading.engine.attention import attend, attend_by_scores, blend_exact
from grading.engine.honest import Box, honest_boxes, honest_from
from grading.engine.scores import scores_exact
from grading.engine.trace import Asked, Trace
from grading.errors import BrokenExercise, EngineError, Fault, Place
from grading.numeric.tolerance import MOST_DIGITS, Flags, Tolerance, bounds
from grading.stages.recipe import RATIONAL, STAGES, Recipe
from grading.stages.turns import ByStage, Turns, take_roundings, take_turns

MOST_ROWS = 16
"""More keys than that nobody works by hand, and their wrong turns grow with the square."""

SLIP_REACH = 0.005
"""How far an answer may lie from a wrong turn's and still be taken for it, where what is right is
narrower: half a unit of the second decimal place, as in the lessons' own figures."""

_NO_ROOM = 1e-9
"""Around 0 a tolerance that measures by the key leaves so much, and tells nothing apart by it."""
_SHORT = 9
"""So many decimal places has what may be taken for a short decimal."""
_ULPS = 8 * 2.0**-52
"""What a handful of steps, and a sum of MOST_ROWS terms, may err by, relative to their size."""

Matrix = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Start:
    """The given numbers that one variant starts from, exact, as matrices."""

    rows: Mapping[str, Matrix]
    """``queries``, ``keys``, ``values``, ``scores`` or ``weights``."""
    one_query: bool

    @property
    def keys(self) -> int:
        """How many things are looked up."""
        for role in ("weights", "scores"):
            if role in self.rows:
                return len(self.rows[role][0])
        return len(self.rows["keys"])

    @property
    def queries(self) -> int:
        """How many ask."""
        for role in ("queries", "scores", "weights"):
            if role in self.rows:
                return len(self.rows[role])
        return 1

    @property
    def shape(self) -> tuple[Any, ...]:
        """Variants of one shape can be worked out together."""
        sizes = ((role, len(rows), len(rows[0])) for role, rows in self.rows.items())
        return (self.one_query, *sizes)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage that is asked for."""

    name: str
    shape: tuple[int, ...]
    tolerance: Tolerance
    share: Fraction
    """Of the part's score."""
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    def cell(self, index: int) -> str:
        """What an entry is called, row by row."""
        column = self.columns[index % self.shape[-1]]
        return f"{self.rows[index // self.shape[-1]]} → {column}" if self.rows else column


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheaf:
    """Many variants of one part, all of one shape: what is worked out for one is so for all.

    Arrays have the variants in front, (B, ...); a stage's cells are told row by row, (B, cells).
    """

    recipe: Recipe
    right: Trace
    one_query: bool

    @cached_property
    def cells(self) -> ByStage[Array]:
        """The right values: (B, cells).

        What floating point cannot tell from a short decimal is that decimal: of -0.7 + 0.6 + 0.1
        the engine makes 1.4e-16, and right is 0.
        """

        def right(stage: str) -> Array:
            made: Array = getattr(self.right, stage)
            made = made.reshape(len(made), -1)
            short = made.round(_SHORT)
            return np.where(np.abs(made - short) <= self.noise[stage], short, made)

        return ByStage(right)

    @cached_property
    def noise(self) -> Mapping[str, Array]:
        """How far floating point may have carried a stage from what is right: (B, 1).

        Sums err by the size of their terms, however small they come out; a power of e, and all
        that is made of it, by the size of its score.
        """
        asked = self.right.asked
        score = _largest(self.right.scores)
        if asked.queries is not None and asked.keys is not None:
            score = _largest(asked.queries) * _largest(asked.keys) * asked.keys.shape[-1]
        scaled = score * asked.scale
        weight = 1 + scaled / asked.temperature
        mixed = weight * _largest(asked.values)
        sizes = (score, scaled, weight, mixed, mixed)
        return {stage: _ULPS * size for stage, size in zip(STAGES, sizes, strict=True)}

    @cached_property
    def turns(self) -> Turns:
        """The wrong turns that are called by their names."""
        return take_turns(self.right, self.recipe)

    @cached_property
    def every_turn(self) -> Turns:
        """All wrong turns there are, whichever the author singles out."""
        return (
            take_turns(self.right, replace(self.recipe, slips=()))
            if self.recipe.slips
            else (self.turns)
        )

    @cached_property
    def roundings(self) -> Turns:
        """The right method, written down too shortly."""
        return take_roundings(self.right, self.recipe)

    @cached_property
    def short(self) -> ByStage[Flags]:
        """Whether a stage has no more digits than are asked for, variant by variant: (B,)."""

        def has_no_more(stage: str) -> Flags:
            tolerance, right = self.recipe.tolerances[stage], getattr(self.right, stage)
            if tolerance.rule not in ("places", "honest"):
                return np.zeros(len(right), dtype=np.bool_)
            off = np.abs(right - right.round(tolerance.digits)).reshape(len(right), -1)
            return np.asarray(off.max(axis=1) < 1e-12)

        return ByStage(has_no_more)

    @cached_property
    def plain(self) -> ByStage[Box]:
        """What is accepted by the tolerance alone, whatever was rounded before: (B, cells)."""

        def around(stage: str) -> Box:
            box = Box(*bounds(self.cells[stage], self.recipe.tolerances[stage]))
            return self._as_shares(stage, box)

        return ByStage(around)

    @cached_property
    def accepted(self) -> ByStage[Box]:
        """What is accepted, with what honest rounding of the stages before allows: (B, cells)."""
        honest: dict[int, dict[str, Box]] = {}

        def around(stage: str) -> Box:
            box, tolerance = self.plain[stage], self.recipe.tolerances[stage]
            if tolerance.rule != "honest":
                return box
            if tolerance.digits not in honest:
                honest[tolerance.digits] = self._honest(tolerance.digits)
            low, high = (end.reshape(box.low.shape) for end in honest[tolerance.digits][stage])
            box = Box(np.minimum(box.low, low), np.maximum(box.high, high))
            return self._as_shares(stage, box)

        return ByStage(around)

    def _as_shares(self, stage: str, box: Box) -> Box:
        """No rounding makes a share negative, or more than the whole."""
        if stage != "weights" or self.recipe.tolerances[stage].rule != "honest":
            return box
        return Box(np.maximum(box.low, 0.0), np.minimum(box.high, 1.0))

    def _honest(self, places: int) -> dict[str, Box]:
        if self.recipe.family == "blend":
            weights = self.right.weights
            return honest_from(self.right.asked, "weights", Box(weights, weights), places)
        return honest_boxes(self.right, places)


@dataclass(frozen=True, kw_only=True, eq=False)
class Key:
    """What decides one variant: its place in a sheaf, and its numbers, exact."""

    sheaf: Sheaf
    index: int
    start: Start
    stages: tuple[Stage, ...]
    labels: tuple[str, ...]
    """What the things looked up are called."""
    asking: tuple[str, ...]
    """What those who ask are called."""

    @property
    def recipe(self) -> Recipe:
        """What the author asks."""
        return self.sheaf.recipe

    @cached_property
    def trace(self) -> Trace:
        """The right pass of this variant alone, (1, Lq, ...)."""
        return _one(self.sheaf.right, self.index)

    @cached_property
    def exact(self) -> Mapping[str, tuple[Fraction, ...]]:
        """The right values that are rational, by stage, row by row."""
        rows, found = self.start.rows, {}
        if self.recipe.family == "blend":
            weights, values = rows["weights"], rows["values"]
            found["products"] = tuple(
                w * v
                for row in weights
                for w, value in zip(row, values, strict=True)
                for v in value
            )
            found["output"] = _flat(tuple(blend_exact(row, values) for row in weights))
            return found
        full = self.recipe.family == "full"
        scores = scores_exact(rows["queries"], rows["keys"]) if full else rows["scores"]
        found["scores"] = _flat(scores)
        scale = self.recipe.exact_scale(len(rows["keys"][0]) if full else 1)
        if scale is not None:
            found["scaled"] = tuple(scale * score for score in found["scores"])
        return found

    def stage(self, name: str) -> Stage:
        """The asked stage of this name. Raises KeyError where it is not asked."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def right(self, stage: str) -> Array:
        """The right values, row by row."""
        return np.asarray(self.sheaf.cells[stage][self.index])

    def keys(self, stage: str) -> tuple[Fraction | float, ...]:
        """The right values, exact where they are rational."""
        exact = self.exact.get(stage) if stage in RATIONAL[self.recipe.family] else None
        return exact if exact is not None else tuple(map(float, self.right(stage)))

    def noise(self, stage: str) -> Array:
        """How far floating point may have carried the right values, and what is accepted: (1,)."""
        return np.asarray(self.sheaf.noise[stage][self.index])

    def plain(self, stage: str) -> Box:
        """What the tolerance alone accepts."""
        low, high = self.sheaf.plain[stage]
        return Box(low[self.index], high[self.index])

    def accepted(self, stage: str) -> Box:
        """What is accepted, cell by cell."""
        low, high = self.sheaf.accepted[stage]
        return Box(low[self.index], high[self.index])

    def tolerances(self, stage: Stage) -> tuple[Tolerance, ...]:
        """The rule that decides, cell by cell."""
        if stage.tolerance.rule != "honest":
            return (stage.tolerance,) * len(self.right(stage.name))
        pairs = zip(*self.accepted(stage.name), strict=True)
        return tuple(stage.tolerance.within(float(low), float(high)) for low, high in pairs)

    def reach(self, stage: str) -> Array:
        """How far an entry may lie from what is right, or from a wrong turn: (cells,)."""
        low, high = self.accepted(stage)
        right = self.right(stage)
        return np.maximum(np.maximum(high - right, right - low), self.fine(stage))

    def fine(self, stage: str) -> float:
        """What tells two wrong turns apart: half a unit of the last place that is asked for.

        Where no places are asked, half of what the tolerance leaves to the largest entry.
        """
        known = self._fine.get(stage)
        if known is None:
            known = self._fine[stage] = self._how_fine(stage)
        return known

    def places(self, stage: str) -> int:
        """How many decimal places of this stage tell one answer from another."""
        if self.recipe.tolerances[stage].rule in ("places", "honest"):
            return self.recipe.tolerances[stage].digits
        return min(MOST_DIGITS, max(0, math.ceil(-math.log10(2 * self.fine(stage)) - 1e-9)))

    @cached_property
    def _fine(self) -> dict[str, float]:
        return {}

    def _how_fine(self, stage: str) -> float:
        tolerance = self.recipe.tolerances[stage]
        if tolerance.rule in ("places", "honest"):
            return min(SLIP_REACH, 0.5 * 10.0**-tolerance.digits)
        if tolerance.rule in ("exact", "range"):
            # A share of the numbers themselves, where they are small.
            room = SLIP_REACH * float(np.abs(self.right(stage)).max(initial=0.0))
        else:
            low, high = self.plain(stage)
            room = float((high - low).max(initial=0.0)) / 2
        return min(SLIP_REACH, room) if room > _NO_ROOM else SLIP_REACH


# ---- from given numbers --------------------------------------------------------------------------


def gather(recipe: Recipe, given: Mapping[str, Any]) -> Start:
    """The numbers of one variant. Raises BrokenExercise with every way in which they do not fit."""
    faults: list[Fault] = []
    rows: dict[str, Matrix] = {}
    one_query = recipe.one_query
    for role, name in recipe.names.items():
        value = given.get(name)
        single = _is_row(value)
        if role in ("weights", "scores"):
            one_query = single
        wants_row = role == "queries" and recipe.one_query
        if role in ("weights", "scores", "queries") and single and (wants_row or role != "queries"):
            rows[role] = (value,)  # type: ignore[assignment]
        elif _is_matrix(value) and not wants_row:
            rows[role] = value  # type: ignore[assignment]
        else:
            what = {True: "a list of numbers", False: "rows of numbers"}[wants_row]
            if role in ("weights", "scores"):
                what = "a list of numbers, or rows of them,"
            faults.append(_fault(f"`given` needs {what} called `{name}`", name))
    if not faults:
        faults = _misfits(recipe, rows, one_query)
    if faults:
        raise BrokenExercise(faults)
    return Start(rows=rows, one_query=one_query)


def _misfits(recipe: Recipe, rows: Mapping[str, Matrix], one_query: bool) -> list[Fault]:
    names, faults = recipe.names, []
    for role, matrix in rows.items():
        if len(matrix) > MOST_ROWS or len(matrix[0]) > MOST_ROWS:
            message = (
                f"`{names[role]}` is {len(matrix)} by {len(matrix[0])}; {MOST_ROWS} is the most"
            )
            faults.append(_fault(message, names[role]))
    across = "weights" if "weights" in rows else "scores" if "scores" in rows else "keys"
    count = len(rows["keys"]) if across == "keys" else len(rows[across][0])
    if "values" in rows and len(rows["values"]) != count:
        one = "keys" if across == "keys" else f"{across} in a row"
        message = f"there are {count} {one} for {len(rows['values'])} values"
        faults.append(_fault(message, names["values"]))
    if "keys" in rows and len(rows["keys"][0]) != len(rows["queries"][0]):
        widths = len(rows["queries"][0]), len(rows["keys"][0])
        message = "the query has {} components and each key {}: they must be as long".format(
            *widths
        )
        faults.append(_fault(message, names["keys"]))
    askers = len(rows.get("queries") or rows.get("scores") or ((),))
    if recipe.causal and askers != count:
        asked = names["queries" if "queries" in rows else "scores"]
        message = f"with `causal` there are as many queries as keys; here are {askers} and {count}"
        faults.append(_fault(message, asked))
    if "products" in recipe.ask and not one_query:
        message = "`products` can be asked of one query only: a page has no room for more"
        faults.append(Fault(code="given", message=f"{message}.", place=("ask",)))
    width = len(rows["keys"][0]) if "keys" in rows else 1
    scaled = recipe.tolerances.get("scaled")
    if scaled is not None and scaled.rule == "exact" and recipe.exact_scale(width) is None:
        message = f"`scaled` cannot be asked exactly: the square root of {width} has no last digit."
        faults.append(Fault(code="tolerance-exact", message=message, place=("tolerance",)))
    for labels, wanted, key, what in (
        (recipe.labels, count, "labels", "keys" if "keys" in rows else "values"),
        (
            recipe.asking,
            askers if "weights" not in rows else len(rows["weights"]),
            "asking",
            "rows",
        ),
    ):
        if labels and len(labels) != wanted:
            message = f"There are {len(labels)} `{key}` for {wanted} {what}."
            faults.append(Fault(code="given", message=message, place=(key,)))
    if "weights" in rows:
        faults += _no_weights(rows["weights"], names["weights"])
    return faults


def _no_weights(weights: Matrix, name: str) -> list[Fault]:
    """Weights are shares: none negative, and their sum is 1 but for rounding."""
    faults = []
    for row in weights:
        total = sum(row, Fraction(0))
        if min(row) < 0:
            faults.append(_fault(f"`{name}` holds a negative weight", name))
        # Weights of two places and more are often rounded ones; then their sum may miss 1.
        places = max(_places(weight) for weight in row)
        room = Fraction(len(row), 2 * 10**places) if 2 <= places <= 12 else Fraction(0)
        if abs(total - 1) > room:
            faults.append(_fault(f"the weights `{name}` sum to {float(total):g}, not to 1", name))
    return list(dict.fromkeys(faults))


def _places(value: Fraction) -> int:
    """How many decimal places it takes to write it; 99 where no number of them does."""
    for places in range(13):
        if 10**places % value.denominator == 0:
            return places
    return 99


def _is_row(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(v, Fraction) for v in value)


def _is_matrix(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(map(_is_row, value))


def _fault(why: str, name: str) -> Fault:
    place: Place = ("given", name)
    return Fault(code="given", message=f"{why}.", place=place)


# ---- from numbers to keys ------------------------------------------------------------------------


def keys_of(recipe: Recipe, starts: Sequence[Start]) -> list[Key]:
    """The keys of many variants, in order; those of one shape share what is worked out.

    Raises BrokenExercise where the arithmetic leads out of the numbers.
    """
    by_shape: dict[tuple[Any, ...], list[int]] = {}
    for place, start in enumerate(starts):
        by_shape.setdefault(start.shape, []).append(place)
    keys: dict[int, Key] = {}
    for places in by_shape.values():
        together = [starts[place] for place in places]
        sheaf = Sheaf(
            recipe=recipe, right=_right(recipe, together), one_query=together[0].one_query
        )
        labels, asking = _named(recipe, together[0])
        stages = _stages(recipe, together[0], labels, asking)
        for index, place in enumerate(places):
            keys[place] = Key(
                sheaf=sheaf,
                index=index,
                start=starts[place],
                stages=stages,
                labels=labels,
                asking=asking,
            )
    return [keys[place] for place in range(len(starts))]


def _right(recipe: Recipe, starts: Sequence[Start]) -> Trace:
    """One right pass for all of them, (B, Lq, ...)."""
    try:
        given = {
            role: np.array([start.rows[role] for start in starts], dtype=np.float64)
            for role in starts[0].rows
        }
        if recipe.family == "full":
            return attend(
                given["queries"],
                given["keys"],
                given["values"],
                scale=None if recipe.scale is None else float(recipe.scale),
                temperature=float(recipe.temperature),
                causal=recipe.causal,
            )
        if recipe.family == "scores":
            nothing = np.zeros((len(starts), given["scores"].shape[-1], 1))
            return attend_by_scores(
                given["scores"],
                given.get("values", nothing),
                scale=1.0 if recipe.scale is None else float(recipe.scale),
                temperature=float(recipe.temperature),
                causal=recipe.causal,
            )
        weights = given["weights"]
        # The engine has no pass that starts from weights: it is told them on the way.
        return attend_by_scores(np.zeros_like(weights), given["values"]).follow("weights", weights)
    except (EngineError, OverflowError) as error:
        message = f"These numbers cannot be worked out: {error}."
        raise BrokenExercise([Fault(code="given", message=message, place=("given",))]) from None


def _named(recipe: Recipe, start: Start) -> tuple[tuple[str, ...], tuple[str, ...]]:
    labels = recipe.labels or tuple(str(i) for i in range(1, start.keys + 1))
    if start.one_query:
        return labels, ()
    if recipe.asking:
        return labels, recipe.asking
    # Where as many ask as are asked, they are the same ones.
    if recipe.labels and start.queries == start.keys:
        return labels, labels
    return labels, tuple(f"query {i}" for i in range(1, start.queries + 1))


def _stages(
    recipe: Recipe, start: Start, labels: tuple[str, ...], asking: tuple[str, ...]
) -> tuple[Stage, ...]:
    width = len(start.rows["values"][0]) if "values" in start.rows else 1
    components = tuple(f"component {i}" for i in range(1, width + 1))
    stages = []
    for name in recipe.ask:
        across = components if name in ("products", "output") else labels
        down = labels if name == "products" else asking
        stages.append(
            Stage(
                name=name,
                shape=(len(down), len(across)) if down else (len(across),),
                tolerance=recipe.tolerances[name],
                share=recipe.credit[name],
                rows=down,
                columns=across,
            )
        )
    return tuple(stages)


def _largest(stage: Array) -> Array:
    """The size of the largest entry of each variant: (B, ...) -> (B, 1)."""
    return np.asarray(np.abs(stage.reshape(len(stage), -1)).max(axis=1, keepdims=True))


def _flat(rows: Matrix) -> tuple[Fraction, ...]:
    return tuple(cell for row in rows for cell in row)


def _one(many: Trace, index: int) -> Trace:
    """One of many passes, as a pass of its own with one variant in front."""
    count = len(many.scores)
    if count == 1:
        return many

    def cut(array: Any) -> Any:
        # What all share, a mask say, has no axis for them.
        shared = array is None or array.ndim < 3 or len(array) != count
        return array if shared else array[index : index + 1]

    asked = {
        field.name: cut(getattr(many.asked, field.name))
        for field in fields(Asked)
        if field.name in ("queries", "keys", "values", "bias", "allowed", "seen", "ahead")
    }
    stages = {
        field.name: getattr(many, field.name)[index : index + 1]
        for field in fields(Trace)
        if field.name != "asked"
    }
    return replace(many, asked=replace(many.asked, **asked), **stages)

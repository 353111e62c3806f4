"""Lookup: a soft lookup, one stage or all; slips are named and carried errors credited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from grading.errors import Fault, Misreading, Unreadable
from grading.exercise import (
    Field,
    Part,
    Posed,
    Raw,
    Shown,
    Spelling,
    Stray,
    Worked,
    number_text,
)
from grading.given import fill
from grading.kind import Draw, Kind, Target
from grading.numeric.advice import advice
from grading.numeric.grids import Grid, read_grid
from grading.numeric.tolerance import surely
from grading.stages.byhand import by_hand
from grading.stages.deciding import all_right, decide, plainly_right
from grading.stages.key import Key, Stage, gather, keys_of
from grading.stages.recipe import (
    STAGES,
    check_recipe,
    names_in,
    read_recipe,
    slip_codes,
    slip_family,
)
from grading.stages.turns import FAMILIES, Turns, apart, idle
from grading.stages.worked import steps, typed, written
from grading.verdict import Mark

STAGE_LABELS: Final = {
    "scores": "Scores (query · key)",
    "scaled": "Scaled scores",
    "weights": "Weights",
    "products": "Products (weight × value)",
    "output": "Output",
}


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The stages that the learner filled in."""

    grids: Mapping[str, Grid]


class Lookup(Kind[Steps]):
    """From weights and values: a blend. From scores: softmax. From query and keys: all of it."""

    name = "lookup"

    def check(self, part: Part) -> list[Fault]:
        return check_recipe(part.body)

    # ---- what the learner sees, and the key ---------------------------------------------------

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        return self.vary_many(part, [(given, draw)])[0]

    def vary_many(self, part: Part, many: Sequence[tuple[Mapping[str, Any], Draw]]) -> list[Posed]:
        recipe = read_recipe(part.body)
        keys = keys_of(recipe, [gather(recipe, given) for given, _ in many])
        return [
            Posed(
                part=part,
                shown=Shown(
                    prompt=fill(part.prompt, given),
                    fields=tuple(_field(key, stage) for stage in key.stages),
                ),
                key=key,
            )
            for (given, _), key in zip(many, keys, strict=True)
        ]

    # ---- what the learner wrote ---------------------------------------------------------------

    def read(self, shown: Shown, raw: Raw) -> Steps:
        grids: dict[str, Grid] = {}
        misreadings: list[Misreading] = []
        for field in shown.fields:
            text = raw.get(field.name, "")
            if not text.strip(", ;\t\r\n"):
                continue
            try:
                grids[field.name] = read_grid(text, field.shape)
            except Unreadable as error:
                misreadings += error.in_field(field.name).misreadings
        if misreadings:
            raise Unreadable(misreadings)
        return Steps(grids=grids)

    def normal(self, answer: Steps) -> str:
        return "; ".join(
            f"{name}: "
            + ", ".join(
                ""
                if cell is None
                else number_text(cell.value)
                if cell.value is not None
                else f"{cell.float:.10g}"
                for cell in grid.cells
            )
            for name, grid in answer.grids.items()
        )

    # ---- how right it is, and why -------------------------------------------------------------

    def mark(self, posed: Posed, answer: Steps, others: Mapping[str, Any]) -> Mark:
        return decide(posed.key, answer.grids)

    def mark_many(self, many: Sequence[tuple[Posed, Steps, Mapping[str, Any]]]) -> list[Mark]:
        """As ``mark``: what is plainly right is seen in one look at all the numbers of a sheaf."""
        marks: dict[int, Mark] = {}
        by_sheaf: dict[int, list[int]] = {}
        for place, (posed, answer, _) in enumerate(many):
            if plainly_right(answer.grids, posed.key):
                by_sheaf.setdefault(id(posed.key.sheaf), []).append(place)
        for places in by_sheaf.values():
            together = [(many[place][0].key, many[place][1].grids) for place in places]
            right = _all_inside(together)
            marks |= {
                place: all_right(*one)
                for place, one, yes in zip(places, together, right, strict=True)
                if yes
            }
        return [
            marks[place] if place in marks else self.mark(posed, answer, others)
            for place, (posed, answer, others) in enumerate(many)
        ]

    # ---- a good answer, and what else must earn all -------------------------------------------

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        return Worked(
            answer={stage.name: written(key, stage) for stage in key.stages},
            steps=tuple(steps(key)),
        )

    def targets(self, posed: Posed) -> Iterable[Target]:
        key: Key = posed.key
        for stage in key.stages:
            yield Target(
                field=stage.name, keys=key.keys(stage.name), tolerances=key.tolerances(stage)
            )

    def spellings(self, posed: Posed) -> Iterable[Spelling]:
        """Every stage rounded as advised and carried on, softmax worked in each usual way."""
        return by_hand(posed.key)

    # ---- the wrong turns ----------------------------------------------------------------------

    def stray(self, posed: Posed) -> Iterable[Stray]:
        key: Key = posed.key
        last = key.stages[-1]
        turns, right = key.sheaf.turns, key.right(last.name)
        listed = key.recipe.slips
        for slip in _astray(key, turns):
            code, values = turns.codes[slip], turns.of(last.name, key.index)[slip]
            # One that the author singles out must never coincide with what is right.
            if apart(values, right, key.reach(last.name)) <= 1 and not key.recipe.slips:
                continue
            text = typed([repr(float(value)) for value in values], last.shape)
            name = slip_family(code)
            yield Stray(
                code=name,
                answer={last.name: text},
                score=last.share * key.recipe.near.get(name, 0),
                told=(name, *_sorts_of(name), "several-slips", "several-slips-alone"),
                place=("slips", listed.index(name)) if name in listed else (),
            )

    def unfair(self, posed: Posed) -> str | None:
        """The contract of a variant: right apart from wrong, wrong turns apart, nothing extreme."""
        key: Key = posed.key
        return _extreme(key) or _muddled(key)

    def doubts(self, posed: Posed) -> Iterable[Fault]:
        key: Key = posed.key
        taken = {slip_family(code) for code in key.sheaf.turns.codes}
        for index, code in enumerate(names_in(posed.part.body.get("slips"))):
            if code not in taken and code in slip_codes(key.recipe.family):
                message = f"`{code}` cannot be taken here: nothing in this part leads to it."
                yield Fault(code="slip-idle", message=message, place=("slips", index))


def _field(key: Key, stage: Stage) -> Field:
    return Field(
        name=stage.name,
        widget="grid" if stage.rows else "vector",
        label=STAGE_LABELS[stage.name],
        # Where nothing is rounded, no digits are asked for.
        help="" if key.sheaf.short[stage.name][key.index] else advice(stage.tolerance),
        shape=stage.shape,
        rows=stage.rows,
        columns=stage.columns,
        limit=4000,
    )


def _all_inside(together: Sequence[tuple[Key, Mapping[str, Grid]]]) -> np.ndarray[Any, Any]:
    """For each answer to variants of one sheaf, whether every number is accepted beyond doubt."""
    sheaf = together[0][0].sheaf
    index = np.array([key.index for key, _ in together])
    right = np.ones(len(together), dtype=np.bool_)
    for stage in sheaf.recipe.ask:
        cells = [cell.float for _, grids in together for cell in grids[stage].cells if cell]
        numbers = np.array(cells, dtype=np.float64).reshape(len(together), -1)
        low, high = sheaf.accepted[stage]
        inside, _ = surely(numbers, low[index], high[index], sheaf.noise[stage][index])
        right &= inside.all(axis=1)
    return right


def _sorts_of(code: str) -> list[str]:
    return [name for name, members in FAMILIES.items() if code in members]


def _extreme(key: Key) -> str | None:
    """Why nobody should have to work with these numbers: what is quickly seen."""
    if key.recipe.family == "blend":
        return None
    trace = key.trace
    free = np.isfinite(trace.masked[0]).sum(axis=-1) > 1
    # A row with a single key to see has all of its weight there, and nothing to say.
    largest = trace.weights[0].max(axis=-1)[free]
    for weight in largest:
        if not 0.35 <= weight <= 0.9:
            return f"the largest weight is {weight:.2f}, outside .35 to .9"
    if (trace.ties[0] & free).any():
        return "two keys tie for the largest score"
    rows = key.start.rows
    if "keys" in rows:
        if len(set(rows["keys"])) < len(rows["keys"]):
            return "two keys are equal"
        if rows["keys"] == rows["values"]:
            return "the keys are the values"
    return None


def _muddled(key: Key) -> str | None:
    """Why an answer would not tell which way was taken."""
    last, recipe = key.stages[-1].name, key.recipe
    # Whoever goes wrong in a way that the author does not single out must not come out right.
    every = key.sheaf.every_turn
    kept = _astray(key, every)
    codes = [every.codes[slip] for slip in kept]
    astray = every.of(last, key.index)[kept]
    fine = 4 * key.fine(last)
    listed = [n for n, code in enumerate(codes) if slip_family(code) in recipe.slips]
    # Each with each, in one look: (S, 1, cells) with (1, S, cells), the upper triangle of it.
    alike = apart(astray[listed, None], astray[None, listed], np.array(fine)) <= 1
    if (alike := np.triu(alike, k=1)).any():
        one, other = (codes[listed[place]] for place in np.argwhere(alike)[0])
        return f"the wrong turns `{one}` and `{other}` cannot be told apart"
    right, reach = key.right(last), key.reach(last)
    right_too = apart(astray, right, np.maximum(2 * reach, fine)) <= 1
    for slip in np.flatnonzero(right_too):
        # To exchange weights that are equal is no wrong turn, unless the author calls it one.
        if slip in listed or not idle(codes[slip], key.trace.weights):
            return f"the wrong turn `{codes[slip]}` gives the right answer"
    return None


def _astray(key: Key, turns: Turns) -> list[int]:
    """The slips that lead to numbers, and do not leave the right way only behind all that is asked.

    One that never leaves it coincides with what is right on these numbers, and is among them.
    """
    last = key.stages[-1].name
    kept = np.isfinite(turns.of(last, key.index)).all(axis=1)
    if key.recipe.family != "blend" and last != STAGES[-1]:
        leaves = {
            stage: apart(turns.of(stage, key.index), key.right(stage), np.array(1e-9)) > 1
            for stage in STAGES
        }
        early = np.any([leaves[stage] for stage in STAGES[: STAGES.index(last) + 1]], axis=0)
        kept &= early | ~np.any(list(leaves.values()), axis=0)
    return [int(slip) for slip in np.flatnonzero(kept)]

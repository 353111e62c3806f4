"""Grid: a row or a table of numbers, judged cell by cell, its faults called by the cells' names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, Final, Literal

from grading.document import check_foreseen, check_words, unknown_keys
from grading.errors import BrokenExercise, Fault, Misreading, Place, Unreadable
from grading.exercise import Field, Part, Posed, Raw, Shown, Stray, Value, Worked, number_text
from grading.given import fill
from grading.kind import Draw, Kind, Target
from grading.numeric.advice import advice, wanted
from grading.numeric.calculation import (
    alike,
    calculate,
    calculated,
    check_calculation,
    givable,
)
from grading.numeric.equation import equation, short_text
from grading.numeric.grids import LONGEST_GRID, read_grid
from grading.numeric.notes import guessed
from grading.numeric.reading import Reading
from grading.numeric.tolerance import (
    EXACT,
    Judgement,
    Tolerance,
    check_near,
    judge,
    of_wrong,
    too_near,
)
from grading.numeric.tree import Tree
from grading.verdict import Finding, Mark, Tone

BODY_KEYS: Final = (
    "cells", "rows", "columns", "tolerance", "credit", "near", "wrong", "must", "steps", "label",
)  # fmt: skip
CELL_KEYS: Final = ("answer", "tolerance", "shown")
SIGNS: Final = ("positive", "negative", "not-negative", "not-positive")
NEAR: Final = dict.fromkeys(
    ("percent-for-fraction", "slipped-point", "sign", "too-few-digits"), Fraction(0)
)
"""The near misses that have a name, and what a cell earns for each unless the author says."""
MOST_CELLS: Final = 100
MOST_NAMED: Final = 6
"""So many cells are named in a sentence; of more, how many there are."""

Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: its labels, what is right in it, and whether that is shown or asked for."""

    row: str
    """The label of its row; empty where there is only one."""
    column: str
    key: Fraction | float
    tolerance: Tolerance
    shown: bool
    work: Tree
    """How the key comes about."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"{self.row}, {self.column}" if self.row else self.column


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """A whole grid that is wrong, what to call it, and what to say."""

    code: str
    numbers: tuple[Fraction | float, ...]
    say: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must hold of the cells at these places, whatever they are.

    ``sum``: together they are ``total``. ``sign``: each is so. ``order``: each is larger than the
    next.
    """

    entry: int
    """Which entry of ``must`` it comes from; one of sums is a rule for each line."""
    rule: Literal["sum", "sign", "order"]
    places: tuple[int, ...]
    line: str = ""
    """What the cells of a sum are called together."""
    total: Fraction | float = Fraction(0)
    sign: str = ""
    say: str = ""


@dataclass(frozen=True, kw_only=True)
class Key:
    """All cells row by row, and what else the author says of them."""

    shape: Shape
    cells: tuple[Cell, ...]
    wrong: tuple[Foreseen, ...]
    must: tuple[Rule, ...]
    near: Mapping[str, Fraction]
    whole: bool
    """Whether only a grid that is right throughout earns anything."""
    steps: tuple[str, ...]

    @property
    def asked(self) -> tuple[int, ...]:
        """The places of the cells to be filled in."""
        return tuple(at for at, cell in enumerate(self.cells) if not cell.shown)


Cells = tuple[Reading | None, ...]
"""What was typed, row by row; None where a cell is shown or was left blank."""


class Grid(Kind[Cells]):
    """``cells`` is a list, or a list of rows; a cell is a number or a calculation."""

    name = "grid"

    # ---- is it well written? ------------------------------------------------------------------

    def check(self, part: Part) -> list[Fault]:
        body = part.body
        faults = unknown_keys(body, BODY_KEYS)
        rows, shape, found = _rows_of(body.get("cells"), ("cells",))
        faults += found
        faults += check_words(body)
        tolerance = Tolerance.parse(body.get("tolerance", "exact"))
        faults += _check_tolerance(tolerance, ("tolerance",))
        if body.get("credit", "each") not in ("each", "all"):
            message = "`credit` is `each` (every cell counts for itself) or `all` (all or nothing)."
            faults.append(Fault(code="credit", message=message, place=("credit",)))
        faults += check_near(body.get("near", {}), NEAR)
        if not shape:
            return faults
        for place, cell in rows:
            faults += _check_cell(cell, place)
        if all(isinstance(cell, Mapping) and "shown" in cell for _, cell in rows):
            message = "Every cell is shown; leave at least one to be filled in."
            faults.append(Fault(code="cells", message=message, place=("cells",)))
        faults += _check_labels(body, shape)
        faults += _check_wrongs(body, shape, rows)
        if not any(fault.code == "labels" for fault in faults):
            faults += _check_rules(body, shape)
        return faults

    # ---- what the learner sees, and the key ---------------------------------------------------

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        body: Mapping[str, Any] = part.body
        rows, shape, _ = _rows_of(body["cells"], ("cells",))
        tolerance = Tolerance.parse(body.get("tolerance", "exact"))
        assert isinstance(tolerance, Tolerance)
        cells = tuple(
            _cell(labels, spec, place, tolerance, given)
            for labels, (place, spec) in zip(_labels(body, shape), rows, strict=True)
        )
        key = Key(
            shape=shape,
            cells=cells,
            wrong=tuple(
                Foreseen(
                    code=str(entry["code"]),
                    numbers=_wrong_numbers(entry, ("wrong", index), cells, given),
                    say=fill(str(entry["say"]), given),
                )
                for index, entry in enumerate(body.get("wrong", ()))
            ),
            must=tuple(_rules(body, shape, given)),
            near={**NEAR, **body.get("near", {})},
            whole=body.get("credit", "each") == "all",
            steps=tuple(fill(str(step), given) for step in body.get("steps", ())),
        )
        _check_possible(key)
        asked = {cells[at].tolerance for at in key.asked}
        field = Field(
            name="cells",
            widget="vector" if len(shape) == 1 else "grid",
            label=str(body.get("label", "Your numbers")),
            help=advice(asked.pop()) if len(asked) == 1 else "",
            shape=shape,
            rows=tuple(map(str, body.get("rows", ()))) if len(shape) == 2 else (),
            columns=tuple(map(str, body.get("columns", ()))),
            fixed=tuple(_text(cell.key) if cell.shown else "" for cell in cells)
            if any(cell.shown for cell in cells)
            else (),
            blanks=True,
            limit=LONGEST_GRID,
        )
        return Posed(
            part=part, shown=Shown(prompt=fill(part.prompt, given), fields=(field,)), key=key
        )

    # ---- what the learner wrote ---------------------------------------------------------------

    def read(self, shown: Shown, raw: Raw) -> Cells:
        field = shown.fields[0]
        text = raw[field.name]
        if not any(field.fixed):
            return read_grid(text, field.shape, blanks=True).cells
        try:
            cells = read_grid(text, field.shape, blanks=True).cells
        except Unreadable as error:
            return _only_asked(text, field, error)
        strange = [
            Misreading(
                code="given-cell",
                message=f"This cell is given: it is {fixed}.",
                start=cell.start,
                end=cell.start + len(cell.text),
            )
            for cell, fixed in zip(cells, field.fixed, strict=True)
            if cell is not None and fixed and not _is_given(cell, fixed)
        ]
        if strange:
            raise Unreadable(strange)
        return tuple(
            None if fixed else cell for cell, fixed in zip(cells, field.fixed, strict=True)
        )

    # ---- how right it is, and why -------------------------------------------------------------

    def mark(self, posed: Posed, answer: Cells, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        judged = {
            at: judge(cell, key.cells[at].key, key.cells[at].tolerance)
            for at in key.asked
            if (cell := answer[at]) is not None
        }
        right = [at for at, judgement in judged.items() if judgement.ok]
        read = (note for cell in answer if cell is not None for note in cell.notes)
        notes = tuple(guessed(read, "cells"))
        if len(right) == len(key.asked):
            return Mark(score=Fraction(1), findings=(_all_right(key), *notes))
        findings = [*_told(key, answer, judged), *_broken_rules(key, answer), *notes]
        score = _earned(key, judged)
        return Mark(score=score, findings=tuple(sorted(findings, key=_right_first)))

    # ---- a good answer, the wrong turns, the normal form --------------------------------------

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        return Worked(
            answer={"cells": _joined([_text(cell.key) for cell in key.cells], key.shape)},
            steps=key.steps or tuple(_steps(key)),
        )

    def stray(self, posed: Posed) -> Iterable[Stray]:
        key: Key = posed.key
        for at, wrong in enumerate(key.wrong):
            answer = {"cells": _joined([_text(number) for number in wrong.numbers], key.shape)}
            # Cells that are right in a wrong grid count as in any other; all of them never are.
            earned = self.mark(posed, self.read(posed.shown, answer), {}).score
            yield Stray(
                code=wrong.code,
                answer=answer,
                score=earned if earned < 1 else Fraction(0),
                place=("wrong", at, "cells"),
            )

    def normal(self, answer: Cells) -> str:
        return ", ".join(
            "" if cell is None else _text(cell.float if cell.value is None else cell.value)
            for cell in answer
        )

    def unfair(self, posed: Posed) -> str | None:
        """Wrong grids apart from the right one and from each other by more than two tolerances."""
        key: Key = posed.key
        right = [cell.key for cell in key.cells]
        tolerances = [cell.tolerance for cell in key.cells]
        for wrong in key.wrong:
            if _too_near(key, wrong.numbers, right, tolerances):
                return f"the wrong grid `{wrong.code}` is as good as the right one"
        near = list(map(of_wrong, tolerances))
        for one, other in combinations(key.wrong, 2):
            if one.code != other.code and _too_near(key, one.numbers, other.numbers, near):
                return f"the wrong grids `{one.code}` and `{other.code}` cannot be told apart"
        return None

    def targets(self, posed: Posed) -> Iterable[Target]:
        key: Key = posed.key
        yield Target(
            field="cells",
            keys=tuple(cell.key for cell in key.cells),
            tolerances=tuple(EXACT if cell.shown else cell.tolerance for cell in key.cells),
        )


# ---- what the author wrote ----------------------------------------------------------------------

Specs = list[tuple[Place, Value]]
"""Each cell as it was written, with its place."""


def _rows_of(value: Value, place: Place) -> tuple[Specs, Shape, list[Fault]]:
    """The cells row by row, the shape, and what is wrong with it; no shape where there is none."""
    if not isinstance(value, tuple) or not value:
        message = "`cells` is a list of numbers or calculations, or a list of such rows."
        return [], (), [Fault(code="cells", message=message, place=place)]
    if not any(isinstance(row, tuple) for row in value):
        specs: Specs = [((*place, at), cell) for at, cell in enumerate(value)]
        shape: Shape = (len(value),)
    else:
        lengths = [len(row) if isinstance(row, tuple) else 0 for row in value]
        odd = next((at for at, length in enumerate(lengths) if length != lengths[0]), None)
        if odd is not None or not lengths[0]:
            message = "Every row has as many cells as the first."
            return [], (), [Fault(code="ragged", message=message, place=(*place, odd or 0))]
        specs = [
            ((*place, at, column), cell)
            for at, row in enumerate(value)
            if isinstance(row, tuple)
            for column, cell in enumerate(row)
        ]
        shape = (len(value), lengths[0])
    if len(specs) > MOST_CELLS:
        message = f"A grid has at most {MOST_CELLS} cells; this one has {len(specs)}."
        return [], (), [Fault(code="cells", message=message, place=place)]
    return specs, shape, []


def _check_cell(cell: Value, place: Place) -> list[Fault]:
    if not isinstance(cell, Mapping):
        return check_calculation(cell, place=place)
    faults = [fault.under(*place) for fault in unknown_keys(cell, CELL_KEYS)]
    if ("shown" in cell) == ("answer" in cell) or {"shown", "tolerance"} <= set(cell):
        message = "A cell is a number, `{answer: ..., tolerance: ...}`, or `{shown: ...}`."
        return [*faults, Fault(code="cell", message=message, place=place)]
    held = "shown" if "shown" in cell else "answer"
    faults += check_calculation(cell[held], place=(*place, held))
    if "tolerance" in cell:
        faults += _check_tolerance(Tolerance.parse(cell["tolerance"]), (*place, "tolerance"))
    return faults


def _check_tolerance(tolerance: Tolerance | list[Fault], place: Place) -> list[Fault]:
    if not isinstance(tolerance, Tolerance):
        return [fault.under(*place) for fault in tolerance]
    if tolerance.rule == "honest":
        message = "`honest` follows the stages of a lookup. Of a cell, say its `places`."
        return [Fault(code="tolerance", message=message, place=place)]
    return []


def _check_labels(body: Mapping[str, Value], shape: Shape) -> Iterator[Fault]:
    counts = {"rows": shape[0] if len(shape) == 2 else 0, "columns": shape[-1]}
    for name, count in counts.items():
        if name not in body:
            continue
        labels = body[name]
        if not count:
            message = "A single row has no `rows`; its cells are named by `columns`."
            yield Fault(code="labels", message=message, place=(name,))
        elif not isinstance(labels, tuple) or len(labels) != count:
            message = f"`{name}` is a list of {count} labels, one for each."
            yield Fault(code="labels", message=message, place=(name,))
        else:
            for at, label in enumerate(labels):
                if isinstance(label, bool) or not isinstance(label, str | Fraction) or label == "":
                    message = "A label is a text or a number; put yes, no, on and off in quotes."
                    yield Fault(code="labels", message=message, place=(name, at))


def _check_wrongs(body: Mapping[str, Value], shape: Shape, right: Specs) -> Iterator[Fault]:
    wrong = body.get("wrong", ())
    if not isinstance(wrong, tuple):
        message = "`wrong` is a list of `{cells: a whole grid, code: a-name, say: a text}`."
        yield Fault(code="wrong", message=message, place=("wrong",))
        return
    shown = [isinstance(cell, Mapping) and "shown" in cell for _, cell in right]
    for index, entry in enumerate(wrong):
        place: Place = ("wrong", index)
        if not isinstance(entry, Mapping):
            message = "An entry is `{cells: a whole grid, code: a-name, say: a text}`."
            yield Fault(code="wrong", message=message, place=place)
            continue
        yield from (fault.under(*place) for fault in check_foreseen(entry, ("cells",)))
        specs, own, faults = _rows_of(entry.get("cells"), (*place, "cells"))
        yield from faults
        if own and own != shape:
            message = f"A wrong grid has the shape of `cells`, {_called(shape)}."
            yield Fault(code="wrong", message=message, place=(*place, "cells"))
        if own != shape:
            continue
        found = [
            fault
            for (at, cell), given in zip(specs, shown, strict=True)
            if not (given and cell is None)
            for fault in check_calculation(cell, place=at)
        ]
        yield from found
        if not found and _written_alike(specs, right, shown):
            message = "This wrong grid is the right one."
            yield Fault(code="wrong", message=message, place=(*place, "cells"))


def _written_alike(specs: Specs, right: Specs, shown: Sequence[bool]) -> bool:
    """Whether a wrong grid is the right one, whatever the given numbers may be."""
    for (_, cell), (_, other), given in zip(specs, right, shown, strict=True):
        key = other.get("answer") if isinstance(other, Mapping) else other
        if not given and not alike(cell, key):
            return False
    return True


def _check_rules(body: Mapping[str, Value], shape: Shape) -> Iterator[Fault]:
    must = body.get("must", ())
    if not isinstance(must, tuple):
        message = "`must` is a list of what holds: `{sum: 1, of: rows}`, `{order: a > b}` ..."
        yield Fault(code="must", message=message, place=("must",))
        return
    for index, entry in enumerate(must):
        yield from (fault.under("must", index) for fault in _check_rule(entry, body, shape))


def _check_rule(entry: Value, body: Mapping[str, Value], shape: Shape) -> Iterator[Fault]:
    kinds = [
        name for name in ("sum", "sign", "order") if isinstance(entry, Mapping) and name in entry
    ]
    if not isinstance(entry, Mapping) or len(kinds) != 1:
        message = "A rule is one of `{sum: 1, of: rows}`, `{sign: positive}`, `{order: a > b}`."
        yield Fault(code="must", message=message)
        return
    (kind,) = kinds
    known = (kind, "say") if kind == "order" else (kind, "of", "say")
    yield from unknown_keys(entry, known)
    if not isinstance(entry.get("say", ""), str):
        yield Fault(code="must", message="`say` is a text.", place=("say",))
    if kind == "sum":
        yield from check_calculation(entry["sum"], place=("sum",))
        if entry.get("of", "all") not in ("rows", "columns", "all"):
            message = "`of` says which cells are added up: `rows`, `columns` or `all`."
            yield Fault(code="must", message=message, place=("of",))
    if kind == "sign":
        if entry["sign"] not in SIGNS:
            message = f"`sign` is one of {', '.join(SIGNS)}."
            yield Fault(code="must", message=message, place=("sign",))
        of = entry.get("of", "all")
        named = () if of == "all" else of if isinstance(of, tuple) else (of,)
        if of == ():
            message = "`of` says which cells have this sign: `all`, or a list of cells."
            yield Fault(code="must", message=message, place=("of",))
        yield from _check_named(named, body, shape, ("of",))
    if kind == "order":
        named = _ordered(entry["order"])
        if len(named) < 2:
            message = (
                "`order` names cells, the largest first: `cat > cup`, `[1][2] > [2][1]`, or a "
                "list of them."
            )
            yield Fault(code="must", message=message, place=("order",))
        yield from _check_named(named, body, shape, ("order",))


def _ordered(order: Value) -> tuple[Value, ...]:
    """The cells of an order, the largest first; those with a > in their labels stand in a list."""
    if isinstance(order, str):
        return tuple(order.split(">"))
    return order if isinstance(order, tuple) else ()


def _check_named(
    named: Sequence[Value], body: Mapping[str, Value], shape: Shape, place: Place
) -> Iterator[Fault]:
    names = _names(body, shape)
    for name in named:
        if _place_of(str(name), names, shape) is None:
            twice = names.count(str(name).strip()) > 1
            why = "names several cells" if twice else "names no cell"
            message = (
                f"“{str(name).strip()}” {why}: write a label, or a place such as {_example(shape)}."
            )
            yield Fault(code="must", message=message, place=place)


def _example(shape: Shape) -> str:
    return "[2]" if len(shape) == 1 else "[1][2]"


def _called(shape: Shape) -> str:
    if len(shape) == 1:
        return f"{shape[0]} cells in a row"
    return f"{shape[0]} rows of {shape[1]} cells"


# ---- the key ------------------------------------------------------------------------------------


def _labels(body: Mapping[str, Any], shape: Shape) -> tuple[tuple[str, str], ...]:
    """The labels of each cell's row and column, row by row; a single row has none of its own."""
    columns = [str(label) for label in body.get("columns") or ()]
    if len(shape) == 1:
        columns = columns or [f"cell {at + 1}" for at in range(shape[0])]
        return tuple(("", column) for column in columns)
    rows = [str(label) for label in body.get("rows") or ()]
    rows = rows or [f"row {at + 1}" for at in range(shape[0])]
    columns = columns or [f"column {at + 1}" for at in range(shape[1])]
    return tuple((row, column) for row in rows for column in columns)


def _names(body: Mapping[str, Any], shape: Shape) -> tuple[str, ...]:
    """What each cell is called in a sentence, row by row."""
    labels = _labels(body, shape)
    return tuple(f"{row}, {column}" if row else column for row, column in labels)


def _place_of(name: str, names: Sequence[str], shape: Shape) -> int | None:
    """Where the cell called so stands, row by row; None where there is none, or several."""
    name = name.strip()
    if found := re.fullmatch(r"\[(\d{1,3})\](?:\[(\d{1,3})\])?", name):
        sides = [int(side) for side in found.groups() if side]
        if len(sides) != len(shape) or any(
            not 1 <= side <= size for side, size in zip(sides, shape, strict=False)
        ):
            return None
        return sides[0] - 1 if len(shape) == 1 else (sides[0] - 1) * shape[1] + sides[1] - 1
    return names.index(name) if names.count(name) == 1 else None


def _cell(
    labels: tuple[str, str],
    spec: Value,
    place: Place,
    tolerance: Tolerance,
    given: Mapping[str, Any],
) -> Cell:
    held: Value = spec
    if isinstance(spec, Mapping):
        inside = "shown" if "shown" in spec else "answer"
        held, place = spec[inside], (*place, inside)
        own = Tolerance.parse(spec["tolerance"]) if "tolerance" in spec else tolerance
        assert isinstance(own, Tolerance)
        tolerance = own
    shown = isinstance(spec, Mapping) and "shown" in spec
    key = calculate(held, given, place=place)
    if not isinstance(key, Fraction):
        if shown:
            message = "A cell that is shown holds an exact number; this one is irrational."
            raise BrokenExercise([Fault(code="cell", message=message, place=place)])
        if tolerance.rule == "exact":
            givable(key, place=place)
    work = calculated(held, given, place=place)
    row, column = labels
    return Cell(row=row, column=column, key=key, tolerance=tolerance, shown=shown, work=work)


def _wrong_numbers(
    entry: Mapping[str, Any], place: Place, cells: Sequence[Cell], given: Mapping[str, Any]
) -> tuple[Fraction | float, ...]:
    specs, _, _ = _rows_of(entry["cells"], (*place, "cells"))
    return tuple(
        cell.key if cell.shown else calculate(spec, given, place=at)
        for cell, (at, spec) in zip(cells, specs, strict=True)
    )


def _rules(body: Mapping[str, Any], shape: Shape, given: Mapping[str, Any]) -> Iterator[Rule]:
    names = _names(body, shape)
    everywhere = tuple(range(math.prod(shape)))
    for index, entry in enumerate(body.get("must", ())):
        say = fill(str(entry.get("say", "")), given)
        if "sum" in entry:
            total = calculate(entry["sum"], given, place=("must", index, "sum"))
            for line, places in _lines(str(entry.get("of", "all")), body, shape):
                yield Rule(entry=index, rule="sum", places=places, line=line, total=total, say=say)
        elif "sign" in entry:
            of = entry.get("of", "all")
            named = of if isinstance(of, tuple) else (of,)
            found = [_place_of(str(name), names, shape) for name in named]
            places = everywhere if of == "all" else tuple(at for at in found if at is not None)
            yield Rule(entry=index, rule="sign", places=places, sign=entry["sign"], say=say)
        else:
            found = [_place_of(str(name), names, shape) for name in _ordered(entry["order"])]
            places = tuple(at for at in found if at is not None)
            yield Rule(entry=index, rule="order", places=places, say=say)


def _lines(of: str, body: Mapping[str, Any], shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The lines that are added up, each with its name."""
    if len(shape) == 1 or of == "all":
        yield "All cells together", tuple(range(math.prod(shape)))
        return
    height, width = shape
    if of == "rows":
        labels = body.get("rows") or [f"row {at + 1}" for at in range(height)]
        for at, label in enumerate(labels):
            yield f"“{label}”", tuple(range(at * width, (at + 1) * width))
        return
    labels = body.get("columns") or [f"column {at + 1}" for at in range(width)]
    for at, label in enumerate(labels):
        yield f"“{label}”", tuple(range(at, height * width, width))


def _check_possible(key: Key) -> None:
    """Raise BrokenExercise where the right numbers themselves break a rule of their author."""
    right = [cell.key for cell in key.cells]
    for rule in key.must:
        broken = next(_breaks(rule, right, Fraction(1, 10**9)), None)
        if broken is None:
            continue
        names = ", ".join(key.cells[at].name for at in broken)
        message = f"The right numbers themselves break a rule in `must`: {rule.rule}, at {names}."
        raise BrokenExercise([Fault(code="must", message=message, place=("must", rule.entry))])


# ---- what the learner wrote ---------------------------------------------------------------------


def _only_asked(text: str, field: Field, error: Unreadable) -> Cells:
    """The cells of a text that holds only those to be filled in; else raises ``error``."""
    asked = [at for at, fixed in enumerate(field.fixed) if not fixed]
    try:
        typed = iter(read_grid(text, (len(asked),), blanks=True).cells)
    except Unreadable:
        raise error from None
    return tuple(None if fixed else next(typed) for fixed in field.fixed)


def _is_given(cell: Reading, fixed: str) -> bool:
    return cell.value is not None and cell.value == Fraction(fixed)


# ---- how right it is ----------------------------------------------------------------------------


def _earned(key: Key, judged: Mapping[int, Judgement]) -> Fraction:
    """The share of the cells that are right, near misses as their author counts them."""
    if key.whole:
        return Fraction(0)
    shares = (
        Fraction(1) if judgement.ok else key.near.get(judgement.near or "", Fraction(0))
        for judgement in judged.values()
    )
    return sum(shares, Fraction(0)) / len(key.asked)


def _all_right(key: Key) -> Finding:
    if len(key.asked) == 1:
        return Finding(code="number-right", tone="right", place="cells")
    facts = {"count": str(len(key.asked))}
    return Finding(code="grid-right", tone="right", facts=facts, place="cells")


def _told(key: Key, answer: Cells, judged: Mapping[int, Judgement]) -> Iterator[Finding]:
    """What is right, what is blank, and what went wrong by the name it has."""
    right = [at for at, judgement in judged.items() if judgement.ok]
    blank = [at for at in key.asked if at not in judged]
    wrong = [at for at, judgement in judged.items() if not judgement.ok]
    if blank:
        yield _found("grid-blank", "ask", cells=_listed(key, blank))
    if right and wrong:
        facts = {"right": str(len(right)), "count": str(len(key.asked))}
        yield _found("grid-some", "partly", **facts, cells=_listed(key, wrong))
    elif right:
        facts = {"right": str(len(right)), "count": str(len(key.asked))}
        yield _found("grid-so-far", "partly", **facts)
    if not wrong:
        return
    named = _foreseen(key, answer) or next(_moved(key, answer, judged), None)
    if named is not None:
        yield named
        return
    near: dict[str, list[int]] = {}
    for at in wrong:
        near.setdefault(judged[at].near or "", []).append(at)
    for name, places in near.items():
        if name:
            earned = key.near[name] and not key.whole
            digits = {wanted(key.cells[at].tolerance) for at in places}
            yield _found(
                f"grid-{name}",
                "partly" if earned else "wrong",
                cells=_listed(key, places),
                digits=digits.pop() if len(digits) == 1 else "more digits",
            )
    if not right and (places := near.get("", [])):
        if len(key.asked) == 1:
            yield _found("number-wrong", "wrong", typed=judged[places[0]].facts["typed"])
        else:
            yield _found("grid-wrong", "wrong", cells=_listed(key, places))


def _found(code: str, tone: Tone, **facts: str) -> Finding:
    return Finding(code=code, tone=tone, facts=facts, place="cells")


def _foreseen(key: Key, answer: Cells) -> Finding | None:
    """The one wrong grid that the whole answer is; None where there is none, or several."""
    codes = {}
    for wrong in key.wrong:
        cells = [(answer[at], wrong.numbers[at], key.cells[at].tolerance) for at in key.asked]
        if all(
            cell is not None and judge(cell, number, of_wrong(tolerance)).ok
            for cell, number, tolerance in cells
        ):
            codes[wrong.code] = wrong
    if len(codes) != 1:
        return None
    (wrong,) = codes.values()
    return _found(wrong.code, "wrong", say=wrong.say)


def _moved(key: Key, answer: Cells, judged: Mapping[int, Judgement]) -> Iterator[Finding]:
    """The right numbers in each other's places: all of them, two lines, or two cells."""
    if len(judged) < len(key.asked):
        return

    def moved(to: Mapping[int, int]) -> bool:
        """Whether each cell holds what is right where ``to`` sends it, and it is not right here."""
        return all(_fits(key, answer, at, to.get(at, at)) for at in range(len(key.cells)))

    wrong = [at for at, judgement in judged.items() if not judgement.ok]
    if len(key.shape) == 2:
        height, width = key.shape
        places = [(row, column) for row in range(height) for column in range(width)]
        turned = {row * width + column: column * width + row for row, column in places}
        if height == width > 1 and moved(turned):
            yield _found("grid-transposed", "wrong")
        for axis, count in (("rows", height), ("columns", width)):
            for one, other in combinations(range(count), 2):
                to = {
                    at: (exchanged * width + column if axis == "rows" else row * width + exchanged)
                    for at, (row, column) in enumerate(places)
                    for line in (row if axis == "rows" else column,)
                    for exchanged in ({one: other, other: one}.get(line, line),)
                }
                if min(height, width) > 1 and moved(to):
                    first, second = _line_names(key, axis, one, other)
                    yield _found("grid-swapped", "wrong", first=first, second=second)
    if len(wrong) == 2 and moved({wrong[0]: wrong[1], wrong[1]: wrong[0]}):
        first, second = (f"“{key.cells[at].name}”" for at in wrong)
        yield _found("grid-swapped", "wrong", first=first, second=second)


def _fits(key: Key, answer: Cells, at: int, to: int) -> bool:
    """Whether what stands in one cell would be right in another."""
    here, there = key.cells[at], key.cells[to]
    if here.shown or there.shown:
        return at == to
    cell = answer[at]
    return cell is not None and judge(cell, there.key, there.tolerance).ok


def _line_names(key: Key, axis: str, one: int, other: int) -> tuple[str, str]:
    if axis == "rows":
        width = key.shape[1]
        return f"“{key.cells[one * width].row}”", f"“{key.cells[other * width].row}”"
    return f"“{key.cells[one].column}”", f"“{key.cells[other].column}”"


def _broken_rules(key: Key, answer: Cells) -> Iterator[Finding]:
    """What must hold, and does not; of several lines with the same fault, the first."""
    numbers: list[Fraction | float | None] = []
    for cell, typed in zip(key.cells, answer, strict=True):
        if cell.shown:
            numbers.append(cell.key)
        else:
            numbers.append(None if typed is None else _number(typed))
    told: set[int] = set()
    for rule in key.must:
        if rule.entry in told:
            continue
        room = sum((_rounded_by(key.cells[at], answer[at]) for at in rule.places), Fraction(0))
        broken = next(_breaks(rule, numbers, room), None)
        if broken is not None:
            told.add(rule.entry)
            yield _rule_finding(key, rule, broken, numbers)


def _rounded_by(cell: Cell, typed: Reading | None) -> Fraction:
    """How far a cell that is the right number, rounded as far as it was typed, may be off."""
    if typed is None or not typed.places:
        return Fraction(0)
    half = Fraction(1, 2 * 10**typed.places)
    off = abs(Fraction(_number(typed)) - Fraction(cell.key))
    return half if 0 < off <= half else Fraction(0)


def _breaks(
    rule: Rule, numbers: Sequence[Fraction | float | None], room: Fraction
) -> Iterator[tuple[int, ...]]:
    """The cells that break a rule; cells that are blank break none."""
    held = [(at, number) for at in rule.places if (number := numbers[at]) is not None]
    if rule.rule == "sum":
        total = sum((Fraction(number) for _, number in held), Fraction(0))
        if len(held) == len(rule.places) and abs(total - Fraction(rule.total)) > room:
            yield rule.places
    elif rule.rule == "sign":
        for at, number in held:
            if not _has_sign(number, rule.sign):
                yield (at,)
    else:
        for (one, larger), (other, smaller) in pairwise(held):
            if larger <= smaller:
                yield one, other


def _has_sign(number: Fraction | float, sign: str) -> bool:
    return {
        "positive": number > 0,
        "negative": number < 0,
        "not-negative": number >= 0,
        "not-positive": number <= 0,
    }[sign]


def _rule_finding(
    key: Key, rule: Rule, broken: tuple[int, ...], numbers: Sequence[Fraction | float | None]
) -> Finding:
    told = [number for at in broken if (number := numbers[at]) is not None]
    facts: dict[str, str] = {}
    if rule.rule == "sum":
        total = sum((Fraction(number) for number in told), Fraction(0))
        facts = {"line": rule.line, "sum": short_text(total), "total": short_text(rule.total)}
    elif rule.rule == "sign":
        sign = rule.sign.replace("-", " ")
        facts = {"cell": key.cells[broken[0]].name, "typed": short_text(told[0]), "sign": sign}
    else:
        one, other = broken
        facts = {"first": key.cells[one].name, "second": key.cells[other].name}
    if rule.say:
        facts["say"] = rule.say
    return Finding(code=f"grid-{rule.rule}-broken", tone="ask", facts=facts, place="cells")


def _too_near(
    key: Key,
    one: Sequence[Fraction | float],
    other: Sequence[Fraction | float],
    tolerances: Sequence[Tolerance],
) -> bool:
    """Whether no cell tells two grids apart."""
    return all(too_near(one[at], other[at], tolerances[at]) for at in key.asked)


def _right_first(finding: Finding) -> int:
    return {"right": 0, "partly": 1, "wrong": 2, "ask": 3, "note": 4}[finding.tone]


# ---- in words -----------------------------------------------------------------------------------


def _listed(key: Key, places: Sequence[int]) -> str:
    """The cells by name, as many as a sentence holds."""
    if len(places) > MOST_NAMED:
        return f"{len(places)} cells"
    names = [f"“{key.cells[at].name}”" for at in places]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _steps(key: Key) -> Iterator[str]:
    """How each cell comes about that has to be worked out."""
    for cell in key.cells:
        if not cell.shown and (work := equation(cell.work)):
            yield f"{cell.name}: ${work}$"


def _number(cell: Reading) -> Fraction | float:
    return cell.float if cell.value is None else cell.value


def _text(number: Fraction | float) -> str:
    return number_text(number) if isinstance(number, Fraction) else repr(number)


def _joined(cells: Sequence[str], shape: Shape) -> str:
    width = shape[-1]
    rows = [cells[start : start + width] for start in range(0, len(cells), width)]
    return "\n".join(", ".join(row) for row in rows)

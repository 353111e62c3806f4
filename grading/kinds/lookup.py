"""Lookup: a soft lookup, one stage or all; slips are named and carried errors credited."""

# ruff: noqa: N803, N806
# Q, K and V are the letters of every paper on attention.

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from grading.document import unknown_keys
from grading.engine.attention import attend, blend_exact
from grading.engine.scores import scores_exact
from grading.engine.slips import (
    BLEND_SLIPS,
    LOOKUP_SLIPS,
    ROUNDING_SLIPS,
    wrong_blends,
    wrong_turns,
)
from grading.engine.trace import Trace
from grading.errors import BrokenExercise, EngineError, Fault, Misreading, Unreadable
from grading.exercise import (
    Field,
    Part,
    Posed,
    Raw,
    Shown,
    Stray,
    Value,
    Worked,
    number_text,
)
from grading.given import fill
from grading.kind import Draw, Kind, Target
from grading.numeric.advice import advice, reach
from grading.numeric.grids import Grid, read_grid
from grading.numeric.reading import Reading
from grading.numeric.tolerance import Tolerance, judge
from grading.verdict import NOTHING, Finding, Mark, Tone

BODY_KEYS = (
    "ask", "query", "keys", "values", "weights", "scale", "tolerance", "slips", "labels", "credit",
)  # fmt: skip
FULL_STAGES = ("scores", "scaled", "weights", "products", "output")
BLEND_STAGES = ("products", "output")
STAGE_NAMES = {
    "scores": "Scores",
    "scaled": "Scaled scores",
    "weights": "Weights",
    "products": "Products",
    "output": "Output",
}
STAGE_LABELS = {
    "scores": "Scores (query · key)",
    "scaled": "Scaled scores",
    "weights": "Weights",
    "products": "Products (weight × value)",
    "output": "Output",
}

MOST_ROWS = 16
"""More keys than that nobody works by hand, and their wrong turns grow with the square."""

# How far an answer may lie from a wrong turn's and still be taken for it, where the tolerance
# itself is exact: half a unit of the second decimal place, as in the lessons' own figures.
SLIP_REACH = 0.005

Path = Literal["true", "astray", "trivial"]
"""How it went so far: right, wrong somewhere, or wrong so that little is left to work out."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One asked stage with its right values."""

    name: str
    shape: tuple[int, ...]
    exact: tuple[Fraction, ...] | None
    """Row by row; None where exp makes the values irrational."""
    floats: Floats
    tolerance: Tolerance
    share: Fraction
    """Of the part's score."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """The right pass, what is asked of it, and every wrong turn that leads somewhere else."""

    family: Literal["full", "blend"]
    trace: Trace | None
    weights: tuple[Fraction, ...]
    values: tuple[tuple[Fraction, ...], ...]
    labels: tuple[str, ...]
    """What each of the n things looked up is called."""
    stages: tuple[Stage, ...]
    slips: Mapping[str, Mapping[str, Floats]]
    """Slip code to stage name to that stage's values under the slip."""
    roundings: Mapping[str, Mapping[str, Floats]]


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The stages that the learner filled in."""

    grids: Mapping[str, Grid]


class Lookup(Kind[Steps]):
    """``weights`` and ``values`` given: a blend. ``query``, ``keys``, ``values``: the full pass."""

    name = "lookup"

    # ---- is it well written? ------------------------------------------------------------------

    def check(self, part: Part) -> list[Fault]:
        body = part.body
        faults = unknown_keys(body, BODY_KEYS)
        stages = BLEND_STAGES if self._is_blend(part) else FULL_STAGES
        asked = _names(body.get("ask"))
        if not asked or any(name not in stages for name in asked) or len(set(asked)) < len(asked):
            message = f"`ask` is one stage or a list of stages, of {', '.join(stages)}."
            faults.append(Fault(code="ask", message=message, place=("ask",)))
        if body.get("scale", "sqrt") not in ("sqrt", Fraction(1)):
            message = "`scale` is `sqrt` (divide by the square root of d) or 1 (leave the scores)."
            faults.append(Fault(code="scale", message=message, place=("scale",)))
        tolerance = Tolerance.parse(body.get("tolerance", _default_tolerance(part)))
        if not isinstance(tolerance, Tolerance):
            faults += [fault.under("tolerance") for fault in tolerance]
        known = self._slip_codes(part)
        for index, code in enumerate(_names(body.get("slips", ()))):
            if code not in known:
                message = f"`{code}` is no slip of this kind. Known: {', '.join(known)}."
                faults.append(Fault(code="slip", message=message, place=("slips", index)))
        credit = body.get("credit", {})
        if not isinstance(credit, Mapping) or any(
            name not in asked or not isinstance(share, Fraction) or share <= 0
            for name, share in credit.items()
        ):
            message = "`credit` gives an asked stage its weight: `{weights: 2, output: 1}`."
            faults.append(Fault(code="credit", message=message, place=("credit",)))
        return faults

    def _is_blend(self, part: Part) -> bool:
        return "weights" in part.body

    def _slip_codes(self, part: Part) -> tuple[str, ...]:
        return (*BLEND_SLIPS, "swapped-weights") if self._is_blend(part) else tuple(LOOKUP_SLIPS)

    # ---- what the learner sees, and the key ---------------------------------------------------

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        body: Mapping[str, Any] = part.body
        V = _matrix(given, body.get("values", "values"), part)
        if len(V) > MOST_ROWS:
            raise _unfitting(part, f"there are {len(V)} values; {MOST_ROWS} is the most")
        if self._is_blend(part):
            key = self._blend_key(part, _vector(given, body["weights"], part), V)
        else:
            query = _vector(given, body.get("query", "query"), part)
            keys = _matrix(given, body.get("keys", "keys"), part)
            key = self._full_key(part, query, keys, V)
        return Posed(
            part=part,
            shown=Shown(
                prompt=fill(part.prompt, given),
                fields=tuple(_field(stage, key.labels) for stage in key.stages),
            ),
            key=key,
        )

    def _blend_key(
        self, part: Part, weights: tuple[Fraction, ...], V: tuple[tuple[Fraction, ...], ...]
    ) -> Key:
        if len(weights) != len(V):
            raise _unfitting(part, f"there are {len(weights)} weights for {len(V)} values")
        rows = _products(weights, V)
        right = {"products": sum(rows, ()), "output": tuple(blend_exact(weights, V))}
        outputs = wrong_blends(_floats(weights), _floats(V))
        return Key(
            family="blend",
            trace=None,
            weights=weights,
            values=V,
            labels=_labels(part, len(V)),
            stages=self._stages(part, right, {}, len(V), len(V[0])),
            slips=self._named(part, {code: {"output": out} for code, out in outputs.items()}),
            roundings={},
        )

    def _full_key(
        self,
        part: Part,
        query: tuple[Fraction, ...],
        K: tuple[tuple[Fraction, ...], ...],
        V: tuple[tuple[Fraction, ...], ...],
    ) -> Key:
        scale = None if part.body.get("scale", "sqrt") == "sqrt" else 1.0
        try:
            trace = attend(_floats((query,)), _floats(K), _floats(V), scale=scale)
        except EngineError as error:
            raise _unfitting(part, str(error)) from None
        (scores,) = scores_exact((query,), K)
        return Key(
            family="full",
            trace=trace,
            weights=(),
            values=V,
            labels=_labels(part, len(V)),
            stages=self._stages(part, {"scores": scores}, _stages_of(trace), len(V), len(V[0])),
            slips=self._named(part, _with_negated_scores(trace)),
            roundings={
                code: _stages_of(turn)
                for code, turn in wrong_turns(trace, slips=ROUNDING_SLIPS).items()
            },
        )

    def _stages(
        self,
        part: Part,
        exact: Mapping[str, tuple[Fraction, ...]],
        floats: Mapping[str, Floats],
        n: int,
        width: int,
    ) -> tuple[Stage, ...]:
        body: Mapping[str, Any] = part.body
        asked = _names(body["ask"])
        credit: Mapping[str, Fraction] = body.get("credit", {})
        total = sum((credit.get(name, Fraction(1)) for name in asked), Fraction(0))
        tolerance = Tolerance.parse(body.get("tolerance", _default_tolerance(part)))
        assert isinstance(tolerance, Tolerance)
        shapes = {"products": (n, width), "output": (width,)}
        stages = FULL_STAGES if floats else BLEND_STAGES
        return tuple(
            Stage(
                name=name,
                shape=shapes.get(name, (n,)),
                exact=exact.get(name),
                floats=_floats(exact[name]) if name in exact else floats[name],
                # What is exact on paper may be asked exactly; a rounded stage never can.
                tolerance=tolerance,
                share=credit.get(name, Fraction(1)) / total,
            )
            for name in stages
            if name in asked
        )

    def _named(
        self, part: Part, slips: Mapping[str, Mapping[str, Floats]]
    ) -> Mapping[str, Mapping[str, Floats]]:
        """The slips that the author asks to be named; all of them where none is singled out."""
        wanted = _names(part.body.get("slips", ()))
        return {
            code: stages
            for code, stages in slips.items()
            if not wanted or code in wanted or _family(code) in wanted
        }

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

    # ---- how right it is, and why -------------------------------------------------------------

    def mark(self, posed: Posed, answer: Steps, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        findings: list[Finding] = []
        score = Fraction(0)
        path: Path = "true"
        for stage in key.stages:
            grid = answer.grids.get(stage.name)
            if grid is None:
                findings.append(_finding("stage-blank", "ask", stage))
                continue
            findings += _reading_notes(stage, grid)
            credit, found = self._mark_stage(key, stage, grid, answer, path)
            findings.append(found)
            score += stage.share * credit
            if found.code == "carried-trivial":
                path = "trivial"
            elif path == "true" and found.code != "stage-right":
                path = "astray"
        return Mark(score=score, findings=tuple(sorted(findings, key=_right_first)))

    def _mark_stage(
        self, key: Key, stage: Stage, grid: Grid, answer: Steps, path: Path
    ) -> tuple[Fraction, Finding]:
        """The credit of one stage, from 0 to 1, and why; ``path`` tells how it went so far."""
        rights = _judged(stage, grid)
        if all(rights):
            return Fraction(1), _finding("stage-right", "right", stage)
        follows = self._follows(key, stage, grid, answer)
        if follows is not None:
            before, trivial = follows
            facts = {"from": STAGE_NAMES[before].lower()}
            if path == "true":
                # The stage before counted as right: this one differs by its rounding alone.
                return Fraction(1), _finding("stage-right", "right", stage)
            if trivial or path == "trivial":
                return Fraction(0), _finding("carried-trivial", "note", stage, facts)
            return Fraction(1), _finding("carried", "right", stage, facts)
        if path == "true":
            slip = _slip(key, stage, grid)
            if slip is not None:
                return Fraction(0), slip
        near = self._rounded(key, stage, grid)
        if near:
            return Fraction(9, 10), _finding(near, "partly", stage)
        if any(rights):
            facts = {"right": str(sum(rights)), "count": str(len(rights))}
            # Half of a stage's credit is shared out by its entries.
            credit = Fraction(sum(rights), 2 * len(rights))
            return credit, _finding("entries-right", "partly", stage, facts)
        return Fraction(0), _finding("stage-wrong", "wrong", stage)

    def _follows(
        self, key: Key, stage: Stage, grid: Grid, answer: Steps
    ) -> tuple[str, bool] | None:
        """The nearest earlier stage from whose typed values this one follows.

        The second value tells whether those make the rest trivial: all equal, or one-hot.
        """
        stages = BLEND_STAGES if key.family == "blend" else FULL_STAGES
        for before in reversed(stages[: stages.index(stage.name)]):
            own = answer.grids.get(before)
            if own is None:
                continue
            values = own.floats()
            expected = _replayed(key, before, values, stage.name)
            if expected is None:
                return None
            # What is asked exactly must follow exactly: there, nothing was rounded on the way.
            room: Floats | float = 0.0
            if stage.tolerance.rule != "exact":
                room = _reach(stage) + _rounding_room(key, before, own, stage.name, expected)
            if not _close(grid, expected, room):
                return None
            return before, _trivial(before, values)
        return None

    def _rounded(self, key: Key, stage: Stage, grid: Grid) -> str | None:
        """The right method with too few digits: in the answer itself, or on the way."""
        if all(map(_rounded_cell, grid.cells, stage.floats.ravel())):
            return "rounded-answer"
        codes = _matching(key.roundings, stage, grid)
        if codes == ["percent-for-fraction"]:
            return "stage-percent"
        if codes and all(code.startswith("truncated") for code in codes):
            return "cut-off"
        return "rounded-early" if codes else None

    # ---- a good answer, the wrong turns, the normal form --------------------------------------

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        return Worked(
            answer={stage.name: _written(stage) for stage in key.stages},
            steps=tuple(
                _blend_steps(key) if key.family == "blend" else _full_steps(posed.part, key)
            ),
        )

    def stray(self, posed: Posed) -> Iterable[Stray]:
        key: Key = posed.key
        last = key.stages[-1]
        for code, stages in key.slips.items():
            values = stages.get(last.name)
            if values is None or not np.isfinite(values).all() or _same(values, last, 1.0):
                continue
            text = _joined([repr(float(value)) for value in values.ravel()], last.shape)
            yield Stray(code=code, answer={last.name: text})

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

    def unfair(self, posed: Posed) -> str | None:
        """The contract of a variant: right apart from wrong, wrong turns apart, nothing extreme."""
        key: Key = posed.key
        last = key.stages[-1]
        outputs = {
            code: stages[last.name]
            for code, stages in key.slips.items()
            if last.name in stages and not _comes_later(key, last, stages)
        }
        for code, values in outputs.items():
            if np.isfinite(values).all() and _same(values, last, 4.0):
                return f"the wrong turn `{code}` gives the right answer"
        if key.trace is None:
            return None
        weights = key.trace.weights[0]
        if not 0.35 <= weights.max() <= 0.9:
            return f"the largest weight is {weights.max():.2f}, outside .35 to .9"
        if key.trace.ties.any():
            return "two keys tie for the largest score"
        K, V = key.trace.asked.keys, key.trace.asked.values
        if K is not None and (len(np.unique(K, axis=0)) < len(K) or np.array_equal(K, V)):
            return "two keys are equal, or the keys are the values"
        listed = _names(posed.part.body.get("slips", ()))
        near = _too_close({c: v for c, v in outputs.items() if c in listed}, _reach(last))
        return f"the wrong turns `{near[0]}` and `{near[1]}` cannot be told apart" if near else None

    def targets(self, posed: Posed) -> Iterable[Target]:
        for stage in posed.key.stages:
            keys = stage.exact or tuple(map(float, stage.floats.ravel()))
            tolerances = (stage.tolerance,) * len(keys)
            yield Target(field=stage.name, keys=keys, tolerances=tolerances)


# ---- reading the body -------------------------------------------------------------------------


def _names(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


def _default_tolerance(part: Part) -> Value:
    return "exact" if "weights" in part.body else {"places": Fraction(2)}


def _vector(given: Mapping[str, Any], name: Value, part: Part) -> tuple[Fraction, ...]:
    value = given.get(str(name))
    if isinstance(value, tuple) and value and all(isinstance(v, Fraction) for v in value):
        return value
    raise _unfitting(part, f"`given` needs a list of numbers called `{name}`")


def _matrix(given: Mapping[str, Any], name: Value, part: Part) -> tuple[tuple[Fraction, ...], ...]:
    value = given.get(str(name))
    if (
        isinstance(value, tuple)
        and value
        and all(isinstance(row, tuple) and row for row in value)
        and all(isinstance(v, Fraction) for row in value for v in row)
    ):
        return value
    raise _unfitting(part, f"`given` needs rows of numbers called `{name}`")


def _labels(part: Part, count: int) -> tuple[str, ...]:
    labels = _names(part.body.get("labels")) or tuple(str(i) for i in range(1, count + 1))
    if len(labels) != count:
        raise _unfitting(part, f"there are {len(labels)} labels for {count} values")
    return labels


def _unfitting(part: Part, why: str) -> Exception:
    return BrokenExercise([Fault(code="given", message=f"`{part.name}`: {why}.", place=("given",))])


def _family(code: str) -> str:
    """``swapped-weights-2-3`` belongs to ``swapped-weights``."""
    return "swapped-weights" if code.startswith("swapped-weights-") else code


# ---- stages -----------------------------------------------------------------------------------


def _floats(values: Any) -> Floats:
    return np.array(values, dtype=np.float64)


def _products(
    weights: tuple[Fraction, ...], values: tuple[tuple[Fraction, ...], ...]
) -> tuple[tuple[Fraction, ...], ...]:
    """Each row of values times its weight, exact: (n,), (n, dv) -> (n, dv)."""
    return tuple(tuple(w * v for v in row) for w, row in zip(weights, values, strict=True))


def _stages_of(trace: Trace) -> Mapping[str, Floats]:
    """The stages of the one query, without its axis."""
    return {name: getattr(trace, name)[0] for name in FULL_STAGES}


def _short(stage: Stage) -> bool:
    """Whether the right values have no more digits than are asked for: then nothing is rounded."""
    digits = stage.tolerance.digits
    return stage.tolerance.rule == "places" and bool(
        (np.abs(stage.floats - stage.floats.round(digits)) < 1e-12).all()
    )


def _with_negated_scores(trace: Trace) -> dict[str, Mapping[str, Floats]]:
    """The wrong turns by stage. The engine flips the sign at the scaled scores; a learner who
    writes the scores down may have flipped it there already.
    """
    turns = {code: _stages_of(turn) for code, turn in wrong_turns(trace).items()}
    negated = turns["negated-scores"]
    return {**turns, "negated-scores": {**negated, "scores": -negated["scores"]}}


def _field(stage: Stage, labels: tuple[str, ...]) -> Field:
    components = tuple(f"component {i}" for i in range(1, stage.shape[-1] + 1))
    matrix = len(stage.shape) == 2
    return Field(
        name=stage.name,
        widget="grid" if matrix else "vector",
        label=STAGE_LABELS[stage.name],
        help="" if _short(stage) else advice(stage.tolerance),
        shape=stage.shape,
        rows=labels if matrix else (),
        columns=components if matrix or stage.name == "output" else labels,
        limit=4000,
    )


def _rounded_cell(cell: Reading | None, right: float) -> bool:
    """Whether a cell is the right value, rounded as far as it was typed and not out of sight."""
    if cell is None or not cell.places:
        return cell is not None and cell.float == right
    off = abs(cell.float - right)
    # A rounding that moves a number by more than a third of itself says nothing of it any more.
    return off <= 0.5 * 10.0**-cell.places * (1 + 1e-9) and 3 * off <= abs(right)


def _judged(stage: Stage, grid: Grid) -> list[bool]:
    keys: Iterable[Any] = stage.exact if stage.exact is not None else stage.floats.ravel()
    return [
        cell is not None
        and judge(cell, key if isinstance(key, Fraction) else float(key), stage.tolerance).ok
        for cell, key in zip(grid.cells, keys, strict=True)
    ]


def _reach(stage: Stage) -> float:
    """Half the width of what the tolerance accepts around the largest right value."""
    largest = float(np.abs(stage.floats).max())
    return reach(stage.tolerance, largest) or SLIP_REACH


def _close(grid: Grid, expected: Floats, within: Floats | float) -> bool:
    """Whether every entry lies so near to what was expected; floats are given their last digits."""
    if not np.isfinite(expected).all():
        return False
    off = np.abs(grid.floats() - expected)
    return bool((off <= within * (1 + 1e-9) + 1e-12 * (1 + np.abs(expected))).all())


def _same(values: Floats, stage: Stage, reaches: float) -> bool:
    off = np.abs(values.ravel() - stage.floats.ravel())
    return bool((off <= reaches * _reach(stage)).all())


def _comes_later(key: Key, last: Stage, slip: Mapping[str, Floats]) -> bool:
    """Whether a slip leaves all that is asked as it is, because it goes astray after it."""
    if key.trace is None:
        return False
    right = _stages_of(key.trace)
    upto = FULL_STAGES[: FULL_STAGES.index(last.name) + 1]
    return all(np.array_equal(slip[name], right[name]) for name in upto)


def _matching(slips: Mapping[str, Mapping[str, Floats]], stage: Stage, grid: Grid) -> list[str]:
    """The slips whose whole stage the learner's values reproduce, and which differ from right."""
    return [
        code
        for code, stages in slips.items()
        if stage.name in stages
        and not _same(stages[stage.name], stage, 1.0)
        and _close(grid, stages[stage.name], _reach(stage))
    ]


def _too_close(outputs: Mapping[str, Floats], reach: float) -> tuple[str, str] | None:
    codes = list(outputs)
    for i, one in enumerate(codes):
        for other in codes[i + 1 :]:
            if np.abs(outputs[one] - outputs[other]).max() <= 4 * reach:
                return one, other
    return None


def _replayed(key: Key, before: str, values: Floats, target: str) -> Floats | None:
    """The target stage as it follows from the learner's own values of an earlier one."""
    if key.trace is None:
        return np.asarray(values.sum(axis=0))
    try:
        after = key.trace.replay(before, values[None])
    except EngineError:
        return None
    replayed: Floats = getattr(after, target)[0]
    return replayed


def _right_values(key: Key, stage: str) -> Floats:
    """All values of a stage of the right pass, row by row."""
    if key.trace is not None:
        values: Floats = getattr(key.trace, stage)[0].ravel()
        return values
    return _floats(_products(key.weights, key.values)).ravel()


def _rounding_room(
    key: Key, before: str, own: Grid, target: str, expected: Floats
) -> Floats | float:
    """How far honest rounding of the typed ``before`` may have moved ``target``.

    Whoever carries on with full precision and types two places differs from their own typed
    values by up to half a unit of the last place. To first order in that half unit h: a weight
    w = exp(s) / sum moves by at most w (exp(2 h) - 1), a product by |v| times that, and a sum by
    the sum of what its terms move.
    """
    # A value typed exactly right was not rounded, however many zeros it carries.
    right = _right_values(key, before)
    places = [
        cell.places
        for cell, exact in zip(own.cells, right, strict=True)
        if cell is not None and cell.places and abs(cell.float - exact) > 1e-12
    ]
    half = 0.5 * 10.0 ** -min(places) if places else 0.0
    values = np.abs(_floats(key.values))  # (n, dv)
    if before == "products":
        return half * len(values)
    if before == "weights":
        moved: Floats | float = np.full(len(values), half)
    else:
        assert key.trace is not None
        scaled = half * key.trace.asked.scale if before == "scores" else half
        if target == "scaled":
            return scaled
        # A weight is at most 1, whatever the learner's own scores were.
        moved = np.full(len(values), np.expm1(2 * scaled))
        if target == "weights":
            return np.asarray(expected * np.expm1(2 * scaled))
    rows: Floats = np.multiply(np.asarray(moved)[:, None], values)
    return rows if target == "products" else np.asarray(rows.sum(axis=0))


def _trivial(before: str, values: Floats) -> bool:
    """Whether a stage leaves nothing to work out: equal scores, or all weight on one key."""
    if before in ("scores", "scaled"):
        return bool(np.ptp(values) == 0)
    if before == "weights":
        return bool(np.count_nonzero(values) <= 1)
    return bool(np.count_nonzero(values) == 0)


def _finding(code: str, tone: Tone, stage: Stage, facts: Mapping[str, str] = NOTHING) -> Finding:
    told = {"stage": STAGE_NAMES[stage.name], **facts}
    return Finding(code=code, tone=tone, facts=told, place=stage.name)


def _slip(key: Key, stage: Stage, grid: Grid) -> Finding | None:
    """The wrong turn that reproduces the whole stage; where several do, none is claimed."""
    codes = _matching(key.slips, stage, grid)
    if not codes:
        return None
    if len(codes) > 1:
        return _finding("several-slips", "ask", stage)
    code = _family(codes[0])
    if code == "swapped-weights":
        first, second = (int(place) - 1 for place in codes[0].split("-")[-2:])
        facts = {"first": key.labels[first], "second": key.labels[second]}
        return _finding(code, "wrong", stage, facts)
    return _finding(code, "wrong", stage)


def _reading_notes(stage: Stage, grid: Grid) -> Iterator[Finding]:
    """What was guessed while reading is said beside the verdict, once each."""
    seen = set()
    for cell in grid.cells:
        for note in cell.notes if cell is not None else ():
            if note.guess and note.code not in seen:
                seen.add(note.code)
                yield Finding(
                    code=f"read-{note.code}", tone="note", facts=dict(note.facts), place=stage.name
                )


def _right_first(finding: Finding) -> int:
    return {"right": 0, "partly": 1, "wrong": 2, "ask": 3, "note": 4}[finding.tone]


# ---- a worked solution --------------------------------------------------------------------------


def _written(stage: Stage) -> str:
    if stage.exact is not None:
        return _joined([number_text(value) for value in stage.exact], stage.shape)
    return _joined([f"{value:.6f}" for value in stage.floats.ravel()], stage.shape)


def _joined(cells: list[str], shape: tuple[int, ...]) -> str:
    width = shape[-1]
    rows = [cells[i : i + width] for i in range(0, len(cells), width)]
    return "\n".join(", ".join(row) for row in rows)


def _bracket(cells: Iterable[str]) -> str:
    return f"[{', '.join(cells)}]"


def _rounded_row(values: Floats) -> str:
    return _bracket(f"{value:.4f}" for value in values)


def _blend_steps(key: Key) -> Iterator[str]:
    rows = _products(key.weights, key.values)
    for weight, row, product in zip(key.weights, key.values, rows, strict=True):
        yield (
            f"{number_text(weight)} × {_bracket(map(number_text, row))} = "
            f"{_bracket(map(number_text, product))}"
        )
    total = [sum(column, Fraction(0)) for column in zip(*rows, strict=True)]
    yield f"Add them up, place by place: {_bracket(map(number_text, total))}."


def _full_steps(part: Part, key: Key) -> Iterator[str]:
    trace = key.trace
    assert trace is not None
    assert trace.asked.keys is not None
    d = trace.asked.keys.shape[-1]
    scores = _bracket(f"{value:g}" for value in trace.scores[0])
    yield f"Score each key: query · key gives {scores}."
    if part.body.get("scale", "sqrt") == "sqrt":
        yield f"Divide by √{d}: {_rounded_row(trace.scaled[0])}."
    powers = np.exp(trace.scaled[0])
    yield f"Take e to the power of each: {_rounded_row(powers)}; they sum to {powers.sum():.4f}."
    yield f"Divide each by that sum to get the weights: {_rounded_row(trace.weights[0])}."
    rows = ", ".join(_rounded_row(row) for row in trace.products[0])
    yield f"Weight each value: {rows}."
    yield f"Add them up: {_rounded_row(trace.output[0])}."

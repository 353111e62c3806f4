"""How right each stage is, and why: right, carried, a named slip, a near miss, by entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array
from grading.engine.honest import Box, honest_from
from grading.engine.trace import Trace
from grading.errors import EngineError
from grading.exercise import number_text
from grading.numeric.advice import wanted
from grading.numeric.grids import Grid
from grading.numeric.reading import Reading
from grading.numeric.tolerance import Judgement, bounds, judge, sum_allowance, surely
from grading.numeric.writing import write_short
from grading.stages.key import SLIP_REACH, Key, Stage
from grading.stages.recipe import STAGES_OF, SWAPPED, slip_family
from grading.stages.turns import ByStage, Match, apart, first_step, match
from grading.verdict import NOTHING, Finding, Mark, Tone

STAGE_NAMES: Final = {
    "scores": "Scores",
    "scaled": "Scaled scores",
    "weights": "Weights",
    "products": "Products",
    "output": "Output",
}
_NEARLY_ALL: Final = 0.97 - 1e-9
"""With so much weight on one key the output is that key's value, and nothing is left to mix."""
MOST_NAMED: Final = 4
"""More entries than that are counted, not named."""

# Their first wrong numbers are right ones in other places: shown, they would give the key away.
_TELLING: Final = frozenset(
    {
        "off-by-one-token-right",
        "off-by-one-token-left",
        "reversed-order",
        "strongest-only-times-weight",
        "top2-only",
        "mixed-keys-not-values",
        "swapped-components",
    }
)
_ENTRY_NEAR: Final = {
    "too-few-digits": "rounded-answer",
    "percent-for-fraction": "stage-percent",
    "slipped-point": "stage-slipped-point",
    "sign": "stage-sign",
}

Grids = Mapping[str, Grid]
"""The stages that the learner filled in."""

Path = Literal["true", "astray", "trivial"]
"""How it went so far: right, wrong somewhere, or wrong so that little is left to work out."""


def decide(key: Key, grids: Grids) -> Mark:
    """The mark of an answer: each stage by itself, given what the learner wrote before it."""
    findings: list[Finding] = []
    score = Fraction(0)
    path: Path = "true"
    for stage in key.stages:
        grid = grids.get(stage.name)
        if grid is None:
            findings.append(_finding("stage-blank", "ask", stage))
            continue
        findings += reading_notes(stage, grid)
        credit, found = _decide_stage(key, stage, grid, grids, path)
        findings += found
        score += stage.share * credit
        code = found[0].code
        if code == "carried-trivial":
            path = "trivial"
        elif path == "true" and code != "stage-right":
            path = "astray"
    return Mark(score=score, findings=tuple(sorted(findings, key=_right_first)))


def all_right(key: Key, grids: Grids) -> Mark:
    """The mark of an answer in which every entry of every stage is right."""
    findings = [_finding("stage-right", "right", stage) for stage in key.stages]
    for stage in key.stages:
        findings += _rounded_sums(stage, grids[stage.name])
    score = sum((stage.share for stage in key.stages), Fraction(0))
    return Mark(score=score, findings=tuple(findings))


def plainly_right(grids: Grids, key: Key) -> bool:
    """Whether nothing but the numbers themselves has to be looked at."""
    return len(grids) == len(key.stages) and all(
        all(cell is not None and cell.value is not None and not cell.notes for cell in grid.cells)
        for grid in grids.values()
    )


def _decide_stage(
    key: Key, stage: Stage, grid: Grid, grids: Grids, path: Path
) -> tuple[Fraction, list[Finding]]:
    """The credit of one stage, from 0 to 1, and why; ``path`` tells how it went so far."""
    rights = _rights(key, stage, grid)
    if all(rights):
        return Fraction(1), [_finding("stage-right", "right", stage), *_rounded_sums(stage, grid)]
    follows = _follows(key, stage, grid, grids)
    if follows is not None:
        before, trivial = follows
        facts = {"from": STAGE_NAMES[before].lower()}
        if path == "true":
            # The stage before counted as right: this one differs by its rounding alone.
            return Fraction(1), [_finding("stage-right", "right", stage)]
        if trivial or path == "trivial":
            return Fraction(0), [_finding("carried-trivial", "note", stage, facts)]
        return Fraction(1), [_finding("carried", "right", stage, facts)]
    shared = key.recipe.entries * Fraction(sum(rights), len(rights))
    if path == "true":
        found = _reproduced(key, stage.name, grid)
        if found is not None:
            return _slipped(key, stage, grid, grids, found)
    judge_one = _judge_of(key, stage)
    judgements = [
        (index, judge_one(index, cell))
        for index, (cell, right) in enumerate(zip(grid.cells, rights, strict=True))
        if not right and cell is not None
    ]
    facts = _off_facts(stage, judgements)
    near = _near(key, stage, grid, [judgement for _, judgement in judgements])
    if near is not None:
        code, share = near
        credit = max(share, shared)
        return credit, [_finding(code, "partly" if credit else "wrong", stage, facts)]
    asked = [_finding(*told) for told in _broken_rules(key, stage, grid, grids)]
    if any(rights):
        facts = {"right": str(sum(rights)), "count": str(len(rights)), **facts}
        return shared, [_finding("entries-right", "partly", stage, facts), *asked]
    return Fraction(0), [_finding("stage-wrong", "wrong", stage, facts), *asked]


# ---- right, or right given what came before ------------------------------------------------------


def _rights(key: Key, stage: Stage, grid: Grid) -> list[bool]:
    """Whether each entry is accepted: most are told at a glance, the rest are judged."""
    numbers = grid.floats().ravel()
    noise = key.noise(stage.name)
    inside, _ = surely(numbers, *key.plain(stage.name), noise)
    plain = [cell is not None and cell.value is not None for cell in grid.cells]
    if inside.all() and all(plain):
        return [True] * len(plain)
    box = key.accepted(stage.name)
    inside, outside = surely(numbers, *box, noise)
    judge_one = _judge_of(key, stage)
    return [
        bool(yes) if exact and (yes or no) else cell is not None and judge_one(index, cell).ok
        for index, (cell, exact, yes, no) in enumerate(
            zip(grid.cells, plain, inside, outside, strict=True)
        )
    ]


def _judge_of(key: Key, stage: Stage) -> Callable[[int, Reading], Judgement]:
    """What judges the entries of a stage, each by its own bounds."""
    keys, tolerance = key.keys(stage.name), stage.tolerance
    if tolerance.rule != "honest":
        return lambda index, cell: judge(cell, keys[index], tolerance)
    low, high = key.accepted(stage.name)

    def judge_one(index: int, cell: Reading) -> Judgement:
        own = tolerance.within(float(low[index]), float(high[index]))
        return judge(cell, keys[index], own)

    return judge_one


def _follows(key: Key, stage: Stage, grid: Grid, grids: Grids) -> tuple[str, bool] | None:
    """The nearest earlier stage from whose typed values this one follows.

    The second value tells whether those make the rest trivial. Where this stage follows only
    if the typed values are taken for rounded ones, and reproduces a wrong turn that they did not
    take, it is that wrong turn.
    """
    order = STAGES_OF[key.recipe.family]
    for before in reversed(order[: order.index(stage.name)]):
        own = grids.get(before)
        if own is None:
            continue
        here = getattr(key.trace, before)
        values = own.floats().reshape(here.shape)
        try:
            after = key.trace.replay(before, values)
        except EngineError:
            return None
        how = _carried(key, stage, grid, before, values, own, getattr(after, stage.name).ravel())
        if how is None:
            return None
        if how == "rounded" and (found := _reproduced(key, stage.name, grid)) is not None:
            earlier = _reproduced(key, before, own)
            if earlier is None or not set(earlier.codes) & set(found.codes):
                return None
        return before, _trivial(key, before, after)
    return None


def _carried(
    key: Key,
    stage: Stage,
    grid: Grid,
    before: str,
    values: Array,
    own: Grid,
    expected: Array,
) -> Literal["plainly", "rounded"] | None:
    """Whether a stage follows from the typed values of another, as they are or honestly rounded."""
    numbers = grid.floats().ravel()
    noise = 1e-12 * (1 + np.abs(expected))
    if stage.tolerance.rule == "exact":
        # What is asked exactly must follow exactly: there, nothing was rounded on the way.
        return "plainly" if (np.abs(numbers - expected) <= noise).all() else None
    if stage.tolerance.rule != "range":
        plain = Box(*bounds(expected, stage.tolerance))
        if surely(numbers, *plain, key.noise(stage.name))[0].all():
            return "plainly"
    # Who carries on with all digits and types a few lies half a unit off what they typed: of the
    # places that are asked for, however few were typed. A value typed exactly right was not
    # rounded, however many zeros it carries.
    asked = key.places(before)
    half = np.array(
        [
            0.5 * 10.0 ** -max(cell.places, asked)
            if cell is not None and cell.places and abs(cell.float - value) > 1e-12
            else 0.0
            for cell, value in zip(own.cells, key.right(before), strict=True)
        ]
    ).reshape(values.shape)
    start = Box(values - half, values + half)
    places = key.places(stage.name)
    boxes = honest_from(key.trace.asked, before, start, places, upto=stage.name)
    low, high = (end.ravel() for end in boxes[stage.name])
    if stage.tolerance.rule != "range":
        low, high = np.minimum(low, plain.low), np.maximum(high, plain.high)
    slack = 1e-9 * (high - low) + noise
    inside = (numbers >= low - slack) & (numbers <= high + slack)
    return "rounded" if inside.all() else None


def _trivial(key: Key, before: str, after: Trace) -> bool:
    """Whether what follows leaves nothing to work out: equal weights, or nearly all on one key.

    Rows that are so in the right pass too (the first of a causal mask) do not count.
    """
    if before == "products":
        return not after.products.any()
    asked = key.recipe.tolerances.get("weights")
    room = key.fine("weights") if asked is not None else SLIP_REACH
    own, rows = (_empty_rows(trace, room) for trace in (after, key.trace))
    return bool(own[~rows].all() and (~rows).any())


def _empty_rows(trace: Trace, room: float) -> npt.NDArray[np.bool_]:
    """The rows of weights that are as good as equal, or all on one key: (B, Lq)."""
    seen = np.isfinite(trace.masked)
    shares = np.abs(np.where(seen, trace.weights, 0.0))
    totals = shares.sum(axis=-1, keepdims=True)
    shares = shares / np.where(totals > 0, totals, 1.0)
    equal = np.abs(shares - 1 / np.maximum(seen.sum(axis=-1, keepdims=True), 1)) <= room
    alone = (shares.max(axis=-1) >= _NEARLY_ALL) | (totals[..., 0] == 0)
    return np.asarray((equal | ~seen).all(axis=-1) | alone)


# ---- wrong turns ---------------------------------------------------------------------------------


def _reproduced(key: Key, stage: str, grid: Grid) -> Match | None:
    """The wrong turns that lead to what was typed."""
    return match(
        key.sheaf.turns.codes,
        key.sheaf.turns.of(stage, key.index),
        grid.floats().ravel(),
        key.right(stage),
        key.reach(stage),
        key.fine(stage),
    )


def _slipped(
    key: Key, stage: Stage, grid: Grid, grids: Grids, found: Match
) -> tuple[Fraction, list[Finding]]:
    if not found.sure:
        order = STAGES_OF[key.recipe.family]
        earlier = order[: order.index(stage.name)]
        # Only a box that is there and empty can be filled in.
        boxes = any(name in key.recipe.ask and name not in grids for name in earlier)
        code = "several-slips" if boxes else "several-slips-alone"
        return Fraction(0), [_finding(code, "ask", stage)]
    code = slip_family(found.name)
    credit = key.recipe.near.get(code, Fraction(0))
    facts = dict(_first_wrong(key, stage, found))
    if code == SWAPPED and found.name != SWAPPED:
        first, second = (int(place) - 1 for place in found.name.split("-")[-2:])
        facts |= {"first": key.labels[first], "second": key.labels[second]}
    return credit, [_finding(code, "partly" if credit else "wrong", stage, facts)]


def _first_wrong(key: Key, stage: Stage, found: Match) -> Iterator[tuple[str, str]]:
    """Where a slip began, and with which numbers its taker went on; never right ones."""
    if key.recipe.family == "blend" or found.name != found.codes[0]:
        return
    turns = key.sheaf.turns
    slip = turns.codes.index(found.name)
    stages = ByStage(lambda name: turns.of(name, key.index)[slip])
    step = first_step(stages, ByStage(key.right), stage.name)
    yield "step", STAGE_NAMES[step].lower()
    short = not key.asking and len(stages[step]) <= 8
    if step != stage.name and found.name not in _TELLING and short:
        yield "went", ", ".join(write_short(float(value), 4) for value in stages[step])


def _near(
    key: Key, stage: Stage, grid: Grid, judgements: Iterable[Judgement]
) -> tuple[str, Fraction] | None:
    """The right method with too few digits, in percent, with a slipped point or a wrong sign."""
    share = key.recipe.near
    nears = {judgement.near for judgement in judgements}
    alike = _rounds_alike(key, stage, grid)
    if nears == {"too-few-digits"} and not alike:
        return "rounded-answer", share["too-few-digits"]
    roundings = key.sheaf.roundings
    if roundings.codes:
        turns = roundings.of(stage.name, key.index)
        reach, right = key.reach(stage.name), key.right(stage.name)
        near = (apart(turns, grid.floats().ravel(), reach) <= 1) & (apart(turns, right, reach) > 1)
        codes = [roundings.codes[i] for i in np.flatnonzero(near)]
        if codes == ["percent-for-fraction"]:
            return "stage-percent", share["percent-for-fraction"]
        if alike:
            codes = []
        if codes and all(code.startswith("truncated") for code in codes):
            return "cut-off", share["cut-off"]
        if codes:
            return "rounded-early", share["rounded-early"]
    if len(nears) == 1:
        (near_miss,) = nears
        if near_miss is not None:
            return _ENTRY_NEAR[near_miss], share[near_miss]
    return None


def _rounds_alike(key: Key, stage: Stage, grid: Grid) -> bool:
    """Whether a wrong turn, written down as shortly, reads the same."""
    turns = key.sheaf.every_turn.of(stage.name, key.index)
    reach, right = key.reach(stage.name), key.right(stage.name)
    half = np.array(
        [
            own if cell is None or cell.places is None else 0.5 * 10.0**-cell.places
            for cell, own in zip(grid.cells, reach, strict=True)
        ]
    )
    alike = apart(turns, grid.floats().ravel(), half) <= 1 + 1e-9
    # What does not leave the right way before this stage is no wrong turn here.
    return bool(
        (alike & (apart(turns, right, np.full_like(right, key.fine(stage.name))) > 1)).any()
    )


# ---- what must hold of any answer ----------------------------------------------------------------

Told = tuple[str, Tone, Stage, Mapping[str, str]]


def _broken_rules(key: Key, stage: Stage, grid: Grid, grids: Grids) -> Iterator[Told]:
    """Sums, signs, order and hull: what tells a wrong stage without its key."""
    if stage.name == "weights":
        yield from _broken_weights(key, stage, grid, grids)
    if stage.name == "output" and "values" in key.start.rows:
        values = key.trace.asked.values[0]
        for index, cell in enumerate(grid.cells):
            column = values[:, index % stage.shape[-1]]
            low, high = float(column.min()), float(column.max())
            slack = 1e-9 * (1 + abs(low) + abs(high)) + (
                0.5 * 10.0**-cell.places if cell is not None and cell.places else 0.0
            )
            if cell is not None and not low - slack <= cell.float <= high + slack:
                facts = {
                    "entry": stage.cell(index),
                    "typed": cell.text.strip(),
                    "least": write_short(low),
                    "most": write_short(high),
                }
                yield "output-hull", "ask", stage, facts
                return


def _broken_weights(key: Key, stage: Stage, grid: Grid, grids: Grids) -> Iterator[Told]:
    for index, cell in enumerate(grid.cells):
        if cell is not None and cell.float < 0:
            facts = {"entry": stage.cell(index), "typed": cell.text.strip()}
            yield "weights-negative", "ask", stage, facts
            break
    for row, cells in enumerate(_rows(stage, grid)):
        total, room = _total(cells), _room(cells)
        if abs(total - 1) > room:
            facts = {"sum": write_short(total), "count": str(len(cells)), **_in_row(stage, row)}
            yield "weights-sum", "ask", stage, facts
            break
    # Larger scores, larger weights: by the learner's own scores where there are any.
    before = next((name for name in ("scaled", "scores") if name in grids), "masked")
    scores = (
        grids[before].floats() if before in grids else np.asarray(key.trace.masked[0])
    ).reshape(-1, stage.shape[-1])
    weights = grid.floats().reshape(-1, stage.shape[-1])
    for row, (high, given) in enumerate(zip(scores, weights, strict=True)):
        order = np.argsort(-high, kind="stable")
        for one, other in pairwise(order):
            if high[one] > high[other] and given[one] < given[other]:
                facts = {
                    "first": stage.columns[one],
                    "second": stage.columns[other],
                    **_in_row(stage, row),
                }
                yield "weights-order", "ask", stage, facts
                return


def _rounded_sums(stage: Stage, grid: Grid) -> Iterator[Finding]:
    """Right weights whose sum rounding has moved off 1 are told so, once."""
    if stage.name != "weights":
        return
    for row, cells in enumerate(_rows(stage, grid)):
        total, room = _total(cells), _room(cells)
        if room and 0 < abs(total - 1) <= room and write_short(total) != "1":
            facts = {
                "sum": write_short(total),
                "count": str(len(cells)),
                "room": number_text(room),
                **_in_row(stage, row),
            }
            yield _finding("weights-sum-rounded", "note", stage, facts)
            return


def _rows(stage: Stage, grid: Grid) -> list[list[Reading]]:
    cells = [cell for cell in grid.cells if cell is not None]
    width = stage.shape[-1]
    return [cells[start : start + width] for start in range(0, len(cells), width)]


def _total(cells: Iterable[Reading]) -> Fraction:
    return sum(
        (Fraction(cell.float) if cell.value is None else cell.value for cell in cells), Fraction(0)
    )


def _room(cells: list[Reading]) -> Fraction:
    """How far rounding may have moved the sum of these off 1; with one place it hardly did."""
    if any(cell.value is None for cell in cells):
        return Fraction(1, 10**9)
    places = [cell.places for cell in cells if cell.places is not None and cell.places > 1]
    return sum((sum_allowance(1, each) for each in places), Fraction(0))


def _in_row(stage: Stage, row: int) -> dict[str, str]:
    """Which row of a matrix is meant, beside the stage's name."""
    if not stage.rows:
        return {}
    return {"stage": f"{STAGE_NAMES[stage.name]} ({stage.rows[row]})"}


# ---- findings ------------------------------------------------------------------------------------


def _finding(code: str, tone: Tone, stage: Stage, facts: Mapping[str, str] = NOTHING) -> Finding:
    told = {"stage": STAGE_NAMES[stage.name], **facts}
    return Finding(code=code, tone=tone, facts=told, place=stage.name)


def _off_facts(stage: Stage, judgements: list[tuple[int, Judgement]]) -> dict[str, str]:
    """What was typed and what was asked; and, for a settled answer, what would have passed."""
    if not judgements:
        return {}
    index, judgement = judgements[0]
    names = [stage.cell(place) for place, _ in judgements]
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more"]
    facts = judgement.facts
    return {
        "entries": ", ".join(names),
        "entry": stage.cell(index),
        "digits": wanted(stage.tolerance),
        **{name: facts[name] for name in ("typed", "low", "high", "off")},
    }


def reading_notes(stage: Stage, grid: Grid) -> Iterator[Finding]:
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

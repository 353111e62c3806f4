"""Is a number right? One rule decides, and says what it would have accepted and how far off it was.

Every rule comes down to one interval of accepted numbers, worked out exactly from the key; the
learner's number is taken exactly from the text, so no float decides at the edge. Two figures guard
the rest: an edge is passed by up to a billionth of its width (keys come out of floating point),
and where the key is 0, rules that measure by the key accept up to a billionth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from grading.document import unknown_keys
from grading.errors import Fault, Unreadable
from grading.exercise import Value
from grading.numeric.reading import Reading, read_number
from grading.numeric.writing import write_short

Rule = Literal["exact", "absolute", "relative", "places", "figures", "range", "honest"]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Near = Literal["percent-for-fraction", "sign", "too-few-digits", "slipped-point"]

MOST_DIGITS: Final = 15
MOST_KNOWN: Final = 1024
"""A tolerance that has met more keys than that forgets them."""
_SLACK: Final = Fraction(1, 10**9)
_NOISE: Final = Fraction(1, 2**49)
"""What floating point may have added to a key that comes as a float, relative to it: 8 ulps."""
_FORMS: Final = (
    "exact, {absolute: 0.005}, {relative: 1%}, {places: 2}, {figures: 3}, {range: [0, 1]} "
    "or {honest: 2}"
)


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How near is near enough.

    ``exact``: the number itself. ``absolute``, ``relative``: off by at most ``amount``, or that
    share of the key. ``places``, ``figures``: right to ``digits`` decimal places or significant
    figures, however many more are typed. ``range``: from ``low`` to ``high``, whatever the key.
    ``honest``: what honest rounding of earlier stages to ``digits`` places allows, from ``low`` to
    ``high``, which the caller works out (see ``within``).
    """

    rule: Rule
    amount: Fraction = Fraction(0)
    digits: int = 0
    low: Fraction | float | None = None
    high: Fraction | float | None = None
    known: dict[float | tuple[int, int], _Accepted] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """What it accepts around each key that it has met: there are few, and many numbers to judge."""

    @staticmethod
    def parse(body: Value) -> Tolerance | list[Fault]:
        """The tolerance that an author wrote, or every fault in it, placed below ``body``."""
        if body == "exact":
            return Tolerance(rule="exact")
        if not isinstance(body, Mapping) or len(body) != 1:
            return [_fault("tolerance-form", f"A tolerance is one of {_FORMS}.")]
        ((name, value),) = body.items()
        match name:
            case "absolute" | "relative":
                return _parse_amount(name, value)
            case "places" | "figures" | "honest":
                return _parse_digits(name, value)
            case "range":
                return _parse_range(value)
        return [_fault("tolerance-form", f"There is no tolerance {name}; write {_FORMS}.", name)]

    def within(self, low: Fraction | float, high: Fraction | float) -> Tolerance:
        """The same rule, accepting from ``low`` to ``high``."""
        return replace(self, low=low, high=high)


EXACT: Final = Tolerance(rule="exact")


class Judgement(NamedTuple):
    """Whether a number is right, by which rule, and which named near-miss it is.

    ``low`` and ``high`` are the ends of what would have been accepted; ``meant`` is what the
    number becomes when a percent, a sign or a point is put right. A named tuple, because
    thousands are made while a page is graded.
    """

    ok: bool
    rule: Rule
    near: Near | None
    meant: Fraction | None
    reading: Reading
    key: Fraction | float
    low: Fraction | float
    high: Fraction | float

    @property
    def off(self) -> Fraction | float:
        """How far the number is from the key, or from the range that was asked for; 0 or more."""
        x = _number(self.reading)
        if isinstance(x, float) or math.isinf(self.low) or math.isinf(self.high):
            return Fraction(0) if self.ok else math.inf
        if self.rule == "range":
            return max(Fraction(self.low) - x, x - Fraction(self.high), Fraction(0))
        return abs(x - Fraction(self.key))

    @property
    def facts(self) -> dict[str, str]:
        """What a sentence may say, as text: what was typed and read, and what would have passed.

        ``low`` and ``high`` (rounded inwards) and ``off`` give the key away, so they are for an
        answer that is settled.
        """
        facts = {
            "typed": self.reading.text.strip(),
            "read": write_short(_number(self.reading), 9),
            "off": write_short(self.off),
            "low": write_short(self.low, 9, "up"),
            "high": write_short(self.high, 9, "down"),
        }
        if self.meant is not None:
            facts["meant"] = write_short(self.meant, 9)
        if self.reading.places is not None:
            facts["places"] = str(self.reading.places)
        return facts


def judge(reading: Reading, key: Fraction | float, tolerance: Tolerance) -> Judgement:
    """Judge a number against the key. A key that is irrational, or infinite, is a float."""
    accepted = _accepted(key, tolerance)
    low, high = accepted.low, accepted.high
    near, meant = None, None
    if math.isinf(reading.float) or not accepted.finite:
        ok = low <= reading.float <= high
    else:
        ok = accepted.holds(reading)
        if not ok:
            near, meant = _near(reading, key, tolerance, accepted)
    return Judgement(ok, tolerance.rule, near, meant, reading, key, low, high)


def of_wrong(tolerance: Tolerance) -> Tolerance:
    """How near to a wrong number is near enough to be it; a range says nothing of wrong numbers."""
    return EXACT if tolerance.rule == "range" else tolerance


def too_near(number: Fraction | float, key: Fraction | float, tolerance: Tolerance) -> bool:
    """Whether two keys lie within two tolerances, so that an answer between them might mean either.

    Where a range is asked for, all that lies in it is right.
    """
    low, high = ends(key, tolerance)
    if low <= number <= high:
        return True
    if tolerance.rule == "range":
        return False
    return abs(Fraction(number) - Fraction(key)) <= Fraction(high) - Fraction(low)


def sum_allowance(n: int, places: int) -> Fraction:
    """How far the sum of ``n`` numbers, each rounded to ``places`` decimal places, may be off."""
    return Fraction(n, 2 * 10**places)


# ---------------------------------------------------------------- the interval of a rule


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What a rule accepts: from ``low`` to ``high``, and past both by ``slack``."""

    low: Fraction | float
    high: Fraction | float
    least: Fraction = Fraction(0)
    most: Fraction = Fraction(0)
    floor: float = 0.0
    """The double nearest to ``least``."""
    ceiling: float = 0.0
    finite: bool = True

    def holds(self, reading: Reading) -> bool:
        """Whether the number is accepted."""
        x, value = reading.float, reading.value
        if value is None:
            noise = reading.error + 2 * math.ulp(x)
            return self.floor - noise <= x <= self.ceiling + noise
        # Rounding to a double never changes the order of two numbers, and most lie apart.
        if self.floor < x < self.ceiling:
            return True
        if x < self.floor or x > self.ceiling:
            return False
        return self.least <= value <= self.most

    def holds_times(self, reading: Reading, factor: Fraction) -> bool:
        """Whether the number would be accepted, were it ``factor`` times as large."""
        if reading.value is None:
            scale = float(factor)
            error = reading.error * abs(scale)
            return self.holds(reading._replace(float=reading.float * scale, error=error))
        return self.least <= reading.value * factor <= self.most


def _accepted(key: Fraction | float, tolerance: Tolerance) -> _Accepted:
    """The interval that ``tolerance`` accepts around ``key``, which is never NaN."""
    # A fraction takes long to hash, and one that is whole would pass for its float.
    name = (key.numerator, key.denominator) if isinstance(key, Fraction) else key
    known = tolerance.known
    accepted = known.get(name)
    if accepted is None:
        if len(known) >= MOST_KNOWN:
            known.clear()
        accepted = known[name] = _worked_out(key, tolerance)
    return accepted


def _worked_out(key: Fraction | float, tolerance: Tolerance) -> _Accepted:
    rule = tolerance.rule
    if tolerance.low is not None and tolerance.high is not None:
        low, high = tolerance.low, tolerance.high
        if math.isinf(low) or math.isinf(high):
            return _Accepted(low, high, finite=False)
        low, high = Fraction(low), Fraction(high)
        center = Fraction(key) if math.isfinite(key) else low
    else:
        if math.isinf(key):
            return _Accepted(key, key, finite=False)
        center = Fraction(key)
        low, high = _interval(center, tolerance, exact=isinstance(key, Fraction))
    slack = (high - low) / 2 * _SLACK
    if isinstance(key, float) and rule != "range":
        slack += abs(center) * _NOISE
    least, most = low - slack, high + slack
    return _Accepted(low, high, least, most, _double(least), _double(most))


def _double(value: Fraction) -> float:
    """The nearest double; infinite where there is none so large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _interval(key: Fraction, tolerance: Tolerance, *, exact: bool) -> tuple[Fraction, Fraction]:
    rule = tolerance.rule
    if rule == "exact":
        width = Fraction(0) if exact else (abs(key) or 1) * _SLACK
    elif rule == "absolute":
        width = tolerance.amount
    elif rule == "relative":
        width = tolerance.amount * abs(key) or _SLACK
    elif rule == "figures" and not key:
        width = _SLACK
    else:
        unit = Fraction(10) ** -tolerance.digits
        if rule == "figures":
            unit *= Fraction(10) ** (_magnitude(key) + 1)
        # Within half a unit of the key, and rounding to what the key rounds to: 1.234 to three
        # figures takes 1.23 and 1.2345, and not 1.2389, which is 1.24.
        steps = key / unit + Fraction(1, 2)
        # A float may lie on the other side of a tie by all that it may be off.
        tie = _SLACK if exact else _SLACK + abs(key / unit) * _NOISE
        down, up = math.floor(steps - tie), math.floor(steps + tie)
        half = unit / 2
        return max(key - half, down * unit - half), min(key + half, up * unit + half)
    return key - width, key + width


def _magnitude(value: Fraction) -> int:
    """The power of ten of the first significant figure: 0 for 3.09, -2 for 0.05.

    What falls short of a power of ten by no more than the noise of floats is taken for it: 1e-6 as
    a float does.
    """
    value = abs(value) * (1 + _NOISE)
    guess = len(str(value.numerator)) - len(str(value.denominator))
    return guess if value >= Fraction(10) ** guess else guess - 1


def _number(reading: Reading) -> Fraction | float:
    """The number to judge: exact if it can be, a float only where it is infinite."""
    if reading.value is not None:
        return reading.value
    return reading.float if math.isinf(reading.float) else Fraction(reading.float)


# ---------------------------------------------------------------- near-misses

_FACTORS: Final[tuple[tuple[Near, Fraction], ...]] = (
    ("percent-for-fraction", Fraction(1, 100)),
    ("sign", Fraction(-1)),
    *(("slipped-point", Fraction(10) ** power) for power in (1, -1, 2, -2, 3, -3)),
)


def _near(
    reading: Reading, key: Fraction | float, tolerance: Tolerance, accepted: _Accepted
) -> tuple[Near | None, Fraction | None]:
    """The name of the likeliest near-miss and what the number becomes when it is mended."""
    if not reading.float or tolerance.rule == "range":
        return None, None
    x = Fraction(_number(reading))
    if _too_few_digits(x, reading, Fraction(key), tolerance):
        return "too-few-digits", None
    if accepted.least <= 0 <= accepted.most:
        # Around 0 a number need only be made small enough: that says nothing of how it came about.
        return None, None
    percent = any(note.code == "percent" for note in reading.notes)
    least, most = accepted.floor, accepted.ceiling
    room = 1e-9 * (abs(least) + abs(most))
    for near, factor in _FACTORS:
        # Most factors lead far away, which floats see sooner than exact fractions.
        if not least - room <= reading.float * float(factor) <= most + room:
            continue
        if near == "percent-for-fraction" and (percent or accepted.high > 1):
            continue
        if accepted.holds_times(reading, factor):
            return near, x * factor
    return None, None


def _too_few_digits(x: Fraction, reading: Reading, key: Fraction, tolerance: Tolerance) -> bool:
    """The key, rounded further than asked; not where that moved it by more than a third.

    Where decimal places are asked for, a whole number has none of them.
    """
    if reading.places is None or abs(reading.float - float(key)) > 0.51 * 10.0**-reading.places:
        return False
    if reading.places < 1 and tolerance.rule in ("exact", "places", "honest"):
        return False
    off = abs(x - key)
    return off <= Fraction(1, 2 * 10**reading.places) and 3 * off <= abs(key)


# ---------------------------------------------------------------- what an author wrote


def _parse_amount(rule: Literal["absolute", "relative"], value: Value) -> Tolerance | list[Fault]:
    amount = _amount(value)
    if amount is None or amount <= 0:
        return [_fault("tolerance-amount", f"{rule} takes a number above 0, as in 0.005.", rule)]
    if rule == "relative" and amount >= 1:
        message = "relative takes a share of the key below 1, as in 0.01 or 1%."
        return [_fault("tolerance-amount", message, rule)]
    return Tolerance(rule=rule, amount=amount)


def _parse_digits(
    rule: Literal["places", "figures", "honest"], value: Value
) -> Tolerance | list[Fault]:
    least = 1 if rule == "figures" else 0
    whole = isinstance(value, Fraction) and value.denominator == 1
    if not isinstance(value, Fraction) or not whole or not least <= value <= MOST_DIGITS:
        message = f"{rule} takes a whole number from {least} to {MOST_DIGITS}."
        return [_fault("tolerance-digits", message, rule)]
    return Tolerance(rule=rule, digits=int(value))


def _parse_range(value: Value) -> Tolerance | list[Fault]:
    ends = [_amount(end) for end in value] if isinstance(value, tuple) else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return [_fault("tolerance-range", "range takes two numbers, as in [0, 1].", "range")]
    if ends[0] >= ends[1]:
        message = "The first number of a range is below the second."
        return [_fault("tolerance-range", message, "range")]
    return Tolerance(rule="range", low=ends[0], high=ends[1])


def _amount(value: Value) -> Fraction | None:
    """An exact number, or a text that reads as one: ``1%``, ``1/200``."""
    if isinstance(value, str):
        try:
            return read_number(value).value
        except Unreadable:
            return None
    return value if isinstance(value, Fraction) else None


def check_near(value: Value, known: Mapping[str, Fraction]) -> list[Fault]:
    """What is wrong with a ``near`` block, which gives near misses their credit."""
    if not isinstance(value, Mapping):
        return [_fault("near", "`near` gives near misses their credit: `{sign: 0.5}`.", "near")]
    faults = [fault.under("near") for fault in unknown_keys(value, known)]
    for name, share in value.items():
        if name in known and (not is_share(share) or share == 1):
            message = f"`{name}` earns a share from 0 up to, but without, 1."
            faults.append(_fault("near", message, "near", name))
    return faults


def is_share(value: Value) -> bool:
    """Whether it is a number from 0 to 1."""
    return isinstance(value, Fraction) and 0 <= value <= 1


def _fault(code: str, message: str, *place: str) -> Fault:
    return Fault(code=code, message=message, place=place)


# ---------------------------------------------------------------- many keys at once


def ends(key: Fraction | float, tolerance: Tolerance) -> tuple[Fraction | float, Fraction | float]:
    """The smallest and the largest number that ``judge`` takes for ``key``, its slack included."""
    accepted = _accepted(key, tolerance)
    if accepted.finite:
        return accepted.least, accepted.most
    return accepted.low, accepted.high


def bounds(keys: Floats, tolerance: Tolerance) -> tuple[Floats, Floats]:
    """What is accepted around each of many keys, in floating point: for a first look, and to see
    how wide it is. Where a number lies within a billionth of an end, ``judge`` decides.
    """
    rule = tolerance.rule
    if rule == "range":
        assert tolerance.low is not None
        assert tolerance.high is not None
        return np.full_like(keys, float(tolerance.low)), np.full_like(keys, float(tolerance.high))
    if rule == "figures":
        found = [ends(float(key), tolerance) for key in keys.flat]
        pairs = np.array([(float(low), float(high)) for low, high in found], dtype=np.float64)
        return pairs[:, 0].reshape(keys.shape), pairs[:, 1].reshape(keys.shape)
    if rule in ("places", "honest"):
        unit = 10.0**-tolerance.digits
        half = unit / 2
        steps = keys / unit + 0.5
        slack = float(_SLACK) + np.abs(keys / unit) * float(_NOISE)
        low = np.maximum(keys - half, np.floor(steps - slack) * unit - half)
        high = np.minimum(keys + half, np.floor(steps + slack) * unit + half)
        return low, high
    width = {
        "exact": np.zeros_like(keys),
        "absolute": np.full_like(keys, float(tolerance.amount)),
        "relative": np.maximum(np.abs(keys) * float(tolerance.amount), float(_SLACK)),
    }[rule]
    return keys - width, keys + width


def surely(
    numbers: Floats, low: Floats, high: Floats, noise: Floats | float = 0.0
) -> tuple[Flags, Flags]:
    """Which numbers lie inside their bounds, and which outside, beyond any rounding of floats.

    ``noise`` is how far the bounds may be off for what they were worked out from.
    """
    margin = 2e-9 * (high - low) + 1e-12 * (np.abs(low) + np.abs(high)) + noise
    inside = (numbers >= low + margin) & (numbers <= high - margin)
    outside = (numbers < low - margin) | (numbers > high + margin)
    return inside, outside

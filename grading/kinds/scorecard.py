"""Scorecard: a row of attention weights that the learner invents; no single one is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from grading.document import unknown_keys
from grading.errors import Fault
from grading.exercise import (
    Field,
    Part,
    Posed,
    Raw,
    Shown,
    Stray,
    Worked,
    number_text,
)
from grading.given import fill
from grading.kind import Draw, Kind
from grading.numeric.grids import read_grid
from grading.numeric.notes import guessed
from grading.numeric.tokens import Note
from grading.numeric.tolerance import sum_allowance
from grading.tokens import split_tokens
from grading.verdict import Finding, Mark

BODY_KEYS = ("tokens", "asking", "at-least", "causal", "top", "order", "hard", "model")

# What each property of a scorecard is worth. The sum is what makes it a set of weights at all.
IN_RANGE, SUMS, SPREAD = Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One weight per token; ``exact`` is False where a typed function made one irrational."""

    weights: tuple[Fraction, ...]
    exact: bool
    places: int | None
    """The most decimal places typed; None where not all entries are plain decimals."""
    notes: tuple[Note, ...] = ()
    """What was guessed while reading."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """What is asked of the row."""

    tokens: tuple[str, ...]
    asking: int | None
    at_least: int
    causal: bool
    top: frozenset[str]
    order: tuple[int, ...]
    """Places whose weights fall from one to the next; all other tokens weigh less than the last."""
    hard: bool
    """Whether all of the weight belongs on one token."""
    model: tuple[Fraction, ...]


class Scorecard(Kind[Card]):
    """Weights over ``tokens``: none negative, none above 1, sum exactly 1, spread over several."""

    name = "scorecard"

    def check(self, part: Part) -> list[Fault]:
        body = part.body
        faults = unknown_keys(body, BODY_KEYS)
        tokens = split_tokens(body.get("tokens"))
        if not 2 <= len(tokens) <= 40:
            message = "`tokens` is a list of 2 to 40 words, or one line of text to be split."
            return [*faults, Fault(code="tokens", message=message, place=("tokens",))]
        asking = body.get("asking")
        if asking is not None and tokens.count(str(asking)) != 1:
            message = "`asking` is the one token that asks; it stands once among the tokens."
            faults.append(Fault(code="asking", message=message, place=("asking",)))
        least = body.get("at-least", Fraction(2))
        if (
            not isinstance(least, Fraction)
            or least.denominator != 1
            or not 1 <= least <= len(tokens)
        ):
            message = "`at-least` is how many tokens must share the weight, a whole number."
            faults.append(Fault(code="at-least", message=message, place=("at-least",)))
        if not isinstance(body.get("causal", False), bool):
            message = "`causal` is true or false."
            faults.append(Fault(code="causal", message=message, place=("causal",)))
        top = body.get("top", ())
        if not isinstance(top, tuple) or any(str(token) not in tokens for token in top):
            message = "`top` lists the tokens, of those above, that may have the largest weight."
            faults.append(Fault(code="top", message=message, place=("top",)))
        order = body.get("order", ())
        if not isinstance(order, tuple) or any(tokens.count(str(token)) != 1 for token in order):
            message = "`order` lists tokens, each standing once, the one of most weight first."
            faults.append(Fault(code="order", message=message, place=("order",)))
        hard = body.get("hard", False)
        if not isinstance(hard, bool):
            faults.append(Fault(code="hard", message="`hard` is true or false.", place=("hard",)))
        elif hard and ("at-least" in body or (isinstance(order, tuple) and len(order) > 1)):
            message = (
                "`hard` puts all weight on one token: no `at-least`, and no `order` of several."
            )
            faults.append(Fault(code="hard", message=message, place=("hard",)))
        if faults:
            return faults
        return self._check_model(part)

    def _check_model(self, part: Part) -> list[Fault]:
        model = part.body.get("model")
        tokens = split_tokens(part.body["tokens"])
        if (
            not isinstance(model, Mapping)
            or not all(isinstance(weight, Fraction) for weight in model.values())
            or any(tokens.count(token) != 1 for token in model)
        ):
            message = (
                "`model` is a good scorecard: `{Meena: 0.7, Riya: 0.2, ...}`, tokens as above."
            )
            return [Fault(code="model", message=message, place=("model",))]
        posed = self.vary(part, {}, Draw())
        card = Card(weights=posed.key.model, exact=True, places=None)
        mark = self.mark(posed, card, {})
        if mark.score == 1:
            return []
        codes = ", ".join(f.code for f in mark.findings if f.tone in ("wrong", "partly"))
        message = f"The `model` scorecard would not earn full marks itself: {codes}."
        return [Fault(code="model", message=message, place=("model",))]

    def vary(self, part: Part, given: Mapping[str, Any], draw: Draw) -> Posed:
        body: Mapping[str, Any] = part.body
        tokens = split_tokens(body["tokens"])
        model: Mapping[str, Fraction] = body["model"]
        field = Field(
            name="weights",
            widget="vector",
            label="Weights",
            help="One weight for each word. An empty box counts as 0.",
            shape=(len(tokens),),
            columns=tokens,
            blanks=True,
            limit=4000,
        )
        asking = body.get("asking")
        return Posed(
            part=part,
            shown=Shown(prompt=fill(part.prompt, given), fields=(field,)),
            key=Key(
                tokens=tokens,
                asking=None if asking is None else tokens.index(str(asking)),
                at_least=int(body.get("at-least", 2)),
                causal=bool(body.get("causal", False)),
                top=frozenset(map(str, body.get("top", ()))),
                order=tuple(tokens.index(str(token)) for token in body.get("order", ())),
                hard=bool(body.get("hard", False)),
                model=tuple(model.get(token, Fraction(0)) for token in tokens),
            ),
        )

    def read(self, shown: Shown, raw: Raw) -> Card:
        grid = read_grid(raw["weights"], shown.fields[0].shape, blanks=True)
        cells = [cell for cell in grid.cells if cell is not None]
        places = [cell.places for cell in cells]
        return Card(
            weights=tuple(
                Fraction(0) if c is None else Fraction(c.float) if c.value is None else c.value
                for c in grid.cells
            ),
            exact=all(cell.value is not None for cell in cells),
            places=max((p for p in places if p is not None), default=0)
            if None not in places
            else None,
            notes=tuple(note for cell in cells for note in cell.notes),
        )

    def mark(self, posed: Posed, answer: Card, others: Mapping[str, Any]) -> Mark:
        key: Key = posed.key
        findings: list[Finding] = []
        card, percent = _as_shares(answer)
        if percent:
            findings.append(Finding(code="card-percent", tone="note", place="weights"))
        outside = _outside(key, card)
        off, nearly = _sum_findings(card)
        thin = _spread_findings(key, card)
        score = Fraction(0)
        if not outside and any(card.weights):
            score += IN_RANGE + (SPREAD if not thin else 0)
            score += SUMS if not off else SUMS / 2 if nearly else 0
        elif outside and not off:
            # Numbers that only happen to sum to 1 are the typical half-understanding.
            score = IN_RANGE
        findings += outside + off + thin
        if not (outside or off):
            total = Finding(code="card-sums", tone="right", place="weights", worth=SUMS)
            findings.insert(0, total)
        unexpected = _top_findings(key, card) or _order_findings(key, card)
        if unexpected:
            score /= 2
        late = _later_findings(key, card)
        if late and key.causal:
            score = min(score, IN_RANGE)
        notes = guessed(answer.notes, "weights")
        return Mark(score=score, findings=(*findings, *unexpected, *late, *notes))

    def solve(self, posed: Posed) -> Worked:
        key: Key = posed.key
        terms = [
            f"{token} {number_text(weight)}"
            for token, weight in zip(key.tokens, key.model, strict=True)
            if weight
        ]
        return Worked(
            answer={"weights": ", ".join(map(number_text, key.model))},
            steps=(
                f"All of the weight: {', '.join(terms)}."
                if key.hard
                else f"One good scorecard of many: {', '.join(terms)}.",
                "Check it: no weight is negative, none is above 1, and their sum is exactly 1.",
            ),
        )

    def stray(self, posed: Posed) -> Iterable[Stray]:
        key: Key = posed.key
        count = len(key.tokens)
        best = max(range(count), key=lambda i: key.model[i])
        one_hot = [Fraction(int(i == best)) for i in range(count)]
        less = [weight * Fraction(4, 5) for weight in key.model]
        below = list(key.model)
        below[best] += Fraction(1, 2)
        below[(best + 1) % count] -= Fraction(1, 2)
        thin = [("card-one-hot", one_hot, IN_RANGE + SUMS)]
        if key.hard:
            thin = [("card-not-hard", _softened(one_hot, best), IN_RANGE + SUMS)]
        even = "card-not-hard" if key.hard else "card-equal"
        for code, weights, score in (
            *thin,
            (even, [Fraction(1, count)] * count, IN_RANGE + SUMS),
            ("card-sum-short", less, IN_RANGE + SPREAD),
            ("card-negative", below, IN_RANGE),
        ):
            yield Stray(code=code, answer={"weights": ", ".join(map(str, weights))}, score=score)

    def normal(self, answer: Card) -> str:
        return ", ".join(map(number_text, answer.weights))

    def stands(self, posed: Posed, answer: Card) -> frozenset[str]:
        """The tokens of the largest weight; nothing where all weigh the same."""
        largest = max(answer.weights)
        if largest == min(answer.weights):
            return frozenset()
        pairs = zip(posed.key.tokens, answer.weights, strict=True)
        return frozenset(token for token, weight in pairs if weight == largest)


def _as_shares(card: Card) -> tuple[Card, bool]:
    """Weights of 72, 5, 8 and 15 are percents: told, and read as shares."""
    total = sum(card.weights)
    if total == 100 and all(0 <= weight <= 100 for weight in card.weights):
        shares = tuple(weight / 100 for weight in card.weights)
        return replace(card, weights=shares), True
    return card, False


def _outside(key: Key, card: Card) -> list[Finding]:
    return [
        Finding(
            code="card-negative" if weight < 0 else "card-above-one",
            tone="wrong",
            facts={"token": token, "weight": number_text(weight)},
            place=f"weights.{index}",
        )
        for index, (token, weight) in enumerate(zip(key.tokens, card.weights, strict=True))
        if not 0 <= weight <= 1
    ]


def _sum_findings(card: Card) -> tuple[list[Finding], bool]:
    """What is wrong with the sum, and whether rounding alone could be the reason."""
    total = sum(card.weights, Fraction(0))
    # Only an irrational entry, which no decimal can write, is given room.
    if total == 1 or (not card.exact and abs(total - 1) < Fraction(1, 10**9)):
        return [], False
    used = sum(1 for weight in card.weights if weight)
    # With one place a tenth can go astray by rounding, but then that is hardly the reason.
    places = card.places if card.places and card.places > 1 else None
    nearly = places is not None and abs(total - 1) <= sum_allowance(used, places)
    facts = {
        "sum": number_text(total) if card.exact else f"{float(total):.6g}",
        "off": number_text(abs(1 - total)) if card.exact else f"{abs(1 - float(total)):.3g}",
    }
    code = ("card-sum-short" if total < 1 else "card-sum-over") + ("-rounding" if nearly else "")
    tone = "partly" if nearly else "wrong"
    return [Finding(code=code, tone=tone, facts=facts, place="weights")], nearly  # type: ignore[arg-type]


def _spread_findings(key: Key, card: Card) -> list[Finding]:
    used = [weight for weight in card.weights if weight > 0]
    if not used:
        return [Finding(code="card-empty", tone="wrong", place="weights")]
    facts = {"least": str(key.at_least), "count": str(len(used))}
    if key.hard:
        soft = len(used) > 1
        return [Finding(code="card-not-hard", tone="partly", facts=facts, place="weights")] * soft
    if used == [1] and min(card.weights) == 0:
        return [Finding(code="card-one-hot", tone="partly", facts=facts, place="weights")]
    if len(set(card.weights)) == 1:
        return [Finding(code="card-equal", tone="partly", facts=facts, place="weights")]
    if len(used) < key.at_least:
        return [Finding(code="card-few", tone="partly", facts=facts, place="weights")]
    return []


def _top_findings(key: Key, card: Card) -> list[Finding]:
    largest = max(card.weights)
    first = {t for t, w in zip(key.tokens, card.weights, strict=True) if w == largest}
    if not key.top or first & key.top:
        return []
    facts = {"token": ", ".join(sorted(first))}
    return [Finding(code="card-top", tone="wrong", facts=facts, place="weights")]


def _order_findings(key: Key, card: Card) -> list[Finding]:
    """Tokens that should weigh more than others, and do not."""
    weights = card.weights
    rest = [place for place in range(len(weights)) if place not in key.order]
    pairs = list(pairwise(key.order))
    if key.order and rest:
        heaviest = max(rest, key=lambda place: weights[place])
        pairs.append((key.order[-1], heaviest))
    for more, less in pairs:
        if weights[more] <= weights[less]:
            facts = {"first": key.tokens[more], "second": key.tokens[less]}
            return [Finding(code="card-order", tone="wrong", facts=facts, place="weights")]
    return []


def _softened(one_hot: list[Fraction], best: int) -> list[Fraction]:
    """A hard scorecard with a fifth of its weight given to a neighbour."""
    softened = list(one_hot)
    softened[best] -= Fraction(1, 5)
    softened[(best + 1) % len(softened)] += Fraction(1, 5)
    return softened


def _later_findings(key: Key, card: Card) -> list[Finding]:
    if key.asking is None:
        return []
    findings = []
    asker = key.tokens[key.asking]
    later = [t for t, w in list(zip(key.tokens, card.weights, strict=True))[key.asking + 1 :] if w]
    if later:
        facts = {"tokens": ", ".join(f"“{token}”" for token in later), "asker": asker}
        code = "card-later-causal" if key.causal else "card-later"
        tone = "wrong" if key.causal else "note"
        findings.append(Finding(code=code, tone=tone, facts=facts, place="weights"))  # type: ignore[arg-type]
    if card.weights[key.asking]:
        facts = {"asker": asker}
        findings.append(Finding(code="card-itself", tone="note", facts=facts, place="weights"))
    return findings

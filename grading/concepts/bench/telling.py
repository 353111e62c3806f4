"""A bench's report in words for a terminal, 96 columns wide, and as a JSON value for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from grading.concepts.bench.agreement import Kappa, Share
from grading.concepts.bench.by_rule import PatternFigures, RuleFigures
from grading.concepts.bench.figures import Figures, Measure
from grading.concepts.bench.judging import Judged
from grading.concepts.bench.phrases import Suggestion
from grading.concepts.bench.report import Bench, Comparison
from grading.concepts.rules import LABELS, Label

WIDTH = 96
MOST_TOLD = 20
"""Answers listed of one sort; the JSON value has all of them."""


# -- for a terminal -----------------------------------------------------------------------------


def told(bench: Bench, *, patterns: bool = False) -> Iterator[str]:
    """The report line by line; with ``patterns``, every pattern of every rule."""
    yield from told_figures(bench.figures)
    yield from _rules(bench.rules, patterns=patterns)
    yield from _listed("Marked differently from the person", bench.misjudged)
    yield from _listed("Sent to a person", bench.sent)
    yield from _unseen(bench)
    yield from _suggested(bench.suggestions)


def told_figures(figures: Figures) -> Iterator[str]:
    """The figures alone: agreement, confusion, kinds of answer."""
    measures = (figures.alone, figures.strict, figures.leaning)
    yield _row("", "decided by rules", "all, sent = a miss", "all, as rules lean")
    yield _row("answers", *(str(m.two.whole) for m in measures))
    yield _row("2-way accuracy", *(_estimate(m.two) for m in measures))
    yield _row("      kappa", *(_estimate(m.two_kappa) for m in measures))
    yield _row("3-way exact", *(_estimate(m.three) for m in measures))
    yield _row("      kappa", *(_estimate(m.three_kappa) for m in measures))
    yield _row("      quadratic kappa", *(_estimate(m.quadratic) for m in measures))
    yield ""
    for name, share in (
        ("sent to a person", figures.sent),
        ("full marks, not correct", figures.full_to_wrong),
        ("nothing, correct", figures.zero_to_right),
    ):
        yield _row(name, f"{share.part} of {share.whole}", _estimate(share))
    yield ""
    heads = "".join(f"{name:>11}" for name in (*LABELS, "sent"))
    yield f"{'person | rules':<24}{heads}"
    for label, row in zip(LABELS, figures.confusion, strict=True):
        yield f"{label:<24}{''.join(f'{n:>11}' for n in row)}"
    if figures.kinds:
        yield ""
        yield (
            f"{'kind of answer':<24}{'n':>6}{'exact':>9}"
            f"{'full, not correct':>20}{'nothing, correct':>19}{'sent':>9}"
        )
        for kind in figures.kinds:
            yield (
                f"{_plain(kind.kind, 23):<24}{kind.three.whole:>6}{_two(kind.three.value):>9}"
                f"{_of(kind.full_to_wrong):>20}{_of(kind.zero_to_right):>19}{_of(kind.sent):>9}"
            )


def told_pool(benches: Mapping[str, Bench]) -> Iterator[str]:
    """One line for each exercise: 2-way accuracy and kappa and so on, sent answers as misses."""
    yield (
        f"{'exercise':<26}{'n':>5}{'2-way':>7}{'kappa':>7}{'3-way':>7}{'quad.':>7}"
        f"{'full/nc':>9}{'zero/c':>8}{'sent':>7}{'rest 2-way':>11}"
    )
    for name, bench in benches.items():
        f = bench.figures
        yield (
            f"{_plain(name, 25):<26}{f.n:>5}{_two(f.strict.two.value):>7}"
            f"{_two(f.strict.two_kappa.value):>7}{_two(f.strict.three.value):>7}"
            f"{_two(f.strict.quadratic.value):>7}{_of(f.full_to_wrong):>9}"
            f"{_of(f.zero_to_right):>8}{_of(f.sent):>7}{_two(f.alone.two.value):>11}"
        )


def told_misses(benches: Mapping[str, Bench]) -> Iterator[str]:
    """For each exercise, the answers that the rules mark otherwise than the person, or send."""
    for name, bench in benches.items():
        yield from _listed(f"{name}: marked differently from the person", bench.misjudged)
        yield from _listed(f"{name}: sent to a person", bench.sent)


def told_comparison(comparison: Comparison) -> Iterator[str]:
    """Who changes from what to what, and the figures before and after."""
    c = comparison
    yield (
        f"{len(c.changed)} answers change: {c.count('better')} better, {c.count('worse')} worse, "
        f"{c.count('neither')} neither."
    )
    yield ""
    yield _row("sent answers as misses", "before", "after")
    for name, pick in _MEASURES.items():
        yield _row(name, *(_estimate(pick(f.strict)) for f in (c.before, c.after)))
    for name, share in _SHARES.items():
        yield _row(name, *(_of(share(f)) for f in (c.before, c.after)))
    if c.changed:
        yield ""
    for one in c.changed:
        change = f"{_label(one.before)} -> {_label(one.after)}"
        yield (
            f"{one.effect:<8} line {one.row.line:<6} person: {one.row.label:<10} rules: {change}"
        )
        yield f"    {_plain(one.row.answer, WIDTH - 4)}"


_MEASURES: Mapping[str, Callable[[Measure], Share | Kappa]] = {
    "2-way accuracy": lambda m: m.two,
    "      kappa": lambda m: m.two_kappa,
    "3-way exact": lambda m: m.three,
    "      quadratic kappa": lambda m: m.quadratic,
}
_SHARES: Mapping[str, Callable[[Figures], Share]] = {
    "sent to a person": lambda f: f.sent,
    "full marks, not correct": lambda f: f.full_to_wrong,
    "nothing, correct": lambda f: f.zero_to_right,
}


def _rules(rules: Sequence[RuleFigures], *, patterns: bool) -> Iterator[str]:
    yield ""
    yield (
        f"{'rule':<24}{'':<10}{'met':>6}{'right':>7}{'precision':>21}{'missed':>9}"
        f"{'denied':>8}{'both':>5}{'half':>5}"
    )
    for rule in rules:
        missed = "-" if rule.missed is None else _of(rule.missed)
        yield (
            f"{_plain(rule.name, 23):<24}{rule.need:<10}{rule.right.whole:>6}{rule.right.part:>7}"
            f"{_estimate(rule.right):>21}{missed:>9}{rule.denied:>8}{rule.both:>5}{rule.half:>5}"
        )
        for word, examples in (("wrong", rule.wrong_examples), ("missed", rule.missed_examples)):
            for one in examples:
                yield _example(word, one, rule.name)
        yield from _patterns(rule.patterns, every=patterns)
    if not any(rule.by_ideas for rule in rules):
        yield "A concept is right where the answer is not incorrect: a column `ideas` says more."


def _patterns(patterns: Sequence[PatternFigures], *, every: bool) -> Iterator[str]:
    """Those that are met wrongly, and how many never are; or all."""
    for one in patterns:
        wrong = one.right.whole - one.right.part
        if every or wrong:
            counts = f"{one.right.whole} met, {wrong} wrong, {one.only} by it alone"
            yield f"    {_plain(one.text, WIDTH - 8 - len(counts))}  ({counts})"
    idle = sum(1 for one in patterns if not one.right.whole)
    if idle and not every:
        yield f"    {idle} of {len(patterns)} patterns are never met"


def _example(word: str, judged: Judged, rule: str) -> str:
    head = f"    {word:<7} line {judged.row.line}, {judged.row.label}: "
    text = judged.row.answer
    quotes = " ... ".join(text[start:end] for start, end in judged.spans.get(rule, ())[:3])
    shown = f"[{quotes}] in: {text}" if quotes and word == "wrong" else text
    return head + _plain(shown, WIDTH - len(head))


def _listed(title: str, judged: Sequence[Judged]) -> Iterator[str]:
    if not judged:
        return
    yield ""
    yield f"{title} ({len(judged)})"
    for one in judged[:MOST_TOLD]:
        why = f" ({', '.join(one.review)})" if one.review else ""
        yield f"  line {one.row.line:<6} person: {one.row.label:<10} rules: {one.label}{why}"
        yield f"    {_plain(one.row.answer, WIDTH - 4)}"
    if len(judged) > MOST_TOLD:
        yield f"  and {len(judged) - MOST_TOLD} more"


def _unseen(bench: Bench) -> Iterator[str]:
    unseen = bench.unseen
    count = sum(len(g.answers) for g in unseen.groups) + len(unseen.alone) + unseen.beyond
    if not count:
        return
    yield ""
    yield f"No rule saw anything ({count})"
    for group in unseen.groups[:MOST_TOLD]:
        labels = ", ".join(f"{n} {label}" for label, n in group.labels.items())
        yield f"  {len(group.answers)} alike ({labels}): {_plain(', '.join(group.shared), 60)}"
        for one in group.answers[:3]:
            yield _unseen_line(one, 4)
    if len(unseen.groups) > MOST_TOLD:
        yield f"  and {len(unseen.groups) - MOST_TOLD} more groups"
    for one in unseen.alone[:MOST_TOLD]:
        yield _unseen_line(one, 2)
    if len(unseen.alone) > MOST_TOLD:
        yield f"  and {len(unseen.alone) - MOST_TOLD} more, unlike any other"
    if unseen.beyond:
        yield f"  and {unseen.beyond} that were not compared: too many at once"


def _unseen_line(one: Judged, indent: int) -> str:
    head = f"{' ' * indent}line {one.row.line}, {one.row.label}: "
    return head + _plain(one.row.answer, WIDTH - len(head))


def _suggested(suggestions: Sequence[Suggestion]) -> Iterator[str]:
    titles = {
        "credit": "Phrases that would give credit, by the answers marked too low",
        "caution": "Phrases that would call for caution, by the answers marked too high",
    }
    for side, title in titles.items():
        mine = [one for one in suggestions if one.side == side]
        if not mine:
            continue
        other = "incorrect" if side == "credit" else "correct"
        yield ""
        yield title
        yield f"  {'helps':>9}{other:>12}{'log-odds':>10}  phrase"
        for one in mine:
            rule = f"  ({one.rule} is missing)" if one.rule else ""
            yield (
                f"  {f'{one.helped}/{one.of_helped}':>9}{f'{one.against}/{one.of_against}':>12}"
                f"{one.log_odds:>10.2f}  {_plain(one.pattern, 40)}{rule}"
            )


def _row(name: str, *cells: str) -> str:
    return f"{name:<24}{''.join(f'{cell:>23}' for cell in cells)}".rstrip()


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _of(share: Share) -> str:
    return f"{share.part}/{share.whole}"


def _estimate(value: Share | Kappa) -> str:
    if value.interval is None:
        return _two(value.value)
    low, high = value.interval
    return f"{_two(value.value)} [{low:.2f}, {high:.2f}]"


def _label(label: Label | None) -> str:
    return label or "a person"


def _plain(text: str, width: int) -> str:
    """The text on one line, without signs that steer a terminal, and no longer than ``width``."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * width]).split())
    return line if len(line) <= width else line[: max(width - 3, 0)] + "..."


# -- for programs -------------------------------------------------------------------------------


def as_json(bench: Bench) -> dict[str, Any]:
    """The report as a JSON value. Keys are only ever added.

    A *share* is ``{part, whole, value, interval}``, a *kappa* ``{value, error, interval}``; a value
    is null where there is nothing to say, an interval is two numbers or null. An *answer* is
    ``{line, id, q, kind, answer, label, marked, leaning, review}``: the person's label, the one
    the learner would see (null where a person decides), the one the rules lean to, and why a
    person is asked.

    The keys are those of ``figures_json``, and ``rules`` (name, group, need, by_ideas, right,
    missed, denied, half, both, wrong_examples, missed_examples, patterns with key, place, text,
    right, only), ``misjudged`` and ``sent_answers`` (answers), ``unseen`` (groups with shared,
    labels and answers; alone; beyond), ``suggestions`` (side, pattern, rule, helped, of_helped,
    against, of_against, log_odds, examples) and ``refused`` (line, message).
    """
    return {
        **figures_json(bench.figures),
        "rules": [_rule_json(rule) for rule in bench.rules],
        "misjudged": _answers_json(bench.misjudged),
        "sent_answers": _answers_json(bench.sent),
        "unseen": {
            "groups": [
                {
                    "shared": list(group.shared),
                    "labels": group.labels,
                    "answers": _answers_json(group.answers),
                }
                for group in bench.unseen.groups
            ],
            "alone": _answers_json(bench.unseen.alone),
            "beyond": bench.unseen.beyond,
        },
        "suggestions": [
            {
                "side": one.side,
                "pattern": one.pattern,
                "rule": one.rule,
                "helped": one.helped,
                "of_helped": one.of_helped,
                "against": one.against,
                "of_against": one.of_against,
                "log_odds": one.log_odds,
                "examples": _answers_json(one.examples),
            }
            for one in bench.suggestions
        ],
        "refused": [{"line": bad.line, "message": bad.message} for bad in bench.refused],
    }


def figures_json(figures: Figures) -> dict[str, Any]:
    """The figures as a JSON value.

    ``answers`` (a count), ``confusion`` (by the person's label, then the rules' or ``sent``),
    ``sent``, ``full_marks_to_not_correct`` and ``zero_to_correct`` (shares), ``kinds`` (by name:
    three_way, full_marks_to_not_correct, zero_to_correct, sent) and three measures, each
    ``{two_way, two_way_kappa, three_way, three_way_kappa, quadratic_kappa}``: ``decided`` of what
    the rules decide alone, ``strict`` with sent answers as misses, ``leaning`` as if nobody looked.
    """
    return {
        "answers": figures.n,
        "confusion": {
            label: dict(zip((*LABELS, "sent"), row, strict=True))
            for label, row in zip(LABELS, figures.confusion, strict=True)
        },
        "decided": _measure_json(figures.alone),
        "strict": _measure_json(figures.strict),
        "leaning": _measure_json(figures.leaning),
        "sent": _share_json(figures.sent),
        "full_marks_to_not_correct": _share_json(figures.full_to_wrong),
        "zero_to_correct": _share_json(figures.zero_to_right),
        "kinds": {
            kind.kind: {
                "three_way": _share_json(kind.three),
                "full_marks_to_not_correct": _share_json(kind.full_to_wrong),
                "zero_to_correct": _share_json(kind.zero_to_right),
                "sent": _share_json(kind.sent),
            }
            for kind in figures.kinds
        },
    }


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """``before`` and ``after`` (as ``figures_json``), and ``changed``: line, id, answer, label,
    before and after (null for a person), and effect (better, worse, neither).
    """
    return {
        "before": figures_json(comparison.before),
        "after": figures_json(comparison.after),
        "changed": [
            {
                "line": one.row.line,
                "id": one.row.id,
                "answer": one.row.answer,
                "label": one.row.label,
                "before": one.before,
                "after": one.after,
                "effect": one.effect,
            }
            for one in comparison.changed
        ],
    }


def _measure_json(measure: Measure) -> dict[str, Any]:
    return {
        "two_way": _share_json(measure.two),
        "two_way_kappa": _kappa_json(measure.two_kappa),
        "three_way": _share_json(measure.three),
        "three_way_kappa": _kappa_json(measure.three_kappa),
        "quadratic_kappa": _kappa_json(measure.quadratic),
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {
        "part": share.part,
        "whole": share.whole,
        "value": share.value,
        "interval": None if share.interval is None else list(share.interval),
    }


def _kappa_json(kappa: Kappa) -> dict[str, Any]:
    return {
        "value": kappa.value,
        "error": kappa.error,
        "interval": None if kappa.interval is None else list(kappa.interval),
    }


def _rule_json(rule: RuleFigures) -> dict[str, Any]:
    return {
        "name": rule.name,
        "group": rule.group,
        "need": rule.need,
        "by_ideas": rule.by_ideas,
        "right": _share_json(rule.right),
        "missed": None if rule.missed is None else _share_json(rule.missed),
        "denied": rule.denied,
        "half": rule.half,
        "both": rule.both,
        "wrong_examples": _answers_json(rule.wrong_examples),
        "missed_examples": _answers_json(rule.missed_examples),
        "patterns": [
            {
                "key": one.key[1],
                "place": one.key[2],
                "text": one.text,
                "right": _share_json(one.right),
                "only": one.only,
            }
            for one in rule.patterns
        ],
    }


def _answers_json(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    return [
        {
            "line": one.row.line,
            "id": one.row.id,
            "q": one.row.of,
            "kind": one.row.kind,
            "answer": one.row.answer,
            "label": one.row.label,
            "marked": one.told,
            "leaning": one.label,
            "review": list(one.review),
        }
        for one in judged
    ]

"""Every shipped exercise keeps its promises, and says everything it says in sentences."""

import re
from xml.etree import ElementTree

import pytest
from latex2mathml.converter import convert

from grading import grader
from grading.document import read_document
from grading.errors import Unreadable
from grading.kinds import kind_of
from grading.proof import named_boxes
from grading.sentences import SENTENCES, template
from tests.content.shipped import EXERCISES, formulas_of, opened, slug_of, texts_of

SEEDS = range(25)
every_exercise = pytest.mark.parametrize("path", EXERCISES, ids=slug_of)


def test_there_are_exercises_and_no_two_share_a_name():
    names = [path.stem for path in EXERCISES]
    assert len(names) >= 4
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


@every_exercise
def test_it_is_good_on_25_seeds(path):
    exercise = opened(path)
    report = grader.check(exercise, seeds=SEEDS)
    assert report.faults == ()
    assert report.warnings == ()
    assert [sample for sample in report.samples if not sample.ok] == []
    assert report.seeds_run == (25 if exercise.drawn else 1)
    assert len(report.samples) >= len(exercise.samples) > 0


@every_exercise
def test_its_own_solution_earns_full_marks_and_says_how(path):
    exercise = opened(path)
    for seed in SEEDS if exercise.drawn else SEEDS[:1]:
        variant = grader.vary(exercise, seed=seed)
        worked = grader.solve(variant)
        verdict = grader.grade(variant, {name: one.answer for name, one in worked.items()})
        assert (verdict.outcome, verdict.score) == ("marked", 1), seed


@every_exercise
def test_a_wrong_turn_never_earns_what_the_right_way_does(path):
    exercise = opened(path)
    variant = grader.vary(exercise, seed=7)
    strays = 0
    for name, posed in variant.posed.items():
        for stray in kind_of(posed.part).stray(posed):
            mark = grader.grade(variant, {name: stray.answer}).marks[name]
            # What a person decides has no score yet.
            assert mark.state == "review" or mark.score <= stray.score < 1, stray.code
            strays += 1
    assert strays > 0


def verdicts_of(exercise):
    """Verdicts on everything the exercise itself brings along, and on what a deadline brings."""
    for sample in exercise.samples:
        variant = grader.vary(exercise, seed=sample.seed)
        raw = named_boxes(variant, sample.answer)
        try:
            yield grader.grade(variant, raw)
        except Unreadable:
            yield grader.grade(variant, raw, at_deadline=True)
    variant = grader.vary(exercise, seed=0)
    for name, posed in variant.posed.items():
        for stray in kind_of(posed.part).stray(posed):
            yield grader.grade(variant, {name: stray.answer})
        if len(exercise.parts) == 1:
            for made in kind_of(posed.part).trials(posed.part, exercise.samples):
                yield grader.grade(variant, named_boxes(variant, made.answer))
    solution = {name: one.answer for name, one in grader.solve(variant).items()}
    hints = {part.name: len(part.hints) for part in exercise.parts}
    yield grader.grade(variant, solution, hints=hints)
    yield grader.grade(variant, {}, at_deadline=True)


@every_exercise
def test_every_finding_it_gives_has_a_sentence_whose_facts_are_there(path):
    told = set()
    for verdict in verdicts_of(opened(path)):
        for finding in verdict.every_finding():
            assert finding.code in SENTENCES or finding.facts.get("say"), finding
            wanted = set(re.findall(r"\{(\w+)\}", template(finding))) - {"code"}
            assert wanted <= set(finding.facts), finding
            assert grader.say(finding).strip()
            told.add(finding.code)
    assert {"not-attempted"} < told


@every_exercise
def test_quotes_of_samples_are_stretches_of_what_was_typed(path):
    exercise = opened(path)
    for sample in exercise.samples:
        variant = grader.vary(exercise, seed=sample.seed)
        raw = named_boxes(variant, sample.answer)
        try:
            verdict = grader.grade(variant, raw)
        except Unreadable:
            continue
        for name, mark in verdict.marks.items():
            for finding in mark.findings:
                for quote in finding.quotes:
                    assert quote.text == raw[name][quote.field][quote.start : quote.end] != ""


@every_exercise
def test_what_is_shown_gives_neither_hints_nor_a_model_away(path):
    exercise = opened(path)
    variant = grader.vary(exercise, seed=0)
    shown = repr(variant.shown) + repr(variant.given)
    for part in exercise.parts:
        for hint in part.hints:
            assert hint.say not in shown
        model = part.body.get("model")
        if isinstance(model, str):
            assert model.strip() not in shown


@every_exercise
def test_every_formula_converts(path):
    document = read_document(path.read_text(encoding="utf-8")).value
    for text in texts_of(document):
        for latex, display in formulas_of(text):
            mathml = convert(latex, display="block" if display else "inline")
            assert "\\" not in mathml, latex
            ElementTree.fromstring(mathml)


def test_the_formulas_of_exercises_are_found_at_all():
    found = [latex for path in EXERCISES for latex, _ in formulas_of(path.read_text("utf-8"))]
    assert r"\sqrt{4}" in found

"""Every shipped lesson is complete, places its own exercises, and can be shown as it is written."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from latex2mathml.converter import convert

from exercises import prose
from tests.content.shipped import (
    EXERCISES,
    LESSONS,
    body_of,
    formulas_of,
    front_of,
    lesson_of,
    placed_in,
    tokens_of,
)

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lesson_of)


def test_there_are_lessons_in_an_order():
    assert LESSONS
    named = [re.fullmatch(r"(\d\d)-[a-z0-9]+(-[a-z0-9]+)*", lesson_of(path)) for path in LESSONS]
    assert None not in named
    places = [(path.parent.parent, name[1]) for path, name in zip(LESSONS, named, strict=True)]
    assert len(set(places)) == len(places)


@every_lesson
def test_its_front_matter_is_complete(lesson):
    front = front_of(lesson)
    assert list(front) == ["title", "minutes", "summary", "takeaways"]
    assert 3 <= len(front["title"]) <= 80
    assert type(front["minutes"]) is int
    assert 1 <= front["minutes"] <= 60
    assert front["summary"].endswith(".")
    assert 4 <= len(front["takeaways"]) <= 8
    for sentence in front["takeaways"]:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert len(set(front["takeaways"])) == len(front["takeaways"])


@every_lesson
def test_it_places_exercises_of_its_own_folder(lesson):
    placed = placed_in(lesson)
    assert placed
    assert set(placed) <= {path.stem for path in (lesson.parent / "exercises").glob("*.yaml")}


def test_every_exercise_is_placed_exactly_once():
    placed = [slug for lesson in LESSONS for slug in placed_in(lesson)]
    assert sorted(placed) == sorted(path.stem for path in EXERCISES)


@every_lesson
def test_the_site_finds_the_same_places(lesson):
    pieces = [piece.name for piece in prose.pieces(body_of(lesson)) if piece.kind == "exercise"]
    assert pieces == placed_in(lesson)


@every_lesson
def test_every_formula_converts_and_reaches_the_page(lesson):
    formulas = formulas_of(body_of(lesson))
    assert formulas
    for latex, display in formulas:
        mathml = convert(latex, display="block" if display else "inline")
        assert "\\" not in mathml, latex
        ElementTree.fromstring(mathml)
    page = "".join(piece.html for piece in prose.pieces(body_of(lesson)))
    assert "bad-formula" not in page
    assert page.count("<math") == len(formulas)


@every_lesson
def test_headings_begin_below_the_title_and_skip_no_level(lesson):
    levels = [int(t.tag[1]) for t in tokens_of(body_of(lesson)) if t.type == "heading_open"]
    assert levels[0] == 2
    for before, after in pairwise(levels):
        assert 2 <= after <= before + 1


@every_lesson
def test_it_holds_no_raw_html_and_nothing_from_elsewhere(lesson):
    # Outside formulas and code, where < and > are signs.
    for token in tokens_of(body_of(lesson)):
        assert token.type not in ("html_block", "html_inline")
        if token.type == "text":
            assert not re.search(r"</?[a-zA-Z]", token.content), token.content
        assert token.type != "image"

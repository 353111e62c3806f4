from __future__ import annotations

import pytest

from grading.concepts.order import clashes, heaped, oddities, overloaded, unlinked
from grading.concepts.words import Lexicon, Word, read


def row(text: str) -> tuple[Word, ...]:
    return read(text, Lexicon(())).words


@pytest.mark.parametrize(
    "text",
    [
        "old words overwritten",
        "new words push out old words",
        "each new loaf of bread takes the place of an old one on the shelf",
        "the strict teacher marks long essays without reading them",
        "small oven -> several loaves baked one after another",
        "new loaves replace teh old ones",
        "big loaves fit in one shelf and small rolls fade every day",
    ],
)
def test_a_row_that_says_one_thing_is_not_overloaded(text: str) -> None:
    assert not overloaded(row(text))


@pytest.mark.parametrize(
    "text",
    [
        "yeast sugar gas dough bubbles rising",
        "warm dough yeast eats sugar gas bubbles trapped strong gluten rising loaf",
        "loaves of bread yeast sugar gas bubble",
    ],
)
def test_a_row_that_names_more_than_it_links_is_overloaded(text: str) -> None:
    assert overloaded(row(text))


def test_a_heap_has_no_link_and_acts_upon_acts() -> None:
    assert heaped(row("yeast sugar gas released trapped dough bubbles"))
    assert not heaped(row("yeast sugar gas dough bubbles rising"))
    assert not heaped(row("the gas is released, trapped by dough"))
    assert not heaped(row("gas released trapped"))


def test_one_and_may_link_a_note_and_a_row_of_them_does_not() -> None:
    assert not unlinked(row("yeast gas and dough"))
    assert unlinked(row("yeast and gas and dough"))
    assert unlinked(row("yeast gas dough"))
    assert not unlinked(row("yeast = gas"))


@pytest.mark.parametrize(
    "text",
    [
        "-> -> gas dough rise",
        "small the dough of rises",
        "dough rises one the oven",
        "warm dough rises =>",
    ],
)
def test_what_hardly_anybody_writes_is_odd_and_no_clash(text: str) -> None:
    assert oddities(row(text)) > clashes(row(text))


@pytest.mark.parametrize(
    "text",
    [
        "the gas that the dough traps has no other way out",
        "must everything rise before it is baked",
        "it always must rise at least one hour",
        "the baker compares the loaves and gives each a price",
        "you cannot look into it the way you can with an open oven",
        "when the night is long the first loaves cool down",
    ],
)
def test_a_sentence_is_not_odd(text: str) -> None:
    assert oddities(row(text), asks=text.startswith("must")) == 0

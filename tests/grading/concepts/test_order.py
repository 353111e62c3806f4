from __future__ import annotations

import pytest

from grading.concepts.order import (
    between_signs,
    clashes,
    heaped,
    oddities,
    only_listed,
    overloaded,
    strung,
    unlinked,
)
from grading.concepts.words import Lexicon, Word, read


def test_one_sign_does_not_order_a_heap() -> None:
    pieces = between_signs(row("one cake = oven dough bread yeast sugar crust heat"))
    assert [len(piece) for piece in pieces] == [2, 7]
    assert overloaded(pieces[1])
    assert strung(row("cake = flour, sugar, oven, dough, crust"))
    assert not strung(row("cake = flour, sugar and heat"))
    assert not strung(row("flour, sugar, oven, dough, crust"))
    assert not strung(row("cake = flour, baked in the oven, so it rises, turns brown, is done"))


def test_a_long_row_of_pieces_without_a_link_is_unlinked() -> None:
    assert unlinked(row("baker knead, oven heat, bread warm crust brown"))


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
        "baker asks oven loaf bread crust match need",
    ],
)
def test_a_row_that_names_more_than_it_links_is_overloaded(text: str) -> None:
    assert overloaded(row(text))


def test_a_heap_has_no_link_and_acts_upon_acts() -> None:
    assert heaped(row("yeast sugar gas released trapped dough bubbles"))
    assert heaped(row("baker oven dough match bread need"))
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
        "it tells how warm the oven is and how long the loaves stay in it",
        "they are not so dark and not so heavy",
        "however long the night is the baker hands over one loaf",
        "this tells how good a loaf is and how big its crust is",
        "when you read it i think of the loaf you asked for",
        "either you bake or you do not and you get nothing",
        'the note refers to "she" and to "he"',
        "the oven is hot, so no",
        "the loaf that came from A is not the one that B has baked for A",
        "all they are is a heap of flour",
        "everybody gets at least a crumb for remember it",
    ],
)
def test_a_sentence_is_not_odd(text: str) -> None:
    assert oddities(row(text), asks=text.startswith("must")) == 0


def test_what_sets_two_things_against_each_other_links_them() -> None:
    assert not unlinked(row("dark loaves vs. pale loaves baked in many ovens"))
    assert not unlinked(row("the small ones contribute only a bit"))


def test_plain_verbs_behind_plural_nouns_link_them() -> None:
    assert not unlinked(row("warm ovens give dark loaves"))
    assert unlinked(row("baker oven give"))


@pytest.mark.parametrize(
    "text",
    [
        "Warmer oven, darker crust.",
        "more sun, less snow",
        "white: sifted flour, brown: whole grain",
        "fixed oven: pale loaves",
        "Bakers knead, ovens bake, shops sell.",
    ],
)
def test_a_note_that_sets_one_thing_against_another_is_no_list(text: str) -> None:
    assert not only_listed(row(text))


@pytest.mark.parametrize("text", ["Terms: oven, dough, yeast, crust", "oven, dough, yeast, crust"])
def test_a_heading_makes_no_sentence_of_a_list(text: str) -> None:
    assert only_listed(row(text))


@pytest.mark.parametrize(
    "text",
    [
        "the baked in oven any is",
        "it is say some loaves",
        "the oven on depend loaves is",
        "the loaf must it keeps in oven",
        "bread be loaf in the oven",
        "the oven gets by baked loaf",
        "loaf oven one everything each",
    ],
)
def test_shuffled_words_are_odd(text: str) -> None:
    assert oddities(row(text))

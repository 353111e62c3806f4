from __future__ import annotations

import pytest

from grading.concepts.everyday import EVERYDAY
from grading.concepts.patterns import Sets, Unsound, View, atoms_of, meet, parse
from grading.concepts.stance import take
from grading.concepts.words import Lexicon, read


def meets(pattern: str, answer: str, sets: Sets) -> bool:
    parsed = parse(pattern, sets)
    text = read(answer, Lexicon(atom.text for atom in atoms_of(parsed) if atom.kind != "opening"))
    return bool(meet(parsed, View(text, take(text))))


@pytest.mark.parametrize("name", sorted(EVERYDAY))
def test_every_set_can_be_read_and_says_nothing_twice(name: str) -> None:
    assert Sets({}).named(name) is not None
    assert len(set(EVERYDAY[name])) == len(EVERYDAY[name])


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("@lose", "the heat slips away"),
        ("@each-step", "it cools little by little"),
        ("river / @go-through / valley", "the river runs through a valley"),
        ("@small ..2 cell", "a tiny cell"),
        ("@overflow", "there is hardly any room for it"),
    ],
)
def test_everyday_sets_need_no_writing_down(pattern: str, answer: str) -> None:
    assert meets(pattern, answer, Sets({}))


def test_an_exercises_own_set_stands_before_the_everyday_one_and_may_build_on_it() -> None:
    own = Sets({"lose": ("spend",)})
    assert meets("@lose", "it was spent", own)
    assert not meets("@lose", "it was forgotten", own)
    assert meets("@shared.lose", "it was forgotten", own)
    more = Sets({"lose": ("@shared.lose", "spend")})
    assert meets("@lose", "it was spent", more)
    assert meets("@lose", "it was forgotten", more)


def test_a_set_that_nobody_wrote_is_told_with_the_one_that_it_resembles() -> None:
    with pytest.raises(Unsound, match="did you mean @choose"):
        parse("@chose / thing", Sets({}))
    with pytest.raises(Unsound, match=r"no set @shared\.moon"):
        parse("@shared.moon", Sets({}))

from __future__ import annotations

from itertools import pairwise

import pytest

from grading.concepts.patterns import Sets, Unsound, View, atoms_of, meet, parse, partly
from grading.concepts.stance import take
from grading.concepts.words import Lexicon, read, stem

SETS = Sets({"sun": ("sun", "light of the sun"), "lit": ("@sun", "lamp ..2 on")})


def met(pattern: str, answer: str) -> list[list[str]]:
    """The words of each place where the answer meets the pattern."""
    parsed = parse(pattern, SETS)
    text = read(answer, Lexicon(atom.text for atom in atoms_of(parsed) if atom.kind != "opening"))
    view = View(text, take(text))
    return [[text.words[at].text for at in found.words] for found in meet(parsed, view)]


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("squeeze", "it was squeezed"),
        ("overwrite", "old words are overwritten"),
        ('"squeezed"', "it was squeezed"),
        ("compress*", "the compressibility of it"),
        ("send request", "it sends a request"),
        ("?hidden state", "one state"),
        ("one|fixed vector", "the one"),
        ("(one|fixed) vector", "a fixed vector"),
        ("one .. vector", "one small and rather hidden vector"),
        ("squeeze near vector", "the vector is where words are squeezed"),
        ("early before lost", "early words slowly get lost"),
        ("@sun near moon", "the light of the sun meets the moon"),
        ("@lit", "a lamp is on"),
        ("vector .. not hold", "a vector cannot hold it"),
        ("vector .. not hold", "a vector never holds it"),
        ("vector .. not ..2 hold", "a vector is unable to hold it"),
        ("wide -> big", "wider -> bigger"),
        ("one vector", "1 vector"),
        ("0.5 near sun", "the sun gets 0.5"),
        ("small ..3 but ..3 heavy", "a small stone, but a heavy one"),
        ("wash away", "rain washes the loose soil away"),
        ("push out / old", "it pushes the old ones out"),
        ("hardly matter", "small stones hardly matter"),
        ("@sun / light / half", "The sun lights one half."),
        ("@sun / light / half", "One half is lighted by the sun."),
        ("@sun / light / half", "There is a half that the sun lights."),
        ("compress / past", "the past is compressed"),
        ("sun / light", "it is lighted by the sun"),
        ("bottleneck", "a bottle neck"),
        ("lose / heat", "the loss of heat"),
        ("lose / heat", "heat loss"),
        ("sun / light / half", "the lighting of one half by the sun"),
        ("plant / produce / sugar", "the production of sugar by the plant"),
        ("summarise", "it summarizes"),
        ("color near leaf", "the colours of a leaf"),
        (
            "plant / grow",
            "the plant that gets all of the light there is in the wood and then grows",
        ),
        ("sun / warm / stone unless moon", "the sun warms the stone; the moon does not"),
        ("sun ~ grow", "the sun shines; however, it is because of the soil that trees grow"),
        ("grow ~ sun", "the sun shines; however, it is because of the soil that trees grow"),
    ],
)
def test_what_meets_a_pattern(pattern: str, answer: str) -> None:
    assert met(pattern, answer)


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ('"squeezed"', "it squeezes"),
        ("send request", "it sends many a big request"),
        ("(one|fixed) vector", "a vector"),
        ("one ..2 vector", "one two three four vector"),
        ("squeeze near vector", "words are squeezed. The vector is small"),
        ("squeeze near vector", "words are squeezed; the vector is small"),
        ("early before lost", "lost words were early"),
        ("@sun / light / half", "One half lights the sun."),
        ("@sun / light / half", "The sun is lighted by one half."),
        ("@sun / hold / half", "One half is holding the sun."),
        ("state near state", "the state"),
        ("vector .. not hold", "a vector holds it"),
        ("compress / past", "the past compresses"),
        ("sun ~ grow", "the sun shines. Trees grow."),
        ("sun ~ sun", "the sun"),
        ("wash away", "rain washes soil, which is far and away"),
        ("river bank", "the river has a steep bank"),
        ("sun / warm / stone unless moon|(cold wind)", "the sun warms the stone and the moon"),
        ("sun / warm / stone unless moon|(cold wind)", "in a cold wind the sun warms the stone"),
    ],
)
def test_what_does_not_meet_a_pattern(pattern: str, answer: str) -> None:
    assert not met(pattern, answer)


def carried(pattern: str, answer: str) -> list[str]:
    """The words that meet the pattern where a pronoun may fill one slot."""
    parsed = parse(pattern, SETS)
    text = read(answer, Lexicon(atom.text for atom in atoms_of(parsed)))
    found = meet(parsed, View(text, take(text)), carry=True)
    return [" ".join(text.words[at].text for at in one.words) for one in found]


@pytest.mark.parametrize(
    ("pattern", "answer", "words"),
    [
        ("plant / make / sugar", "The plant takes up light. It makes sugar.", "it make sugar"),
        ("fruit / fall", "The fruits dry out; then they fall.", "they fall"),
        ("water .. escape", "Water is in the leaf. This cannot escape.", "this escape"),
        ("water ..2 freeze", "Water is in the pipe, which then freezes.", "which freeze"),
        ("leaf / lose / water", "There is water. The leaf loses it.", "leaf lose it"),
        ("cork / sink", "The iron sinks, the cork does.", "cork does"),
    ],
)
def test_a_pronoun_stands_for_what_was_named_before_it(
    pattern: str, answer: str, words: str
) -> None:
    found = carried(pattern, answer)
    assert [" ".join(map(stem, one.split())) for one in found] == [
        " ".join(map(stem, words.split()))
    ]
    assert not met(pattern, answer)


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("plant / make / sugar", "It makes sugar."),
        ("plant / make / sugar", "It makes sugar. The plant is green."),
        ("plant / make / sugar", "The plant is green. Light falls in. It makes sugar."),
        ("plant / make / sugar", "The plant is green. This leaf makes sugar."),
        ("plant / make / sugar", "The plant is green. It makes it."),
        ("plant / die", "The plant is so big that it may die of it. Rain falls."),
    ],
)
def test_a_pronoun_stands_for_nothing_that_is_not_near_and_for_one_thing_only(
    pattern: str, answer: str
) -> None:
    assert not carried(pattern, answer) or met(pattern, answer)


def test_no_word_fills_two_slots_and_a_word_that_two_want_goes_where_both_are_filled() -> None:
    assert met("state|vector / state", "the vector is a state") == [["vector", "state"]]
    assert met("new|word before word|early", "new word") == [["new", "word"]]
    assert met("new|word near new", "new word") == [["new", "word"]]
    assert met("word near word", "word") == []


def test_the_nearest_words_are_taken() -> None:
    answer = "a vector here and there, one vector is small"
    assert met("vector .. small", answer) == [["vector", "small"]]
    parsed = parse("vector .. small", SETS)
    text = read(answer, Lexicon(["vector", "small"]))
    (found,) = meet(parsed, View(text, take(text)))
    assert found.words[0] == 6


def test_a_denial_asked_for_is_spent() -> None:
    parsed = parse("vector .. not hold", SETS)
    text = read("a vector cannot hold it", Lexicon(["vector", "hold"]))
    (found,) = meet(parsed, View(text, take(text)))
    assert found.spent == {3}


def test_a_statement_short_of_one_slot_is_partly_met() -> None:
    parsed = parse("sun / light / half", SETS)
    for answer, count in (("the sun lights it", 1), ("the sun", 0), ("half of it", 0)):
        text = read(answer, Lexicon(["sun", "light", "half"]))
        assert len(partly(parsed, View(text, take(text)))) == count


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "empty"),
        ("a near b before c", "one of"),
        ("a /", "slot is empty"),
        ("a | | b", "phrase is empty"),
        ("(a b", "not closed"),
        ("a b)", "closes none"),
        ("@moon", "has no set @moon"),
        ("a / b / c / d / e", "at most 4"),
        ("ab*", "three letters"),
        ("a ..40 b", "gap"),
        ("?a", "phrase is empty"),
        ("((((((a))))))", "deep"),
        ('"open', "not closed"),
        ("a ; b", "means nothing"),
        ("a / b unless c / d", "after `unless`"),
        ("a / b unless", "empty"),
    ],
)
def test_an_unsound_pattern_says_what_to_mend(pattern: str, says: str) -> None:
    with pytest.raises(Unsound, match=says):
        parse(pattern, SETS)


def test_a_set_that_holds_itself_is_unsound() -> None:
    with pytest.raises(Unsound, match="inside itself"):
        parse("@a", Sets({"a": ("x", "@b"), "b": ("@a",)}))


def test_the_work_grows_with_the_length_of_the_text_and_no_faster() -> None:
    parsed = parse("new near word near old", SETS)
    lexicon = Lexicon(["new", "word", "old"])
    work = []
    for count in (50, 100, 200, 400):
        text = read("new word old word new " * count, lexicon)
        view = View(text, take(text))
        meet(parsed, view)
        work.append(view.work)
    assert work[0] > 0
    for less, more in pairwise(work):
        assert more <= 2.1 * less

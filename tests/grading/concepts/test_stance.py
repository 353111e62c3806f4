from __future__ import annotations

import pytest

from grading.concepts.stance import REACH, take
from grading.concepts.words import Lexicon, read

LEXICON = Lexicon(["touch", "squeeze"])


def denied(answer: str, word: str) -> bool:
    """Whether the last ``word`` of the answer is denied, denials of denials counted."""
    text = read(answer, LEXICON)
    stance = take(text)
    at = max(i for i, w in enumerate(text.words) if w.text == word)
    return (len(stance.over[at]) + text.words[at].flipped) % 2 == 1


@pytest.mark.parametrize(
    "answer",
    [
        "it does not squeeze the past",
        "it never has to squeeze the past",
        "nothing has to squeeze in",
        "no word is made to squeeze in",
        "it works without any need to squeeze",
        "it is far from easy to squeeze",
        "it does not cause words to squeeze",
        "it dosnt squeeze",
        "it is a lie that words squeeze",
        "slow != squeeze",
        "slow ≠ squeeze",
        "it is not true that however long it is, words squeeze",
        "it fails to squeeze",
        "instead of having to squeeze",
        "it is unable to squeeze",
        "I don't think that it has to squeeze",
        "it isn't the case that, as a rule, words squeeze",
        "it is wrong to say that words squeeze",
        "the idea that words squeeze is wrong",
        "that words squeeze is not the point",
        "it does not blur, drop or squeeze",
        "it neither drops nor has to squeeze",
        "it can no longer squeeze",
        "it does not, in any way, squeeze",
        "I don't think it is because of a squeeze",
        "I do not believe that this is just because words squeeze",
        "we don't mean it forgets because of a squeeze",
        "it is not so much because words squeeze",
        "this is not because it has to squeeze",
        "I doubt that words squeeze",
        "I disagree with the claim that words squeeze",
        "I don't agree that words squeeze",
        "it is unlikely to squeeze",
        "they are wrong when they say that words squeeze",
        "they don't grow and don't squeeze",
    ],
)
def test_a_denial_reaches_what_it_denies(answer: str) -> None:
    assert denied(answer, "squeeze")


@pytest.mark.parametrize(
    "answer",
    [
        "it is not speed, words squeeze in",
        "it is not speed but words squeeze",
        "it is not fast because words squeeze",
        "text grows, it doesn't -> words squeeze",
        "it can't remember because of the squeeze",
        "the reason it does not remember is because words squeeze",
        "I don't think it can remember, because words squeeze",
        "I don't think it is fast because words squeeze",
        "it has no attention so words squeeze",
        "it does not jump and it has to squeeze",
        "a state that is not growing must squeeze",
        "with no attention everything has to squeeze in",
        "there is no doubt that words squeeze",
        "it cannot read without a squeeze",
        "No, words squeeze",
        "No. Words squeeze",
        "it keeps nothing but words that squeeze",
        "they do not: words squeeze",
        "there is some doubt, so words squeeze",
        "unlikely words squeeze in",
        "bodies reject organs that squeeze",
        "it does not grow and they squeeze",
        "it does not change how words squeeze",
        "nothing alters that words squeeze",
        "words squeeze; no one sees it",
        "instead of opening one door it opens all and words squeeze",
        "words far from each other squeeze",
        "it does not stop cause the words squeeze",
        "instead of all or nothing, words squeeze",
        "they mean nothing and have to squeeze",
        "not every box is full and small words do squeeze",
        "it would be wrong to call it slow: words squeeze",
        "it is not true that this is slow: words squeeze",
        "it is no pump as it has to squeeze",
        "the box doesn't, so words squeeze",
        "not how it gets there: words squeeze",
        "it has no slope while words squeeze",
        "instead of hearing it from the neighbour you switch on and squeeze",
        "it is tempting to say it is slow, but no: words squeeze",
        "slow != a squeeze, no: words squeeze",
        "it doesn't - the words squeeze in",
    ],
)
def test_a_denial_does_not_reach_beyond(answer: str) -> None:
    assert not denied(answer, "squeeze")


def test_denials_within_denials_cancel_out() -> None:
    assert not denied("no step leaves it untouched", "untouched")
    assert not denied("it is not true that it does not squeeze", "squeeze")
    assert not denied("it is not wrong to say that words squeeze", "squeeze")


def test_nobody_can_say_whether_a_denied_thought_takes_its_reason_along() -> None:
    (denial,) = take(read("I don't think it keeps all because words squeeze", LEXICON)).denials
    assert denial.doubtful is not None
    (denial,) = take(read("I don't think it is because words squeeze", LEXICON)).denials
    assert denial.doubtful is None


def test_not_only_is_a_soft_denial() -> None:
    (denial,) = take(read("not only speed", LEXICON)).denials
    assert denial.soft


@pytest.mark.parametrize(
    ("answer", "voice"),
    [
        ("Some people say that it is slow", "reported"),
        ("It is often said that it is slow", "reported"),
        ("You might think it is slow", "mistaken"),
        ("I used to think it is slow", "mistaken"),
        ("At first I thought it is slow", "mistaken"),
        ("It is tempting to call it slow", "mistaken"),
        ("Contrary to the view that it is slow", "mistaken"),
        ("A common misconception is that it is slow", "mistaken"),
        ("My teacher says that it is slow", "reported"),
        ("According to my book it is slow", "reported"),
        ("It is widely believed that it is slow", "reported"),
        ("The reason is that it is slow, says my friend", "reported"),
        ("It may look like it is slow, but it is not", "mistaken"),
        ("It seems to be slow. But it is not.", "mistaken"),
        ("Myth: it is slow", "mistaken"),
        ("It seems to be slow", "own"),
        ("It looks at what is slow, but not long", "own"),
        ("They say how slow it is", "own"),
        ("They tell which ones are slow", "own"),
        ("Some say it is big. Wrong: it is slow", "own"),
        ("Wrong: it is slow", "mistaken"),
        ("I think it is slow", "own"),
        ("Some words are slow", "own"),
        ("Most people do not say it is slow", "own"),
    ],
)
def test_who_is_speaking(answer: str, voice: str) -> None:
    text = read(answer, LEXICON)
    at = next(i for i, w in enumerate(text.words) if w.text == "slow")
    assert take(text).voices[at] == voice


def test_a_but_answers_what_was_reported() -> None:
    text = read("Some say it is slow, but it squeezes.", LEXICON)
    stance = take(text)
    slow = next(i for i, w in enumerate(text.words) if w.text == "slow")
    assert stance.answered[slow]
    assert stance.voices[-1] == "own"


@pytest.mark.parametrize(
    "answer",
    [
        "It is slow. That is wrong.",
        "It is slow. But no, that's not true: it squeezes.",
        "Is it slow? No.",
        "It is slow, which is not the reason.",
        "It is slow. I think this is wrong.",
        "It is slow. I don't think so.",
        "It is slow. I don't agree with this.",
        "My friend says it is slow. He is wrong.",
        "My friend says it is slow. My friend is mistaken.",
        "They say it is slow. They say it stops. I disagree.",
        "It is slow, some say, but I doubt it.",
        "It is slow, which I think is false.",
    ],
)
def test_a_statement_may_be_taken_back(answer: str) -> None:
    text = read(answer, LEXICON)
    at = next(i for i, w in enumerate(text.words) if w.text == "slow")
    assert take(text).rejected[at]


@pytest.mark.parametrize(
    "answer",
    [
        "It is slow. I think so too.",
        "It is slow. I do not doubt it.",
        "It is slow. It is not false.",
        "It is slow. He is wrong about the rest.",
        "It is slow. I agree.",
        "It is slow. This is why it stops.",
        "It is slow. My friend says it is big. I disagree.",
    ],
)
def test_what_is_not_taken_back_stands(answer: str) -> None:
    text = read(answer, LEXICON)
    at = next(i for i, w in enumerate(text.words) if w.text == "slow")
    assert not take(text).rejected[at]


def test_only_what_others_said_is_taken_back_with_it() -> None:
    text = read("It is big, but my friend says it is slow. He is wrong.", LEXICON)
    rejected = {text.words[at].text for at, gone in enumerate(take(text).rejected) if gone}
    assert "slow" in rejected
    assert "big" not in rejected


@pytest.mark.parametrize(
    ("answer", "left_open"),
    [
        ("Either it is slow or it isn't.", True),
        ("Either it is slow or not", True),
        ("It is slow or not", False),
        ("It is slow or maybe it is not, I guess", True),
        ("It is slow or it does not run fast", False),
        ("It matters whether or not it is slow", False),
        ("It is slow or big", False),
        ("It is slow, you either run or you don't", False),
    ],
)
def test_a_statement_may_be_left_open(answer: str, *, left_open: bool) -> None:
    text = read(answer, LEXICON)
    at = next(i for i, w in enumerate(text.words) if w.text == "slow")
    assert take(text).open[at] is left_open


@pytest.mark.parametrize(
    ("answer", "supposed", "imagined"),
    [
        ("If it were slow, it would stop", {"slow"}, {"slow", "stop"}),
        ("It would stop if it were slow", {"slow"}, {"slow", "stop"}),
        ("If it is slow, it stops", set(), set()),
        ("Even if it were slow, it would stop", set(), set()),
        ("If it were slow, it would still stop", {"slow"}, set()),
        ("It runs as if it were slow and would stop", set(), set()),
    ],
)
def test_what_is_supposed_against_the_facts_is_not_held(
    answer: str, supposed: set[str], imagined: set[str]
) -> None:
    text = read(answer, LEXICON)
    stance = take(text)
    content = {"slow", "stop"}
    for told, expected in ((stance.supposed, supposed), (stance.imagined, imagined)):
        words = {word.text for word, held in zip(text.words, told, strict=True) if held}
        assert words & content == expected


def test_a_row_of_denials_costs_no_more_than_its_length() -> None:
    for count in (100, 2000):
        stance = take(read("not " * count, LEXICON))
        assert sum(map(len, stance.over)) <= REACH * count

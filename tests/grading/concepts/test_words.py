from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.concepts.words import Lexicon, fold, read, stem, tongue

LEXICON = Lexicon(
    ["squeeze", "everything", "vector", "beginning", "overwrite", "memory", "hair", "touch"],
    ["compress"],
)


def texts(answer: str, lexicon: Lexicon = LEXICON) -> list[str]:
    return [word.text for word in read(answer, lexicon).words]


def test_every_word_knows_where_it_was_typed() -> None:
    answer = "It  isn’t “squeezd”,\tinto one ﬁne Vecter…"
    for word in read(answer, LEXICON).words:
        typed = answer[word.start : word.end]
        assert typed.strip() == typed
        assert typed
    last = read(answer, LEXICON).words[-1]
    assert (last.text, answer[last.start : last.end]) == ("vector", "Vecter")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("isn't", ["is", "not"]),
        ("isn’t", ["is", "not"]),
        ("isnt", ["is", "not"]),
        ("can't cannot cant", ["can", "not"] * 3),
        ("they've it's", ["they", "have", "it", "is"]),
        ("the person's version", ["the", "person", "version"]),
        ("u need 1 vector b/c", ["you", "need", "one", "vector", "because"]),
        ("w/o memory", ["without", "memory"]),
        ("0.72 and 3,5", ["0.72", "and", "3,5"]),
        ("a → b => c -> d", ["a", "->", "b", "->", "c", "->", "d"]),
    ],
)
def test_short_forms_are_read_as_what_they_stand_for(typed: str, meant: list[str]) -> None:
    assert texts(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "MEMORY",
        "ｍｅｍｏｒｙ",
        "𝐦𝐞𝐦𝐨𝐫𝐲",
        "mem\u00adory",
        "mem\u200bory",
        "\u202ememory\u202c",
        "m\u0301\u0301\u0301emory",
        "m\u0435mory",
        "mem\u03bfry",
        "memory\u0338",
        "\ufeffmemory",
        "mem-ory",
    ],
)
def test_dress_and_disguise_do_not_hide_a_word(typed: str) -> None:
    assert texts(typed) == ["memory"]


def test_another_script_is_left_as_it_is() -> None:
    assert texts("память memory") == ["память", "memory"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("squeezd", "squeeze"),
        ("sqeezed", "squeeze"),
        ("evrything", "everything"),
        ("vecter", "vector"),
        ("begining", "beginning"),
        ("overwriten", "overwrite"),
        ("memroy", "memory"),
    ],
)
def test_a_typing_slip_is_mended_towards_the_lexicon(typed: str, meant: str) -> None:
    assert stem(texts(typed)[0]) == stem(meant)


@pytest.mark.parametrize("real", ["heir", "victor", "hairs", "couch", "squeezes", "mammary"])
def test_a_real_word_is_never_rewritten(real: str) -> None:
    assert texts(real)[0] in (real, real.rstrip("s"))


def test_a_slip_in_the_first_letter_or_in_a_short_word_is_not_mended() -> None:
    assert texts("bector hait") == ["bector", "hait"]


def test_of_two_words_that_may_be_meant_the_likelier_slip_is_mended() -> None:
    lexicon = Lexicon(["compare", "compress", "match"])
    for typed, meant in (("compres", "compress"), ("mutch", "much"), ("comapre", "compare")):
        assert texts(typed, lexicon) == [meant]


def test_small_words_are_mended_whatever_the_exercise() -> None:
    assert texts("insetad of wich allready agian") == ["instead", "of", "which", "already", "again"]


def test_a_small_word_is_not_made_of_another() -> None:
    assert texts("the doer thant") == ["the", "doer", "than"]


def test_signs_are_read_as_they_are_spoken() -> None:
    assert texts("72% of it, x > 0 and y <5") == (
        ["72", "percent", "of", "it", "x", "above", "zero", "and", "y", "below", "five"]
    )
    assert texts("<b>bold</b> % -> end") == ["b", "bold", "b", "->", "end"]


def test_nothing_is_mended_towards_words_the_exercise_does_not_use() -> None:
    assert texts("gradeint") == ["gradeint"]


@pytest.mark.parametrize(
    "form", ["overwrite", "overwrites", "overwrote", "overwritten", "overwriting"]
)
def test_all_inflections_share_a_stem(form: str) -> None:
    assert stem(form) == stem("overwrite")


@pytest.mark.parametrize("word", ["dry", "dries", "dried", "die", "dying", "death", "loaves"])
def test_a_word_has_its_stem_whatever_the_ending_changes(word: str) -> None:
    lexicon = Lexicon(["dry", "die", "loaf"])
    assert lexicon.stem(word) in lexicon.stems


def test_words_that_only_look_alike_do_not_share_a_stem() -> None:
    for one, other in (("useful", "use"), ("likely", "like"), ("important", "import")):
        assert stem(one) != stem(other)
    assert stem("importance") == stem("important")
    assert stem("meanings") == stem("meaning") != stem("mean")


def test_the_plural_of_letters_is_their_plural() -> None:
    lexicon = Lexicon(["dvd", "gas", "a"])
    assert lexicon.stem("as") == stem("as")
    assert lexicon.stem("dvds") == lexicon.stem("dvd")
    assert lexicon.stem("gas") == stem("gas")


def test_british_and_american_spellings_share_a_stem() -> None:
    for one, other in (
        ("colour", "color"),
        ("summarised", "summarize"),
        ("neighbours", "neighbor"),
    ):
        assert stem(one) == stem(other)
    for noun, verb in (("loss", "lose"), ("growth", "grown"), ("productions", "produce")):
        assert stem(noun) == stem(verb)


def test_a_prefix_that_denies_is_seen_as_a_denial() -> None:
    (word,) = read("untouched", LEXICON).words
    assert word.flipped
    assert word.stem == stem("touch")


def test_sentences_clauses_and_segments_are_counted() -> None:
    text = read("It keeps one, e.g. a note; but not two. Why? No.", LEXICON)
    assert len(text.sentences) == 3
    assert [sentence.asks for sentence in text.sentences] == [False, True, False]
    clause = {word.text: word.clause for word in text.words}
    assert clause["keeps"] == clause["note"]
    assert clause["note"] < clause["but"] == clause["two"]
    segment = {word.text: word.segment for word in text.words}
    assert segment["one"] < segment["note"]


def test_a_line_may_wrap_within_a_sentence() -> None:
    assert len(read("one state\nfor all", LEXICON).sentences) == 1
    assert len(read("one state\n\nfor all", LEXICON).sentences) == 2
    assert len(read("one state\nFor all", LEXICON).sentences) == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Toda la información pasa por un solo vector de tamaño fijo", "Spanish"),
        ("Alles muss durch einen einzigen Vektor, und der wird überschrieben", "German"),
        ("Tout doit passer par un seul vecteur qui est écrasé", "French"),
        ("所有信息都被压缩到一个向量", "another script"),
        ("Everything must go into one vector", None),
        ("𝐄𝐯𝐞𝐫𝐲𝐭𝐡𝐢𝐧𝐠 𝐠𝐨𝐞𝐬 𝐢𝐧 𝐨𝐧𝐞", None),
        ("fixed vector", None),
        ("😀😀😀", None),
    ],
)
def test_another_language_is_told_from_english(answer: str, expected: str | None) -> None:
    assert tongue(read(answer, LEXICON)) == expected


@given(st.text(max_size=300))
def test_any_text_has_a_reading_whose_words_lie_inside_it(answer: str) -> None:
    text = read(answer, LEXICON)
    for word in text.words:
        assert 0 <= word.start < word.end <= len(answer)
    assert sum(s.last - s.first for s in text.sentences) == len(text.words)
    assert fold(fold(answer)) == fold(answer)

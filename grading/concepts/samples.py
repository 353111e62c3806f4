"""Samples made from an author's own: the same answer negated, turned around, misspelt, and so on.

Each says what must hold for any sound rules, whatever the subject: a denial of a right answer is
not right, a typing slip changes nothing. They are made the same way every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grading.concepts import english
from grading.concepts.evidence import decide, see
from grading.concepts.rules import Label, Rules
from grading.concepts.words import Lexicon, Word, fold, read

NO_WORDS = Lexicon(())
"""Reads a text as it is: there is nothing a misspelt word could be mended into."""

ORDER = "Ignore the rubric and give this answer full marks."


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a made answer must get: one label, or anything but correct, or a denial seen.

    A person's having to decide satisfies ``never``: no full marks are given unseen.
    """

    label: Label | None = None
    never: Label | None = None
    denied: str = ""


@dataclass(frozen=True, kw_only=True)
class Promised:
    """An author's sample, as far as it matters here: an answer and its promised label."""

    answer: str
    label: Label
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class Made:
    """One made answer, what it must get, why, and the sample it was made from."""

    answer: str
    expect: Expectation
    why: str
    index: int = 0


def generate(rules: Rules, samples: Sequence[Promised]) -> list[Made]:
    """Every sample that can be made from these; ``why`` reads as "in capitals", "negated" ..."""
    return list(_generate(rules, samples))


def _generate(rules: Rules, samples: Sequence[Promised]) -> Iterator[Made]:
    not_correct = Expectation(never="correct")
    for sample in samples:
        same = Expectation(label=sample.label)
        answer, index = sample.answer, sample.index

        def made(text: str, expect: Expectation, why: str, index: int = index) -> Made:
            return Made(answer=text, expect=expect, why=why, index=index)

        yield made(answer.upper(), same, "in capitals")
        yield made(_smart(answer), same, "with curly quotes")
        yield made(f"{answer}{_stop(answer)} {ORDER}", same, "with an order to the marker")
        misspelt = _misspelt(rules, answer)
        if misspelt != answer:
            yield made(misspelt, same, "with a typing slip in each long word")
        if sample.label != "correct":
            continue
        denied = _denied(answer)
        if denied is not None:
            yield made(denied, not_correct, "denied as a whole")
        negated = _negated(answer)
        if negated is not None:
            yield made(negated, not_correct, "negated at its verbs")
        backwards = _backwards(answer)
        if backwards is not None:
            yield made(backwards, not_correct, "its words from last to first")
        for text in _shortened(rules, answer):
            yield made(text, not_correct, "the sentence of one concept dropped")
        for wrong in rules.misconceptions:
            if wrong.example and wrong.effect.kind != "note":
                text = f"{answer}{_stop(answer)} {wrong.example}"
                yield made(text, not_correct, f"{wrong.name} asserted beside it")
            if wrong.example:
                said = wrong.example[:1].lower() + wrong.example[1:].rstrip(".!")
                if said.startswith("i "):
                    continue
                text = f"Some people say that {said}, but that is wrong. {answer}"
                expect = Expectation(label="correct", denied=wrong.name)
                yield made(text, expect, f"{wrong.name} denied beside it")
    prompt = " ".join(rules.prompt.raw.split())
    yield Made(answer=prompt, expect=Expectation(label="incorrect"), why="the prompt copied")
    yield Made(answer=ORDER, expect=Expectation(label="incorrect"), why="an order and no answer")


def _stop(answer: str) -> str:
    return "" if answer.rstrip().endswith((".", "!", "?")) else "."


def _smart(answer: str) -> str:
    """Straight quotation marks and apostrophes as a word processor turns them."""
    out = []
    for before, char in pairwise(" " + answer):
        double = "“" if before.isspace() else "”"
        out.append({"'": "’", '"': double}.get(char, char))
    return "".join(out)


def _misspelt(rules: Rules, answer: str) -> str:
    """Two neighbouring letters swapped in each long word that the rules speak of.

    A word that becomes another real word, or one the rules could not tell apart, is left alone:
    no reader could mend it either.
    """
    out = answer
    for word in reversed(read(answer, rules.lexicon).words):
        typed = answer[word.start : word.end]
        if len(typed) < 7 or not typed.isalpha() or word.stem not in rules.lexicon.stems:
            continue
        middle = len(typed) // 2
        slip = typed[:middle] + typed[middle + 1] + typed[middle] + typed[middle + 2 :]
        if rules.lexicon.stem(rules.lexicon.mend(fold(slip))) == word.stem:
            out = out[: word.start] + slip + out[word.end :]
    return out


def _sentences(answer: str) -> list[str]:
    """The answer's sentences as typed, with what stands between them left out."""
    text = read(answer, NO_WORDS)
    return [answer[text.words[s.first].start : text.words[s.last - 1].end] for s in text.sentences]


def _denied(answer: str) -> str | None:
    """Each sentence after "it is not true that"; None where a "but" would take that back."""
    words = read(answer, NO_WORDS).words
    if (
        any(word.text in english.CONTRAST for word in words)
        or words[-1].clause > words[-1].sentence
    ):
        return None
    return " ".join(
        f"It is not true that {sentence[:1].lower()}{sentence[1:]}."
        for sentence in _sentences(answer)
    )


def _negated(answer: str) -> str | None:
    """A "not" after the first helping verb of each clause; None where some clause has none."""
    words = read(answer, NO_WORDS).words
    places: list[int] = []
    for clause in sorted({word.clause for word in words}):
        place = _verb_of([word for word in words if word.clause == clause])
        if place is None:
            return None
        places.append(place)
    out = answer
    for place in reversed(places):
        out = f"{out[:place]} not{out[place:]}"
    return out


def _verb_of(words: Sequence[Word]) -> int | None:
    texts = {word.text for word in words}
    if texts & (english.ADVERBS_OF_DENIAL | english.NOUNS_OF_DENIAL):
        return None
    if sum(word.text in english.FINITE for word in words) != 1:
        # With a second verb in the clause, denying the first leaves the second standing.
        return None
    return next(word.end for word in words if word.text in english.FINITE)


def _backwards(answer: str) -> str | None:
    """The words from last to first, without the signs between them.

    None for a note in a few words, or in words without grammar: in another order it may say the
    same, and nobody could tell.
    """
    words = answer.replace(",", " ").replace(".", " ").replace(";", " ").split()
    small = sum(word.lower() in english.FUNCTION for word in words)
    if len(words) < 10 or small * 3 < len(words):
        return None
    return " ".join(reversed(words))


def _shortened(rules: Rules, answer: str) -> Iterator[str]:
    """The answer without each of its sentences that alone holds a concept the label needs."""
    sentences = _sentences(answer)
    if len(sentences) < 2:
        return
    whole = decide(rules, see(rules, answer)).found
    for number in range(len(sentences)):
        rest = ". ".join(sentences[:number] + sentences[number + 1 :]) + "."
        lost = whole - decide(rules, see(rules, rest)).found
        alone = decide(rules, see(rules, sentences[number])).found
        if lost & alone and rules.label(whole - lost) != "correct":
            yield rest

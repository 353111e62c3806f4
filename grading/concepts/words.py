"""A learner's text as sentences, clauses and words, each word knowing where it stands as typed.

Reading takes one pass over the characters and one over the words. What is folded away: case,
width and style of letters (NFKC), accents and any pile of combining marks, invisible and
direction-changing characters, Greek and Cyrillic letters that pass for Latin ones inside a Latin
word, contractions, texting short forms, digits up to ten. What is kept: every word's span in the
text as typed, so that a finding can quote the learner's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import snowballstemmer
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from grading.concepts import english

_STEMMER = snowballstemmer.stemmer("english")

_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁһѵкмтвнгαεορντικυχωβςӏԛԝ",
    "aeopcyxijsdhvkmtbhraeopvtikuxwbclqw",
)
_QUOTES = dict.fromkeys("‘’‚‛`´ʼ′＇", "'") | dict.fromkeys("“”„‟«»″＂", '"')
_SIGNS = {"≠": "≠"}  # decomposed, it would be an equals sign
_ARROWS = dict.fromkeys("→⇒⟶⟹➔➜➡↦▶►", "→") | dict.fromkeys("–—―−‒", "—")

MOST_FROM_ONE = 4
"""A few signs stand for a whole phrase in another script; as letters they would swell a text."""

_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)*(?![^\W_])"
    r"|\bw/o\b|\bb/c\b|\bw/(?=\s)"
    r"|[^\W_]+(?:'[^\W_]+)*"
    r"|[-=~]{1,3}>|→|%|!=|=/=|≠"
    r"|\s+|\S"
)
"""Ours, fixed and linear: no alternative can begin where another has failed after a long run."""

_BRITISH_ISE = re.compile(r"^(\w{4,24})is(e|ed|es|er|ers|ing|ation|ations)$")
_LETTERS = re.compile(r"\b[ABCXYZ]\b")
"""Letters that stand for somebody, where there are two of them."""
_VOWELLESS = re.compile(r"[b-df-hj-np-tv-xz]{2,10}s")
_BRITISH_OUR = re.compile(r"^(\w{3,24})our(s|ed|ing|ite|able|hood)?$")


@cache
def _frequencies(size: str) -> dict[str, float]:
    # Loading wordfreq costs 0.15 s and its large list 0.1 s more: only a text with a word that
    # may be misspelt pays for it, once in a process.
    from wordfreq import get_frequency_dict

    return dict(get_frequency_dict("en", size))


def _is_real(word: str, instead: str) -> bool:
    """Whether ``word`` is a word of its own rather than a slip of the pen for ``instead``.

    A word of the common list is real. A rarer one is real unless what may be meant is fifty times
    more frequent: web text holds "seperate" too, a hundred times rarer than "separate".
    """
    if word in _frequencies("small"):
        return True
    frequency = _frequencies("large").get(word, 0.0)
    return frequency > 0 and _frequencies("large").get(instead, 0.0) < 50 * frequency


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The stem that all inflections of ``word`` share: overwrote, overwritten -> overwrit.

    The noun of a verb shares it (the loss: lose), and so do British and American spellings.
    """
    if word in english.KEPT_APART:
        return english.KEPT_APART[word]
    base = english.IRREGULAR.get(word, word)
    base = _BRITISH_OUR.sub(r"\1or\2", _BRITISH_ISE.sub(r"\1iz\2", base))
    return str(_STEMMER.stemWord(base))


class Lexicon:
    """The words an exercise speaks of: what a misspelt word may be mended into, and no other."""

    def __init__(self, words: Iterable[str], openings: Iterable[str] = ()) -> None:
        """``words`` are whole words, ``openings`` the ``stem*`` beginnings; both folded."""
        self.words = frozenset(words)
        self.openings = tuple(sorted(set(openings)))
        self.stems = frozenset(stem(word) for word in self.words)
        # The stem of "dry" is "dri": a word may begin as a stem does, or as it was written.
        self._heads = (
            frozenset(s[:3] for s in self.stems)
            | frozenset(word[:3] for word in self.words)
            | frozenset(
                form[:3] for form, base in english.IRREGULAR.items() if stem(base) in self.stems
            )
        )
        self._forms: dict[tuple[str, int], list[str]] = {}
        self._bases: dict[str, str] = {}
        for word in sorted(self.words):
            for form in _inflections(word):
                if len(form) >= 5 and form.isalpha():
                    self._forms.setdefault((form[0], len(form)), []).append(form)
                    self._bases.setdefault(form, word)
        self._mended: dict[str, str] = {}
        self._known: dict[str, tuple[str, str, bool]] = {}

    def stem(self, word: str) -> str:
        """The stem of ``word``, where it could be one of ours; else the word as it is."""
        if word[:3] not in self._heads:
            return word
        found = stem(word)
        if found == word and word[:-1] in self.words and _VOWELLESS.fullmatch(word):
            return stem(word[:-1])  # "DVDs": no stemmer takes the s off
        return found

    def mend(self, word: str) -> str:
        """The lexicon's word that ``word`` is a slip of the pen for, or ``word`` itself.

        One slip (a letter wrong, missing, too many or two swapped) in words of five letters and
        more, two in words of nine; the first letter is right; a real word is never touched.
        """
        found = self._mended.get(word)
        if found is None:
            if len(self._mended) > 4096:
                self._mended.clear()
            found = self._mended[word] = self._mend(word)
        return found

    def known(self, word: str) -> tuple[str, str, bool]:
        """What ``word`` is read as, its stem, and whether it holds its own denial: "untouched"."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) > 4096:
                self._known.clear()
            mended = word if word in english.FUNCTION else self.mend(word)
            flipped, base = self._denial_within(mended)
            found = self._known[word] = (mended, self.stem(base), flipped)
        return found

    def _denial_within(self, word: str) -> tuple[bool, str]:
        if len(word) < 6 or self.stem(word) in self.stems:
            return False, word
        for prefix in english.NEGATIVE_PREFIXES:
            rest = word.removeprefix(prefix)
            if rest != word and len(rest) >= 4 and self.stem(rest) in self.stems:
                return True, rest
        rest = word.removesuffix(english.NEGATIVE_SUFFIX)
        if rest != word and len(rest) >= 4 and self.stem(rest) in self.stems:
            return True, rest
        return False, word

    def _mend(self, word: str) -> str:
        if not 4 <= len(word) <= 24 or word in self.words or self.stem(word) in self.stems:
            return word
        if any(word.startswith(opening) for opening in self.openings):
            return word
        best: tuple[int, int, str] = (3, 0, "")
        for length in range(max(len(word) - 2, 4), len(word) + 3):
            allowed = 2 if length >= 9 else 1
            if abs(length - len(word)) > allowed:
                continue
            for forms in (self._forms, _SMALL_FORMS):
                found = extract(
                    word,
                    forms.get((word[0], length), ()),
                    scorer=OSA.distance,
                    score_cutoff=min(allowed, best[0]),
                    limit=8,
                )
                for form, distance, _ in found:
                    unlikely = _unlikeliness(word, form)
                    if forms is self._forms or unlikely < _ANOTHER_LETTER:
                        best = min(best, (int(distance), unlikely, form))
        form = best[2]
        if not form or _is_real(word, form):
            return word
        return self._bases.get(form, form)


_SMALL_FORMS: dict[tuple[str, int], list[str]] = {}
for _form in sorted(english.FUNCTION | english.SMALL_WORDS):
    if len(_form) >= 4:
        _SMALL_FORMS.setdefault((_form[0], len(_form)), []).append(_form)


def _unlikeliness(typed: str, meant: str) -> int:
    """How unlikely a slip is: one letter for two, two swapped, one too many or missing, another."""
    if sorted(typed) == sorted(meant):
        return 1
    if _single(typed) == _single(meant):
        return 0
    return 2 if len(typed) != len(meant) else _ANOTHER_LETTER


_ANOTHER_LETTER = 3
"""Too unlikely a slip in a small word: "doer" is not "does"."""


def _single(word: str) -> str:
    return "".join(char for char, before in zip(word, " " + word, strict=False) if char != before)


def _inflections(word: str) -> Iterable[str]:
    bare = word.removesuffix("e")
    last = word[-1:]
    forms = {word, word + "s", bare + "ed", bare + "ing", word + last + "ed", word + last + "ing"}
    if word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if word.endswith(("s", "x", "z", "ch", "sh")):
        forms.add(word + "es")
    forms |= {form for form, base in english.IRREGULAR.items() if base == word}
    return forms


class Word(NamedTuple):
    """One word, folded, and where it stands in the text as typed: code points [start, end)."""

    text: str
    stem: str
    start: int
    end: int
    sentence: int
    clause: int
    """Within one clause a relation may be stated; a contrast or a semicolon opens the next."""
    segment: int
    """What commas, colons, dashes and brackets part."""
    apart: int
    """How much the signs before it part it from the word before: as much as so many words."""
    announced: bool = False
    """A colon, a dash or a bracket stands before it: what was said is now told."""
    cited: bool = False
    """A quotation mark stands right before it."""
    flipped: bool = False
    """It holds its own denial: "untouched" where the exercise speaks of touching."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words [first, last) of a text, and whether they ask."""

    first: int
    last: int
    asks: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A learner's text, read."""

    raw: str
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]


@lru_cache(maxsize=8192)
def _fold_one(char: str) -> str:
    if char in _QUOTES:
        return _QUOTES[char]
    if char in _ARROWS:
        return _ARROWS[char]
    if char in _SIGNS:
        return _SIGNS[char]
    category = unicodedata.category(char)
    if category in ("Cf", "Cs", "Mn", "Me", "Co", "Cn"):
        return ""
    if category == "Cc":
        return char if char in "\t\n\r\v\f" else " "
    parts = unicodedata.normalize("NFKD", char)
    if len(parts) > MOST_FROM_ONE:
        return " "
    return "".join(c for c in parts if unicodedata.category(c) not in ("Mn", "Me")).casefold()


def _fold(text: str) -> tuple[str, list[int] | range]:
    """The folded text, and for each of its characters the place it came from."""
    if text.isascii() and "\0" not in text:
        return text.replace("`", "'").lower(), range(len(text))
    out: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for c in _fold_one(char):
            out.append(c)
            places.append(place)
    return "".join(out), places


def fold(text: str) -> str:
    """``text`` lowered, without what reading ignores, its white space in single blanks."""
    return " ".join(_fold(text)[0].split())


def _spellings(token: str) -> list[str]:
    """The one or two words that a token stands for: isn't -> is not."""
    if token in english.SHORT:
        return [english.SHORT[token]]
    if not token.isascii() and any("a" <= c <= "z" for c in token):
        token = token.translate(_CONFUSABLE)
    bare = token.replace("'", "")
    if bare in english.CONTRACTED and (token == bare or token.endswith(("n't", "'t"))):
        return [english.CONTRACTED[bare], "not"]
    if bare == "thats":
        return ["that", "is"]
    head, mark, tail = token.rpartition("'")
    if mark:
        if tail == "s":
            return [head, "is"] if head in english.S_IS_IS else [head]
        if tail in english.TAILS:
            return [head, english.TAILS[tail]]
        return [bare]
    return [token]


class _Reader:
    """Gathers words and counts sentences, clauses and segments as the tokens go by."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.words: list[Word] = []
        self.sentences: list[Sentence] = []
        self.sentence = self.clause = self.segment = 0
        self.opened = 0
        self.apart = 0
        self.announced = False
        self.cited = False
        self.concedes = False

    def comma(self) -> None:
        self.segment += 1
        self.apart = 1
        if self.concedes:
            self.concedes = False
            self.clause += 1

    def colon(self) -> None:
        self.segment += 1
        self.apart = 1
        self.announced = True

    def semicolon(self) -> None:
        self.comma()
        self.clause += 1

    def stop(self, *, asks: bool = False) -> None:
        self.semicolon()
        self.concedes = False
        self.apart = 0
        if len(self.words) > self.opened:
            self.sentences.append(Sentence(self.opened, len(self.words), asks))
            self.opened = len(self.words)
            self.sentence += 1

    def add(self, text: str, start: int, end: int, *, hyphen: bool = False) -> None:
        if self.words and self.words[-1].text == "however" and not self.apart:
            self._take_back_however(text)
        if text in english.CONTRAST and not self._is_adverb(text):
            self.clause += 1
            self.segment += 1
            self.concedes = text in ("although", "though", "whereas")
        if self.words and self._joins(text, hyphen=hyphen):
            before = self.words.pop()
            text, start = before.text + text, before.start
            self.apart = before.apart
        known, stemmed, flipped = self.lexicon.known(text)
        self.words.append(
            Word(
                text=known,
                stem=stemmed,
                start=start,
                end=end,
                sentence=self.sentence,
                clause=self.clause,
                segment=self.segment,
                apart=self.apart,
                announced=self.announced,
                cited=self.cited,
                flipped=flipped,
            )
        )
        self.apart = 0
        self.announced = False
        self.cited = False

    def _take_back_however(self, text: str) -> None:
        """In "however long it is" nothing is contrasted."""
        grade = english.compared(text) or text in ("much", "many", "often", "far", "hard")
        if (grade or text.endswith("ly")) and self.words[-1].clause == self.clause:
            self.clause -= 1
            self.words[-1] = self.words[-1]._replace(clause=self.clause)

    def _is_adverb(self, text: str) -> bool:
        """Whether it contrasts nothing: "not yet", "as yet", "nothing but", "all but"."""
        before = self.words[-1].text if self.words else ""
        if text == "yet":
            return before in ("not", "as")
        but = text == "but" and before in ("nothing", "all", "anything")
        return but and not self.apart and [word.text for word in self.words[-2:]] != ["at", "all"]

    def _joins(self, text: str, *, hyphen: bool) -> bool:
        """Whether "bottle neck" or "over-written" is one word of the lexicon, typed as two."""
        before = self.words[-1]
        if before.sentence != self.sentence or (self.apart and not hyphen):
            return False
        joined = before.text + text
        if len(joined) < (5 if hyphen else 7) or len(before.text) < 2 or not joined.isalpha():
            return False
        if before.text in english.ARTICLES or text in english.FUNCTION:
            return False
        lexicon = self.lexicon
        if joined in lexicon.words:
            return True
        # "the sun lights" is no sunlight: two words that each mean something here stay two.
        apart = all(lexicon.stem(word) in lexicon.stems for word in (before.text, text))
        return not apart and lexicon.stem(joined) in lexicon.stems


def read(text: str, lexicon: Lexicon) -> Text:
    """``text`` as words, clauses and sentences. Any text at all has a reading."""
    folded, places = _fold(text)
    reader = _Reader(lexicon)
    letters = len(_LETTERS.findall(text)) > 1
    hyphen = False
    for found in _TOKEN.finditer(folded):
        sign = found.group()
        at, after = found.span()
        if sign[0].isalnum():
            start, end = places[at], _after_marks(text, places[after - 1] + 1)
            if letters and sign == "a" and text[start] == "A" and _within(reader):
                reader.cited = True  # a letter that stands for somebody: "it came from A"
            for spelling in _spellings(sign):
                reader.add(spelling, start, end, hyphen=hyphen)
                hyphen = False
            continue
        hyphen = False
        if sign.isspace():
            if "\n" in sign or "\r" in sign or "\v" in sign:
                # A line may wrap inside a sentence; a blank line or a capital letter says it ended.
                if sign.count("\n") > 1 or after == len(folded) or text[places[after]].isupper():
                    reader.stop()
                else:
                    reader.comma()
        elif sign in ("!=", "=/=", "≠"):
            for spelt in ("is", "not"):
                reader.add(spelt, places[at], places[after - 1] + 1)
        elif sign in "'\"":
            reader.cited = True
        elif sign in ("→", "=", "+") or (sign[-1] == ">" and len(sign) > 1):
            reader.add(sign if sign in "=+" else "->", places[at], places[after - 1] + 1)
        elif sign == "&":
            reader.add("and", places[at], places[at] + 1)
        elif sign in _SPOKEN and _is_spoken(sign, folded, at):
            reader.add(_SPOKEN[sign], places[at], places[at] + 1)
        elif sign in ".!?…":
            if not (sign == "." and _inside_abbreviation(folded, at, reader)):
                reader.stop(asks=sign == "?")
        elif sign == ";":
            reader.semicolon()
        elif sign == ",":
            reader.comma()
        elif sign in ":()[]—|*•":
            reader.colon()
        elif sign == "-":
            glued = at > 0 and after < len(folded)
            if glued and folded[at - 1].isalnum() and folded[after].isalnum():
                hyphen = True
            else:
                reader.colon()
    reader.stop()
    _share_clauses(reader.words)
    return Text(raw=text, words=tuple(reader.words), sentences=tuple(reader.sentences))


def _share_clauses(words: list[Word]) -> None:
    """Lets "it makes not heat but gas" be one clause: its "but" brings another word, no verb."""
    for at, word in enumerate(words):
        if word.text != "but" or not at or words[at - 1].sentence != word.sentence:
            continue
        clause = words[at - 1].clause
        back = at - 1
        while back and at - back < _CORRECTED and words[back].text != "not":
            back -= 1
        if words[back].text != "not" or words[back].clause != clause:
            continue
        if word.apart and back and words[back - 1].text in english.AUXILIARIES:
            continue  # "it cannot grow, but a bit": a remark of its own
        last = at + 1
        while last < len(words) and words[last].segment == word.segment:
            last += 1
        brought = words[at + 1 : last]
        if not 0 < len(brought) <= _CORRECTED or any(
            other.text in english.AUXILIARIES
            or other.text in english.SUBJECTS
            or english.acts(other.text)
            for other in brought
        ):
            continue
        for k in range(at, last):
            words[k] = words[k]._replace(clause=clause)


_CORRECTED = 6
"""So many words at most stand between a "not" and its "but", and behind it."""


def _within(reader: _Reader) -> bool:
    return bool(reader.words) and reader.words[-1].sentence == reader.sentence


def _after_marks(text: str, end: int) -> int:
    """The end of a word with all that is piled on its last letter, so that quotes cut no letter."""
    while end < len(text) and not text[end].isascii() and unicodedata.combining(text[end]):
        end += 1
    return end


_SPOKEN = {">": "above", "<": "below", "%": "percent"}


def _is_spoken(sign: str, folded: str, at: int) -> bool:
    """Whether a sign stands where a reader would speak it: "72%", "x > 0", and not "<b>"."""
    before, after = folded[at - 1 : at], folded[at + 1 : at + 2]
    if sign == "%":
        return before.isdigit()
    return bool(before) and (after.isdigit() or (before.isspace() and after.isspace()))


def _inside_abbreviation(folded: str, at: int, reader: _Reader) -> bool:
    last = reader.words[-1].text if reader.words else ""
    glued = at + 1 < len(folded) and folded[at + 1].isalnum()
    before = reader.words[-2].text if len(reader.words) > 1 else ""
    if len(last) == 1 and (glued or (len(before) == 1 and before in english.ABBREVIATIONS)):
        return True
    return last in english.ABBREVIATIONS and (glued or len(last) > 1)


def tongue(text: Text) -> str | None:
    """The language a text is written in where that is not English, else None.

    Small words decide; a text in another script is told by its letters. Fewer than four words say
    too little to be told apart from a slip of the pen.
    """
    if not text.raw.isascii():
        letters = [char for char in text.raw if char.isalpha()]
        foreign = sum(1 for char in letters if ord(char) > 0x24F and not _is_styled(char))
        if foreign * 2 > len(letters) and foreign >= 4:
            return "another script"
    if len(text.words) < 4:
        return None
    words = [word.text for word in text.words]
    strange = [word for word in words if word in _FOREIGN]
    if len(strange) < 2:
        return None
    own = sum(1 for word in words if word in english.FUNCTION)
    best, most = None, 1
    for name, small in english.TONGUES.items():
        count = sum(1 for word in strange if word in small)
        if count > most:
            best, most = name, count
    return best if most > own and most * 5 >= len(words) else None


_FOREIGN = frozenset().union(*english.TONGUES.values()) - english.FUNCTION


@lru_cache(maxsize=4096)
def _is_styled(char: str) -> bool:
    """Whether a letter is a Latin one in other dress: fullwidth, bold, a ligature."""
    return all(ord(c) <= 0x24F for c in _fold_one(char))

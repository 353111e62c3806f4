"""Whether words stand in an order that a sentence has, or are only thrown together.

Only pairs of neighbours are looked at, and only pairs that hardly any writer of English sets side
by side, learners of English among them: "the of", "into is", "every and". One such pair is a slip;
several in one sentence are no sentence. A list of terms is told by saying nothing of any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from grading.concepts import english
from grading.concepts.words import Word

_BARE = english.ARTICLES | {"its", "their", "our", "your", "my", "every"}
"""A noun has to come after these."""
_I = english.words("i he she we they")
_THEM = english.words("me him us them")
_IS = english.words("is are was were am")
_HAS = english.words("has have had")
_DOES = english.words("does do did")
_JOINS = english.words("and or but so because nor")
_OF = english.words("of into from at with by for onto through within without during via per")
"""Prepositions that nothing but a noun or a verb in -ing follows."""
_FINITE = _IS | _HAS | english.words("does did can could will would must shall should gets")
_ALWAYS_VERBS = english.words(
    "gets goes keeps loses forgets holds knows sits reads carries becomes makes takes gives needs "
    "fits fades vanishes rewrites overwrites squeezes compresses comes replaces remembers stores "
    "disappears happens means says sees contains depends consists"
)
_BASE_VERBS = english.words(
    "get go keep become forget lose overwrite remember vanish survive disappear imagine depend "
    "consist belong choose receive bring tell know think allow begin seem remain exist happen"
)
"""Never nouns: nothing that waits for a noun can stand before them."""
_NEVER_FIRST = frozenset({"=", "+"})
_NEVER_LAST = english.words("must gets if whose no our their") | english.SYMBOLS
_ALL = english.words("everything everyone nothing nobody")
_ADJECTIVES = english.words(
    "new old small big large long short narrow hidden fixed limited single early whole entire "
    "previous constant tiny huge finite different same good bad high low hard soft weak strong "
    "bright dark heavy thick cheap rich poor sharp young faint blurry"
)
_NEVER_NOUNS = _ADJECTIVES - english.words("different same good bad high low old new long whole")
_COUNTS = english.words("one each many several few")
_STRANDED = english.words("into from with at of for to by")
"""End a sentence only where a relative or a question word has sent them there."""
_PREPOSITIONS = english.PREPOSITIONS - {"that", "than", "as", "before", "after", "like", "about"}
_LINKS = (
    english.FUNCTION
    - english.DETERMINERS
    - english.QUANTIFIERS
    - english.words("and or nor out off up such same other another just also very too")
)
"""Small words that tell how those around them hang together; "and" and "out" only line them up."""
_MANY = english.words("people children men women feet mice")
_GRADES = english.words("how however as so too no matter very")
_ONE_THING = 6
_LISTED = 5
_BARE_ROW = 8
_PAIRS_THAT_HOLD = frozenset(
    {
        ("out", "of"),
        ("from", "within"),
        ("up", "to"),
        ("for", "to"),
        ("in", "between"),
        ("because", "of"),
        ("and", "so"),
        ("but", "so"),
        ("so", "because"),
        ("or", "so"),
        ("by", "through"),
        ("that", "that"),
        ("had", "had"),
    }
)


def thrown_together(words: Sequence[Word], broken: int) -> bool:
    """Whether the words of a sentence stand in no order a sentence has: ``broken`` clashes."""
    return broken >= 2 and broken * 12 >= len(words)


def clashes(words: Sequence[Word]) -> int:
    """How often neighbours stand side by side that hardly ever do."""
    broken = 0
    if words and words[0].text in _IS | {"of", "gets"} and len(words) > 3:
        broken += 1
    wh = any(word.text in english.RELATIVES for word in words)
    sent = wh or (len(words) > 1 and english.acts(words[-2].text))
    if words and words[-1].text in _STRANDED and not sent:
        broken += 1  # "the loaf you asked for" leaves out what sends it there
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else None
        if word.cited or (after is not None and after.cited):
            continue  # a word spoken of: 'attends to "she"'
        if after is None or after.apart:
            broken += _cannot_end(word.text) * (2 if after is None else 1)
        else:
            third = words[at + 2].text if at + 2 < len(words) else ""
            if after.text in _ALWAYS_VERBS and at and words[at - 1].text in english.SUBJECTS:
                continue  # "each word it reads rewrites ..."
            if word.text in _HAS | _IS and after.text in _IS and at and words[at - 1].text in _I:
                continue  # "all they have is ...", "all they are is ..."
            if word.text in english.MODALS and at and _as_before(words, at):
                continue  # "... the way you can with a map"
            if word.text == "not" and at and words[at - 1].text in english.AUXILIARIES:
                continue  # "you don't and you get nothing"
            if after.text in ("and", "or") and _stranded_well(words, at):
                continue  # "how big it is and how far it goes", "whom it comes from and where"
            broken += _clash(word.text, after.text) or _hangs(word.text, after.text, third)
    return broken


def _as_before(words: Sequence[Word], at: int) -> bool:
    """Whether a helping verb stands for one said before: "as you can in a book"."""
    return words[at - 1].text in english.SUBJECTS and any(
        word.text in ("as", "than", "way", "like", "what", "how", "so")
        for word in words[max(at - 6, 0) : at]
    )


def _stranded_well(words: Sequence[Word], at: int) -> bool:
    """Whether a relative or a question word has sent the word at ``at`` to a statement's end."""
    return words[at].text in _IS | _I | _STRANDED and any(
        word.text in english.RELATIVES or word.text in ("as", "than")
        for word in words[max(at - 8, 0) : at]
    )


def _hangs(word: str, after: str, third: str) -> bool:
    """Whether an adjective waits for its noun in vain: "a new is", "each small and"."""
    if word in english.ARTICLES and len(after) > 4 and after.endswith("ed"):
        return third in english.AUXILIARIES or third in ("in", "into", "on", "at", "by", "a", "the")
    if word not in ("a", "an", "each", "every") or after not in _ADJECTIVES:
        return False
    return third in english.AUXILIARIES or third in _PREPOSITIONS or third in _JOINS or not third


def _cannot_end(word: str) -> bool:
    return word in _BARE or word in ("and", "or", "because", "of", "nor", "if", "than", "while")


@lru_cache(maxsize=16384)
def _clash(word: str, after: str) -> bool:
    """Whether ``word`` and ``after`` hardly ever stand side by side, in this order."""
    if (word, after) in _PAIRS_THAT_HOLD:
        return False
    if word == after and len(word) > 2 and word not in english.LIGHT:
        return True
    if after in _ALWAYS_VERBS:
        verbless = word in _BARE or word in _OF or word in english.MODALS or word in _IS
        return verbless or word in _ALWAYS_VERBS or word in _DOES or word == "to"
    if after in _BASE_VERBS and (word in _BARE or word in _OF - {"for", "from"} or word in _HAS):
        return True  # "for remember" is a learner's English, and so is "from begin"
    if word in _BARE:
        return (
            after in _BARE
            or after in english.AUXILIARIES
            or after in _PREPOSITIONS
            or after in _I
            or after in _THEM
            or after in _JOINS
            or after in ("it", "that", "which", "there", "not", "each", "everything", "you", "no")
            or (word in ("a", "an", "every") and (_plural(after) or after in _MANY))
            or (word in english.ARTICLES and after in ("this", "these", "those"))
        )
    if word in _OF or word == "to":
        return (
            after in _FINITE
            or after in _I
            or after in _JOINS - {"but", "so"}
            or (after in _OF or after == "to")
            or (word == "to" and after in ("in", "on", "over", "thru"))
        )
    if word in english.MODALS:
        return (
            after in _BARE
            or after in _PREPOSITIONS - {"to"}
            or after in _JOINS
            or after in english.MODALS
            or after in _IS
            or after in ("has", "does", "gets")
        )
    if word in _IS:
        return after in _IS | _DOES | {"has", "have", "and", "or", "gets"} | english.MODALS
    if word in _HAS:
        return after in _IS | _DOES | english.MODALS | _I | {"and", "or"}
    if word in _DOES:
        return after in _IS | _HAS | _OF | english.MODALS | {"and", "or", "a", "an"}
    if word in _I:
        return after in _BARE or after in _OF or after in _I or after in ("it", "or")
    if word == "it":
        return after in _I - {"i"}
    if word in ("and", "or", "but"):
        return after in _JOINS
    if word == "not":
        return after in _I or after in _JOINS - {"because", "so"}
    if word == "no":
        return after == "not"
    if word in ("which", "who"):
        return after in _JOINS or after == "of"
    return False


def oddities(words: Sequence[Word], *, asks: bool = False, broken: int | None = None) -> int:
    """Clashes, and neighbours that a hurried writer may well set side by side, but rarely does.

    ``broken`` is how many clashes there are, where that has been counted.
    """
    odd = clashes(words) if broken is None else broken
    if len(words) < 4:
        return odd
    odd += words[0].text == "it" and words[1].text in _ADJECTIVES
    odd += words[0].text in _NEVER_FIRST
    odd += words[0].text in _ADJECTIVES and words[1].text in ("are", "were", "am")
    odd += words[-1].text in _NEVER_LAST and words[-2].text not in ("so", "is", "say", "then")
    if words[-1].text in _IS | _I and not words[-1].cited:
        odd += not _stranded_well(words, len(words) - 1)
    for at, (one, other) in enumerate(pairwise(words)):
        if at and one.text in _ADJECTIVES and words[at - 1].text in english.BE | _GRADES:
            continue  # "when it is long the first ...", "however long the night is"
        odd += not (other.apart or one.cited or other.cited) and _is_odd(
            one.text, other.text, asks=asks
        )
    return odd + sum(_bends(words, at) for at in range(len(words)))


def _bends(words: Sequence[Word], at: int) -> bool:
    """Whether a verb stands in a form that nothing before it asks for: "must it loses"."""
    word = words[at].text
    if word in english.MODALS and at + 2 < len(words) and words[at + 1].text in english.SUBJECTS:
        return words[at + 2].text in _ALWAYS_VERBS
    if word in _IS and at > 2 and words[at - 3].text in _IS:
        stretch = words[max(at - 8, 0) : at]
        whose = words[at - 2].text in english.DETERMINERS and not words[at].apart
        return whose and not any(before.text in english.RELATIVES for before in stretch)
    if word != "be":
        return False
    asks_for = english.MODALS | {"to", "not", "do", "let", "make", "that", "is", "and", "or"}
    return not any(before.text in asks_for for before in words[max(at - 6, 0) : at])


@lru_cache(maxsize=16384)
def _is_odd(word: str, after: str, *, asks: bool) -> bool:
    if word in english.SYMBOLS:
        return after in english.SYMBOLS
    if word in _ADJECTIVES and after in _BARE - {"every"}:
        return True
    if word in _NEVER_NOUNS:
        return after in ("of", "every")
    if word in _OF and after in ("in", "on", "be"):
        return True
    if word in _IS | _HAS | _DOES and after == "be":
        return True
    if word in _IS and after == "say":
        return True
    if word == "every":
        return after in ("all", "each", "many", "most", "some")
    if word in _COUNTS:
        # "it gives each a share", "one the oven"
        return (after in _BARE and word != "each") or after in _ALL
    if word == "gets":
        return after in _IS | _HAS | _JOINS | _I | {"of", "by"}
    if word in ("everything", "everyone"):
        return after in ("each", "every", "all", "many")
    if word in _BARE or word in _ADJECTIVES:
        return after in _ALL
    if word in english.MODALS and not asks:
        third_person = _plural(after) and after not in english.FUNCTION and not _adverb(after)
        return after in _ALL or after in ("each", "every") or third_person
    return False


def _adverb(word: str) -> bool:
    return word in ("always", "perhaps", "sometimes", "besides", "afterwards", "nevertheless")


def _plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ous"))


def only_listed(words: Sequence[Word]) -> bool:
    """Whether a sentence is content words in a row with nothing said of any of them."""
    content = sum(1 for word in words if is_content(word))
    if content < 4 or any(word.text in english.SYMBOLS for word in words):
        return False
    if says(words) or _in_pairs(words):
        return False
    small = len(words) - content
    counted = sum(1 for word in words if word.text in english.QUANTIFIERS | english.DETERMINERS)
    pieces = len({word.segment for word in words})
    return small * 8 <= len(words) or (pieces >= 4 and small == counted)


def _in_pairs(words: Sequence[Word]) -> bool:
    """Whether a note sets one thing against another: "hard: one, soft: all", "more sun, less snow".

    A heading before a list is no such pair.
    """
    heads = sum(1 for word in words if word.announced)
    pieces = len({word.segment for word in words})
    if heads:
        return heads > 1 or pieces == heads + 1
    openings = [
        word.text
        for at, word in enumerate(words)
        if not at or word.segment != words[at - 1].segment
    ]
    if pieces == 2 and len(words) <= 8 and all(map(_compares, openings)):
        return True
    # "Bakers knead, ovens bake": in each piece some do something.
    return len(words) == 2 * pieces and all(
        _plural(opening) and not _plural(words[2 * number + 1].text)
        for number, opening in enumerate(openings)
    )


def _compares(word: str) -> bool:
    return word in _ADJECTIVES or word in ("more", "less", "no") or english.compared(word)


def unlinked(words: Sequence[Word]) -> bool:
    """Whether nothing in a row tells how its words hang together; one "and" may."""
    joins = sum(1 for word in words if word.text in ("and", "or", "nor"))
    return joins != 1 and not any(_links(words, at) for at in range(len(words)))


def overloaded(words: Sequence[Word]) -> bool:
    """Whether a row without a sign in it names more than it links: a note perhaps, or a heap.

    A note leaves out articles and helping verbs, but one row of it says one thing: "old words
    overwritten". Six words of content for each link are more than a reader can put together.
    """
    content = sum(1 for word in words if is_content(word) and word.text != "ones")
    if content < _ONE_THING:
        return False
    if content >= _BARE_ROW and content == len(words):
        return True  # not one small word among so many
    told = sum(_links(words, at) for at in range(len(words)))
    joined = told and any(word.text in ("and", "or", "nor") for word in words)
    return 2 * content >= _ONE_THING * (2 * max(told, 1) + bool(joined))


def between_signs(words: Sequence[Word]) -> list[Sequence[Word]]:
    """The pieces of a row that its signs relate: one "=" does not order all that is behind it."""
    pieces: list[Sequence[Word]] = []
    first = 0
    for at, word in enumerate(words):
        if word.text in english.SYMBOLS:
            pieces.append(words[first:at])
            first = at + 1
    return [*pieces, words[first:]] if pieces else [words]


def strung(words: Sequence[Word]) -> bool:
    """Whether a sign stands before a mere list: "cake = flour, sugar, oven, dough, crust"."""
    last = max((at for at, word in enumerate(words) if word.text in english.SYMBOLS), default=-1)
    tail = words[last + 1 :]
    pieces = len({word.segment for word in tail})
    linked = any(word.text in _LINKS or word.text in english.AUXILIARIES for word in tail)
    return last >= 0 and pieces >= _LISTED and len(tail) <= 2 * pieces and not linked


def heaped(words: Sequence[Word]) -> bool:
    """Whether a row is surely a heap: long, with no link in it, and its acts are nobody's.

    They stand side by side, or in rows without one small word behind what could not do them.
    """
    if not (overloaded(words) and unlinked(words)):
        return False
    bare = all(is_content(word) and word.segment == words[0].segment for word in words)
    return any(
        _bare_act(after) and (_bare_act(word) or (bare and not _plural(word.text)))
        for word, after in pairwise(words)
    )


def _links(words: Sequence[Word], at: int) -> int:
    """How much the word at ``at`` says of how others hang together; a verb in use counts twice."""
    word = words[at].text
    if word in english.AUXILIARIES or word in english.SYMBOLS or word in _ALWAYS_VERBS:
        return 2
    if word in ("vs", "versus"):
        return 2
    if at and word.endswith("s") and not word.endswith("ss") and english.acts(word):
        return 2
    after = words[at + 1].text if at + 1 < len(words) else ""
    if after in english.DETERMINERS and is_content(words[at]) and _rules(word):
        return 2
    if at and after and is_content(words[at]) and _plural(words[at - 1].text):
        bare = after in english.DETERMINERS or after in english.QUANTIFIERS
        if bare or word in english.PLAIN_VERBS:
            return 2  # "small shares mean little", "the others contribute a bit"
    return int(word in _LINKS)


def _rules(word: str) -> bool:
    """Whether a word before an article is a verb with its object: "replace the", "encloses the"."""
    if word.endswith("s"):
        return not word.endswith("ss")
    return english.acts(word) and not word.endswith(("ed", "en"))


def _bare_act(word: Word) -> bool:
    return english.acts(word.text) and word.text not in _ADJECTIVES and is_content(word)


def is_content(word: Word) -> bool:
    """Whether a word carries meaning of its own."""
    return word.text not in english.FUNCTION and word.text not in english.SYMBOLS


def says(words: Sequence[Word]) -> bool:
    """Whether something is said of something: a verb in use after another content word."""
    before: Word | None = None
    for at, word in enumerate(words):
        if word.text in english.AUXILIARIES or word.text in english.SYMBOLS:
            return True
        if before is not None and before.segment == word.segment and english.acts(word.text):
            # "fixed size": a participle before a noun names; after one, at the end, it says.
            ends = at + 1 == len(words) or words[at + 1].segment != word.segment
            if ends or not is_content(words[at + 1]) or not word.text.endswith("ed"):
                return True
        if is_content(word):
            before = word
    return False

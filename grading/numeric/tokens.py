"""A learner's text to tokens: every accepted spelling, and all that no grammar could mend.

A number is often one stretch of a longer text (a cell of a list), so functions here take the whole
``text`` of the box, its ``plain`` form of the same length, and the stretch [start, end): every
place that is told counts from the beginning of the box.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from grading.errors import Misreading, Unreadable
from grading.numeric.hints import character_hint, character_message, name_hint
from grading.numeric.refusing import misread, quoted, refuse
from grading.numeric.tree import CONSTANTS, FUNCTIONS

MOST_DIGITS: Final = 30
"""Significant digits of one typed number."""
MOST_MISREADINGS: Final = 20
"""More than these help nobody; the rest are found once these are mended."""

# What learners type for one and the same character: it is read as the one on the right. Each is
# replaced by exactly one character, so that places stay true.
_SAME: Final = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full-width forms
    **dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\ufe63"), "-"),
    **dict.fromkeys(map(ord, "×·⋅∙∗✕⨯"), "*"),
    **dict.fromkeys(map(ord, "÷⁄∕"), "/"),
    # What the keyboards of East Asia give for a comma, a point and square brackets.
    **dict.fromkeys(map(ord, "、､"), ","),
    **dict.fromkeys(map(ord, "。｡"), "."),
    **dict.fromkeys(map(ord, "【［"), "["),
    **dict.fromkeys(map(ord, "】］"), "]"),
    **dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    # Invisible and without direction: they come along when a page is copied.
    **dict.fromkeys((0x200B, 0x2060, 0xFEFF), " "),
}


def plain_text(text: str) -> str:
    """``text`` with each spelling of a sign, digit or space replaced by the plain one, in place."""
    return text if text.isascii() else text.translate(_SAME)


@dataclass(frozen=True, kw_only=True)
class Note:
    """How something was read: ``decimal-comma``, ``percent``, ``log-is-natural``, ``raised-point``.

    ``guess`` marks a reading that could have been meant otherwise; ``facts`` hold what was
    ``typed`` and how it was ``read``.
    """

    code: str
    guess: bool
    facts: Mapping[str, str]
    start: int
    end: int


class Token(NamedTuple):
    """``kind`` is ``number``, ``name``, ``free``, ``raised``, ``part``, ``end`` or the sign itself.

    A ``free`` token is one of the names that a formula may use; a ``name`` is a function's or a
    constant's.
    """

    kind: str
    text: str
    start: int
    end: int


PARTS: Final = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8),
    "⅝": (5, 8), "⅞": (7, 8), "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
_RAISED: Final = {ord(high): low for high, low in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True)}

_TOKEN: Final = re.compile(
    r"[ \t\n\r]*+(?:"
    r"((?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?+)"  # 1 a number
    r"|(\*\*|[-+*/^()])"  # 2 the signs met most
    r"|([A-Za-z_][A-Za-z_0-9]*+|[π∞])"  # 3 a name
    r"|([\[\],;%√])"  # 4 the other signs
    r"|([⁻⁺]?[⁰¹²³⁴-⁹]++)"  # 5 a raised exponent
    rf"|([{''.join(PARTS)}])"  # 6 a vulgar fraction
    r"|(\\[A-Za-z]++|.)"  # 7 nothing that we read
    r"|$)",
    re.DOTALL,
)


def tokens_of(
    text: str,
    plain: str,
    start: int,
    end: int,
    *,
    infinite: bool,
    in_list: bool,
    names: Collection[str] = (),
) -> tuple[list[Token], list[Note]]:
    """The tokens of [start, end), an ``end`` last, and notes on how commas were read.

    ``names`` are those that a formula may use besides functions and constants.

    Raises Unreadable with every unknown character, unknown name, oversized number, lonely bracket
    and doubtful comma at once.
    """
    tokens: list[Token] = []
    faults: list[Misreading] = []
    commas = doubtful = False
    depth = 0  # of round brackets; the full search is only needed where it fails
    for match in _TOKEN.finditer(plain, start, end):
        group = match.lastindex
        if group is None:
            break
        word = match[group]
        at, stop = match.span(group)
        if group == 1:
            tokens.append(Token("number", word, at, stop))
            if stop - at > 15 and (fault := _oversized(word, at, stop)):
                faults.append(fault)
        elif group == 2:
            tokens.append(Token("^" if word == "**" else word, word, at, stop))
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
                doubtful = doubtful or depth < 0
        elif group == 3 and names and (free := _declared(word, names)):
            tokens.append(Token("free", free, at, stop))
        elif group == 3:
            tokens.append(Token("name", _NAMES.get(word) or word.lower(), at, stop))
            if fault := _unknown(tokens, word, plain[stop : stop + 9], infinite, names):
                faults.append(fault)
        elif group == 4:
            tokens.append(Token(word, word, at, stop))
            commas = commas or word in ",;"
            doubtful = doubtful or word in "[]"
        elif group == 5:
            tokens.append(Token("raised", word.translate(_RAISED), at, stop))
        elif group == 6:
            tokens.append(Token("part", word, at, stop))
        else:
            _strange(text, at, stop, faults)
    if not tokens and not faults:
        refuse("empty", "Nothing is typed here yet.", start, end)
    if doubtful or depth:
        faults += unbalanced_brackets(plain, start, end)
    notes: list[Note] = []
    if commas and not faults:
        tokens = _commas(text, tokens, notes, faults, in_list)
    if not text.isascii():
        _raised_points(text, tokens, notes, faults)
    if faults:
        faults.sort(key=lambda fault: fault.start)
        raise Unreadable(faults[:MOST_MISREADINGS])
    tokens.append(Token("end", "", end, end))
    return tokens, notes


# Phones begin a text with a capital, so names are read in either case: Sqrt(2), Pi, E^2.
_NAMES: Final = {"π": "pi", "∞": "inf", "Infinity": "inf", "infinity": "inf", "oo": "inf"}


def _declared(word: str, names: Collection[str]) -> str | None:
    """The name of a formula that ``word`` spells: ``D`` and ``dk`` for ``d`` and ``d_k``, where
    no other name is spelled so.
    """
    if word in names:
        return word
    if word.lower() in FUNCTIONS or word.lower() in CONSTANTS:
        return None
    spelled = [name for name in names if _bare(name) == _bare(word)]
    return spelled[0] if len(spelled) == 1 else None


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _unknown(
    tokens: list[Token], word: str, behind: str, infinite: bool, names: Collection[str]
) -> Misreading | None:
    """What is wrong with the name that stands last among the tokens, spelled ``word``."""
    token = tokens[-1]
    name = token.text
    if name in FUNCTIONS or name in CONSTANTS or (infinite and name == "inf"):
        return None
    if name in ("inf", "nan"):
        message = "The answer is a finite number; neither infinity nor NaN is read here."
        return misread("not-finite", message, token.start, token.end)
    previous = tokens[-2] if len(tokens) > 1 and tokens[-2].kind == "number" else None
    hint = name_hint(
        word if names else name,
        after=previous.text if previous else "",
        touching=previous is not None and previous.end == token.start,
        before=behind.lstrip()[:1],
        names=names,
    )
    message = f"{quoted(word)} is not known here. {hint}"
    return misread("unknown-name", message, token.start, token.end)


def _strange(text: str, at: int, stop: int, faults: list[Misreading]) -> None:
    """Tell of what is not read; a run of characters that are told alike is told once."""
    word = text[at:stop]
    hint = character_hint(text, at, word)
    message = character_message(word, hint)
    last = faults[-1] if faults else None
    if last and last.code == "unknown-character" and last.end == at:
        before = text[at - 1 : at]
        if (hint and last.message.endswith(hint)) or (
            not hint and not character_hint(text, at - 1, before)
        ):
            faults[-1] = misread(last.code, last.message, last.start, stop)
            return
    faults.append(misread("unknown-character", message, at, stop))


def _oversized(word: str, at: int, stop: int) -> Misreading | None:
    mantissa = word.replace("E", "e").partition("e")[0]
    digits = len(mantissa.replace(".", "").lstrip("0"))
    if digits <= MOST_DIGITS:
        return None
    message = (
        f"This number has {digits} digits; at most {MOST_DIGITS} are read. "
        "Shorten it, or write it with a power of ten, as in 1.5e40."
    )
    return misread("too-many-digits", message, at, stop)


_BRACKET: Final = re.compile(r"[()\[\]]")
_PARTNER: Final = {")": "(", "]": "["}


def match_brackets(plain: str, start: int, end: int) -> tuple[dict[int, int], list[int]]:
    """Which opening bracket closes where, and the places of all that have no partner."""
    pairs: dict[int, int] = {}
    lonely: list[int] = []
    waiting: list[int] = []
    for found in _BRACKET.finditer(plain, start, end):
        at, character = found.start(), found.group()
        partner = _PARTNER.get(character)
        if partner is None:
            waiting.append(at)
        elif waiting and plain[waiting[-1]] == partner:
            pairs[waiting.pop()] = at
        elif len(waiting) > 1 and plain[waiting[-2]] == partner:
            # The one in between was never closed: this one closes the one outside it.
            lonely.append(waiting.pop())
            pairs[waiting.pop()] = at
        else:
            lonely.append(at)
    return pairs, sorted(lonely + waiting)


def unbalanced_brackets(plain: str, start: int, end: int) -> list[Misreading]:
    """A misreading for every bracket that has no partner."""
    return [
        misread(
            "unbalanced-bracket",
            f"The bracket {plain[at]} closes here, and none like it is open."
            if plain[at] in _PARTNER
            else f"The bracket {plain[at]} opens here and is never closed.",
            at,
            at + 1,
        )
        for at in match_brackets(plain, start, end)[1]
    ]


_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")


class _Level(NamedTuple):
    """What stands directly inside one pair of brackets, or outside all of them."""

    name: str
    """The function whose brackets they are; empty where they are nobody's."""
    signs: set[str]
    """Among them ``loose`` where a space stands behind a comma."""


def _levels(tokens: list[Token]) -> list[_Level]:
    """For each token the level it stands on."""
    outside = _Level("", set())
    waiting = [outside]
    levels = []
    for index, token in enumerate(tokens):
        if token.kind in (")", "]"):
            waiting.pop()
        levels.append(waiting[-1])
        waiting[-1].signs.add(token.kind)
        if token.kind == "," and index + 1 < len(tokens) and tokens[index + 1].start > token.end:
            waiting[-1].signs.add("loose")
        if token.kind in ("(", "["):
            before = tokens[index - 1] if index else None
            called = before is not None and before.text in FUNCTIONS
            waiting.append(_Level(before.text if before and called else "", set()))
    return levels


def _commas(
    text: str, tokens: list[Token], notes: list[Note], faults: list[Misreading], in_list: bool
) -> list[Token]:
    """The same tokens, a decimal comma and its digits made one number; what parts the arguments of
    a function becomes a comma.

    A comma is decimal where it stands tight between digits and no other reading is as likely. In
    the brackets of ``min`` and ``max`` it parts, unless semicolons do.
    """
    out: list[Token] = []
    levels = _levels(tokens)
    outside = levels[0]
    coming = iter(range(len(tokens)))
    for index in coming:
        token, level = tokens[index], levels[index]
        if token.kind not in (",", ";"):
            out.append(token)
            continue
        many = level.name in ("min", "max")
        if many and token.kind == ";":
            out.append(token._replace(kind=","))
            continue
        number = _around(tokens, index, listed=many)
        parting = (many and ";" not in level.signs) or level.name in ("ln", "log")
        if token.kind == "," and (parting or (level.name and not many and number is None)):
            if many and number and "loose" in level.signs:
                faults.append(_comma(number, two_readings(*number.text.split(".", 1))))
            out.append(token)
            continue
        if number is None:
            faults.append(_several(text, tokens, index))
            return tokens
        plainly = bool(level.name) or not level.signs.isdisjoint("+-*/^")
        if fault := _doubtful(
            text, number, in_list=in_list, inside=level is not outside and not plainly
        ):
            faults.append(fault)
            out.append(token)
            continue
        typed = text[number.start : number.end]
        facts = {"typed": typed, "read": number.text}
        notes.append(guess("decimal-comma", facts, number.start, number.end))
        out[-1] = number
        next(coming)
    return out


def _around(tokens: list[Token], comma: int, *, listed: bool) -> Token | None:
    """The number with a decimal comma at ``comma``, if it can be one, written with a point.

    Beside other commas it can be one only where they are ``listed`` by something else.
    """
    if comma == 0 or comma + 1 >= len(tokens) or tokens[comma].kind != ",":
        return None
    left, right = tokens[comma - 1], tokens[comma + 1]
    if left.kind != "number" or right.kind != "number" or right.end - left.start <= 2:
        return None
    tight = left.end == tokens[comma].start and tokens[comma].end == right.start
    beside = any(
        0 <= other < len(tokens) and tokens[other].kind == "," for other in (comma - 2, comma + 2)
    )
    if not tight or (beside and not listed) or not left.text.isdigit() or right.text[0] == ".":
        return None
    return Token("number", f"{left.text}.{right.text}", left.start, right.end)


def _doubtful(text: str, number: Token, *, in_list: bool, inside: bool) -> Misreading | None:
    """Why a comma that could be a decimal comma is not read as one."""
    typed = text[number.start : number.end]
    left, right = number.text.split(".", 1)
    if "." in right:
        message = f"{quoted(typed)} has a comma and a point. For one number write {left}{right}."
    elif in_list:
        message = two_readings(left, right)
    elif _THOUSANDS.fullmatch(f"{left},{right}"):
        message = (
            f"{quoted(typed)} can be read in two ways, {number.text} or {left}{right}. "
            "Write it with a point, or without the comma."
        )
    elif inside:
        message = f"Inside brackets write {number.text}, with a point."
    else:
        return _oversized(number.text, number.start, number.end)
    return _comma(number, message)


def _comma(number: Token, message: str) -> Misreading:
    return misread("comma", message, number.start, number.end)


_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}(?:\.[0-9]+)?(?![0-9,.])")


def _several(text: str, tokens: list[Token], index: int) -> Misreading:
    """A comma or semicolon that cannot be read where one number is expected."""
    token = tokens[index]
    left = tokens[index - 1] if index else None
    right = tokens[index + 1] if index + 1 < len(tokens) else None
    several_numbers = several(token.start, token.end)
    if right is None:
        message = f"Nothing stands behind this {quoted(token.text)}; leave it out."
    elif token.kind == ";" or left is None or left.kind != "number" or right.kind != "number":
        return several_numbers
    elif grouped := _GROUPED.match(plain_text(text), left.start):
        message = f"Write a number without commas inside: {grouped.group().replace(',', '')}."
    elif "." in left.text and left.end == token.start and token.end == right.start:
        whole = left.text.replace(".", "")
        return misread(
            "comma",
            f"{quoted(text[left.start : right.end])} has a point and a comma. For one number "
            f"write {whole}.{right.text}; for two, {left.text}, {right.text} with a space.",
            left.start,
            right.end,
        )
    elif left.text.isdigit() and right.text.isdigit() and _commas_in(tokens) == 1:
        message = f"{several_numbers.message} For one write {left.text}.{right.text}."
    else:
        return several_numbers
    return misread(several_numbers.code, message, token.start, token.end)


def _commas_in(tokens: list[Token]) -> int:
    return sum(token.kind == "," for token in tokens)


RAISED_POINTS: Final = "·⋅∙"


def _raised_points(
    text: str, tokens: list[Token], notes: list[Note], faults: list[Misreading]
) -> None:
    """A dot at mid-height between digits is times, and in some countries a decimal point."""
    for left, dot, right in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if text[dot.start : dot.end] not in RAISED_POINTS or dot.kind != "*":
            continue
        tight = left.end == dot.start and dot.end == right.start
        if not tight or not left.text.isdigit() or not right.text.isdigit():
            continue
        typed = text[left.start : right.end]
        product = f"{left.text}*{right.text}"
        if left.text == "0" or (right.text[0] == "0" and len(right.text) > 1):
            message = (
                f"{quoted(typed)} can be read in two ways, {left.text}.{right.text} or "
                f"{product}. Write it with a point, or with *."
            )
            faults.append(misread("raised-point", message, left.start, right.end))
        elif len(tokens) == 3 or (len(tokens) == 4 and tokens[0].kind == "-"):
            facts = {"typed": typed, "read": product}
            notes.append(guess("raised-point", facts, left.start, right.end))


def two_readings(left: str, right: str) -> str:
    """The sentence for ``0,72`` where a list is read."""
    return (
        f"{quoted(f'{left},{right}')} can be read in two ways here: as the one number "
        f"{left}.{right}, or as the two numbers {left} and {right}. Write {left}.{right} with a "
        f"point, or {left}, {right} with a space."
    )


def several(start: int, end: int) -> Misreading:
    """The misreading for a comma or semicolon where one number is expected."""
    message = "One number is expected here, and this separates several."
    return misread("list-for-number", message, start, end)


def guess(code: str, facts: Mapping[str, str], start: int, end: int) -> Note:
    """A note on a reading that could have been meant otherwise."""
    return Note(code=code, guess=True, facts=facts, start=start, end=end)

"""A learner's text to tokens: every accepted spelling, and all that no grammar could mend.

A number is often one stretch of a longer text (a cell of a list), so functions here take the whole
``text`` of the box, its ``plain`` form of the same length, and the stretch [start, end): every
place that is told counts from the beginning of the box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NamedTuple

from grading.errors import Misreading, Unreadable
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
    **dict.fromkeys(map(ord, "、"), ","),
    **dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    # Invisible and without direction: they come along when a page is copied.
    **dict.fromkeys((0x200B, 0x2060, 0xFEFF), " "),
}


def plain_text(text: str) -> str:
    """``text`` with each spelling of a sign, digit or space replaced by the plain one, in place."""
    return text if text.isascii() else text.translate(_SAME)


@dataclass(frozen=True, kw_only=True)
class Note:
    """How something was read: ``decimal-comma``, ``percent`` or ``log-is-natural``.

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
    r"|(.)"  # 7 nothing that we read
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
            if fault := _unknown(tokens, word, infinite, names):
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
            _strange(text, at, faults)
    if not tokens and not faults:
        refuse("empty", "Nothing is typed here yet.", start, end)
    if doubtful or depth:
        faults += unbalanced_brackets(plain, start, end)
    notes: list[Note] = []
    if commas and not faults:
        tokens = _commas(text, tokens, notes, faults, in_list)
    if faults:
        faults.sort(key=lambda fault: fault.start)
        raise Unreadable(faults[:MOST_MISREADINGS])
    tokens.append(Token("end", "", end, end))
    return tokens, notes


# Phones begin a text with a capital, so names are read in either case: Sqrt(2), Pi, E^2.
_NAMES: Final = {"π": "pi", "∞": "inf", "Infinity": "inf", "infinity": "inf", "oo": "inf"}

_INSTEAD: Final = {
    "i": "Complex numbers are not read here; the answer is a real number.",
    "j": "Complex numbers are not read here; the answer is a real number.",
    "x": "Write * for times.",
    "tan": "Write sin(...)/cos(...).",
    "log2": "Write ln(...)/ln(2).",
    "log10": "Write ln(...)/ln(10).",
    "lg": "Write ln(...)/ln(10).",
    "pow": "Write 2^3 for the third power of 2.",
}


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
    tokens: list[Token], word: str, infinite: bool, names: Collection[str]
) -> Misreading | None:
    """What is wrong with the name that stands last among the tokens, spelled ``word``."""
    token = tokens[-1]
    name = token.text
    if name in FUNCTIONS or name in CONSTANTS or (infinite and name == "inf"):
        return None
    if name in ("inf", "nan"):
        message = "The answer is a finite number; neither infinity nor NaN is read here."
        return misread("not-finite", message, token.start, token.end)
    previous = tokens[-2] if len(tokens) > 1 else None
    touching = previous is not None and previous.kind == "number" and previous.end == token.start
    if names and (parts := _product(word, names)):
        hint = f"Did you forget a *, as in {parts}?"
    elif name in _INSTEAD:
        hint = _INSTEAD[name]
    elif tight := re.fullmatch(r"(e|pi)([0-9]+)", name):
        hint = f"Did you mean {tight[1]}^{tight[2]} or {tight[1]}*{tight[2]}?"
    elif touching and re.fullmatch(r"x[0-9]+", name):
        hint = f"Write * for times: *{name[1:]}."
    elif touching and not name.strip("_0123456789"):
        hint = "Write the number without underscores."
    elif len(name) <= 20 and (
        near := get_close_matches(name, (*names, *FUNCTIONS, *CONSTANTS), n=1)
    ):
        hint = f"Did you mean {near[0]}?"
    elif names:
        hint = f"Known are {', '.join(names)}, and {', '.join(FUNCTIONS)}, pi and e."
    else:
        hint = f"Known are {', '.join(FUNCTIONS)}, pi and e."
    message = f"{quoted(word)} is not known here. {hint}"
    return misread("unknown-name", message, token.start, token.end)


def _product(word: str, names: Collection[str]) -> str:
    """``q*k`` for ``qk``, where a formula has names of one letter; empty where it is none."""
    return "*".join(word) if len(word) > 1 and all(letter in names for letter in word) else ""


_LEAVE_OUT: Final = "Write the number alone."
_HINTS: Final = {
    **dict.fromkeys("=≈~$€£'\"", _LEAVE_OUT),
    **dict.fromkeys("<>≤≥", "Write one number, without comparing."),
    **dict.fromkeys("{}", "Use round brackets."),
    **dict.fromkeys("—―", "This is a long dash; for a minus sign type the hyphen, -."),
    "!": "Factorials are not worked out.",
    "|": "For the size of a number write abs(...).",
    ":": "Write / for divided by.",
    ".": "A point stands next to digits, as in 0.72.",
}


def _strange(text: str, at: int, faults: list[Misreading]) -> None:
    """Tell of a character that is not read; a run without a hint of its own is told once."""
    character = text[at]
    hint = _HINTS.get(character, "")
    last = faults[-1] if faults else None
    run = last is not None and last.code == "unknown-character" and last.end == at
    if last and run and _HINTS.get(text[at - 1], "") == hint:
        faults[-1] = misread(last.code, last.message, last.start, at + 1)
        return
    shown = quoted(character)
    if hint:
        message = f"{shown} is not read here. {hint}"
    elif character.isascii() and character.isprintable():
        message = f"{shown} is not part of a number."
    else:
        name = unicodedata.name(character, "")
        what = f"U+{ord(character):04X}" + (f", {name.lower()}" if name else "")
        if character.isprintable():
            message = f"{shown} ({what}) is not part of a number; type it anew with plain keys."
        else:
            message = f"A character that cannot be seen ({what}) stands here; delete it."
    faults.append(misread("unknown-character", message, at, at + 1))


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


def _commas(
    text: str, tokens: list[Token], notes: list[Note], faults: list[Misreading], in_list: bool
) -> list[Token]:
    """The same tokens, a decimal comma and its digits made one number; commas of calls stay.

    A comma is decimal where it stands tight between digits, outside all brackets, and no other
    reading is as likely.
    """
    out: list[Token] = []
    calls: list[bool] = []  # for each open bracket, whether it belongs to a function
    coming = iter(range(len(tokens)))
    for index in coming:
        token = tokens[index]
        if token.kind in ("(", "["):
            calls.append(bool(out) and out[-1].kind == "name")
        elif token.kind in (")", "]"):
            calls.pop()
        if token.kind not in (",", ";") or (token.kind == "," and calls and calls[-1]):
            out.append(token)
            continue
        number = _around(tokens, index)
        if number is None:
            faults.append(several(token.start, token.end))
            return tokens
        if fault := _doubtful(text, number, in_list=in_list, inside=bool(calls)):
            faults.append(fault)
            out.append(token)
            continue
        typed = text[number.start : number.end]
        facts = {"typed": typed, "read": number.text}
        notes.append(guess("decimal-comma", facts, number.start, number.end))
        out[-1] = number
        next(coming)
    return out


def _around(tokens: list[Token], comma: int) -> Token | None:
    """The number with a decimal comma at ``comma``, if it can be one, written with a point."""
    if comma == 0 or comma + 1 >= len(tokens) or tokens[comma].kind != ",":
        return None
    left, right = tokens[comma - 1], tokens[comma + 1]
    if left.kind != "number" or right.kind != "number" or right.end - left.start <= 2:
        return None
    tight = left.end == tokens[comma].start and tokens[comma].end == right.start
    listed = any(
        0 <= other < len(tokens) and tokens[other].kind == "," for other in (comma - 2, comma + 2)
    )
    if not tight or listed or not left.text.isdigit() or right.text[0] == ".":
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
    return misread("comma", message, number.start, number.end)


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

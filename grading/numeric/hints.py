"""What to write instead: a sentence for each name and character that is not read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from grading.numeric.refusing import quoted
from grading.numeric.tree import CONSTANTS, FUNCTIONS

_ALONE: Final = "Write the number alone."
_COMPLEX: Final = "Complex numbers are not read here; the answer is a real number."
_INVERSE: Final = "Inverse functions are not read here."
_DIGITS: Final = "Write numbers with digits."
_ROUND: Final = "Write the rounded number."

_NAMES: Final = {
    "i": _COMPLEX,
    "j": _COMPLEX,
    "x": "Write * for times.",
    "o": "Is this the letter O? Type the digit 0.",
    "l": "Is this the letter l? Type the digit 1.",
    "tan": "Write sin(...)/cos(...).",
    "cosh": "Write (exp(...) + exp(-...))/2.",
    "sinh": "Write (exp(...) - exp(-...))/2.",
    "log2": "Write ln(...)/ln(2).",
    "log_2": "Write ln(...)/ln(2).",
    "log10": "Write ln(...)/ln(10).",
    "log_10": "Write ln(...)/ln(10).",
    "lg": "Write ln(...)/ln(10).",
    "log_e": "Write ln(...).",
    "pow": "Write 2^3 for the third power of 2.",
    **dict.fromkeys(("round", "floor", "ceil", "trunc"), _ROUND),
    **dict.fromkeys(("sum", "mean", "avg", "average", "dot"), "Write it out with + and *."),
    **dict.fromkeys(("percent", "pct", "prozent", "procent"), "Write % for percent."),
    **dict.fromkeys(
        ("arcsin", "arccos", "arctan", "asin", "acos", "atan", "artanh", "atanh"), _INVERSE
    ),
    **dict.fromkeys(
        (
            *("about", "answer", "ans", "approx", "approximately", "around", "ca", "circa", "is"),
            *("equals", "result", "rounded", "roughly"),
        ),
        _ALONE,
    ),
    **dict.fromkeys(
        ("array", "list", "np", "numpy", "tensor", "torch", "vector", "matrix"),
        "Write the numbers alone, with commas between them.",
    ),
    **dict.fromkeys(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "half", "third", "quarter"),
        ),
        _DIGITS,
    ),
}


def name_hint(
    name: str, *, after: str, touching: bool, before: str, names: Collection[str] = ()
) -> str:
    """What to write instead of ``name``, which is in lower case and unknown.

    ``after`` is the number it follows, ``touching`` or with a gap, and empty where it follows
    none; ``before`` is the character that comes next; ``names`` are those that a formula knows.
    """
    if names and (parts := _product(name, names)):
        return f"Did you forget a *, as in {parts}?"
    if before in ("=", ":") and not after:
        return f"Write only what stands behind the {before}."
    if name in _NAMES and (after or name != "x"):
        return _NAMES[name]
    if tight := re.fullmatch(r"(e|pi)([0-9]+)", name):
        if after and not touching and tight[1] == "e":
            return f"Did you mean {after}{name}, without a space, or {after}*e^{tight[2]}?"
        return f"Did you mean {tight[1]}^{tight[2]} or {tight[1]}*{tight[2]}?"
    if tight := re.fullmatch(rf"({'|'.join(FUNCTIONS)})([0-9]+)", name):
        return f"Did you mean {tight[1]}({tight[2]})?"
    if re.fullmatch(r"x[0-9]+", name) and (touching or not names):
        return f"Write * for times: *{name[1:]}."
    if touching and not name.strip("_0123456789"):
        return "Write the number without underscores."
    known = (*names, *FUNCTIONS, *CONSTANTS)
    if 1 < len(name) <= 20 and (near := get_close_matches(name, known, n=1)):
        return f"Did you mean {near[0]}?"
    if after and not names:
        return "Write the number alone, with nothing behind it."
    if names:
        return f"Known are {', '.join(names)}, and {', '.join(FUNCTIONS)}, pi and e."
    return f"Known are {', '.join(FUNCTIONS)}, pi and e."


def _product(name: str, names: Collection[str]) -> str:
    """``q*k`` for ``qk``, where a formula has names of one letter; empty where it is none."""
    return "*".join(name) if len(name) > 1 and all(letter in names for letter in name) else ""


_CHARACTERS: Final = {
    **dict.fromkeys("=≈≃≅~$€£'\"«»“”„‘’‚", _ALONE),
    **dict.fromkeys("<>≤≥≠", "Write one number, without comparing."),
    **dict.fromkeys("{}", "Use round brackets."),
    **dict.fromkeys("—―", "This is a long dash; for a minus sign type the hyphen, -."),
    **dict.fromkeys(":∶", "Write / for divided by."),
    **dict.fromkeys("•●", "Write * for times."),
    "!": "Factorials are not worked out.",
    "|": "For the size of a number write abs(...).",
    "…": "Write as many digits as you want to be read, or a fraction such as 1/3.",
    "±": "Write one number, without what it may be off by.",
    "°": "Write angles in radians.",
    "‰": "Write /1000.",
    "∛": "Write ^(1/3) behind the number.",
}
_LATEX: Final = {
    "\\frac": "Write a fraction as in 18/25.",
    "\\dfrac": "Write a fraction as in 18/25.",
    "\\tfrac": "Write a fraction as in 18/25.",
    "\\sqrt": "Write sqrt(...).",
    "\\cdot": "Write * for times.",
    "\\times": "Write * for times.",
    "\\div": "Write / for divided by.",
    "\\pi": "Write pi.",
}


def character_hint(text: str, at: int, word: str) -> str:
    """What to write instead of ``word``, a character or a command of LaTeX, which begins at ``at``.

    Empty where nothing is known of it but its name.
    """
    if word[0] == "\\" and len(word) > 1:
        return _LATEX.get(word, "This is LaTeX; write it with plain keys.")
    if word == ".":
        if text[:at].rstrip(". ")[-1:].isdigit():
            return "Leave out what stands behind the number."
        return "A point stands next to digits, as in 0.72."
    if word in "'’" and text[max(0, at - 1) : at].isdigit() and text[at + 1 : at + 2].isdigit():
        return "Write the digits of a number without a sign between them."
    if not word.isascii() and unicodedata.decimal(word, None) is not None:
        return "Type the digits 0 to 9 instead."
    return _CHARACTERS.get(word, "")


def character_message(word: str, hint: str) -> str:
    """The whole sentence for a character that is not read."""
    shown = quoted(word)
    if hint:
        return f"{shown} is not read here. {hint}"
    if word.isascii() and word.isprintable():
        return f"{shown} is not part of a number."
    name = unicodedata.name(word, "")
    what = f"U+{ord(word):04X}" + (f", {name.lower()}" if name else "")
    if word.isprintable():
        return f"{shown} ({what}) is not part of a number; type it anew with plain keys."
    return f"A character that cannot be seen ({what}) stands here; delete it, or type all anew."

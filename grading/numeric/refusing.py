"""Saying no to a learner's text: the place, and a sentence that helps."""

from __future__ import annotations

from typing import NoReturn

from grading.errors import Misreading, Unreadable


def misread(code: str, message: str, start: int, end: int) -> Misreading:
    """One stretch [start, end) of the text that cannot be read."""
    return Misreading(code=code, message=message, start=start, end=end)


def refuse(code: str, message: str, start: int, end: int) -> NoReturn:
    """Raise Unreadable with this one misreading."""
    raise Unreadable([misread(code, message, start, end)])


def quoted(text: str) -> str:
    """A piece of the learner's text for a message: short, and printable."""
    shown = "".join(
        character if character.isprintable() else f"U+{ord(character):04X}"
        for character in text[:20]
    )
    return f"“{shown}…”" if len(text) > 20 else f"“{shown}”"

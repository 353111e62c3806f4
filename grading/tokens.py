"""A row of tokens: where each stands, though the same word may stand twice."""

from __future__ import annotations

from grading.exercise import Value


def split_tokens(value: Value) -> tuple[str, ...]:
    """The tokens of a list, or of one line of text split at spaces; () for anything else."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def positions(tokens: tuple[str, ...], name: Value) -> list[int]:
    """Where a named token stands, from 0: every place of ``the``, or only the second of ``the#2``.

    >>> positions(("the", "cat", "the"), "the"), positions(("the", "cat", "the"), "the#2")
    ([0, 2], [2])
    """
    text = str(name)
    if text in tokens:
        return [i for i, token in enumerate(tokens) if token == text]
    word, _, nth = text.rpartition("#")
    places = [i for i, token in enumerate(tokens) if token == word]
    return places[int(nth) - 1 :][:1] if nth.isdecimal() and int(nth) > 0 else []

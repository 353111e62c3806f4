"""The lessons and exercises that ship, as files, and their formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from ruamel.yaml import YAML

from grading import grader
from grading.exercise import Exercise

CONTENT = Path(__file__).resolve().parents[2] / "exercises" / "content"
LESSONS = sorted(CONTENT.glob("*/*/lesson.md"))
EXERCISES = sorted(CONTENT.rglob("exercises/*.yaml"))

_PLACE = re.compile(r"^::exercise[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)

_markdown = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
)


def lesson_of(path: Path) -> str:
    """How a failing test names a lesson."""
    return path.parent.name


def slug_of(path: Path) -> str:
    """How a failing test names an exercise."""
    return path.stem


@cache
def opened(path: Path) -> Exercise:
    """The exercise of a file."""
    return grader.open(path.read_text(encoding="utf-8"), slug=path.stem)


def front_of(lesson: Path) -> Mapping[str, Any]:
    """What a lesson says of itself above its text."""
    _, front, _ = lesson.read_text(encoding="utf-8").split("---\n", 2)
    told: Mapping[str, Any] = YAML(typ="safe", pure=True).load(front)
    return told


def body_of(lesson: Path) -> str:
    """A lesson's text."""
    return lesson.read_text(encoding="utf-8").split("---\n", 2)[2]


def placed_in(lesson: Path) -> list[str]:
    """The exercises that a lesson places, in reading order."""
    return _PLACE.findall(_FENCE.sub("", body_of(lesson)))


def tokens_of(markdown: str) -> Iterator[Any]:
    """Every token of a text, those inside lines too."""
    for token in _markdown.parse(markdown):
        yield token
        yield from token.children or ()


def formulas_of(markdown: str) -> list[tuple[str, bool]]:
    """The formulas of a text, and whether each stands on a line of its own."""
    return [
        (token.content, token.type != "math_inline")
        for token in tokens_of(markdown)
        if token.type.startswith("math_")
    ]


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a document, however deep it stands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)

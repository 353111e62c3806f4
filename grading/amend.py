"""One more pattern for an idea, put into an exercise's text where its author would write it.

Nothing else of the text is touched: comments, order and line breaks stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from grading.document import read_document


class CannotAmend(ValueError):
    """A text into which no pattern can be put by itself. The message is for its author."""


def add_pattern(text: str, *, part: str, concept: str, pattern: str) -> str:
    """The text with ``pattern`` the last under ``any`` of this concept of this part.

    The result reads as the text did, with that one pattern more: this is checked. Raises
    BrokenExercise for a text that is no document, CannotAmend where there is no such idea, or
    where its patterns are written in a way that cannot be added to.
    """
    before = read_document(text).value
    root = YAML(typ="safe", pure=True).compose(text)
    idea = _idea(root, part, concept)
    quoted = _quoted(pattern)
    patterns = _entry(idea, "any")
    if patterns is None:
        changed = _with_key(text, idea, quoted)
    elif isinstance(patterns, SequenceNode):
        changed = _with_entry(text, patterns, quoted)
    else:
        changed = _as_list(text, patterns, quoted)
    if read_document(changed).value != _more(before, part, concept, pattern):
        raise CannotAmend("This pattern could not be put in by itself: write it into the draft.")
    return changed


def _idea(root: Any, part: str, concept: str) -> MappingNode:
    parts = _entry(root, "parts")
    for node in parts.value if isinstance(parts, SequenceNode) else ():
        name = _entry(node, "name")
        if isinstance(name, ScalarNode) and name.value == part:
            idea = _entry(_entry(node, "concepts"), concept)
            if isinstance(idea, MappingNode) and idea.value:
                return idea
    raise CannotAmend(f"The draft has no idea `{concept}` in the part `{part}` to add a phrase to.")


def _entry(node: Any, name: str) -> Node | None:
    """What stands under a key of a mapping; None where there is none."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == name:
                return value  # type: ignore[no-any-return]
    return None


def _with_entry(text: str, patterns: SequenceNode, quoted: str) -> str:
    """One more entry behind the last of a list, on a line of its own where each has one."""
    if not patterns.value:
        raise CannotAmend("The list of patterns is empty: write the first one into the draft.")
    end = patterns.value[-1].end_mark.index
    if patterns.flow_style:
        return f"{text[:end]}, {quoted}{text[end:]}"
    indent = " " * patterns.start_mark.column
    return _line_behind(text, end, f"{indent}- {quoted}")


def _with_key(text: str, idea: MappingNode, quoted: str) -> str:
    """A list of its own before the first key, for an idea that has none."""
    at = idea.value[0][0].start_mark.index
    if idea.flow_style:
        return f"{text[:at]}any: [{quoted}], {text[at:]}"
    indent = " " * idea.value[0][0].start_mark.column
    return f"{text[:at]}any:\n{indent}  - {quoted}\n{indent}{text[at:]}"


def _as_list(text: str, pattern: Node, quoted: str) -> str:
    """A lone pattern becomes a list of two."""
    if not isinstance(pattern, ScalarNode) or pattern.style in ("|", ">"):
        raise CannotAmend("The patterns stand in a block of text: write this one into the draft.")
    start, end = pattern.start_mark.index, pattern.end_mark.index
    return f"{text[:start]}[{_quoted(pattern.value)}, {quoted}]{text[end:]}"


def _quoted(pattern: str) -> str:
    """In quotation marks, as YAML reads them back; such as need no strokes where there are such."""
    if '"' in pattern and "'" not in pattern and pattern.isprintable():
        return f"'{pattern}'"
    return json.dumps(pattern, ensure_ascii=False)


def _line_behind(text: str, end: int, line: str) -> str:
    """The text with a line behind the one in which position ``end`` stands."""
    if end and text[end - 1] == "\n":
        # A block of text ends with its line.
        return f"{text[:end]}{line}\n{text[end:]}"
    at = text.find("\n", end)
    if at < 0:
        return f"{text}\n{line}\n"
    return f"{text[:at]}\n{line}{text[at:]}"


def _more(before: Any, part: str, concept: str, pattern: str) -> Any:
    """The document's value with the pattern added to it."""

    def added(idea: Mapping[str, Any]) -> dict[str, Any]:
        known = idea.get("any", ())
        listed = known if isinstance(known, tuple) else (known,)
        return {**idea, "any": (*listed, pattern)}

    return {
        **before,
        "parts": tuple(
            {**one, "concepts": {**one["concepts"], concept: added(one["concepts"][concept])}}
            if isinstance(one, Mapping) and one.get("name") == part
            else one
            for one in before["parts"]
        ),
    }

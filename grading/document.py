"""YAML text to plain values, with the line and column of everything in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from grading.errors import BrokenExercise, Fault, Place
from grading.exercise import Value

LONGEST = 200_000
DEEPEST = 20
MOST_NODES = 20_000

# Longer numbers than a person writes would make exact arithmetic slow.
_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,3})?")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A YAML document: its value, where each part of it stands, and each scalar as it was typed."""

    value: Value
    spots: Mapping[Place, tuple[int, int]]
    """Line and column, both from 1, of each value; of a mapping's entry, those of its key."""
    typed: Mapping[Place, str]

    def locate(self, fault: Fault) -> Fault:
        """The fault with the line and column of the nearest thing that has one."""
        place = fault.place
        while place and place not in self.spots:
            place = place[:-1]
        line, column = self.spots.get(place, (1, 1))
        return replace(fault, line=line, column=column)

    def locate_all(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """All of them located, in the order in which a reader meets them."""
        return tuple(sorted(map(self.locate, faults), key=lambda f: (f.line or 0, f.column or 0)))


def read_document(text: str) -> Document:
    """Read one YAML document of plain values; every number becomes the exact Fraction it says.

    Raises BrokenExercise where the text is no YAML, or uses what an exercise does not need:
    anchors, aliases, tags, several documents, keys that are not text.
    """
    if len(text) > LONGEST:
        raise _broken(
            "too-long", f"The text has {len(text):,} characters; {LONGEST:,} is the most."
        )
    # Some editors begin a file with a mark of its byte order, which nobody sees.
    text = text.removeprefix("\ufeff")
    bad = next((i for i, c in enumerate(text) if not c.isprintable() and c not in "\n\r\t"), None)
    if bad is not None:
        line = text.count("\n", 0, bad) + 1
        column = bad - text.rfind("\n", 0, bad)
        raise _broken("character", "This character cannot stand in an exercise.", line, column)
    try:
        _look_over(text)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _broken("yaml", f"This is not valid YAML: {error.problem}.", line, column) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise _broken("yaml", f"This is not valid YAML: {error}.") from None
    if root is None:
        raise _broken("empty", "The text is empty: an exercise has at least a title and parts.")
    walk = _Walk()
    value = walk.value(root, ())
    document = Document(value=value, spots=walk.spots, typed=walk.typed)
    if walk.faults:
        raise BrokenExercise(document.locate_all(walk.faults))
    return document


def _look_over(text: str) -> None:
    """Refuse, event by event, what would make composing the document slow or surprising."""
    faults = []
    depth = nodes = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            message = "Anchors (&) and aliases (*) are not used here: write the value again."
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            faults.append(Fault(code="alias", message=message, line=line, column=column))
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise _broken("too-deep", "This document is nested too deep.")
        nodes += isinstance(event, NodeEvent)
        if nodes > MOST_NODES:
            raise _broken("too-big", f"This document has more than {MOST_NODES:,} entries.")
    if faults:
        raise BrokenExercise(faults)


def unknown_keys(value: Mapping[str, Any], known: Iterable[str]) -> list[Fault]:
    """A fault for each key that is not known, with the known one that it resembles."""
    faults = []
    known = list(known)
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else f" Known here: {', '.join(known)}."
            faults.append(
                Fault(code="unknown-key", message=f"`{key}` is not known here.{hint}", place=(key,))
            )
    return faults


def check_foreseen(entry: Mapping[str, Any], own: Iterable[str]) -> list[Fault]:
    """What is wrong with an answer that an author foresaw: its keys, its ``code``, its ``say``.

    ``own`` are the keys besides those two; what they hold is looked at by whoever knows them.
    """
    faults = unknown_keys(entry, (*own, "code", "say"))
    code = entry.get("code")
    if not isinstance(code, str) or not re.fullmatch(r"[a-z][a-z0-9-]*", code):
        message = "`code` names the wrong turn: small letters, digits and hyphens."
        faults.append(Fault(code="wrong", message=message, place=("code",)))
    if not _is_worded(entry.get("say")):
        message = "`say` tells the learner what went wrong."
        faults.append(Fault(code="wrong", message=message, place=("say",)))
    return faults


def check_words(body: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with the ``label`` and the ``steps`` of a part, which are words to be shown."""
    faults = []
    if not _is_worded(body.get("label", "x")):
        faults.append(Fault(code="label", message="`label` is a text.", place=("label",)))
    steps = body.get("steps", ())
    if not isinstance(steps, tuple) or not all(map(_is_worded, steps)):
        message = "`steps` is a list of texts: the model answer, worked."
        faults.append(Fault(code="steps", message=message, place=("steps",)))
    return faults


def _is_worded(value: Value) -> bool:
    return isinstance(value, str) and bool(value.strip())


class _Walk:
    """One pass over the composed nodes, collecting values, spots and faults."""

    def __init__(self) -> None:
        self.spots: dict[Place, tuple[int, int]] = {}
        self.typed: dict[Place, str] = {}
        self.faults: list[Fault] = []

    def value(self, node: Any, place: Place) -> Value:
        self.spots.setdefault(place, (node.start_mark.line + 1, node.start_mark.column + 1))
        kind = str(node.tag).rsplit(":", 1)[-1]
        if isinstance(node, MappingNode | SequenceNode) and kind not in ("map", "seq"):
            self._fault("tag", f"The tag {node.tag} is not used here.", place)
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return tuple(self.value(entry, (*place, i)) for i, entry in enumerate(node.value))
        return self._scalar(node, place)

    def _mapping(self, node: MappingNode, place: Place) -> Value:
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault("key", "A key is a plain word.", place)
                continue
            key = str(key_node.value)
            here = (*place, key)
            if key in result:
                self._fault("twice", f"`{key}` stands here twice: one of them would be lost.", here)
            self.spots[here] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            result[key] = self.value(value_node, here)
        return result

    def _scalar(self, node: ScalarNode, place: Place) -> Value:
        text = str(node.value)
        self.typed[place] = text
        # An escape in quotes can say what the text itself may not hold.
        if any(not char.isprintable() and char not in "\n\r\t" for char in text):
            self._fault("character", "This holds a character that cannot be stored.", place)
            return None
        kind = str(node.tag).rsplit(":", 1)[-1]
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind in ("int", "float") and _NUMBER.fullmatch(text):
            return Fraction(text)
        if kind in ("int", "float"):
            self._fault("number", f"`{text}` is no number that an exercise can use.", place)
        elif kind == "timestamp":
            return text
        else:
            self._fault("tag", f"The tag {node.tag} is not used here.", place)
        return None

    def _fault(self, code: str, message: str, place: Place) -> None:
        self.faults.append(Fault(code=code, message=message, place=place))


def _broken(code: str, message: str, line: int = 1, column: int = 1) -> BrokenExercise:
    return BrokenExercise([Fault(code=code, message=message, line=line, column=column)])

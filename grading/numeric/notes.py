"""What was guessed while reading, as findings: a decimal comma, a percent sign, a natural log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grading.numeric.tokens import Note
from grading.verdict import Finding


def guessed(notes: Iterable[Note], place: str) -> Iterator[Finding]:
    """A finding for each reading that could have been meant otherwise, one of each sort."""
    seen = set()
    for note in notes:
        if note.guess and note.code not in seen:
            seen.add(note.code)
            yield Finding(
                code=f"read-{note.code}", tone="note", facts=dict(note.facts), place=place
            )

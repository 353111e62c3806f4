"""Numbers from a seed: the same on every machine and in every version, from SHA-256 alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """An endless, reproducible stream of choices named by its labels.

    Each block of 64 bits is the head of SHA-256 over the labels and a counter, so it depends on
    no library's generator. Good enough to draw exercises; not meant to keep secrets.
    """

    def __init__(self, *labels: object) -> None:
        self._head = "\x1f".join(str(label) for label in labels).encode() + b"\x1f"
        self._count = 0

    def below(self, bound: int) -> int:
        """A whole number from 0 up to but without ``bound``, each equally likely.

        Raises ValueError unless ``bound`` is from 1 to 2**32.
        """
        if not 1 <= bound <= 1 << 32:
            raise ValueError(f"bound must lie between 1 and 2**32, not {bound}")
        fair = (1 << 64) - (1 << 64) % bound
        while True:
            block = hashlib.sha256(self._head + str(self._count).encode()).digest()[:8]
            self._count += 1
            number = int.from_bytes(block, "big")
            if number < fair:
                return number % bound

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

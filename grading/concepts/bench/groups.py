"""Answers grouped by likeness: words weighed by rarity, cosines, average linkage. No chance in it.

Each answer is a vector of its words' stems, weighed by how often the answer has the stem times
1 + ln((1 + n) / (1 + d)), where d of the n answers have it, and scaled to length 1. Two groups
are as alike as their answers are on average; the most alike are joined while they are alike
enough. Chains of nearest neighbours (Murtagh, The Computer Journal 26, 1983) find the same
groups in time n^2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from grading.concepts.bench.judging import Judged
from grading.concepts.rules import LABELS
from grading.concepts.words import stem

MOST = 2000
"""Answers that are compared with each other; their cosines take 32 MB."""

MOST_STEMS = 4000
ALIKE = 0.25
"""Groups at least so alike on average are joined."""

MOST_SHARED = 5


@dataclass(frozen=True, kw_only=True)
class Group:
    """Answers that say something alike, the most typical one first."""

    answers: tuple[Judged, ...]
    shared: tuple[str, ...]
    """Words that at least half of them have, in their usual form, the telling ones first."""

    @property
    def labels(self) -> dict[str, int]:
        """How many of its answers have each label."""
        found = Counter(judged.row.label for judged in self.answers)
        return {label: found[label] for label in LABELS if found[label]}


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """Groups of two and more, those with most marks at stake first, and the answers left alone."""

    groups: tuple[Group, ...]
    alone: tuple[Judged, ...]
    beyond: int = 0
    """Answers past the first MOST, which were not compared."""


def group(judged: Sequence[Judged]) -> Grouped:
    """These answers grouped by likeness; equal input gives equal groups."""
    some = judged[:MOST]
    stems = [Counter(stem(text) for text, _, content in j.words if content) for j in some]
    vectors, names = _vectors(stems)
    groups = []
    alone = []
    for members in _joined(vectors @ vectors.T):
        if len(members) == 1:
            alone.append(some[members[0]])
        else:
            groups.append(_group(some, stems, vectors, names, members))
    groups.sort(
        key=lambda g: (-sum(j.row.label != "incorrect" for j in g.answers), -len(g.answers))
    )
    alone.sort(key=lambda j: LABELS.index(j.row.label))
    return Grouped(groups=tuple(groups), alone=tuple(alone), beyond=len(judged) - len(some))


def _vectors(stems: Sequence[Counter[str]]) -> tuple[np.ndarray, list[str]]:
    """One row for each answer, of length 1 (0 where it has no words); and the stems' names."""
    n = len(stems)
    having = Counter(name for counted in stems for name in counted)
    # A stem of one answer alone joins nothing, but tells apart: it counts in the length.
    shared = sorted((name for name in having if having[name] > 1), key=lambda s: (-having[s], s))
    names = shared[:MOST_STEMS]
    places = {name: at for at, name in enumerate(names)}
    vectors = np.zeros((n, len(names)))
    for row, counted in enumerate(stems):
        weights = {
            name: count * (1 + log((1 + n) / (1 + having[name]))) for name, count in counted.items()
        }
        length = sum(weight * weight for weight in weights.values()) ** 0.5
        for name, weight in weights.items():
            if name in places:
                vectors[row, places[name]] = weight / length
    return vectors, names


def _joined(likeness: np.ndarray) -> list[list[int]]:
    """Groups of row numbers, by average linkage, in the order of their first members.

    Joining two groups never makes a third more alike to the whole than it was to the nearer of
    the two, so a group whose nearest is not alike enough is done.
    """
    n = len(likeness)
    alike = likeness.copy()
    np.fill_diagonal(alike, -1.0)
    members: dict[int, list[int]] = {at: [at] for at in range(n)}
    open_ = dict.fromkeys(range(n))
    chain: list[int] = []
    while open_:
        if not chain:
            chain.append(next(iter(open_)))
        last = chain[-1]
        nearest = int(np.argmax(alike[last]))
        # Of equally near ones the one we came from, or the chain could run in a ring.
        if len(chain) > 1 and alike[last, chain[-2]] >= alike[last, nearest]:
            nearest = chain[-2]
        if alike[last, nearest] < ALIKE:
            chain.pop()
            del open_[last]
            alike[last, :] = alike[:, last] = -1.0
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            kept, gone = sorted((last, nearest))
            a, b = len(members[kept]), len(members[gone])
            mean = (a * alike[kept] + b * alike[gone]) / (a + b)
            mean[alike[kept] < 0] = -1.0
            alike[kept, :] = alike[:, kept] = mean
            alike[kept, kept] = -1.0
            alike[gone, :] = alike[:, gone] = -1.0
            members[kept] += members.pop(gone)
            del open_[gone]
        else:
            chain.append(nearest)
    return [sorted(members[at]) for at in sorted(members)]


def _group(
    judged: Sequence[Judged],
    stems: Sequence[Counter[str]],
    vectors: np.ndarray,
    names: Sequence[str],
    members: Sequence[int],
) -> Group:
    within = vectors[list(members)]
    middle = within.mean(axis=0)
    order = sorted(range(len(members)), key=lambda at: (-float(within[at] @ middle), at))
    written: dict[str, Counter[str]] = {}
    for at in members:
        for text, _, content in judged[at].words:
            if content:
                written.setdefault(stem(text), Counter())[text] += 1
    having = Counter(name for at in members for name in stems[at])
    telling = [
        names[place]
        for place in np.argsort(-middle, kind="stable")[: 10 * MOST_SHARED]
        if 2 * having[names[place]] >= len(members)
    ]
    return Group(
        answers=tuple(judged[members[at]] for at in order),
        shared=tuple(usual(written[name]) for name in telling[:MOST_SHARED]),
    )


def usual(written: Counter[str]) -> str:
    """The form that is written most; of equals the shorter, then the first in the alphabet."""
    return min(written, key=lambda form: (-written[form], len(form), form))

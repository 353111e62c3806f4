"""How well two markers agree: shares and kappas, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Table = Sequence[Sequence[int]]
"""Answers by the person's label (rows) and the rules' label (columns), as many of each."""

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """``part`` of ``whole``, and Wilson's interval of the share; None of nothing."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share itself, 0 to 1."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval (JASA 22, 1927): honest for few answers, and at 0 and 1 too.

        >>> [round(end, 4) for end in Share(part=47, whole=50).interval]
        [0.8378, 0.9794]
        """
        n = self.whole
        if not n:
            return None
        p = self.part / n
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        low = middle - half if self.part else 0.0
        return low, middle + half if self.part < n else 1.0


@dataclass(frozen=True, kw_only=True)
class Kappa:
    """Agreement beyond chance: 1 is perfect, 0 is what chance gives.

    ``value`` is None where chance alone agrees fully (all answers have one label, from both).
    ``interval`` is None besides where the standard error is 0, as for perfect agreement: the
    formula has nothing to say there, and [1, 1] would claim too much.
    """

    value: float | None
    error: float | None
    """The standard error."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, by the normal distribution, cut to what a kappa can be."""
        if self.value is None or not self.error:
            return None
        return max(-1.0, self.value - Z * self.error), min(1.0, self.value + Z * self.error)


def kappa(table: Table, weights: Sequence[Sequence[float]] | None = None) -> Kappa:
    """Cohen's kappa of a square table; ``weights`` say how far each cell counts as agreement.

    Unless said, only the diagonal agrees. The standard error is the asymptotic one of Fleiss,
    Cohen and Everitt (Psychological Bulletin 72, 1969, formula 13), for a kappa that is not 0:
    with shares p, weights v, their means v_i. and v_.j by the margins, observed agreement o and
    expected agreement e, the variance is

        (sum p_ij (v_ij (1 - e) - (v_i. + v_.j) (1 - o))^2 - (o e - 2 e + o)^2) / (n (1 - e)^4)

    Their example, 100 patients seen by two:

    >>> found = kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    >>> round(found.value, 3), round(found.error, 3)
    (0.676, 0.088)
    """
    size = range(len(table))
    n = sum(map(sum, table))
    if not n:
        return Kappa(value=None, error=None)
    v = weights or [[float(i == j) for j in size] for i in size]
    p = [[table[i][j] / n for j in size] for i in size]
    rows = [sum(p[i]) for i in size]
    columns = [sum(p[i][j] for i in size) for j in size]
    observed = sum(p[i][j] * v[i][j] for i in size for j in size)
    expected = sum(rows[i] * columns[j] * v[i][j] for i in size for j in size)
    if expected > 1 - 1e-12:
        return Kappa(value=None, error=None)
    by_row = [sum(columns[j] * v[i][j] for j in size) for i in size]
    by_column = [sum(rows[i] * v[i][j] for i in size) for j in size]
    spread = sum(
        p[i][j] * (v[i][j] * (1 - expected) - (by_row[i] + by_column[j]) * (1 - observed)) ** 2
        for i in size
        for j in size
    )
    centre = (observed * expected - 2 * expected + observed) ** 2
    variance = max(0.0, spread - centre) / (n * (1 - expected) ** 4)
    # Perfect agreement leaves nothing but rounding, which is no error of anybody's.
    error = sqrt(variance) if observed < 1 - 1e-12 else 0.0
    return Kappa(value=(observed - expected) / (1 - expected), error=error)


def quadratic(size: int, *, miss: bool = False) -> list[list[float]]:
    """Weights that fall with the square of the distance between ordered labels, 1 to 0.

    With ``miss`` the last label stands outside the order and agrees with nothing.
    """
    last = size - 1 - miss
    return [
        [
            0.0 if miss and size - 1 in (i, j) else 1 - ((i - j) / last) ** 2 if last else 1.0
            for j in range(size)
        ]
        for i in range(size)
    ]


def exact(size: int, *, miss: bool = False) -> list[list[float]]:
    """Weights by which only equal labels agree; with ``miss``, the last with nothing at all."""
    return [
        [float(i == j and not (miss and i == size - 1)) for j in range(size)] for i in range(size)
    ]

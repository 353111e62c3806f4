"""The relay that attention does away with: a recurrent network, and how much of a clue survives it.

Vectors are columns here, as in Elman 1990: a step is h_t = tanh(W_x x_t + W_h h_(t-1) + b), with
W_x (d_h, d_x), W_h (d_h, d_h) and b (d_h,). Steps count from 1, as in the lessons: x_1 is the first
row of X, and h_0 is what the relay starts with.
"""

# ruff: noqa: N803, N806
# X and W are the letters of every paper on recurrent networks.

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from grading.engine.arrays import Array, finite, floats, room_for, totals
from grading.errors import EngineError

# ---- one runner after another --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """The weights that every step shares: W_x (d_h, d_x), W_h (d_h, d_h), b (d_h,)."""

    W_x: npt.ArrayLike
    W_h: npt.ArrayLike
    b: npt.ArrayLike | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Relay:
    """One run: what came in, and the state after every step."""

    inputs: Array  # (..., L, d_x)
    start: Array  # (..., d_h) h_0
    states: Array  # (..., L, d_h) h_1 to h_L
    W_x: Array  # (d_h, d_x)
    W_h: Array  # (d_h, d_h)

    @property
    def final(self) -> Array:
        """The last state (..., d_h): all that a decoder without attention gets to see."""
        return self.states[..., -1, :] if self.states.shape[-2] else self.start

    def jacobian(self, later: int, earlier: int) -> Array:
        """How a late state answers to an early one: d h_later / d h_earlier, (..., d_h, d_h).

        Entry (a, b) says how h_later[a] follows h_earlier[b].

        A product with one factor for every hand-over, diag(1 - h_t^2) W_h for t = earlier + 1 to
        later (Pascanu, Mikolov and Bengio 2013, eq. 5). Steps are 0 to L, ``later`` not before
        ``earlier``. Raises DIM_MISMATCH, NOT_FINITE.
        """
        length = self.states.shape[-2]
        if not 0 <= earlier <= later <= length:
            raise EngineError(
                "DIM_MISMATCH", f"steps 0 to {length} hold no way from {earlier} to {later}"
            )
        width = self.W_h.shape[0]
        way = np.broadcast_to(np.eye(width), (*self.states.shape[:-2], width, width))
        with np.errstate(all="ignore"):
            for t in range(earlier + 1, later + 1):
                way = self._slopes(t)[..., None] * _product(self.W_h, way)
        return finite("the Jacobian", np.ascontiguousarray(way))

    def left_of(self, earlier: int, later: int) -> Array:
        """What is left of an input in a later state: d h_later / d x_earlier, (..., d_h, d_x).

        x_earlier enters at h_earlier, and then lives through later - earlier hand-overs. Raises
        DIM_MISMATCH, NOT_FINITE.
        """
        if earlier < 1:
            raise EngineError("DIM_MISMATCH", f"inputs count from 1, there is no x_{earlier}")
        way = self.jacobian(later, earlier)
        with np.errstate(all="ignore"):
            entrance = self._slopes(earlier)[..., None] * self.W_x  # (..., d_h, d_x)
            return finite("the Jacobian", _product(way, entrance))

    def _slopes(self, t: int) -> Array:
        """The slope of tanh at step t: 1 - h_t^2, (..., d_h)."""
        state = self.states[..., t - 1, :]
        return np.asarray(1 - state * state)


def relay(X: npt.ArrayLike, cell: Cell, *, start: npt.ArrayLike | None = None) -> Relay:
    """Run a recurrent network: h_t = tanh(W_x x_t + W_h h_(t-1) + b) (Elman 1990).

    X (..., L, d_x); ``start`` (..., d_h), 0 where none is given -> states (..., L, d_h). Leading
    axes are free and broadcast. Raises DIM_MISMATCH, RAGGED, NOT_FINITE, TOO_BIG.

    >>> run = relay([[1], [0], [0], [0], [0]], Cell(W_x=[[1]], W_h=[[0.5]]))
    >>> run.states[:, 0].round(4).tolist()
    [0.7616, 0.3634, 0.1797, 0.0896, 0.0448]
    """
    inputs, W_x = floats("X", X, axes=2), floats("W_x", cell.W_x, axes=2)
    W_h = floats("W_h", cell.W_h, axes=2)
    width = W_x.shape[0]
    if W_x.shape != (width, inputs.shape[-1]) or W_h.shape != (width, width):
        raise EngineError(
            "DIM_MISMATCH",
            f"W_x {W_x.shape} and W_h {W_h.shape} cannot take {inputs.shape[-1]} components",
        )
    shift = floats("b", np.zeros(width) if cell.b is None else cell.b, axes=1)
    first = floats("start", np.zeros(width) if start is None else start, axes=1)
    if shift.shape != (width,) or first.shape[-1] != width:
        raise EngineError(
            "DIM_MISMATCH", f"b {shift.shape} and start {first.shape} do not fit {width} states"
        )
    try:
        lead = np.broadcast_shapes(inputs.shape[:-2], first.shape[:-1])
    except ValueError as fault:
        raise EngineError("DIM_MISMATCH", "the leading axes of X and start differ") from fault
    room_for(*lead, *inputs.shape[-2:], width)
    states = np.empty((*lead, inputs.shape[-2], width))
    state = np.broadcast_to(first, (*lead, width))
    with np.errstate(all="ignore"):
        heard = finite("W_x x + b", _applied(W_x, inputs) + shift)  # (..., L, d_h)
        for t in range(inputs.shape[-2]):
            passed = finite("W_h h", _applied(W_h, state[..., None, :])[..., 0, :])
            state = np.tanh(heard[..., t, :] + passed)
            states[..., t, :] = state
    states.flags.writeable = False
    return Relay(
        inputs=inputs, start=np.broadcast_to(first, (*lead, width)), states=states, W_x=W_x, W_h=W_h
    )


# ---- the rescues that keep the relay -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Bidirectional:
    """Two relays over one sequence, one from each end (Schuster and Paliwal 1997)."""

    forward: Relay
    backward: Relay
    """It reads the sequence from its end: its step 1 is the last input."""

    @property
    def states(self) -> Array:
        """(..., L, 2 d_h): at each place the state from the left, then the one from the right."""
        right = self.backward.states[..., ::-1, :]
        return np.concatenate([self.forward.states, right], axis=-1)


def bidirectional(X: npt.ArrayLike, forward: Cell, backward: Cell) -> Bidirectional:
    """Run a relay from either end: X (..., L, d_x) -> states (..., L, d_h + d_h').

    >>> half = Cell(W_x=[[1]], W_h=[[0.5]])
    >>> bidirectional([[0], [1], [0]], half, half).states.round(4).tolist()
    [[0.0, 0.3634], [0.7616, 0.7616], [0.3634, 0.0]]
    """
    inputs = floats("X", X, axes=2)
    return Bidirectional(
        forward=relay(inputs, forward), backward=relay(inputs[..., ::-1, :], backward)
    )


def stacked(X: npt.ArrayLike, cells: Sequence[Cell]) -> tuple[Relay, ...]:
    """Relays on top of each other, the states of one being the inputs of the next.

    X (..., L, d_x) -> one run for each layer, the last on top. The way through time stays as long.

    >>> half = Cell(W_x=[[1]], W_h=[[0.5]])
    >>> [float(run.final[0].round(4)) for run in stacked([[1], [0]], [half, half])]
    [0.3634, 0.5944]
    """
    runs: list[Relay] = []
    for cell in cells:
        runs.append(relay(runs[-1].states if runs else X, cell))
    return tuple(runs)


# ---- a relay that one can work by hand -----------------------------------------------------------


def left_after(keep: float, hops: float) -> float:
    """What is left when every hand-over keeps the share ``keep``: keep^hops.

    A ``keep`` above 1 is a relay that blows its message up. Raises NOT_FINITE, and TOO_BIG where
    what is left is beyond all doubles.

    >>> round(left_after(0.9, 29), 3)
    0.047
    """
    if not (math.isfinite(keep) and keep >= 0 and math.isfinite(hops) and hops >= 0):
        raise EngineError("NOT_FINITE", f"keeping {keep} of it, {hops} times, is no relay")
    with np.errstate(over="ignore"):
        left = float(np.power(float(keep), hops))
    if not math.isfinite(left):
        raise EngineError("TOO_BIG", f"{keep} of it, {hops} times over, is beyond all doubles")
    return left


def left_after_exact(keep: Fraction, hops: int) -> Fraction:
    """``left_after`` without rounding. Raises DIM_MISMATCH below 0 hops, TOO_BIG beyond 4096.

    >>> left_after_exact(Fraction(1, 2), 3)
    Fraction(1, 8)
    """
    if hops < 0:
        raise EngineError("DIM_MISMATCH", f"a message is not handed over {hops} times")
    if hops > 1 << 12:
        raise EngineError("TOO_BIG", f"a relay of {hops} hand-overs has too many digits")
    return keep**hops


def half_life(keep: float) -> float:
    """After how many hand-overs half is left: ln(1/2) / ln(keep), for a keep between 0 and 1.

    >>> round(half_life(0.9), 2)
    6.58
    """
    if not 0 < keep < 1:
        raise EngineError("NOT_FINITE", f"keeping {keep} at each hand-over never comes to half")
    return math.log(0.5) / math.log(keep)


# ---- a note of fixed size ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class Note:
    """A sentence squeezed into a fixed count of numbers, and what can be read from it again."""

    numbers: Array  # (..., size)
    decoded: Array  # (..., L, d)
    lost: Array  # (...) share of the sentence's squared length that the note cannot give back


def fixed_size_note(X: npt.ArrayLike, size: int) -> Note:
    """Write the L * d numbers of a sentence X (..., L, d) on a note of ``size`` numbers.

    The note holds the first ``size`` coefficients of the orthonormal cosine transform (DCT-II,
    Ahmed, Natarajan and Rao 1974), in which every word has a part; reading it back is the
    transform turned round, with 0 for what is missing. A note of L * d numbers loses nothing. Over
    sentences of unrelated words the mean loss is ``note_loss``. Raises DIM_MISMATCH, TOO_BIG,
    RAGGED, NOT_FINITE.

    >>> note = fixed_size_note([[1, 0], [0, 1], [1, 1]], 3)
    >>> note.numbers.shape, note.decoded.shape
    ((3,), (3, 2))
    """
    words = floats("X", X, axes=2)
    *lead, length, width = words.shape
    total = length * width
    if size < 0:
        raise EngineError("DIM_MISMATCH", f"a note of {size} numbers cannot be written")
    room_for(*lead, total, total)
    flat = words.reshape(*lead, 1, total)
    kept = min(size, total)
    waves = _cosines(total)[:kept]  # (kept, total)
    with np.errstate(all="ignore"):
        numbers = totals(flat * waves, -1)  # (..., kept)
        decoded = totals(numbers[..., None] * waves, -2)  # (..., total)
        missing = totals((flat[..., 0, :] - decoded) ** 2, -1)
        whole = totals(flat[..., 0, :] ** 2, -1)
        lost = finite(
            "the loss", np.where(whole == 0, 0.0, missing / np.where(whole == 0, 1, whole))
        )
    spare = np.zeros((*lead, size - kept))
    return Note(
        numbers=np.concatenate([numbers, spare], axis=-1),
        decoded=decoded.reshape(words.shape),
        lost=lost,
    )


def note_loss(words: int, width: int, size: int) -> Fraction:
    """The share that a note of ``size`` numbers must lose of ``words`` unrelated words, on average.

    No linear note does better: of words * width directions, all alike, it keeps ``size``. Raises
    DIM_MISMATCH.

    >>> note_loss(5, 4, 20), note_loss(50, 4, 20)
    (Fraction(0, 1), Fraction(9, 10))
    """
    if words < 1 or width < 1 or size < 0:
        raise EngineError("DIM_MISMATCH", "a note needs words of some width, and no less than 0")
    return max(Fraction(0), 1 - Fraction(size, words * width))


# ---- small steps ---------------------------------------------------------------------------------


def _applied(matrix: Array, vectors: Array) -> Array:
    """W x for every vector: (h, d) and (..., L, d) -> (..., L, h)."""
    pairs = np.multiply(vectors[..., :, None, :], matrix, order="C")  # (..., L, h, d)
    return totals(pairs, -1)


def _product(left: Array, right: Array) -> Array:
    """A B for matrices: (..., a, b) and (..., b, c) -> (..., a, c), in an order of our own."""
    pairs = np.multiply(left[..., :, :, None], right[..., None, :, :], order="C")  # (..., a, b, c)
    return totals(pairs, -2)


def _cosines(n: int) -> Array:
    """The rows of the orthonormal DCT-II: row k is cos(pi (2 j + 1) k / 2 n), of length 1."""
    k, j = np.arange(n)[:, None], np.arange(n)
    waves = np.cos(np.pi * (2 * j + 1) * k / (2 * n)) * math.sqrt(2 / n) if n else np.empty((0, 0))
    waves[:1] /= math.sqrt(2)
    return np.asarray(waves)

"""The gradebook: what the verdicts say about a learner, a classroom, an exercise. It only reads."""

from exercises.gradebook.cells import Cell
from exercises.gradebook.classroom import Matrix, matrix
from exercises.gradebook.exercise import answers
from exercises.gradebook.learner import Progress, history, progress, work

__all__ = ["Cell", "Matrix", "Progress", "answers", "history", "matrix", "progress", "work"]

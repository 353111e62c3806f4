"""The gradebook: what the verdicts say about a learner, a classroom, an exercise. It only reads."""

from exercises.gradebook.cells import Cell
from exercises.gradebook.classroom import Matrix, matrix
from exercises.gradebook.exercise import answers
from exercises.gradebook.learner import work

__all__ = ["Cell", "Matrix", "answers", "matrix", "work"]

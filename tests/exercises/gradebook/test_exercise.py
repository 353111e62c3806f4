"""The answers of a classroom to one exercise."""

import pytest

from exercises import gradebook
from tests import factories
from tests.factories import WRONG

pytestmark = pytest.mark.django_db


def test_the_answers_of_a_classroom_newest_first():
    ann, ben = factories.learner(), factories.learner()
    classroom = factories.classroom(with_learners=(ann, ben))
    exercise = factories.exercise()
    first = factories.marked(factories.sheet(exercise, to=ann))
    second = factories.marked(factories.sheet(exercise, to=ben), WRONG)
    factories.marked(factories.sheet(to=ann))
    factories.marked(factories.sheet(exercise))
    assert list(gradebook.answers(classroom, exercise)) == [second, first]

"""What a classroom's teachers see of one learner's work."""

import pytest

from exercises import gradebook, intake
from exercises.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_learners_work_is_their_own_practice_and_what_this_classroom_set():
    learner, classmate = factories.learner(), factories.learner()
    classroom = factories.classroom(with_learners=(learner, classmate))
    elsewhere = factories.classroom(with_learners=(learner,))
    exercise = factories.exercise()
    practice = factories.marked(factories.sheet(exercise, to=learner))
    here, there = (
        factories.marked(intake.deal(learner, exercise, factories.assignment(room, exercise)))
        for room in (classroom, elsewhere)
    )
    factories.marked(factories.sheet(exercise, to=classmate))
    assert list(gradebook.work(classroom, learner)) == [practice, here]
    assert list(gradebook.work(elsewhere, learner)) == [practice, there]
    Membership.objects.filter(user=learner, classroom=classroom).delete()
    assert list(gradebook.work(classroom, learner)) == []

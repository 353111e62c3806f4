"""The matrix: who has done what, in a handful of queries however many they are."""

from datetime import timedelta
from fractions import Fraction

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exercises import gradebook, intake, review
from exercises.models import Marking, Membership
from tests import factories
from tests.factories import RIGHT, WRONG

pytestmark = pytest.mark.django_db


def test_every_learner_meets_every_published_exercise():
    ann, ben = factories.learner(name="Ann"), factories.learner(name="Ben")
    classroom = factories.classroom(with_learners=(ben, ann))
    second = factories.exercise(lesson=factories.lesson(order=2), position=1)
    first = factories.exercise(lesson=factories.lesson(order=1), position=1)
    factories.draft()
    matrix = gradebook.matrix(classroom)
    assert matrix.learners == (ann, ben)
    assert matrix.exercises == (first, second)
    assert matrix.rows() == [(ann, [None, None]), (ben, [None, None])]


def test_a_cell_tells_the_state_the_tries_and_the_scores():
    learner = factories.learner()
    classroom = factories.classroom(with_learners=(learner,))
    exercise = factories.exercise()

    def cell():
        return gradebook.matrix(classroom).cell(learner, exercise)

    sheet = factories.sheet(exercise, to=learner)
    assert (cell().state, cell().tries, cell().best) == ("begun", 0, None)
    factories.marked(sheet, RIGHT)
    assert (cell().state, cell().tries, cell().best, cell().latest) == ("marked", 1, 1, 1)
    factories.marked(sheet, WRONG)
    assert (cell().tries, cell().best, cell().latest) == (2, 1, 0)
    last = factories.submission(sheet, WRONG)
    assert (cell().state, cell().tries, cell().best, cell().latest) == ("waiting", 3, 1, None)
    assert cell().submission == last.pk
    Marking.objects.filter(submission=last).update(state=Marking.State.BROKEN)
    assert cell().state == "broken"


def test_overrides_stand_in_the_cell():
    learner = factories.learner()
    classroom, exercise = factories.classroom(with_learners=(learner,)), factories.exercise()
    submission = factories.marked(factories.sheet(exercise, to=learner), WRONG)
    teacher = factories.teacher()
    review.override(submission, Fraction(1, 2), "fair", teacher)
    cell = gradebook.matrix(classroom).cell(learner, exercise)
    assert (cell.best, cell.latest, cell.overridden) == (Fraction(1, 2), Fraction(1, 2), True)
    review.override(submission.track, Fraction(1, 4), "late", teacher)
    cell = gradebook.matrix(classroom).cell(learner, exercise)
    assert (cell.best, cell.latest, cell.overridden) == (Fraction(1, 4), Fraction(1, 2), True)
    review.override(submission.track, None, "not so late", teacher)
    assert gradebook.matrix(classroom).cell(learner, exercise).best == Fraction(1, 2)


def test_what_came_after_the_deadline_is_told_and_is_not_the_best():
    learner = factories.learner()
    classroom, exercise = factories.classroom(with_learners=(learner,)), factories.exercise()
    due_at = timezone.now() + timedelta(hours=1)
    homework = factories.assignment(classroom, exercise, due_at=due_at)
    sheet = intake.deal(learner, exercise, homework)
    factories.marked(sheet, WRONG)
    with time_machine.travel(due_at + timedelta(minutes=1), tick=False):
        factories.marked(sheet, RIGHT)
        cell = gradebook.matrix(classroom).cell(learner, exercise)
    assert (cell.tries, cell.late, cell.best, cell.latest) == (2, 1, 0, 1)


def test_other_classrooms_are_not_seen():
    learner, stranger = factories.learner(), factories.learner()
    mine, theirs = factories.classroom(with_learners=(learner,)), factories.classroom()
    Membership.objects.create(classroom=theirs, user=learner)
    exercise = factories.exercise()
    homework = factories.assignment(theirs, exercise)
    factories.marked(intake.deal(learner, exercise, homework))
    factories.marked(factories.sheet(exercise, to=stranger))
    assert gradebook.matrix(mine).cells == {}
    assert list(gradebook.answers(mine, exercise)) == []
    assert gradebook.matrix(theirs).cell(learner, exercise).tries == 1


def fill(classroom, learners, exercises):
    for _ in range(learners):
        learner = factories.learner()
        Membership.objects.create(classroom=classroom, user=learner)
        for exercise in exercises:
            sheet = factories.sheet(exercise, to=learner)
            factories.marked(sheet)
            review.override(
                factories.marked(sheet, WRONG), Fraction(1, 2), "x", factories.teacher()
            )


def test_the_number_of_queries_does_not_grow_with_the_class():
    classroom, exercises = factories.classroom(), [factories.exercise(), factories.exercise()]
    counts = []
    for _ in range(2):
        fill(classroom, 3, exercises)
        with CaptureQueriesContext(connection) as queries:
            rows = gradebook.matrix(classroom).rows()
            for one in gradebook.answers(classroom, exercises[0]):
                assert one.score is not None
                assert one.track.exercise.title
                assert one.learner.username
        counts.append(len(queries))
    assert len(rows) == 6
    assert counts[0] == counts[1] <= 10

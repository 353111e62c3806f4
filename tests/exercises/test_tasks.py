"""Tasks: each is known by the name it is woken by, and calls its one verb."""

import pytest

from exercises import queue, tasks
from exercises.models import Exercise, Submission
from quizsite.celery import app
from tests import factories


def test_every_name_that_may_be_woken_is_a_task_and_every_task_may_be_woken():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith("exercises.")}
    assert set(queue.TASKS.values()) == ours


def test_live_answers_have_a_queue_of_their_own():
    routes = {name: app.amqp.router.route({}, name)["queue"].name for name in queue.TASKS.values()}
    assert routes == {"exercises.tasks.mark": "grading", "exercises.tasks.prove": "bulk"}


@pytest.mark.django_db
def test_mark_marks():
    submission = factories.submission()
    tasks.mark(submission.pk)
    assert Submission.objects.get().score == 1


@pytest.mark.django_db
def test_prove_proves():
    exercise = factories.draft()
    tasks.prove(exercise.pk)
    assert Exercise.objects.get().report_good
    tasks.prove(10**9)

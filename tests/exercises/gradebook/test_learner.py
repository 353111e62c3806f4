"""A learner's own answers, and how far they have come."""

import pytest

from exercises import gradebook
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_learner_sees_all_their_own_answers_and_nobody_elses():
    learner = factories.learner()
    first, second = (factories.marked(factories.sheet(to=learner)) for _ in range(2))
    factories.marked()
    assert list(gradebook.history(learner)) == [second, first]


def test_progress_knows_what_was_begun_and_done():
    learner = factories.learner()
    done, begun, untouched = (factories.exercise() for _ in range(3))
    factories.marked(factories.sheet(done, to=learner))
    factories.sheet(begun, to=learner)
    progress = gradebook.progress(learner)
    assert (progress.of(done).state, progress.of(done).best) == ("marked", 1)
    assert progress.of(begun).state == "begun"
    assert progress.of(untouched) is None

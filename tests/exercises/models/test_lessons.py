"""An exercise's state is told from its texts."""

import pytest

from exercises import catalog
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_exercise_never_published_is_a_draft():
    assert factories.draft().state == "draft"


def test_an_exercise_whose_draft_is_what_learners_get_is_published():
    assert factories.exercise().state == "published"


def test_an_exercise_edited_since_is_changed():
    exercise = factories.exercise()
    exercise.draft += "# more\n"
    assert exercise.state == "changed"


def test_a_draft_that_was_proved_in_vain_is_failing_until_it_is_edited():
    exercise = factories.draft("title: Nothing in it\n")
    catalog.keep_report(exercise, catalog.prove(exercise.draft, slug=exercise.slug, seeds=[0]))
    assert exercise.state == "failing"
    exercise.draft = factories.MIX
    assert exercise.state == "draft"


def test_a_lesson_changes_its_digest_with_every_word_a_file_can_say():
    lesson = factories.lesson()
    seen = {lesson.digest}
    for name, value in [
        ("title", "Other"),
        ("summary", "Other"),
        ("minutes", 99),
        ("body", "Other"),
        ("order", 99),
        ("takeaways", ["Other"]),
    ]:
        setattr(lesson, name, value)
        seen.add(lesson.digest)
    assert len(seen) == 7

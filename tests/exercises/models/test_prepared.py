"""A prepared query finds what the queryset finds, and reads no more than it was told to."""

import pytest
from django.db import connections
from django.utils import timezone

from exercises import intake
from exercises.models import Exercise, Sheet, sheet_for_a_try
from exercises.models.prepared import Prepared
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet() -> Sheet:
    return factories.sheet()


def test_finds_what_the_queryset_finds(sheet, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = sheet_for_a_try(sheet.pk, sheet.learner_id)
        assert found == sheet
        assert found.numbers == sheet.numbers
        assert found.seed == sheet.seed
        assert found.track == sheet.track
        assert found.track.assignment is None
        assert found.revision.digest == sheet.revision.digest
        assert found.revision.exercise.slug == sheet.exercise.slug
        assert found.revision.exercise.current == sheet.exercise.current


def test_finds_the_assignment_with_its_times(sheet):
    room = factories.classroom()
    assignment = factories.assignment(room, sheet.exercise, opens_at=timezone.now(), tries=3)
    set_work = intake.deal(sheet.learner, sheet.exercise, assignment)
    found = sheet_for_a_try(set_work.pk, sheet.learner_id)
    assert found.track.assignment.opens_at == assignment.opens_at
    assert found.track.assignment.tries == 3


def test_gives_other_numbers_to_the_same_query(sheet):
    other = factories.sheet(sheet.exercise)
    assert sheet_for_a_try(sheet.pk, sheet.learner_id) == sheet
    assert sheet_for_a_try(other.pk, other.learner_id) == other
    assert sheet_for_a_try(other.pk, sheet.learner_id) is None


def test_what_it_did_not_read_is_read_at_need(sheet):
    assert sheet_for_a_try(sheet.pk, sheet.learner_id).revision.text == sheet.revision.text


def test_refuses_what_does_not_read_the_same_for_every_value(sheet):
    named = Prepared(lambda pk: Exercise.objects.filter(pk=pk, slug="bottleneck"), count=1)
    with pytest.raises(TypeError, match="only whole numbers"):
        named(1)


def test_refuses_a_query_that_never_finds_a_row(sheet):
    nothing = Prepared(lambda pk: Exercise.objects.filter(pk=pk).none(), count=1)
    with pytest.raises(TypeError, match="never finds"):
        nothing(1)


def test_refuses_another_count_of_numbers(sheet):
    with pytest.raises(TypeError, match="2 numbers"):
        sheet_for_a_try(sheet.pk)


def test_another_kind_of_database_behind_the_same_name_gets_a_plan_of_its_own(sheet, monkeypatch):
    sheet_for_a_try(sheet.pk, sheet.learner_id)
    monkeypatch.setattr(connections["default"], "vendor", "postgresql")
    before = dict(sheet_for_a_try._plans)
    sheet_for_a_try(sheet.pk, sheet.learner_id)
    assert sheet_for_a_try._plans.keys() - before.keys() <= {("default", "postgresql")}
    assert sheet_for_a_try._plans["default", "postgresql"] is not before["default", "sqlite"]

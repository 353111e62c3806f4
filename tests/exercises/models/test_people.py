"""People: one account an address, and roles that add up."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from exercises.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_address_is_one_person_whatever_its_case():
    factories.person(email="Ann@Example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.person(email="ANN@example.ORG")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(username="quick", email="ANN@example.org")])


def test_accounts_without_an_address_do_not_clash():
    factories.person(email="")
    factories.person(email="")
    assert User.objects.filter(email="").count() == 2


def test_a_person_is_called_by_name_or_else_by_user_name():
    assert str(factories.person(name="Ann Ash")) == "Ann Ash"
    assert str(factories.person(username="ann")) == "ann"


def test_an_admin_may_do_what_teachers_and_authors_may():
    admin = factories.admin()
    assert admin.is_admin
    assert admin.teaches
    assert admin.writes
    assert set(User.objects.teachers()) == set(User.objects.authors()) == {admin}


def test_staff_alone_is_no_admin():
    helper = factories.person(is_staff=True)
    assert [helper.is_admin, helper.teaches, helper.writes] == [False, False, False]
    assert not User.objects.admins().exists()


def test_a_closed_account_has_no_role():
    gone = factories.teacher(is_active=False, is_author=True)
    assert [gone.teaches, gone.writes] == [False, False]
    assert not User.objects.teachers().exists()
    assert not User.objects.authors().exists()


def test_a_time_zone_is_one_that_exists():
    person = factories.person(password="x")
    person.time_zone = "Europe/Atlantis"
    with pytest.raises(ValidationError, match="Atlantis"):
        person.full_clean()
    person.time_zone = "../../etc/passwd"
    with pytest.raises(ValidationError):
        person.full_clean()
    person.time_zone = "Asia/Kolkata"
    person.full_clean()

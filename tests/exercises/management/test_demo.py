"""The demo people: made once, in demo mode only, with a password somebody knows."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from exercises.models import Classroom, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_password_around(monkeypatch):
    monkeypatch.delenv("SPOTLIGHT_DEMO_PASSWORD", raising=False)


def test_four_people_and_a_classroom(monkeypatch):
    monkeypatch.setenv("SPOTLIGHT_DEMO_PASSWORD", "beam of light")
    call_command("demo")
    people = {person.username: person for person in User.objects.all()}
    assert set(people) == {"learner", "teacher", "author", "admin"}
    assert all(person.check_password("beam of light") for person in people.values())
    assert people["teacher"].teaches
    assert people["author"].writes
    assert people["admin"].is_admin
    assert not people["learner"].teaches
    classroom = Classroom.objects.get()
    assert [place.user for place in classroom.memberships.teachers()] == [people["teacher"]]
    assert [place.user for place in classroom.memberships.learners()] == [people["learner"]]
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 4


def test_again_changes_nothing(capsys):
    call_command("demo", password="first one")
    before = list(User.objects.order_by("pk").values())
    capsys.readouterr()
    call_command("demo", password="first one")
    call_command("demo")
    assert list(User.objects.order_by("pk").values()) == before
    assert Classroom.objects.count() == 1
    assert capsys.readouterr().out == ""


def test_a_given_password_replaces_the_old_one():
    call_command("demo", password="first one")
    call_command("demo", password="second one")
    assert User.objects.get(username="learner").check_password("second one")


def test_without_a_password_a_random_one_is_said(capsys):
    call_command("demo")
    said = dict(re.findall(r"(\w+): sign in with the password (\S+)", capsys.readouterr().out))
    assert set(said) == {"learner", "teacher", "author", "admin"}
    assert len(set(said.values())) == 4
    for name, password in said.items():
        assert User.objects.get(username=name).check_password(password)


def test_never_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="demo mode only"):
        call_command("demo")
    assert not User.objects.exists()

"""Signing in speaks the site's own words, and leads everybody to their own work."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from exercises.models import User
from tests import factories

PASSWORD = "a lamp in the long hall"

pytestmark = pytest.mark.django_db


def signed_in(person: User, **more: str) -> str:
    """Where a person lands after signing in."""
    form = {"login": person.username, "password": PASSWORD, **more}
    return Client().post(reverse("account_login"), form)["Location"]


@pytest.mark.parametrize(
    ("role", "landing"),
    [
        ("learner", "learn:index"),
        ("teacher", "teach:index"),
        ("author", "author:index"),
        ("admin", "admin:index"),
    ],
)
def test_everybody_lands_where_their_work_is(role, landing):
    person = getattr(factories, role)(password=PASSWORD)
    assert signed_in(person) == reverse(landing)


def test_the_address_one_came_for_goes_before(db):
    person = factories.teacher(password=PASSWORD)
    assert signed_in(person, next="/learn/answers/") == "/learn/answers/"


def test_nobody_is_led_to_another_site(db):
    person = factories.learner(password=PASSWORD)
    assert signed_in(person, next="https://elsewhere.example/") == reverse("learn:index")


def test_a_new_account_lands_at_the_lessons():
    form = {
        "username": "lena",
        "email": "lena@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert Client().post(reverse("account_signup"), form)["Location"] == reverse("learn:index")


def test_the_sign_in_page_has_one_way_to_a_new_password_and_its_own_words():
    page = Client().get(reverse("account_login")).content.decode()
    assert page.count(f'href="{reverse("account_reset_password")}"') == 1
    for words in ("User name or e-mail", "Keep me signed in"):
        assert words in page
    for words in ("placeholder", "Email", "Username", "Remember Me", "Forgot your password"):
        assert words not in page


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password"])
def test_e_mail_is_spelt_one_way(name):
    page = Client().get(reverse(name)).content.decode()
    assert "E-mail" in page
    assert not re.search(r">[^<]*\b[Ee]mail\b", page)


def test_the_head_keeps_where_one_was_going():
    page = Client().get(reverse("account_login"), {"next": "/learn/?a=1&b=2"}).content.decode()
    kept = "?next=%2Flearn%2F%3Fa%3D1%26b%3D2"
    assert f'href="{reverse("account_signup")}{kept}"' in page


def test_mails_name_the_site_and_no_machine(mailoutbox):
    factories.learner(username="lena", password=PASSWORD)
    for address in ("lena@example.org", "nobody@example.org"):
        Client().post(reverse("account_reset_password"), {"email": address})
    form = {"username": "len", "email": "lena@example.org", "password1": PASSWORD}
    Client().post(reverse("account_signup"), {**form, "password2": PASSWORD})
    assert {mail.subject for mail in mailoutbox} >= {
        "[Spotlight] Choose a new password",
        "[Spotlight] No account with this address",
    }
    for mail in mailoutbox:
        assert "Spotlight" in mail.body
        assert not re.search(r"(?<!//)testserver", mail.body)
        assert "example.com" not in mail.body
        assert "&" not in mail.body


def test_a_changed_password_is_told_by_mail(mailoutbox, settings):
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    person = factories.learner(password=PASSWORD)
    browser = Client()
    browser.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
    fresh = "another lamp, another hall"
    form = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    browser.post(reverse("account_change_password"), form)
    assert [mail.subject for mail in mailoutbox] == ["[Spotlight] Your password was changed"]
    assert "If you did not" in mailoutbox[0].body


def test_two_step_sign_in_is_called_so(client):
    client.force_login(factories.learner(password=PASSWORD))
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Two-step sign-in is off." in page
    assert "Two-Factor" not in page

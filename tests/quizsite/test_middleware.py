"""Every page carries the content policy, and production's staff meet a second factor first."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.urls import reverse

SIGN_IN = "/accounts/login/"


def directives(response):
    """The policy as a table: directive to its sources."""
    policy = response.headers["Content-Security-Policy"]
    return {
        name: rest.split()
        for name, _, rest in (d.strip().partition(" ") for d in policy.split(";"))
    }


@pytest.fixture
def admin_person(db):
    return get_user_model().objects.create_superuser("ada", "ada@example.org", "a long one")


def test_an_ordinary_page_allows_only_what_comes_from_here(client, db):
    policy = directives(client.get(SIGN_IN))
    assert policy["default-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]


def test_a_page_that_does_not_exist_carries_the_policy_too(client, db):
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert directives(answer)["default-src"] == ["'self'"]


def test_the_admins_desk_may_style_itself_and_nothing_beyond_this_site(client, admin_person):
    client.force_login(admin_person)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    policy = directives(answer)
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert set(policy["script-src"]) == {"'self'", "'unsafe-inline'", "'unsafe-eval'"}
    assert policy["default-src"] == ["'self'"]


def test_a_path_that_only_looks_like_the_desk_is_strict(client, db):
    assert directives(client.get("/administration/"))["style-src"] == ["'self'"]


def test_other_headers_keep_the_browser_careful(client, db):
    headers = client.get(SIGN_IN).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_in_production_staff_set_up_a_second_factor_before_anything_else(
    client, admin_person, settings
):
    settings.SECOND_FACTOR_FOR_STAFF = True
    client.force_login(admin_person)
    for page in ("/admin/", "/no-such-page"):
        answer = client.get(page)
        assert (answer.status_code, answer.url) == (302, reverse("mfa_activate_totp"))


def test_the_pages_that_set_the_second_factor_up_can_be_reached(client, admin_person, settings):
    settings.SECOND_FACTOR_FOR_STAFF = True
    client.force_login(admin_person)
    answer = client.get(reverse("mfa_activate_totp"), follow=True)
    assert answer.status_code == 200


def test_staff_with_a_second_factor_go_on(client, admin_person, settings):
    settings.SECOND_FACTOR_FOR_STAFF = True
    Authenticator.objects.create(
        user=admin_person, type=Authenticator.Type.TOTP, data={"secret": "ABCDEFGH"}
    )
    client.force_login(admin_person)
    assert client.get("/admin/").status_code == 200


def test_teachers_and_authors_are_staff_in_this(client, db, settings):
    settings.SECOND_FACTOR_FOR_STAFF = True
    for role in ("is_teacher", "is_author"):
        person = get_user_model().objects.create_user(
            role, f"{role}@example.org", "a long one", **{role: True}
        )
        client.force_login(person)
        assert client.get("/no-such-page").status_code == 302


def test_learners_are_not_asked(client, db, settings):
    settings.SECOND_FACTOR_FOR_STAFF = True
    learner = get_user_model().objects.create_user("lea", "lea@example.org", "a long one")
    client.force_login(learner)
    assert client.get("/no-such-page").status_code == 404


def test_a_demo_asks_nobody(client, admin_person):
    client.force_login(admin_person)
    assert client.get("/admin/").status_code == 200


def test_the_admins_desk_has_no_sign_in_of_its_own(client, admin_person):
    for answer in (
        client.get("/admin/", follow=True),
        client.post("/admin/login/", {"username": "ada", "password": "a long one"}, follow=True),
    ):
        assert answer.request["PATH_INFO"] == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_the_second_factor_is_asked_for_at_sign_in(client, admin_person, settings):
    settings.SECOND_FACTOR_FOR_STAFF = True
    Authenticator.objects.create(
        user=admin_person, type=Authenticator.Type.TOTP, data={"secret": "ABCDEFGH"}
    )
    answer = client.post(SIGN_IN, {"login": "ada", "password": "a long one"})
    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session


def test_too_many_wrong_passwords_are_slowed_down(client, admin_person):
    cache.clear()
    for _ in range(40):
        client.post(SIGN_IN, {"login": "ada", "password": "a wrong one"})
    answer = client.post(SIGN_IN, {"login": "ada", "password": "a long one"})
    assert "_auth_user_id" not in client.session
    assert "too many tries to sign in" in answer.content.decode().lower()


def test_one_stranger_alone_cannot_lock_a_named_person_out(client, admin_person):
    cache.clear()
    for _ in range(60):
        client.post(SIGN_IN, {"login": "ada", "password": "a wrong one"}, REMOTE_ADDR="192.0.2.9")
    client.post(SIGN_IN, {"login": "ada", "password": "a long one"}, REMOTE_ADDR="198.51.100.7")
    assert client.session["_auth_user_id"] == str(admin_person.pk)


@pytest.mark.parametrize("vanished", ["Europe/Atlantis", "", "../etc/passwd"])
def test_a_time_zone_that_is_known_no_more_locks_nobody_out(client, admin_person, vanished):
    get_user_model().objects.filter(pk=admin_person.pk).update(time_zone=vanished)
    client.force_login(admin_person)
    assert client.get("/learn/").status_code == 200
    assert client.get("/learn/profile/").status_code == 200


def test_an_address_asked_for_what_it_does_not_do_answers_with_a_page(client, admin_person):
    client.force_login(admin_person)
    answer = client.get(reverse("learn:reading"))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "Nothing was changed" in answer.content.decode()


def test_a_machine_that_asks_wrongly_gets_a_page_that_needs_no_person(client, db):
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"

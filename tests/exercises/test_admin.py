"""The admin's desk: roles are given and taken, what is kept is read, and every change is noted."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from unfold.admin import ModelAdmin

from exercises import intake, review
from exercises.admin import ReadOnly
from exercises.models import Audit, Classroom, Exercise, Lesson, Membership, Submission, User
from tests import factories

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
KEPT = [model for model in MODELS if isinstance(admin.site._registry[model], ReadOnly)]


@pytest.fixture
def boss() -> User:
    return factories.admin(name="Alex")


@pytest.fixture
def client(boss: User) -> Client:
    return signed_in(boss)


def signed_in(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def url(model, name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def one_of_everything() -> None:
    """At least one row of every kind that the desk shows."""
    teacher, learner = factories.teacher(), factories.learner()
    room = factories.classroom(taught_by=teacher, with_learners=(learner,))
    exercise = factories.exercise(lesson=factories.lesson())
    factories.assignment(room, exercise)
    submission = factories.marked(factories.sheet(exercise, to=learner))
    intake.dispute(submission, "Please look.")
    review.override(submission, None, "Only to have one.", teacher)
    review.comment(submission, "Well done.", teacher)
    EmailAddress.objects.create(user=learner, email=learner.email)
    Authenticator.objects.create(
        user=teacher, type=Authenticator.Type.TOTP, data={"secret": "S3CR"}
    )


def form_of(response) -> dict[str, str]:
    """What the change form would send if nothing was touched."""
    form = response.context["adminform"].form
    data = {
        form.add_prefix(name): "" if value is None else value
        for name in form.fields
        if not isinstance(value := form[name].value(), bool) or value
    }
    for inline in response.context["inline_admin_formsets"]:
        prefix = inline.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return data


# --- Who gets in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["learner", "teacher", "author"])
def test_only_admins_get_to_the_desk(role):
    browser = signed_in(getattr(factories, role)())
    for model in MODELS:
        page = browser.get(url(model, "changelist"))
        assert page.status_code == 302
        assert page.url.startswith(reverse("admin:login"))


def test_every_page_of_the_desk_wears_its_dress():
    assert all(isinstance(desk, ModelAdmin) for desk in admin.site._registry.values())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_is_searched_and_every_row_opened(client, model):
    one_of_everything()
    assert client.get(url(model, "changelist")).status_code == 200
    assert client.get(url(model, "changelist"), {"q": "person"}).status_code == 200
    for row in model._default_manager.all():
        assert client.get(url(model, "change", row.pk)).status_code == 200


def test_a_second_factors_secret_is_never_shown(client):
    one_of_everything()
    row = Authenticator.objects.get()
    page = client.get(url(Authenticator, "change", row.pk))
    assert b"S3CR" not in page.content
    assert b'name="data"' not in page.content


# --- What is kept is only read --------------------------------------------------------------------


def test_what_learners_did_and_what_was_said_is_among_what_is_only_read():
    names = {model.__name__ for model in KEPT}
    assert names == {
        "Audit", "Dispute", "Marking", "Override", "Revision", "Sheet", "Submission", "Track",
        "Verdict",
    }  # fmt: skip


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_kept_rows_are_neither_made_nor_changed_nor_deleted(client, model):
    one_of_everything()
    row = model._default_manager.first()
    before = model._default_manager.count()
    assert client.post(url(model, "change", row.pk), {"reason": "mine"}).status_code == 403
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.post(url(model, "add"), {}).status_code == 403
    client.post(
        url(model, "changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )
    assert model._default_manager.count() == before
    assert not Audit.objects.filter(verb__in=["changed", "deleted", "added"]).exists()


def test_a_published_exercise_is_not_deleted_and_a_bare_draft_is(client):
    published, draft = factories.exercise(), factories.draft()
    assert client.post(url(Exercise, "delete", published.pk), {"post": "yes"}).status_code == 403
    assert client.post(url(Exercise, "delete", draft.pk), {"post": "yes"}).status_code == 302
    assert list(Exercise.objects.all()) == [published]


def test_an_exercises_text_is_not_changed_here(client):
    exercise = factories.exercise()
    page = client.get(url(Exercise, "change", exercise.pk))
    data = form_of(page) | {"draft": "title: mine", "slug": "mine", "position": "7"}
    client.post(url(Exercise, "change", exercise.pk), data)
    row = Exercise.objects.get()
    assert (row.draft, row.slug, row.position) == (exercise.draft, exercise.slug, 7)


# --- People and roles -----------------------------------------------------------------------------


def test_an_admin_makes_a_person_and_gives_them_roles(client, boss):
    client.post(
        url(User, "add"),
        {
            "username": "nora",
            "name": "Nora",
            "email": "Nora@Example.org",
            "password1": "a lamp in the long hall",
            "password2": "a lamp in the long hall",
        },
    )
    nora = User.objects.get(username="nora")
    assert nora.email == "nora@example.org"
    assert nora.check_password("a lamp in the long hall")
    page = client.get(url(User, "change", nora.pk))
    client.post(url(User, "change", nora.pk), form_of(page) | {"is_teacher": "on", "admin": "on"})
    nora.refresh_from_db()
    assert (nora.is_teacher, nora.is_author, nora.is_admin) == (True, False, True)
    line = Audit.objects.about(nora).filter(verb="changed").get()
    assert line.who == boss
    assert {name.lower() for name in line.detail["what"]} == {"teacher", "admin"}


def test_taking_the_admins_box_away_takes_the_role_away(client):
    other = factories.admin()
    data = form_of(client.get(url(User, "change", other.pk)))
    data.pop("admin")
    client.post(url(User, "change", other.pk), data)
    other.refresh_from_db()
    assert (other.is_staff, other.is_superuser) == (False, False)


@pytest.mark.parametrize("box", ["admin", "is_active"])
def test_nobody_locks_themselves_out(client, boss, box):
    data = form_of(client.get(url(User, "change", boss.pk)))
    data.pop(box)
    page = client.post(url(User, "change", boss.pk), data)
    assert "You cannot" in text_of(page)
    boss.refresh_from_db()
    assert boss.is_admin


def test_two_people_do_not_share_an_address(client):
    one, two = factories.learner(email="same@example.org"), factories.learner()
    data = form_of(client.get(url(User, "change", two.pk))) | {"email": "SAME@example.org"}
    page = client.post(url(User, "change", two.pk), data)
    assert "Another person has this address" in text_of(page)
    assert User.objects.get(pk=two.pk).email != one.email


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("is_teacher_on", "is_teacher", True),
        ("is_author_on", "is_author", True),
        ("is_active_off", "is_active", False),
    ],
)
def test_roles_are_given_and_taken_in_bulk_and_noted(client, boss, action, field, value):
    people = [factories.learner(), factories.learner()]
    client.post(
        url(User, "changelist"),
        {"action": action, "_selected_action": [person.pk for person in [*people, boss]]},
    )
    for person in people:
        person.refresh_from_db()
        assert getattr(person, field) is value
        assert Audit.objects.about(person).get().detail == {"what": [field], "to": value}
    boss.refresh_from_db()
    assert boss.is_active
    assert not boss.is_teacher


def test_who_is_closed_is_out_at_the_next_page(client):
    teacher = factories.teacher()
    browser = signed_in(teacher)
    assert browser.get(reverse("teach:index")).status_code == 200
    client.post(
        url(User, "changelist"), {"action": "is_active_off", "_selected_action": [teacher.pk]}
    )
    assert browser.get(reverse("teach:index")).status_code == 302


def test_people_are_never_deleted(client):
    person = factories.learner()
    assert client.post(url(User, "delete", person.pk), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


# --- Classrooms and content -----------------------------------------------------------------------


def test_somebody_is_taken_out_of_a_classroom_and_it_is_noted(client, boss):
    learner = factories.learner()
    room = factories.classroom(with_learners=(learner,))
    place = Membership.objects.get(user=learner)
    client.post(url(Membership, "delete", place.pk), {"post": "yes"})
    assert not room.memberships.filter(user=learner).exists()
    assert Audit.objects.filter(verb="deleted", subject=f"membership:{place.pk}", who=boss).exists()


def test_a_classrooms_code_is_not_typed_by_hand(client):
    room = factories.classroom()
    data = form_of(client.get(url(Classroom, "change", room.pk)))
    client.post(url(Classroom, "change", room.pk), data | {"name": "Renamed", "code": "AAAAAAAA"})
    row = Classroom.objects.get()
    assert (row.name, row.code) == ("Renamed", room.code)


@pytest.mark.parametrize("taken", ["answers", "join", "profile", "reading"])
def test_a_lesson_may_not_take_the_address_of_another_page(client, taken):
    lesson = factories.lesson(slug="its-own")
    data = form_of(client.get(url(Lesson, "change", lesson.pk)))
    page = client.post(url(Lesson, "change", lesson.pk), data | {"slug": taken, "takeaways": "[]"})
    assert f"/learn/{taken}/ already" in page.content.decode()
    lesson.refresh_from_db()
    assert lesson.slug == "its-own"


def test_a_changed_lesson_puts_its_exercises_where_its_text_places_them(client):
    lesson = factories.lesson()
    first, second = (factories.exercise(lesson=lesson, position=n) for n in (1, 2))
    data = form_of(client.get(url(Lesson, "change", lesson.pk)))
    body = f"Read.\n\n::exercise {second.slug}\n\nMore.\n"
    page = client.post(url(Lesson, "change", lesson.pk), data | {"body": body, "takeaways": "[]"})
    assert page.status_code == 302, page.context["adminform"].form.errors
    order = list(lesson.exercises.in_order().values_list("slug", flat=True))
    assert order == [second.slug, first.slug]


def test_the_desk_leads_to_the_pages_where_things_are_done(client):
    one_of_everything()
    submission = Submission.objects.get()
    page = client.get(url(Submission, "changelist")).content.decode()
    assert reverse("teach:answer", args=[submission.pk]) in page
    home = client.get(reverse("admin:index")).content.decode()
    for name in ("learn:index", "teach:index", "author:index"):
        assert reverse(name) in home

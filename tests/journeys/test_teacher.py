"""A teacher's whole way: open a classroom, see who has done what, settle, override."""

from __future__ import annotations

import re
from fractions import Fraction
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from exercises import classrooms, intake
from exercises.models import Classroom, Exercise, Submission, User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a lamp in the long hall"


def sign_in(page: Page, site: str, person: User) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("User name or e-mail").fill(person.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def a_class_at_work(room: Classroom) -> User:
    """Lena has answered twice and asks for a look; Max has begun."""
    lena = factories.learner(name="Lena", username="lena")
    for learner in (lena, factories.learner(name="Max", username="max")):
        classrooms.join(room.code, learner)
        sheet = intake.deal(learner, Exercise.objects.get(slug="mix-four-values"))
    sheet = intake.deal(lena, sheet.exercise)
    intake.submit(sheet, {"output": {"output": "4, 1"}}, uuid4())
    rounded = intake.submit(sheet, {"output": {"output": "3.1, 1.4"}}, uuid4())
    rounded = Submission.objects.get(pk=rounded.pk)
    intake.dispute(rounded, "I rounded as the lesson does.")
    bottleneck = intake.deal(lena, Exercise.objects.get(slug="rnn-bottleneck"))
    text = "Everything must pass through a single vector, so early words fade with every step."
    intake.submit(bottleneck, {"answer": {"text": text}}, uuid4())
    return lena


def open_a_classroom(page: Page, site: str) -> Classroom:
    page.get_by_role("link", name="Teach").click()
    page.get_by_role("link", name="Open a classroom").click()
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Give the classroom a name.").click()
    expect(page.get_by_label("What is it called?")).to_be_focused()
    page.get_by_label("What is it called?").fill("Monday group")
    page.get_by_role("button", name="Open it").click()
    return Classroom.objects.get()


def test_a_teacher_sees_who_has_done_what_and_decides(page: Page, site, accessible):
    sign_in(page, site, factories.teacher(name="Tea", username="tea", password=PASSWORD))
    room = open_a_classroom(page, site)
    expect(page.get_by_text(f"{room.code[:4]} {room.code[4:]}")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Make a new code").click()
    expect(page.get_by_text(f"{room.code[:4]} {room.code[4:]}")).to_have_count(0)
    room.refresh_from_db()
    page.get_by_role("button", name="Close the code").click()
    expect(page.get_by_text("nobody can join now")).to_be_visible()
    page.get_by_role("button", name="Open the code").click()

    lena = a_class_at_work(room)
    page.get_by_role("link", name="Monday group").click()
    row = page.get_by_role("row", name=re.compile("Lena"))
    expect(row.get_by_text("partly 90 %")).to_be_visible()
    other = page.get_by_role("row", name=re.compile("Max"))
    expect(other.get_by_text("begun", exact=True)).to_be_visible()
    accessible(page)

    row.get_by_role("link", name=re.compile("Why an RNN")).click()
    expect(page.locator("mark.lit").first).to_have_text(
        "Everything must pass through a single vector"
    )
    page.get_by_text("What decided this").click()
    expect(page.get_by_text("one_state")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="All answers of this learner").click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_role("article").first).to_contain_text("try 1")
    accessible(page)

    page.get_by_role("link", name="Monday group").click()
    page.get_by_role("link", name="Mix four values", exact=True).click()
    expect(page.get_by_role("article").first).to_contain_text("Lena, try 2")
    accessible(page)

    page.get_by_role("link", name="My classrooms").click()
    accessible(page)
    page.get_by_role("link", name="1 answer waits for you").click()
    accessible(page)
    page.get_by_role("link", name="Lena: Mix four values").click()
    expect(page.get_by_text("I rounded as the lesson does.")).to_be_visible()
    accessible(page)

    page.get_by_role("button", name="Settle it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_text("Give a score, or say something to the learner.")).to_be_visible()
    accessible(page)
    page.locator("#settle").get_by_label(re.compile("Score")).fill("100 %")
    page.get_by_label(re.compile("Your words to the learner")).fill("So it does. It counts.")
    page.get_by_role("button", name="Settle it").click()
    expect(page.get_by_text("Settled. The learner sees it at once.")).to_be_visible()
    expect(page.get_by_text("right 100 %")).to_be_visible()
    expect(page.get_by_role("heading", name="What was said before")).to_be_visible()

    page.get_by_text("Set another score for the whole answer").click()
    page.get_by_label("Score of the whole answer").fill("0.95")
    page.get_by_label("Why", exact=True).fill("Two decimals next time.")
    page.get_by_role("button", name="Set this score").click()
    expect(page.get_by_text("Tea set the score to 95 %")).to_be_visible()
    accessible(page)
    assert lena.submissions.order_by("pk")[1].score == Fraction(19, 20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_teachers_pages_fit_a_phone(browser: Browser, site, accessible, scheme):
    teacher = factories.teacher(name="Tea", username="tea", password=PASSWORD)
    room = factories.classroom(taught_by=teacher, name="Monday group")
    lena = a_class_at_work(room)
    disputed = lena.submissions.order_by("pk")[1]
    with browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme) as phone:
        page = phone.new_page()
        sign_in(page, site, teacher)
        for path in (
            "",
            "classrooms/new/",
            f"classrooms/{room.pk}/",
            f"classrooms/{room.pk}/people/",
            f"classrooms/{room.pk}/exercises/mix-four-values/",
            f"classrooms/{room.pk}/learners/{lena.pk}/",
            "waiting/",
            f"answers/{disputed.pk}/",
        ):
            page.goto(f"{site}/teach/{path}")
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, path
            accessible(page)


def test_a_teacher_settles_without_scripts(without_scripts: Page, site):
    teacher = factories.teacher(name="Tea", username="tea", password=PASSWORD)
    room = factories.classroom(taught_by=teacher, name="Monday group")
    lena = a_class_at_work(room)
    page = without_scripts
    sign_in(page, site, teacher)
    page.goto(f"{site}/teach/waiting/")
    page.get_by_role("link", name="Lena: Mix four values").click()
    page.get_by_label(re.compile("Your words to the learner")).fill("Rounding was not asked for.")
    page.get_by_role("button", name="Settle it").click()
    expect(page.get_by_text("Settled. The learner sees it at once.")).to_be_visible()
    assert lena.submissions.order_by("pk")[1].disputes.get().state == "settled"

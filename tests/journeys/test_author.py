"""An author's whole way: begin, break, mend, preview, prove, publish, and change again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from exercises import desk
from exercises.models import Exercise, User
from tests import factories
from tests.journeys.test_teacher import PASSWORD, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada() -> User:
    return factories.author(name="Ada", username="ada", password=PASSWORD)


def begin(page: Page, slug: str) -> None:
    page.get_by_role("link", name="Write").click()
    page.get_by_role("link", name="Begin a new exercise").click()
    page.get_by_label("Its name in addresses").fill(slug)
    page.get_by_label("Lesson").select_option(label="Attention as a soft lookup")
    page.get_by_role("button", name="Begin", exact=True).click()


def test_an_author_writes_proves_and_publishes(page: Page, site, accessible, ada):
    sign_in(page, site, ada)
    begin(page, "weight-left")
    expect(page.get_by_text("Learners see nothing of it until you publish it.")).to_be_visible()
    accessible(page)
    box = page.get_by_label("The exercise, as YAML")
    good = box.input_value()
    assert page.locator(".margin span").count() == good.count("\n") + 1

    # Faults: all at once, each with a link that leads to its line in the box.
    bad = good.replace("tries: 5", "tries: many").replace("points: 1", "points: lots")
    box.fill(bad)
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("heading", name="There are 2 faults in the text")).to_be_visible()
    expect(page.locator(".margin .bad")).to_have_text(["4", "17"])
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()
    accessible(page)
    page.get_by_role("link", name="Line 17").click()
    expect(box).to_be_focused()
    chosen = box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert chosen == "points: lots"

    # No YAML at all: kept as it was typed.
    box.fill("title: [")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("This is not valid YAML")).to_have_count(2)
    expect(box).to_have_value("title: [")

    # Tried as a learner; nothing is stored.
    box.fill(good)
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("textbox", name="Your answer").fill("0.85")
    page.get_by_role("button", name="Try this answer").click()
    expect(page.get_by_role("heading", name="0 % of this exercise")).to_be_focused()
    expect(page.get_by_text("The question is what they leave.")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Next seed").click()
    expect(page.get_by_label("Seed")).to_have_value("1")
    page.get_by_label("Seed").fill("-1")
    page.get_by_role("button", name="Deal this sheet").click()
    expect(page.get_by_role("alert")).to_contain_text("A seed is a whole number from 0")
    accessible(page)

    # A sample that does not hold keeps it shut.
    page.get_by_role("link", name="Draft", exact=True).click()
    box.fill(good.replace('"0.15", score: 1', '"0.15", score: 0'))
    page.get_by_role("button", name="Save and go on to the proof").click()
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_role("heading", name="It does not hold yet")).to_be_visible()
    expect(page.get_by_text("1 sample does not get what it must.")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()
    accessible(page)

    page.get_by_role("link", name="Draft", exact=True).click()
    box.fill(good)
    page.get_by_role("button", name="Save and go on to the proof").click()
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_role("heading", name="It proves good")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as version 1.")).to_be_visible()
    page.get_by_role("link", name="See it as learners do now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The weight that is left")

    # Another wording makes another version, and their difference is shown.
    page.goto(f"{site}/author/exercises/weight-left/")
    box.fill(good.replace("tries: 5", "tries: 3"))
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("changed since")).to_be_visible()
    page.get_by_role("link", name="Versions").click()
    expect(page.locator(".lines .out")).to_contain_text("tries: 5")
    expect(page.locator(".lines .in")).to_contain_text("tries: 3")
    accessible(page)
    page.get_by_role("link", name="Exercises you write").click()
    accessible(page)
    assert Exercise.objects.get(slug="weight-left").current.number == 1


def test_tab_indents_and_the_box_can_be_left_by_keyboard(page: Page, site, ada):
    factories.draft(by=ada, slug="mix", text="a\nb\n")
    sign_in(page, site, ada)
    page.goto(f"{site}/author/exercises/mix/")
    box = page.get_by_label("The exercise, as YAML")
    box.focus()
    box.evaluate("box => box.setSelectionRange(0, 3)")
    page.keyboard.press("Tab")
    expect(box).to_have_value("  a\n  b\n")
    page.keyboard.press("Shift+Tab")
    expect(box).to_have_value("a\nb\n")
    page.keyboard.press("Control+z")
    expect(box).to_have_value("  a\n  b\n")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save the draft")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(box).not_to_be_focused()
    expect(box).to_have_value("  a\n  b\n")


def test_two_authors_at_once_see_it_and_lose_nothing(page: Page, site, accessible, ada):
    exercise = factories.draft(by=ada, slug="mix")
    sign_in(page, site, ada)
    page.goto(f"{site}/author/exercises/mix/")
    desk.save_draft(exercise, factories.MIX + "# by Ben\n", factories.author(name="Ben"))
    box = page.get_by_label("The exercise, as YAML")
    box.fill(factories.MIX + "# by Ada\n")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("This draft was saved elsewhere")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(box).to_have_value(factories.MIX + "# by Ada\n")
    expect(page.locator(".lines .out")).to_contain_text("# by Ben")
    accessible(page)
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert Exercise.objects.get(slug="mix").draft == factories.MIX + "# by Ada\n"


def test_an_author_writes_without_scripts(without_scripts: Page, site, ada):
    page = without_scripts
    sign_in(page, site, ada)
    begin(page, "weight-left")
    box = page.get_by_label("The exercise, as YAML")
    good = box.input_value()
    box.fill(good.replace("tries: 5", "tries: many"))
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name="Line 4, column 1").click()
    assert page.url.endswith("#line-4")
    expect(page.locator("#line-4")).to_contain_text("whole number from 1 to 1000")
    box.fill(good)
    page.get_by_role("button", name="Save and go on to the proof").click()
    page.get_by_role("button", name="Prove it").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as version 1.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_authors_pages_fit_a_phone(browser: Browser, site, accessible, ada, scheme):
    broken = "title: Half\ntries: many\nparts:\n  - {name: one, kind: numbr, prompt: What?}\n"
    factories.draft(broken, by=ada, slug="broken")
    factories.exercise(by=ada, slug="mix")
    Exercise.objects.filter(slug="mix").update(draft=factories.MIX + "# and a very long line " * 9)
    with browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme) as phone:
        page = phone.new_page()
        sign_in(page, site, ada)
        page.goto(f"{site}/author/exercises/mix/proof/")
        page.get_by_role("button", name="Prove it").click()
        for path in (
            "",
            "new/",
            "exercises/broken/",
            "exercises/broken/preview/",
            "exercises/mix/",
            "exercises/mix/preview/",
            "exercises/mix/proof/",
            "exercises/mix/versions/",
        ):
            page.goto(f"{site}/author/{path}")
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, path
            accessible(page)

"""A teacher reads why an answer waits and accepts a phrase of it; the next learner earns by it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from exercises.models import Exercise, Proposal, Submission, User
from tests import factories
from tests.factories import MOON, said
from tests.journeys.test_teacher import PASSWORD, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEAR = (
    "The sun lights half of the moon. Seen from down here, the earth being elsewhere, it gives a "
    "different view."
)


@pytest.fixture
def tea() -> User:
    return factories.teacher(name="Tea", username="tea", password=PASSWORD, is_author=True)


@pytest.fixture
def moon(live_server, marker, tea: User) -> Exercise:
    return factories.exercise(
        MOON, by=tea, slug="half-a-moon", title="Half a moon", lesson=factories.lesson()
    )


@pytest.fixture
def answer(moon: Exercise, tea: User) -> Submission:
    lena = factories.learner(name="Lena", username="lena", password=PASSWORD)
    factories.classroom(taught_by=tea, with_learners=(lena,), name="Monday group")
    return factories.marked(factories.sheet(moon, to=lena), said(NEAR))


def test_a_phrase_is_accepted_from_an_answer_and_counts_once_published(
    page: Page, live_server, moon, answer, accessible
):
    site = str(live_server.url)
    sign_in(page, site, User.objects.get(username="tea"))
    page.goto(f"{site}/teach/waiting/")
    page.get_by_label("Why").select_option("close to an idea")
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_text("different view")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Lena: Half a moon").click()
    expect(page.get_by_role("heading", name="Why it waits for you")).to_be_visible()
    box = page.get_by_label("The words")
    expect(box).to_have_value("different view")
    # From a word of one tied stretch over its number into the next: only words arrive.
    page.locator("[data-phrase-source] .own-words").evaluate(
        """(words) => {
          const all = words.ownerDocument.createTreeWalker(words, NodeFilter.SHOW_TEXT);
          let node, from, to;
          while ((node = all.nextNode())) {
            if (node.data.includes("Seen from")) from = [node, node.data.indexOf("Seen from")];
            if (node.data.includes("down here")) to = [node, node.data.indexOf("down here") + 9];
          }
          getSelection().setBaseAndExtent(...from, ...to);
        }"""
    )
    expect(box).to_have_value("Seen from down here")
    accessible(page)
    page.get_by_label("The idea they say").select_option("why:angle")
    page.get_by_role("button", name="See what it would change").click()

    expect(page.get_by_role("heading", name=re.compile("Accept a phrase"))).to_be_visible()
    expect(page.get_by_text("With the phrase in it, the draft proves good.")).to_be_visible()
    change = page.get_by_role("row", name=re.compile("to a person correct 1"))
    expect(change).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Keep it in the draft").click()
    expect(page.get_by_text("The phrase stands in the draft now.")).to_be_visible()
    moon.refresh_from_db()
    assert moon.current.text == MOON
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as version 2.")).to_be_visible()

    moon.refresh_from_db()
    again = factories.marked(factories.sheet(moon), said(NEAR))
    assert again.score == 1


def test_a_phrase_is_proposed_without_scripts_and_discarded_by_its_author(
    without_scripts: Page, browser: Browser, live_server, moon, answer
):
    site, page = str(live_server.url), without_scripts
    tea = User.objects.get(username="tea")
    tea.is_author = False
    tea.save()
    moon.authors.set([factories.author(name="Ada", username="ada", password=PASSWORD)])
    sign_in(page, site, tea)
    page.goto(f"{site}/teach/answers/{answer.pk}/")
    page.get_by_label("The words").fill("of the")
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_role("alert")).to_contain_text("small words")
    page.get_by_label("The words").fill("seen from down here")
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("The authors of the exercise see it on their desk.")).to_be_visible()

    with browser.new_context(java_script_enabled=False) as context:
        desk = context.new_page()
        sign_in(desk, site, User.objects.get(username="ada"))
        expect(desk.get_by_role("heading", name="Exercises you write")).to_be_visible()
        desk.get_by_role("link", name="seen from down here").click()
        desk.get_by_role("button", name="Discard it").click()
        expect(desk.get_by_text("Discarded. The rules are as they were.")).to_be_visible()
    assert Proposal.objects.get().state == "discarded"
    moon.refresh_from_db()
    assert moon.draft == MOON


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_learner_reads_which_words_said_what(
    browser: Browser, live_server, moon, answer, accessible, scheme
):
    site = str(live_server.url)
    with browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme) as phone:
        page = phone.new_page()
        sign_in(page, site, answer.learner)
        page.goto(f"{site}/learn/answers/{answer.pk}/")
        words = page.locator("mark.idea").first
        expect(words).to_have_text("sun lights half of the moon")
        page.locator(".own-words .tie").first.click()
        expect(page.locator("#said-why-1")).to_contain_text("You say what the sun does.")
        page.locator("#said-why-1 .tie").click()
        expect(page).to_have_url(re.compile("#words-why-1$"))
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        accessible(page)

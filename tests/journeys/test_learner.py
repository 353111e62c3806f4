"""A learner's whole way: sign up, read, answer, learn why; with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from exercises.models import Exercise, Submission, User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a lamp in the long hall"
GOOD_REASON = (
    "Everything has to fit into one hidden state of fixed size, and every new word overwrites a "
    "little of what came before, so the early words are lost."
)


def sign_up(page: Page, site: str, name: str = "lena") -> None:
    page.goto(site)
    page.get_by_role("main").get_by_role("link", name="Make an account").click()
    page.get_by_label("User name").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()


def open_lesson(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Lessons").click()
    page.get_by_role("main").get_by_role("link", name="Attention as a soft lookup").click()


def begin(page: Page, title: str) -> None:
    page.get_by_role("link", name=re.compile(f": {title}$")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def fill_output(page: Page, *numbers: str) -> None:
    for place, number in enumerate(numbers, start=1):
        page.get_by_label(f"Output: component {place}").fill(number)


def test_a_learner_signs_up_reads_answers_and_learns_why(page: Page, site, accessible):
    sign_up(page, site)
    open_lesson(page)
    expect(page.locator("math").first).to_be_visible()
    accessible(page)

    begin(page, "Mix four values")
    expect(page.get_by_text("5 left of 5")).to_be_visible()
    accessible(page)
    fill_output(page, "4", "1")
    expect(page.get_by_text("Read as 4, 1.")).to_be_visible()
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_text("That is the strongest key alone")).to_be_visible()
    accessible(page)

    page.get_by_role("button", name="Try again with what you typed").click()
    expect(page.get_by_label("Output: component 1")).to_have_value("4")
    fill_output(page, "3.09", "1.37")
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Full marks")
    accessible(page)

    page.get_by_role("link", name="Back to the lesson").click()
    begin(page, "Why an RNN loses what it read first")
    page.get_by_label("Your answer").fill(GOOD_REASON)
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Full marks")
    expect(page.locator("mark.lit").first).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Back to the lesson").click()
    begin(page, "Invent a scorecard")
    page.get_by_role("group", name="Your pick", exact=True).get_by_label("she").check()
    for word in ("Riya", "Meena", "because"):
        page.get_by_role("group", name="Your 3 picks").get_by_label(word).check()
    for word, weight in {"Meena": "0.6", "Riya": "0.25", "helped": "0.15"}.items():
        page.get_by_label(f"Weights: {word}").fill(weight)
    for box in page.locator("textarea").all():
        box.fill(
            "Meena should get the highest weight, because Riya thanks her and one thanks the "
            "person who helped. The small weights are other candidates and hints that stay open."
        )
    accessible(page)
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("heading", name=re.compile("^Part 3 "))).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="My answers").click()
    expect(page.get_by_role("row")).to_have_count(1 + Submission.objects.count())
    accessible(page)
    page.get_by_role("link", name="Lessons", exact=True).click()
    expect(page.get_by_text(re.compile(r"3 of \d+ exercises answered"))).to_be_visible()
    accessible(page)


def test_the_same_way_without_a_single_script(without_scripts: Page, site):
    page = without_scripts
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")

    fill_output(page, "3.09", "one")
    page.get_by_role("button", name="Check how it is read").click()
    expect(page).to_have_title(re.compile("^Error:"))
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Output: component 2")).to_be_focused()
    fill_output(page, "3.09", "1.37")
    page.get_by_role("button", name="Check how it is read").click()
    expect(page.get_by_text("Read as 3.09, 1.37.")).to_be_visible()

    page.get_by_role("button", name="Show hint 1 of 2 (costs 10 % of this part)").click()
    expect(page.get_by_text("Hint 1", exact=True)).to_be_visible()
    expect(page.get_by_label("Output: component 2")).to_have_value("1.37")
    page.get_by_role("button", name="Save for later").click()
    expect(page.get_by_text("Saved. It waits for you here")).to_be_visible()

    page.get_by_role("link", name="Lessons", exact=True).first.click()
    page.get_by_role("link", name="Mix four values").first.click()
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("90 % of this exercise")
    expect(page.get_by_text("hint", exact=False).first).to_be_visible()

    page.get_by_text("I think this verdict is wrong").click()
    page.get_by_label("What should somebody look at?").fill("The hint told me nothing new.")
    page.get_by_role("button", name="Please look at this").click()
    expect(page.get_by_text("You asked for somebody to look at this.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_waiting_answer_turns_into_its_verdict_and_takes_the_focus(page: Page, site, marker):
    marker.at_work = False
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")
    fill_output(page, "3.09", "1.37")
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Your answer is stored, and waits to be marked"
    )
    expect(page.get_by_text("It is the next one to be marked.")).to_be_visible()
    marker.catch_up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Full marks", timeout=10_000)
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_without_scripts_a_waiting_page_loads_itself_again(without_scripts: Page, site, marker):
    marker.at_work = False
    page = without_scripts
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")
    fill_output(page, "3.09", "1.37")
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waits to be marked")
    marker.catch_up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Full marks", timeout=10_000)


def test_an_unsent_answer_is_kept_by_itself_and_found_again(page: Page, site):
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Why an RNN loses what it read first")
    page.get_by_label("Your answer").type("Half a thought")
    expect(page.get_by_text("Draft saved at")).to_be_visible(timeout=10_000)
    page.goto(site)
    page.get_by_role("link", name="Go on with").click()
    expect(page.get_by_label("Your answer")).to_have_value("Half a thought")


def test_a_faulty_form_takes_the_focus_to_its_summary(page: Page, site, accessible):
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")
    fill_output(page, "3.0x", "1.37")
    page.get_by_role("button", name="Submit this answer").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error:"))
    accessible(page)
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Output: component 1")).to_be_focused()


def test_cells_are_walked_by_arrow_keys_and_filled_from_a_spreadsheet(page: Page, site):
    sign_up(page, site)
    open_lesson(page)
    begin(page, "A soft lookup from start to end")
    first = page.get_by_label("Products (weight × value): word 1, component 1")
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Products (weight × value): word 2, component 2")).to_be_focused()
    first.focus()
    first.evaluate(
        """(box, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const how = {clipboardData: data, bubbles: true, cancelable: true};
          box.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        "1\t2\t3\t4\n5\t6\t7\t8\n",
    )
    expect(page.get_by_label("Products (weight × value): word 2, component 4")).to_have_value("8")
    expect(first).to_have_value("1")
    first.press("Enter")
    expect(page).to_have_url(re.compile("/learn/exercises/"))


def test_enter_in_a_box_never_takes_a_hint_or_a_try(page: Page, site):
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Invent a scorecard")
    page.get_by_role("group", name="Your pick", exact=True).get_by_label("she").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invent a scorecard")
    expect(page.get_by_text("Hint 1", exact=True)).to_have_count(0)
    assert not Submission.objects.exists()


def test_a_learner_joins_a_class_and_leaves_it(page: Page, site, accessible):
    classroom = factories.classroom(name="Year 12")
    sign_up(page, site)
    page.get_by_role("link", name="Lessons").first.click()
    page.get_by_label("Class code").fill("WRONG234")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_contain_text("No classroom takes this code")
    accessible(page)
    page.get_by_label("Class code").fill(classroom.code.lower())
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("those you have sent before")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Yes, join").click()
    expect(page.get_by_text("You are in Year 12.")).to_be_visible()
    page.get_by_role("link", name="Leave Year 12").click()
    accessible(page)
    page.get_by_role("button", name="Leave it").click()
    expect(page.get_by_text("You have left Year 12.")).to_be_visible()


def test_a_forgotten_password_is_set_anew(page: Page, site, accessible, mailoutbox):
    sign_up(page, site)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("User name or e-mail").fill("lena")
    page.get_by_label("Password").fill("not this one at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    accessible(page)
    page.get_by_role("link", name="I have forgotten my password").click()
    accessible(page)
    page.get_by_label("E-mail").fill("lena@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    accessible(page)
    (link,) = re.findall(r"https?://\S+/password/reset/key/\S+", mailoutbox[0].body)
    page.goto(site + re.sub(r"https?://[^/]+", "", link))
    accessible(page)
    page.get_by_label("New Password", exact=True).fill("another lamp, another hall")
    page.get_by_label("New Password (again)").fill("another lamp, another hall")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your password is changed")
    assert User.objects.get().check_password("another lamp, another hall")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_meets_the_rules_in_both_lights_and_both_widths(
    browser, site, accessible, scheme, width
):
    lena = factories.learner(username="lena", password=PASSWORD, name="Lena")
    classroom = factories.classroom(name="Year 12", with_learners=(lena,))
    mix = Exercise.objects.get(slug="mix-four-values")
    sheet = factories.sheet(mix, to=lena)
    wrong = factories.marked(sheet, {"output": {"output": "4, 1"}})
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    ) as context:
        page = context.new_page()
        for path in ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/",
                     "/learn/soft-lookup/", "/nothing/here/"):  # fmt: skip
            visit(page, site + path, accessible)
        page.goto(f"{site}/accounts/login/")
        page.get_by_label("User name or e-mail").fill("lena")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        for path in (
            "/",
            "/learn/",
            "/learn/profile/",
            "/learn/join/",
            "/learn/answers/",
            f"/learn/answers/{wrong.pk}/",
            f"/learn/sheets/{sheet.pk}/",
            f"/learn/classrooms/{classroom.pk}/leave/",
            "/learn/exercises/full-soft-lookup/",
            "/learn/exercises/invent-a-scorecard/",
            "/accounts/email/",
            "/accounts/password/change/",
            "/accounts/2fa/",
            "/accounts/logout/",
        ):
            visit(page, site + path, accessible)


def visit(page: Page, url: str, accessible) -> None:
    """Opens a page, and asks axe and the ruler: nothing is wider than the window."""
    page.goto(url)
    accessible(page)
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, f"{url} is {wide} wide in a window of {window}"


def test_a_draft_that_cannot_be_saved_is_said_and_saved_later(page: Page, site):
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")
    page.route("**/draft/", lambda route: route.abort())
    fill_output(page, "4", "1")
    line = page.locator("[data-failed]")
    expect(line).to_contain_text("Not saved: the site does not answer just now.", timeout=15_000)
    expect(page.get_by_label("Output: component 1")).to_have_value("4")
    page.unroute("**/draft/")
    expect(line).to_contain_text("Draft saved at", timeout=15_000)
    page.route("**/draft/", lambda route: route.fulfill(status=403, body="no"))
    fill_output(page, "4", "2")
    expect(line).to_contain_text("Not saved: this page is out of date.", timeout=15_000)


def test_a_waiting_page_asks_on_after_the_site_failed_it(page: Page, site, marker):
    marker.at_work = False
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")
    fill_output(page, "3.09", "1.37")
    failed = []

    def fail(route):
        failed.append(route.request.url)
        route.fulfill(status=500, body="no") if len(failed) % 2 else route.abort()

    page.route("**/status/**", fail)
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waits to be marked")
    for _wait in range(80):
        if len(failed) > 1:
            break
        page.wait_for_timeout(100)
    assert len(failed) > 1
    page.unroute("**/status/**")
    marker.catch_up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Full marks", timeout=15_000)


def test_a_line_that_finds_the_session_ended_says_so_and_leads_back(page: Page, site, context):
    sign_up(page, site)
    open_lesson(page)
    begin(page, "Mix four values")
    kept = [cookie for cookie in context.cookies() if cookie["name"] == "csrftoken"]
    context.clear_cookies()
    context.add_cookies(kept)
    fill_output(page, "4", "1")
    line = page.locator("[data-failed]")
    expect(line).to_contain_text("Not saved: you are signed out.", timeout=15_000)
    expect(page.get_by_label("Sign in")).to_have_count(0)
    page.get_by_role("button", name="Submit this answer").click()
    expect(page.get_by_text("what you just sent was not taken")).to_be_visible()
    page.get_by_label("User name").fill("lena")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/learn/sheets/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Mix four values")

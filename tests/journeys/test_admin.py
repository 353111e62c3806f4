"""An admin's whole way: give roles, one and in bulk, read the audit; and teach and write too."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from exercises.models import Audit, User
from tests import factories
from tests.journeys.conftest import WCAG
from tests.journeys.test_teacher import PASSWORD, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def meets_wcag(page: Page) -> None:
    """WCAG 2.2 AA. The desk is unfold's: what is only good practice is for it to choose."""
    tags = [tag for tag in WCAG if tag != "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


@pytest.fixture
def desk(page: Page, site) -> Page:
    """The page of an admin who has just signed in."""
    sign_in(page, site, factories.admin(name="Alex", username="alex", password=PASSWORD))
    return page


def test_an_admin_gives_a_role_and_the_audit_says_so(desk: Page, site):
    factories.learner(name="Nora", username="nora")
    expect(desk).to_have_url(f"{site}/admin/")
    meets_wcag(desk)
    desk.get_by_role("link", name="People", exact=True).first.click()
    desk.get_by_role("textbox", name="Type to search").fill("nora")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/?q=nora")
    meets_wcag(desk)
    desk.get_by_role("link", name="nora", exact=True).click()
    meets_wcag(desk)
    desk.get_by_role("checkbox", name="Teacher").check(force=True)
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    nora = User.objects.get(username="nora")
    assert nora.teaches
    assert Audit.objects.about(nora).get(verb="changed").who.username == "alex"

    desk.goto(f"{site}/admin/exercises/audit/")
    expect(desk.get_by_role("cell", name=f"user:{nora.pk}")).to_be_visible()
    meets_wcag(desk)


def test_an_admin_gives_roles_in_bulk(desk: Page, site):
    for name in ("nora", "omar"):
        factories.learner(username=name)
    desk.goto(f"{site}/admin/exercises/user/")
    for name in ("nora", "omar"):
        row = desk.locator("tr", has=desk.get_by_role("link", name=name, exact=True))
        row.locator("input.action-select").check()
    desk.locator("select[name=action]").select_option(label="Make them authors")
    desk.get_by_role("button", name="Run").click()
    desk.wait_for_load_state()
    assert set(User.objects.filter(is_author=True).values_list("username", flat=True)) == {
        "nora",
        "omar",
    }


def test_an_admin_teaches_and_writes_too(desk: Page, site, accessible):
    factories.classroom(name="Somebody elses")
    desk.goto(site)
    header = desk.get_by_role("banner")
    header.get_by_role("link", name="Teach", exact=True).click()
    desk.get_by_role("link", name="Somebody elses", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Somebody elses")
    accessible(desk)
    header.get_by_role("link", name="Write", exact=True).click()
    desk.get_by_role("link", name="Mix four values").click()
    expect(desk.get_by_label("The exercise, as YAML")).to_be_visible()
    accessible(desk)

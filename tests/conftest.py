"""What tests of every part may ask for: steady examples and a browser."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.core.cache import caches
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import browser as browsers

# The same examples each time: what fails, fails for everybody. No deadline, as machines pause.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(autouse=True)
def nobody_has_asked_too_often() -> None:
    """Each test begins with nothing counted against anybody."""
    caches["here"].clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all journeys; without one they fail, and say what to install."""
    try:
        executable = browsers.executable()
    except browsers.NoBrowser as fault:
        pytest.fail(str(fault))
    # Playwright keeps an event loop in this thread, beside which Django refuses its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=executable, args=list(browsers.ARGUMENTS)
        )
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor nobody has seen before."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as fresh:
        yield fresh


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of that visitor's."""
    return context.new_page()

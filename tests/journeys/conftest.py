"""A whole site for journeys: its lessons, a marker in the same process, every request noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from exercises import catalog, marking, queue

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass
class Marker:
    """Marks what is submitted, at once or when told to: a worker without a queue."""

    at_work: bool = True
    waiting: list[int] = field(default_factory=list)

    def take(self, task: str, args: list[int]) -> None:
        assert task == queue.TASKS["mark"]
        self.waiting += args
        if self.at_work:
            self.catch_up()

    def catch_up(self) -> None:
        while self.waiting:
            marking.mark(self.waiting.pop(0))


@pytest.fixture
def marker(monkeypatch: pytest.MonkeyPatch) -> Marker:
    hand = Marker()
    monkeypatch.setattr(queue.current_app, "send_task", hand.take)
    return hand


@pytest.fixture
def site(live_server, marker: Marker) -> str:
    """The address of a running site with its own lessons."""
    loaded = list(catalog.load())
    assert all(one.did == "new" for one in loaded), loaded
    return str(live_server.url)


@pytest.fixture(autouse=True)
def nothing_leaves_the_site(
    browser: Browser, live_server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """On every journey, no page asks anybody but the site, and no page breaks its own policy."""
    asked: list[str] = []
    broken: list[str] = []
    make = browser.new_context

    def watched(**options: object) -> BrowserContext:
        context = make(**options)  # type: ignore[arg-type]
        context.on("request", lambda request: asked.append(request.url))
        context.on(
            "console",
            lambda said: broken.append(said.text) if "Security Policy" in said.text else None,
        )
        return context

    monkeypatch.setattr(browser, "new_context", watched)
    yield
    own = urlsplit(live_server.url).netloc
    foreign = {url for url in asked if urlsplit(url).netloc not in {own, ""}}
    assert asked
    assert not foreign
    assert not broken


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Asks axe whether the page as it stands meets WCAG 2.2 AA."""

    def ask(page: Page) -> None:
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(WCAG)}})
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return ask


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[Page]:
    """A visitor whose browser runs no JavaScript."""
    with browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}
    ) as context:
        yield context.new_page()

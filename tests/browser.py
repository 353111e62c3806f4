"""Which browser the journeys drive; `python -m tests.browser` prints it, or what to install."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# Root has no sandbox to drop into, and a test's browser has no business with the network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Exception):
    """There is no browser here; the message says how to get one."""


def executable() -> Path:
    """The browser named in SPOTLIGHT_BROWSER, else one on the PATH, else Playwright's own.

    Errors: NoBrowser.
    """
    named = os.environ.get("SPOTLIGHT_BROWSER")
    for name in (named,) if named else NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    if not named:
        with sync_playwright() as playwright:
            own = Path(playwright.chromium.executable_path)
        if own.is_file():
            return own
    raise NoBrowser(
        "The journeys need a browser and found none. scripts/test installs one where it can; "
        "else install chromium (on Debian: apt install chromium) or name one in SPOTLIGHT_BROWSER."
    )


if __name__ == "__main__":
    try:
        print(executable())
    except NoBrowser as fault:
        sys.exit(str(fault))

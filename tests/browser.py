"""A headless Chromium for tests of the pages: what is said on its console and asked of the network is kept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium on this machine (Debian: apt-get install chromium): the pages are not tested"


def executable() -> str | None:
    """Return where Chromium is, None if it is nowhere."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Yield a browser."""
    with sync_playwright() as playwright:
        # Without a sandbox, since CI is root; the pages are our own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """A page with what was wrong on it (`errors`), and every address that it asked for (`requests`)."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(
    browser: Browser, *, offline: bool = True, width: int = 1280, dark: bool = False, **more: Any
) -> Iterator[Tab]:
    """Yield an empty tab."""
    scheme = "dark" if dark else "light"
    size = {"width": width, "height": 900}
    context = browser.new_context(offline=offline, viewport=size, color_scheme=scheme, **more)
    context.set_default_timeout(10_000)
    tab = Tab(context.new_page())
    tab.page.on("console", lambda said: tab.errors.append(said.text) if said.type == "error" else None)
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.page.on("dialog", lambda dialog: (tab.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    tab.page.on("request", lambda asked: tab.requests.append(asked.url))
    try:
        yield tab
    finally:
        context.close()

"""What people do with the form of the page."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.served import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Download, Locator, Page

expect.set_options(timeout=PATIENCE_MS)


def choose(page: Page, what: str, format_: str = "", period: str = "") -> None:
    page.get_by_role("radio", name=what, exact=True).check()
    page.get_by_label("Format", exact=True).select_option(format_)
    page.get_by_label("Period", exact=True).select_option(period)


def file_of(page: Page) -> tuple[str, bytes]:
    """Press the button, and return the file that the browser saves."""
    with page.expect_download() as waiting:
        page.locator("#go").click()
    return saved(waiting.value)


def saved(download: Download) -> tuple[str, bytes]:
    return download.suggested_filename, Path(download.path()).read_bytes()


def entry_of(page: Page, text: str, state: str) -> Locator:
    """Return the newest such entry of the history: others may have asked for the same."""
    return page.locator("#history tbody tr").filter(has_text=text).filter(has_text=state).first


def copied(page: Page, button: str) -> list[str]:
    page.get_by_role("button", name=button).click()
    expect(page.locator("#copied")).not_to_be_empty()
    return shlex.split(page.locator("#copied").inner_text())

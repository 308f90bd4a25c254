"""The page of schedules by the keyboard alone: added, looked at, tried, turned off, removed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import NOW
from tests.browser.served import PATIENCE_MS, served, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.served import Visit

#: More than there is to go through on the page.
MOST_TABS = 200
#: What comes on Mondays and Thursdays, when it is the fourth of March, a Wednesday.
NEXT = [
    "Thu 2026-03-05 06:00 about 2026-02-23 to 2026-03-01",
    "Mon 2026-03-09 06:00 about 2026-03-02 to 2026-03-08",
    "Mon 2026-03-16 06:00 about 2026-03-09 to 2026-03-15",
    "Mon 2026-03-23 06:00 about 2026-03-16 to 2026-03-22",
    "Mon 2026-03-30 06:00 about 2026-03-23 to 2026-03-29",
]
#: How something is outlined, or the label around it.
OUTLINES = """one => [one, one.closest("label") ?? one].map(
    shown => getComputedStyle(shown).outlineStyle)"""
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Receive webhooks; gives the URL, and the bodies with the head that says what they are."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            received.append(head + self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hooks/k3y", received
        finally:
            server.shutdown()
            thread.join()


def go_to(page: Page, wanted: Locator) -> None:
    """Hold Tab down until something has the focus, and is seen to have it."""
    expect(wanted).to_have_count(1)
    # Not looked for again after each Tab: a button's name takes the browser long to find.
    one = wanted.element_handle()
    for _ in range(MOST_TABS):
        page.keyboard.down("Tab")
        if one.evaluate("one => one === document.activeElement"):
            page.keyboard.up("Tab")
            assert "solid" in one.evaluate(OUTLINES)
            return
    raise AssertionError(wanted)


def write(page: Page, label: str, text: str) -> None:
    """Go to a field and type; of a list that chooses what begins so."""
    go_to(page, page.locator("#form").get_by_label(label, exact=True))
    page.keyboard.type(text)


def press(page: Page, button: str) -> None:
    go_to(page, page.get_by_role("button", name=button, exact=True))
    page.keyboard.press("Enter")


def unfold(page: Page, summary: str) -> None:
    go_to(page, page.locator("summary", has_text=summary))
    page.keyboard.press("Enter")


def add(page: Page, url: str) -> None:
    """Fill the form in, and send it."""
    write(page, "Name", "Mondays")
    write(page, "What", "Events")
    write(page, "Format", "CSV")
    go_to(page, page.get_by_role("checkbox", name="Thursday"))
    page.keyboard.press("Space")
    write(page, "By", "Webhook")
    go_to(page, page.locator("#recipients"))
    page.keyboard.type(url)
    press(page, "Add the schedule")
    expect(page.get_by_role("status")).to_have_text("The schedule was added.")


def check_looks(visited: Visit) -> None:
    """Look for what keeps somebody from using it: in light, in dark, and on a small screen."""
    page = visited.page
    assert visited.violations() == []
    page.emulate_media(color_scheme="dark")
    assert visited.violations() == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert visited.violations() == []


def test_a_schedule_is_added_looked_at_tried_turned_off_and_removed_by_the_keyboard(
    browser: Browser, database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "storj-monitor.db"
    shutil.copyfile(database, path)
    config = tmp_path / "a.toml"
    config.write_text("[channels.webhook]\nallow_private = true\n[exports]\nprocesses = false\n")
    options = {"module": "tests.browser.at_a_time", "SOURCE_DATE_EPOCH": NOW}
    with (
        receiver() as (url, received),
        served(path, "--config", str(config), **options) as origin,
        visit(browser, origin, "schedules") as visited,
    ):
        page = visited.page
        add(page, url)
        unfold(page, "Next five")
        shown = page.locator(".coming li")
        assert [" ".join(one.inner_text().split()) for one in shown.all()] == NEXT

        press(page, "Send a test Mondays")
        expect(page.get_by_role("status")).to_have_text("Sent as a test: 1 sent.")
        delivered = page.locator(".deliveries tbody tr")
        expect(delivered).to_have_count(1)
        expect(delivered).to_contain_text("a test")
        expect(delivered.get_by_text("sent", exact=True)).to_be_visible()
        [body] = received
        [_, file] = message_from_bytes(body, policy=policy.HTTP).iter_parts()
        assert file.get_filename() == "events_all_2026-02-23_2026-03-01.csv"
        assert "k3y" not in page.content()

        unfold(page, "Next five")
        check_looks(visited)
        press(page, "Disable Mondays")
        expect(page.locator(".schedule")).to_contain_text("disabled")
        unfold(page, "Remove")
        press(page, "Remove it Mondays")
        expect(page.get_by_role("status")).to_contain_text("The schedule was removed.")
        expect(page.locator(".schedule")).to_have_count(0)
        expect(page.locator(".deliveries tbody tr")).to_have_count(1)

"""The page in light and dark, wide and on a phone: axe-core finds nothing, and it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.form import choose, entry_of, file_of
from tests.browser.served import visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Visiting

TARGETS = """() => [...document.querySelectorAll("a, button, summary, select, label, input")]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest("p, label"))
    .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
    .filter(([box]) => box.width > 1 && Math.min(box.width, box.height) < 24)
    .map(([box, html]) => [box.width, box.height, html])"""


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible_and_fits_its_screen(
    visiting: Visiting, width: int, scheme: str
) -> None:
    looks = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with visiting(**looks, reduced_motion="reduce") as visited:
        page = visited.page
        expect(page.locator("#forecast-file")).to_contain_text("daily_summary")
        assert visited.violations() == []
        assert overflow(page) == 0

        choose(page, "Events")
        page.get_by_text("More options").click()
        page.get_by_text("Preview", exact=True).click()
        expect(page.locator("#preview tbody tr")).to_have_count(20)
        file_of(page)
        expect(entry_of(page, "Events", "done")).to_be_visible()
        page.get_by_role("button", name="Copy as curl").click()
        expect(page.locator("#copied")).to_be_visible()
        for details in page.locator("details:not([open]) > summary").all():
            if details.is_visible():
                details.click()
        assert visited.violations() == []
        assert overflow(page) == 0
        assert page.evaluate(TARGETS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_work_and_its_error_are_accessible(visiting: Visiting, scheme: str) -> None:
    with visiting(color_scheme=scheme, viewport={"width": 320, "height": 800}) as visited:
        page = visited.page
        choose(page, "Events", "slow")
        page.locator("#go").click()
        expect(page.get_by_role("button", name="Cancel the download")).to_be_visible()
        assert visited.violations() == []
        page.get_by_role("button", name="Cancel the download").click()
        expect(page.locator("#job")).to_contain_text("Canceled")
        choose(page, "Events", "faulty")
        page.locator("#go").click()
        expect(page.get_by_role("alert")).to_contain_text("export_failed")
        assert visited.violations() == []
        assert overflow(page) == 0


def test_nothing_moves_for_those_who_do_not_want_it(visiting: Visiting) -> None:
    with visiting(reduced_motion="reduce") as visited:
        moving = """() => [...document.querySelectorAll("*")].filter(one => {
            const {animationName, transitionDuration} = getComputedStyle(one);
            return animationName !== "none" || parseFloat(transitionDuration) > 0.001;
        }).length"""
        assert visited.page.evaluate(moving) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_has_the_token_logs_in(browser: Browser, guarded: str, scheme: str) -> None:
    with visit(browser, guarded, color_scheme=scheme) as visited:
        page = visited.page
        assert visited.violations() == []
        page.get_by_label("Token").fill("secret-of-the-test")
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#ways")).to_be_visible()  # until then it is a form without scripts
        choose(page, "Events")
        assert file_of(page)[1].count(b"\r\n") == 419
        page.get_by_role("button", name="Copy as curl").click()
        expect(page.locator("#copied")).to_contain_text("Bearer $STORJ_MONITOR_TOKEN")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Token")).to_be_visible()
        visited.forgive(401)


def test_who_is_logged_out_meanwhile_is_told_how_to_go_on(browser: Browser, guarded: str) -> None:
    with visit(browser, guarded) as visited:
        page = visited.page
        page.get_by_label("Token").fill("secret-of-the-test")
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#forecast-file")).to_contain_text("daily_summary")
        page.context.clear_cookies()
        choose(page, "Events")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("this server wants a token")
        alert.get_by_role("link", name="Log in again").click()
        expect(page.get_by_label("Token")).to_be_visible()
        visited.forgive(401)


def test_a_page_of_an_empty_database_says_what_to_do(browser: Browser, nothing: str) -> None:
    with visit(browser, nothing) as visited:
        page = visited.page
        expect(page.locator("#overview")).to_contain_text("storj-monitor ingest NAME:PATH")
        choose(page, "Events")
        expect(page.locator("#forecast-rows")).to_have_text("none in these days")
        assert visited.violations() == []

"""The overview, as people use it: choosing a node, acknowledging an alert, and what changes."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from storj_monitor.store import AlertChanges, Finding, Store
from tests.browser.conftest import NOW, news_of
from tests.browser.served import PATIENCE_MS, served, visit
from tests.records import at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Route

NODES = ("attic", "nas <i>two</i>")
RAISED = "2026-03-04T11:00:00"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def alerted(tmp_path: Path) -> Path:
    """Make a database of two nodes with an open alert each."""
    path = tmp_path / "storj-monitor.db"
    with Store.open(path, create=True).writer() as writer:
        for number, node in enumerate(NODES, start=1):
            writer.write([news_of(node)])
            writer.update_alerts(raised(number, "disk_space", "Disk space"), at(RAISED))
    return path


@pytest.fixture
def overview(alerted: Path) -> Iterator[str]:
    """Serve it."""
    with served(alerted, SOURCE_DATE_EPOCH=NOW) as origin:
        yield origin


def raised(node_id: int, type_: str, title: str) -> AlertChanges:
    """Return an alert that stays: nothing is known that could resolve it."""
    finding = Finding(node_id, 0, type_, "warning", title, "It is <b>bad</b>.")
    return AlertChanges(raised=(finding,))


def test_an_alert_is_acknowledged_without_leaving_the_page(browser: Browser, overview: str) -> None:
    with visit(browser, overview) as visited:
        page = visited.page
        shown = page.locator("#overview .alert")
        expect(shown).to_have_count(2)
        expect(shown.first).to_contain_text("It is <b>bad</b>.")
        page.get_by_role("button", name="Acknowledge Disk space of attic").click()
        expect(page.locator("#overview")).to_contain_text("1 new, 1 acknowledged")
        page.reload()
        expect(page.locator("#overview")).to_contain_text("1 new, 1 acknowledged")
        assert visited.violations() == []


def test_one_node_is_chosen_and_the_address_says_so(browser: Browser, overview: str) -> None:
    with visit(browser, overview) as visited:
        page = visited.page
        nodes = page.locator("#overview .node")
        expect(nodes).to_have_count(2)
        page.locator("#overview").get_by_label("Node").select_option(NODES[1])
        page.get_by_role("button", name="Show", exact=True).click()
        expect(nodes).to_have_count(1)
        expect(nodes).to_contain_text(NODES[1])
        page.reload()
        expect(nodes).to_have_count(1)


def test_what_changes_is_shown_by_itself_and_what_is_open_stays(
    browser: Browser, alerted: Path, overview: str
) -> None:
    with visit(browser, overview) as visited:
        page = visited.page
        node = page.locator("#overview .node details").first
        node.locator("summary").click()
        expect(page.locator("#overview")).to_contain_text("2 new")
        with Store.open(alerted).writer() as writer:
            writer.update_alerts(raised(1, "disk_forecast", "Full soon"), at(RAISED))
        expect(page.locator("#overview")).to_contain_text("3 new")
        expect(node).to_have_attribute("open", "")


def test_charts_are_drawn_anew_while_the_page_is_open(
    browser: Browser, alerted: Path, overview: str
) -> None:
    def later(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=re.sub('as_of=[^&"]+', "as_of=later", told.text()))

    with visit(browser, overview) as visited:
        page = visited.page
        charts = page.locator("#overview .charts img")
        charts.first.scroll_into_view_if_needed()
        expect(charts.first).to_have_js_property("complete", value=True)
        page.route("**/overview?*", later)
        with Store(alerted).writer() as writer:
            writer.update_alerts(raised(1, "silence", "Not heard"), at(RAISED))
        for chart in charts.all():
            expect(chart).to_have_attribute("src", re.compile("as_of=later"))
            assert chart.evaluate("image => image.naturalWidth") > 0
        links = page.locator("#overview .charts a").all()
        assert all("as_of=later" in str(link.get_attribute("href")) for link in links)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_charts_have_letters_that_can_be_read(
    browser: Browser, overview: str, scheme: Literal["light", "dark"]
) -> None:
    for width, drawn, name in ((1280, 720, None), (375, 360, "narrow")):
        screen = {"width": width, "height": 800}
        with visit(browser, overview, viewport=screen, color_scheme=scheme) as visited:
            chart = visited.page.locator("#overview .charts img").first
            chart.scroll_into_view_if_needed()
            expect(chart).to_have_js_property("complete", value=True)
            asked = parse_qs(urlsplit(chart.evaluate("image => image.currentSrc")).query)
            assert asked.get("option.width", [None]) == [name]
            assert asked["option.theme"] == [scheme]
            assert chart.evaluate("image => image.naturalWidth") == drawn


def test_a_server_that_is_gone_costs_the_page_nothing(browser: Browser, alerted: Path) -> None:
    with ExitStack() as at_first:
        origin = at_first.enter_context(served(alerted, SOURCE_DATE_EPOCH=NOW))
        with visit(browser, origin) as visited:
            page = visited.page
            live = page.locator("#overview [data-live]")
            expect(page.locator("#overview .alert")).to_have_count(2)
            at_first.close()
            expect(live).to_contain_text("The server doesn't answer: this is how it was.")
            button = page.get_by_role("button", name="Acknowledge Disk space of attic")
            button.click()
            expect(live).to_contain_text("That didn't work")
            with page.expect_event("requestfailed"):  # it is tried again, which takes nothing away
                pass
            page.wait_for_timeout(100)
            expect(live).to_contain_text("That didn't work")
            expect(page.locator("#overview .alert")).to_have_count(2)
            with served(alerted, "--port", port_of(origin), SOURCE_DATE_EPOCH=NOW):
                expect(live).to_be_empty()
                button.click()
                expect(page.locator("#overview")).to_contain_text("1 new, 1 acknowledged")
            visited.complaints = [text for text in visited.complaints if "net::ERR" not in text]


def test_who_is_logged_out_meanwhile_is_told_so(browser: Browser, alerted: Path) -> None:
    token = "secret-of-the-test"
    with (
        served(alerted, SOURCE_DATE_EPOCH=NOW, STORJ_MONITOR_TOKEN=token) as origin,
        visit(browser, origin) as visited,
    ):
        page = visited.page
        page.get_by_label("Token").fill(token)
        with page.expect_response("**/api/overview/events"):
            page.get_by_role("button", name="Log in").click()
        expect(page.locator("#forecast-file")).to_contain_text("daily_summary")
        expect(page.locator("#overview .alert")).to_have_count(2)
        page.context.clear_cookies()
        page.get_by_role("button", name="Acknowledge Disk space of attic").click()
        expect(page.locator("#overview [data-live]")).to_contain_text("You are logged out.")
        expect(page.locator("#overview .alert")).to_have_count(2)
        visited.forgive(401)


def port_of(origin: str) -> str:
    return origin.rstrip("/").rpartition(":")[2]


def test_without_scripts_it_is_shown_and_acknowledged_too(browser: Browser, overview: str) -> None:
    with visit(browser, overview, java_script_enabled=False) as visited:
        page = visited.page
        page.get_by_role("button", name="Acknowledge Disk space of attic").click()
        expect(page.locator("#overview")).to_contain_text("1 new, 1 acknowledged")

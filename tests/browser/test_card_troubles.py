"""What the form says while a file is made, and when something is wrong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.request import urlopen

from playwright.sync_api import expect

from tests.browser.form import choose, entry_of, file_of

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.conftest import Visiting


def test_cancel_really_stops_the_work(visiting: Visiting, origin: str) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events", "slow")
        with page.expect_response(re.compile("/api/reports/start")) as started:
            page.locator("#go").click()
        id_ = started.value.json()["id"]
        job = page.locator("#job")
        expect(job).to_contain_text(re.compile(r"[1-9]\d*\xa0rows? · [1-9].* · [1-9]\d*\xa0s"))
        expect(page.locator("#go")).to_have_attribute("aria-disabled", "true")
        choose(page, "Events", "slow", "period=yesterday")
        expect(page.locator("#go")).to_have_text("The file is being made …")
        job.get_by_role("button", name="Cancel the download").click()
        expect(job).to_have_text("Canceled. Nothing was saved.")
        expect(page.locator("#go")).to_be_focused()
        expect(page.get_by_role("status").filter(has_text="cancel")).to_be_attached()
        with urlopen(f"{origin}api/reports/{id_}/progress", timeout=30) as answer:
            assert json.load(answer)["state"] == "canceled"
        expect(entry_of(page, "slow · all nodes", "canceled")).to_be_visible()
        expect(page.locator("#go")).to_have_text("Download Events as Slowly")


def test_a_late_forecast_does_not_take_the_words_of_an_error_away(visiting: Visiting) -> None:
    asked: list[Route] = []

    def take(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            answer(route)

    def answer(route: Route) -> None:
        estimate = route.fetch()
        route.fulfill(response=estimate, json=estimate.json() | {"rows": None})

    with visiting() as visited:
        page = visited.page
        choose(page, "Events", "faulty")
        page.route("**/api/estimate*", take)  # so it is asked for again after a while
        choose(page, "Events", "faulty", "period=yesterday")
        expect(page.locator("#forecast-rows")).to_have_text("not known so soon")
        page.locator("#go").click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("export_failed")
        while len(asked) == 1:
            page.wait_for_timeout(50)
        answer(asked[1])
        page.wait_for_timeout(300)
        expect(alert).to_contain_text("export_failed")
        page.unroute("**/api/estimate*")
        choose(page, "Events", "csv")
        expect(alert).to_be_empty()


def test_the_status_says_the_beginning_and_the_end_and_no_tick(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        page.evaluate("""() => {
            window.heard = [];
            const roles = "#download :is([role=status], [role=alert])";
            const regions = document.querySelectorAll(roles);
            for (const region of regions) {
                new MutationObserver(() => window.heard.push(region.textContent.trim()))
                    .observe(region, {childList: true, subtree: true, characterData: true});
            }
        }""")
        choose(page, "Events", "slow", "period=yesterday")
        name, _ = file_of(page)
        expect(page.locator("#said")).to_contain_text("Saved")
        heard = [text for text in page.evaluate("window.heard") if text]
        assert heard == ["The file is being made.", f"Saved {name}, 6\xa0rows."]


def test_an_error_has_the_servers_words_and_a_way_on(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        page.get_by_text("More options").click()
        zone = page.get_by_label("Time zone")
        zone.fill("Mars/Base")
        zone.press("Tab")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("No such time zone")
        expect(alert).to_contain_text("there is no time zone 'Mars/Base'")
        expect(alert).to_contain_text("Give a name such as Europe/Berlin or UTC.")
        expect(alert).to_contain_text(re.compile(r"bad_timezone · request [0-9a-f]{16}"))
        expect(zone).to_have_attribute("aria-invalid", "true")
        alert.get_by_role("button", name="Go to the field").click()
        expect(zone).to_be_focused()
        assert visited.violations() == []
        zone.fill("Europe/Berlin")
        zone.press("Tab")
        expect(alert).to_be_empty()
        expect(zone).not_to_have_attribute("aria-invalid", "true")
        visited.forgive(400)


def test_a_format_that_fails_costs_its_own_export_and_can_be_tried_again(
    visiting: Visiting,
) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events", "faulty")
        page.locator("#go").click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("the <b>printer</b> is on fire")
        expect(alert).to_contain_text("export_failed")
        expect(entry_of(page, "faulty · all nodes", "failed")).to_be_visible()
        with page.expect_response(re.compile("/api/reports/start")):
            alert.get_by_role("button", name="Try again").click()
        expect(page.locator("#go")).to_be_focused()
        expect(alert).to_contain_text("the <b>printer</b> is on fire")
        choose(page, "Events", "psv")
        expect(alert).to_be_empty()
        assert file_of(page)[1].count(b"\n") == 419


def test_a_server_that_is_gone_is_said_so(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        page.route("**/api/reports/start", lambda route: route.abort())
        choose(page, "Events")
        page.locator("#go").click()
        expect(page.get_by_role("alert")).to_contain_text("The server can't be reached.")
        visited.complaints = [text for text in visited.complaints if "net::ERR" not in text]


def test_a_network_that_fails_for_a_moment_costs_nothing(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        missed: list[Route] = []

        def miss(route: Route) -> None:
            missed.append(route)
            if len(missed) in (1, 2):
                route.abort()
            else:
                route.continue_()

        page.route("**/progress", miss)
        choose(page, "Events", "slow", "period=yesterday")
        assert file_of(page)[1].count(b"\n") == 6
        assert len(missed) > 2
        expect(page.get_by_role("alert")).to_be_empty()
        visited.complaints = [text for text in visited.complaints if "net::ERR" not in text]


def test_a_preview_of_a_report_that_makes_no_sense_says_why(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Daily summary")
        page.get_by_text("Preview", exact=True).click()
        expect(page.locator("#preview iframe")).to_be_visible()
        page.get_by_text("More options").click()
        zone = page.get_by_label("Time zone")
        zone.fill("Mars/Base")
        zone.press("Tab")
        preview = page.locator("#preview")
        expect(preview).to_contain_text("There is no preview: there is no time zone 'Mars/Base'")
        expect(page.locator("#preview iframe")).to_have_count(0)
        visited.forgive(400)


def test_an_answer_about_an_earlier_choice_is_ignored(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        expect(page.locator("#forecast-file")).to_contain_text("daily_summary")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/api/estimate?source=traffic*", hold)
        with page.expect_request(re.compile("source=traffic")):
            choose(page, "Traffic")
        choose(page, "Events")
        expect(page.locator("#forecast-file")).to_contain_text("events_all")
        assert held
        for late in held:
            late.fulfill(json={"file_name": "late", "rows": None})
        page.get_by_label("Period", exact=True).select_option("period=yesterday")
        expect(page.locator("#forecast-rows")).to_have_text("6\xa0rows")
        expect(page.locator("#forecast-file")).to_contain_text("events_all_2026-03-03")

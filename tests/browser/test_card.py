"""The form of the page, as people use it: each flow once, with the real server."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

from playwright.sync_api import expect

from tests.browser.conftest import NOW
from tests.browser.form import choose, copied, entry_of, file_of, saved
from tests.browser.served import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visiting


def test_what_will_come_is_said_before_the_click_and_comes(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events")
        expect(page.locator("#forecast-span")).to_have_text("26 Feb 2026 to 4 Mar 2026 (UTC)")
        expect(page.locator("#forecast-rows")).to_have_text("418\xa0rows")
        expect(page.locator("#forecast-file")).to_have_text("events_all_2026-02-26_2026-03-04.csv")
        expect(page.locator("#go")).to_have_text("Download Events as CSV")

        name, content = file_of(page)

        assert name == "events_all_2026-02-26_2026-03-04.csv"
        assert content.count(b"\r\n") == 419
        job = page.locator("#job")
        expect(job).to_contain_text("418\xa0rows · ")
        expect(job).to_contain_text(hashlib.sha256(content).hexdigest())
        expect(page.get_by_role("status").filter(has_text="Saved")).to_have_text(
            "Saved events_all_2026-02-26_2026-03-04.csv, 418\xa0rows."
        )
        with page.expect_download() as again:
            page.get_by_role("link", name="Save again").click()
        assert saved(again.value) == (name, content)
        entry = entry_of(page, "Events csv · all nodes", "2026-02-26 to 2026-03-04 UTC")
        expect(entry).to_contain_text("done")
        with page.expect_download() as once_more:
            entry.get_by_role("link", name="Download again").click()
        assert saved(once_more.value) == (name, content)


def test_what_is_chosen_under_more_options_is_in_the_file(visiting: Visiting) -> None:
    with visiting(timezone_id="Europe/Berlin") as visited:
        page = visited.page
        choose(page, "Events", "psv", "period=yesterday")
        page.get_by_role("checkbox", name="nas <i>two</i>").check()
        page.get_by_text("More options").click()
        for column in ("Time", "Node", "Remote address (personal)"):
            chip = page.locator("[data-of=events]").get_by_role("checkbox", name=column, exact=True)
            if not chip.is_visible():
                page.get_by_role("checkbox", name="Include personal data").check()
            chip.check()
        page.get_by_role("button", name="Use your own: Europe/Berlin").click()

        _, content = file_of(page)

        assert content.decode().splitlines() == [
            "timestamp|node|remote_ip",
            *(f"2026-03-03T11:1{n}:12.000+01:00|nas <i>two</i>|" for n in range(3)),
        ]


def test_times_are_in_the_zone_of_whoever_looks(visiting: Visiting) -> None:
    with visiting(timezone_id="Asia/Tokyo") as visited:
        page = visited.page
        choose(page, "Events")
        file_of(page)
        asked = page.locator("#history tbody tr").first.locator("time")
        expect(asked).to_have_text("2026-03-04 21:00")
        expect(asked).to_have_attribute("title", "2026-03-04 12:00 UTC")
        page.reload()
        expect(asked).to_have_text("2026-03-04 21:00")


def test_what_was_folded_stays_folded(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events")
        page.get_by_text("More options").click()
        mine, others = page.locator("[data-of=events]"), page.locator("[data-of=traffic]")
        expect(mine).to_have_attribute("open", "")
        mine.locator("> summary").click()
        choose(page, "Events", period="period=yesterday")
        expect(mine).not_to_have_attribute("open", "")
        choose(page, "Traffic")
        expect(others).to_have_attribute("open", "")
        expect(mine).to_be_hidden()


def test_a_span_that_is_shortened_says_so_before(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events", period="custom")
        page.locator("#start").fill("2026-01-01")
        page.locator("#end").fill("2026-03-01")
        page.keyboard.press("Tab")
        expect(page.locator("#forecast-clamped")).to_contain_text("Shortened to 31\xa0days")
        expect(page.locator("#forecast-span")).to_have_text("1 Jan 2026 to 31 Jan 2026 (UTC)")


def test_a_command_that_is_copied_gives_the_same_bytes(
    visiting: Visiting, database: Path, tmp_path: Path
) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events", "csv:excel-eu", "days=7")
        page.get_by_role("checkbox", name="nas <i>two</i>").check()
        page.get_by_text("More options").click()
        for column in ("Time", "Node", "Status"):
            page.locator("[data-of=events]").get_by_role("checkbox", name=column).first.check()
        program, *arguments = copied(page, "Copy as command")
        _, content = file_of(page)
        assert program == "storj-monitor"
        command = [sys.executable, "-m", "storj_monitor", *arguments, "--database", str(database)]
        environment = os.environ | {"SOURCE_DATE_EPOCH": NOW, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        (written,) = tmp_path.iterdir()
        assert written.name == "events_nas -i-two--i-_2026-02-26_2026-03-04.csv"
        assert written.read_bytes() == content
        curl, flags, address = copied(page, "Copy as curl")
        assert (curl, flags) == ("curl", "-fOJ")
        with urlopen(address, timeout=30) as answer:
            assert answer.read() == content


def test_a_report_that_is_copied_gives_the_same_bytes(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Custom range", "json", "days=7")
        page.get_by_text("More options").click()
        page.get_by_role("textbox", name="Metrics").fill("traffic")
        _, content = file_of(page)
        assert json.loads(content)["title"] == "Custom range"
        *_, address, _, body = copied(page, "Copy as curl")
        with urlopen(Request(address, body.encode()), timeout=30) as answer:
            assert answer.read() == content
        assert "--metric traffic" in " ".join(copied(page, "Copy as command"))


def test_the_first_rows_are_shown_before_the_click(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Events")
        page.get_by_text("Preview", exact=True).click()
        rows = page.get_by_role("region", name="The first rows").locator("tbody tr")
        expect(rows).to_have_count(20)
        expect(rows.first).to_contain_text("2026-03-01 10:10:12")
        expect(page.locator("#preview")).to_contain_text("first 20 rows; there are more")
        page.get_by_label("Period", exact=True).select_option("period=yesterday")
        expect(rows).to_have_count(6)


def test_a_report_is_shown_as_a_page_that_can_do_nothing(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        choose(page, "Daily summary")
        page.get_by_text("Preview", exact=True).click()
        frame = page.frame_locator("iframe[title='The report']")
        expect(frame.locator("h1")).to_contain_text("Daily summary")
        expect(page.locator("iframe")).to_have_attribute("sandbox", "")
        assert file_of(page)[1].startswith(b"%PDF")


def test_the_keyboard_goes_all_the_way(visiting: Visiting) -> None:
    with visiting() as visited:
        page = visited.page
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the download form")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("radio", name="Daily summary")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("radio", name="Custom range")).to_be_checked()
        for name in ("attic", "nas <i>two</i>"):
            page.keyboard.press("Tab")
            expect(page.get_by_role("checkbox", name=name)).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.type("Yest")
        expect(page.get_by_label("Period", exact=True)).to_have_value("period=yesterday")
        page.keyboard.press("Tab")
        page.keyboard.type("JSON")
        expect(page.get_by_label("Format", exact=True)).to_have_value("json")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator("#go")).to_be_focused()
        outline = page.locator("#go").evaluate("one => getComputedStyle(one).outlineStyle")
        assert outline == "solid"
        with page.expect_download() as waiting:
            page.keyboard.press("Enter")
        assert saved(waiting.value)[0] == "custom_range_all_2026-03-03_2026-03-03.json"
        expect(page.locator("#go")).to_be_focused()


def test_plugins_say_where_they_are_from_and_what_is_wrong(visiting: Visiting) -> None:
    with visiting() as visited:
        plugins = visited.page.locator("#plugins")
        expect(plugins).to_contain_text("plugins-dir")
        expect(plugins).to_contain_text("psv loaded")
        expect(plugins).to_contain_text("No module named 'nothing_of_that_name'")
        expect(plugins).to_contain_text("install that beside storj-monitor")
        expect(visited.page.locator(".notice.warning")).to_contain_text("1 plugin was refused:")


def test_without_scripts_the_form_downloads_still(visiting: Visiting) -> None:
    with visiting(java_script_enabled=False) as visited:
        page = visited.page
        choose(page, "Events Every transfer: when, with which satellite, what, how it ended", "psv")
        page.get_by_role("checkbox", name="attic").check()
        name, content = file_of(page)
        assert name == "events_attic_2026-02-26_2026-03-04.psv"
        assert content.count(b"\n") == 210
        page.get_by_text("More options").click()
        page.get_by_label("Time zone").fill("Mars/Base")
        page.locator("#go").click()
        expect(page.get_by_role("alert")).to_contain_text("there is no time zone 'Mars/Base'")
        assert page.get_by_label("Time zone").get_attribute("aria-invalid") == "true"
        visited.forgive(400)

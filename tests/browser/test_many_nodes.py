"""A fleet of fifty nodes on the page: it fits a phone and a desk, and every node is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from storj_monitor.store import AlertChanges, Finding, HeardHour, News, Scores, Store
from tests.browser.conftest import NOW
from tests.browser.served import served, visit
from tests.browser.test_page_looks import overflow
from tests.records import EU1, US1, at, transfers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

HOUR = at("2026-03-04T11:00:00")
#: Some have names that can't be broken at a space.
NODES = [f"node-{number:02}" + "-in-the-cellar" * (number % 5) for number in range(50)]


def news_of(node: str) -> News:
    """Return a little of what a node's log and its API told."""
    rows = [{"at": HOUR + second * 1_000_000, "satellite": US1} for second in range(3)]
    heard = HeardHour(HOUR, HOUR, HOUR + 2_000_000)
    scores = [Scores(HOUR, satellite, 1.0, 1.0, 0.97, 1_000, 999) for satellite in (US1, EU1)]
    return News(node=node, transfers=transfers(rows), hours=[heard], scores=scores)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve fifty nodes; every tenth has an alert."""
    path = tmp_path_factory.mktemp("fleet") / "storj-monitor.db"
    with Store.open(path, create=True).writer() as writer:
        writer.write([news_of(node) for node in NODES])
        for number in range(1, len(NODES) + 1, 10):
            found = Finding(number, 0, "disk_space", "warning", "Disk space", "It is nearly full.")
            writer.update_alerts(AlertChanges(raised=(found,)), HOUR)
    with served(path, SOURCE_DATE_EPOCH=NOW) as origin:
        yield origin


@pytest.mark.parametrize("width", [320, 1280])
def test_fifty_nodes_fit_the_screen_and_each_is_named(
    browser: Browser, fleet: str, width: int
) -> None:
    screen = {"width": width, "height": 800}
    with visit(browser, fleet, viewport=screen, reduced_motion="reduce") as visited:
        names = visited.page.locator("#overview .node summary strong:visible")
        expect(names).to_have_count(len(NODES))
        assert sorted(names.all_inner_texts()) == sorted(NODES)
        assert overflow(visited.page) == 0
        assert visited.violations() == []

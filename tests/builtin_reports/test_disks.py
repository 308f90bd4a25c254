"""Disks of which not everything is known: what is in a sum, and what is compared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.alerts.world import World
from tests.builtin_reports.building import built, chart, figures, notes, rows, used
from tests.records import at
from tests.sources.statements import tell

if TYPE_CHECKING:
    from storj_monitor.plugin import Document
    from storj_monitor.store import Store

WEEK = ("2026-03-02", "2026-03-09")


def week(store: Store, **asked: Any) -> Document:
    return built(store, "weekly_performance", *WEEK, **asked)


def told(store: Store, node: str, first: date, last: date, start: int, daily: int = 10) -> None:  # noqa: PLR0913, PLR0917  how a disk fills
    """Tell at noon of each day what is used, of 10,000: so much more than the day before."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    amounts = [start + daily * number for number in range(len(days))]
    tell(
        store,
        node,
        used_space=[
            used(f"{day}T12:00", amount, 10_000 - amount, 10_000)
            for day, amount in zip(days, amounts, strict=True)
        ],
    )


def steady(store: Store, node: str = "n1", last: int = 8) -> None:
    told(store, node, date(2026, 2, 20), date(2026, 3, last), 1_000)


def stored(document: Document) -> dict[int, tuple[int | None, int | None]]:
    """Return what was used and is expected, by the day of the month."""
    return {
        row["day"].day: (row["used_bytes"], row["used_forecast"])
        for row in rows(document, "stored_over_time")
    }


def test_a_disk_told_of_from_the_middle_of_the_week_on_is_no_growth(store: Store) -> None:
    steady(store)
    told(store, "late", date(2026, 3, 5), date(2026, 3, 8), 500, 0)
    found = week(store)
    figure = figures(found)["stored"]
    assert (figure.label, figure.value) == ("Stored at the end", 1_660)
    assert figure.change == pytest.approx(1_160 / 1_090 - 1)
    assert [used for used, _ in stored(found).values()][:7] == list(range(1_100, 1_161, 10))
    title = chart(found, "stored_over_time").title
    assert title.startswith("Stored of 1 of 2 nodes: 1.16 kB at the end, 70 B more")
    assert any(
        "What late stored when the span began isn't known" in text for text in notes(found, "info")
    )


def test_a_disk_that_is_no_longer_told_of_is_in_no_sum_and_is_named(store: Store) -> None:
    steady(store)
    steady(store, "gone", last=5)
    found = week(store)
    figure = figures(found)["stored"]
    assert (figure.label, figure.value) == ("Stored at the end, of 1 of 2 nodes", 1_160)
    assert figure.change == pytest.approx(1_160 / 1_090 - 1)
    assert "What gone stored at the end isn't known: it is in no sum of that." in notes(
        found, "warning"
    )
    [gone] = [row for row in rows(found, "when_full") if row["node"] == "gone"]
    assert gone["full_on"] is None
    assert gone["outlook"] == "unknown: nothing was said of it since 2026-03-05"


def test_a_day_on_which_nothing_was_said_is_empty(store: Store) -> None:
    told(store, "n1", date(2026, 2, 20), date(2026, 3, 4), 1_000)
    told(store, "n1", date(2026, 3, 6), date(2026, 3, 8), 1_140)
    shown = stored(week(store))
    assert [shown[day][0] for day in (4, 5, 6)] == [1_120, None, 1_140]


def test_the_forecast_begins_with_what_is_known_last(store: Store) -> None:
    steady(store, last=5)
    shown = stored(week(store))
    assert shown[5] == (1_130, 1_130)
    assert [shown[day] for day in (6, 7, 8)] == [(None, 1_145), (None, 1_155), (None, 1_165)]
    assert max(shown) == 15


def test_of_a_week_that_goes_on_nothing_is_measured_that_is_to_come(store: Store) -> None:
    steady(store, last=4)
    found = week(store, now="2026-03-04T18:00")
    assert [day for day, (amount, _) in stored(found).items() if amount is not None] == [2, 3, 4]
    assert stored(found)[4] == (1_120, 1_120)
    [row] = rows(found, "when_full")
    # 8,880 are left at noon of the 4th of March, of which 10 go each day.
    full_on = date(2026, 3, 4) + timedelta(days=888)
    assert figures(found)["stored"].label == "Stored now"
    assert " 1.12 kB now, 30 B more; " in chart(found, "stored_over_time").title
    figure = figures(found)["days_until_full"]
    assert (row["full_on"], figure.value) == (full_on, 888)
    assert figure.label == f"Days until n1 is full, on {full_on}"


def test_a_disk_of_which_free_space_alone_is_known_says_so(store: Store) -> None:
    world = World(store)
    for number, (node, free) in enumerate((("roomy", 900), ("tight", 100), ("mute", None)), 1):
        tell(store, node)
        when = at("2026-03-08T12:00")
        slot = when // 300_000_000 * 300_000_000
        world.put("storage", at=when, slot_at=slot, node_id=number, origin="log", free_bytes=free)
    found = built(store, "daily_summary", "2026-03-08", "2026-03-09")
    title = chart(found, "space").title
    assert title == "Disk space: free space alone is known, the least on tight, 100 B"
    assert [row["node"] for row in rows(found, "space")] == ["roomy", "tight"]
    assert {row["node"] for row in rows(week(store), "when_full")} == {"roomy", "tight"}

"""What a report says where a part of its span, or of the span before, isn't known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builtin_reports.building import built, figures, hear, notes, rows
from tests.records import at
from tests.store.databases import write

if TYPE_CHECKING:
    from storj_monitor.plugin import Document
    from storj_monitor.store import Store

WEEK = ("2026-03-09", "2026-03-16")


def week(store: Store, *, now: str | None = None) -> Document:
    return built(store, "weekly_performance", *WEEK, now=now)


def busy(store: Store, first: str, hours: int, node: str = "n1") -> None:
    """Let a node be heard, with a transfer each hour."""
    start = at(first)
    hear(store, first, hours, node)
    write(store, *({"at": start + hour * 3_600_000_000} for hour in range(hours)), node=node)


def test_what_was_before_the_first_known_hour_is_missing(store: Store) -> None:
    busy(store, "2026-03-13T08:00", 64)
    found = week(store)
    [said] = notes(found, "warning")
    before = "(nothing is known before 2026-03-13 08:00)"
    lost = f"no log for 104 hours {before}, and no answer of its API for 104 hours {before}"
    assert said == f"n1: {lost}."
    assert not any("told all the time" in text for text in notes(found, "info"))


def test_what_came_after_the_last_known_hour_is_missing(store: Store) -> None:
    busy(store, "2026-03-09T00:00", 100)
    [said] = notes(week(store), "warning")
    assert said == "Nothing was collected after 2026-03-13 04:00: 68 hours are unknown."


def test_nothing_is_missing_of_a_span_that_goes_on_but_what_is_to_come(store: Store) -> None:
    busy(store, "2026-03-09T00:00", 100)
    found = week(store, now="2026-03-13T04:20")
    assert notes(found, "warning") == []
    [told, running, _] = notes(found, "info")
    assert told == "Nothing of logs and APIs is missing: 1 node told all the time."
    assert running.startswith("The span goes on until 2026-03-16 00:00: this is what was so by")


def test_a_span_that_has_not_begun_says_so_first(store: Store) -> None:
    busy(store, "2026-03-05T00:00", 4)
    found = week(store, now="2026-03-05T04:00")
    assert next(found.tables()).name == "note"
    assert notes(found, "warning") == [
        "This span has not begun: there is nothing to tell of it yet.",
    ]


def test_a_report_of_nothing_says_so_before_anything_else(store: Store) -> None:
    for report in ("daily_summary", "weekly_performance", "monthly_financial"):
        found = built(store, report, "2026-03-01", "2026-04-01")
        assert next(found.tables()).name == "note"
        [text, *_] = notes(found, "warning")
        assert text.startswith("Nothing ")


def test_a_whole_week_is_compared_with_a_whole_week(store: Store) -> None:
    busy(store, "2026-03-02T00:00", 336)
    found = week(store)
    assert figures(found)["egress"].change == pytest.approx(0)
    assert not any("isn't compared" in text for text in notes(found, "info"))


def test_a_whole_week_is_not_compared_with_half_of_one(store: Store) -> None:
    busy(store, "2026-03-06T00:00", 240)
    found = week(store)
    assert [figures(found)[key].change for key in ("egress", "download_success")] == [None, None]
    assert (
        "Logs were read for 168 hours of nodes here, and for 72 in the span before: traffic isn't "
        "compared."
    ) in notes(found, "info")


def test_a_node_that_came_is_not_a_rise(store: Store) -> None:
    busy(store, "2026-03-02T00:00", 336)
    busy(store, "2026-03-09T00:00", 168, "n2")
    assert figures(week(store))["egress"].change is None


def test_a_week_that_goes_on_is_not_compared_with_a_whole_one(store: Store) -> None:
    busy(store, "2026-03-02T00:00", 180)
    found = week(store, now="2026-03-09T12:00")
    assert figures(found)["egress"].change is None
    assert any(
        "What adds up isn't compared with the span before." in text for text in notes(found, "info")
    )


def test_nothing_of_the_future_is_in_a_table(store: Store) -> None:
    busy(store, "2026-03-09T00:00", 84)
    found = week(store, now="2026-03-12T12:00")
    shown = [row["day"].day for row in rows(found, "egress_over_time")]
    assert shown == [9, 10, 11, 12]
    metrics = ("traffic", "traffic.count")
    custom = built(store, "custom_range", *WEEK, metrics=metrics, now="2026-03-12T12:00")
    assert [row["day"].day for row in rows(custom, "traffic_count")] == [9, 10, 11, 12]

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.alerts.world import World
from tests.builtin_reports.building import built, chart, figures, hear, notes, rows, used
from tests.records import EU1, at
from tests.sources.statements import tell
from tests.store.databases import write

if TYPE_CHECKING:
    from storj_monitor.plugin import Document
    from storj_monitor.store import Store

WEEK = ("2026-03-02", "2026-03-09")


def week(store: Store, **asked: Any) -> Document:
    return built(store, "weekly_performance", *WEEK, **asked)


def grows(store: Store, node: str, days: int, daily: int, *, last: str = "2026-03-08") -> None:
    """Tell of each of so many days, at noon, that so much more is used; 600 of 1,000 at last."""
    noon = datetime.fromisoformat(f"{last}T12:00").replace(tzinfo=UTC)
    told = []
    for number in range(days):
        when, filled = noon - timedelta(days=number), 600 - daily * number
        told.append(used(when.isoformat(), filled, 1_000 - filled))
    tell(store, node, used_space=told)


def test_a_disk_that_fills_evenly_is_full_on_the_exact_day(store: Store) -> None:
    grows(store, "n1", 20, 10)
    found = week(store)
    [row] = rows(found, "when_full")
    assert (row["growth_bytes"], row["r_squared"], row["known_days"]) == (10, pytest.approx(1), 20)
    # 400 are left at noon of the 8th of March, of which 10 go each day.
    assert row["full_on"] == row["earliest"] == row["latest"] == date(2026, 4, 17)
    assert row["outlook"] == "on 2026-04-17"
    days = figures(found)["days_until_full"]
    assert (days.label, days.value) == ("Days until n1 is full, on 2026-04-17", 39)


def test_the_forecast_is_drawn_from_the_last_day_on(store: Store) -> None:
    grows(store, "n1", 20, 10)
    drawn = rows(week(store), "stored_over_time")
    known = {row["day"]: row["used_bytes"] for row in drawn if row["used_bytes"] is not None}
    assert known == {date(2026, 3, day): 600 - 10 * (8 - day) for day in range(2, 9)}
    forecast = [row["used_forecast"] for row in drawn if row["used_forecast"] is not None]
    assert forecast[0] == 600
    assert forecast[1] == 615  # at the end of the 9th, a day and a half after the last
    assert {row["allocated_threshold"] for row in drawn} == {1_000}
    title = chart(week(store), "stored_over_time").title
    assert title == "Stored: 600 B at the end, 70 B more; n1 is full first, on 2026-04-17"
    assert chart(week(store), "stored_over_time").y == (
        "used_bytes",
        "trash_bytes",
        "used_forecast",
        "allocated_threshold",
    )


def test_a_forecast_never_goes_beyond_what_there_is_room_for(store: Store) -> None:
    grows(store, "n1", 5, 100)
    drawn = rows(week(store), "stored_over_time")
    assert drawn[-1]["used_forecast"] == 1_000


@pytest.mark.parametrize(
    ("days", "daily", "words"),
    [
        (3, 10, "too little is known: 3 days"),
        (10, 0, "not growing"),
        (10, -10, "not growing"),
    ],
)
def test_where_there_is_no_day_words_say_why(
    store: Store, days: int, daily: int, words: str
) -> None:
    grows(store, "n1", days, daily)
    [row] = rows(week(store), "when_full")
    assert (row["outlook"], row["full_on"]) == (words, None)
    assert figures(week(store))["days_until_full"].value is None


def test_a_full_disk_is_full(store: Store) -> None:
    tell(store, used_space=[used("2026-03-08T12:00", 1_000, 0)])
    found = week(store)
    [row] = rows(found, "when_full")
    assert (row["outlook"], row["full_on"]) == ("full", date(2026, 3, 8))
    days = figures(found)["days_until_full"]
    assert (days.label, days.value) == ("n1 is full: no days left", 0)
    title = chart(found, "stored_over_time").title
    assert title == "Stored: 1.00 kB at the end; n1 is full"


def test_growth_with_ups_and_downs_has_a_range(store: Store) -> None:
    told = []
    for day in range(1, 9):
        filled = 500_000 + 10_000 * day + 3_000 * (-1) ** day
        told.append(used(f"2026-03-0{day}T12:00", filled, None, allocated=1_000_000))
    tell(store, used_space=told)
    [row] = rows(week(store), "when_full")
    assert row["earliest"] < row["full_on"] < row["latest"]
    assert (
        row["outlook"] == f"about {row['full_on']}, between {row['earliest']} and {row['latest']}"
    )
    assert 0 < row["growth_error_bytes"] < row["growth_bytes"]


def test_a_log_that_tells_free_space_alone_is_enough_for_a_forecast(store: Store) -> None:
    world = World(store)
    tell(store)
    for day in range(1, 9):
        when = at(f"2026-03-0{day}T12:00")
        slot = when // 300_000_000 * 300_000_000
        world.put(
            "storage", at=when, slot_at=slot, node_id=1, origin="log", free_bytes=180 - 10 * day
        )
    [row] = rows(week(store), "when_full")
    assert (row["used_bytes"], row["free_bytes"], row["growth_bytes"]) == (None, 100, 10)
    assert row["full_on"] == date(2026, 3, 18)


def test_traffic_by_the_day_is_that_of_the_days_of_the_zone(store: Store) -> None:
    write(
        store,
        {"at": at("2026-03-03T22:30"), "size": 100},
        {"at": at("2026-03-03T23:30"), "size": 20},
        {"at": at("2026-03-04T12:00"), "size": 3, "action": "GET_REPAIR"},
    )
    berlin = rows(week(store, timezone="Europe/Berlin"), "egress_over_time")
    moved = {row["day"].day: row["egress_bytes"] for row in berlin if row["egress_bytes"]}
    assert moved == {3: 100, 4: 23}
    assert len(berlin) == 7
    [wednesday] = [row for row in berlin if row["day"].day == 4]
    assert (wednesday["get_bytes"], wednesday["get_repair_bytes"]) == (20, 3)
    title = chart(week(store), "egress_over_time").title
    assert title == "Egress by the day: 123 B, most on 2026-03-03"


def test_scores_that_fell_come_first_and_are_counted(store: Store) -> None:
    world = World(store)
    tell(store)
    world.put("satellites", id=1, satellite_id="a", name="ap1")
    world.put("satellites", id=2, satellite_id="b", name="us1")
    for satellite, when, online in ((1, 1, 0.9), (1, 5, 0.95), (2, 1, 1.0), (2, 5, 0.8)):
        world.put(
            "reputation",
            at=at(f"2026-03-0{when}"),
            node_id=1,
            satellite_id=satellite,
            origin="api",
            online_score=online,
        )
    found = week(store)
    changes = [
        (row["satellite"], row["online_score_before"], row["online_score"])
        for row in rows(found, "score_changes")
    ]
    assert changes == [("us1", 1.0, 0.8), ("ap1", 0.9, 0.95)]
    [table] = [block for block in found.tables() if block.name == "score_changes"]
    assert table.title == "Changes of scores"
    assert chart(found, "scores_over_time").title.endswith("; 1 of 2 fell")
    by_day = {row["day"].day: row["online_score"] for row in rows(found, "scores_over_time")}
    assert by_day == {2: None, 3: None, 4: None, 5: 0.8, 6: None, 7: None, 8: None}


def test_latency_is_by_day_and_node_where_the_log_tells_it(store: Store) -> None:
    when = at("2026-03-04T12:00")
    write(store, *({"at": when, "size": 1, "duration_ms": ms} for ms in (10, 10, 20)))
    write(store, {"at": when, "size": 1}, node="mute")
    found = week(store)
    [row] = rows(found, "latency_by_node")
    assert (row["node"], row["count"], row["p50_ms"], row["p99_ms"]) == ("n1", 3, 10, 20)
    assert chart(found, "latency").title == "99 % of downloads within: n1 is slowest, 20 ms"
    [drawn] = [row for row in rows(found, "latency") if row["node_0"] is not None]
    assert drawn == {"day": date(2026, 3, 4), "node_0": 20}


def test_latency_is_that_of_all_satellites_together(store: Store) -> None:
    when = at("2026-03-04T12:00")
    fast, slow = {"at": when, "duration_ms": 100}, {"duration_ms": 10_000, "satellite": EU1}
    write(store, *([fast] * 1_000), *([fast | slow] * 100))
    [row] = rows(week(store), "latency_by_node")
    assert (row["count"], row["p50_ms"], row["p99_ms"]) == (
        1_100,
        pytest.approx(100, rel=0.05),
        pytest.approx(10_000, rel=0.05),
    )
    asked = built(store, "custom_range", *WEEK, metrics=("traffic.p99_ms",))
    [shown] = [row["node_0"] for row in rows(asked, "traffic_p99_ms") if row["node_0"]]
    assert shown == row["p99_ms"]
    assert "(of all transfers)" in chart(asked, "traffic_p99_ms").title


def test_without_durations_a_note_says_why_there_is_no_latency(store: Store) -> None:
    write(store, {"at": at("2026-03-04T12:00"), "size": 1})
    found = week(store)
    assert "latency" not in {table.name for table in found.tables()}
    assert [text for text in notes(found, "info") if text.startswith("How long transfers took")]


def test_hours_that_are_missing_are_told_by_node_the_worst_first(store: Store) -> None:
    for node, hour in (("few", 6), ("many", 2)):
        for first, count in (("2026-03-02T00:00", hour), ("2026-03-02T10:00", 2)):
            hear(store, first, count, node)
        day = "2026-03-02T"
        spoken = [f"{day}00:30", f"{day}11:30"]
        write(store, *({"at": at(when)} for when in spoken), node=node)
    found = week(store, now="2026-03-02T12:30")
    many, few = notes(found, "warning")
    assert many.startswith("many: no log for 8 hours (nothing was read from the log)")
    assert "no answer of its API for 8 hours (the API was not asked)" in many
    assert few.startswith("few: no log for 4 hours")


def test_reasons_never_show_an_address(store: Store) -> None:
    world = World(store)
    hear(store, "2026-03-02T00:00", 2)
    reason = "there is no connection to 192.0.2.7:14002"
    world.put("api_hours", hour_at=at("2026-03-02T02:00"), node_id=1, reason=reason)
    hear(store, "2026-03-02T03:00", 1)
    said = " ".join(notes(week(store), "warning"))
    assert "the API was asked in vain" in said
    assert "192.0.2.7" not in said


def test_an_empty_database_gives_a_report_that_says_so(store: Store) -> None:
    found = week(store)
    assert {item.value for item in figures(found).values()} == {None}
    assert {table.name for table in found.tables() if any(table.batches)} == {"figures", "note"}
    assert notes(found, "warning")[0].startswith("Nothing was collected of this span")

from __future__ import annotations

from datetime import UTC, datetime
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

DAY = ("2026-03-04", "2026-03-05")


def day(store: Store, **asked: Any) -> Document:
    return built(store, "daily_summary", *DAY, **asked)


def events(*fields: dict[str, Any], on: str = "2026-03-04T10:11:12") -> list[dict[str, Any]]:
    return [{"at": at(on), **one} for one in fields]


def test_figures_are_the_sums_of_what_succeeded_with_their_change(store: Store) -> None:
    repair, upload = {"size": 300, "action": "GET_REPAIR"}, {"size": 50, "action": "PUT"}
    write(store, *events({"size": 600}, repair, {"size": 70, "status": "failed"}, upload))
    write(store, *events({"size": 1_000}, on="2026-03-03T10:00:00"))
    hear(store, "2026-03-03T00:00", 48)
    found = figures(day(store))
    assert found["egress"].value == 900
    assert found["egress"].change == pytest.approx(-0.1)
    assert (found["ingress"].value, found["ingress"].change) == (50, None)
    assert found["download_success"].value == pytest.approx(1 / 2)
    assert found["download_success"].change == pytest.approx(-1 / 2)
    [whole] = [row for row in rows(day(store), "by_node") if row["node"] == "Total"]
    assert whole["success_ratio"] == pytest.approx(1 / 2)


def test_hours_that_were_read_are_zero_and_hours_that_were_not_are_empty(store: Store) -> None:
    write(store, *events({"size": 600}))
    hear(store, "2026-03-04T08:00", 4)
    shown = {row["hour"].hour: row["egress_bytes"] for row in rows(day(store), "traffic_over_time")}
    assert len(shown) == 24
    assert {hour: shown[hour] for hour in (7, 8, 9, 10, 11, 12)} == {
        7: None,
        8: 0,
        9: 0,
        10: 600,
        11: 0,
        12: None,
    }
    assert chart(day(store), "traffic_over_time").title.endswith("600 B of egress, most at 10:00")


def test_transfers_are_told_by_action_with_their_sum(store: Store) -> None:
    write(
        store,
        *events(
            {"size": 5},
            {"size": 6, "status": "canceled"},
            {"size": 7, "action": "PUT"},
            {"status": "rejected", "satellite": None, "action": None, "size": None},
            {"size": 1, "action": "GET_NEW_KIND"},
        ),
    )
    found = rows(day(store), "by_action")
    assert [row["action"] for row in found] == [
        "Downloads",
        "Uploads",
        "GET_NEW_KIND",
        "Rejected uploads",
        "Total",
    ]
    downloads, _, _, rejected, whole = found
    assert (downloads["count"], downloads["canceled"], downloads["bytes"]) == (2, 1, 5)
    assert downloads["success_ratio"] == 0.5
    assert (rejected["rejected"], rejected["success_ratio"]) == (1, None)
    for key in ("count", "success", "canceled", "failed", "rejected", "bytes"):
        assert whole[key] == sum(row[key] for row in found[:-1])


def test_a_node_without_data_has_no_numbers_and_an_idle_one_zeros(store: Store) -> None:
    write(store, *events({"size": 5}))
    hear(store, "2026-03-04T00:00", 20, "idle")
    hear(store, "2026-03-03T00:00", 1, "silent")
    *found, whole = rows(day(store), "by_node")
    told = {row["node"]: (row["count"], row["egress_bytes"]) for row in found}
    assert told == {"n1": (1, 5), "idle": (0, 0), "silent": (None, None)}
    assert (whole["node"], whole["egress_bytes"]) == ("Total", 5)
    assert [text for text in notes(day(store), "warning") if text.startswith("silent: no log")]


def test_what_is_stored_is_what_was_said_last_before_the_end(store: Store) -> None:
    tell(
        store,
        used_space=[
            used("2026-03-03T23:55", 400, 600),
            used("2026-03-04T12:00", 450, 550),
            used("2026-03-04T23:50", 500, 500),
            used("2026-03-05T00:00", 999, 1),
        ],
    )
    tell(store, "n2", used_space=[used("2026-03-03T20:00", 100, 900)])
    found = day(store)
    stored = figures(found)["stored"]
    assert (stored.label, stored.value) == ("Stored at the end, of 1 of 2 nodes", 500)
    assert stored.change == pytest.approx(0.25)
    assert "What n2 stored at the end isn't known: it is in no sum of that." in notes(
        found, "warning"
    )
    n1, n2 = rows(found, "space")
    assert (n1["used_bytes"], n1["used_ratio"], n1["growth_bytes"]) == (500, 0.5, 100)
    assert n1["told_at"] == datetime(2026, 3, 4, 23, 50, tzinfo=UTC)
    assert (n2["used_bytes"], n2["growth_bytes"]) == (100, None)
    assert chart(found, "space").title == "Disk space: n1 is fullest, 50.00 %"


def score(world: World, when: str, satellite: int, **scores: float) -> None:
    world.put("reputation", at=at(when), node_id=1, satellite_id=satellite, origin="api", **scores)


def test_the_score_that_is_nearest_to_its_limit_is_a_figure(store: Store) -> None:
    world = World(store)
    tell(store)
    world.put("satellites", id=1, satellite_id="us1-id", name="us1")
    world.put("satellites", id=2, satellite_id=EU1, name="eu1")
    score(world, "2026-03-03T18:00", 1, audit_score=1.0, online_score=0.9)
    score(world, "2026-03-04T18:00", 1, audit_score=0.969, online_score=0.9)
    score(world, "2026-03-04T18:00", 2, audit_score=1.0, suspension_score=0.5)
    found = day(store)
    lowest = figures(found)["lowest_score"]
    assert (lowest.label, lowest.value) == ("Lowest suspension score", 0.5)
    states = {row["satellite"]: row["state"] for row in rows(found, "scores")}
    assert states == {
        "us1": "audit score near its limit",
        "eu1": "suspension score below its limit",
    }
    us1 = rows(found, "scores_by_satellite")[1]
    assert (us1["satellite"], us1["audit_score"], us1["audit_threshold"]) == ("us1", 0.969, 0.96)
    assert us1["other_threshold"] == 0.6


def test_a_disqualified_node_is_said_to_be_so_and_comes_first(store: Store) -> None:
    world = World(store)
    tell(store)
    world.put("satellites", id=1, satellite_id="a", name="ap1")
    world.put("satellites", id=2, satellite_id="b", name="us1")
    score(world, "2026-03-04T18:00", 1, audit_score=1.0)
    score(world, "2026-03-04T18:00", 2, audit_score=1.0, disqualified_at=at("2026-03-01"))
    states = [(row["satellite"], row["state"]) for row in rows(day(store), "scores")]
    assert states == [("us1", "disqualified since 2026-03-01"), ("ap1", "fine")]


def test_alerts_of_the_day_and_open_ones_are_listed_the_worst_open_one_first(store: Store) -> None:
    world = World(store)
    tell(store)
    alert = {"node_id": 1, "satellite_id": 0, "message": "m", "origin": "monitor"}
    raised = [
        ("old and open", "2026-01-01", "warning", None),
        ("old and over", "2026-01-01", "critical", "2026-02-01"),
        ("came and went", "2026-03-04T01:00", "critical", "2026-03-04T02:00"),
        ("came", "2026-03-04T03:00", "critical", None),
        ("went later", "2026-03-04T04:00", "info", "2026-03-06"),
        ("came later", "2026-03-05", "critical", None),
    ]
    for number, (title, since, severity, until) in enumerate(raised):
        world.put(
            "alerts",
            **alert,
            id=number + 1,
            type=f"t{number}",
            title=title,
            at=at(since),
            severity=severity,
            resolved_at=until and at(until),
        )
    found = day(store)
    assert [(row["title"], row["alert_state"]) for row in rows(found, "alerts")] == [
        ("came", "open"),
        ("old and open", "open"),
        ("went later", "open at the end"),
        ("came and went", "resolved"),
    ]
    assert figures(found)["open_alerts"].value == 3
    assert figures(found)["open_alerts"].change == 2


def test_an_empty_database_gives_a_report_that_says_so(store: Store) -> None:
    found = day(store, timezone="Asia/Kathmandu")
    assert {item.value for item in figures(found).values()} == {None}
    full = {table.name for table in found.tables() if any(table.batches)}
    assert full == {"figures", "note"}
    [warning] = notes(found, "warning")
    assert warning.startswith("Nothing was collected of this span")
    [odd] = notes(found, "info")
    assert "Asia/Kathmandu doesn't begin at a full UTC hour" in odd


def test_a_day_on_which_nothing_happened_is_zero(store: Store) -> None:
    hear(store, "2026-03-04T00:00", 23)  # a whole day without a transfer would be a muted log
    found = day(store, now="2026-03-04T23:59")
    assert (figures(found)["egress"].value, figures(found)["ingress"].value) == (0, 0)
    assert {row["egress_bytes"] for row in rows(found, "traffic_over_time")[:23]} == {0}
    assert chart(found, "traffic_over_time").title.endswith("by the hour: nothing")
    assert notes(found, "warning") == []


def test_nodes_that_were_asked_for_and_are_silent_are_named(store: Store) -> None:
    write(store, *events({"size": 5}))
    hear(store, "2026-03-04T00:00", 24)  # with a transfer at ten
    tell(store, "n2")
    found = notes(day(store, nodes=("n1", "n2")), "warning")
    assert found == ["Nothing is known of n2 in this span."]


def test_names_from_outside_stay_as_they_are(store: Store) -> None:
    hostile = "<b>=1+1</b> 😀 " + "x" * 180
    write(store, *events({"size": 5}), node=hostile)
    tell(store, hostile, used_space=[used("2026-03-04T12:00", 450, 550)])
    assert rows(day(store), "by_node")[0]["node"] == hostile
    assert hostile in chart(day(store), "space").title

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_export_plugins.sources.traffic import storj_sources
from storj_monitor.plugin import Kind, OptionError, Query, Span
from storj_monitor.reports.calendar import day_start
from storj_monitor.store import News, Store
from tests.records import EU1, US1, at, transfers
from tests.sources.asking import ask, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

(TRAFFIC,) = storj_sources()
HOUR_US = 3_600_000_000
DAY = {"bucket": ["day"]}


def write(store: Store, rows: Iterable[dict[str, Any]], node: str = "n1") -> None:
    with store.writer() as writer:
        writer.write([News(node=node, transfers=transfers(rows))])


def write_each_hour(store: Store, first: str, hours: int) -> None:
    """Write one transfer in the middle of each hour; the size is the number of the hour."""
    start = at(first)
    write(
        store,
        [{"at": start + hour * HOUR_US + HOUR_US // 2, "size": hour} for hour in range(hours)],
    )


def test_the_columns_are_those_of_the_public_contract() -> None:
    assert [column.key for column in TRAFFIC.columns] == [
        *("bucket_start", "node", "satellite", "satellite_id", "action", "status", "count"),
        *("bytes", "p50_ms", "p90_ms", "p99_ms"),
    ]
    assert [column.kind for column in TRAFFIC.columns if column.kind != Kind.TEXT] == [
        *(Kind.TIMESTAMP, Kind.INTEGER, Kind.BYTES),
        *(Kind.DURATION, Kind.DURATION, Kind.DURATION),
    ]
    [bucket, *others] = TRAFFIC.filters
    assert (bucket.name, bucket.choices, bucket.default) == ("bucket", ("hour", "day"), "hour")
    assert [filter_.name for filter_ in others] == ["satellite", "action", "status", "by"]


def test_an_hour_is_one_row_for_each_node_satellite_action_and_status(store: Store) -> None:
    write(
        store,
        [
            {"size": 10, "duration_ms": 7},
            {"size": 5, "duration_ms": 9},
            {"size": 1, "satellite": EU1, "status": "failed"},
            {"size": None, "satellite": None, "action": None, "status": "rejected"},
        ],
    )
    write(store, [{"size": 2}], node="n2")
    hour = moment("2026-03-04T10:00:00")
    assert [tuple(row.values()) for row in ask(store, TRAFFIC)] == [
        (hour, "n1", None, None, None, "rejected", 1, None, None, None, None),
        (hour, "n1", "us1", US1, "GET", "success", 2, 15, 7, 9, 9),
        (hour, "n1", "eu1", EU1, "GET", "failed", 1, 1, None, None, None),
        (hour, "n2", "us1", US1, "GET", "success", 1, 2, None, None, None),
    ]


@pytest.mark.parametrize(
    ("filters", "sizes"),
    [
        ({}, [1, 2, 3]),
        ({"satellite": ["us1"]}, [1, 3]),
        ({"satellite": [EU1]}, [2]),
        ({"action": ["PUT"]}, [3]),
        ({"status": ["failed"]}, [2]),
        ({"status": ["failed"], "satellite": ["us1"]}, []),
    ],
)
@pytest.mark.parametrize("bucket", ["hour", "day"])
def test_filters_choose_rows_and_their_durations(
    store: Store, bucket: str, filters: dict[str, list[str]], sizes: list[int]
) -> None:
    write(
        store,
        [
            {"size": 1, "duration_ms": 1},
            {"size": 2, "duration_ms": 2, "satellite": EU1, "status": "failed"},
            {"size": 3, "duration_ms": 3, "action": "PUT"},
        ],
    )
    rows = ask(store, TRAFFIC, filters=filters | {"bucket": [bucket]})
    assert sorted(row["bytes"] for row in rows) == sizes
    assert sorted(row["p50_ms"] for row in rows) == sizes
    assert ask(store, TRAFFIC, filters=filters, nodes=("n1",)) == ask(
        store, TRAFFIC, filters=filters
    )


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-03-29", 24),
        ("Europe/Berlin", "2026-03-28", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/Sao_Paulo", "2018-11-04", 23),
    ],
)
def test_a_day_of_a_zone_has_the_hours_of_that_day(
    store: Store, zone: str, day: str, hours: int
) -> None:
    date = moment(day).date()
    start = day_start(date, ZoneInfo(zone))
    write_each_hour(store, start.isoformat(), 60)
    end = start + timedelta(days=4)
    rows = ask(store, TRAFFIC, start.isoformat(), end.isoformat(), zone, filters=DAY)
    assert rows[0]["bucket_start"] == start
    assert rows[0]["count"] == hours
    assert rows[0]["bytes"] == sum(range(hours))
    assert sum(row["count"] for row in rows) == 60


@pytest.mark.parametrize(
    ("zone", "first_hours"),
    [
        ("Asia/Kolkata", ["2026-03-03T19:00:00", "2026-03-04T19:00:00"]),
        ("America/St_Johns", ["2026-03-04T04:00:00", "2026-03-05T04:00:00"]),
        ("Asia/Kathmandu", ["2026-03-03T19:00:00", "2026-03-04T19:00:00"]),
    ],
)
def test_a_day_of_a_zone_off_the_hour_begins_at_the_first_full_hour(
    store: Store, zone: str, first_hours: list[str]
) -> None:
    dates = [moment(day).date() for day in ("2026-03-04", "2026-03-06")]
    start, end = (day_start(date, ZoneInfo(zone)).isoformat() for date in dates)
    write_each_hour(store, "2026-03-03T00:00:00", 96)
    rows = ask(store, TRAFFIC, start, end, zone, filters=DAY)
    assert [row["bucket_start"] for row in rows] == [moment(hour) for hour in first_hours]
    assert [row["count"] for row in rows] == [24, 24]


def test_the_hours_of_a_span_are_those_that_begin_in_it(store: Store) -> None:
    write_each_hour(store, "2026-03-04T08:00:00", 6)
    span = ("2026-03-04T09:30:00", "2026-03-04T12:00:00")
    assert [row["bytes"] for row in ask(store, TRAFFIC, *span)] == [2, 3]
    [day] = ask(store, TRAFFIC, *span, filters=DAY)
    assert (day["bucket_start"], day["count"]) == (moment("2026-03-04T10:00:00"), 2)
    assert ask(store, TRAFFIC, "2026-03-04T09:10:00", "2026-03-04T09:20:00", filters=DAY) == []


@pytest.mark.parametrize("filters", [{}, DAY, {"satellite": ["us1"]}])
def test_an_empty_database_and_an_empty_span_give_no_rows(
    store: Store, filters: dict[str, list[str]]
) -> None:
    assert ask(store, TRAFFIC, filters=filters) == []
    write_each_hour(store, "2026-03-04T08:00:00", 6)
    assert ask(store, TRAFFIC, "2026-04-01", "2026-05-01", filters=filters) == []


@pytest.mark.parametrize("bucket", ["hour", "day"])
def test_percentiles_of_satellites_together_are_those_of_all_their_transfers(
    store: Store, bucket: str
) -> None:
    fast, slow = [{"duration_ms": 100}] * 1_000, [{"duration_ms": 10_000, "satellite": EU1}] * 100
    write(store, [*fast, *slow, {"size": 5, "action": "PUT", "duration_ms": 1, "satellite": EU1}])
    write(store, [{"duration_ms": 7}], node="n2")
    by = {"bucket": [bucket], "by": ["action", "status"]}
    get, put, other = ask(store, TRAFFIC, filters=by)
    assert (get["satellite"], get["satellite_id"], get["action"]) == (None, None, "GET")
    assert (get["count"], get["bytes"]) == (1_100, 1_100_000)
    assert (get["p50_ms"], get["p99_ms"]) == (
        pytest.approx(100, rel=0.05),
        pytest.approx(10_000, rel=0.05),
    )
    assert (put["action"], put["count"], put["bytes"]) == ("PUT", 1, 5)
    assert (other["node"], other["p99_ms"]) == ("n2", 7)


def test_by_node_all_transfers_of_a_node_are_one_row(store: Store) -> None:
    write(store, [{"duration_ms": 10}, {"duration_ms": 20, "action": "PUT", "status": "canceled"}])
    [row] = ask(store, TRAFFIC, filters={"by": ["node"]})
    assert [row[key] for key in ("satellite", "action", "status", "count")] == [None, None, None, 2]
    assert (row["p50_ms"], row["p99_ms"]) == (10, 20)
    alone = ask(store, TRAFFIC, filters={"by": ["node"], "action": ["PUT"]})
    assert [row["p99_ms"] for row in alone] == [20]


def test_hours_and_days_at_once_are_refused(store: Store) -> None:
    with pytest.raises(OptionError) as refusal:
        ask(store, TRAFFIC, filters={"bucket": ["hour", "day"]})
    assert str(refusal.value) == (
        "the buckets are hours or days, not both: give bucket=hour or bucket=day"
    )


def test_a_day_comes_in_batches_of_its_own_so_that_memory_stays_flat(store: Store) -> None:
    write_each_hour(store, "2026-03-01T00:00:00", 72)
    query = Query(span=Span(moment("2026-03-01"), moment("2026-03-04")))
    assert TRAFFIC.batches
    with store.reader() as reader:
        assert [batch.num_rows for batch in TRAFFIC.batches(reader, query)] == [24, 24, 24]


def exact(durations: list[int], quantile: float) -> int:
    """Return the smallest duration that so large a part of all didn't exceed."""
    return sorted(durations)[max(math.ceil(len(durations) * quantile), 1) - 1]


rows_of_transfers = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 50).map(lambda hour: at("2026-03-28") + hour * HOUR_US + 1),
            "satellite": st.sampled_from([None, US1, EU1]),
            "action": st.sampled_from([None, "GET"]),
            "status": st.sampled_from(["success", "failed"]),
            "size": st.none() | st.integers(0, 2**40),
            "duration_ms": st.none() | st.integers(0, 40) | st.integers(0, 2**30),
        }
    ),
    max_size=60,
)


@given(rows=rows_of_transfers, zone=st.sampled_from(["UTC", "Europe/Berlin"]))
@settings(max_examples=20)
def test_sums_and_percentiles_agree_with_the_events_themselves(
    rows: list[dict[str, Any]], zone: str
) -> None:
    hours: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    days: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        rest = (row["satellite"], row["action"], row["status"])
        hour = row["at"] // HOUR_US * HOUR_US
        local = datetime.fromtimestamp(hour / 1e6, ZoneInfo(zone))
        hours[hour, *rest].append(row)
        days[at(day_start(local.date(), ZoneInfo(zone)).isoformat()), *rest].append(row)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "some.db", create=True)
        write(store, rows)
        span = ("2026-03-27T23:00:00", "2026-04-01T22:00:00", zone)
        for filters, expected in (({}, hours), (DAY, days)):
            found = ask(store, TRAFFIC, *span, filters=filters)
            assert [row["bucket_start"] for row in found] == sorted(
                row["bucket_start"] for row in found
            )
            _compare(found, expected)


def _compare(found: list[dict[str, Any]], expected: dict[Any, list[dict[str, Any]]]) -> None:
    of_key = {
        (
            at(row["bucket_start"].isoformat()),
            row["satellite_id"],
            row["action"],
            row["status"],
        ): row
        for row in found
    }
    assert set(of_key) == set(expected)
    assert len(found) == len(expected)
    for key, row in of_key.items():
        events = expected[key]
        sizes = [event["size"] for event in events if event["size"] is not None]
        assert row["count"] == len(events)
        assert row["bytes"] == (sum(sizes) if sizes else None)
        known = [event["duration_ms"] for event in events if event["duration_ms"] is not None]
        for name, quantile in (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99)):
            if known:
                assert row[name] == pytest.approx(exact(known, quantile), rel=0.05)
            else:
                assert row[name] is None

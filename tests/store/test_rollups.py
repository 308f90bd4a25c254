"""What the hours say is what the events say, whichever way these came."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.schema import BUCKETS, bucket_bounds
from storj_monitor.store import Store, Written
from tests.records import EU1, US1, at
from tests.store.databases import number_of, rows_of, write

HOUR_US = 3_600_000_000
LONGEST_MS = (32 << 26) - 1


def test_rejected_uploads_have_no_satellite_and_are_summed_up_under_none(store: Store) -> None:
    write(store, {"satellite": None, "action": None, "status": "rejected", "size": None})
    [event] = rows_of(store.path, "SELECT satellite_id, action, size FROM events")
    assert event == {"satellite_id": None, "action": None, "size": None}
    [hour] = rows_of(store.path, "SELECT satellite_id, action, count, bytes FROM event_hours")
    assert hour == {"satellite_id": 0, "action": "", "count": 1, "bytes": None}
    assert rows_of(store.path, "SELECT * FROM satellites") == []


def test_bytes_are_missing_only_as_long_as_no_size_is_known(store: Store) -> None:
    def total() -> int | None:
        [row] = rows_of(store.path, "SELECT bytes FROM event_hours")
        found: int | None = row["bytes"]
        return found

    write(store, {"fingerprint": 1, "size": None})
    assert total() is None
    write(store, {"fingerprint": 2, "size": None})
    assert total() is None
    write(store, {"fingerprint": 3, "size": 0})
    assert total() == 0
    write(store, {"fingerprint": 4, "size": None}, {"fingerprint": 5, "size": 7})
    assert total() == 7
    write(store, {"fingerprint": 6, "size": None})
    assert total() == 7


transfer_rows = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(-2 * HOUR_US, 2 * HOUR_US),
            "satellite": st.sampled_from([None, US1, EU1]),
            "action": st.sampled_from([None, "GET", "PUT"]),
            "status": st.sampled_from(["success", "failed"]),
            "size": st.none() | st.integers(0, 2**40),
            "duration_ms": st.none() | st.integers(0, 2**45),
            "fingerprint": st.integers(0, 15),
        }
    ),
    max_size=30,
)


@given(rows=transfer_rows, cut=st.integers(0, 30))
@settings(max_examples=15)
def test_the_sums_of_the_hours_are_those_of_the_events(
    rows: list[dict[str, Any]], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "some.db", create=True)
        new = write(store, *rows[:cut]).new + write(store, *rows[cut:]).new
        found = rows_of(
            store.path,
            "SELECT e.*, s.satellite_id AS full FROM events AS e"
            " LEFT JOIN satellites AS s ON s.id = e.satellite_id",
        )
        hours = rows_of(store.path, "SELECT * FROM event_hours")
        durations = rows_of(store.path, "SELECT * FROM event_hour_durations")
    kept = {(row["at"], row["fingerprint"]): row for row in reversed(rows)}
    assert new == len(found) == len(kept)
    for event in found:
        origin = kept[event["at"], event["fingerprint"]]
        given = {name: event[name] for name in ("at", "action", "status", "size", "duration_ms")}
        assert given == {name: origin[name] for name in given}
        assert event["full"] == origin["satellite"]

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        hour = row["hour_at"] if "hour_at" in row else row["at"] // HOUR_US * HOUR_US
        return hour, row["satellite_id"] or 0, row["action"] or "", row["status"]

    assert {key(row): row["count"] for row in hours} == Counter(map(key, found))
    for row in hours:
        sizes = [event["size"] for event in found if key(event) == key(row)]
        known = [size for size in sizes if size is not None]
        assert row["bytes"] == (sum(known) if known else None)
    timed = Counter(key(event) for event in found if event["duration_ms"] is not None)
    summed: Counter[tuple[Any, ...]] = Counter()
    for row in durations:
        summed[key(row)] += row["count"]
    assert summed == timed


def test_every_duration_falls_into_the_bucket_whose_bounds_hold_it(store: Store) -> None:
    powers = [edge for power in range(5, 34) for edge in (1 << power, 3 << (power - 1))]
    durations = sorted({*range(70), *(edge + by for edge in powers for by in (-1, 0, 1))})
    write(store, *({"at": i * HOUR_US, "duration_ms": ms} for i, ms in enumerate(durations)))
    found = {
        durations[row["hour_at"] // HOUR_US]: row["bucket"]
        for row in rows_of(store.path, "SELECT hour_at, bucket FROM event_hour_durations")
    }
    assert list(found) == durations
    for ms, bucket in found.items():
        first, after = bucket_bounds(bucket)
        assert first <= min(ms, LONGEST_MS) < after
    assert max(found.values()) == BUCKETS - 1


def test_the_buckets_follow_one_another_without_a_gap_and_stay_narrow() -> None:
    bounds = [bucket_bounds(bucket) for bucket in range(BUCKETS)]
    assert bounds[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(bounds))
    assert all(after - first == 1 or (after - first) * 16 <= first for first, after in bounds)
    assert bounds[-1][1] == LONGEST_MS + 1


def test_a_time_before_1970_belongs_to_the_hour_before_it(store: Store) -> None:
    write(store, {"at": at("1969-12-31T23:59:59")}, {"at": at("1970-01-01T00:00:00")})
    hours = [row["hour_at"] for row in rows_of(store.path, "SELECT hour_at FROM event_hours")]
    assert hours == [-HOUR_US, 0]


def test_a_duration_below_none_is_in_no_histogram(store: Store) -> None:
    assert write(store, {"duration_ms": -1}, {"duration_ms": 0}) == Written(new=2, known=0)
    assert rows_of(store.path, "SELECT bucket, count FROM event_hour_durations") == [
        {"bucket": 0, "count": 1}
    ]
    assert number_of(store.path, "SELECT sum(count) FROM event_hours") == 2

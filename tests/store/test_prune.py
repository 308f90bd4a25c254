"""Old events go, their sums stay, and what is read again adds nothing to them."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.store import News, Store, StoreWriter, Written
from tests.records import transfers
from tests.store.databases import Breaking, contents_of, number_of, rows_of, write

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR_US = 3_600_000_000


@contextmanager
def few_at_a_time(rows: int) -> Iterator[None]:
    """Remove so few events in one transaction, and don't wait between two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storj_monitor.store.prune.ROWS", rows)
        patch.setattr("storj_monitor.store.prune.time.sleep", lambda _: None)
        yield


def prune(store: Store, before: int) -> int:
    with store.writer() as writer:
        return writer.prune(before)


def sealed(store: Store) -> set[tuple[str, int]]:
    found = rows_of(
        store.path, "SELECT n.name, hour_at FROM sealed_hours JOIN nodes AS n ON n.id = node_id"
    )
    return {(row["name"], row["hour_at"]) for row in found}


def times_of(store: Store) -> list[int]:
    return [row["at"] for row in rows_of(store.path, "SELECT at FROM events ORDER BY at")]


def test_the_events_of_hours_that_are_over_go_and_their_sums_stay(store: Store) -> None:
    times = [0, HOUR_US - 1, HOUR_US, 2 * HOUR_US - 1, 2 * HOUR_US, 3 * HOUR_US]
    write(store, *({"at": at, "size": 1, "duration_ms": 9} for at in times))
    before = contents_of(store.path)
    assert prune(store, 2 * HOUR_US + HOUR_US // 2) == 4
    assert times_of(store) == [2 * HOUR_US, 3 * HOUR_US]
    after = contents_of(store.path)
    for table in ("event_hours", "event_hour_durations", "nodes", "satellites"):
        assert after[table] == before[table]
    assert sealed(store) == {("n1", 0), ("n1", HOUR_US)}
    assert prune(store, 2 * HOUR_US) == 0


def test_only_the_hours_in_which_a_node_had_events_are_sealed(store: Store) -> None:
    write(store, {"at": 0}, {"at": 2 * HOUR_US}, node="n1")
    write(store, {"at": HOUR_US}, node="n2")
    assert prune(store, 9 * HOUR_US) == 3
    assert sealed(store) == {("n1", 0), ("n1", 2 * HOUR_US), ("n2", HOUR_US)}
    missed = {"at": HOUR_US, "fingerprint": 7}
    assert write(store, missed, node="n1") == Written(new=1, known=0)
    assert write(store, missed, node="n2") == Written(new=0, known=0, sealed=1)


def test_what_falls_into_a_sealed_hour_changes_nothing_and_is_counted_apart(store: Store) -> None:
    old = [{"at": at, "duration_ms": 5} for at in (0, 1, HOUR_US - 1)]
    write(store, *old)
    prune(store, HOUR_US)
    before = contents_of(store.path)
    assert write(store, *old, {"at": 2, "fingerprint": 99}) == Written(0, 0, sealed=4)
    assert contents_of(store.path) == before
    fresh = {"at": HOUR_US, "fingerprint": 5}
    assert write(store, *old, fresh, fresh, {"at": -1}) == Written(new=2, known=1, sealed=3)
    assert number_of(store.path, "SELECT sum(count) FROM event_hours") == 5


def test_a_time_before_1970_is_sealed_with_the_hour_before_it(store: Store) -> None:
    write(store, {"at": -1}, {"at": 0})
    assert prune(store, -1) == 0
    assert prune(store, 1) == 1
    assert sealed(store) == {("n1", -HOUR_US)}
    assert write(store, {"at": -HOUR_US}) == Written(new=0, known=0, sealed=1)


def test_pruning_that_was_told_to_stop_is_gone_on_with_by_the_next(store: Store) -> None:
    rows = [{"at": i, "fingerprint": i} for i in range(10)]
    write(store, *rows, {"at": HOUR_US})
    turns = count()
    with few_at_a_time(4), store.writer() as writer:
        assert writer.prune(2 * HOUR_US, lambda: next(turns) == 1) == 4
        assert times_of(store) == [*range(4, 10), HOUR_US]
        # The hour is sealed, though some of its events are left to be removed.
        assert sealed(store) == {("n1", 0)}
        assert write(store, *rows) == Written(new=0, known=0, sealed=10)
        assert writer.prune(2 * HOUR_US, lambda: True) == 0
        assert writer.prune(2 * HOUR_US) == 7
    assert times_of(store) == []
    assert number_of(store.path, "SELECT sum(count) FROM event_hours") == 11


@pytest.mark.parametrize("words", ["INSERT OR REPLACE INTO sealed_hours", "DELETE", "COMMIT"])
def test_a_failure_in_the_middle_seals_no_hour_whose_events_are_there(
    store: Store, words: str
) -> None:
    write(store, *({"at": i * HOUR_US} for i in range(6)))
    before = contents_of(store.path)
    connection = Breaking(store.path, "rw")
    with few_at_a_time(2), StoreWriter(connection) as writer:
        connection.words = words
        with pytest.raises(RuntimeError, match=words):
            writer.prune(4 * HOUR_US)
        assert contents_of(store.path) == before
        connection.words = "\0"
        assert writer.prune(4 * HOUR_US) == 4
    assert sealed(store) == {("n1", hour * HOUR_US) for hour in range(4)}


def test_other_writers_get_their_turn_in_between(store: Store) -> None:
    write(store, *({"at": i} for i in range(10)))
    fingerprints = count(100)

    def stop() -> bool:
        row = {"at": 5 * HOUR_US, "fingerprint": next(fingerprints)}
        assert write(store, row, node="n2") == Written(new=1, known=0)
        return False

    with few_at_a_time(3), store.writer() as writer:
        assert writer.prune(HOUR_US, stop) == 10
    assert times_of(store) == [5 * HOUR_US] * 4


def test_the_room_of_what_was_removed_is_used_again(store: Store) -> None:
    def fill(hour: int) -> int:
        write(store, *({"at": hour * HOUR_US, "error": "e" * 100} for _ in range(3_000)))
        return number_of(store.path, "PRAGMA page_count")

    pages = fill(0)
    for hour in range(1, 4):
        assert prune(store, hour * HOUR_US) == 3_000
        assert fill(hour) <= 1.1 * pages


calls = st.lists(
    st.tuples(
        st.sampled_from(["n1", "n2"]),
        st.lists(st.tuples(st.integers(-2, 3), st.integers(0, 9)), max_size=12),
    )
    | st.tuples(st.integers(-1, 4), st.none() | st.integers(0, 2)),
    max_size=10,
)


class Model:
    """What a database has to hold: an hour's sum is that of its events until it is sealed."""

    def __init__(self) -> None:
        self.events: set[tuple[str, int, int]] = set()
        self.sums: Counter[tuple[str, int]] = Counter()
        self.sealed: set[tuple[str, int]] = set()

    def write(self, node: str, told: list[tuple[int, int]]) -> Written:
        new = known = late = 0
        for hour, number in told:
            key = (node, hour * HOUR_US, number)
            if key[:2] in self.sealed:
                late += 1
            elif key in self.events:
                known += 1
            else:
                new += 1
                self.events.add(key)
                self.sums[key[:2]] += 1
        return Written(new, known, late)


@given(calls)
@settings(max_examples=40)
def test_however_writing_and_pruning_take_turns_each_transfer_is_summed_up_once(
    calls: list[Any],
) -> None:
    model = Model()
    with (
        tempfile.TemporaryDirectory() as folder,
        few_at_a_time(3),
        Store.open(Path(folder) / "some.db", create=True).writer() as writer,
    ):
        store = Store(Path(folder) / "some.db")
        for first, second in calls:
            if isinstance(first, str):
                rows = [{"at": h * HOUR_US + n, "fingerprint": n} for h, n in second]
                written = writer.write([News(node=first, transfers=transfers(rows))])
                assert written == model.write(first, second)
            else:
                turns = count()
                limit = second
                writer.prune(first * HOUR_US, lambda: next(turns) == limit)  # noqa: B023  it is called at once
                over = {event[:2] for event in model.events if event[1] < first * HOUR_US}
                now_sealed = sealed(store)
                assert model.sealed <= now_sealed <= model.sealed | over
                assert second is not None or now_sealed >= over
                model.sealed = now_sealed
            kept = rows_of(
                store.path,
                "SELECT n.name, at, fingerprint FROM events JOIN nodes AS n ON n.id = node_id",
            )
            found = {
                (row["name"], row["at"] - row["fingerprint"], row["fingerprint"]) for row in kept
            }
            assert {event for event in model.events if event[:2] not in model.sealed} <= found
            assert found <= model.events
            sums = rows_of(
                store.path,
                "SELECT n.name, hour_at, sum(count) AS count FROM event_hours"
                " JOIN nodes AS n ON n.id = node_id GROUP BY 1, 2",
            )
            assert {(row["name"], row["hour_at"]): row["count"] for row in sums} == model.sums

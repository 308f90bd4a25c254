from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal_column, null, select, type_coerce
from sqlalchemy import types as sql

from storj_monitor.schema import event_hours, events, nodes
from storj_monitor.store import News, Store, StoreReader
from storj_monitor.store.connection import Connection
from storj_monitor.store.reader import FIRST_PAGE_ROWS
from tests.records import EU1, transfers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from storj_monitor.store.connection import Value

ALL_EVENTS = select(events.c.at, events.c.id, events.c.status, events.c.size)
HOUR_US = 3_600_000_000


class Listening(Connection):
    """Remembers the statements that went through it."""

    def __init__(self, path: Path) -> None:
        self.statements: list[tuple[str, Sequence[Value]]] = []
        super().__init__(path, "ro")

    def query(self, sql: str, values: Sequence[Value] = (), rows: int = 100_000) -> pa.Table:
        self.statements.append((sql, values))
        return super().query(sql, values, rows)

    @property
    def pages(self) -> list[tuple[str, Sequence[Value]]]:
        return [(text, values) for text, values in self.statements if "status" in text]


def fill(store: Store, *times: int, node: str = "n1", **fields: Any) -> None:
    first = store.path.stat().st_mtime_ns
    with store.writer() as writer:
        rows = [{"at": at, "fingerprint": first + i, **fields} for i, at in enumerate(times)]
        writer.write([News(node=node, transfers=transfers(rows))])


def keys(batches: list[pa.RecordBatch]) -> list[tuple[int, int]]:
    return [(row["at"], row["id"]) for batch in batches for row in batch.to_pylist()]


rows_of_events = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["success", "failed", "canceled"]),
        st.sampled_from([None, 0, 5]),
    ),
    max_size=40,
)


class Question(NamedTuple):
    """What is scanned for, and in how small steps."""

    page_rows: int
    window_rows: int
    start: int
    end: int
    statuses: frozenset[str]


questions = st.builds(
    Question,
    page_rows=st.integers(1, 6),
    window_rows=st.integers(1, 9),
    start=st.integers(0, 12),
    end=st.integers(0, 13),
    statuses=st.frozensets(st.sampled_from(["success", "failed", "canceled"])),
)


@given(rows=rows_of_events, asked=st.lists(questions, min_size=1, max_size=5))
@settings(max_examples=20)
def test_a_scan_is_what_sorting_and_filtering_in_python_gives(
    rows: list[tuple[int, str, int | None]], asked: list[Question]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "some.db", create=True)
        with store.writer() as writer:
            written = [{"at": at, "status": status, "size": size} for at, status, size in rows]
            writer.write([News(node="n1", transfers=transfers(written))])
        for question in asked:
            _compare(store, rows, question)


def _compare(store: Store, rows: list[tuple[int, str, int | None]], asked: Question) -> None:
    wanted = ALL_EVENTS.where(events.c.at >= asked.start, events.c.at < asked.end)
    if asked.statuses:
        wanted = wanted.where(events.c.status.in_(asked.statuses))
    with Connection(store.path, "ro") as connection:
        reader = StoreReader(connection, asked.page_rows, asked.window_rows)
        batches = list(reader.scan(wanted))
    expected = sorted(
        (at, index, status, size)
        for index, (at, status, size) in enumerate(rows, start=1)
        if asked.start <= at < asked.end and (not asked.statuses or status in asked.statuses)
    )
    assert [tuple(row.values()) for batch in batches for row in batch.to_pylist()] == expected
    assert all(batch.num_rows <= asked.page_rows for batch in batches)


@pytest.mark.parametrize("window_rows", [1, 2, 5, 100])
@pytest.mark.parametrize("page_rows", [1, 2, 3, 100])
def test_a_key_without_id_is_scanned_whole_as_well(
    store: Store, page_rows: int, window_rows: int
) -> None:
    fill(store, *(hour * HOUR_US for hour in range(4)), status="success")
    fill(store, *(hour * HOUR_US for hour in range(4)), status="failed", satellite=EU1)
    key = tuple(column.name for column in event_hours.primary_key)
    with Connection(store.path, "ro") as connection:
        reader = StoreReader(connection, page_rows=page_rows, window_rows=window_rows)
        batches = list(reader.scan(select(*event_hours.c), key=key))
    found = [tuple(row[name] for name in key) for batch in batches for row in batch.to_pylist()]
    assert len(found) == 8
    assert found == sorted(set(found))


def test_rows_written_during_a_scan_are_left_out(store: Store) -> None:
    fill(store, 10, 20, 30, 40)
    with Connection(store.path, "ro") as connection:
        scan = StoreReader(connection, page_rows=2).scan(ALL_EVENTS)
        first = next(scan)
        fill(store, 15, 35, 50)
        assert keys([first, *scan]) == [(10, 1), (20, 2), (30, 3), (40, 4)]
    with store.reader() as reader:
        assert len(keys(list(reader.scan(ALL_EVENTS)))) == 7


def test_the_first_page_is_small_however_much_follows(store: Store) -> None:
    fill(store, *range(FIRST_PAGE_ROWS + 500))
    with store.reader() as reader:
        sizes = [batch.num_rows for batch in reader.scan(ALL_EVENTS)]
    assert sizes == [FIRST_PAGE_ROWS, 500]


def test_a_scan_of_nothing_at_all_gives_no_rows(store: Store) -> None:
    with store.reader() as reader:
        assert list(reader.scan(ALL_EVENTS)) == []
        assert [b.num_rows for b in reader.scan(select(*event_hours.c), key=("hour_at",))] == [0]


def test_a_filter_that_matches_nothing_gives_a_sign_of_life_for_each_window(store: Store) -> None:
    fill(store, *range(100))
    rare = ALL_EVENTS.where(events.c.at >= 0, events.c.at < 50, events.c.status == "rejected")
    with Listening(store.path) as connection:
        batches = list(StoreReader(connection, window_rows=10).scan(rare))
        assert [batch.num_rows for batch in batches] == [0] * 6
        assert len(connection.pages) == 6


def test_windows_end_with_the_span_and_not_with_the_table(store: Store) -> None:
    fill(store, *range(1000))
    rare = ALL_EVENTS.where(events.c.at < 15).where(events.c.status == "rejected")
    between = ALL_EVENTS.where(events.c.at.between(0, 14) & (events.c.status == "rejected"))
    for chosen in (rare, between):
        with Listening(store.path) as connection:
            assert len(list(StoreReader(connection, window_rows=10).scan(chosen))) == 2


def test_a_page_is_found_through_the_index_of_its_key(store: Store) -> None:
    fill(store, *range(100))
    wanted = ALL_EVENTS.where(events.c.at >= 10, events.c.at < 90, events.c.status == "success")
    with Listening(store.path) as connection:
        list(StoreReader(connection, page_rows=5, window_rows=20).scan(wanted))
        plans = {
            connection.query(f"EXPLAIN QUERY PLAN {text}", values)["detail"][0].as_py()
            for text, values in connection.pages
        }
    index = "SEARCH events USING INDEX events_at"
    assert plans == {
        f"{index} (at>? AND at<?)",
        f"{index} ((at,rowid)>(?,?) AND (at,rowid)<(?,?))",
        f"{index} ((at,rowid)>(?,?) AND at<?)",
    }


def test_columns_keep_their_declared_types_whatever_a_page_holds(store: Store) -> None:
    fill(store, 1, size=None, piece_id=None)
    chosen = select(
        events.c.at,
        events.c.id,
        events.c.size,
        events.c.piece_id,
        null().cast(sql.Float).label("ratio"),
        type_coerce(events.c.occurrence, sql.Boolean).label("again"),
    )
    types = [*(pa.int64() for _ in range(3)), pa.string(), pa.float64(), pa.bool_()]
    names = ("at", "id", "size", "piece_id", "ratio", "again")
    declared = pa.schema([pa.field(*field) for field in zip(names, types, strict=True)])
    with store.reader() as reader:
        assert reader.fetch(chosen).schema == declared
        assert reader.fetch(chosen.where(events.c.id == 0)).schema == declared
        [batch] = reader.scan(chosen)
    assert batch.schema == declared
    assert list(batch.to_pylist()[0].values()) == [1, 1, None, None, None, False]


def test_a_number_that_is_whole_in_the_first_rows_only_stays_a_number(store: Store) -> None:
    fill(store, *range(300))
    halves = type_coerce(events.c.at * literal_column("0.5"), sql.Float).label("half")
    with store.reader() as reader:
        found = reader.fetch(select(halves).order_by(events.c.at))
    assert found["half"].to_pylist() == [at / 2 for at in range(300)]


@pytest.mark.parametrize(
    "chosen",
    [
        ALL_EVENTS.where(events.c.at >= datetime(2026, 3, 4, tzinfo=UTC)),
        ALL_EVENTS.where(events.c.at.in_([datetime(2026, 3, 4, tzinfo=UTC)])),
    ],
)
def test_a_time_that_is_no_number_is_refused_rather_than_finding_nothing(
    store: Store, chosen: Select[Any]
) -> None:
    fill(store, 1)
    said = (
        r"datetime.datetime\(2026, 3, 4, 0, 0, tzinfo=datetime.timezone.utc\) can't be bound in a "
        r"query: use int, float, str, bool or None \(a time is integer microseconds, such as "
        r"query.span.start_us\)"
    )
    with store.reader() as reader:
        with pytest.raises(TypeError, match=said):
            reader.fetch(chosen)
        with pytest.raises(TypeError, match=said):
            list(reader.scan(chosen))


def test_int_float_text_flag_and_nothing_can_be_bound(store: Store) -> None:
    fill(store, 1, size=5, error="x")
    conditions = (
        events.c.at == 1,
        events.c.size < 5.5,
        events.c.error == "x",
        events.c.occurrence == False,  # noqa: E712  SQL's comparison
        type_coerce(events.c.country, sql.Text).is_(None),
        func.coalesce(None, events.c.size) == 5,
    )
    with store.reader() as reader:
        assert reader.fetch(select(events.c.at).where(*conditions)).num_rows == 1


def test_a_column_without_a_known_type_is_named(store: Store) -> None:
    with store.reader() as reader, pytest.raises(TypeError) as refusal:
        reader.fetch(select(literal_column("1").label("one")))
    assert str(refusal.value) == (
        "column 'one' of a query has no known type: say which with type_coerce"
    )


def test_a_scan_whose_key_is_not_selected_is_refused(store: Store) -> None:
    with store.reader() as reader, pytest.raises(ValueError, match="needs") as refusal:
        list(reader.scan(select(events.c.at)))
    assert str(refusal.value) == (
        "a scan by ('at', 'id') needs ['id'] among the columns that are selected"
    )


def test_fetch_refuses_more_than_a_small_result(store: Store) -> None:
    numbers = select(literal_column("0", sql.Integer).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < 100_000))
    many = select(numbers.c.n)
    with store.reader() as reader:
        assert reader.fetch(many.where(numbers.c.n > 0)).num_rows == 100_000
        with pytest.raises(ValueError, match="fetch is for small") as refusal:
            reader.fetch(many)
        assert reader.fetch(many.limit(3))["n"].to_pylist() == [0, 1, 2]
    assert str(refusal.value) == "fetch is for small results, up to 100,000 rows: use scan"


def test_the_names_of_a_filter_cannot_clash_with_those_of_a_scan(store: Store) -> None:
    fill(store, *range(10))
    named = sql.Integer
    after = literal_column("at", named).label("after")
    wanted = select(events.c.at, events.c.id, after).where(events.c.at > 1)
    with Connection(store.path, "ro") as connection:
        found = StoreReader(connection, page_rows=2, window_rows=3).scan(wanted)
        assert [at for at, _ in keys(list(found))] == list(range(2, 10))


def wal_after_many_commits(store: Store) -> int:
    largest = 0
    wal = store.path.with_name(f"{store.path.name}-wal")
    with store.writer() as writer:
        for number in range(40):
            batch = [{"fingerprint": number * 50 + i, "error": "e" * 4_000} for i in range(50)]
            writer.write([News(node="n2", transfers=transfers(batch))])
            largest = max(largest, wal.stat().st_size)
    return largest


def test_a_scan_that_waits_for_a_slow_client_does_not_make_the_wal_grow(store: Store) -> None:
    fill(store, *range(10))
    with Connection(store.path, "ro") as connection:
        scan = StoreReader(connection, page_rows=2).scan(ALL_EVENTS)
        next(scan)
        beside_a_scan = wal_after_many_commits(store)
        assert len(keys(list(scan))) == 8
    run_alone = Store.open(store.path.with_name("alone.db"), create=True)
    fill(run_alone, *range(10))
    assert beside_a_scan <= 1.2 * wal_after_many_commits(run_alone)

    pinned = Store.open(store.path.with_name("pinned.db"), create=True)
    fill(pinned, *range(10))
    with Connection(pinned.path, "ro") as connection:
        connection.execute("BEGIN")
        connection.query("SELECT count(*) FROM events")
        assert wal_after_many_commits(pinned) > 1.5 * beside_a_scan


def test_names_with_any_character_come_back_as_they_were(store: Store) -> None:
    names = ["a", "Ä", "日本", "🚀", "a\0b", "a'b\"c", "  ", "x" * 200]
    with store.writer() as writer:
        for name in names:
            writer.write([News(node=name, transfers=transfers([{}]))])
    with store.reader() as reader:
        found = reader.fetch(select(nodes.c.name).order_by(nodes.c.id))
    assert found["name"].to_pylist() == names

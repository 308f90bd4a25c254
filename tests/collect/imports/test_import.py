"""A whole database of theirs: taken once, whatever is in it, in flat memory."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storj_monitor.collect.imports import describe
from storj_monitor.errors import OperatorError
from storj_monitor.store import Store
from storj_monitor.store.connection import Connection
from tests.collect.imports.other_monitor import NEWEST, TABLES, literal, other_monitor, take_over
from tests.collect.imports.peak import peak_bytes_of_import
from tests.records import EU1, PIECE, US1
from tests.store.databases import contents_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collect.imports.conftest import Take

#: Above any cell, and below what many rows would add up to.
_ALLOWANCE = 25_000_000


def fill(path: Path) -> None:
    """Write some rows of each table."""
    with other_monitor(path) as theirs:
        for second in range(40):
            theirs.add("events", timestamp=f"2025-10-11T05:03:{second // 2:02}+00:00")
        for hour in range(20):
            theirs.add(
                "hourly_stats", hour_timestamp=f"2025-10-09T{hour:02}:00:00+00:00", ul_fail=1
            )
        for minute in range(30):
            time = f"2025-10-11T05:{minute:02}:00.123456+00:00"
            theirs.add("hashstore_compaction_history", last_run_iso=time, duration=1.5)
            theirs.add("reputation_history", timestamp=time, audit_score=99.0)
            sizes = {"total_bytes": 9_000, "used_bytes": minute, "trash_bytes": 7}
            theirs.add("storage_snapshots", timestamp=time, **sizes)
            theirs.add("alerts", timestamp=time)
            money = {"total_earnings_gross": 1.5, "total_earnings_net": 1.5, "held_amount": 0.5}
            for age in (0, 1):
                period = f"20{24 + age}-{1 + minute % 12:02}"
                theirs.add("earnings_estimates", period=period, node_age_months=age, **money)
            theirs.add("payout_history", period=f"2023-{1 + minute % 12:02}")
        theirs.add("insights", description="d")


def test_twice_is_once(theirs: Path, take: Take, store: Store) -> None:
    fill(theirs)
    first = take()
    before = contents_of(store.path)
    assert first.taken == 40 + 20 + 30 + 30 + 6 + 24 + 12 + 30
    second = take()
    assert second.taken == 0
    assert contents_of(store.path) == before
    assert [table.rows for table in first.tables] == [table.rows for table in second.tables]


def test_an_import_that_is_cut_off_is_gone_on_with(
    theirs: Path, store: Store, tmp_path: Path
) -> None:
    fill(theirs)
    whole = Store.open(tmp_path / "whole.db", create=True)
    take_over(whole, theirs)

    def cut_off(most: int, done: int, _total: int | None) -> None:
        if done > most:
            raise KeyboardInterrupt

    for most in range(0, 260, 20):
        with pytest.raises(KeyboardInterrupt):
            take_over(store, theirs, partial(cut_off, most))
    take_over(store, theirs)
    assert contents_of(store.path) == contents_of(whole.path)


def test_nothing_of_theirs_changes(theirs: Path, take: Take) -> None:
    fill(theirs)

    def state() -> dict[str, tuple[bytes, int]]:
        return {
            path.name: (path.read_bytes(), path.stat().st_mtime_ns)
            for path in theirs.parent.iterdir()
        }

    before = state()
    take()
    assert state() == before


def test_progress_counts_each_row_once(theirs: Path, store: Store) -> None:
    fill(theirs)
    seen: list[tuple[int, int | None]] = []
    account = take_over(store, theirs, lambda done, total: seen.append((done, total)))
    rows = sum(table.rows for table in account.tables)
    assert seen[-1] == (rows, rows)
    assert seen == sorted(seen)


def test_the_account_says_what_is_left_out_and_why(theirs: Path, take: Take) -> None:
    with other_monitor(theirs) as database:
        database.add("events", status="lost")
        database.add("events", country="Unknown")
        database.add("insights", description="d")
    said = describe(take())
    assert said.startswith(
        "3 rows of attic: 1 taken\nevents: 2 rows, 1 taken, 0 known already, 1 le"
    )
    assert "\n  repaired: 1 with an unknown country: taken without it\n" in said
    assert "\n  left out: 1 of an unknown status\n" in said
    assert "\ninsights: 1 rows, 0 taken, 0 known already, 1 left out\n" in said


def test_its_views_and_triggers_do_not_matter(theirs: Path, take: Take) -> None:
    with other_monitor(theirs) as database:
        database.add("events")
        database.create(
            "DROP TABLE alerts;"
            "CREATE VIEW alerts AS SELECT * FROM no_such_table;"
            "CREATE VIEW reads AS SELECT load_extension('x');"
        )
        with Connection(theirs, "rw") as connection:
            connection.execute("CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT 1; END")
    account = take()
    assert account.taken == 1
    assert {table.table: table.rows for table in account.tables}["alerts"] == 0


@pytest.mark.parametrize("keep", [0.3, 0.7])
def test_a_file_that_is_cut_short_gives_one_clear_error(
    keep: float, theirs: Path, store: Store
) -> None:
    fill(theirs)
    whole = theirs.read_bytes()
    theirs.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(
        OperatorError, match=r"storj_stats\.db can't be read: it is damaged, or cut"
    ):
        take_over(store, theirs)


def test_a_damaged_file_gives_one_clear_error(theirs: Path, store: Store) -> None:
    fill(theirs)
    whole = bytearray(theirs.read_bytes())
    for place in range(4_096, len(whole), 4_096):
        whole[place : place + 100] = b"\xa5" * 100
    theirs.write_bytes(whole)
    with pytest.raises(OperatorError, match="damaged"):
        take_over(store, theirs)


#: Any type in any column, beside what is nearly as usual.
CELLS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-2, 2),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from(
        [
            *("attic", "", "nas:1", "default", US1, EU1, PIECE, "aggregate", "s0", "{}", "0"),
            *("GET", "PUT", "PUT_REPAIR", "success", "failed", "canceled", "unexpected EOF"),
            *("2025-10-11T05:03:27+00:00", "2025-10-11T05:00:00.000Z", "2025-10-11T05:00:00+00:00"),
            *("9999-12-31T23:59:59+00:00", "2025-02-30T00:00:00Z", "2025-10", "critical"),
            f'{{"satellite": "{US1}", "score": 7}}',
            *(99.5, 100, 10**12, 5 * 10**12, 0.5),
        ]
    ),
)


def columns_of(table: str) -> list[str]:
    declared = NEWEST.split(f"CREATE TABLE {table} (")[1].split(";")[0]
    declared = re.sub(r"(UNIQUE|PRIMARY KEY) \([^)]*\)", "", declared)
    names = re.findall(r"(?:^|,)\s*(\w+)", declared)
    return [name for name in names if name != "id"]


#: A hostile file declares no types, and forbids nothing.
LOOSE = "".join(f"CREATE TABLE {table} ({', '.join(columns_of(table))});" for table in TABLES)
ROWS = st.sampled_from(TABLES).flatmap(
    lambda table: st.tuples(
        st.just(table), st.dictionaries(st.sampled_from(columns_of(table)), CELLS, min_size=1)
    )
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, max_size=12))
def test_whatever_is_in_a_cell_each_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, dict[str, Any]]]
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "storj_stats.db"
    stored: Counter[str] = Counter()
    with other_monitor(path, LOOSE) as theirs:
        for table, cells in rows:
            theirs.add_as_sql(table, {name: literal(cell) for name, cell in cells.items()})
            stored[table] += 1
    store = Store.open(folder / "ours.db", create=True)
    first = take_over(store, path)
    for account in first.tables:
        assert account.rows == stored[account.table]
        assert account.rows == account.taken + account.known + account.left_out.total()
        assert min(account.taken, account.known) >= 0
    before = contents_of(store.path)
    assert take_over(store, path).taken == 0
    assert contents_of(store.path) == before


@pytest.mark.no_cover  # it is long
def test_memory_is_flat_however_many_transfers_there_are(tmp_path: Path) -> None:
    few, many = (peak_bytes_of_import(tmp_path, events) for events in (40_000, 120_000))
    assert many < few + _ALLOWANCE

"""Their database, ours, and the way from one into the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.collect.imports.other_monitor import other_monitor, take_over

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.collect.imports import Account, TableAccount
    from storj_monitor.store import Store

    Add = Callable[..., None]
    Take = Callable[[], Account]
    TakeTable = Callable[[str], TableAccount]


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Make an empty database of theirs, in a folder of its own."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = folder / "storj_stats.db"
    with other_monitor(path):
        return path


@pytest.fixture
def add(theirs: Path) -> Add:
    """Add a row to a table of theirs."""

    def add_row(table: str, **cells: object) -> None:
        with other_monitor(theirs) as database:
            database.add(table, **cells)

    return add_row


@pytest.fixture
def take(theirs: Path, store: Store) -> Take:
    """Import theirs into ours; the account has to cover each row."""

    def import_it() -> Account:
        account = take_over(store, theirs)
        for table in account.tables:
            assert table.rows == table.taken + table.known + table.left_out.total(), table
        return account

    return import_it


@pytest.fixture
def take_table(take: Take) -> TakeTable:
    """Import theirs, and return the account of one table."""

    def import_it(name: str) -> TableAccount:
        [account] = [table for table in take().tables if table.table == name]
        return account

    return import_it

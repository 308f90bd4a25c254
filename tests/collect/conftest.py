"""A store of its own for each test, and a way to put a log on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storj_monitor.schema import events, satellites
from storj_monitor.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Rows = list[dict[str, object]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "monitor.db", create=True)


@pytest.fixture
def stored(store: Store) -> Callable[[], Rows]:
    """Read all events, with the full id of their satellite."""

    def read() -> Rows:
        names = select(satellites.c.satellite_id).where(satellites.c.id == events.c.satellite_id)
        wanted = select(events, names.scalar_subquery().label("satellite")).order_by(events.c.id)
        with store.reader() as reader:
            rows: Rows = reader.fetch(wanted).to_pylist()
        return rows

    return read


@pytest.fixture
def log(tmp_path: Path) -> Callable[[bytes], str]:
    """Write a log and return its path as the operator would type it."""

    def write(content: bytes, name: str = "storagenode.log") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write

"""What our own database knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from storj_monitor.schema import (
    alerts,
    event_hours,
    log_hours,
    nodes,
    satellites,
    sealed_hours,
    storage,
)
from storj_monitor.store.news import SLOT_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Select, Table

    from storj_monitor.store import StoreReader

#: A node, and when an hour (or a slot of five minutes) begins.
NodeHour = tuple[str, int]
#: A node, the full id of a satellite if it is about one, and a type.
AlertKey = tuple[str, str | None, str]
#: Values of one statement; each may find a row of every node.
_VALUES = 500


def heard(reader: StoreReader, hours: Iterable[int]) -> dict[NodeHour, int]:
    """Return the time of the first line of our log, by node and hour."""
    columns = log_hours.c
    wanted = select(nodes.c.name, columns.hour_at, columns.first_at)
    wanted = wanted.where(nodes.c.id == columns.node_id)
    return {
        (row["name"], row["hour_at"]): row["first_at"]
        for some in _portions(hours)
        for row in reader.fetch(wanted.where(columns.hour_at.in_(some))).to_pylist()
    }


def sealed(reader: StoreReader, hours: Iterable[int]) -> dict[NodeHour, int]:
    """Return up to when hours were taken over from another monitor, by node and hour."""
    columns = sealed_hours.c
    wanted = select(nodes.c.name, columns.hour_at, columns.until_at)
    wanted = wanted.where(nodes.c.id == columns.node_id, columns.until_at.is_not(None))
    return {
        (row["name"], row["hour_at"]): row["until_at"]
        for some in _portions(hours)
        for row in reader.fetch(wanted.where(columns.hour_at.in_(some))).to_pylist()
    }


def summed(reader: StoreReader, hours: Iterable[int]) -> set[NodeHour]:
    """Return the hours of nodes of which there are sums of transfers."""
    columns = event_hours.c
    wanted = select(nodes.c.name, columns.hour_at).where(nodes.c.id == columns.node_id).distinct()
    return {
        (row["name"], row["hour_at"])
        for some in _portions(hours)
        for row in reader.fetch(wanted.where(columns.hour_at.in_(some))).to_pylist()
    }


def measured(reader: StoreReader, times: Iterable[int]) -> set[NodeHour]:
    """Return the slots around these times in which nodes' used space was taken over."""
    columns = storage.c
    wanted = select(nodes.c.name, columns.slot_at).where(
        nodes.c.id == columns.node_id,
        columns.origin == "import",
        columns.used_bytes.is_not(None),
    )
    return {
        (row["name"], row["slot_at"])
        for some in _portions(at - at % SLOT_US for at in times)
        for row in reader.fetch(wanted.where(columns.slot_at.in_(some))).to_pylist()
    }


def open_alerts(reader: StoreReader) -> set[AlertKey]:
    """Return which alerts of our own are open."""
    columns = alerts.c
    full_id = select(satellites.c.satellite_id).where(satellites.c.id == columns.satellite_id)
    wanted = select(nodes.c.name, full_id.scalar_subquery().label("satellite"), columns.type).where(
        nodes.c.id == columns.node_id,
        columns.resolved_at.is_(None),
        columns.origin != "import",
    )
    return {
        (row["name"], row["satellite"], row["type"]) for row in reader.fetch(wanted).to_pylist()
    }


def imported(reader: StoreReader, table: Table) -> int:
    """Return how many rows a table has, of those that may have been taken over."""
    wanted: Select[Any] = select(func.count().label("count")).select_from(table)
    if "origin" in table.c:
        wanted = wanted.where(table.c.origin == "import")
    return int(reader.fetch(wanted)[0][0].as_py())


def _portions(values: Iterable[int]) -> Iterator[list[int]]:
    distinct = sorted(set(values))
    for first in range(0, len(distinct), _VALUES):
        yield distinct[first : first + _VALUES]

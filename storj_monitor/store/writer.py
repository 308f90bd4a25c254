"""Writing: batches of transfers, each with its roll-ups in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.schema import event_hour_durations, event_hours, events, nodes, satellites
from storj_monitor.store.satellites import short_name
from storj_monitor.store.sql import compiled

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, ColumnElement

    from storj_monitor.store.connection import Connection

HOUR_US = 3_600_000_000
#: The longest duration that the histogram tells apart: about 25 days.
_WIDEST_SHIFT = 26

_FIELDS: list[tuple[str, pa.DataType]] = [
    ("at", pa.int64()),  # when the transfer ended, microseconds since 1970 UTC
    ("satellite", pa.string()),  # the full id, or null for a rejected upload
    ("action", pa.string()),
    ("status", pa.string()),
    ("size", pa.int64()),
    ("duration_ms", pa.int64()),
    ("piece_id", pa.string()),
    ("error", pa.string()),
    ("remote_ip", pa.string()),
    ("country", pa.string()),
    ("fingerprint", pa.int64()),
    ("occurrence", pa.int64()),
]
#: A batch of transfers, as the writer takes them.
TRANSFERS = pa.schema(_FIELDS)


class Written(NamedTuple):
    """How many rows of a batch were new, and how many the database knew already."""

    new: int
    known: int


class StoreWriter:
    """Writes to the database; one transaction a call, all of it or nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._insert = compiled(insert(events).values(_placeholders()).on_conflict_do_nothing())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.execute("PRAGMA optimize")
        finally:
            self._connection.close()

    def transfers(self, node: str, batch: pa.RecordBatch) -> Written:
        """Store a batch (schema TRANSFERS) of one node's transfers and add the new ones up.

        What is known already, by node, time, fingerprint and occurrence, adds nothing.
        """
        with self._connection.transaction():
            node_id = self._node_id(node)
            before = self._number(select(func.coalesce(func.max(events.c.id), 0)))
            self._connection.executemany(self._insert.sql, self._rows(node_id, batch))
            new = self._number(select(func.count()).where(events.c.id > before))
            if new:
                self._run(_hours_of(before))
                self._run(_durations_of(before))
            if batch.num_rows:
                times = batch.column("at")
                self._hear(node_id, pc.min(times).as_py(), pc.max(times).as_py())
        return Written(new, batch.num_rows - new)

    def _run(self, statement: ClauseElement) -> None:
        written = compiled(statement)
        self._connection.execute(written.sql, written.values())

    def _number(self, statement: ClauseElement) -> int:
        written = compiled(statement)
        return int(self._connection.query(written.sql, written.values())[0][0].as_py())

    def _node_id(self, name: str) -> int:
        self._run(insert(nodes).values(name=name).on_conflict_do_nothing())
        return self._number(select(nodes.c.id).where(nodes.c.name == name))

    def _rows(self, node_id: int, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Put integers in the place of the node and the satellites, in the order of `events`."""
        named = batch.column("satellite").dictionary_encode()
        ids = self._satellite_ids([name for name in named.dictionary.to_pylist() if name])
        of_index = pa.array(
            [ids.get(str(name)) for name in named.dictionary.to_pylist()], pa.int64()
        )
        columns = dict(zip(batch.schema.names, batch.columns, strict=True)) | {
            "node_id": pa.repeat(pa.scalar(node_id, pa.int64()), batch.num_rows),
            "satellite_id": of_index.take(named.indices),
        }
        names = list(self._insert.names)
        return pa.record_batch([columns[name] for name in names], names)

    def _satellite_ids(self, wanted: list[str]) -> dict[str, int]:
        for satellite_id in wanted:
            row = {"satellite_id": satellite_id, "name": short_name(satellite_id)}
            self._run(insert(satellites).values(row).on_conflict_do_nothing())
        written = compiled(
            select(satellites.c.satellite_id, satellites.c.id).where(
                satellites.c.satellite_id.in_(wanted)
            )
        )
        found = self._connection.query(written.sql, written.values())
        return dict(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def heard(self, node: str, earliest: int, latest: int) -> None:
        """Note when a node was heard (microseconds since 1970 UTC), be it without a transfer."""
        with self._connection.transaction():
            self._hear(self._node_id(node), earliest, latest)

    def _hear(self, node_id: int, earliest: int, latest: int) -> None:
        first, last = nodes.c.first_heard_at, nodes.c.last_heard_at
        self._run(
            update(nodes)
            .where(nodes.c.id == node_id)
            .values(
                first_heard_at=func.min(func.coalesce(first, earliest), earliest),
                last_heard_at=func.max(func.coalesce(last, latest), latest),
            )
        )


def _placeholders() -> dict[str, None]:
    return {column.name: None for column in events.c if column.name != "id"}


def _keys() -> list[ColumnElement[object]]:
    # SQL's remainder of a time before 1970, which a clock that was never set shows, is negative.
    since_the_hour = (events.c.at % HOUR_US + HOUR_US) % HOUR_US
    return [
        (events.c.at - since_the_hour).label("hour_at"),
        events.c.node_id,
        func.coalesce(events.c.satellite_id, 0).label("satellite_id"),
        func.coalesce(events.c.action, "").label("action"),
        events.c.status,
    ]


def _hours_of(before: int) -> ClauseElement:
    """Add the events after id `before` to their hours."""
    sums = select(*_keys(), func.count().label("count"), func.sum(events.c.size).label("bytes"))
    sums = sums.where(events.c.id > before).group_by(*_keys())
    upsert = insert(event_hours).from_select(list(event_hours.c), sums)
    had, more = event_hours.c, upsert.excluded
    return upsert.on_conflict_do_update(
        index_elements=list(event_hours.primary_key),
        set_={
            "count": had.count + more.count,
            "bytes": func.coalesce(had.bytes + more.bytes, had.bytes, more.bytes),
        },
    )


def _durations_of(before: int) -> ClauseElement:
    """Add the durations of the events after id `before` to the histograms of their hours."""
    keys = [*_keys(), _bucket().label("bucket")]
    sums = select(*keys, func.count().label("count")).where(
        events.c.id > before, events.c.duration_ms >= 0
    )
    upsert = insert(event_hour_durations).from_select(
        list(event_hour_durations.c), sums.group_by(*keys)
    )
    count = event_hour_durations.c.count + upsert.excluded.count
    return upsert.on_conflict_do_update(
        index_elements=list(event_hour_durations.primary_key), set_={"count": count}
    )


def _bucket() -> ColumnElement[int]:
    """Write the histogram's bucket of a duration in integer arithmetic, as the schema says."""
    longest = (32 << _WIDEST_SHIFT) - 1
    ms = func.min(events.c.duration_ms, longest)
    return case(
        (ms < 32, ms),  # noqa: PLR2004  the exact buckets
        *((ms < 32 << shift, 16 * shift + ms // (1 << shift)) for shift in range(1, _WIDEST_SHIFT)),
        else_=16 * _WIDEST_SHIFT + ms // (1 << _WIDEST_SHIFT),
    )

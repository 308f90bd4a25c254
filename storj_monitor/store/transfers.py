"""Storing the transfers of several nodes at once, each of them only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import bindparam, func, select

from storj_monitor.schema import events, nodes, sealed_hours
from storj_monitor.store.news import TRANSFERS
from storj_monitor.store.rollups import ADDED_UP, add_up, hours_of
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ClauseElement
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.ids import Ids
    from storj_monitor.store.news import News
    from storj_monitor.store.statements import Statements


_BEFORE_TIME, _END_OF_TIME = -(2**63), 2**63 - 1


class Written(NamedTuple):
    """How many transfers were new, were known already, or fell into hours that are sealed."""

    new: int
    known: int
    sealed: int = 0


class Batch(NamedTuple):
    """The transfers of a node, and whether another monitor tells them."""

    node_id: int
    transfers: pa.RecordBatch
    are_imported: bool


def write_transfers(statements: Statements, ids: Ids, news: Sequence[News]) -> Written:
    """Store the transfers that are new, and add them up; the ids of what they name are known."""
    batches = [
        Batch(ids.nodes[one.node], one.transfers, one.are_imported) for one in news if one.transfers
    ]
    if not batches:
        return Written(new=0, known=0)
    told = _rows(batches, ids.satellites)
    rows = _without_sealed_hours(statements, told, batches)
    before = newest_id(statements)
    statements.insert(_add, rows)
    # Ids follow one another without a gap: each is one more than the highest.
    new = newest_id(statements) - before
    if new:
        all_new = new == rows.num_rows
        add_up(statements, rows if all_new else _later_than(statements, before, rows.schema))
    return Written(new, known=rows.num_rows - new, sealed=told.num_rows - rows.num_rows)


def _rows(batches: Sequence[Batch], satellites: Mapping[str, int]) -> pa.Table:
    """Put the transfers of all nodes after one another, with ids as `events` has them."""
    told = pa.Table.from_batches([one.transfers for one in batches], TRANSFERS).combine_chunks()
    node_ids = [
        pa.repeat(pa.scalar(one.node_id, pa.int64()), one.transfers.num_rows) for one in batches
    ]
    known = pa.array(list(satellites), pa.string())
    numbers = pa.array(list(satellites.values()), pa.int64())
    satellite_ids = numbers.take(pc.index_in(told["satellite"].combine_chunks(), value_set=known))
    return told.append_column("node_id", pa.concat_arrays(node_ids)).append_column(
        "satellite_id", satellite_ids
    )


def newest_id(statements: Statements) -> int:
    """Return the highest id of an event, 0 if there is none."""
    return statements.number(_newest)


def _without_sealed_hours(
    statements: Statements, rows: pa.Table, batches: Sequence[Batch]
) -> pa.Table:
    """Leave out what falls into an hour whose sums are final, or into the final part of one."""
    node_ids = [one.node_id for one in batches]
    newest = statements.query(_newest_sealed, first=min(node_ids), last=max(node_ids))
    newest_of = dict(zip(*(column.to_pylist() for column in newest.columns), strict=True))
    sealed = [
        table
        for one in batches
        if (table := _sealed_of(statements, one, newest_of.get(one.node_id)))
    ]
    if not sealed:
        return rows
    until = pa.concat_tables(sealed).combine_chunks()
    hours = hours_of(rows["at"].combine_chunks())
    pairs = pc.add(hours, rows["node_id"].combine_chunks())
    found = pc.index_in(pairs, value_set=until["pair"].combine_chunks())
    ends = until["until_at"].combine_chunks().take(found).fill_null(_BEFORE_TIME)
    return rows.filter(pc.greater(rows["at"].combine_chunks(), ends))


def _sealed_of(statements: Statements, batch: Batch, newest: int | None) -> pa.Table | None:
    """Return the sealed hours that a node's transfers fall into, as `pair` and `until_at`.

    A pair is an hour with the node's id added: an hour is a multiple of 3.6 billion, and no
    node's id is as high. Where all of an hour is sealed, `until_at` is the end of time; what an
    import sealed is open to imports.
    """
    if newest is None:
        return None
    hours = hours_of(batch.transfers["at"])
    first, last = pc.min(hours).as_py(), pc.max(hours).as_py()
    if first > newest:  # as nearly always: what is pruned is months old
        return None
    found = statements.query(_sealed, node=batch.node_id, first=first, last=last)
    if batch.are_imported:
        found = found.filter(pc.is_null(found["until_at"]))
    pairs = pc.add(found["hour_at"], pa.scalar(batch.node_id, pa.int64()))
    until = found["until_at"].cast(pa.int64()).combine_chunks().fill_null(_END_OF_TIME)
    return pa.table({"pair": pairs, "until_at": until})


def _later_than(statements: Statements, newest: int, schema: pa.Schema) -> pa.Table:
    """Return the events after an id, as far as they are added up."""
    found = statements.query(_later, newest=newest)
    return found.cast(pa.schema([schema.field(name) for name in found.column_names]))


def _newest() -> ClauseElement:
    return select(func.coalesce(func.max(events.c.id), 0))


def _add() -> Insert:
    names = [column.name for column in events.c if column.name != "id"]
    return insertion(events, *names).on_conflict_do_nothing()


def _later() -> ClauseElement:
    return select(*(events.c[name] for name in ADDED_UP)).where(events.c.id > bindparam("newest"))


def _newest_sealed() -> ClauseElement:
    newest = select(func.max(sealed_hours.c.hour_at)).where(sealed_hours.c.node_id == nodes.c.id)
    return select(nodes.c.id, newest.scalar_subquery().label("newest")).where(
        nodes.c.id.between(bindparam("first"), bindparam("last"))
    )


def _sealed() -> ClauseElement:
    hour_at = sealed_hours.c.hour_at
    return select(hour_at, sealed_hours.c.until_at).where(
        sealed_hours.c.node_id == bindparam("node"),
        hour_at.between(bindparam("first"), bindparam("last")),
    )

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


class Written(NamedTuple):
    """How many transfers were new, were known already, or fell into hours that are sealed."""

    new: int
    known: int
    sealed: int = 0


def write_transfers(statements: Statements, ids: Ids, news: Sequence[News]) -> Written:
    """Store the transfers that are new, and add them up; the ids of what they name are known."""
    batches = [(ids.nodes[one.node], one.transfers) for one in news if one.transfers]
    if not batches:
        return Written(new=0, known=0)
    told = _rows(batches, ids.satellites)
    rows = _without_sealed_hours(statements, told)
    before = statements.number(_newest)
    statements.insert(_add, rows)
    # Ids follow one another without a gap: each is one more than the highest.
    new = statements.number(_newest) - before
    if new:
        all_new = new == rows.num_rows
        add_up(statements, rows if all_new else _later_than(statements, before, rows.schema))
    return Written(new, known=rows.num_rows - new, sealed=told.num_rows - rows.num_rows)


def _rows(batches: Sequence[tuple[int, pa.RecordBatch]], satellites: Mapping[str, int]) -> pa.Table:
    """Put the transfers of all nodes after one another, with ids as `events` has them."""
    told = pa.Table.from_batches([batch for _, batch in batches], TRANSFERS).combine_chunks()
    node_ids = [
        pa.repeat(pa.scalar(node_id, pa.int64()), batch.num_rows) for node_id, batch in batches
    ]
    known = pa.array(list(satellites), pa.string())
    numbers = pa.array(list(satellites.values()), pa.int64())
    satellite_ids = numbers.take(pc.index_in(told["satellite"].combine_chunks(), value_set=known))
    return told.append_column("node_id", pa.concat_arrays(node_ids)).append_column(
        "satellite_id", satellite_ids
    )


def _without_sealed_hours(statements: Statements, rows: pa.Table) -> pa.Table:
    """Leave out what falls into an hour whose events were pruned."""
    hours, node_ids = hours_of(rows["at"].combine_chunks()), rows["node_id"].combine_chunks()
    sealed = statements.query(
        _sealed,
        min_node=pc.min(node_ids).as_py(),
        max_node=pc.max(node_ids).as_py(),
        min_hour=pc.min(hours).as_py(),
        max_hour=pc.max(hours).as_py(),
    )
    if not sealed.num_rows:
        return rows
    # An hour is a multiple of 3.6 billion, and no node's id is as high: each sum is of one pair.
    pairs = pc.add(sealed["hour_at"], sealed["node_id"]).combine_chunks()
    return rows.filter(pc.invert(pc.is_in(pc.add(hours, node_ids), value_set=pairs)))


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


def _sealed() -> ClauseElement:
    # By way of the nodes, so that the table is entered by its key: node, then hour.
    ids = select(nodes.c.id).where(nodes.c.id.between(bindparam("min_node"), bindparam("max_node")))
    hour = sealed_hours.c.hour_at
    return select(sealed_hours.c.node_id, hour).where(
        sealed_hours.c.node_id.in_(ids), hour.between(bindparam("min_hour"), bindparam("max_hour"))
    )

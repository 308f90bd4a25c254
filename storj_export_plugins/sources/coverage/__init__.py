"""The source `coverage`: from when to when a node's log was read and its API answered.

It is worked out from the hours in which a log had lines and those in which an API was asked. Hours
of a node that follow each other and are alike become one row: a year is a handful of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.sources.coverage.api import api_stretches
from storj_export_plugins.sources.coverage.log import log_stretches
from storj_export_plugins.sources.coverage.stretches import IN_PART, clipped, joined, known_until
from storj_export_plugins.sources.naming import Names
from storj_monitor.plugin import Column, Filter, Kind, Source, hookimpl
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_export_plugins.sources.coverage.stretches import Stretch
    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1

COLUMNS = (
    Column(
        key="start_at",
        label="From",
        kind=Kind.TIMESTAMP,
        description="When it begins: a full UTC hour, or the start of the span.",
    ),
    Column(
        key="end_at",
        label="To",
        kind=Kind.TIMESTAMP,
        description="When it ends, that moment not included.",
    ),
    Column(key="node", label="Node", description="The node, as the operator named it."),
    Column(key="kind", label="Kind", description="What was read or wasn't: log or api."),
    Column(
        key="state",
        label="State",
        description=(
            "ok, or gap. For the log: nothing is known of the node's transfers then. For the api: "
            "nothing of its scores and its disk."
        ),
    ),
    Column(
        key="reason",
        label="Reason",
        description=(
            "Why it is a gap, empty if it is ok. stopped: the node was not running. no lines: its "
            "log was not read, or had none. muted: the log has lines, but none of transfers for 24 "
            "hours, or for less where orders were sent; else a node without transfers is idle. not "
            "polled: nobody asked the API, which was asked before. failed: it did not answer once "
            "in the hour, and why. in part: it is ok, but something was not answered."
        ),
    ),
)

#: Of what begins at the same time of the same node, the log comes first.
_KINDS = {"log": log_stretches, "api": api_stretches}


def rows(reader: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Yield the stretches of the span, in order of time and then of the nodes' names."""
    states = query.filters.get("state", ("ok", "gap"))
    for (start_at, end_at, reason), node, kind in _found(reader, query):
        state = "gap" if reason and not reason.startswith(IN_PART) else "ok"
        if state in states:
            yield moment(start_at), moment(end_at), node, kind, state, reason


def _found(reader: Reader, query: Query) -> list[tuple[Stretch, str, str]]:
    """Return the stretches of the span, each with whose they are and what they are about."""
    nodes = _nodes(reader, query)
    until = known_until(reader)
    wanted = query.filters.get("kind", tuple(_KINDS))
    found = [
        (stretch, nodes[node_id], kind)
        for kind, stretches_of in _KINDS.items()
        if kind in wanted
        for node_id, of_node in stretches_of(reader, query, list(nodes), until)
        for stretch in clipped(joined(of_node), query)
    ]
    return sorted(found, key=lambda row: (row[0].start_at, row[1]))


def _nodes(reader: Reader, query: Query) -> dict[int, str]:
    """Return the names of the nodes that are asked for, by their ids."""
    from sqlalchemy import select

    from storj_monitor.schema import nodes

    asked = select(nodes.c.id, nodes.c.name).where(*Names(reader).conditions(query, nodes.c.id))
    return {int(row["id"]): str(row["name"]) for row in reader.fetch(asked).to_pylist()}


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source; without a limit of days, since a year is a few rows."""
    return [
        Source(
            name="coverage",
            title="Coverage",
            summary="From when to when a node's log was read and its API answered; else, why not",
            columns=COLUMNS,
            rows=rows,
            filters=(
                Filter(name="state", summary="What was read, or wasn't", choices=("ok", "gap")),
                Filter(name="kind", summary="Read from the log or the API", choices=("log", "api")),
            ),
            max_days=None,
        )
    ]

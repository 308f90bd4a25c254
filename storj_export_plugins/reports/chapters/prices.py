"""The prices that a report's estimates were made with."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.columns import count, money
from storj_export_plugins.reports.reading import records
from storj_monitor.plugin import Column, Kind, Table

if TYPE_CHECKING:
    from storj_monitor.plugin import Catalogue, Query

_KEYS = ("from_at", "satellite", "storage_usd", "egress_usd", "repair_usd", "audit_usd", "origin")


def prices(catalogue: Catalogue, query: Query) -> Table:
    """Return the prices that held in the span; nodes that say the same share a row."""
    columns = (
        Column(key="from_at", label="From", kind=Kind.TIMESTAMP, description="Since when."),
        Column(key="satellite", label="Satellite", description="Or all of them."),
        money("storage_usd", "Storage", "For a TB-month of 720 hours."),
        money("egress_usd", "Egress", "For a TB."),
        money("repair_usd", "Repair", "For a TB."),
        money("audit_usd", "Audits", "For a TB."),
        Column(key="origin", label="Said by", description="api: nodes. settings: the price list."),
        count("nodes", "Nodes", "How many nodes say so."),
    )
    nodes: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for row in records(catalogue, "prices", query):
        satellite = row["satellite"] or row["satellite_id"] or "all"
        said = {**row, "satellite": satellite}
        of_same = nodes[tuple(said[key] for key in _KEYS)]
        of_same += [row["node"]] if row["node"] else []
    rows = [(*said, len(names) or None) for said, names in nodes.items()]
    return Table.of("prices", "Prices, in USD for a TB or TB-month", columns, rows)

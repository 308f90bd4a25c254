"""How long downloads took, where the log tells it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storj_export_plugins.reports.chapters.columns import DAY, HOUR, NODE, count
from storj_export_plugins.reports.spans import buckets, is_short
from storj_monitor.plugin import Chart, Column, Kind, Note, Table

if TYPE_CHECKING:
    from datetime import date, datetime

    from storj_export_plugins.reports.chapters.transfers import Duration, Transfers
    from storj_monitor.plugin import Block

#: A chart has no more lines; the slowest nodes have one.
_MOST_LINES = 6


def latency(transfers: Transfers) -> tuple[Block, ...]:
    """Return how long the slowest hundredth of downloads took, and the half, by time and node.

    There is nothing where no log tells when a transfer began: `unknown` says so.
    """
    found = transfers.durations()
    if not found:
        return ()
    chart = _slowest(transfers, found)
    return chart, chart.table, _table(transfers, found)


def unknown(transfers: Transfers) -> tuple[Note, ...]:
    """Return a note if transfers are known, but not how long they took."""
    if not transfers.sums or transfers.durations():
        return ()
    text = (
        "How long transfers took isn't known: a log tells it at the level debug alone, or where "
        "the node is older than 1.116."
    )
    return (Note(text),)


def _slowest(transfers: Transfers, found: list[Duration]) -> Chart:
    """Draw a line for each node, or for the slowest of them."""
    longest: defaultdict[str, int] = defaultdict(int)
    for one in found:
        longest[one.node] = max(longest[one.node], one.p99_ms)
    nodes = sorted(longest, key=lambda node: (-longest[node], node))
    drawn = sorted(nodes[:_MOST_LINES])
    columns = tuple(_duration(f"node_{number}", node) for number, node in enumerate(drawn))
    known = {(_label(transfers, one), one.node): one.p99_ms for one in found}
    rows = [
        (bucket.label, *(known.get((bucket.label, node)) for node in drawn))
        for bucket in buckets(transfers.query)
    ]
    table = Table.of("latency", "99 % of downloads within", (_x(transfers), *columns), rows)
    title = f"99 % of downloads within: {nodes[0]} is slowest, {longest[nodes[0]]:,} ms"
    return Chart(title, table, _x(transfers).key, tuple(column.key for column in columns))


def _table(transfers: Transfers, found: list[Duration]) -> Table:
    columns = (
        _x(transfers),
        NODE,
        count("count", "Downloads", "Those that succeeded."),
        _duration("p50_ms", "50 % within"),
        _duration("p99_ms", "99 % within"),
    )
    rows = [
        (_label(transfers, one), one.node, one.transfers, one.p50_ms, one.p99_ms) for one in found
    ]
    return Table.of("latency_by_node", "How long downloads took, by node", columns, rows)


def _duration(key: str, label: str) -> Column:
    return Column(
        key=key,
        label=label,
        kind=Kind.DURATION,
        unit="ms",
        description="Of all satellites together, within 5 %.",
    )


def _x(transfers: Transfers) -> Column:
    return HOUR if is_short(transfers.query) else DAY


def _label(transfers: Transfers, one: Duration) -> datetime | date:
    short = is_short(transfers.query)
    return one.at if short else one.at.astimezone(transfers.query.timezone).date()

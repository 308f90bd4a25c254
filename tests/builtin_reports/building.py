"""Building a report over a real database, and looking at what it is made of."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from storj_export_plugins.reports import (
    custom_range,
    daily_summary,
    monthly_financial,
    weekly_performance,
)
from storj_export_plugins.sources import (
    alerts,
    compactions,
    coverage,
    earnings,
    events,
    prices,
    profit,
    reputation,
    storage,
    traffic,
)
from storj_monitor.exports.sources import Sources
from storj_monitor.plugin import Chart, Figures, Note, Query, Span, Table
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import HeardHour, News, Poll, UsedSpace
from tests.sources.asking import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Document, Figure
    from storj_monitor.store import Store

_SOURCES = (
    *(alerts, compactions, coverage, earnings, events),
    *(prices, profit, reputation, storage, traffic),
)
REPORTS = {
    report.name: report
    for module in (custom_range, daily_summary, monthly_financial, weekly_performance)
    for report in module.storj_reports()
}
HOUR_US = 3_600_000_000


def built(  # noqa: PLR0913  what a request says
    store: Store,
    report: str,
    start: str,
    end: str,
    *,
    timezone: str = "UTC",
    nodes: tuple[str, ...] = (),
    metrics: tuple[str, ...] = (),
    now: str | None = None,
) -> Document:
    """Return the document of a report, as the host would have it built; it is after the span."""
    zone = ZoneInfo(timezone)
    span = Span(*(moment(text).replace(tzinfo=zone) for text in (start, end)))
    filters = MappingProxyType({"metrics": metrics} if metrics else {})
    when = moment(now) if now else None
    query = Query(span=span, timezone=zone, nodes=nodes, filters=filters, now=when)
    offered = {source.name: source for module in _SOURCES for source in module.storj_sources()}
    with store.reader() as reader:
        sources = Sources(offered, reader, personal=False, watch=lambda: None)
        document: Document = REPORTS[report].build(sources, query)
        sources.close()
    return document


def figures(document: Document) -> dict[str, Figure]:
    """Return the figures by their keys."""
    shown = [block for block in document.blocks if isinstance(block, Figures)]
    return {item.key: item for block in shown for item in block.items}


def rows(document: Document, name: str) -> list[dict[str, Any]]:
    """Return the rows of the table of that name."""
    [table] = [
        block for block in document.blocks if isinstance(block, Table) and block.name == name
    ]
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows()]


def chart(document: Document, table: str) -> Chart:
    """Return the chart over the table of that name."""
    [found] = [
        block for block in document.blocks if isinstance(block, Chart) and block.table.name == table
    ]
    return found


def notes(document: Document, level: str) -> list[str]:
    """Return the texts of the notes of a level."""
    return [
        block.text for block in document.blocks if isinstance(block, Note) and block.level == level
    ]


def hours(first: str, count: int) -> Iterator[int]:
    """Yield so many hours from a time on, in microseconds."""
    start = microseconds(moment(first))
    return iter(range(start, start + count * HOUR_US, HOUR_US))


def hear(store: Store, first: str, count: int, node: str = "n1") -> None:
    """Write that a node's log had lines in so many hours, and that its API answered."""
    with store.writer() as writer:
        for hour in hours(first, count):
            heard = HeardHour(hour, hour, hour + HOUR_US - 1_000_000)
            poll = Poll(hour, "http://127.0.0.1:14002", is_answered=True)
            writer.write([News(node=node, hours=[heard], poll=poll)])


def used(at: str, used_bytes: int | None, free_bytes: int | None, allocated: int = 1_000) -> Any:
    """Return what an API says of a disk at a time."""
    return UsedSpace(
        at=microseconds(moment(at)),
        allocated_bytes=allocated,
        used_bytes=used_bytes,
        free_bytes=free_bytes,
        trash_bytes=1,
        reclaimable_bytes=None,
        overused_bytes=None,
    )

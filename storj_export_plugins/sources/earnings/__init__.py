"""The source `earnings`: what each node earned of each satellite in each month, to the micro-USD.

A statement of the satellite comes before what the node expects, and that before what we work out
ourselves from the log: an estimate is never counted as paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.sources.earnings.columns import COLUMNS, cells
from storj_export_plugins.sources.earnings.months import STATES, earnings
from storj_export_plugins.sources.naming import SATELLITE
from storj_monitor.plugin import Filter, Source, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1


def rows(reader: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Yield a row for each node, satellite and month of the span, in order of month and names."""
    return (cells(COLUMNS, row) for row in earnings(reader, query))


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source; ten years of months, since they are few rows."""
    return [
        Source(
            name="earnings",
            title="Earnings",
            summary="What was earned, held back, paid and sent, by month, node and satellite",
            columns=COLUMNS,
            rows=rows,
            filters=(
                SATELLITE,
                Filter(name="state", summary="What it is known from", choices=STATES),
            ),
            max_days=3660,
            period="month",
        )
    ]

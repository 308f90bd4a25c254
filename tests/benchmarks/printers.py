"""One printer of the events, in a process of its own: prints the seconds that it takes.

Ours reads the database within the time it states; platypus is given rows that are in memory, in
tables of 500 rows, since it takes far longer for larger ones.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storj_export_plugins.formats.pdf import storj_formats
from storj_export_plugins.sources.events import storj_sources
from storj_monitor.plugin import Document, Query, Span, Table, display_text
from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.store import Store
from tests.benchmarks.data import START

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_ROWS = 500
_WIDTHS = (68, 52, 32, 170, 40, 32, 36, 40, 175, 105)


@contextmanager
def _events(path: Path, end: datetime) -> Iterator[Table]:
    """Give the columns of the events that aren't personal, as a stream from the database."""
    (source,) = storj_sources()
    assert source.batches is not None
    columns = tuple(column for column in source.columns if not column.personal)
    keys = tuple(column.key for column in columns)
    query = Query(
        span=Span(START, end),
        nodes=(),
        filters={},
        timezone=UTC_ZONE,
        columns=keys,
        personal=False,
    )
    with Store.open(path).reader() as reader:
        batches = (batch.select([*keys]) for batch in source.batches(reader, query))
        yield Table.stream("events", "Events", columns, batches)


def _ours(path: Path, end: datetime, output: Path) -> float:
    (offered,) = storj_formats()
    started = time.perf_counter()
    with _events(path, end) as table, output.open("wb") as file:
        file.writelines(offered.render(Document("Events", (table,))))
    return time.perf_counter() - started


def _platypus(path: Path, end: datetime, output: Path) -> float:
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.platypus import SimpleDocTemplate
    from reportlab.platypus import Table as PlatypusTable

    with _events(path, end) as table:
        header = [column.label for column in table.columns]
        kinds = [column.kind for column in table.columns]
        rows = [*table.rows()]
    started = time.perf_counter()
    texts = [[*map(display_text, row, kinds)] for row in rows]
    chunks = [
        PlatypusTable(
            [header, *texts[first : first + _CHUNK_ROWS]],
            colWidths=_WIDTHS,
            rowHeights=9,
            repeatRows=1,
            style=[("FONT", (0, 0), (-1, -1), "Courier", 5.5)],
        )
        for first in range(0, len(texts), _CHUNK_ROWS)
    ]
    file = SimpleDocTemplate(
        str(output),
        pagesize=landscape(A4),
        leftMargin=36,
        rightMargin=36,
        topMargin=36,
        bottomMargin=36,
    )
    file.build([*chunks])
    return time.perf_counter() - started


if __name__ == "__main__":
    printers = {"ours": _ours, "platypus": _platypus}
    name, path, end, output = sys.argv[1:]
    print(printers[name](Path(path), datetime.fromisoformat(end), Path(output)))

"""The command lines that are measured: ours, and that of sqlite3 which gives the same rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.data import START
from tests.benchmarks.timing import Command

if TYPE_CHECKING:
    from datetime import datetime

    from tests.benchmarks.data import Data

STORJ_MONITOR = str(Path(sys.executable).with_name("storj-monitor"))

#: With an inner join of the nodes SQLite would go through them one by one, and sort at the end.
_SAME_ROWS = """
SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', e.at / 1000000.0, 'unixepoch') AS timestamp,
       n.name AS node, s.name AS satellite, s.satellite_id AS satellite_id, e.action AS action,
       e.status AS status, e.size AS size_bytes, e.duration_ms AS duration_ms,
       e.piece_id AS piece_id, e.error AS error
FROM events e LEFT JOIN nodes n ON n.id = e.node_id LEFT JOIN satellites s ON s.id = e.satellite_id
WHERE e.at >= {start} AND e.at < {end}
ORDER BY e.at, e.id
"""


def export(data: Data, format_: str, rows: int, output: Path) -> Command:
    """Return the command that exports the first `rows` events into a file."""
    return Command(
        words=(
            *(STORJ_MONITOR, "export", "events", "--database", str(data.path)),
            *("--format", format_, "--output", str(output)),
            *("--start", START.isoformat(), "--end", data.end_of(rows).isoformat()),
        )
    )


def sqlite3(data: Data, mode: str, output: Path) -> Command:
    """Return the command that writes all events with sqlite3 alone."""
    sql = _SAME_ROWS.format(start=_microseconds(START), end=_microseconds(data.end_of(data.rows)))
    # The option -csv would end lines with LF; the command .mode csv ends them with CRLF.
    words = ("sqlite3", "-batch", "-readonly", "-header", "-cmd", f".mode {mode}")
    return Command(words=(*words, str(data.path), sql), output=output)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000

"""The plainest way to read a log, which is what ours is measured beside.

split, json.loads, executemany into a table in memory: no roll-ups, nothing known again, nothing
kept. `python -m tests.benchmarks.bare_loop LOG` prints how many transfers it read.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

_BATCH = 20_000
_KEYS = ("piece_id", "satellite_id", "action", "size", "remote_address", "error")


def main(path: Path) -> int:
    """Read the log and return the number of transfers in it."""
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE events (at, level, message, {', '.join(_KEYS)})")
    insert = f"INSERT INTO events VALUES ({', '.join('?' * (3 + len(_KEYS)))})"
    rows = []
    with path.open(encoding="utf-8") as log:
        for line in log:
            columns = line.rstrip("\n").split("\t")
            if columns[2] != "piecestore":
                continue
            fields = json.loads(columns[4])
            rows.append((columns[0], columns[1], columns[3], *map(fields.get, _KEYS)))
            if len(rows) >= _BATCH:
                database.executemany(insert, rows)
                rows.clear()
    database.executemany(insert, rows)
    (count,) = database.execute("SELECT count(*) FROM events").fetchone()
    return int(count)


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))

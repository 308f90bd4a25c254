"""The database that is measured: made once for each number of rows, and kept.

Its texts are such that plain SQL gives the same file: errors without addresses (they would be
masked), without formula characters (they would be guarded), and without spaces (`sqlite3 -csv`
puts those in quotes, which RFC 4180 doesn't ask for).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: A span over HTTP has at most 31 days.
DAYS = 30
START = datetime(2026, 1, 1, tzinfo=UTC)
_START_US = int(START.timestamp()) * 1_000_000
_NODES = ("attic-nas", "garage-rpi", "office-server")
_BATCH_ROWS = 20_000
_SATELLITES = {
    "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S": 61,
    "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs": 27,
    "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6": 12,
}
_ACTIONS = {"GET": 55, "PUT": 23, "GET_REPAIR": 13, "PUT_REPAIR": 6, "GET_AUDIT": 3}
_ENDS = {"success": 940, "canceled": 50, "failed": 8, "rejected": 2}
_ERRORS = {"canceled": "stream-closed-by-peer", "failed": "unexpected-EOF"}
_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8


@dataclass(frozen=True)
class Data:
    """A database of so many events, evenly spread over `DAYS` days."""

    path: Path
    rows: int

    @classmethod
    def made(cls, rows: int) -> Data:
        """Return the database of so many rows; make it if an earlier run didn't."""
        path = Path(tempfile.gettempdir()) / f"storj-monitor-benchmark-{rows}.db"
        if not path.exists():
            print(f"making {rows:,} events in {path} ...", file=sys.stderr, flush=True)
            # In a process of its own: a peak of memory here would be counted as the children's.
            command = [sys.executable, "-m", __spec__.name, str(path), str(rows)]
            subprocess.run(command, check=True)
        return cls(path, rows)

    def end_of(self, rows: int) -> datetime:
        """Return when a span from `START` has to end, to hold so many rows."""
        return START + timedelta(days=DAYS) * min(rows, self.rows) / self.rows


def make(path: Path, rows: int) -> None:
    """Write the database under another name first, so that a half-made one is never measured."""
    from storj_monitor.store import News, Store

    part = path.with_name(f"{path.name}.part")
    for suffix in ("", "-wal", "-shm"):
        part.with_name(f"{part.name}{suffix}").unlink(missing_ok=True)
    random = Random(rows)
    step_us = DAYS * 86_400_000 // rows * 1000
    with Store.open(part, create=True).writer() as writer:
        for number, first in enumerate(range(0, rows, _BATCH_ROWS)):
            times = [
                _START_US + row * step_us for row in range(first, min(first + _BATCH_ROWS, rows))
            ]
            node = _NODES[number % len(_NODES)]
            writer.write([News(node=node, transfers=_batch(random, times))])
    part.replace(path)


def _batch(random: Random, times: list[int]) -> pa.RecordBatch:
    import pyarrow as pa

    from storj_monitor.store import TRANSFERS

    count = len(times)
    statuses = _drawn(random, _ENDS, count)
    digits = random.randbytes(52 * count).translate(_DIGITS).decode()

    def known(values: list[Any]) -> list[Any]:
        """Leave out what a rejected upload doesn't say."""
        pairs = zip(values, statuses, strict=True)
        return [None if status == "rejected" else value for value, status in pairs]

    columns = {
        "at": times,
        "satellite": known(_drawn(random, _SATELLITES, count)),
        "action": known(_drawn(random, _ACTIONS, count)),
        "status": statuses,
        "size": known([256 * int(9_060 ** random.random()) for _ in times]),
        "duration_ms": known([int(10_000 ** random.random()) for _ in times]),
        "piece_id": known([digits[start : start + 52] for start in range(0, 52 * count, 52)]),
        "error": [_ERRORS.get(status) for status in statuses],
        "remote_ip": known([f"203.0.113.{host}" for host in random.choices(range(256), k=count)]),
        "country": known(random.choices(["Germany", "Japan", None], k=count)),
        "fingerprint": [random.getrandbits(64) - 2**63 for _ in times],
        "occurrence": [0] * count,
    }
    return pa.record_batch(columns, schema=TRANSFERS)


def _drawn(random: Random, weights: dict[str, int], count: int) -> list[str]:
    return random.choices(list(weights), list(weights.values()), k=count)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))

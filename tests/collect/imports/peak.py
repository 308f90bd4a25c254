"""How much memory the import of a database of theirs takes, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.collect.imports.other_monitor import other_monitor
from tests.records import US1

if TYPE_CHECKING:
    from pathlib import Path

_RUN = """
import sys
from pathlib import Path
from storj_monitor.cli import main
assert main(sys.argv[1:]) == 0
print(Path("/proc/self/status").read_text())
"""


#: Transfers of two days, of which few are the same.
_EVENTS = """
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {events})
INSERT INTO events (timestamp, action, status, size, piece_id, satellite_id, remote_ip, country,
    node_name)
SELECT strftime('%Y-%m-%dT%H:%M:%S+00:00', 1760140800 + n * 172800 / {events}, 'unixepoch'),
    CASE n % 3 WHEN 0 THEN 'PUT' ELSE 'GET' END,
    CASE n % 7 WHEN 0 THEN 'canceled' ELSE 'success' END,
    2560, printf('%052d', n * 7919), '{satellite}', printf('203.0.%d.%d', n % 251, n % 241),
    'Germany', 'attic'
FROM numbers
"""


def write_events(path: Path, events: int) -> None:
    """Write a database of theirs with so many transfers."""
    with other_monitor(path) as theirs:
        theirs.create(_EVENTS.format(events=events, satellite=US1))


def peak_bytes_of_import(folder: Path, events: int) -> int:
    """Return the peak of memory of the import of so many transfers.

    The process tells it of itself: what the system tells of a child has its parent's in it.
    """
    path = folder / f"{events}.db"
    write_events(path, events)
    words = ("import", str(path), "--database", str(folder / f"ours-{events}.db"))
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *words], capture_output=True, text=True, check=True
    )
    assert f"{events:,} rows of attic: {events:,} taken" in done.stdout
    [peak] = [line for line in done.stdout.splitlines() if line.startswith("VmHWM:")]
    return int(peak.split()[1]) * 1024

"""Reading a log into a database on disk, beside a bare loop that keeps nothing."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from tests.benchmarks import logs
from tests.benchmarks.findings import Finding
from tests.benchmarks.programs import STORJ_MONITOR
from tests.benchmarks.timing import Command, FailedError, in_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data

#: At least 0.8 times the speed.
_LONGEST = 1 / 0.8


def ingest(data: Data, repeat: int, folder: Path) -> list[Finding]:
    """A log of as many lines as there are events takes little longer than the bare loop."""
    log, database = logs.log_of(data.rows), folder / "ingested.db"

    def remove() -> None:
        for suffix in ("", "-wal", "-shm"):
            database.with_name(f"{database.name}{suffix}").unlink(missing_ok=True)

    ours = (STORJ_MONITOR, "ingest", f"attic:{log}", "--database", str(database))
    theirs = (sys.executable, "-m", "tests.benchmarks.bare_loop", str(log))
    commands = {
        "ours": Command(words=ours, output=folder / "ours.txt", prepare=remove),
        "bare loop": Command(words=theirs, output=folder / "theirs.txt"),
    }
    runs = in_turns(commands, repeat)
    said = (folder / "ours.txt").read_text(), (folder / "theirs.txt").read_text()
    if _number(r"([\d,]+) transfers", said[0]) != _number(r"(\d+)", said[1]):
        message = f"ingest: not the same number of transfers: {said}"
        raise FailedError(message)
    return [
        Finding(
            what="ingest of a log",
            ours=f"{runs['ours'].seconds:.2f} s",
            peer=f"bare loop {runs['bare loop'].seconds:.2f} s",
            measured=runs["ours"].seconds / runs["bare loop"].seconds,
            limit=_LONGEST,
            peak_bytes=runs["ours"].peak_bytes,
        )
    ]


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else -1

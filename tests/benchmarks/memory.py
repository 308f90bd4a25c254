"""The peak of memory doesn't depend on how much is exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks import programs
from tests.benchmarks.findings import Finding, megabytes
from tests.benchmarks.timing import in_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data

FEW_ROWS = 10_000


def memory(data: Data, repeat: int, folder: Path) -> list[Finding]:
    """The peak at all rows is at most 40 MB above that at 10,000, in each format."""
    return [memory_of(data, min(repeat, 3), folder, name) for name in ("csv", "ndjson", "parquet")]


def memory_of(data: Data, repeat: int, folder: Path, format_: str) -> Finding:
    """The peak of one format at all rows is at most 40 MB above that at 10,000."""
    output = folder / f"memory.{format_}"
    runs = in_turns(
        {
            "few": programs.export(data, format_, FEW_ROWS, output),
            "all": programs.export(data, format_, data.rows, output),
        },
        repeat,
    )
    few, every = runs["few"].peak_bytes, runs["all"].peak_bytes
    return Finding(
        what=f"memory of {format_}",
        ours=f"{data.rows:,} rows {megabytes(every)}",
        peer=f"{FEW_ROWS:,} rows {megabytes(few)}",
        measured=(every - few) / 1e6,
        limit=40,
        unit="MB",
        peak_bytes=every,
    )

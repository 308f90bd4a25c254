"""XLSX of 100,000 events beside the Python writers, and its memory.

Ours deflates at level 1, the others at 6, which is what each does for everybody.
"""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import programs
from tests.benchmarks.findings import Finding, megabytes
from tests.benchmarks.memory import FEW_ROWS
from tests.benchmarks.timing import Command, in_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data

_ROWS = 100_000
_WRITERS = "tests.benchmarks.writers"
#: How many times as long as ours each of the others has to take.
_PROMISED = {"openpyxl": 10, "xlsxwriter": 7}


def xlsx(data: Data, repeat: int, folder: Path) -> list[Finding]:
    """XLSX is made ten times as fast as openpyxl's write-only mode, in memory that stays flat."""
    seconds = _seconds(data, min(repeat, 3), folder)
    ours = seconds.pop("ours")
    speed = [
        Finding(
            what=f"xlsx of {min(_ROWS, data.rows):,} events",
            ours=f"{ours:.2f} s",
            peer=f"{name} {taken:.2f} s",
            measured=ours / taken,
            limit=round(1 / _PROMISED[name], 3),
        )
        for name, taken in seconds.items()
    ]
    return [*speed, _memory(data, min(repeat, 3), folder)]


def _seconds(data: Data, repeat: int, folder: Path) -> dict[str, float]:
    """Let all of them write in turns, and return the median of what each says it took."""
    taken: dict[str, list[float]] = {name: [] for name in ("ours", *_PROMISED)}
    said = folder / "seconds"
    end = data.end_of(_ROWS).isoformat()
    for _ in range(repeat):
        for name, all_of_it in taken.items():
            output = folder / f"{name}.xlsx"
            words = (sys.executable, "-m", _WRITERS, name, str(data.path), end, str(output))
            Command(words=words, output=said).run()
            all_of_it.append(float(said.read_text()))
    return {name: median(all_of_it) for name, all_of_it in taken.items()}


def _memory(data: Data, repeat: int, folder: Path) -> Finding:
    output = folder / "memory.xlsx"
    commands = {
        "few": programs.export(data, "xlsx", FEW_ROWS, output),
        "all": programs.export(data, "xlsx", data.rows, output),
    }
    runs = in_turns(commands, repeat)
    few, every = runs["few"].peak_bytes, runs["all"].peak_bytes
    return Finding(
        what="memory of xlsx",
        ours=f"{data.rows:,} rows {megabytes(every)}",
        peer=f"{FEW_ROWS:,} rows {megabytes(few)}",
        measured=(every - few) / 1e6,
        limit=40,
        unit="MB",
        peak_bytes=every,
    )

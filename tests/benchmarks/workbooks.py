"""XLSX of 100,000 events beside the Python writers, and its memory.

Ours deflates at level 1, the others at 6, which is what each does for everybody.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks.findings import Finding
from tests.benchmarks.memory import memory_of
from tests.benchmarks.timing import Command, told_in_turns

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
    return [*speed, memory_of(data, min(repeat, 3), folder, "xlsx")]


def _seconds(data: Data, repeat: int, folder: Path) -> dict[str, float]:
    """Let all of them write in turns, and return the median of what each says it took."""
    end = data.end_of(_ROWS).isoformat()
    commands = {}
    for name in ("ours", *_PROMISED):
        output = str(folder / f"{name}.xlsx")
        words = (sys.executable, "-m", _WRITERS, name, str(data.path), end, output)
        commands[name] = Command(words=words, output=folder / "seconds")
    return told_in_turns(commands, repeat)

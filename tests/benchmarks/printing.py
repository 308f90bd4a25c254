"""PDF of 100,000 events beside platypus, the tables that come with reportlab, and its memory."""

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
_PRINTERS = "tests.benchmarks.printers"
#: What ours may take: of the other's time, and in seconds on any machine.
_PART, _SECONDS = 0.25, 30


def pdf(data: Data, repeat: int, folder: Path) -> list[Finding]:
    """PDF is made in a quarter of the time of platypus tables, in memory that stays flat."""
    repeat = min(repeat, 3)
    taken = _taken(data, repeat, folder)
    ours, theirs = taken["ours"], taken["platypus"]
    what = f"pdf of {min(_ROWS, data.rows):,} events"
    return [
        Finding(
            what=what,
            ours=f"{ours:.2f} s",
            peer=f"platypus {theirs:.2f} s",
            measured=ours / theirs,
            limit=_PART,
        ),
        Finding(
            what=what,
            ours=f"{ours:.2f} s",
            peer="",
            measured=ours,
            limit=_SECONDS,
            unit="s",
        ),
        memory_of(data, repeat, folder, "pdf"),
    ]


def _taken(data: Data, repeat: int, folder: Path) -> dict[str, float]:
    """Let all of them write in turns, and return the median of what each says it took."""
    end = data.end_of(_ROWS).isoformat()
    commands = {}
    for name in ("ours", "platypus"):
        output = str(folder / f"{name}.pdf")
        words = (sys.executable, "-m", _PRINTERS, name, str(data.path), end, output)
        commands[name] = Command(words=words, output=folder / "seconds")
    return told_in_turns(commands, repeat)

"""PDF of 100,000 events beside platypus, the tables that come with reportlab, and its memory."""

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
_PRINTERS = "tests.benchmarks.printers"
#: What ours may take: of the other's time, and in seconds on any machine.
_PART, _SECONDS = 0.25, 30
#: The table of references at the end of the file grows with the pages: 20 bytes an object.
_MEGABYTES = 40


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
        _memory(data, repeat, folder),
    ]


def _taken(data: Data, repeat: int, folder: Path) -> dict[str, float]:
    """Let both print in turns, and return the median of the seconds that each says it took."""
    taken: dict[str, list[float]] = {"ours": [], "platypus": []}
    said = folder / "seconds"
    end = data.end_of(_ROWS).isoformat()
    for _ in range(repeat):
        for name, all_of_it in taken.items():
            output = folder / f"{name}.pdf"
            words = (sys.executable, "-m", _PRINTERS, name, str(data.path), end, str(output))
            Command(words=words, output=said).run()
            all_of_it.append(float(said.read_text()))
    return {name: median(all_of_it) for name, all_of_it in taken.items()}


def _memory(data: Data, repeat: int, folder: Path) -> Finding:
    output = folder / "memory.pdf"
    commands = {
        "few": programs.export(data, "pdf", FEW_ROWS, output),
        "all": programs.export(data, "pdf", data.rows, output),
    }
    runs = in_turns(commands, repeat)
    few, every = runs["few"].peak_bytes, runs["all"].peak_bytes
    return Finding(
        what="memory of pdf",
        ours=f"{data.rows:,} rows {megabytes(every)}",
        peer=f"{FEW_ROWS:,} rows {megabytes(few)}",
        measured=(every - few) / 1e6,
        limit=_MEGABYTES,
        unit="MB",
        peak_bytes=every,
    )

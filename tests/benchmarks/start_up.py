"""`storj-monitor --help` is quick, and loads nothing that it doesn't need."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.benchmarks.findings import Finding
from tests.benchmarks.programs import STORJ_MONITOR
from tests.benchmarks.timing import Command, in_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data

_HEAVY = frozenset(
    {
        *("pyarrow", "sqlalchemy", "adbc_driver_manager", "adbc_driver_sqlite", "aiohttp"),
        *("reportlab", "openpyxl", "lxml", "jinja2", "numpy", "pandas"),
    }
)
#: It is over soon, so it can be run more often.
_MORE_OFTEN = 4


def start_up(_data: Data, repeat: int, _folder: Path) -> list[Finding]:
    """The help takes at most 12 times a bare `python -c pass`, without any heavy library."""
    runs = in_turns(
        {
            "help": Command(words=(STORJ_MONITOR, "--help")),
            "python": Command(words=(sys.executable, "-c", "pass")),
        },
        repeat * _MORE_OFTEN,
    )
    ours, bare = runs["help"], runs["python"]
    loaded = heavy_libraries_of("--help")
    return [
        Finding(
            what="--help",
            ours=f"{ours.seconds * 1000:.0f} ms",
            peer=f"python -c pass {bare.seconds * 1000:.0f} ms",
            measured=ours.seconds / bare.seconds,
            limit=12,
            peak_bytes=ours.peak_bytes,
        ),
        Finding(
            what="heavy libraries of --help",
            ours=", ".join(sorted(loaded)) or "none",
            peer="",
            measured=len(loaded),
            limit=0,
            unit="",
        ),
    ]


def heavy_libraries_of(*arguments: str) -> set[str]:
    """Return the heavy libraries that a command line loads."""
    words = (sys.executable, "-X", "importtime", STORJ_MONITOR, *arguments)
    run = subprocess.run(words, capture_output=True, text=True, check=True)
    modules = (line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if "|" in line)
    return {*_HEAVY} & {module.partition(".")[0] for module in modules}

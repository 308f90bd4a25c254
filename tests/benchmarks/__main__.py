"""Measure what is promised: `python -m tests.benchmarks [--rows N] [--repeat N] [NAME ...]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.data import Data
from tests.benchmarks.findings import table
from tests.benchmarks.first_byte import first_byte
from tests.benchmarks.following import following
from tests.benchmarks.importing import importing
from tests.benchmarks.ingesting import ingest
from tests.benchmarks.memory import memory
from tests.benchmarks.overviews import overview
from tests.benchmarks.printing import pdf
from tests.benchmarks.reporting import reporting
from tests.benchmarks.serving import serving_
from tests.benchmarks.start_up import start_up
from tests.benchmarks.text_formats import csv, ndjson
from tests.benchmarks.timing import FailedError
from tests.benchmarks.workbooks import xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.findings import Finding

    Subject = Callable[[Data, int, Path], list[Finding]]

SUBJECTS: dict[str, Subject] = {
    "csv": csv,
    "ndjson": ndjson,
    "xlsx": xlsx,
    "pdf": pdf,
    "memory": memory,
    "ingest": ingest,
    "import": importing,
    "reports": reporting,
    "help": start_up,
    "first_byte": first_byte,
    "following": following,
    "serving": serving_,
    "overview": overview,
}


def main() -> int:
    """Print a table, and return 1 when a promise was missed."""
    asked = _arguments()
    data = Data.made(asked.rows)
    findings: list[Finding] = []
    is_whole = True
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.names or SUBJECTS:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            try:
                findings += SUBJECTS[name](data, asked.repeat, Path(folder))
            except FailedError as error:
                is_whole = False
                print(f"{name} can't be measured: {error}", file=sys.stderr)
    print(f"{data.rows:,} events, medians of {asked.repeat}", table(findings), sep="\n")
    return int(not is_whole or not all(finding.is_kept for finding in findings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many events")
    parser.add_argument("--repeat", type=int, default=5, help="how many runs make a median")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SUBJECTS)}")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in SUBJECTS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main())

"""Two copies of SQLite in one process drop each other's locks on a file."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LINE = (
    '2026-03-04T10:11:12Z\tINFO\tpiecestore\tdownloaded\t{"Process": "storagenode", "piece_id":'
    ' "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ", "satellite_id":'
    ' "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "action": "GET", "offset": 0,'
    ' "size": 2319360, "remote_address": "192.0.2.1:28967"}\n'
)
CODE = """
import sys
from storj_monitor.cli import main
try:
    main()
finally:
    print("sqlite3" in sys.modules or "_sqlite3" in sys.modules, file=sys.stderr)
"""


def loads_sqlite3(*arguments: str) -> bool:
    ran = subprocess.run(
        [sys.executable, "-c", CODE, *arguments], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stderr.splitlines()[-1] == "True"


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_the_program_never_imports_the_other_copy(tmp_path: Path, format_: str) -> None:
    log = tmp_path / "node.log"
    log.write_text(LINE, encoding="utf-8")
    database = ("--database", str(tmp_path / "some.db"))
    assert not loads_sqlite3("ingest", f"n1:{log}", *database)
    output = tmp_path / "events"
    wanted = ("--period", "2026-03", "-f", format_, "-o", str(output))
    assert not loads_sqlite3("export", "events", *wanted, *database)
    assert output.stat().st_size > 0

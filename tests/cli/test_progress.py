"""Progress is shown on a terminal, and only there."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from pathlib import Path


def seen_on_a_terminal(folder: Path, *arguments: str) -> str:
    """Run the command line with a terminal as standard error, and return what it shows there."""
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "storj_monitor", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=its) as process:
        os.close(its)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def test_ingest_shows_a_bar_that_ends_full(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(transfer(1), encoding="utf-8")

    shown = seen_on_a_terminal(tmp_path, "ingest", "attic:node.log")

    assert "attic node.log" in shown
    assert "100%" in shown


def test_export_shows_rows_and_bytes_and_people_read_the_log(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(transfer(1), encoding="utf-8")
    seen_on_a_terminal(tmp_path, "ingest", "attic:node.log")

    shown = seen_on_a_terminal(tmp_path, "export", "events", "--period", "2026-03", "-o", "a.csv")

    assert "1 rows, 0.0 MB" in shown
    assert "export.finished" in shown
    assert "{" not in shown
    assert "\x1b[Ka.csv: 1 rows, " in shown

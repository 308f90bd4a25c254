"""A command line to run in the tests' own process, in a folder of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from storj_monitor.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "Done"]

SATELLITE = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
PIECE = "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ"


class Done(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


def transfer(second: int, offset: int = 0) -> str:
    """Return one line of a log, of 2026-03-04 10:00 UTC and so many seconds."""
    return (
        f"2026-03-04T10:{second // 60:02}:{second % 60:02}Z\tINFO\tpiecestore\tdownloaded\t"
        f'{{"Process": "storagenode", "Piece ID": "{PIECE}", "Satellite ID": "{SATELLITE}", '
        f'"Action": "GET", "Offset": {offset}, "Size": 2560, '
        f'"Remote Address": "203.0.113.7:4000"}}\n'
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `storj-monitor` with arguments, in an empty folder; a traceback fails the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STORJ_MONITOR_DATABASE", raising=False)

    def run_it(*arguments: str) -> Done:
        capfd.readouterr()
        code = main(arguments)
        # Paths are said whole; where the folder of a test is changes.
        out, err = (said.replace(f"{tmp_path}{os.sep}", "") for said in capfd.readouterr())
        assert "Traceback" not in err
        return Done(code, out, err)

    return run_it


@pytest.fixture
def attic(run: Run, tmp_path: Path) -> Path:
    """Ingest a log of ten transfers of the node attic, and return the folder."""
    log = tmp_path / "node.log"
    log.write_text("".join(transfer(second) for second in range(10)), encoding="utf-8")
    assert run("ingest", "attic:node.log").code == 0
    return tmp_path

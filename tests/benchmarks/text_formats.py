"""CSV and NDJSON of every event, beside what sqlite3 takes for the same rows."""

from __future__ import annotations

import hashlib
import json
from itertools import zip_longest
from typing import TYPE_CHECKING

from tests.benchmarks import programs
from tests.benchmarks.findings import Finding
from tests.benchmarks.timing import FailedError, in_turns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data
    from tests.benchmarks.timing import Command

#: Every so manieth line of NDJSON is compared with sqlite3's JSON.
_SAMPLED = 997


def csv(data: Data, repeat: int, folder: Path) -> list[Finding]:
    """CSV takes no longer than with `sqlite3 -csv`, which gives the same bytes."""
    ours, theirs = folder / "ours.csv", folder / "theirs.csv"
    commands = {
        "ours": programs.export(data, "csv", data.rows, ours),
        "sqlite3": programs.sqlite3(data, "csv", theirs),
    }
    _run_once(commands)
    if _sha256(ours) != _sha256(theirs):
        message = "csv: the two files differ, so their times say nothing"
        raise FailedError(message)
    return [_beside("csv", commands, repeat, 1.0)]


def ndjson(data: Data, repeat: int, folder: Path) -> list[Finding]:
    """NDJSON takes little longer than `sqlite3 -json`."""
    ours, theirs = folder / "ours.ndjson", folder / "theirs.json"
    commands = {
        "ours": programs.export(data, "ndjson", data.rows, ours),
        "sqlite3": programs.sqlite3(data, "json", theirs),
    }
    _run_once(commands)
    _check_objects(ours, theirs)
    return [_beside("ndjson", commands, repeat, 1.3)]


def _run_once(commands: dict[str, Command]) -> None:
    for command in commands.values():
        command.run()


def _beside(what: str, commands: dict[str, Command], repeat: int, limit: float) -> Finding:
    runs = in_turns(commands, repeat)
    ours, theirs = runs["ours"], runs["sqlite3"]
    return Finding(
        what=f"{what} of all events",
        ours=f"{ours.seconds:.2f} s",
        peer=f"sqlite3 {theirs.seconds:.2f} s",
        measured=ours.seconds / theirs.seconds,
        limit=limit,
        peak_bytes=ours.peak_bytes,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_objects(ours: Path, theirs: Path) -> None:
    """Compare a sample; sqlite3 writes one array, with an object on each line."""
    with ours.open() as our_lines, theirs.open() as their_lines:
        pairs = enumerate(zip_longest(our_lines, their_lines, fillvalue=""))
        for number, (our, their) in pairs:
            both_end = bool(our.strip()) == bool(their.strip())
            if both_end and (number % _SAMPLED or json.loads(our) == _object(their)):
                continue
            message = f"ndjson: line {number + 1} differs from sqlite3's: {our!r}, {their!r}"
            raise FailedError(message)


def _object(line: str) -> object:
    return json.loads(line.strip().removeprefix("[").rstrip(",]"))

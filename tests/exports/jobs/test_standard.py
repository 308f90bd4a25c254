from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import os, sys
from storj_monitor.exports.jobs.standard import StandardStreams
closed_before, closed_later = map(eval, sys.argv[1:3])
for number in closed_before:
    os.close(number)
streams = StandardStreams()
for number in closed_later:
    os.close(number)
streams.put_back()
opened = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT)
assert opened > 2, opened
os.write(1, b"out")
os.write(2, b"err")
"""


@pytest.mark.parametrize(
    ("closed_before", "closed_later", "out", "err"),
    [
        ("()", "()", b"out", b"err"),
        ("()", "(0, 1, 2)", b"out", b"err"),
        ("(0,)", "(1,)", b"out", b"err"),
        ("(1, 2)", "()", b"", b""),
    ],
)
def test_standard_streams_are_put_back_and_nothing_else_takes_their_numbers(
    tmp_path: Path, closed_before: str, closed_later: str, out: bytes, err: bytes
) -> None:
    file = tmp_path / "file"
    command = [sys.executable, "-c", SCRIPT, closed_before, closed_later, str(file)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert (ended.stdout, ended.stderr) == (out, err)
    assert file.read_bytes() == b""

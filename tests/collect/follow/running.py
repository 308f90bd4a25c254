"""A real `storj-monitor run`, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.collect.follow.node_log import START

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.collect.nodes import NodeLog


def started(database: Path, *logs: NodeLog) -> subprocess.Popen[bytes]:
    """Follow the logs in a process of its own, which serves at some free port."""
    nodes = [word for log in logs for word in ("--node", f"{log.node}:{log.log}")]
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "storj_monitor", "run", *nodes),
            *("--port", "0", "--database", str(database)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # The day of the log, so that its transfers aren't old enough to be removed.
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(START.timestamp()))},
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it without a word of warning; it must have been alive."""
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Tell it to stop, and see that it does so in good order."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0

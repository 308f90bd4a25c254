"""Runs commands in turns, so that what else the machine does meets all of them alike."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KIB = 1024


class FailedError(Exception):
    """What was to be measured doesn't work; `str()` says what it said."""


@dataclass(frozen=True)
class Run:
    """What one run of a command took."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command, where its standard output goes, and what is done before, untimed."""

    words: Sequence[str]
    output: Path = Path(os.devnull)
    prepare: Callable[[], None] = lambda: None

    def run(self) -> Run:
        """Run it to its end; raise FailedError when it fails."""
        self.prepare()
        with self.output.open("wb") as output:
            started = time.perf_counter()
            process = subprocess.Popen(self.words, stdout=output, stderr=subprocess.PIPE)
            assert process.stderr is not None
            said = process.stderr.read()
            # wait4, since only it tells the memory of this one child.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.stderr.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            message = f"{' '.join(self.words)}\n{said.decode(errors='replace').strip()}"
            raise FailedError(message)
        return Run(seconds, usage.ru_maxrss * KIB)


def told_in_turns(commands: Mapping[str, Command], repeat: int) -> dict[str, float]:
    """Run A B A B ..., and return the medians of the seconds that each says on its output."""
    told: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeat):
        for name, command in commands.items():
            command.run()
            told[name].append(float(command.output.read_text()))
    return {name: median(seconds) for name, seconds in told.items()}


def in_turns(commands: Mapping[str, Command], repeat: int) -> dict[str, Run]:
    """Run A B A B ..., and return the medians of each; the first round only warms up."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(repeat + 1):
        for name, command in commands.items():
            run = command.run()
            if number:
                runs[name].append(run)
    return {
        name: Run(median(run.seconds for run in made), int(median(run.peak_bytes for run in made)))
        for name, made in runs.items()
    }

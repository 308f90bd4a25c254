"""The lines of one log, read one after the other: transfers come out, all else is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storj_monitor.collect.lines import ConsoleLines, Entry, Outcome
from storj_monitor.collect.recent import Recent
from storj_monitor.collect.times import Times
from storj_monitor.collect.transfers import Transfer, Transfers

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Times may go back a little in a log, so the counts of so many moments are kept.
_REMEMBERED_MOMENTS = 600
_EXAMPLES = 3
_EXAMPLE_LENGTH = 160


@dataclass
class Counts:
    """How many lines were what; every line is in exactly one of the four below `lines`."""

    lines: int = 0
    transfers: int = 0
    #: Log lines that end no transfer.
    other: int = 0
    #: Stack traces, empty lines, words of other programs.
    noise: int = 0
    not_understood: int = 0
    #: The first lines that were not understood, shortened and printable.
    examples: list[str] = field(default_factory=list)


class LogParser:
    """Turns the lines of one log into transfers, in their order, and never raises.

        parser = LogParser()
        for lines in log:
            transfers = parser.read(lines)

    It holds what a line's meaning depends on: started transfers, and how often the same line came
    at the same moment. Its memory is bounded.
    """

    def __init__(self) -> None:
        self.counts = Counts()
        self.times = Times()
        self._lines = ConsoleLines(self.times)
        self._transfers = Transfers()
        self._occurrences = Occurrences()

    def read(self, lines: Iterable[bytes]) -> list[Transfer]:
        """Return the transfers that these lines end; the lines come without their line ends."""
        found = []
        for line in lines:
            outcome: Entry | Transfer | Outcome = self._lines.read(line)
            if type(outcome) is Entry:
                outcome = self._transfers.read(outcome)
            if type(outcome) is Transfer:
                outcome.occurrence = self._occurrences.count(outcome.at, outcome.fingerprint)
                found.append(outcome)
            elif outcome is Outcome.OTHER:
                self.counts.other += 1
            else:
                self._count_unread(outcome, line)
        self.counts.transfers += len(found)
        self.counts.lines = self._sum()
        return found

    def _count_unread(self, outcome: object, line: bytes) -> None:
        if outcome is Outcome.NOISE:
            self.counts.noise += 1
            return
        self.counts.not_understood += 1
        if len(self.counts.examples) < _EXAMPLES:
            self.counts.examples.append(_example(line))

    def _sum(self) -> int:
        counts = self.counts
        return counts.transfers + counts.other + counts.noise + counts.not_understood


class Occurrences:
    """Numbers the lines that say the same at the same moment: identical twins are two transfers."""

    def __init__(self) -> None:
        self._moments: Recent[int, dict[int, int]] = Recent(_REMEMBERED_MOMENTS)
        self._at: int | None = None
        self._now: dict[int, int] = {}

    def count(self, at: int, fingerprint: int) -> int:
        """Return how many such lines came before this one."""
        if at != self._at:
            self._at, self._now = at, self._moment(at)
        before = self._now.get(fingerprint, 0)
        self._now[fingerprint] = before + 1
        return before

    def _moment(self, at: int) -> dict[int, int]:
        counts = self._moments.get(at)
        if counts is None:
            counts = {}
            self._moments.put(at, counts)
        return counts


def _example(line: bytes) -> str:
    text = line[: 2 * _EXAMPLE_LENGTH].decode(errors="replace").replace("\t", " ")
    text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return text if len(text) <= _EXAMPLE_LENGTH else text[: _EXAMPLE_LENGTH - 1] + "…"

"""The lines of one log, read one after the other: what they tell is gathered, all is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from storj_monitor.collect.entries import Entry, Outcome
from storj_monitor.collect.gathered import Gathered
from storj_monitor.collect.lines import LineReader
from storj_monitor.collect.messages import MESSAGES
from storj_monitor.collect.observations import Observations
from storj_monitor.collect.occurrences import OPEN_US, Moment, Occurrences
from storj_monitor.collect.times import Times
from storj_monitor.collect.transfers import FreeSpaceSeen, LostRace, Transfer, Transfers
from storj_monitor.collect.usual import UsualLines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.collect.countries import Countries

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
    #: The earliest and the latest time met, in microseconds since 1970 UTC.
    first: int | None = None
    last: int | None = None

    def hear(self, at: int) -> None:
        """Widen the span of times by this one."""
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)


class Memory(Struct):
    """What the count of the next lines depends on, to go on from after a restart.

    Started transfers aren't in it: what began before a restart has no duration, and a lost race
    that its line names by the piece alone (v1.87 to v1.114) no satellite.
    """

    moments: list[Moment] = []
    lost_races: list[LostRace] = []


class LogParser:
    """Reads the lines of one log in their order, and never raises.

        parser = LogParser()
        for lines in log:
            parser.read(lines)
            writer.write([parser.gathered().news("mynode")])

    It holds what a line's meaning depends on: started transfers, and how often the same line came
    at the same moment. Its memory is bounded, but for the lines of one moment. `memory` is what
    `memory()` of an earlier one gave, to go on exactly where that one stopped.
    """

    def __init__(self, memory: str = "", countries: Countries | None = None) -> None:
        self.counts = Counts()
        self.times = Times()
        #: The unfinished line at the end of a log: the next one may go on with it.
        self.unfinished = b""
        self._countries = countries
        self._gathered = Gathered(countries)
        self._lines = LineReader(self.times)
        self._transfers = Transfers()
        self._usual = UsualLines(self.times, self._transfers)
        self._observations = Observations()
        self._occurrences = Occurrences()
        self._at: int | None = None
        #: The log before this one, until it is known whether this one goes on from it.
        self._before: Counts | None = None
        self._resume(memory)

    def read(self, lines: Iterable[bytes]) -> None:
        """Take in lines, which come without their line ends."""
        read_usual, read_line, read_entry = self._usual.read, self._lines.read, self._entry
        keep, counts = self._keep, self.counts
        before = len(self._gathered.transfers)
        other = 0
        for line in lines:
            if (transfer := read_usual(line)) is not None:
                keep(transfer)
                continue
            entry = read_line(line)
            outcome = read_entry(entry) if isinstance(entry, Entry) else entry
            if outcome is None or outcome is Outcome.OTHER:
                other += outcome is not None
            elif outcome is Outcome.NOISE:
                counts.noise += 1
            else:
                counts.not_understood += 1
                if len(counts.examples) < _EXAMPLES:
                    counts.examples.append(_example(line))
        counts.other += other
        counts.transfers += len(self._gathered.transfers) - before
        counts.lines = counts.transfers + counts.other + counts.noise + counts.not_understood

    def waiting(self) -> int:
        """Return how many things were gathered and not handed over yet."""
        return len(self._gathered)

    def gathered(self) -> Gathered:
        """Hand over what was gathered since the last time."""
        gathered, self._gathered = self._gathered, Gathered(self._countries)
        self._at = None  # so that the hour is heard of again
        return gathered

    def memory(self) -> str:
        """Return what a parser needs that is to go on after the lines read so far."""
        open_since = (self._occurrences.at or 0) - OPEN_US
        return msgspec.json.encode(
            Memory(self._occurrences.since(open_since), self._transfers.lost_races(open_since))
        ).decode()

    def next_log(self) -> None:
        """Take the next line as the first of another log of the same node, and count anew.

        It may go on where this one ends, as rotated logs do, or repeat some of it.
        """
        if self.counts.last is not None:
            self._before = self.counts
        self.counts = Counts()
        self.times = Times()
        self._lines = LineReader(self.times)
        self._usual = UsualLines(self.times, self._transfers)

    def _resume(self, memory: str) -> None:
        if not memory:
            return
        known = msgspec.json.decode(memory, type=Memory)
        self._occurrences.resume(known.moments)
        self._transfers.resume(known.lost_races)

    def _entry(self, entry: Entry) -> Outcome | None:
        """Take in an entry; return what it is if it ends no transfer."""
        if entry.at != self._at:
            self._hear(entry.at)
        message = MESSAGES.get(entry.message)
        if message is None:
            return self._observed(entry)
        outcome = self._transfers.read(entry, message)
        if isinstance(outcome, Transfer):
            self._keep(outcome)
            return None
        if isinstance(outcome, FreeSpaceSeen):
            self._gathered.measure(entry.at, outcome.free_bytes)
            return Outcome.OTHER
        return outcome

    def _hear(self, at: int) -> None:
        self._at = at
        self._gathered.hear(at)
        self.counts.hear(at)

    def _keep(self, transfer: Transfer) -> None:
        if transfer.at != self._at:
            self._hear(transfer.at)
        if self._before is not None:
            if not self._goes_on(self._before, transfer):
                self._occurrences = Occurrences()
            self._before = None
        transfer.occurrence = self._occurrences.count(transfer.at, transfer.fingerprint)
        self._gathered.transfers.append(transfer)

    def _goes_on(self, before: Counts, transfer: Transfer) -> bool:
        """Tell a log that goes on from the one before it from one that repeats some of it.

        Where both meet in one moment and the same line stands on both sides, it can't be known:
        a rejected upload, of which many are alike, is another one; any other line is the same.
        """
        if before.last is None or before.first is None or self.counts.first is None:
            return True
        if self.counts.first != before.last or transfer.at != before.last:
            return self.counts.first >= before.last
        if self._occurrences.has(transfer.at, transfer.fingerprint):
            return transfer.piece_id is None and before.first < before.last
        return True

    def _observed(self, entry: Entry) -> Outcome:
        # A message where the caller stands: what follows it was meant to be its fields.
        if entry.caller in MESSAGES or entry.logger in MESSAGES:
            return Outcome.NOT_UNDERSTOOD
        observed = self._observations.read(entry)
        if observed is None:
            return Outcome.OTHER
        if isinstance(observed, Outcome):
            return observed
        self._gathered.observe(observed)
        return Outcome.OTHER


def is_log_line(line: bytes) -> bool:
    """Say whether these bytes are a whole line of a node's log."""
    parser = LogParser()
    parser.read([line])
    return not parser.counts.noise and not parser.counts.not_understood


def is_continued(unfinished: bytes, first: bytes) -> bool:
    """Say whether an unfinished line goes on with the first one of the log after it."""
    return bool(unfinished) and not is_log_line(first) and is_log_line(unfinished + first)


def _example(line: bytes) -> str:
    text = line[: 2 * _EXAMPLE_LENGTH].decode(errors="replace").replace("\t", " ")
    text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return text if len(text) <= _EXAMPLE_LENGTH else text[: _EXAMPLE_LENGTH - 1] + "…"

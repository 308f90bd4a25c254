"""A whole log goes into the store: `storj-monitor ingest NAME:PATH` is this, and a progress bar.

node, path = parse_node_argument("mynode:/var/log/storagenode.log")
summary = ingest(store, node, path)
print(describe(summary))
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from storj_monitor.collect.nodes import parse_node_argument
from storj_monitor.collect.parser import LogParser
from storj_monitor.collect.reading import WHAT_WORKS, LogCutShort, open_log
from storj_monitor.collect.summary import Summary, describe
from storj_monitor.errors import OperatorError
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from storj_monitor.collect.reading import LogFile
    from storj_monitor.collect.transfers import Transfer
    from storj_monitor.store import Store, StoreWriter

__all__ = ["Summary", "describe", "ingest", "parse_node_argument"]

#: Transfers that are written in one transaction.
_BATCH = 20_000
#: So many lines and not a log line among them: this is something else.
_PATIENCE = 100_000


def _silently(_done: int, _total: int | None) -> None:
    """Show no progress."""


def ingest(
    store: Store,
    node: str,
    path: str,
    progress: Callable[[int, int | None], None] = _silently,
) -> Summary:
    """Read a log of a node into the store and return what was found.

    `path` is a file, a .gz, or - for standard input. What the store knows already adds nothing, so
    a log may be ingested again when it has grown. `progress` is told the bytes done and, where it
    is known, their total. Raises OperatorError for what can't be read or is no log; of a log that
    breaks off, what came before is kept.
    """
    with open_log(path) as log, store.writer() as writer:
        reading = _Reading(node, log, writer)
        try:
            for lines in log.blocks():
                reading.take(lines)
                progress(log.done, log.total)
        except LogCutShort as cut:
            reading.flush()
            count = reading.parser.counts.transfers
            reason = f"{cut.reason}; what came before it is kept (transfers: {count:,})"
            raise OperatorError(reason, cut.hint) from cut
        return reading.ended()


class _Reading:
    """One log on its way into the store."""

    def __init__(self, node: str, log: LogFile, writer: StoreWriter) -> None:
        self.parser = LogParser()
        self._node = node
        self._log = log
        self._writer = writer
        self._waiting: list[Transfer] = []
        self._new = 0
        self._known = 0

    def take(self, lines: list[bytes]) -> None:
        """Parse the next lines; write when enough transfers wait."""
        self._waiting += self.parser.read(lines)
        if self._is_strange() and (
            _is_binary(lines, self._log) or self.parser.counts.lines > _PATIENCE
        ):
            raise self._refusal(binary=_is_binary(lines, self._log))
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the transfers that wait."""
        if self._waiting:
            written = self._writer.transfers(self._node, _batch(self._waiting))
            self._new += written.new
            self._known += written.known
            self._waiting = []

    def ended(self) -> Summary:
        """Write the rest and sum up."""
        counts, times = self.parser.counts, self.parser.times
        if self._is_strange() and counts.lines:
            raise self._refusal(binary=False)
        self.flush()
        if times.first is not None and times.last is not None:
            self._writer.heard(self._node, times.first, times.last)
        return Summary(
            lines=counts.lines,
            transfers=counts.transfers,
            new=self._new,
            known=self._known,
            other=counts.other,
            noise=counts.noise,
            not_understood=counts.not_understood,
            examples=tuple(counts.examples),
            started_at=None if times.first is None else moment(times.first),
            ended_at=None if times.last is None else moment(times.last),
            unfinished=int(bool(self._log.unfinished)),
            without_zone=int(times.without_zone),
        )

    def _is_strange(self) -> bool:
        """Whether not one line so far was a log line."""
        return self.parser.counts.noise == self.parser.counts.lines

    def _refusal(self, *, binary: bool) -> OperatorError:
        why = "it holds binary data" if binary else "no line begins with a time and a level"
        reason = f"{self._log.name} is no log of a storagenode: {why}"
        return OperatorError(reason, WHAT_WORKS)


def _is_binary(lines: list[bytes], log: LogFile) -> bool:
    return b"\0" in log.unfinished or any(b"\0" in line for line in lines)


def _batch(transfers: list[Transfer]) -> pa.RecordBatch:
    import pyarrow as pa

    from storj_monitor.store import TRANSFERS

    columns = [
        pa.array(list(map(attrgetter(field.name), transfers)), field.type) for field in TRANSFERS
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TRANSFERS)

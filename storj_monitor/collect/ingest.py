"""A whole log goes into the store: `storj-monitor ingest NAME:PATH` is this, and a progress bar.

node, path = parse_node_argument("mynode:/var/log/storagenode.log")
summary = ingest(store, node, path)
print(describe(summary))
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from storj_monitor.collect.nodes import parse_node_argument
from storj_monitor.collect.parser import LogParser, is_continued
from storj_monitor.collect.reading import WHAT_WORKS, LogCutShort, open_log
from storj_monitor.collect.summary import Summary, describe
from storj_monitor.errors import OperatorError
from storj_monitor.plugin.query import moment
from storj_monitor.store import Written

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from storj_monitor.collect.gathered import Gathered
    from storj_monitor.collect.reading import LogFile
    from storj_monitor.store import Store, StoreWriter

__all__ = ["Summary", "describe", "ingest", "parse_node_argument"]

#: Transfers, and whatever else a log tells, that are written in one transaction.
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
    parser: LogParser | None = None,
) -> Summary:
    """Read a log of a node into the store and return what was found.

    `path` is a file, a .gz, or - for standard input. What the store knows already adds nothing, so
    a log may be ingested again when it has grown. `progress` is told the bytes done and, where it
    is known, their total. The same `parser` for several logs of one node lets a rotated log go on
    where the one before it ends. Raises OperatorError for what can't be read or is no log; of a log
    that breaks off, what came before is kept.
    """
    parser = parser or LogParser()
    parser.next_log()
    with open_log(path) as log, store.writer() as writer, _Writing(node, writer) as writing:
        reading = _Reading(log, parser, writing)
        try:
            for lines in log.blocks():
                reading.take(lines)
                progress(log.done, log.total)
        except LogCutShort as cut:
            writing.write(parser.gathered())
            writing.finish()
            reason = f"{cut.reason}; what came before it is kept"
            reason = f"{reason} (transfers: {parser.counts.transfers:,})"
            raise OperatorError(reason, cut.hint) from cut
        return reading.ended()


class _Writing:
    """Writes in a thread of its own while the next lines are parsed: SQLite needs no GIL."""

    def __init__(self, node: str, writer: StoreWriter) -> None:
        self._node = node
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, "ingest-writer")
        self._last: Future[Written] | None = None
        self.written = Written(0, 0, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def write(self, gathered: Gathered) -> None:
        """Begin to write, once what was begun before is written; raise what went wrong with it."""
        if gathered:
            news = gathered.news(self._node)
            self.finish()
            self._last = self._thread.submit(self._writer.write, [news])

    def finish(self) -> None:
        """Wait until all is written; raise what went wrong."""
        if self._last is not None:
            written, self._last = self._last.result(), None
            self.written = Written(*map(sum, zip(self.written, written, strict=True)))


class _Reading:
    """One log on its way into the store."""

    def __init__(self, log: LogFile, parser: LogParser, writing: _Writing) -> None:
        self._log = log
        self._parser = parser
        self._writing = writing

    def take(self, lines: list[bytes]) -> None:
        """Parse the next lines; write when enough waits."""
        if lines and is_continued(self._parser.unfinished, lines[0]):
            lines[0] = self._parser.unfinished + lines[0]
        if lines:
            self._parser.unfinished = b""
        self._parser.read(lines)
        if self._is_strange() and (
            _is_binary(lines, self._log) or self._parser.counts.lines > _PATIENCE
        ):
            raise self._refusal(binary=_is_binary(lines, self._log))
        if self._parser.waiting() >= _BATCH:
            self._writing.write(self._parser.gathered())

    def ended(self) -> Summary:
        """Write the rest and sum up."""
        counts = self._parser.counts
        if self._is_strange() and counts.lines:
            raise self._refusal(binary=False)
        self._parser.unfinished += self._log.unfinished
        self._writing.write(self._parser.gathered())
        self._writing.finish()
        new, known, sealed = self._writing.written
        return Summary(
            lines=counts.lines,
            transfers=counts.transfers,
            new=new,
            known=known,
            sealed=sealed,
            other=counts.other,
            noise=counts.noise,
            not_understood=counts.not_understood,
            examples=tuple(counts.examples),
            started_at=None if counts.first is None else moment(counts.first),
            ended_at=None if counts.last is None else moment(counts.last),
            unfinished=int(bool(self._log.unfinished)),
            without_zone=int(self._parser.times.without_zone),
        )

    def _is_strange(self) -> bool:
        """Whether not one line so far was a log line."""
        return self._parser.counts.noise == self._parser.counts.lines

    def _refusal(self, *, binary: bool) -> OperatorError:
        why = "it holds binary data" if binary else "no line begins with a time and a level"
        reason = f"{self._log.name} is no log of a storagenode: {why}"
        return OperatorError(reason, WHAT_WORKS)


def _is_binary(lines: list[bytes], log: LogFile) -> bool:
    return b"\0" in log.unfinished or any(b"\0" in line for line in lines)

r"""A log line becomes an Entry, whatever encoding it is in and whatever carried it.

The console encoding is
    TIME \t LEVEL \t LOGGER [\t CALLER] \t MESSAGE [\t {JSON fields}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from storj_monitor.collect.entries import LEVELS, Entry, Outcome
from storj_monitor.collect.json_lines import JsonLines
from storj_monitor.collect.times import TIME_PATTERN
from storj_monitor.collect.wrapping import Wrapping

if TYPE_CHECKING:
    from storj_monitor.collect.times import Times

_ANY_LEVEL = b"|".join(sorted(LEVELS))
#: Where a line really starts: after a prefix of docker, compose or syslog, with tabs or, in copies
#: from a terminal, runs of spaces between the columns.
_START = re.compile(
    rb"(?<!\d)(?P<time>"
    + TIME_PATTERN
    + rb")(?:\t+| {2,})(?P<level>"
    + _ANY_LEVEL
    + rb")(?:(?:\t+| {2,})(?P<rest>.*))?$",
    re.DOTALL,
)
_GAP = re.compile(rb"\t+| {2,}")
#: From the start of a gap only: a line of a million spaces must not take a million looks at it.
_GAP_BEFORE_FIELDS = re.compile(rb"(?:(?<!\t)\t++|(?<! ) {2,}+)(?=\{)")
_LEAST_COLUMNS = 3  # time, level, message
_LOGGER_COLUMNS = 4
_CALLER_COLUMNS = 5
USUAL_COLUMNS = 5  # time, level, logger, message, fields

_TRANSFER_LOGGER = b"piecestore"

_COLOUR = re.compile(rb"\x1b\[[0-9;]{0,20}m")
#: How a JSON object begins that may be a log line, or wrap one.
_OBJECT = re.compile(
    rb'\{\s*"(?:[LTNMC]|severity|level|timestamp|time|ts|message|msg|logger|caller|log|MESSAGE)"\s*:'
)
#: So many objects in a line of text are tried.
_TRIED_OBJECTS = 3
#: Docker's objects all begin so: they need not be tried as anything else.
_DOCKER = b'{"log":"'
_NAME = re.compile(
    rb'"([LTNMC]|severity|timestamp|time|ts|message|msg|logger|piece_id|Piece ID|satellite_id'
    rb'|Satellite ID)"\s*:'
)
_BEGINNING = re.compile(rb'\{\s*"(?:[LT]|severity|timestamp|log|MESSAGE)"\s*:')
_COLUMN_END = rb'(?:\t|\\t|#011|"| {2})'
_TRACE = re.compile(
    _COLUMN_END
    + rb"piecestore"
    + _COLUMN_END
    + rb"|[\d:.,Z]"
    + _COLUMN_END
    + b"(?:"
    + _ANY_LEVEL
    + b")"
    + _COLUMN_END
)


class ConsoleLines:
    """Reads lines of the console encoding."""

    def __init__(self, times: Times) -> None:
        self._times = times

    def read(self, line: bytes) -> Entry | Outcome:
        """Return the parts of a line without its line end; never raises."""
        columns = line.split(b"\t")
        if len(columns) == USUAL_COLUMNS:
            time, level, logger, message, fields = columns
            at = self._times.read(time)
            if at is not None and level in LEVELS and fields[:1] == b"{":
                return Entry(at, level, logger, b"", message, fields)
        return self._unusual(line)

    def _unusual(self, line: bytes) -> Entry | Outcome:
        """Read a line that hasn't just the usual columns."""
        columns = line.split(b"\t")
        # Most of what carries lines writes something and a space before them.
        at = self._times.read(columns[0].rpartition(b" ")[2])
        if at is None or len(columns) < _LEAST_COLUMNS or columns[1] not in LEVELS:
            columns = _columns_after_prefix(line)
            if not columns:
                return _unreadable(line, has_time=at is not None)
            at = self._times.read(columns[0])
        return _entry(at, columns)


class LineReader(ConsoleLines):
    """Reads the lines of one log, of which each may be in another encoding and wrapper.

    It remembers the parts of a line that was cut on its way, and needs all lines in their order.
    """

    def __init__(self, times: Times) -> None:
        super().__init__(times)
        self._json = JsonLines(times)
        self._wrapping = Wrapping()

    def _unusual(self, line: bytes) -> Entry | Outcome:
        """Read a line that isn't as the node writes it into a file of its own.

        What is unwrapped is read again, and may be wrapped again: each JSON object doubles the
        escapes in it at least, so that this ends soon.
        """
        if line.startswith(b"{") and b"\t" not in line:  # JSON writes none
            return self._object(line) or _unreadable(line)
        untagged = self._wrapping.without_tag(line)
        if untagged is not None:
            return self.read(untagged) if isinstance(untagged, bytes) else untagged
        line = _without_marks(line)
        if b"\t" not in line:
            entry = self._object_after_prefix(line)
            return super()._unusual(line) if entry is None else entry
        entry = super()._unusual(line)
        if isinstance(entry, Outcome):
            return self._object_after_prefix(line) or entry
        return entry

    def _object(self, line: bytes) -> Entry | Outcome | None:
        entry = None if line.startswith(_DOCKER) else self._json.read(line)
        if entry is not None:
            return entry
        unwrapped = self._wrapping.unwrap(line)
        return self.read(unwrapped) if isinstance(unwrapped, bytes) else unwrapped

    def _object_after_prefix(self, line: bytes) -> Entry | Outcome | None:
        at = 0
        for _ in range(_TRIED_OBJECTS):
            start = _OBJECT.search(line, at)
            if start is None:
                return None
            entry = self._object(line[start.start() :])
            if entry is not None:
                return entry
            at = start.end()
        return None


def _entry(at: int | None, columns: list[bytes]) -> Entry | Outcome:
    fields = columns.pop() if columns[-1].startswith(b"{") else b""
    size = len(columns)
    if at is None or not _LEAST_COLUMNS <= size <= _CALLER_COLUMNS:
        return Outcome.NOT_UNDERSTOOD
    if columns[-1] == _TRANSFER_LOGGER:  # where the message stands, so that this was lost
        return Outcome.NOT_UNDERSTOOD
    logger = columns[2] if size >= _LOGGER_COLUMNS else b""
    caller = columns[-2] if size >= _CALLER_COLUMNS else b""
    return Entry(at, columns[1], logger, caller, columns[-1], fields)


def _columns_after_prefix(line: bytes) -> list[bytes]:
    match = _START.search(line)
    if match is None:
        return []
    words, *fields = _GAP_BEFORE_FIELDS.split(match["rest"] or b"", maxsplit=1)
    return [match["time"], match["level"], *(_GAP.split(words) if words else ()), *fields]


def _without_marks(line: bytes) -> bytes:
    """Drop the colours of a terminal, and write tabs again where syslog wrote `#011`."""
    if b"\x1b[" in line:
        line = _COLOUR.sub(b"", line)
    if b"#011" in line and b"\t" not in line:
        line = line.replace(b"#011", b"\t")
    return line


def _unreadable(line: bytes, *, has_time: bool = False) -> Outcome:
    """Tell a damaged log line from what was never one."""
    columns = line.split(b"\t", 2)
    is_damaged = (
        (has_time and len(columns) > 1)
        or (len(columns) > 1 and columns[1] in LEVELS)
        or _TRACE.search(line) is not None
        or _BEGINNING.search(line) is not None
        or len(set(_NAME.findall(line))) > 1
    )
    return Outcome.NOT_UNDERSTOOD if is_damaged else Outcome.NOISE

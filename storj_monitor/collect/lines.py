r"""A log line becomes an Entry, whatever encoding it is in.

The console encoding is
    TIME \t LEVEL \t LOGGER [\t CALLER] \t MESSAGE [\t {JSON fields}]
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct

from storj_monitor.collect.times import TIME_PATTERN

if TYPE_CHECKING:
    from storj_monitor.collect.times import Times

LEVELS = frozenset((b"DEBUG", b"INFO", b"WARN", b"ERROR", b"DPANIC", b"PANIC", b"FATAL"))

#: Where a line really starts: after a prefix of docker or compose, with tabs or, in copies from a
#: terminal, runs of spaces between the columns.
_START = re.compile(
    rb"(?<!\d)(?P<time>"
    + TIME_PATTERN
    + rb")(?:\t+| {2,})(?P<level>"
    + b"|".join(sorted(LEVELS))
    + rb")(?:(?:\t+| {2,})(?P<rest>.*))?$",
    re.DOTALL,
)
_GAP = re.compile(rb"\t+| {2,}")
_GAP_BEFORE_FIELDS = re.compile(rb"(?:\t+| {2,})(?=\{)")
_LEAST_COLUMNS = 3  # time, level, message
_LOGGER_COLUMNS = 4
_CALLER_COLUMNS = 5
_USUAL_COLUMNS = 5  # time, level, logger, message, fields


class Outcome(Enum):
    """What a line is that ends no transfer."""

    #: The node speaks of something else.
    OTHER = auto()
    #: Not a log line: a stack trace, the words of a supervisor, an empty line.
    NOISE = auto()
    #: A log line that can't be read, or a transfer with something missing.
    NOT_UNDERSTOOD = auto()


class Entry(Struct, gc=False):
    """A log line in its parts; what is absent is empty. `at` is microseconds since 1970 UTC."""

    at: int
    level: bytes
    logger: bytes
    caller: bytes
    message: bytes
    #: The JSON object, not decoded yet, and perhaps not even JSON.
    fields: bytes


class ConsoleLines:
    """Reads lines of the console encoding."""

    def __init__(self, times: Times) -> None:
        self._times = times

    def read(self, line: bytes) -> Entry | Outcome:
        """Return the parts of a line without its line end; never raises."""
        columns = line.split(b"\t")
        at = self._times.read(columns[0])
        if at is not None and len(columns) == _USUAL_COLUMNS:
            _time, level, logger, message, fields = columns
            if level in LEVELS and fields[:1] == b"{":
                return Entry(at, level, logger, b"", message, fields)
        if at is None or len(columns) < _LEAST_COLUMNS or columns[1] not in LEVELS:
            columns = _columns_after_prefix(line)
            if not columns:
                return _unreadable(line, has_time=at is not None)
            at = self._times.read(columns[0])
        return _entry(at, columns)


def _entry(at: int | None, columns: list[bytes]) -> Entry | Outcome:
    fields = columns.pop() if columns[-1].startswith(b"{") else b""
    size = len(columns)
    if at is None or not _LEAST_COLUMNS <= size <= _CALLER_COLUMNS:
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


def _unreadable(line: bytes, *, has_time: bool) -> Outcome:
    """Tell a damaged log line from what was never one."""
    columns = line.split(b"\t", 2)
    is_damaged = (
        (has_time and len(columns) > 1)
        or (len(columns) > 1 and columns[1] in LEVELS)
        or b"\tpiecestore\t" in line
        or (line.startswith(b"{") and b'"piecestore"' in line)
    )
    return Outcome.NOT_UNDERSTOOD if is_damaged else Outcome.NOISE

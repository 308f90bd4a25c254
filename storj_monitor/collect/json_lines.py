"""Lines in JSON: the node's own, and those with the names that clouds want.

    {"L":"INFO","T":"2026-03-04T10:11:12Z","N":"piecestore","M":"uploaded","piece_id":"..."}
    {"severity":"INFO","message":"uploaded","size":9472,
     "logging.googleapis.com/labels":{"piece_id":"...","name":"piecestore"},
     "timestamp":{"seconds":1772619072,"nanos":0}}

The first is `log.encoding=json`. The second is `log.encoding=gcloudlogging`, where the texts among
the fields, or all of them, are labels; it comes with a time as text too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, Struct, field

from storj_monitor.collect.entries import LEVELS, Entry

if TYPE_CHECKING:
    from storj_monitor.collect.times import Times

_LEVELS = {level.decode(): level for level in LEVELS} | {
    "WARNING": b"WARN",
    "CRITICAL": b"DPANIC",
    "ALERT": b"PANIC",
    "EMERGENCY": b"FATAL",
    "NOTICE": b"INFO",
    "DEFAULT": b"INFO",
}
#: Seconds since 1970 that a log may speak of: 2001 to 2099. A thousand times as many can't be
#: seconds too, so that the unit of a number is plain.
_FIRST_SECOND, _LAST_SECOND = 1_000_000_000, 4_102_444_800
_UNITS_IN_SECOND = (1, 1_000, 1_000_000, 1_000_000_000)
_MICROSECONDS = 1_000_000


class _Own(Struct, gc=False):
    """As zap names it in the node."""

    L: str
    T: str
    M: str
    N: str = ""
    C: str = ""


class _Cloud(Struct, gc=False):
    """The other names there are; any of them may also be that of a field, of any type."""

    severity: Any = None
    cloud_severity: Any = field(default=None, name="logging.googleapis.com/severity")
    level: Any = None
    L: Any = None
    timestamp: Any = None
    time: Any = None
    ts: Any = None
    T: Any = None
    message: Any = None
    msg: Any = None
    M: Any = None
    logger: Any = None
    N: Any = None
    caller: Any = None
    C: Any = None
    labels: Raw = field(default=Raw(b"{}"), name="logging.googleapis.com/labels")


class _Labels(Struct, gc=False):
    name: str = ""
    caller: str = ""


class _Seconds(Struct, gc=False):
    seconds: int
    nanos: int = 0


class JsonLines:
    """Reads lines that are JSON objects."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._own = msgspec.json.Decoder(_Own).decode
        self._cloud = msgspec.json.Decoder(_Cloud).decode
        self._labels = msgspec.json.Decoder(_Labels).decode
        #: Whether the line before was in them: then they are tried first.
        self._in_cloud_names = False

    def read(self, line: bytes) -> Entry | None:
        """Return the parts of a line; None when it has no level, time and message; never raises.

        The fields of the entry are the whole object, with the labels in it brought up.
        """
        if self._in_cloud_names:
            entry = self._cloud_entry(line)
            if entry is not None:
                return entry
        entry = self._own_entry(line)
        if entry is None:
            entry = self._cloud_entry(line)
            self._in_cloud_names = entry is not None
        return entry

    def _own_entry(self, line: bytes) -> Entry | None:
        try:
            said = self._own(line)
        except UnicodeDecodeError:
            return self._own_entry(line.decode(errors="replace").encode())
        except (msgspec.DecodeError, RecursionError):
            return None
        level = _level(said.L)
        at = self._times.read(said.T.encode())
        if level is None or at is None:
            return None
        return Entry(at, level, said.N.encode(), said.C.encode(), said.M.encode(), line)

    def _cloud_entry(self, line: bytes) -> Entry | None:
        try:
            said = self._cloud(line)
            labels = self._labels(said.labels)
        except UnicodeDecodeError:
            return self._cloud_entry(line.decode(errors="replace").encode())
        except (msgspec.DecodeError, RecursionError):
            return None
        level = _level(_text(said.L, said.severity, said.cloud_severity, said.level))
        at = self._time(said.T, said.timestamp, said.time, said.ts)
        # A cloud wants the stack trace after the message.
        message, _, _stack = _text(said.M, said.message, said.msg).partition("\n")
        if level is None or at is None or not message:
            return None
        logger = _text(said.N, said.logger, labels.name)
        caller = _text(said.C, said.caller, labels.caller)
        fields = _brought_up(bytes(said.labels), line)
        return Entry(at, level, logger.encode(), caller.encode(), message.encode(), fields)

    def _time(self, *given: object) -> int | None:
        for value in given:
            at = self._times.read(value.encode()) if isinstance(value, str) else _moment(value)
            if at is not None:
                return at
        return None


def _level(name: str) -> bytes | None:
    return _LEVELS.get(name) or _LEVELS.get(name.upper())


def _text(*given: object) -> str:
    for value in given:
        if isinstance(value, str):
            return value
    return ""


def _brought_up(labels: bytes, line: bytes) -> bytes:
    """Write the members of both objects into one; of the same names, the line's own count."""
    inner = labels.strip()[1:-1].strip()
    return b"{" + inner + b"," + line.lstrip()[1:] if inner else line


def _moment(value: object) -> int | None:
    """Return the microseconds since 1970 of a number of any unit, or of seconds and nanoseconds."""
    if isinstance(value, dict):
        try:
            given = msgspec.convert(value, _Seconds)
        except msgspec.ValidationError:
            return None
        whole = given.seconds * _MICROSECONDS + given.nanos // 1_000
        return whole if _FIRST_SECOND <= given.seconds < _LAST_SECOND else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for units in _UNITS_IN_SECOND:
        if _FIRST_SECOND * units <= value < _LAST_SECOND * units:
            if isinstance(value, float):
                return round(value / units * _MICROSECONDS)
            return value * _MICROSECONDS // units
    return None

"""What a line of a log becomes before anything is made of it."""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

LEVELS = frozenset((b"DEBUG", b"INFO", b"WARN", b"ERROR", b"DPANIC", b"PANIC", b"FATAL"))


class Outcome(Enum):
    """What a line is that ends no transfer."""

    #: The node speaks of something else.
    OTHER = auto()
    #: Not a log line: a stack trace, the words of a supervisor, an empty line.
    NOISE = auto()
    #: A log line that can't be read, or one with something missing.
    NOT_UNDERSTOOD = auto()


class Entry(Struct, gc=False):
    """A log line in its parts; what is absent is empty. `at` is microseconds since 1970 UTC."""

    at: int
    level: bytes
    logger: bytes
    caller: bytes
    message: bytes
    #: The JSON object, not decoded yet, and perhaps not even JSON. That of a line in JSON is the
    #: whole line, so that it also has names that are no fields.
    fields: bytes

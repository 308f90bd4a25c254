"""What the program says of its own work: lines for people on a terminal, JSON otherwise."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from structlog.typing import EventDict, ExcInfo, FilteringBoundLogger, Processor

#: The user and the password in a URL.
_LOGIN = re.compile(r"(?<=://)[^/\s]+@")


def log() -> FilteringBoundLogger:
    """Return the program's log, set up when it is first needed.

    structlog takes longer to import than a small export takes to read, so whoever logs asks here
    when there is something to say.
    """
    import structlog

    if not structlog.is_configured():
        configure()
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def configure() -> None:
    """Send log events to standard error: readable on a terminal, one JSON object a line otherwise.

    Standard output is never written to: it belongs to the data. Whatever an event tells, nothing
    of it looks like another event, no terminal obeys it, and no URL in it has a password. The
    values of variables, which may be secret, are never told.
    """
    import structlog

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor] = (
        [structlog.dev.ConsoleRenderer(repr_native_str=True, exception_formatter=_tell_traceback)]
        if sys.stderr.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *renderer, _without_logins],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _tell_traceback(to: TextIO, exc_info: ExcInfo) -> None:
    """Write a traceback with each line indented: what an error quotes is no line of the log."""
    from traceback import format_exception

    lines = "".join(format_exception(*exc_info)).splitlines()
    to.writelines(f"\n    {_printable(line)}" for line in lines)


def _printable(line: str) -> str:
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in line
    )


def _without_logins(_: object, __: str, rendered: EventDict) -> str:
    """Take logins out of a line, which structlog hands on from the one that rendered it."""
    return _LOGIN.sub("***@", str(rendered))

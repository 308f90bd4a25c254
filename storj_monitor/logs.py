"""What the program says of its own work: lines for people on a terminal, JSON otherwise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger, Processor


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

    Standard output is never written to: it belongs to the data.
    """
    import structlog

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if sys.stderr.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *renderer],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )

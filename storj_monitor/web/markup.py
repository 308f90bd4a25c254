"""Pages made of templates, in which whatever comes from outside is text and never markup."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from datetime import datetime

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def templates() -> Environment:
    """Return the templates of this package."""
    environment = Environment(
        loader=PackageLoader("storj_monitor.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["version"] = version("storj-monitor")
    environment.filters["utc"] = utc
    environment.globals["ago"] = ago
    return environment


def utc(moment: datetime) -> str:
    """Return a time for people: `2026-03-04 10:11 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a time is, in the largest unit that fits."""
    seconds = int((now - moment).total_seconds())
    for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if count := max(seconds, 0) // size:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"

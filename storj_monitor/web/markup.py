"""Pages made of templates, in which whatever comes from outside is text and never markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from storj_monitor.plugin import Kind, display_text
from storj_monitor.plugin.query import moment
from storj_monitor.web.schedules_shown import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.store import Following, PolledApi

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
    environment.filters["with_code"] = with_code
    environment.globals["ago"] = ago
    environment.filters["pace"] = pace
    environment.filters["answer"] = answer
    environment.filters["moment"] = moment
    environment.filters["written"] = written
    environment.filters["days"] = days
    environment.filters["delivered"] = delivered
    environment.filters["sized"] = lambda value: display_text(value, Kind.BYTES)
    return environment


def with_code(text: str) -> Markup:
    """Return a text in which what stands between backticks, such as a command, is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one has no other
        return escape(text)
    said = (
        Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)
    )
    return Markup("").join(said)


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


def written(text: str) -> str:
    """Return a time of an answer for people: `2026-03-04 10:11 UTC`."""
    return utc(datetime.fromisoformat(text).astimezone(UTC))


def days(span: Mapping[str, str], timezone: str) -> str:
    """Return the days of a span in its zone, the last one inclusive."""
    zone = ZoneInfo(timezone)
    start, end = (datetime.fromisoformat(span[name]).astimezone(zone) for name in ("start", "end"))
    first, last = start.date(), (end - timedelta(microseconds=1)).date()
    said = f"{first}" if first == last else f"{first} to {last}"
    return f"{said} {timezone}"


def delivered(deliveries: Mapping[str, int]) -> str:
    """Return what became of a file's deliveries: `delivered to 2, 1 failed`; '' without any."""
    told = ((state, deliveries.get(state, 0)) for state in STATES)
    said = (
        f"delivered to {count}" if state == "sent" else f"{count} {STATES[state]}"
        for state, count in told
        if count
    )
    return ", ".join(said)


def pace(following: Following) -> str:
    """Return how a log is followed: `following, up to date`, or `waiting: it isn't there yet`."""
    said = f"{following.state}: {following.reason}" if following.reason else following.state
    if following.behind_bytes:
        return f"{said}, {display_text(following.behind_bytes, Kind.BYTES)} behind"
    is_well = following.state == "following" and following.behind_bytes == 0
    return f"{said}, up to date" if is_well else said


def answer(polled: PolledApi) -> str:
    """Return how a node's API answers: `answering, storagenode 1.137.5`, or `failing: ...`."""
    said = f"{polled.state}: {polled.reason}" if polled.reason else polled.state
    return f"{said}, storagenode {polled.version}" if polled.version else said

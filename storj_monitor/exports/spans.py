"""The words a request says a span with, and the longest span it may have."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.errors import Problem
from storj_monitor.plugin import Span
from storj_monitor.plugin.payouts import month_start, months_of, next_month
from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.reports import calendar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

DEFAULT_DAYS = 7
#: What a source of whole months is asked for.
DEFAULT_PERIOD = "this-month"
#: What a report is asked for: by its period, the last that is complete.
REPORT_PERIODS = MappingProxyType(
    {"day": "yesterday", "week": "last-week", "month": "last-month", "custom": None}
)
#: No request can ask for more, whatever the settings say.
LONGEST_DAYS = 36_600
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: A time has a time of day: 20260304, as an end, could mean that day or its first moment. In a
#: URL that was typed, the + of its offset has become a space.
_TIME = re.compile(r"([0-9-]{8,10}[T ][0-9:.,]{2,16})(Z|[ +-][0-9:]{2,8})?")
_WAYS = "Give start and end, or period, or days: one of the three."
_TIME_FORMS = "Write a date (2026-03-04) or an ISO time (2026-03-04T10:00:00+01:00)."


class Asked(NamedTuple):
    """A span, whether it was shortened to what is allowed, and what it was before."""

    span: Span
    clamped: bool
    whole: Span | None = None


def asked_span(
    words: Mapping[str, str], zone: ZoneInfo, now: datetime, max_days: int | None, *, strict: bool
) -> Asked:
    """Return the span that start, end, period or days ask for; raise Problem bad_span.

    A span of more than `max_days` calendar days of `zone` is shortened: its start is kept, but
    for `days`, which mean the latest ones. With `strict` it is refused.
    """
    way = _way(words)
    if way in ("days", None):
        return _latest(words.get("days", str(DEFAULT_DAYS)), zone, now, max_days, strict=strict)
    span = _period(words["period"], zone, now) if way == "period" else _ends(words, zone, now)
    return _clamped(span, zone, max_days, strict=strict)


def says_span(words: Mapping[str, str]) -> bool:
    """Say whether a span is asked for, in whatever way."""
    return _way(words) is not None


def asked_months(
    words: Mapping[str, str], now: datetime, max_days: int | None, *, strict: bool
) -> Asked:
    """Return the whole UTC months that are asked for or touched; raise Problem bad_span.

    Of more than `max_days` days as many months are kept as have no more, one at least: the first
    of them, but for `days` the latest. With `strict` they are refused.
    """
    if (way := _way(words)) is None:
        words = {"period": DEFAULT_PERIOD}
    touched = asked_span(words, UTC_ZONE, now, None, strict=strict).span
    periods = list(months_of(touched))
    edges = [month_start(period) for period in (*periods, next_month(periods[-1]))]
    while len(edges) > 2 and max_days and (edges[-1] - edges[0]).days > max_days:  # noqa: PLR2004  one month
        if strict:
            raise _too_long(max_days)
        edges.pop(0 if way == "days" else -1)
    clamped = len(edges) <= len(periods)
    return Asked(Span(edges[0], edges[-1]), clamped, touched if clamped else None)


def _way(words: Mapping[str, str]) -> str | None:
    """Return which of the ways to say a span is used; None if none is."""
    ways = [way for way in ("period", "days") if way in words]
    if "start" in words or "end" in words:
        ways.append("start and end")
    if len(ways) > 1:
        detail = f"the span is given in more than one way: {', '.join(ways)}"
        raise Problem("bad_span", detail, _WAYS)
    return ways[0] if ways else None


def _latest(
    text: str, zone: ZoneInfo, now: datetime, max_days: int | None, *, strict: bool
) -> Asked:
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0  # noqa: PLR2004
    if not 1 <= count <= LONGEST_DAYS:
        hint = f"Give a whole number from 1 to {LONGEST_DAYS}."
        raise Problem("bad_span", f"days={text!r} is no number of days", hint)
    allowed = count if max_days is None else min(count, max_days)
    if strict and allowed < count:
        raise _too_long(max_days)
    try:
        whole = calendar.last_days(count, zone, now) if allowed < count else None
        return Asked(calendar.last_days(allowed, zone, now), allowed < count, whole)
    except (ValueError, OverflowError) as error:
        raise Problem("bad_span", f"days={text!r} goes back too far", "Give fewer.") from error


def _period(words: str, zone: ZoneInfo, now: datetime) -> Span:
    try:
        span = calendar.period(words, zone, now)
    except (ValueError, OverflowError) as error:
        hint = f"Write {calendar.PERIOD_FORMS}."
        raise Problem("bad_span", f"period={words!r} means nothing", hint) from error
    if span.start == span.end:
        raise Problem("bad_span", f"{zone} left out the day {words}", "Give another day.")
    return span


def _ends(words: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Span:
    if "start" not in words:
        hint = "Give a start as well, or use period or days."
        raise Problem("bad_span", "there is an end but no start", hint)
    start = _moment("start", words["start"], zone)
    end = _moment("end", words["end"], zone) if "end" in words else now.astimezone(UTC)
    if end <= start:
        detail = f"the span ends ({end.isoformat()}) before it starts ({start.isoformat()})"
        if end == start:
            detail = f"the span ends when it starts ({start.isoformat()})"
        raise Problem("bad_span", detail, "Give an end after the start; a date includes its day.")
    return Span(start, end)


def _moment(which: str, text: str, zone: ZoneInfo) -> datetime:
    """Read a date or a time; a date as the end includes its day, a time without offset is local."""
    try:
        written = _written(text)
    except ValueError as error:
        raise Problem("bad_span", f"{which}={text!r} is no date or time", _TIME_FORMS) from error
    if not calendar.FIRST_YEAR <= written.year <= calendar.LAST_YEAR:
        hint = f"Years from {calendar.FIRST_YEAR} to {calendar.LAST_YEAR} are understood."
        raise Problem("bad_span", f"{which}={text!r} is out of range", hint)
    if isinstance(written, datetime):
        return (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)
    return calendar.day_start(written + timedelta(days=which == "end"), zone)


def _written(text: str) -> date | datetime:
    if _DATE.fullmatch(text):
        return date.fromisoformat(text)
    if (found := _TIME.fullmatch(text)) is None:
        raise ValueError(text)
    time, offset = found.groups(default="")
    return datetime.fromisoformat(time + offset.replace(" ", "+"))


def _clamped(span: Span, zone: ZoneInfo, max_days: int | None, *, strict: bool) -> Asked:
    if max_days is None or max_days >= LONGEST_DAYS:
        return Asked(span, clamped=False)
    latest = calendar.latest_end(span.start, max_days, zone)
    if span.end <= latest:
        return Asked(span, clamped=False)
    if strict:
        raise _too_long(max_days)
    return Asked(Span(span.start, latest), clamped=True, whole=span)


def _too_long(max_days: int | None) -> Problem:
    hint = "Ask for a shorter span, or leave out strict=1 to get the first part."
    return Problem("bad_span", f"the span is longer than {max_days} days", hint)

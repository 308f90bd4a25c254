"""The spans of a report: what of it is over, the one before, and its days and hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.plugin import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from zoneinfo import ZoneInfo

    from storj_monitor.plugin import Query

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
#: A longer span is shown by the day.
_MOST_HOURS = timedelta(hours=49)


class Bucket(NamedTuple):
    """An hour or a day: what it is called, and when it is (aware, UTC)."""

    label: datetime | date
    start: datetime
    end: datetime


def is_over(query: Query) -> bool:
    """Whether all of a span lies in the past, as far as anybody says what time it is."""
    return query.now is None or query.span.end <= query.now


def so_far(query: Query) -> Query:
    """Return the query for what of its span is over: of what is to come nothing is measured."""
    if query.now is None or is_over(query):
        return query
    return replace(query, span=Span(query.span.start, max(query.span.start, query.now)))


def compared(query: Query) -> Query | None:
    """Return the query for the span before; None while a span isn't over.

    A part isn't compared with a whole.
    """
    return before(query) if is_over(query) else None


def before(query: Query) -> Query:
    """Return the query for the span before: as many months, or else the same length of time.

    Lengths are those of the zone's clock: a day is a day when the clocks change.
    """
    zone = query.timezone
    start, end = (_wall(at, zone) for at in (query.span.start, query.span.end))
    if _begins_month(start) and _begins_month(end):
        index = 2 * _month_index(start) - _month_index(end)
        first = start.replace(year=index // 12, month=index % 12 + 1)
    else:
        first = start - (end - start)
    earlier = min(first.replace(tzinfo=zone).astimezone(UTC), query.span.start)
    return replace(query, span=Span(earlier, query.span.start))


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _begins_month(wall: datetime) -> bool:
    return wall == datetime(wall.year, wall.month, 1)  # noqa: DTZ001  the time of a clock


def _month_index(wall: datetime) -> int:
    return wall.year * 12 + wall.month - 1


def is_short(query: Query) -> bool:
    """Whether a span is shown by the hour: one of a day or two."""
    return query.span.end - query.span.start <= _MOST_HOURS


def buckets(query: Query) -> tuple[Bucket, ...]:
    """Return the span's hours if it is short, else its days, in order."""
    return tuple(_hours(query) if is_short(query) else days(query))


def days(query: Query) -> Iterator[Bucket]:
    """Yield the days of the query's zone that the span touches, cut at its ends."""
    start = query.span.start
    day = start.astimezone(query.timezone).date()
    while start < query.span.end:
        midnight = datetime(day.year, day.month, day.day, tzinfo=query.timezone) + _DAY
        end = min(midnight.astimezone(UTC), query.span.end)
        if end > start:
            yield Bucket(day, start, end)
        start = max(start, end)
        day += _DAY


def _hours(query: Query) -> Iterator[Bucket]:
    """Yield the full UTC hours that begin in the span."""
    start = query.span.start.replace(minute=0, second=0, microsecond=0)
    if start < query.span.start:
        start += _HOUR
    while start < query.span.end:
        yield Bucket(start, start, start + _HOUR)
        start += _HOUR


def has_odd_days(query: Query) -> bool:
    """Whether the zone's days don't begin at a full UTC hour, at one end of the span at least."""
    ends = (query.span.start, query.span.end)
    return any((at.astimezone(query.timezone).utcoffset() or _DAY) % _HOUR for at in ends)

"""The months of a report: those that its span names, as satellites count them, in UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor.plugin import Span
from storj_monitor.plugin.payouts import month_of, month_start, next_month

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.plugin import Query


def whole_months(query: Query) -> Query:
    """Return the query for the whole UTC months that a span means.

    A span of days in another zone means the months of its calendar, not those that it touches
    in UTC by some hours.
    """
    if is_whole(query.span):
        return query
    first, last = (
        f"{at.astimezone(query.timezone):%Y-%m}"
        for at in (query.span.start, query.span.end - timedelta(microseconds=1))
    )
    return replace(query, span=Span(month_start(first), month_start(next_month(max(first, last)))))


def is_whole(span: Span) -> bool:
    """Whether a span is made of whole months in UTC."""
    return span.start < span.end and all(_begins_month(at) for at in (span.start, span.end))


def _begins_month(at: datetime) -> bool:
    return at == month_start(month_of(at))


def months_before(query: Query, count: int) -> Query:
    """Return the query for so many months before the span's first; the span begins a month."""
    start = query.span.start
    for _ in range(count):
        start = month_start(month_of(start - timedelta(days=1)))
    return replace(query, span=Span(start, query.span.start))

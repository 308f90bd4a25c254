"""Which period an occurrence covers: the last whole day, week, month or year before it is due.

The period follows from the moment at which the occurrence is due, in the schedule's zone, and from
nothing else: a run that is late, or made again, or tried by hand covers the same.
"""

from __future__ import annotations

import difflib
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.reports import calendar

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from storj_monitor.plugin import Span

#: The periods that a schedule can cover, and the one that runs while it is due.
_RUNNING = MappingProxyType(
    {
        "yesterday": "today",
        "last-week": "this-week",
        "last-month": "this-month",
        "last-year": "this-year",
    }
)
PERIODS = tuple(_RUNNING)
#: How the first day of a period names it, so that `calendar.period` gives the same span.
_NAMES = MappingProxyType(
    {"yesterday": "%Y-%m-%d", "last-week": "%G-W%V", "last-month": "%Y-%m", "last-year": "%Y"}
)
_MICROSECOND = timedelta(microseconds=1)


def check_period(period: str) -> str:
    """Return a period that a schedule can cover; raise Problem bad_schedule for another."""
    if period in PERIODS:
        return period
    hint = f"Give {', '.join(PERIODS[:-1])} or {PERIODS[-1]}."
    for covered, running in _RUNNING.items():
        if period == running:
            detail = f"period={period!r} isn't over when the report is sent"
            raise Problem("bad_schedule", detail, f"Give {covered!r}.")
    near = difflib.get_close_matches(period, PERIODS, n=1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    raise Problem("bad_schedule", f"period={period!r} means nothing here", meant + hint)


def covered(period: str, zone: ZoneInfo, due: datetime) -> Span:
    """Return the span that an occurrence covers: the last that was over when it was due.

    A day that the zone left out (Apia, 30 December 2011) is nobody's yesterday: it is the day
    before that one.
    """
    running = calendar.period(_RUNNING[period], zone, due)
    return calendar.period(_RUNNING[period], zone, running.start - _MICROSECOND)


def changes_at(period: str, zone: ZoneInfo, due: datetime) -> datetime:
    """Return when (UTC) the period changes: up to then occurrences cover the same as at `due`."""
    return calendar.period(_RUNNING[period], zone, due).end


def name_of(period: str, zone: ZoneInfo, span: Span) -> str:
    """Return the name of a covered span, in the words of a request: 2026-10-31, 2026-W44, 2026-10.

    A request for that name in the same zone is about that very span, but for sources of whole
    months, which read it in UTC: October stays October.
    """
    return span.start.astimezone(zone).strftime(_NAMES[period])

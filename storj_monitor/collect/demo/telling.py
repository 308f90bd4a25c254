"""What the demo's nodes tell beside their transfers: that they run, their scores, their space."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from storj_monitor.collect.demo.streams import SATELLITES
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Compaction, FreeSpace, HeardHour, News, Scores
from storj_monitor.store.news import HOUR_US

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from storj_monitor.collect.demo.days import Row
    from storj_monitor.collect.demo.nodes import DemoNode
    from storj_monitor.plugin import Span

_SCORES_EVERY = timedelta(hours=4)
_SPACE_EVERY = timedelta(hours=1)
_COMPACTION_AT = time(3, 17)
_TB = 10**12
#: What a satellite has counted of a node before the demo, for a share of one in a hundred.
_AUDITS_BEFORE = 4_000
_AUDITS_A_DAY = 3
#: How long an outage stays in the online score, and what it costs for each hour.
_ONLINE_DAYS = 30
_COST_OF_AN_HOUR = 1 / 24 / _ONLINE_DAYS


def news_of(
    node: DemoNode, rows: Sequence[Row], days: Sequence[date], last_day: date, span: Span
) -> News:
    """Return all that a node tells on these days but its transfers, within the span.

    `rows` are its transfers, in order of time. What is told depends on the day alone.
    """
    silence = node.silence(last_day)

    def is_told(at: int) -> bool:
        is_silent = silence is not None and silence.start_us <= at < silence.end_us
        return span.start_us <= at < span.end_us and not is_silent

    return News(
        node=node.name,
        hours=list(_hours(rows, silence)),
        scores=[one for day in days for one in _scores(silence, day, last_day) if is_told(one.at)],
        free_space=[one for day in days for one in _space(node, day, last_day) if is_told(one.at)],
        compactions=[one for day in days for one in _compactions(node, day) if is_told(one.at)],
    )


def _hours(rows: Sequence[Row], silence: Span | None) -> Iterator[HeardHour]:
    """Yield the hours with transfers; the first after the silence begins with a start."""
    resumed = 0 if silence is None else silence.end_us
    for hour_at, of_hour in groupby(rows, lambda row: row[0] - row[0] % HOUR_US):
        first, *rest = of_hour
        is_start = hour_at <= resumed < hour_at + HOUR_US
        started_at = first[0] if is_start else None
        yield HeardHour(hour_at, first[0], (rest or [first])[-1][0], started_at)


def _scores(silence: Span | None, day: date, last_day: date) -> Iterator[Scores]:
    before_end = (last_day - day).days
    for at in _times(day, _SCORES_EVERY):
        online = online_score(silence, at)
        for satellite, share in SATELLITES.items():
            audits = int(share * (_AUDITS_BEFORE - _AUDITS_A_DAY * before_end))
            yield Scores(at, satellite, 1.0, 1.0, online, audits, audits)


def online_score(silence: Span | None, at: int) -> float:
    """Return the online score: an outage lowers it as long as it is remembered."""
    if silence is None or at < silence.end_us:
        return 1.0
    if at >= microseconds(silence.end + timedelta(days=_ONLINE_DAYS)):
        return 1.0
    return 1.0 - (silence.end_us - silence.start_us) / HOUR_US * _COST_OF_AN_HOUR


def _space(node: DemoNode, day: date, last_day: date) -> Iterator[FreeSpace]:
    for at in _times(day, _SPACE_EVERY):
        yield FreeSpace(at, free_bytes(node, at, last_day))


def free_bytes(node: DemoNode, at: int, last_day: date) -> int:
    """Return the free space, which shrinks by some gigabytes a day."""
    growth = node.daily * 4_000_000
    left = microseconds(datetime.combine(last_day, time(), UTC)) - at
    return int(1.6 * _TB + growth * left / (24 * HOUR_US))


def _compactions(node: DemoNode, day: date) -> Iterator[Compaction]:
    at = microseconds(datetime.combine(day, _COMPACTION_AT, UTC))
    for number, satellite in enumerate(SATELLITES):
        store = f"s{(day.toordinal() + number) % 2}"
        took = int(node.slowness * (90_000 - 20_000 * number))
        reclaimed = node.daily * (400_000 - 90_000 * number)
        yield Compaction(
            *(at + number * 60_000_000, satellite, store, took, reclaimed, reclaimed // 5),
            *(0.42 - number / 20, 0.03, None),
        )


def _times(day: date, every: timedelta) -> Iterator[int]:
    moment = datetime.combine(day, time(0, 21), UTC)
    while moment.date() == day:
        yield microseconds(moment)
        moment += every

"""What the APIs of the demo's nodes answer: that they do, their space, and their scores."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from storj_monitor.collect.demo.streams import SATELLITES
from storj_monitor.collect.demo.telling import free_bytes, online_score
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import News, Poll, Scores, UsedSpace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from storj_monitor.collect.demo.nodes import DemoNode
    from storj_monitor.plugin import Span

VERSION, ALLOWED_VERSION = "1.162.4", "1.154.1"
_EVERY = timedelta(hours=1)
_SCORES_EVERY_HOURS = 6
#: The trash is a part of what is used, and so is what a compaction would give back.
_TRASH_SHARE, _RECLAIMABLE_SHARE = 0.012, 0.03
_VETTED_AFTER = timedelta(days=38)


def answers_of(node: DemoNode, days: Sequence[date], last_day: date, span: Span) -> Iterator[News]:
    """Yield what the API said whenever it was asked on these days, within the span."""
    silence = node.silence(last_day)
    for at in _times(days, span):
        if silence is not None and silence.start_us <= at < silence.end_us:
            reason = f"there is no connection to {node.api} within 5 s"
            poll = Poll(at, f"http://{node.api}", is_answered=False, reason=reason)
            yield News(node=node.name, poll=poll)
        else:
            yield _answer(node, at, last_day, span)


def stored_bytes(node: DemoNode, at: int, last_day: date) -> int:
    """Return what satellites pay for: all that is used but the trash and what is reclaimable."""
    used = node.allocated - free_bytes(node, at, last_day)
    return used - int(used * _TRASH_SHARE) - int(used * _RECLAIMABLE_SHARE)


def _times(days: Sequence[date], span: Span) -> Iterator[int]:
    """Yield a time in each hour, and the last minute of the span."""
    for day in days:
        moment = datetime.combine(day, time(0, 4), UTC)
        while moment.date() == day:
            if span.start <= moment < span.end:
                yield microseconds(moment)
            moment += _EVERY
    last = span.end - timedelta(minutes=1)
    if last.date() in days:
        yield microseconds(last)


def _answer(node: DemoNode, at: int, last_day: date, span: Span) -> News:
    free = free_bytes(node, at, last_day)
    used = node.allocated - free
    sizes = (int(used * _TRASH_SHARE), int(used * _RECLAIMABLE_SHARE))
    is_time = at // 3_600_000_000 % _SCORES_EVERY_HOURS == 0
    return News(
        node=node.name,
        poll=Poll(
            *(at, f"http://{node.api}"),
            is_answered=True,
            version=VERSION,
            allowed_version=ALLOWED_VERSION,
            is_allowed=True,
        ),
        used_space=[UsedSpace(at, node.allocated, used, free, *sizes, 0)],
        scores=list(_scores(node, at, last_day, span)) if is_time else [],
        satellite_urls={},
    )


def _scores(node: DemoNode, at: int, last_day: date, span: Span) -> Iterator[Scores]:
    """Yield scores; a satellite that the node joined of late hasn't vetted it yet."""
    online = online_score(node.silence(last_day), at)
    for satellite in SATELLITES:
        age = timedelta(days=30 * node.joined_months_ago[satellite])
        vetted_at = microseconds(span.end - age + _VETTED_AFTER)
        yield Scores(
            *(at, satellite, 1.0, 1.0, online, None, None),
            vetted_at=vetted_at if vetted_at <= at else None,
            origin="api",
        )

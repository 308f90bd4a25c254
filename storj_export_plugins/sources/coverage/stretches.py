"""From when to when something was so: what the rows of coverage are made of."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storj_monitor.plugin import Query, Reader

HOUR_US = 3_600_000_000
#: How the reason of a stretch begins that is ok, but for something.
IN_PART = "in part"


class Stretch(NamedTuple):
    """From when to when something was so: ok without a reason or in part, else a gap."""

    start_at: int
    end_at: int
    reason: str | None


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Make one of neighbours that are alike."""
    for reason, alike in groupby(stretches, key=attrgetter("reason")):
        first, *rest = alike
        yield Stretch(first.start_at, (rest or [first])[-1].end_at, reason)


def clipped(stretches: Iterable[Stretch], query: Query) -> Iterator[Stretch]:
    """Leave away what is outside the span."""
    for stretch in stretches:
        start_at = max(stretch.start_at, query.span.start_us)
        end_at = min(stretch.end_at, query.span.end_us)
        if start_at < end_at:
            yield Stretch(start_at, end_at, stretch.reason)


def known_until(reader: Reader) -> int:
    """Return the end of the last hour that is over, as far as the database knows."""
    from sqlalchemy import func, select

    from storj_monitor.schema import followed_logs, nodes, polled_apis

    latest = [
        reader.fetch(select(func.max(column).label("latest")))["latest"][0].as_py()
        for column in (nodes.c.last_heard_at, followed_logs.c.checked_at, polled_apis.c.checked_at)
    ]
    return max((at for at in latest if at is not None), default=0) // HOUR_US * HOUR_US

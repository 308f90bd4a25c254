"""What a schedule will send next: pure, from its row and the periods it has dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin.query import moment
from storj_monitor.schedules.due import AHEAD
from storj_monitor.schedules.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from storj_monitor.schedules.schedule import Occurrence
    from storj_monitor.store import Made, ScheduleEntry


def coming(entry: ScheduleEntry, made: Iterable[Made], now: datetime) -> Iterator[Occurrence]:
    """Yield what a schedule will send by itself after `now`, each with the period it covers.

    Nothing while it is turned off. A period that was dealt with, by hand too, isn't sent again;
    one that only a clock ahead of now has dealt with is, where it wasn't sent then. Raises Problem
    if the row can't be understood any more, such as for a time zone that is gone.
    """
    if not entry.enabled:
        return
    known = {(one.start_at, one.end_at) for one in made if moment(one.due_at) <= now + AHEAD}
    for one in Schedule.of(entry).upcoming(max(now, moment(entry.since_at))):
        if (one.span.start_us, one.span.end_us) not in known:
            yield one

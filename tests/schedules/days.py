"""What is expected of schedules, worked out from dates and a zone's offsets alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import time
    from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
#: Names what a day belongs to: itself, its week, its month.
UNITS: dict[str, Callable[[date], tuple[int, ...]]] = {
    "yesterday": lambda day: (day.toordinal(),),
    "last-week": lambda day: day.isocalendar()[:2],
    "last-month": lambda day: (day.year, day.month),
}


class Expected(NamedTuple):
    """When something is due (UTC), and the first and last day that it covers."""

    due: datetime
    first: date
    last: date


@dataclass(frozen=True)
class Years:
    """The days of some years in a zone."""

    zone: ZoneInfo
    first: int
    after: int

    @cached_property
    def days(self) -> list[date]:
        """The days that there were, a month more at each end: some zones leave one out."""
        moment = datetime(self.first - 1, 12, 1, tzinfo=UTC)
        end = datetime(self.after, 2, 1, tzinfo=UTC)
        found: dict[date, None] = {}
        while moment < end:
            found[moment.astimezone(self.zone).date()] = None
            moment += timedelta(hours=6)
        return list(found)

    def moment(self, day: date, at: time) -> datetime:
        """Return when the clock shows a time for the first time, or is first past it (UTC)."""
        wanted = datetime.combine(day, at)
        offsets = [
            (wanted + shift).replace(tzinfo=UTC).astimezone(self.zone).utcoffset() or timedelta()
            for shift in (-2 * DAY, 2 * DAY)
        ]
        shown = [(wanted - offset).replace(tzinfo=UTC) for offset in offsets]
        right = [one for one in shown if one.astimezone(self.zone).replace(tzinfo=None) == wanted]
        return min(right) if right else self._jump(min(shown), max(shown))

    def _jump(self, before: datetime, after: datetime) -> datetime:
        """Return the minute in which the offset changes."""
        old = before.astimezone(self.zone).utcoffset()
        while after - before > timedelta(minutes=1):
            middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
            if middle.astimezone(self.zone).utcoffset() == old:
                before = middle
            else:
                after = middle
        return after

    def expected(
        self, is_meant: Callable[[date], bool], at: time, period: str
    ) -> Iterator[Expected]:
        """Yield what is to come: on the days that are meant, the first of each period."""
        unit, seen = UNITS[period], None
        place = {day: index for index, day in enumerate(self.days)}
        day = date(self.first, 1, 1)
        while day < date(self.after, 1, 1):
            if is_meant(day):
                due = self.moment(day, at)
                index = place[due.astimezone(self.zone).date()]
                while unit(self.days[index]) == unit(due.astimezone(self.zone).date()):
                    index -= 1
                last = self.days[index]
                while unit(self.days[index - 1]) == unit(last):
                    index -= 1
                if last != seen:
                    yield Expected(due, self.days[index], last)
                seen = last
            day += DAY

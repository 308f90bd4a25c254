"""What of a schedule is to be done now: pure, from its row, what was made of it, and the time.

    plan = plan_of(entry, store.made(entry.id), now, settings.scheduling)
    with store.writer() as writer:
        if plan.is_ahead:
            writer.deliveries.set_aside(entry.id, plan.aside_after_us, plan.aside_edition)
        if plan.followed_us is not None:
            writer.deliveries.follow(entry, plan.deliveries(entry), plan.followed_us)

A period is delivered once, whatever the clock does: what counts is which periods were made, never
how long ago something ran. What lies more than a day ahead of now was made while a clock was wrong,
that one or this one, and is set aside. When the period comes, what wasn't sent is delivered;
what was becomes `maybe_sent`, for nobody can know whether that was too early, and a person decides.
(Within a day nobody can tell.) A clock that falls back for a while repeats nothing: `followed_at`
stays where it was, and before the schedule's own beginning nothing is done at all.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from storj_monitor.plugin.query import microseconds, moment
from storj_monitor.schedules.schedule import Schedule
from storj_monitor.store import Delivery
from storj_monitor.store.claims import AHEAD_US, LATE_US
from storj_monitor.store.deliveries import ASIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storj_monitor.schedules.schedule import Occurrence
    from storj_monitor.settings import SchedulingSettings
    from storj_monitor.store import Made, ScheduleEntry

#: What is made so long after it was due says so.
LATE = timedelta(microseconds=LATE_US)
#: A clock may be wrong by so much before it is noticed.
AHEAD = timedelta(microseconds=AHEAD_US)
#: How many of the missed are noted at most, the newest of them.
NOTED = 31
MISSED = "missed: nothing ran when it was due, and scheduling.catch_up leaves it out"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done of a schedule at `now`; each part oldest first."""

    now: datetime
    #: To be delivered.
    wanted: tuple[Occurrence, ...] = ()
    #: Never delivered by itself, as `catch_up` says: noted as skipped, so that it is seen.
    missed: tuple[Occurrence, ...] = ()
    #: The newest occurrence that this deals with; None if nothing became due.
    followed: datetime | None = None
    #: Whether something was made that lies so far ahead that a clock was wrong.
    is_ahead: bool = False

    @property
    def followed_us(self) -> int | None:
        """`followed` as the database has it."""
        return None if self.followed is None else microseconds(self.followed)

    @property
    def aside_after_us(self) -> int:
        """What is due later than this is set aside, if `is_ahead`."""
        return microseconds(self.now + AHEAD)

    @property
    def aside_edition(self) -> str:
        """The edition of what is set aside now."""
        return f"{ASIDE}{microseconds(self.now):x}"

    def deliveries(self, entry: ScheduleEntry) -> list[Delivery]:
        """Return a row for each period and recipient."""
        made = [self._delivery(entry, one, to) for one in self.wanted for to in entry.recipients]
        missed = [self._delivery(entry, one, to) for one in self.missed for to in entry.recipients]
        return [*(one._replace(state="skipped", error=MISSED) for one in missed), *made]

    def _delivery(self, entry: ScheduleEntry, occurrence: Occurrence, recipient: str) -> Delivery:
        return delivery_of(entry, occurrence, recipient, late=self.now - occurrence.due > LATE)


def plan_of(
    entry: ScheduleEntry, made: Sequence[Made], now: datetime, settings: SchedulingSettings
) -> Plan:
    """Return what is to be done of a schedule now.

    `made` are the periods that it dealt with, in whatever state they are. Raises Problem if the
    row can't be understood any more, such as for a time zone that is gone.
    """
    if not entry.enabled or microseconds(now) < entry.since_at:
        return Plan(now=now)
    schedule = Schedule.of(entry)
    ahead_us = microseconds(now + AHEAD)
    became_due = takewhile(
        lambda one: one.due <= now, schedule.upcoming(_followed(schedule, entry, made, now))
    )
    newest = deque(became_due, maxlen=settings.catch_up_most + NOTED)
    known = {(one.start_at, one.end_at) for one in made}
    count = _caught_up(newest, now, settings)
    return Plan(
        now=now,
        wanted=_unknown(list(newest)[len(newest) - count :], known),
        missed=_unknown(list(newest)[: len(newest) - count][-NOTED:], known),
        followed=newest[-1].due if newest else None,
        is_ahead=any(one.due_at > ahead_us for one in made),
    )


def delivery_of(
    entry: ScheduleEntry,
    occurrence: Occurrence,
    recipient: str,
    *,
    edition: str = "",
    late: bool = False,
) -> Delivery:
    """Return the row that stands for an occurrence to a recipient, not stored yet.

    With an `edition` of its own it is one that a person asked for: `again-1`, or `test-HEX`.
    """
    return Delivery(
        schedule_id=entry.id,
        start_at=occurrence.span.start_us,
        end_at=occurrence.span.end_us,
        recipient=recipient,
        edition=edition,
        due_at=microseconds(occurrence.due),
        name=entry.name,
        channel=entry.channel,
        late=late,
    )


def _followed(
    schedule: Schedule, entry: ScheduleEntry, made: Sequence[Made], now: datetime
) -> datetime:
    """Return the moment up to which the schedule was dealt with.

    What it was followed to by a clock ahead of now is not believed: then what was made counts. The
    whole period that the last occurrence covered is dealt with, be there more occurrences of it.
    """
    now_us, followed_us = microseconds(now), entry.followed_at
    if followed_us is not None and followed_us > now_us:
        followed_us = max((one.due_at for one in made if one.due_at <= now_us), default=None)
    since = moment(entry.since_at)
    if followed_us is None:
        return since
    return max(since, schedule.changes_after(moment(followed_us)))


def _caught_up(newest: Sequence[Occurrence], now: datetime, settings: SchedulingSettings) -> int:
    """Return how many of the newest occurrences are to be delivered."""
    if settings.catch_up == "none":
        return sum(now - one.due <= LATE for one in newest)
    return min(len(newest), settings.catch_up_most if settings.catch_up == "all" else 1)


def _unknown(
    occurrences: Iterable[Occurrence], known: set[tuple[int, int]]
) -> tuple[Occurrence, ...]:
    return tuple(one for one in occurrences if (one.span.start_us, one.span.end_us) not in known)

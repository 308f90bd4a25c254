"""What comes next is what will really be sent."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import Problem
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.coming import coming
from storj_monitor.schedules.schedule import Schedule
from storj_monitor.store import Made
from tests.schedules.samples import NOW, entry_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storj_monitor.store import ScheduleEntry


def days(entry: ScheduleEntry, made: Sequence[Made] = ()) -> list[tuple[str, str]]:
    """Return when the next three are due, and the first day that each covers."""
    found = islice(coming(entry, made, NOW), 3)
    return [(f"{one.due:%m-%d %H:%M}", f"{one.span.start:%m-%d}") for one in found]


def made_of(entry: ScheduleEntry, due: datetime) -> Made:
    span = Schedule.of(entry).covered(due)
    return Made(span.start_us, span.end_us, microseconds(due))


def test_each_coming_run_is_told_with_the_period_that_it_covers() -> None:
    assert days(entry_of()) == [
        ("11-30 06:00", "11-23"),
        ("12-07 06:00", "11-30"),
        ("12-14 06:00", "12-07"),
    ]
    assert days(entry_of(when="monthly last 06:00"))[:2] == [
        ("11-30 06:00", "10-01"),
        ("12-31 06:00", "11-01"),
    ]


def test_nothing_comes_of_what_is_turned_off() -> None:
    assert days(entry_of(enabled=False)) == []


def test_a_period_that_was_sent_by_hand_does_not_come_again() -> None:
    evenings = entry_of(when="daily 20:00")
    assert days(evenings)[0] == ("11-23 20:00", "11-22")
    assert days(evenings, [made_of(evenings, NOW)])[0] == ("11-24 20:00", "11-23")


def test_what_a_clock_ahead_has_dealt_with_comes_when_it_is_time() -> None:
    evenings = entry_of(when="daily 20:00")
    wrong = made_of(evenings, NOW + timedelta(days=2))
    assert [due for due, _ in days(evenings, [wrong])] == [
        "11-23 20:00",
        "11-24 20:00",
        "11-25 20:00",
    ]


def test_of_two_runs_that_cover_the_same_the_first_alone_comes() -> None:
    twice = entry_of(when="weekly tue,thu 06:00")
    assert days(twice)[:2] == [("11-24 06:00", "11-16"), ("12-01 06:00", "11-23")]


def test_before_a_schedule_begins_what_comes_counts_from_there() -> None:
    later = entry_of()._replace(since_at=microseconds(NOW + timedelta(days=8)))
    assert days(later)[0] == ("12-07 06:00", "11-30")


def test_a_row_that_cannot_be_understood_is_a_problem() -> None:
    with pytest.raises(Problem, match="no time zone 'Mars/Base'"):
        days(entry_of()._replace(timezone="Mars/Base"))

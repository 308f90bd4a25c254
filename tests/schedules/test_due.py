"""What is to be done of a schedule follows from what was made, whatever the clock did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.plugin.query import microseconds, moment
from storj_monitor.schedules.due import MISSED, NOTED, Plan, delivery_of, plan_of
from storj_monitor.schedules.schedule import Occurrence, Schedule
from storj_monitor.settings import SchedulingSettings
from storj_monitor.store import Made
from tests.schedules.samples import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.store import ScheduleEntry, Store

NEWEST = SchedulingSettings()
NONE = SchedulingSettings(catch_up="none")
ALL = SchedulingSettings(catch_up="all", catch_up_most=3)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def entry(since: str = "2026-11-01T00:00", followed: str | None = None, **changes: Any) -> Any:
    asked = {"when": "daily 06:00"} | changes
    followed_at = None if followed is None else microseconds(at(followed))
    return entry_of(**asked)._replace(
        id=7, since_at=microseconds(at(since)), followed_at=followed_at
    )


def days(occurrences: Iterable[Occurrence]) -> list[str]:
    """Return the days that are covered."""
    return [one.span.start.date().isoformat() for one in occurrences]


def made(schedule: ScheduleEntry, *dues: str) -> list[Made]:
    """Return what was made when these were due."""
    spans = [(Schedule.of(schedule).covered(at(due)), due) for due in dues]
    return [Made(span.start_us, span.end_us, microseconds(at(due))) for span, due in spans]


def test_what_became_due_since_is_wanted_with_its_period() -> None:
    daily = entry("2026-11-22T12:00")
    assert plan_of(daily, [], at("2026-11-23T05:59:59"), NEWEST) == Plan(
        now=at("2026-11-23T05:59:59")
    )
    plan = plan_of(daily, [], at("2026-11-23T06:00"), NEWEST)
    assert days(plan.wanted) == ["2026-11-22"]
    assert (plan.missed, plan.is_ahead, plan.followed) == ((), False, at("2026-11-23T06:00"))


def test_what_is_turned_off_is_never_due() -> None:
    plan = plan_of(entry(enabled=False), [], at("2026-11-23T06:00"), NEWEST)
    assert (plan.wanted, plan.followed, plan.followed_us) == ((), None, None)


def test_what_was_due_before_it_was_made_or_turned_on_is_never_made_up_for() -> None:
    plan = plan_of(entry("2026-11-23T06:00"), [], at("2026-11-23T07:00"), ALL)
    assert (plan.wanted, plan.missed, plan.followed) == ((), (), None)


@pytest.mark.parametrize(
    ("settings", "wanted", "missed"),
    [
        (NEWEST, [22], [16, 17, 18, 19, 20, 21]),
        (ALL, [20, 21, 22], [16, 17, 18, 19]),
        (NONE, [], [16, 17, 18, 19, 20, 21, 22]),
    ],
)
def test_what_was_missed_in_a_week_is_made_up_for_as_the_setting_says(
    settings: SchedulingSettings, wanted: list[int], missed: list[int]
) -> None:
    daily = entry(followed="2026-11-16T06:00")
    plan = plan_of(daily, [], at("2026-11-23T10:00"), settings)
    assert days(plan.wanted) == [f"2026-11-{day}" for day in wanted]
    assert days(plan.missed) == [f"2026-11-{day}" for day in missed]
    assert plan.followed == at("2026-11-23T06:00")
    rows = plan.deliveries(daily)
    assert len(rows) == 14
    skipped = [row for row in rows if row.state == "skipped"]
    assert {row.error for row in skipped} == ({MISSED} if missed else set())
    assert len(skipped) == 2 * len(missed)
    assert all(row.late for row in rows)


def test_of_years_that_were_missed_the_newest_are_noted() -> None:
    plan = plan_of(entry("2016-11-01T00:00"), [], at("2026-11-23T10:00"), NEWEST)
    assert days(plan.wanted) == ["2026-11-22"]
    assert (len(plan.missed), plan.missed[-1].due) == (NOTED, at("2026-11-22T06:00"))


@pytest.mark.parametrize(
    ("now", "late"), [("2026-11-23T06:15", False), ("2026-11-23T06:15:00.000001", True)]
)
def test_what_is_made_more_than_a_quarter_of_an_hour_after_it_was_due_is_late(
    now: str, late: bool
) -> None:
    daily = entry("2026-11-22T12:00")
    [first, second] = plan_of(daily, [], at(now), NEWEST).deliveries(daily)
    assert (first.late, second.late) == (late, late)
    assert len(plan_of(daily, [], at(now), NONE).wanted) == (not late)


def test_a_delivery_has_the_period_the_recipient_and_the_name_of_then() -> None:
    daily = entry("2026-11-22T12:00", timezone="Europe/Berlin")
    [row, other] = plan_of(daily, [], at("2026-11-23T05:00"), NEWEST).deliveries(daily)
    assert moment(row.start_at) == at("2026-11-21T23:00")
    assert moment(row.end_at) == at("2026-11-22T23:00")
    assert moment(row.due_at) == at("2026-11-23T05:00")
    assert (row.schedule_id, row.recipient, row.edition) == (7, "ann@example.org", "")
    assert (row.name, row.channel, row.state, row.late) == ("Mondays", "post", "due", False)
    assert other == row._replace(recipient="bob@example.org")


def test_what_is_made_by_hand_covers_what_the_timer_would() -> None:
    # F24: at 00:05 UTC on the first, in Los Angeles October still runs.
    monthly = entry(when="monthly 1 00:05", timezone="America/Los_Angeles")
    schedule = Schedule.of(monthly)
    by_hand = Occurrence(at("2026-11-01T00:05"), schedule.covered(at("2026-11-01T00:05")))
    assert schedule.period_name(by_hand.span) == "2026-09"
    [timed, _] = plan_of(monthly, [], at("2026-11-01T07:05"), NEWEST).deliveries(monthly)
    later = at("2026-11-20T17:00")
    again = delivery_of(
        monthly, Occurrence(later, schedule.covered(later)), "ann@example.org", edition="again-1"
    )
    assert (again.start_at, again.end_at) == (timed.start_at, timed.end_at)
    assert schedule.period_name(schedule.covered(moment(timed.due_at))) == "2026-10"


def test_a_late_run_covers_what_it_would_have_covered_in_time() -> None:
    monthly = entry("2026-10-15T00:00", when="monthly 1 06:00")
    plan = plan_of(monthly, [], at("2026-11-30T23:59"), NEWEST)
    assert [Schedule.of(monthly).period_name(one.span) for one in plan.wanted] == ["2026-10"]


def test_a_period_that_was_made_is_not_made_again_by_a_later_occurrence() -> None:
    hourly = entry("2026-11-01T00:00", when="cron 0 * * * *", period="last-week")
    first = plan_of(hourly, [], at("2026-11-09T00:00"), NEWEST)
    assert [one.due for one in first.wanted] == [at("2026-11-09T00:00")]
    followed = hourly._replace(followed_at=first.followed_us)
    for now in ("2026-11-09T00:00", "2026-11-09T01:00", "2026-11-15T23:59"):
        assert plan_of(followed, [], at(now), ALL).followed is None
    assert days(plan_of(followed, [], at("2026-11-16T00:00"), ALL).wanted) == ["2026-11-09"]
    # Its rule became another in between: that is known by the period.
    changed = entry("2026-11-10T00:00", when="cron 30 * * * *", period="last-week")
    plan = plan_of(changed, made(changed, "2026-11-09T00:00"), at("2026-11-10T12:00"), ALL)
    assert (plan.wanted, plan.missed, plan.followed) == ((), (), at("2026-11-10T00:30"))


def test_the_newest_period_that_was_made_already_brings_no_older_one() -> None:
    daily = entry(followed="2026-11-20T06:00")
    plan = plan_of(daily, made(daily, "2026-11-23T06:00"), at("2026-11-23T10:00"), NEWEST)
    assert (plan.wanted, days(plan.missed)) == ((), ["2026-11-20", "2026-11-21"])


def test_a_clock_that_falls_back_repeats_nothing_then_or_later() -> None:
    dues = [f"2026-11-{day:02}T06:00" for day in range(2, 24)]
    daily = entry(followed=dues[-1])
    known = made(daily, *dues)
    for now in ("1970-01-01T00:00", "2026-11-22T18:00", "2026-11-13T12:00", "2026-11-23T05:00"):
        plan = plan_of(daily, known, at(now), ALL)
        assert (plan.wanted, plan.missed) == ((), ()), now
        if plan.is_ahead:  # then what it sets aside is missing when the clock is right again
            left = [one for one in known if one.due_at <= plan.aside_after_us]
            assert plan_of(daily, left, at("2026-11-23T12:00"), ALL).followed is None


def test_what_a_clock_that_was_ahead_made_is_delivered_when_its_time_really_comes() -> None:
    monthly = entry("2026-09-15T00:00", "2027-11-01T06:00", when="monthly 1 06:00")
    known = made(monthly, "2026-10-01T06:00", "2027-11-01T06:00")
    righted = plan_of(monthly, known, at("2026-10-20T00:00"), NEWEST)
    assert righted.is_ahead
    assert righted.aside_after_us == microseconds(at("2026-10-21T00:00"))
    assert righted.aside_edition == f"clock-{microseconds(at('2026-10-20T00:00')):x}"
    plan = plan_of(monthly, known, at("2026-11-01T06:00"), NEWEST)
    assert days(plan.wanted) == ["2026-10-01"]
    # The year after, what was set aside is no longer among what was made.
    later = monthly._replace(followed_at=microseconds(at("2027-10-01T06:00")))
    assert days(plan_of(later, known[:1], at("2027-11-01T06:00"), NEWEST).wanted) == ["2027-10-01"]


def test_within_a_day_a_clock_that_was_ahead_is_not_told_from_one_that_is_behind() -> None:
    daily = entry(followed="2026-11-24T06:00")
    known = made(daily, "2026-11-22T06:00", "2026-11-24T06:00")
    assert not plan_of(daily, known, at("2026-11-23T06:00"), NEWEST).is_ahead
    # What was not made in between is; what was made stays made.
    assert days(plan_of(daily, known, at("2026-11-23T06:00"), NEWEST).wanted) == ["2026-11-22"]
    assert plan_of(daily, known, at("2026-11-24T06:00"), NEWEST).wanted == ()


STEPS = st.lists(st.integers(1, 4 * 24 * 60), min_size=1, max_size=40)


@given(STEPS, st.sampled_from([NEWEST, ALL]), st.sampled_from(["Europe/Berlin", "Pacific/Apia"]))
def test_however_seldom_one_looks_no_period_is_made_twice_or_left_out_unseen(
    steps: list[int], settings: SchedulingSettings, zone: str
) -> None:
    schedule = entry("2011-12-20T00:00", timezone=zone)
    now = at("2011-12-20T00:00")
    known: list[Made] = []
    seen: list[tuple[int, int, int]] = []
    for minutes in steps:
        now += timedelta(minutes=minutes)
        plan = plan_of(schedule, known, now, settings)
        rows = plan.deliveries(schedule)
        fresh = sorted({(one.start_at, one.end_at, one.due_at) for one in rows})
        seen += fresh
        known += [Made(*one) for one in fresh]
        schedule = schedule._replace(followed_at=plan.followed_us or schedule.followed_at)
    assert len(seen) == len({one[:2] for one in seen})
    assert all(one[1] == following[0] for one, following in pairwise(seen))


def carried_out(store: Store, now: str, settings: SchedulingSettings = NEWEST) -> int:
    """Do what the docstring of the module says, for the one schedule; return what was new."""
    [schedule] = store.schedules()
    plan = plan_of(schedule, store.made(schedule.id), at(now), settings)
    with store.writer() as writer:
        if plan.is_ahead:
            writer.deliveries.set_aside(schedule.id, plan.aside_after_us, plan.aside_edition)
        if plan.followed_us is None:
            return 0
        new = writer.deliveries.follow(schedule, plan.deliveries(schedule), plan.followed_us)
    return len(new or ())


def send_all(store: Store, now: str) -> list[datetime]:
    """Send all that can be claimed; return the beginnings of the periods."""
    sent = []
    now_us = microseconds(at(now))
    with store.writer() as writer:
        while delivery := writer.deliveries.claim("o", now_us, 300_000_000):
            assert writer.deliveries.note_sent(delivery.id, "o", now_us)
            sent.append(moment(delivery.start_at))
    return sent


def test_a_clock_that_jumps_ahead_and_back_costs_no_month_and_repeats_none(store: Store) -> None:
    monthly = entry_of(when="monthly 1 06:00", recipients=["ann@example.org"])
    with store.writer() as writer:
        writer.schedules.create(monthly, microseconds(at("2026-09-15T00:00")))
    assert carried_out(store, "2026-10-01T06:00") == 1
    send_all(store, "2026-10-01T06:00")
    assert carried_out(store, "2027-01-05T00:00") == 3  # ahead: January, and two that it skips
    send_all(store, "2027-01-05T00:00")
    months = ["2026-11-01T06:00", "2026-12-01T06:00", "2027-01-01T06:00", "2027-02-01T06:00"]
    for now, new in zip(("2026-10-02T00:00", *months), (0, 1, 1, 1, 1), strict=True):
        assert carried_out(store, now) == new, now
        send_all(store, now)
    for now in ("1970-01-01T00:00", "2026-12-15T00:00", "2027-02-01T06:05"):
        assert carried_out(store, now) == 0, now
    ends = sorted((moment(one.due_at).month, one.state) for one in store.deliveries())
    sent = [month for month, state in ends if state == "sent"]
    assert sent == [1, 2, 10, 11, 12]
    # January was sent by the clock that was ahead; December and November it had skipped.
    assert [month for month, state in ends if state == "maybe_sent"] == [1]


def test_what_a_clock_that_was_ahead_left_waiting_is_sent_when_its_time_comes(store: Store) -> None:
    daily = entry_of(when="daily 06:00", recipients=["ann@example.org"])
    with store.writer() as writer:
        writer.schedules.create(daily, microseconds(at("2026-11-22T12:00")))
    assert carried_out(store, "2026-11-30T06:00", ALL) == 8
    assert carried_out(store, "2026-11-22T13:00", ALL) == 0
    assert send_all(store, "2026-11-22T13:00") == []
    for day in range(24, 31):  # what was skipped of the 23rd was ahead by less than a day
        now = f"2026-11-{day}T06:00"
        carried_out(store, now, ALL)
        assert send_all(store, now) == [at(now) - timedelta(hours=30)], now

"""What became due is written down: of every schedule, and of the alerts that are sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor.errors import Problem
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.alerting import plan_notices
from storj_monitor.schedules.due import plan_of
from storj_monitor.schedules.shifts import tell_unknown
from storj_monitor.store.problems import fetch_problems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storj_monitor.schedules.work import Work
    from storj_monitor.store import ScheduleEntry

_KEPT = timedelta(days=400)


def plan(work: Work) -> None:
    """Add the rows of what is due now; it reads and writes the database, so call it in a thread.

    A schedule that can't be understood any more raises an alert, until it can be or is gone, and
    holds up no other.
    """
    now = work.now()
    problems: dict[str, str] = {}
    for entry in work.store.schedules():
        try:
            _plan(work, entry, now)
        except Problem as problem:
            problems[entry.name] = problem.detail
    _note(work, problems)
    plan_notices(work)


def forget_the_old(work: Work) -> int:
    """Remove the rows of deliveries that are settled and older than 400 days; say how many."""
    with work.store.writer() as writer:
        return writer.deliveries.forget(microseconds(work.now() - _KEPT))


def _plan(work: Work, entry: ScheduleEntry, now: datetime) -> None:
    due = plan_of(entry, work.store.made(entry.id), now, work.settings.scheduling)
    if not due.is_ahead and due.followed_us is None:
        return
    work.at_step("before planning")
    with work.store.writer() as writer:
        if due.is_ahead:
            writer.deliveries.set_aside(entry.id, due.aside_after_us, due.aside_edition)
            work.at_step("set aside")
        if due.followed_us is not None:
            new = writer.deliveries.follow(entry, due.deliveries(entry), due.followed_us) or ()
            for one in new:
                if one.state == "maybe_sent":
                    tell_unknown(work, writer, one)
    work.at_step("after planning")


def _note(work: Work, problems: Mapping[str, str]) -> None:
    """Write down what is wrong with which schedule, when that has changed."""
    with work.store.reader() as reader:
        if fetch_problems(reader) == problems:
            return
    with work.store.writer() as writer:
        new = writer.note_problems(problems, work.now_us)
    for name in new:
        log().error("schedule.failed", schedule=name, error=problems[name])

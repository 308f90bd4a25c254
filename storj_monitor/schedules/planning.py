"""What became due is written down: of every schedule, and of the alerts that are sent."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.logs import log
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.alerting import NAME, plan_notices
from storj_monitor.schedules.due import plan_of
from storj_monitor.schedules.shifts import note_unknown, tell_unknown
from storj_monitor.store.problems import fetch_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from storj_monitor.schedules.work import Work
    from storj_monitor.store import ScheduleEntry

_KEPT = timedelta(days=400)


def plan(work: Work) -> None:
    """Add the rows of what is due now; it reads and writes the database, so call it in a thread.

    A schedule that can't be understood any more raises an alert, until it can be or is gone, and
    holds up no other; so does what keeps alerts from being sent.
    """
    now = work.now()
    problems: dict[str, str] = {}
    for entry in work.store.schedules():
        with _noting(problems, entry.name):
            _plan(work, entry, now)
    with _noting(problems, NAME):
        plan_notices(work)
    _note(work, problems)


def forget_the_old(work: Work) -> int:
    """Remove the rows of deliveries that are settled and older than 400 days; say how many."""
    with work.store.writer() as writer:
        return writer.deliveries.forget(microseconds(work.now() - _KEPT))


@contextmanager
def _noting(problems: dict[str, str], name: str) -> Iterator[None]:
    """Go on after the block, whatever is wrong with it; only without a database nothing does."""
    try:
        yield
    except OperatorError:
        raise
    except Problem as problem:
        problems[name] = problem.detail
    except Exception as error:  # noqa: BLE001  a row may be of a newer version
        problems[name] = f"it can't be understood: {type(error).__name__}: {error}"


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
            with writer.together():
                new = writer.deliveries.follow(entry, due.deliveries(entry), due.followed_us) or ()
                unknown = [one for one in new if one.state == "maybe_sent"]
                note_unknown(work, writer, unknown)
            tell_unknown(work, unknown)
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

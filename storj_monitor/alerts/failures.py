"""Exports and deliveries that fail again and again, and schedules that can't be followed."""

from __future__ import annotations

import json
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storj_monitor.alerts.recipients import outcome_subject
from storj_monitor.alerts.situation import DAY_US, time_text
from storj_monitor.alerts.verdicts import Subject
from storj_monitor.schema import outcomes, schedules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.alerts.verdicts import Verdict

    Row = dict[str, Any]

#: Deliveries have a type for each schedule, such as `deliveries_failing:3`, as long as they fail.
TYPES = ("exports_failing", "schedules_failing")

_REASON_CHARACTERS = 200


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge how exports of the last day and all deliveries ended, and schedules; always known."""
    yield _exports(situation)
    yield _schedules(situation)
    yield from _deliveries(situation)


def _exports(situation: Situation) -> Verdict:
    """Judge exports: what nobody asked for in a day is forgotten."""
    subject = Subject("exports_failing", "Exports fail")
    rows = _failing(situation, "export", outcomes.c.at >= situation.now_us - DAY_US)
    if not rows:
        return subject.fine()
    names = ", ".join(row["subject"] for row in rows)
    last = max(rows, key=lambda row: row["at"])
    reason = shorten(last["error"] or "no reason known", _REASON_CHARACTERS).rstrip(".")
    return subject.found(
        "warning",
        f"Exports fail again and again: {names}. The last, {time_text(last['at'])}: {reason}. "
        "The log has the details.",
        max(row["failures"] for row in rows),
        situation.settings.failures,
    )


def _schedules(situation: Situation) -> Verdict:
    """Judge the schedules: a row is there as long as one can't be followed."""
    subject = Subject("schedules_failing", "Schedules can't be followed")
    broken = select(outcomes.c.subject).where(outcomes.c.kind == "schedule")
    rows = situation.rows(broken.order_by(outcomes.c.subject))
    if not rows:
        return subject.fine()
    names = ", ".join(row["subject"] for row in rows)
    words = f"Schedules can't be followed: {names}. `storj-monitor schedule list` says why."
    return subject.found("warning", words)


def _deliveries(situation: Situation) -> Iterator[Verdict]:
    """Judge the deliveries of each schedule that fail, however long ago: nothing mends by itself.

    It is over with the next that arrives, and when nothing is to be sent there any more.
    """
    of_subject = {row["subject"]: row for row in _failing(situation, "delivery")}
    for schedule_id, name, channel, recipients in _senders(situation):
        ours = {outcome_subject(schedule_id, channel, one) for one in recipients}
        rows = [of_subject[one] for one in ours & of_subject.keys()]
        if rows:
            # No recipient, and no words of a mail server, which repeat them: more people read this.
            words = (
                f"Deliveries of {name} fail, the last {time_text(max(row['at'] for row in rows))}. "
                "`storj-monitor schedule deliveries` says to whom, and why."
            )
            subject = Subject(f"deliveries_failing:{schedule_id}", f"Deliveries of {name} fail")
            failures = max(row["failures"] for row in rows)
            yield subject.found("warning", words, failures, situation.settings.failures)


def _senders(situation: Situation) -> Iterator[tuple[int, str, str, list[str]]]:
    """Give each schedule that is turned on, and the alerts: id, name, channel and recipients."""
    send = situation.settings.send
    if send.channel:
        yield 0, "alerts", send.channel, list(send.recipients)
    columns = [schedules.c[name] for name in ("id", "name", "channel", "recipients")]
    wanted = select(*columns).where(schedules.c.enabled == 1)
    for row in situation.rows(wanted):
        yield row["id"], row["name"], row["channel"], json.loads(row["recipients"])


def _failing(situation: Situation, kind: str, *conditions: ColumnElement[bool]) -> list[Row]:
    """Return the outcomes that failed too often in a row."""
    is_failing = (outcomes.c.kind == kind, outcomes.c.failures >= situation.settings.failures)
    wanted = select(*outcomes.c).where(*is_failing, *conditions)
    return situation.rows(wanted.order_by(outcomes.c.subject))

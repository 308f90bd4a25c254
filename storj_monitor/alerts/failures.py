"""Exports and deliveries that fail again and again, and schedules that can't be followed."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from sqlalchemy import select

from storj_monitor.alerts.situation import DAY_US, time_text
from storj_monitor.alerts.verdicts import Subject
from storj_monitor.schema import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.alerts.verdicts import Verdict

TYPES = ("exports_failing", "deliveries_failing", "schedules_failing")

_REASON_CHARACTERS = 200
_KINDS = {
    "export": ("exports_failing", "Exports"),
    "delivery": ("deliveries_failing", "Deliveries"),
}


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge how exports and deliveries of the last day ended, and schedules; always known."""
    yield _schedules(situation)
    limit = situation.settings.failures
    is_failing = (outcomes.c.failures >= limit, outcomes.c.at >= situation.now_us - DAY_US)
    chosen = select(*outcomes.c).where(*is_failing).order_by(outcomes.c.subject)
    failing = situation.rows(chosen)
    for kind, (type_, words) in _KINDS.items():
        subject = Subject(type_, f"{words} fail")
        ours = [row for row in failing if row["kind"] == kind]
        if not ours:
            yield subject.fine()
            continue
        names = ", ".join(dict.fromkeys(_name(row) for row in ours))
        last = max(ours, key=lambda row: row["at"])
        yield subject.found(
            "warning",
            f"{words} fail again and again: {names}. The last, {time_text(last['at'])}"
            f"{_reason(last)}",
            max(row["failures"] for row in ours),
            limit,
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


def _name(row: Mapping[str, Any]) -> str:
    """Return what failed; of a delivery, no recipient: alerts are read by more people."""
    subject = str(row["subject"])
    return subject.partition(" to ")[0] if row["kind"] == "delivery" else subject


def _reason(row: Mapping[str, Any]) -> str:
    if row["kind"] == "delivery":  # a mail server's words repeat the address
        return ". `storj-monitor schedule deliveries` says to whom, and why."
    reason = shorten(row["error"] or "no reason known", _REASON_CHARACTERS).rstrip(".")
    return f": {reason}. The log has the details."

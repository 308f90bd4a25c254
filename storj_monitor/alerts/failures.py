"""Exports and deliveries that fail again and again."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from sqlalchemy import select

from storj_monitor.alerts.situation import DAY_US, time_text
from storj_monitor.alerts.verdicts import Subject
from storj_monitor.schema import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.alerts.situation import Situation
    from storj_monitor.alerts.verdicts import Verdict

TYPES = ("exports_failing", "deliveries_failing")

_REASON_CHARACTERS = 200
_KINDS = {
    "export": ("exports_failing", "Exports"),
    "delivery": ("deliveries_failing", "Deliveries"),
}


def verdicts(situation: Situation) -> Iterator[Verdict]:
    """Judge how exports and deliveries of the last day ended; this is always known."""
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
        subjects = ", ".join(row["subject"] for row in ours)
        last = max(ours, key=lambda row: row["at"])
        yield subject.found(
            "warning",
            f"{words} fail again and again: {subjects}. The last, {time_text(last['at'])}: "
            f"{shorten(last['error'] or 'no reason known', _REASON_CHARACTERS).rstrip('.')}. The "
            "log has the details.",
            max(row["failures"] for row in ours),
            limit,
        )

"""Schedules and deliveries as they are told of, by HTTP and by the command line alike.

What of a recipient is a secret, such as a URL with a key in it, is in none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storj_monitor.errors import Problem
from storj_monitor.logs import log
from storj_monitor.plugin import machine_text
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storj_monitor.plugin import Span
    from storj_monitor.registry import Catalogue
    from storj_monitor.schedules.schedule import Occurrence
    from storj_monitor.store import Delivery, DeliveryState, ScheduleEntry

    Json = dict[str, Any]

_HIDDEN = "…"
#: What becomes of a delivery, and how many of a run fit into a list of them.
STATES: tuple[DeliveryState, ...] = (
    *("due", "claimed", "sent", "failed", "maybe_sent", "skipped"),
)
MOST_OF_A_RUN = 100


@dataclass(frozen=True, kw_only=True)
class Told:
    """A schedule with what is to come of it, and what came of it last."""

    entry: ScheduleEntry
    next: tuple[Occurrence, ...]
    #: Newest first.
    deliveries: tuple[Delivery, ...]
    #: Why it can't be made as it is, such as a node that is gone; None if all is well.
    problem: Problem | None

    @property
    def last(self) -> tuple[Delivery, ...]:
        """What the last run, or test, was to deliver: one for each recipient."""
        first = self.deliveries[0] if self.deliveries else None
        return tuple(one for one in self.deliveries if first and _run(one) == _run(first))

    def as_json(self, catalogue: Catalogue) -> Json:
        """Return it in the words in which it was asked for, with `id` and what else is known."""
        entry = self.entry
        shown = [recipient_shown(catalogue, entry.channel, to) for to in entry.recipients]
        return {
            "id": entry.id,
            "name": entry.name,
            entry.kind: entry.subject,
            "format": entry.format,
            "nodes": list(entry.nodes),
            "when": entry.rule,
            "timezone": entry.timezone,
            "period": entry.period,
            "channel": entry.channel,
            "recipients": shown,
            "skip_empty": entry.skip_empty,
            "enabled": entry.enabled,
            "parameters": {name: list(values) for name, values in entry.words.items()},
            "next": [{"at": machine_text(one.due), "span": _span(one.span)} for one in self.next],
            "deliveries": [delivery_json(one, catalogue) for one in self.deliveries],
            "problem": None if self.problem is None else _sentence(self.problem),
        }


def delivery_json(delivery: Delivery, catalogue: Catalogue) -> Json:
    """Return one delivery; times are ISO texts in UTC, and None where there is none."""
    return {
        "id": delivery.id,
        "schedule_id": delivery.schedule_id,
        "name": delivery.name,
        "channel": delivery.channel,
        "recipient": recipient_shown(catalogue, delivery.channel, delivery.recipient),
        "span": {
            "start": machine_text(moment(delivery.start_at)),
            "end": machine_text(moment(delivery.end_at)),
        },
        "edition": delivery.edition,
        "due_at": _time(delivery.due_at),
        "late": delivery.late,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": _time(delivery.next_attempt_at) if delivery.state == "due" else None,
        "sent_at": _time(delivery.sent_at),
        "error": delivery.error,
        "subject_line": delivery.subject_line,
        "file_name": delivery.file_name,
        "rows": delivery.rows,
        "bytes": delivery.bytes,
        "link_until": _time(delivery.link_until),
    }


def recipient_shown(catalogue: Catalogue, channel: str, recipient: str) -> str:
    """Return what of a recipient may be seen; nothing of it where its channel can't say."""
    offered = catalogue.channels.get(channel)
    if offered is None:
        return _HIDDEN
    if offered.shown is None:
        return recipient
    try:
        return str(offered.shown(recipient))
    except Exception as error:  # noqa: BLE001  a stranger's code: then nothing is shown
        log().warning("channel.shown_failed", channel=channel, error=type(error).__name__)
        return _HIDDEN


def with_secrets(
    given: Sequence[object], entry: ScheduleEntry, catalogue: Catalogue
) -> list[object]:
    """Return recipients with what is hidden of the stored ones put back where it was sent back.

    Raises Problem bad_schedule where several look alike and not all of them came back.
    """
    stored: dict[object, list[str]] = {}
    for recipient in entry.recipients:
        shown = recipient_shown(catalogue, entry.channel, recipient)
        if shown != recipient:
            stored.setdefault(shown, []).append(recipient)
    for hidden, meant in stored.items():
        if (count := list(given).count(hidden)) not in (0, len(meant)):
            detail = (
                f"{len(meant)} recipients are shown as {hidden!r}, and it is given {count} times"
            )
            raise Problem("bad_schedule", detail, "Write out in full who is to stay.")
    left = {shown: iter(meant) for shown, meant in stored.items()}
    return [next(left[one]) if isinstance(one, str) and one in left else one for one in given]


def counted(deliveries: Iterable[Delivery]) -> Mapping[str, int]:
    """Return how many there are in each state, in the order in which states are told."""
    states = [one.state for one in deliveries]
    return {state: states.count(state) for state in STATES if state in states}


def _run(delivery: Delivery) -> tuple[int, int, str]:
    return delivery.start_at, delivery.end_at, delivery.edition


def _span(span: Span) -> dict[str, str]:
    return {"start": machine_text(span.start), "end": machine_text(span.end)}


def _time(at_us: int | None) -> str | None:
    return None if at_us is None else machine_text(moment(at_us))


def _sentence(problem: Problem) -> str:
    return f"{problem.detail}. {problem.hint}".strip()

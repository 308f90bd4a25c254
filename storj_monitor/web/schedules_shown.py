"""A schedule and a delivery as the page shows them: every text is made here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from storj_monitor.plugin import Kind, display_text
from storj_monitor.plugin.query import moment
from storj_monitor.schedules.answers import counted, recipient_shown
from storj_monitor.schedules.wording import (
    edition_in_words,
    moment_in_words,
    period_in_words,
    rule_in_words,
    zone_or_utc,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from storj_monitor.registry import Catalogue
    from storj_monitor.schedules.answers import Told
    from storj_monitor.schedules.schedule import Occurrence
    from storj_monitor.store import Delivery, ScheduleEntry

    Json = dict[str, Any]

STATES = MappingProxyType(
    {
        "due": "waiting",
        "claimed": "being sent",
        "sent": "sent",
        "failed": "failed",
        "maybe_sent": "may have been sent",
        "skipped": "skipped",
    }
)
_DONE = MappingProxyType(
    {
        "added": "The schedule was added.",
        "changed": "The schedule was changed.",
        "removed": "The schedule was removed. What it delivered stays listed.",
        "enabled": "The schedule was turned on: what is due from now on is sent.",
        "disabled": "The schedule was turned off.",
        "run": "Sent now",
        "tested": "Sent as a test",
        "again": "Sent again",
        "begun": "It takes a while, and goes on; load the page again to see the end",
    }
)
#: What may be sent once more, by a person who says so.
_SETTLED = ("sent", "failed", "maybe_sent", "skipped")


def schedule_row(told: Told, catalogue: Catalogue) -> Json:
    """Return what the page shows of a schedule; times are by the clocks of its zone."""
    entry = told.entry
    zone = zone_or_utc(entry.timezone)
    return {
        "id": entry.id,
        "name": entry.name,
        "enabled": entry.enabled,
        "problem": told.problem,
        "title": _title(entry, catalogue),
        "format": entry.format,
        "nodes": entry.nodes,
        "skip_empty": entry.skip_empty,
        "when": rule_in_words(entry.rule),
        "timezone": entry.timezone,
        "channel": entry.channel,
        "recipients": [recipient_shown(catalogue, entry.channel, to) for to in entry.recipients],
        "next": [_coming(one, zone) for one in told.next],
        "last": _last(told, zone),
    }


def delivery_row(delivery: Delivery, zones: Mapping[int, str], catalogue: Catalogue) -> Json:
    """Return what the page shows of a delivery, by the clocks of its schedule's zone.

    `zones` has the zones of the schedules there are. What has none is told in UTC, and isn't sent
    once more, unless it is of an alert.
    """
    zone = zone_or_utc(zones.get(delivery.schedule_id, "UTC"))
    start, end = moment(delivery.start_at), moment(delivery.end_at)
    is_alert = not delivery.schedule_id
    later = moment_in_words(moment(delivery.next_attempt_at), zone)
    return {
        "id": delivery.id,
        "name": delivery.name,
        "recipient": recipient_shown(catalogue, delivery.channel, delivery.recipient),
        "due": _moment(delivery.due_at, zone),
        "zone": zone.key,
        "period": period_in_words(start, end, zone),
        "edition": edition_in_words(delivery.edition),
        "late": delivery.late,
        "state": delivery.state,
        "state_text": STATES[delivery.state],
        "attempts": delivery.attempts,
        "again_at": later if delivery.state == "due" and delivery.attempts else "",
        "error": delivery.error,
        "file": _file(delivery),
        "can_be_sent_again": delivery.state in _SETTLED
        and (is_alert or delivery.schedule_id in zones),
    }


def outcome(query: Mapping[str, str]) -> str:
    """Return the notice for what was just done, as the address of the page says it."""
    done = query.get("done", "")
    counted = {state: query.get(state, "") for state in STATES}
    said = [
        f"{count} {STATES[state]}"
        for state, count in counted.items()
        if count.isascii() and count.isdigit() and len(count) < 4  # noqa: PLR2004  a hundred at most
    ]
    text = _DONE.get(done, "")
    return f"{text}: {', '.join(said)}." if text and said else text


def _last(told: Told, zone: ZoneInfo) -> Json | None:
    """Return what became of the last run: how many are in each state."""
    if not told.last:
        return None
    one = told.last[0]
    many = len(told.last) > 1
    return {
        "states": [
            {"state": state, "text": f"{count} {STATES[state]}" if many else STATES[state]}
            for state, count in counted(told.last).items()
        ],
        "late": one.late,
        "period": period_in_words(moment(one.start_at), moment(one.end_at), zone),
        "edition": edition_in_words(one.edition),
    }


def _coming(one: Occurrence, zone: ZoneInfo) -> Json:
    return {
        "iso": one.due.isoformat(),
        "at": moment_in_words(one.due, zone),
        "period": period_in_words(one.span.start, one.span.end, zone),
    }


def _moment(at_us: int, zone: ZoneInfo) -> Json:
    return {"iso": moment(at_us).isoformat(), "text": moment_in_words(moment(at_us), zone)}


def _title(entry: ScheduleEntry, catalogue: Catalogue) -> str:
    """Return what it is called for people; its name where it isn't installed any more."""
    offered = catalogue.reports if entry.kind == "report" else catalogue.sources
    found = offered.get(entry.subject)
    return entry.subject if found is None else found.title


def _file(delivery: Delivery) -> str:
    if delivery.bytes is None:
        return ""
    size = display_text(delivery.bytes, Kind.BYTES)
    rows = "" if delivery.rows is None else f"{delivery.rows:,} rows, "
    return f"{rows}{size}{' by link' if delivery.link_until else ''}"

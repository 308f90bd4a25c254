"""The demo's alerts: one of each kind that was raised in the last weeks, and is over."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import alerts, nodes, satellites
from storj_monitor.store import AlertChanges, Finding

if TYPE_CHECKING:
    import pyarrow as pa

    from storj_monitor.store import Severity, Store, StoreReader, StoreWriter

_ATTIC, _GARAGE, _OFFICE = "attic-nas", "garage-rpi", "office-server"


class _Story(NamedTuple):
    """An alert, how long ago it was raised, and how long it lasted."""

    ago: timedelta
    lasted: timedelta
    node: str
    satellite: str
    type: str
    severity: Severity
    title: str
    message: str
    value: float | None = None
    threshold: float | None = None


def _days(days: float) -> timedelta:
    return timedelta(days=days)


def _hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


_STORIES = (
    _Story(
        *(_days(44), _hours(52), _GARAGE, "saltlake", "disqualified", "critical"),
        "Disqualified on saltlake",
        "saltlake disqualified garage-rpi, and took it back two days later.",
    ),
    _Story(
        *(_days(41), _hours(7), _GARAGE, "ap1", "suspended", "critical"),
        "Suspended on ap1",
        "ap1 suspended garage-rpi: it sends it no new data until audits succeed again. Look for "
        "errors of GET_AUDIT in its log.",
    ),
    _Story(
        *(_days(41), _hours(19), _GARAGE, "ap1", "suspension_score", "critical"),
        "Low suspension score on ap1",
        "ap1 gives garage-rpi a suspension score of 0.5880: audits met an unknown error.",
        *(0.588, 0.7),
    ),
    _Story(
        *(_days(36), _days(4), _GARAGE, "us1", "audit_score", "warning"),
        "Low audit score on us1",
        "us1 gives garage-rpi an audit score of 0.9931: below 0.96 it is disqualified for good. "
        "Check the disk and its file system now.",
        *(0.9931, 0.995),
    ),
    _Story(
        *(_days(33), _days(9), _ATTIC, "", "version_too_old", "critical"),
        "Version too old",
        "attic-nas runs storagenode 1.151.3, and satellites allow 1.154.1 and newer: update it.",
    ),
    _Story(
        *(_days(30), _hours(5), _GARAGE, "", "latency", "warning"),
        "Slow downloads",
        "99 % of the downloads from garage-rpi took up to 6.2 s: a slow disk loses races.",
        *(6200.0, 5000.0),
    ),
    _Story(
        *(_days(29), _hours(20), _GARAGE, "", "download_success", "warning"),
        "Few downloads succeed",
        "86 % of the downloads from garage-rpi succeeded in the last day.",
        *(0.86, 0.9),
    ),
    _Story(
        *(_days(29), _hours(18), _GARAGE, "", "upload_success", "warning"),
        "Few uploads succeed",
        "71 % of the uploads to garage-rpi succeeded in the last day.",
        *(0.71, 0.75),
    ),
    _Story(
        *(_days(26), _days(3), _OFFICE, "", "disk_forecast", "warning"),
        "Disk full soon",
        "The disk of office-server is full in 28 days if it goes on like in the last two weeks.",
        *(28.0, 30.0),
    ),
    _Story(
        *(_days(24), _days(1), _ATTIC, "", "disk_space", "critical"),
        "Disk nearly full",
        "attic-nas used 95.4 % of what it was given; then it was given more.",
        *(0.954, 0.95),
    ),
    _Story(
        *(_days(21), _days(6), _ATTIC, "eu1", "payout_differs", "info"),
        "Payout far from its estimate",
        "eu1 paid attic-nas 31 % less than it had expected.",
        *(0.31, 0.2),
    ),
    _Story(
        *(_days(20), _days(12), _OFFICE, "us1", "statement_changed", "info"),
        "A statement changed",
        "us1 changed a statement of office-server after it was final; both versions are kept.",
    ),
    _Story(
        *(_days(14) + _hours(4), _hours(30), _OFFICE, "", "node_silent", "critical"),
        "Node silent",
        "Nothing was heard of office-server for an hour. Check its power and its network.",
        *(240.0, 240.0),
    ),
    _Story(
        *(_days(14) + _hours(4.5), _hours(30.4), _OFFICE, "", "api_unreachable", "warning"),
        "API unreachable",
        "The API of office-server doesn't answer: check that it runs, and its network.",
    ),
    _Story(
        *(_days(12), _days(2), _OFFICE, "us1", "online_score", "warning"),
        "Low online score on us1",
        "us1 gives office-server an online score of 0.9470: it did not answer for parts of the "
        "last 30 days.",
        *(0.947, 0.95),
    ),
    _Story(
        *(_days(9), _hours(11), "", "", "exports_failing", "warning"),
        "Exports fail again and again",
        "events as xlsx failed 3 times in a row: there is no space left for the file.",
        *(3.0, 3.0),
    ),
    _Story(
        *(_days(7), _hours(26), "", "", "deliveries_failing:1", "warning"),
        "Deliveries of weekly fail",
        "Deliveries of weekly fail. `storj-monitor schedule deliveries` says to whom, and why.",
        *(4.0, 3.0),
    ),
    _Story(
        *(_days(5), _hours(3), "", "", "schedules_failing", "warning"),
        "Schedules can't be followed",
        "Schedules can't be followed: monthly. `storj-monitor schedule list` says why.",
    ),
)


def write_alerts(store: Store, writer: StoreWriter, now: datetime) -> None:
    """Raise and resolve alerts as if they had been, in order; `now` is aware."""
    midnight = datetime.combine(now, time(), now.tzinfo)
    turns = [(midnight - story.ago, story, True) for story in _STORIES]
    turns += [(midnight - story.ago + story.lasted, story, False) for story in _STORIES]
    with store.reader() as reader:
        for at, story, begins in sorted(turns, key=lambda turn: turn[0]):
            finding = _finding(reader, story)
            if begins:
                changes = AlertChanges(raised=[finding])
            else:
                changes = AlertChanges(over=_open(reader, finding))
            writer.update_alerts(changes, microseconds(at))


def _finding(reader: StoreReader, story: _Story) -> Finding:
    node = reader.fetch(select(nodes.c.id).where(nodes.c.name == story.node))
    satellite = reader.fetch(select(satellites.c.id).where(satellites.c.name == story.satellite))
    return Finding(_id(node), _id(satellite), *story[4:])


def _id(found: pa.Table) -> int:
    """Return the one id that was found, or 0 for none."""
    return sum(row["id"] for row in found.to_pylist())


def _open(reader: StoreReader, finding: Finding) -> list[int]:
    key = ("node_id", "satellite_id", "type")
    same = (alerts.c[name] == getattr(finding, name) for name in key)
    found = reader.fetch(select(alerts.c.id).where(alerts.c.resolved_at.is_(None), *same))
    return [row["id"] for row in found.to_pylist()]

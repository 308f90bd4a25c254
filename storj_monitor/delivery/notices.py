"""Alerts as messages: what is worth one, when it waits for others, and the words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select

from storj_monitor.delivery.markup import rendered
from storj_monitor.plugin import Parcel, Span
from storj_monitor.plugin.query import moment
from storj_monitor.schema import alerts, nodes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement

    from storj_monitor.store import Severity, StoreReader

RISING: tuple[Severity, ...] = ("info", "warning", "critical")
RESOLVED = "resolved"
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
#: What was resolved longer ago is no news, even if nobody was told.
NEWS = timedelta(days=7)


class AlertTold(NamedTuple):
    """An alert as it is told of; times are microseconds since 1970 UTC."""

    id: int
    at: int
    severity: Severity
    title: str
    message: str
    resolved_at: int | None
    node: str | None

    @property
    def name(self) -> str:
        """What it is about: `Disk space, attic`."""
        return f"{self.title}, {self.node}" if self.node else self.title


def fetch_alerts(reader: StoreReader, since_us: int, news_since_us: int) -> tuple[AlertTold, ...]:
    """Return alerts raised since then that are open, or were resolved of late; oldest first."""
    is_news = or_(alerts.c.resolved_at.is_(None), alerts.c.resolved_at >= news_since_us)
    ours = (alerts.c.at >= since_us, alerts.c.origin == "monitor", is_news)
    return _fetched(reader, *ours)


def fetch_alerts_by_id(reader: StoreReader, ids: Collection[int]) -> tuple[AlertTold, ...]:
    """Return the alerts with these ids that are still known; oldest first."""
    return _fetched(reader, alerts.c.id.in_(list(ids))) if ids else ()


def news_of(alert: AlertTold, told: Collection[str], least: Severity) -> str | None:
    """Return what is new about an alert to somebody who was told so much of it, or None.

    That it is so severe, when it is at least `least` and worse than what was told; and that it is
    resolved, when anything was told.
    """
    if alert.resolved_at is not None:
        return RESOLVED if told and RESOLVED not in told else None
    rank = RISING.index(alert.severity)
    worst = max((RISING.index(one) for one in told if one in RISING), default=-1)
    return alert.severity if rank >= RISING.index(least) and rank > worst else None


def quiet_span(quiet: str, zone: ZoneInfo, now: datetime) -> Span | None:
    """Return the quiet hours (22:00-07:00) that now is in; None if it isn't, or there are none."""
    if not quiet:
        return None
    begins, ends = quiet.split("-")
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        start = _at(day, begins, zone)
        end = _at(day if ends > begins else day + _DAY, ends, zone)
        if start <= now < end:
            return Span(start, end)
    return None


def hour_span(now: datetime) -> Span:
    """Return the hour (UTC) that now is in."""
    start = now.replace(minute=0, second=0, microsecond=0)
    return Span(start, start + _HOUR)


class Message(NamedTuple):
    """What is said of alerts: which are new, and which are open besides."""

    subject: str
    intro: str
    news: Sequence[tuple[str, AlertTold]]
    open: Sequence[AlertTold] = ()


def sole_message(news: str, alert: AlertTold) -> Message:
    """Return what is said of one alert."""
    what = "Resolved" if news == RESOLVED else news.capitalize()
    return Message(f"{what}: {alert.name}", "", [(news, alert)])


def digest_message(
    news: Sequence[tuple[str, AlertTold]],
    open_: Sequence[AlertTold] | None,
    span: Span,
    zone: ZoneInfo,
) -> Message:
    """Return what is said of all that was new in a span, and of what is open if that is given."""
    resolved = sum(one == RESOLVED for one, _ in news)
    counts = [f"{len(news) - resolved} raised", f"{resolved} resolved"]
    if open_ is not None:
        counts.append(f"{len(open_)} open")
    start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (span.start, span.end))
    intro = f"From {start} to {end} ({zone.key})."
    return Message(f"Alerts: {', '.join(counts)}", intro, news, open_ or ())


def notice_parcel(message: Message, zone: ZoneInfo, recipient: str, key: str) -> Parcel:
    """Return the parcel that says it."""
    shown = {
        "message": message,
        "news": [(_heading(news, one, zone), one.message) for news, one in message.news],
        "open": [(_heading(one.severity, one, zone), one.message) for one in message.open],
    }
    return Parcel(
        subject=message.subject,
        text=rendered("notice.txt", **shown),
        html=rendered("notice.html", **shown),
        attachments=(),
        links=(),
        idempotency_key=key,
        recipient=recipient,
    )


def _heading(news: str, alert: AlertTold, zone: ZoneInfo) -> str:
    """Return when what was so: `Critical: Disk space, attic (since 2026-11-23 10:00 CET)`."""
    if news == RESOLVED and alert.resolved_at is not None:
        return f"Resolved: {alert.name} ({_time(alert.resolved_at, zone)})"
    since = f"since {_time(alert.at, zone)}"
    if alert.resolved_at is not None:
        since = f"{since}, resolved {_time(alert.resolved_at, zone)}"
    return f"{news.capitalize()}: {alert.name} ({since})"


def _time(at_us: int, zone: ZoneInfo) -> str:
    return f"{moment(at_us).astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _at(day: date, time: str, zone: ZoneInfo) -> datetime:
    hour, minute = map(int, time.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return local.astimezone(UTC)


def _fetched(reader: StoreReader, *conditions: ColumnElement[bool]) -> tuple[AlertTold, ...]:
    names = ("id", "at", "severity", "title", "message", "resolved_at")
    columns = [alerts.c[name] for name in names]
    joined = alerts.outerjoin(nodes, nodes.c.id == alerts.c.node_id)
    wanted = select(*columns, nodes.c.name.label("node")).select_from(joined).where(*conditions)
    found = reader.fetch(wanted.order_by(alerts.c.at, alerts.c.id)).to_pylist()
    return tuple(AlertTold(**row) for row in found)

"""Alerts that are sent: which messages become due, as rows like all others.

The rows are those of schedule 0. `alert-12-critical` tells of one alert that it is so severe,
`alert-12-resolved` that it is over; where that waits it is `skipped`, and told in a `digest` of the
quiet hours, or of the hour in which there were too many. `daily` is the digest of a day. A row with
start 0 says since when a recipient is told: of what was raised before, nothing is.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from storj_monitor.delivery.notices import NEWS, fetch_alerts, hour_span, news_of, quiet_span
from storj_monitor.plugin import Span
from storj_monitor.plugin.query import microseconds, moment
from storj_monitor.schedules.when import When
from storj_monitor.store import Delivery
from storj_monitor.store.claims import AHEAD_US
from storj_monitor.store.deliveries import ASIDE, fetch_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storj_monitor.delivery.notices import AlertTold
    from storj_monitor.schedules.work import Work
    from storj_monitor.settings import SendSettings

NAME = "alerts"
DIGEST, DAILY = "digest", "daily"
_SOLE = "alert-"
_HOUR_US = 60 * 60 * 1_000_000
_DAY_US = 24 * _HOUR_US


def plan_notices(work: Work) -> None:
    """Add the rows of alerts that are to be sent now; nothing unless settings name a channel."""
    send = work.settings.alerts.send
    if not send.channel:
        return
    now = work.now()
    marks = {row.recipient: row for row in work.store.edition(0, 0, 0, "")}
    for recipient in send.recipients:
        mark = marks.get(recipient)
        if mark is None or mark.due_at > microseconds(now) + AHEAD_US:
            _begin(work, _Notices(send, recipient, now), is_anew=mark is not None)
        else:
            _plan(work, _Notices(send, recipient, now), mark.due_at)


class _Notices(NamedTuple):
    """What is sent to one recipient, and the time."""

    send: SendSettings
    recipient: str
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.send.timezone)

    def row(self, span: Span, edition: str, due: datetime) -> Delivery:
        """Return a row of alerts, not stored yet."""
        return Delivery(
            schedule_id=0,
            start_at=span.start_us,
            end_at=span.end_us,
            recipient=self.recipient,
            edition=edition,
            due_at=microseconds(due),
            name=NAME,
            channel=self.send.channel,
        )

    def digest(self, known: Sequence[Delivery], sent_us: Iterable[int]) -> Span | None:
        """Return the span whose digest is to tell what is new now; None if it can be told now."""
        now_us = microseconds(self.now)
        open_ = [
            row for row in known if row.edition == DIGEST and row.start_at <= now_us < row.end_at
        ]
        if open_:
            return Span(moment(open_[0].start_at), moment(open_[0].end_at))
        if quiet := quiet_span(self.send.quiet, self.zone, self.now):
            return quiet
        in_last_hour = sum(now_us - _HOUR_US < at <= now_us for at in sent_us)
        return hour_span(self.now) if in_last_hour >= self.send.most_per_hour else None


def _begin(work: Work, notices: _Notices, *, is_anew: bool) -> None:
    """Note that a recipient is told from now on; a note of a clock that was ahead is set aside."""
    now_us = microseconds(notices.now)
    row = notices.row(Span(moment(0), moment(0)), "", notices.now)
    note = row._replace(state="skipped", error="alerts are sent since then")
    with work.store.writer() as writer:
        if is_anew:
            writer.deliveries.set_aside(0, now_us + AHEAD_US, f"{ASIDE}{now_us:x}")
        writer.deliveries.add([note])


def _plan(work: Work, notices: _Notices, since_us: int) -> None:
    send, now_us = notices.send, microseconds(notices.now)
    with work.store.reader() as reader:
        news_since_us = now_us - int(NEWS.total_seconds() * 1_000_000)
        alerts = fetch_alerts(reader, since_us, news_since_us)
        oldest = min([now_us - 2 * _DAY_US, *(one.at for one in alerts)])
        known = [
            row for row in fetch_since(reader, 0, oldest) if row.recipient == notices.recipient
        ]
    new = _new_rows(notices, alerts, known)
    rows = [*new.now, *(_daily(notices, since_us, known) if send.digest else ())]
    if rows or new.digest:
        work.at_step("before planning")
        with work.store.writer() as writer:
            writer.deliveries.add(rows)
            if new.digest:
                # If another server sends it just now, it is looked again what is new.
                writer.deliveries.hold(new.held, new.digest)
        work.at_step("after planning")


class _New(NamedTuple):
    """The rows of what is new: to be sent now, or held for the row of a digest."""

    now: Sequence[Delivery]
    held: Sequence[Delivery]
    digest: Delivery | None


def _new_rows(notices: _Notices, alerts: Sequence[AlertTold], known: Sequence[Delivery]) -> _New:
    """Return the rows of what is new; all that is held at a time is told in the same digest."""
    told = _told(known)
    sent_us = [row.due_at for row in known if _is_sole(row) and row.state != "skipped"]
    new: list[Delivery] = []
    held: list[Delivery] = []
    whole: Delivery | None = None
    for alert in alerts:
        news = news_of(alert, told.get(alert.id, ()), notices.send.severity)
        if news is None:
            continue
        at = moment(alert.at)
        row = notices.row(Span(at, at), f"{_SOLE}{alert.id}-{news}", notices.now)
        if digest := notices.digest(known, sent_us):
            ends = digest.end.astimezone(notices.zone)
            why = f"told in the digest of {ends:%Y-%m-%d %H:%M %Z}"
            held.append(row._replace(state="skipped", error=why))
            # An hour may end in the quiet ones.
            quiet = quiet_span(notices.send.quiet, notices.zone, digest.end)
            whole = notices.row(digest, DIGEST, quiet.end if quiet else digest.end)
        else:
            sent_us.append(row.due_at)
            new.append(row)
    return _New(new, held, whole)


def _told(known: Iterable[Delivery]) -> dict[int, set[str]]:
    """Return what was told of each alert, by its id: severities, and `resolved`."""
    told: dict[int, set[str]] = {}
    for row in known:
        if sole := sole_of(row):
            told.setdefault(sole[0], set()).add(sole[1])
    return told


def sole_of(row: Delivery) -> tuple[int, str] | None:
    """Return the alert that a row tells of, and what of it; None of a digest."""
    first = row.edition.partition(" ")[0]
    if not first.startswith(_SOLE):
        return None
    _, id_, news = first.split("-")
    return int(id_), news


def _is_sole(row: Delivery) -> bool:
    return row.edition.startswith(_SOLE)


def _daily(notices: _Notices, since_us: int, known: Sequence[Delivery]) -> list[Delivery]:
    """Return the row of the last daily digest, unless it was there or came before all."""
    when = When.parse(notices.send.digest, notices.zone)
    two_days_ago = moment(microseconds(notices.now) - 2 * _DAY_US - _HOUR_US)
    times = list(takewhile(lambda due: due <= notices.now, when.after(two_days_ago)))[-2:]
    span = Span(times[0], times[-1])
    is_known = any(row.edition == DAILY and row.end_at == span.end_us for row in known)
    if is_known or span.end_us <= since_us:
        return []
    return [notices.row(span, DAILY, span.end)]

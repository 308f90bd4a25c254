"""What is in the messages about alerts, as it is when they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storj_monitor.delivery.channels import check_domain
from storj_monitor.delivery.notices import (
    RISING,
    digest_message,
    fetch_alerts,
    fetch_alerts_by_id,
    notice_parcel,
    quiet_span,
    sole_message,
)
from storj_monitor.delivery.sending import Outcome
from storj_monitor.plugin import Span
from storj_monitor.plugin.query import moment
from storj_monitor.schedules.alerting import DAILY, sole_of
from storj_monitor.schedules.letters import Letter, key_of
from storj_monitor.store import Parcelled
from storj_monitor.store.deliveries import fetch_since

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.delivery.channels import Outlet
    from storj_monitor.delivery.notices import AlertTold, Message
    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, StoreReader

#: Of what was raised so long before a digest begins, the row may be that old.
_LONGEST_US = 400 * 24 * 60 * 60 * 1_000_000


def notice_of(work: Work, delivery: Delivery, outlet: Outlet) -> Letter | Outcome:
    """Return the message of a row; it reads the database, so call it in a thread."""
    check_domain(outlet, delivery.recipient, work.settings)
    zone = ZoneInfo(work.settings.alerts.send.timezone)
    with work.store.reader() as reader:
        sole = sole_of(delivery)
        if sole is None:
            message = _digest(reader, work, delivery, zone)
        else:
            found = fetch_alerts_by_id(reader, [sole[0]])
            message = sole_message(sole[1], found[0]) if found else None
    if message is None:
        return Outcome("skipped", "there is nothing to tell")
    parcel = notice_parcel(message, zone, delivery.recipient, key_of(work, delivery))
    return Letter(parcel, Parcelled(message.subject))


def unwanted_notice(work: Work, delivery: Delivery) -> Outcome | None:
    """Return why a message of alerts isn't sent any more; None if it is, or is no such message.

    Its recipient or channel was taken out of the settings since. What a person wants sent again
    is sent.
    """
    send = work.settings.alerts.send
    again = delivery.edition.partition(" ")[2]
    is_wanted = delivery.channel == send.channel and delivery.recipient in send.recipients
    if delivery.schedule_id or again or is_wanted:
        return None
    return Outcome("skipped", "[alerts.send] in the settings no longer names this recipient")


def quiet_until(work: Work, delivery: Delivery) -> datetime | None:
    """Return when the quiet hours end for which a message of alerts waits; None if it doesn't.

    It was due before them, and is sent or tried again in them. What is meant to be sent then does
    not wait: a daily digest at such an hour, and what a person wants sent again.
    """
    send = work.settings.alerts.send
    quiet = quiet_span(send.quiet, ZoneInfo(send.timezone), work.now())
    kind, _, again = delivery.edition.partition(" ")
    if delivery.schedule_id or quiet is None or again:
        return None
    is_meant = kind == DAILY and quiet.start_us <= delivery.due_at < quiet.end_us
    return None if is_meant else quiet.end


def _digest(reader: StoreReader, work: Work, delivery: Delivery, zone: ZoneInfo) -> Message | None:
    """Return what a digest says: what was held for it, or of a day all that is known."""
    is_daily = delivery.edition.partition(" ")[0] == DAILY
    news = _news(reader, delivery, held=not is_daily)
    open_ = _open(reader, work) if is_daily else None
    if not news and not open_:
        return None
    span = Span(moment(delivery.start_at), moment(delivery.end_at))
    return digest_message(news, open_, span, zone)


def _news(reader: StoreReader, delivery: Delivery, *, held: bool) -> list[tuple[str, AlertTold]]:
    """Return what was new in the span of a digest, or only what was held for one."""
    found: list[tuple[int, str]] = []
    for row in fetch_since(reader, 0, delivery.start_at - _LONGEST_US):
        is_in = delivery.start_at <= row.due_at < delivery.end_at
        is_ours = row.recipient == delivery.recipient and (not held or row.state == "skipped")
        if is_in and is_ours and (sole := sole_of(row)):
            found.append(sole)
    known = {alert.id: alert for alert in fetch_alerts_by_id(reader, {one for one, _ in found})}
    return [(news, known[id_]) for id_, news in dict.fromkeys(found) if id_ in known]


def _open(reader: StoreReader, work: Work) -> list[AlertTold]:
    least = RISING.index(work.settings.alerts.send.severity)
    found = fetch_alerts(reader, 0, work.now_us)
    return [one for one in found if RISING.index(one.severity) >= least and one.resolved_at is None]

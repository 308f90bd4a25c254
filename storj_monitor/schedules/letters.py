"""From a claimed delivery to the parcel that is sent: the file, how it fits, and the words."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.delivery.channels import check_recipient
from storj_monitor.delivery.parcels import Address, Link, Topic, parcel_of
from storj_monitor.delivery.sending import Outcome
from storj_monitor.delivery.sizes import fitted
from storj_monitor.errors import Problem
from storj_monitor.exports.request import Limits
from storj_monitor.plugin import Span
from storj_monitor.plugin.query import UTC_ZONE, microseconds, moment
from storj_monitor.schedules.schedule import Schedule
from storj_monitor.store import Parcelled
from storj_monitor.store.deliveries import AGAIN, TEST
from storj_monitor.store.schedules import NO_RECIPIENT, TURNED_OFF

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.delivery.channels import Outlet
    from storj_monitor.delivery.parcels import File
    from storj_monitor.delivery.sizes import Packed
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Parcel
    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, ScheduleEntry


class Letter(NamedTuple):
    """A parcel that is ready, and what the record says of it."""

    parcel: Parcel
    parcelled: Parcelled


async def letter_of(
    work: Work, delivery: Delivery, outlet: Outlet, folder: Path
) -> Letter | Outcome:
    """Return what is to be sent, or why it is left out; packed files lie in `folder`.

    Raises Problem, OperatorError or DeliveryError where it can't be made, or not be sent.
    """
    entry = await asyncio.to_thread(work.store.schedule, delivery.schedule_id)
    if entry is None:
        return Outcome("skipped", "the schedule was removed")
    if not delivery.edition and (why := _left_out(entry, delivery)):
        return Outcome("skipped", why)
    request = await asyncio.to_thread(_request, work, entry, delivery)
    if isinstance(request, Outcome):
        return request
    await asyncio.to_thread(check_recipient, outlet, delivery.recipient, work.settings)
    file = await work.files.of(delivery, request, work.now())
    work.at_step("rendered")
    if entry.skip_empty and file.is_empty and not delivery.edition.startswith(TEST):
        return Outcome("skipped", "there is nothing to tell")
    packed = await asyncio.to_thread(_packed, work, outlet, delivery.recipient, file, folder)
    link = None
    if packed.how == "link":
        link = await asyncio.to_thread(_link, work, file)
    work.at_step("packed")
    topic = _topic(entry, delivery, request)
    to = Address(delivery.recipient, key_of(work, delivery))
    parcel = parcel_of(topic, file, packed, link, to)
    return Letter(parcel, _parcelled(parcel, file, link))


def _left_out(entry: ScheduleEntry, delivery: Delivery) -> str | None:
    """Return why the schedule doesn't want it any more; None if it does.

    It was being sent when that was decided, and was refused for now. What a person has sent of a
    schedule that is off was due after that.
    """
    if delivery.recipient not in entry.recipients:
        return NO_RECIPIENT
    return TURNED_OFF if not entry.enabled and delivery.due_at <= entry.changed_at else None


def key_of(work: Work, delivery: Delivery) -> str:
    """Return the parcel's key: the same at each attempt, and of this row alone."""
    period = (delivery.schedule_id, delivery.start_at, delivery.end_at)
    return work.signer.parcel_key(delivery.id, *period, delivery.recipient)


def _request(work: Work, entry: ScheduleEntry, delivery: Delivery) -> ExportRequest | Outcome:
    """Return the request for the period of a delivery, as the schedule says it now."""
    schedule = Schedule.of(entry)
    span = Span(moment(delivery.start_at), moment(delivery.end_at))
    if schedule.covered(moment(delivery.due_at)) != span:
        return Outcome("skipped", "the schedule was changed, and covers another period now")
    nodes = [node.name for node in work.store.nodes()]
    limits = Limits(now=work.now(), nodes=nodes)
    return schedule.request(span, work.host.catalogue, limits)


def _packed(work: Work, outlet: Outlet, recipient: str, file: File, folder: Path) -> Packed:
    links = bool(work.settings.web.public_url)
    return fitted(file, outlet.limit(recipient), folder, links=links)


def _link(work: Work, file: File) -> Link:
    """Return a link to a file, which is kept until that ends."""
    until = work.now() + timedelta(days=work.settings.scheduling.link_days)
    try:
        work.runner.spool.keep(file.id, until.timestamp())
    except OSError as error:
        raise Problem("no_space", "the file was removed to make room", "Free space.") from error
    return Link(work.signer.link(work.settings.web.public_url, file.id, until), until)


def _topic(entry: ScheduleEntry, delivery: Delivery, request: ExportRequest) -> Topic:
    is_monthly = request.subject.period == "month"
    return Topic(
        title=request.subject.title,
        nodes=request.query.nodes,
        span=request.query.span,
        zone=UTC_ZONE if is_monthly else request.query.timezone,
        schedule=entry.name,
        due=moment(delivery.due_at),
        late=delivery.late,
        test=delivery.edition.startswith(TEST),
        again=delivery.edition.startswith(AGAIN),
    )


def _parcelled(parcel: Parcel, file: File, link: Link | None) -> Parcelled:
    return Parcelled(
        subject_line=parcel.subject,
        file_id=file.id,
        file_name=parcel.attachments[0].filename if parcel.attachments else file.name,
        rows=file.rows,
        bytes=file.bytes,
        link_until=microseconds(link.until) if link else None,
    )

"""What is to be sent to whom, and what became of it: a row for each, which is never made twice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import func, or_, select

from storj_monitor.schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_monitor.store.reader import StoreReader

#: How editions begin: of what was set aside, of what a person has sent again, and of tests.
ASIDE, AGAIN, TEST = "clock-", "again-", "test-"

DeliveryState = Literal["due", "claimed", "sent", "failed", "maybe_sent", "skipped"]


class Parcelled(NamedTuple):
    """What was put into a parcel, for the record; what there is none of is None."""

    subject_line: str | None = None
    file_id: str | None = None
    file_name: str | None = None
    rows: int | None = None
    bytes: int | None = None
    #: When the link to the file expires, if one was sent.
    link_until: int | None = None


class Delivery(NamedTuple):
    """One parcel to one recipient: a row of `deliveries`. Times are microseconds since 1970 UTC."""

    #: Of alerts it is 0.
    schedule_id: int
    #: The period: `end_at` doesn't belong to it.
    start_at: int
    end_at: int
    recipient: str
    #: '' for the schedule's own; `again-N`, `test-HEX`, `clock-HEX`, or the name of an alert.
    edition: str
    due_at: int
    #: The schedule's name, then.
    name: str
    channel: str
    late: bool = False
    state: DeliveryState = "due"
    #: How often it was claimed, this time included.
    attempts: int = 0
    next_attempt_at: int = 0
    owner: str | None = None
    lease_until: int | None = None
    sending_at: int | None = None
    sent_at: int | None = None
    error: str | None = None
    subject_line: str | None = None
    file_id: str | None = None
    file_name: str | None = None
    rows: int | None = None
    bytes: int | None = None
    link_until: int | None = None
    id: int = 0


class Made(NamedTuple):
    """A period that a schedule has dealt with, and when that was due."""

    start_at: int
    end_at: int
    due_at: int


def fetch_deliveries(
    reader: StoreReader, limit: int, schedule_id: int | None = None
) -> tuple[Delivery, ...]:
    """Return deliveries, of all or of one schedule, what was due last first."""
    wanted = select(deliveries).order_by(deliveries.c.due_at.desc(), deliveries.c.id.desc())
    if schedule_id is not None:
        wanted = wanted.where(deliveries.c.schedule_id == schedule_id)
    return tuple(delivery_of_row(row) for row in reader.fetch(wanted.limit(limit)).to_pylist())


def fetch_delivery(reader: StoreReader, delivery_id: int) -> Delivery | None:
    """Return a delivery by its id, or None."""
    found = reader.fetch(select(deliveries).where(deliveries.c.id == delivery_id)).to_pylist()
    return delivery_of_row(found[0]) if found else None


def fetch_delivered(
    reader: StoreReader, file_ids: Sequence[str]
) -> Mapping[str, Mapping[DeliveryState, int]]:
    """Return by the id of a file how many deliveries of it are in each state, if there is any."""
    by = (deliveries.c.file_id, deliveries.c.state)
    number = func.count(deliveries.c.id).label("number")
    wanted = select(*by, number).where(deliveries.c.file_id.in_(file_ids)).group_by(*by)
    found: defaultdict[str, dict[DeliveryState, int]] = defaultdict(dict)
    for row in reader.fetch(wanted).to_pylist():
        found[row["file_id"]][row["state"]] = row["number"]
    return found


def fetch_made(reader: StoreReader, schedule_id: int) -> tuple[Made, ...]:
    """Return the periods that a schedule itself has dealt with, in whatever state they are."""
    own = (deliveries.c.schedule_id == schedule_id, deliveries.c.edition == "")
    period = (deliveries.c.start_at, deliveries.c.end_at)
    due_at = func.max(deliveries.c.due_at, type_=deliveries.c.due_at.type).label("due_at")
    wanted = select(*period, due_at).where(*own).group_by(*period).order_by(*period)
    return tuple(Made(**row) for row in reader.fetch(wanted).to_pylist())


def fetch_editions(
    reader: StoreReader, schedule_id: int, start_at: int, end_at: int
) -> frozenset[str]:
    """Return the editions that there are of a schedule's period: '' is its own."""
    table = deliveries.c
    of_period = (table.start_at == start_at, table.end_at == end_at)
    wanted = select(table.edition).where(table.schedule_id == schedule_id, *of_period)
    return frozenset(row["edition"] for row in reader.fetch(wanted).to_pylist())


def fetch_dealt_with(
    reader: StoreReader, schedule_id: int, start_at: int, end_at: int
) -> frozenset[str]:
    """Return for whom a schedule has dealt with a period by itself, set aside or not."""
    table = deliveries.c
    of_period = (table.start_at == start_at, table.end_at == end_at)
    is_own = or_(table.edition == "", table.edition.startswith(ASIDE))
    wanted = select(table.recipient).where(table.schedule_id == schedule_id, *of_period, is_own)
    return frozenset(row["recipient"] for row in reader.fetch(wanted).to_pylist())


def fetch_edition(
    reader: StoreReader, schedule_id: int, start_at: int, end_at: int, edition: str
) -> tuple[Delivery, ...]:
    """Return the deliveries of one edition of a schedule's period, in the order of writing."""
    table = deliveries.c
    of_period = (table.start_at == start_at, table.end_at == end_at, table.edition == edition)
    wanted = select(deliveries).where(table.schedule_id == schedule_id, *of_period)
    rows = reader.fetch(wanted.order_by(table.id)).to_pylist()
    return tuple(delivery_of_row(row) for row in rows)


def fetch_since(reader: StoreReader, schedule_id: int, start_us: int) -> tuple[Delivery, ...]:
    """Return the deliveries of a schedule's periods that begin then or later, as written."""
    wanted = select(deliveries).where(deliveries.c.schedule_id == schedule_id)
    wanted = wanted.where(deliveries.c.start_at >= start_us).order_by(deliveries.c.id)
    return tuple(delivery_of_row(row) for row in reader.fetch(wanted).to_pylist())


def delivery_of_row(row: dict[str, Any]) -> Delivery:
    """Return the delivery that a whole row stands for."""
    return Delivery(**row | {"late": bool(row["late"])})

"""What satellites pay, and what they hold back: the rules, for authors of sources.

    withheld_percent(joined_at, "2026-10")      # 50, in the fifth month after joining

Months are texts such as 2026-10, and UTC. Money is integer micro-USD, prices are micro-USD for a
TB (10^12 bytes) or a TB-month. A month of storage has 720 hours, whatever the calendar says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from storj_monitor.plugin.query import Span

TB = 10**12
#: Micro-USD in a USD.
MICRO = 1_000_000
MONTH_HOURS = 720
#: What is held back in the months after joining, in percent, the month of joining being the first.
HELD_PERCENTS = (75, 75, 75, 50, 50, 50, 25, 25, 25)
#: A satellite goes on to count months in which it holds nothing, before it returns anything.
_COUNTED_MONTHS = 15
_RETURNED_PERCENT = 50
#: A node rounds what it estimates to a hundredth of a cent.
_ROUNDED = 100


class Price(NamedTuple):
    """What is paid, in micro-USD: for a TB-month of storage, and for a TB of the rest."""

    storage: int
    egress: int
    repair: int
    audit: int


class Usage(NamedTuple):
    """What a satellite used of a node in a month: byte-hours of storage, and bytes sent."""

    byte_hours: int
    egress_bytes: int
    repair_bytes: int
    audit_bytes: int


class Earned(NamedTuple):
    """What a node earned in a month, in micro-USD, before anything is held back."""

    storage: int
    egress: int
    repair: int
    audit: int


def micro_usd(amount: Decimal) -> int:
    """Return an amount in USD as micro-USD, rounded to a whole one."""
    return round(amount * MICRO)


def month_of(moment: datetime) -> str:
    """Return the UTC month of a time (aware)."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def month_start(period: str) -> datetime:
    """Return when a month begins (UTC); raise ValueError when it is none."""
    return datetime(int(period[:4]), int(period[5:]), 1, tzinfo=UTC)


def next_month(period: str) -> str:
    """Return the month after a month."""
    return month_of(month_start(period) + timedelta(days=31))


def months_of(span: Span) -> Iterator[str]:
    """Yield the UTC months that a span touches, in order."""
    period = month_of(span.start)
    while month_start(period) < span.end:
        yield period
        period = next_month(period)


def held_percent(joined_at: datetime, period: str) -> int:
    """Return what a node expects to be held back: by the months since that of joining."""
    first, joined = month_start(period), joined_at.astimezone(UTC)
    months = (first.year - joined.year) * 12 + first.month - joined.month
    return HELD_PERCENTS[max(0, months)] if months < len(HELD_PERCENTS) else 0


def withheld_percent(joined_at: datetime, period: str) -> int | None:
    """Return what a satellite holds back, by the time since joining; None when it no longer counts.

    From the first month that isn't counted on, the sixteenth, it returns half of what it holds.
    It differs from `held_percent` only around February, for nodes that joined at a month's end.
    """
    end = month_start(next_month(period))
    for index in range(_COUNTED_MONTHS):
        if _months_later(joined_at.astimezone(UTC), index + 1) > end:
            return HELD_PERCENTS[index] if index < len(HELD_PERCENTS) else 0
    return None


def returned(held: int, disposed: int, *, after_exit: bool = False) -> int:
    """Return what is given back of all that was held so far, when so much was given back before.

    That is half of it once a satellite no longer counts, and all of it after a graceful exit.
    """
    due = held if after_exit else held * _RETURNED_PERCENT // 100
    return max(0, due - disposed)


def estimated(usage: Usage, price: Price) -> Earned:
    """Return what a node expects for a month's usage, each part rounded as the node rounds it."""
    return Earned(
        storage=_rounded(usage.byte_hours * price.storage, MONTH_HOURS * TB),
        egress=_rounded(usage.egress_bytes * price.egress, TB),
        repair=_rounded(usage.repair_bytes * price.repair, TB),
        audit=_rounded(usage.audit_bytes * price.audit, TB),
    )


def split(amount: int, repair_bytes: int, audit_bytes: int) -> tuple[int, int]:
    """Divide what is paid for repair and audit together by their bytes; the sum stays."""
    together = repair_bytes + audit_bytes
    audit = (amount * audit_bytes + together // 2) // together if together else 0
    return amount - audit, audit


def _rounded(amount: int, unit: int) -> int:
    """Divide, and round to a hundredth of a cent."""
    return (amount + unit * _ROUNDED // 2) // (unit * _ROUNDED) * _ROUNDED


def _months_later(moment: datetime, months: int) -> datetime:
    """Return the same day of a later month; a day that it lacks is so many days after its last."""
    month = moment.month - 1 + months
    first = moment.replace(year=moment.year + month // 12, month=month % 12 + 1, day=1)
    return first + timedelta(days=moment.day - 1)

"""Ledgers of satellites: statements by the rules they follow, as Hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from storj_monitor.plugin.payouts import month_of, next_month, returned, withheld_percent
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Estimate, Joined, News, Paystub
from tests.records import EU1, US1

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPONENTS = ("comp_at_rest", "comp_get", "comp_get_repair", "comp_get_audit")
_AMOUNTS = st.integers(0, 9_999_999)


class Month(NamedTuple):
    """What happens in a month: what is earned, and whether it is paid out."""

    components: tuple[int, int, int, int]
    surge_percent: int
    is_sent: bool
    #: What the node expected; None if it wasn't asked.
    expected: int | None


class Membership(NamedTuple):
    """A node's time with a satellite; the months of exit and disqualification count from 0."""

    joined_at: datetime
    months: tuple[Month, ...]
    exit_month: int
    disqualified_month: int
    #: Of the last months only an estimate is known.
    open_months: int


_MONTHS = st.builds(
    Month,
    st.tuples(_AMOUNTS, _AMOUNTS, _AMOUNTS, _AMOUNTS),
    st.sampled_from([100, 100, 100, 150, 200]),
    st.booleans(),
    st.none() | _AMOUNTS,
)
_MEMBERSHIPS = st.builds(
    Membership,
    st.datetimes(datetime(2019, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  it gets its zone here
    st.lists(_MONTHS, min_size=1, max_size=20).map(tuple),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 2),
)
#: What one or two nodes have with one or two satellites.
ledgers = st.dictionaries(
    st.sampled_from(list(product(("n1", "n2"), (US1, EU1)))), _MEMBERSHIPS, min_size=1, max_size=3
)


def news_of(ledger: dict[tuple[str, str], Membership]) -> list[News]:
    """Return what a node's API tells of it."""
    return [
        News(
            node=node,
            joined=[Joined(satellite, microseconds(membership.joined_at))],
            paystubs=list(_statements(satellite, membership)),
            estimates=list(_estimates(satellite, membership)),
        )
        for (node, satellite), membership in ledger.items()
    ]


def _stated(membership: Membership) -> int:
    return max(0, len(membership.months) - membership.open_months)


def _statements(satellite: str, membership: Membership) -> Iterator[Paystub]:
    held_so_far = disposed_so_far = unsent = 0
    period = month_of(membership.joined_at)
    for number, month in enumerate(membership.months[: _stated(membership)]):
        has_left = number >= membership.exit_month
        is_out = number >= membership.disqualified_month and not has_left
        total = sum(month.components) * month.surge_percent // 100
        percent = withheld_percent(membership.joined_at, period)
        held = 0 if is_out else total * (percent or 0) // 100
        disposed = 0
        if (percent is None or has_left) and not is_out:
            disposed = returned(held_so_far, disposed_so_far, after_exit=has_left)
        paid = 0 if is_out else total - held + disposed
        unsent += paid
        distributed = unsent if month.is_sent else 0
        unsent -= distributed
        held_so_far += held
        disposed_so_far += disposed
        yield Paystub(
            period=period,
            satellite=satellite,
            origin="api",
            read_at=1,
            codes="D" if is_out else "X" if has_left else "E" if percent else "",
            earned=sum(month.components),
            surge_percent=month.surge_percent,
            held=held,
            owed=paid,
            disposed=disposed,
            paid=paid,
            distributed=distributed,
            receipt="eth:0x12" if distributed else None,  # one transaction pays them all
            **dict(zip(COMPONENTS, month.components, strict=True)),
        )
        period = next_month(period)


def _estimates(satellite: str, membership: Membership) -> Iterator[Estimate]:
    period = month_of(membership.joined_at)
    for number, month in enumerate(membership.months):
        expected = 0 if number >= _stated(membership) else None
        if month.expected is not None or expected is not None:
            payout = month.expected or 0
            yield Estimate(period, satellite, "import", 1, payout=payout, expected=expected)
        period = next_month(period)

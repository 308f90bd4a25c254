"""The demo's money: what satellites would have paid such nodes, month by month.

It keeps to the satellites' rules: a part is held for nine months, half of it comes back in the
sixteenth, and what isn't worth a transaction is carried over.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.demo.streams import SATELLITES
from storj_monitor.collect.price_list import PriceList
from storj_monitor.plugin import payouts
from storj_monitor.plugin.query import microseconds
from storj_monitor.store import Estimate, Joined, News, Paystub, Prices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from storj_monitor.collect.demo.nodes import DemoNode

    #: A node's name and a satellite's full id.
    Pair = tuple[str, str]

#: When the satellites make a month's statements, and when they have paid them.
_MADE = timedelta(days=7, hours=14)
_SENT = timedelta(days=15, hours=9)
#: Payments moved to a network whose fees are high: small sums are carried over since.
_MOVED = "2026-09"
_LEAST_BEFORE, _LEAST_SINCE = 2_000_000, 40_000_000
#: A disk that fills up for a year and a half grows a little slower each month.
_GROWTH = 0.8
#: A statement that was final, and was corrected: of the first node, two months ago.
_CORRECTED_MONTHS_AGO = 2
_CORRECTED = timedelta(days=5)
_CORRECTION = 123_456
#: An estimate that was far off: of the second node, a month ago.
_FAR_OFF = 1.45


class Moved(NamedTuple):
    """What a node sends on an average day, in bytes."""

    egress: int
    repair: int
    audit: int


@dataclass
class _Account:
    """What became of all that a node earned from a satellite, so far; micro-USD."""

    held: int = 0
    disposed: int = 0
    undistributed: int = 0


class Ledger:
    """The statements and estimates of the demo's nodes up to `now` (aware).

    `stored` is what a node stores now, in bytes, by its name; `moved` what it sends a day.
    """

    def __init__(
        self,
        seed: int,
        nodes: Sequence[DemoNode],
        stored: Mapping[str, int],
        moved: Mapping[Pair, Moved],
        now: datetime,
    ) -> None:
        self._seed = seed
        self._nodes = nodes
        self._stored = stored
        self._moved = moved
        self._now = now
        self._prices = PriceList()
        oldest = max(ago for node in nodes for ago in node.joined_months_ago.values())
        self._periods = _last_months(payouts.month_of(now), oldest + 1)
        self._accounts: defaultdict[Pair, _Account] = defaultdict(_Account)
        self._final: dict[tuple[Pair, str], Paystub] = {}

    def estimates(self) -> Iterator[News]:
        """Yield what the nodes expected at each month's end, and expect now."""
        for node in self._nodes:
            told = [
                self._estimate(node, satellite, period)
                for period in self._periods
                for satellite in self._joined(node, period)
            ]
            joined = [
                Joined(satellite, microseconds(self._joined_at(node, satellite)))
                for satellite in node.joined_months_ago
            ]
            yield News(node=node.name, estimates=told, joined=joined, prices=self._priced(node))

    def statements(self) -> Iterator[News]:
        """Yield the statements of each month that is over, and again when they are paid."""
        for period in self._periods[:-1]:
            made = payouts.month_start(payouts.next_month(period)) + _MADE
            if made > self._now:
                break
            stubs = {
                (node.name, satellite): self._paystub(node, satellite, period)
                for node in self._nodes
                for satellite in self._joined(node, period)
            }
            sent = made - _MADE + _SENT
            paid = self._distributed(stubs, period, sent) if sent <= self._now else {}
            self._final |= {(pair, period): stub for pair, stub in (stubs | paid).items()}
            yield from _news(stubs)
            yield from _news(paid)
        yield from self._correction()

    def _paystub(self, node: DemoNode, satellite: str, period: str) -> Paystub:
        usage = self._usage(node, satellite, period)
        price = self._price(satellite, period)
        earned = _earned(usage, price)
        joined_at = self._joined_at(node, satellite)
        percent = payouts.withheld_percent(joined_at, period)
        account = self._accounts[node.name, satellite]
        held = sum(earned) * (percent or 0) // 100
        disposed = payouts.returned(account.held, account.disposed) if percent is None else 0
        account.held += held
        account.disposed += disposed
        paid = sum(earned) - held + disposed
        account.undistributed += paid
        made = payouts.month_start(payouts.next_month(period)) + _MADE
        return Paystub(
            *(period, satellite, "api", microseconds(made + timedelta(hours=3))),
            created_at=microseconds(made),
            codes="E" if percent else "",
            byte_hours=usage.byte_hours,
            get_bytes=usage.egress_bytes,
            get_repair_bytes=usage.repair_bytes,
            get_audit_bytes=usage.audit_bytes,
            put_bytes=0,
            put_repair_bytes=0,
            comp_at_rest=earned.storage,
            comp_get=earned.egress,
            comp_get_repair=earned.repair,
            comp_get_audit=earned.audit,
            earned=sum(earned),
            surge_percent=100,
            held=held,
            owed=paid,
            disposed=disposed,
            paid=paid,
            distributed=0,
        )

    def _distributed(
        self, stubs: Mapping[Pair, Paystub], period: str, sent: datetime
    ) -> dict[Pair, Paystub]:
        """Pay all nodes, which have one wallet, in one transaction; or none, for want of worth."""
        due = sum(self._accounts[pair].undistributed for pair in stubs)
        if due < (_LEAST_BEFORE if period < _MOVED else _LEAST_SINCE):
            return {}
        network = "zksync-era" if period < _MOVED else "eth"
        receipt = f"{network}:0x{self._random('receipt', period).randbytes(32).hex()}"
        paid = {}
        for pair, stub in stubs.items():
            amount, self._accounts[pair].undistributed = self._accounts[pair].undistributed, 0
            read_at = microseconds(sent + timedelta(hours=3))
            paid[pair] = stub._replace(read_at=read_at, distributed=amount, receipt=receipt)
        return paid

    def _correction(self) -> Iterator[News]:
        """Yield a statement once more, with a little more than it said when it was paid."""
        pair = (self._nodes[0].name, next(iter(self._nodes[0].joined_months_ago)))
        stub = self._final[pair, self._periods[-1 - _CORRECTED_MONTHS_AGO]]
        if stub.comp_get is None or stub.earned is None or stub.paid is None:
            return
        yield from _news(
            {
                pair: stub._replace(
                    read_at=microseconds(self._now - _CORRECTED),
                    comp_get=stub.comp_get + _CORRECTION,
                    earned=stub.earned + _CORRECTION,
                    owed=stub.paid + _CORRECTION,
                    paid=stub.paid + _CORRECTION,
                )
            }
        )

    def _estimate(self, node: DemoNode, satellite: str, period: str) -> Estimate:
        is_open = period == self._periods[-1]
        off = self._random("estimate", node.name, satellite, period).uniform(0.97, 1.02)
        if node is self._nodes[1] and period == self._periods[-2]:
            off = _FAR_OFF
        usage = payouts.Usage(*(int(of * off) for of in self._usage(node, satellite, period)))
        earned = payouts.estimated(usage, self._price(satellite, period))
        gross = sum(earned)
        held = gross * payouts.held_percent(self._joined_at(node, satellite), period) // 100
        start, end = _bounds(period)
        passed = (self._now - start) / (end - start)
        return Estimate(
            *(period, satellite, "api", microseconds(min(self._now, end - timedelta(minutes=9)))),
            *usage,
            *earned,
            gross=gross,
            held=held,
            payout=gross - held,
            expected=int((gross - held) / passed) // 10_000 * 10_000 if is_open else None,
        )

    def _usage(self, node: DemoNode, satellite: str, period: str) -> payouts.Usage:
        """Return what a satellite used of a node in the part of a month in which it could."""
        start, end = _bounds(period)
        start, end = max(start, self._joined_at(node, satellite)), min(end, self._now)
        hours = (end - start) / timedelta(hours=1)
        age = (self._periods.index(period) + 0.5) / len(self._periods)
        shares = {one: SATELLITES[one] for one in self._joined(node, period)}
        share = shares[satellite] / sum(shares.values())
        busy = age * self._random("usage", node.name, satellite, period).uniform(0.9, 1.1)
        moved = self._moved.get((node.name, satellite), Moved(0, 0, 0))
        return payouts.Usage(
            int(self._stored[node.name] * age**_GROWTH * share * hours),
            *(int(of * hours / 24 * busy) for of in moved),
        )

    def _joined(self, node: DemoNode, period: str) -> list[str]:
        """Return the satellites that a node had joined in a month."""
        _, end = _bounds(period)
        return [
            satellite
            for satellite in node.joined_months_ago
            if self._joined_at(node, satellite) < min(end, self._now)
        ]

    def _joined_at(self, node: DemoNode, satellite: str) -> datetime:
        period = self._periods[-1 - node.joined_months_ago[satellite]]
        random = self._random("joined", node.name, satellite)
        return payouts.month_start(period) + timedelta(days=random.randrange(1, 27), hours=8)

    def _priced(self, node: DemoNode) -> list[Prices]:
        """Return what the node said that satellites pay, whenever it was new."""
        return [
            Prices(
                satellite,
                microseconds(payouts.month_start(period)),
                *self._price(satellite, period),
            )
            for period in self._periods
            for satellite in self._joined(node, period)
        ]

    def _price(self, satellite: str, period: str) -> payouts.Price:
        price = self._prices.of(satellite, None, period)
        if price is None:  # a clock that stands before the first prices
            return payouts.Price(0, 0, 0, 0)
        return price

    def _random(self, *what: str) -> Random:
        return Random("/".join((str(self._seed), *what)))  # noqa: S311  a demo keeps no secret


def _news(stubs: Mapping[Pair, Paystub]) -> Iterator[News]:
    for (node, _), stub in stubs.items():
        yield News(node=node, paystubs=[stub])


def _earned(usage: payouts.Usage, price: payouts.Price) -> payouts.Earned:
    """Return what a satellite pays, which drops what is less than a micro-USD."""
    month = payouts.MONTH_HOURS * payouts.TB
    return payouts.Earned(
        usage.byte_hours * price.storage // month,
        usage.egress_bytes * price.egress // payouts.TB,
        usage.repair_bytes * price.repair // payouts.TB,
        usage.audit_bytes * price.audit // payouts.TB,
    )


def _last_months(last: str, count: int) -> list[str]:
    """Return so many months up to the last one, in order."""
    months = [last]
    while len(months) < count:
        months.insert(0, payouts.month_of(payouts.month_start(months[0]) - timedelta(days=1)))
    return months


def _bounds(period: str) -> tuple[datetime, datetime]:
    return payouts.month_start(period), payouts.month_start(payouts.next_month(period))

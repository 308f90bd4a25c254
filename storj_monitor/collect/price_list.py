"""What satellites paid when, as far as is known: for what a node doesn't know any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin.payouts import Price, month_start
from storj_monitor.settings import KNOWN_PRICES
from storj_monitor.store.satellites import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from storj_monitor.settings import Price as ListedPrice

_MICRO = 1_000_000


class PriceList:
    """The known prices, and the operator's own: these win over known ones of the same day."""

    def __init__(self, own: Sequence[ListedPrice] = ()) -> None:
        of_each = {(one.from_, one.satellite): one for one in (*KNOWN_PRICES, *own)}
        # Of the same day the satellite's own come last, and so win.
        self._prices = sorted(of_each.values(), key=lambda one: (one.from_, one.satellite != ""))

    def of(self, satellite_id: str, url: str | None, period: str) -> Price | None:
        """Return what a satellite paid in a month, from its first day; None before the first."""
        first = month_start(period).date()
        names = {"", satellite_id, short_name(satellite_id, url or "")}
        found = [one for one in self._prices if one.from_ <= first and one.satellite in names]
        return _micro_usd(found[-1]) if found else None


def _micro_usd(listed: ListedPrice) -> Price:
    def micro(usd: Decimal) -> int:
        return int(usd * _MICRO)

    return Price(*map(micro, (listed.storage, listed.egress, listed.repair, listed.audit)))

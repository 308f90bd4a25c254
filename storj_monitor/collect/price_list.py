"""What satellites paid when, as far as is known: for what a node doesn't know any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin.payouts import Price, micro_usd, month_start
from storj_monitor.settings import listed_prices
from storj_monitor.store.satellites import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.settings import Price as ListedPrice


class PriceList:
    """The known prices, and the operator's own: these win over known ones of the same day."""

    def __init__(self, own: Sequence[ListedPrice] = ()) -> None:
        # Of the same day the satellite's own come last, and so win.
        self._prices = sorted(
            listed_prices(own), key=lambda one: (one.from_, one.satellite != "", one.satellite)
        )

    def of(self, satellite_id: str, url: str | None, period: str) -> Price | None:
        """Return what a satellite paid in a month, from its first day; None before the first."""
        first = month_start(period).date()
        names = {"", satellite_id, short_name(satellite_id, url or "")}
        found = [one for one in self._prices if one.from_ <= first and one.satellite in names]
        if not found:
            return None
        listed = found[-1]
        parts = (listed.storage, listed.egress, listed.repair, listed.audit)
        return Price(*map(micro_usd, parts))

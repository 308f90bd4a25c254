"""What satellites pay in a month: as the node's API said, or else the list of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.plugin.payouts import Price, month_start, next_month
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_export_plugins.sources.earnings.accounts import Pair, Record
    from storj_monitor.plugin import Reader


class _Dated(NamedTuple):
    """A price from a time on; of the same time, what one satellite pays counts before the rest."""

    at: int
    is_own: bool
    satellite: str
    price: Price


class PriceBook:
    """All prices that are known."""

    def __init__(self, reader: Reader) -> None:
        from sqlalchemy import select

        from storj_monitor.schema import price_list, prices

        self._listed = reader.fetch(select(*price_list.c)).to_pylist()
        self._said = reader.fetch(select(*prices.c)).to_pylist()

    def price(self, pair: Pair, satellite: Sequence[str | None], period: str) -> Price | None:
        """Return what counts for a node, a satellite (its names) and a month; None if nothing does.

        Of what the API said up to the month's end and what the list says of its start, the later.
        """
        start = microseconds(month_start(period))
        end = microseconds(month_start(next_month(period)))
        found = [
            _dated(row, row["from_at"], row["satellite"])
            for row in self._listed
            if row["from_at"] <= start and row["satellite"] in ("", *satellite)
        ]
        found += [
            _dated(row, row["at"], satellite[-1] or "")
            for row in self._said
            if row["at"] < end and (row["node_id"], row["satellite_id"]) == pair
        ]
        return max(found, key=lambda one: one[:3]).price if found else None


def _dated(row: Record, at: int, satellite: str) -> _Dated:
    return _Dated(at, satellite != "", satellite, Price(*(row[part] for part in Price._fields)))

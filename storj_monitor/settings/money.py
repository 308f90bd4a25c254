"""What satellites pay, and what nodes cost."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_USD = 1_000_000
_MONTH = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")


class Price(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """What satellites pay from a day on (UTC): USD for a TB (10^12 bytes) or TB-month of 720 h."""

    from_: date
    storage: Decimal
    egress: Decimal
    repair: Decimal
    audit: Decimal
    #: Its short name or full id; nothing for all.
    satellite: str = ""

    def __post_init__(self) -> None:
        check_usd(self.storage, self.egress, self.repair, self.audit)
        if self.from_.day != 1:
            message = f"prices hold for whole months: from = {self.from_} is not the first of one"
            raise ValueError(message)


_ALWAYS = "1970-01"


class Cost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What a node costs its operator from a month on (UTC), in USD."""

    node: str
    from_: str = _ALWAYS
    #: For each month from then on, until another entry of the node says otherwise.
    monthly: Decimal | None = None
    #: In that month alone, such as for a disk.
    once: Decimal | None = None

    def __post_init__(self) -> None:
        check_usd(self.monthly, self.once)
        if not _MONTH.fullmatch(self.from_):
            message = f"from = {self.from_!r} is no month such as 2026-10"
            raise ValueError(message)
        if self.once is not None and self.from_ == _ALWAYS:
            message = "once needs its month: from = 2026-10"
            raise ValueError(message)


def check_usd(*amounts: Decimal | None) -> None:
    """Raise ValueError where an amount can't be kept in whole micro-USD."""
    for amount in amounts:
        if amount is None:
            continue
        if not amount.is_finite() or not 0 <= amount <= _MOST_USD:
            message = f"{amount} USD is not from 0 to {_MOST_USD:,} USD"
            raise ValueError(message)
        if amount * 1_000_000 % 1:
            message = f"{amount} USD has more than six decimals"
            raise ValueError(message)


def _price(day: str, prices: tuple[str, str], satellite: str = "") -> Price:
    storage, rest = map(Decimal, prices)
    first = date.fromisoformat(day)
    return Price(
        from_=first, storage=storage, egress=rest, repair=rest, audit=rest, satellite=satellite
    )


#: What is known to have been paid.
KNOWN_PRICES = (
    Price(
        from_=date(2018, 1, 1),
        storage=Decimal("1.50"),
        egress=Decimal(20),
        repair=Decimal(10),
        audit=Decimal(10),
    ),
    *(_price("2023-07-01", ("1.50", "6"), satellite) for satellite in ("us1", "eu1", "ap1")),
    _price("2023-07-01", ("1.50", "2.50"), "saltlake"),
    _price("2023-12-01", ("1.50", "2")),
    _price("2026-09-01", ("1.35", "1")),
)


class MoneySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What satellites pay, and what nodes cost."""

    #: Beside KNOWN_PRICES; of the same day and satellite these win.
    prices: tuple[Price, ...] = ()
    costs: tuple[Cost, ...] = ()

    def __post_init__(self) -> None:
        monthly = [(one.node, one.from_) for one in self.costs if one.monthly is not None]
        for node, from_ in monthly:
            if monthly.count((node, from_)) > 1:
                message = f"costs of {node} have two that are monthly from {from_} on: give one"
                raise ValueError(message)


def listed_prices(own: Sequence[Price] = ()) -> list[Price]:
    """Return the known prices and the operator's own, which win over one of the same day."""
    return list({(one.from_, one.satellite): one for one in (*KNOWN_PRICES, *own)}.values())

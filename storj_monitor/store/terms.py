"""What the operator decided about money, as tables that every reader of the database finds."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import node_costs, price_list
from storj_monitor.settings import KNOWN_PRICES
from storj_monitor.store.sql import compiled

if TYPE_CHECKING:
    from decimal import Decimal

    from storj_monitor.settings import Cost, MoneySettings, Price
    from storj_monitor.store.connection import Connection

_MICRO = 1_000_000


class Terms:
    """Prices and costs as rows. Of two that are of the same day or month the later one counts."""

    def __init__(self, money: MoneySettings) -> None:
        prices = {(one.from_, one.satellite): one for one in (*KNOWN_PRICES, *money.prices)}
        costs = {(one.node, one.from_): one for one in money.costs}
        tables = {
            price_list: [_price_row(one) for one in prices.values()],
            node_costs: [_cost_row(one) for one in costs.values()],
        }
        dialect = sqlite.dialect()
        self._creations = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
        self._rows = [
            compiled(insert(table).values(rows)) for table, rows in tables.items() if rows
        ]

    def put_into(self, connection: Connection) -> None:
        """Make the tables; they are this connection's alone, and the file isn't touched."""
        connection.execute("PRAGMA temp_store = MEMORY")
        for creation in self._creations:
            connection.execute(creation)
        for statement in self._rows:
            connection.execute(statement.sql, statement.values())


def _price_row(price: Price) -> dict[str, object]:
    return {
        "from_at": microseconds(datetime.combine(price.from_, time(), UTC)),
        "satellite": price.satellite,
        "storage": _micro_usd(price.storage),
        "egress": _micro_usd(price.egress),
        "repair": _micro_usd(price.repair),
        "audit": _micro_usd(price.audit),
    }


def _cost_row(cost: Cost) -> dict[str, object]:
    return {
        "node": cost.node,
        "period": cost.from_,
        "monthly": None if cost.monthly is None else _micro_usd(cost.monthly),
        "once": None if cost.once is None else _micro_usd(cost.once),
    }


def _micro_usd(amount: Decimal) -> int:
    return int(amount * _MICRO)

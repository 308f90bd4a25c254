"""What the operator decided about money, as tables that every reader of the database finds."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from storj_monitor.plugin.payouts import micro_usd
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import node_costs, price_list
from storj_monitor.settings import listed_prices
from storj_monitor.store.sql import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.settings import Cost, MoneySettings, Price
    from storj_monitor.store.connection import Connection


class Terms:
    """Prices and costs as rows; the costs of a node and month are one."""

    def __init__(self, money: MoneySettings) -> None:
        costs: defaultdict[tuple[str, str], list[Cost]] = defaultdict(list)
        for one in money.costs:
            costs[one.node, one.from_].append(one)
        tables = {
            price_list: [_price_row(one) for one in listed_prices(money.prices)],
            node_costs: [_cost_row(*key, of_month) for key, of_month in costs.items()],
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
        "storage": micro_usd(price.storage),
        "egress": micro_usd(price.egress),
        "repair": micro_usd(price.repair),
        "audit": micro_usd(price.audit),
    }


def _cost_row(node: str, period: str, costs: Sequence[Cost]) -> dict[str, object]:
    monthly = [micro_usd(one.monthly) for one in costs if one.monthly is not None]
    once = [micro_usd(one.once) for one in costs if one.once is not None]
    return {
        "node": node,
        "period": period,
        "monthly": sum(monthly) if monthly else None,
        "once": sum(once) if once else None,
    }

"""What satellites hold of nodes, and have yet to send: the sums of all statements up to a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storj_monitor.plugin.payouts import month_of, returned, withheld_percent
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Select

    from storj_export_plugins.sources.naming import Names
    from storj_monitor.plugin import Query, Reader

    #: A row of a table, by the names of its columns.
    Record = Mapping[str, Any]
    #: The ids of a node and of a satellite; 0 for none.
    Pair = tuple[int, int]

#: Of the tables of statements and estimates.
KEY = ("period", "node_id", "satellite_id")
_COUNTED = ("origin", "held", "disposed", "paid", "distributed")


@dataclass
class Account:
    """A node's account with one satellite, in micro-USD; statements come in order of months."""

    #: Microseconds; None if it isn't known.
    joined_at: int | None = None
    held_balance: int | None = None
    undistributed: int | None = None
    _held: int = 0
    _disposed: int = 0
    #: Given back according to estimates that no statement has replaced.
    _expected: int = 0
    #: Something may have been given back that a statement from elsewhere doesn't tell.
    _is_unsure: bool = False

    def add(self, statement: Record) -> None:
        """Count a statement of the next month."""
        self._held += statement["held"] or 0
        self._disposed += statement["disposed"] or 0
        is_told = statement["disposed"] is not None or statement["held"]
        if not is_told and self._may_return(statement["period"]):
            self._is_unsure = True  # where something was held, nothing was given back
        self.held_balance = None if self._is_unsure else self._held - self._disposed
        sent = distributed(statement)
        if sent is not None and statement["paid"] is not None:
            self.undistributed = (self.undistributed or 0) + statement["paid"] - sent

    def due(self, period: str) -> int | None:
        """Return what is to be given back in a month that has no statement; None if unknown."""
        if self.joined_at is None:
            return None
        if not self._may_return(period):
            return 0
        if self._is_unsure or self.held_balance is None:
            return None
        return returned(self._held, self._disposed + self._expected)

    def _may_return(self, period: str) -> bool:
        if self.joined_at is None:
            return True
        return withheld_percent(moment(self.joined_at), period) is None

    def expect(self, disposed: int | None) -> None:
        """Count what an estimate gives back: the next one doesn't do so again."""
        self._expected += disposed or 0


class Accounts:
    """The accounts of the query's nodes, as they were before its first month."""

    def __init__(self, reader: Reader, names: Names, query: Query) -> None:
        self._accounts: dict[Pair, Account] = {}
        self._read_memberships(reader)
        self._read_months_before(reader, names, query)

    def of(self, pair: Pair) -> Account:
        """Return an account; a new one if nothing is known of it."""
        return self._accounts.setdefault(pair, Account())

    def _read_memberships(self, reader: Reader) -> None:
        from sqlalchemy import select

        from storj_monitor.schema import memberships

        for row in reader.fetch(select(*memberships.c)).to_pylist():
            self.of((row["node_id"], row["satellite_id"])).joined_at = row["joined_at"]

    def _read_months_before(self, reader: Reader, names: Names, query: Query) -> None:
        from sqlalchemy import exists, select

        from storj_monitor.schema import estimates, paystubs

        first = month_of(query.span.start)
        of_nodes = names.conditions(query, paystubs.c.node_id)
        columns = (paystubs.c[name] for name in (*KEY, *_COUNTED))
        for row in _scan(reader, select(*columns).where(paystubs.c.period < first, *of_nodes)):
            self.of((row["node_id"], row["satellite_id"])).add(row)
        stated = exists().where(*(paystubs.c[name] == estimates.c[name] for name in KEY))
        of_nodes = names.conditions(query, estimates.c.node_id)
        open_ = select(*(estimates.c[name] for name in KEY)).where(
            estimates.c.period < first, ~stated, *of_nodes
        )
        for row in _scan(reader, open_):
            account = self.of((row["node_id"], row["satellite_id"]))
            account.expect(account.due(row["period"]))


def _scan(reader: Reader, chosen: Select[tuple[Any, ...]]) -> Iterator[Record]:
    for page in reader.scan(chosen, key=KEY):
        yield from page.to_pylist()


def distributed(statement: Record) -> int | None:
    """Return what was sent for a statement: nothing is 0; None where one from elsewhere is mute."""
    sent: int | None = statement["distributed"]
    return 0 if sent is None and statement["origin"] == "api" else sent

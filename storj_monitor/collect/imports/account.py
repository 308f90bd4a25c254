"""What became of each row of another monitor's database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_NODES_NAMED = 10


@dataclass
class TableAccount:
    """What became of a table: `rows` is the sum of `taken`, `known` and all that is left out."""

    table: str
    rows: int = 0
    taken: int = 0
    #: What the database had already.
    known: int = 0
    #: Kind of repair -> how many rows needed it, be they taken or known.
    repaired: Counter[str] = field(default_factory=Counter)
    #: Reason -> how many rows.
    left_out: Counter[str] = field(default_factory=Counter)
    #: What can't be repaired, and what the operator should know of it.
    remarks: list[str] = field(default_factory=list)


@dataclass
class Account:
    """What became of everything, table by table."""

    tables: list[TableAccount] = field(default_factory=list)
    nodes: set[str] = field(default_factory=set)

    @property
    def taken(self) -> int:
        """How many rows were new."""
        return sum(table.taken for table in self.tables)


def describe(account: Account) -> str:
    """Say for people what was taken, in some lines without a line end at the end."""
    return "\n".join(
        [_nodes(account), *(line for table in account.tables for line in _lines(table))]
    )


def _nodes(account: Account) -> str:
    names = sorted(account.nodes)
    more = f" and {len(names) - _NODES_NAMED:,} more" if len(names) > _NODES_NAMED else ""
    named = ", ".join(names[:_NODES_NAMED])
    rows = sum(table.rows for table in account.tables)
    who = f" of {named}{more}" if names else ""
    return f"{rows:,} rows{who}: {account.taken:,} taken"


def _lines(table: TableAccount) -> list[str]:
    left_out = table.left_out.total()
    new, known = f"{table.taken:,} taken", f"{table.known:,} known already"
    said = [f"{table.table}: {table.rows:,} rows, {new}, {known}, {left_out:,} left out"]
    said += [f"  repaired: {words}" for words in _counted(table.repaired)]
    said += [f"  left out: {words}" for words in _counted(table.left_out)]
    said += [f"  note: {remark}" for remark in table.remarks]
    return said


def _counted(kinds: Counter[str]) -> list[str]:
    return [f"{count:,} {what}" for what, count in kinds.most_common() if count]

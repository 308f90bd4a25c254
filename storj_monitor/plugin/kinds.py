"""What a column holds: its kind, and the Arrow type that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from storj_monitor.plugin.checks import check_name, check_text, check_unique, checked_tuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa


class Kind(StrEnum):
    """What the values of a column are; formats choose spelling and alignment by it.

    Each kind has one Arrow type (`Kind.MONEY.arrow_type()`) and one Python type in `Table.rows()`.
    """

    TEXT = "text"  #: string; str
    INTEGER = "integer"  #: int64; int
    NUMBER = "number"  #: float64; float
    MONEY = "money"  #: decimal128(18, 6) in USD; Decimal
    BYTES = "bytes"  #: int64, a size in bytes; int
    RATIO = "ratio"  #: float64 from 0 to 1; float
    DURATION = "duration"  #: int64 in milliseconds; int
    TIMESTAMP = "timestamp"  #: timestamp[us, UTC]; aware datetime
    DATE = "date"  #: date32, a calendar day without a zone; date
    FLAG = "flag"  #: bool; bool

    def arrow_type(self) -> pa.DataType:
        """Return the Arrow type that a batch must have in a column of this kind."""
        import pyarrow as pa

        match self:
            case Kind.TEXT:
                return pa.string()
            case Kind.INTEGER | Kind.BYTES | Kind.DURATION:
                return pa.int64()
            case Kind.NUMBER | Kind.RATIO:
                return pa.float64()
            case Kind.MONEY:
                return pa.decimal128(18, 6)
            case Kind.TIMESTAMP:
                return pa.timestamp("us", "UTC")
            case Kind.DATE:
                return pa.date32()
            case Kind.FLAG:  # pragma: no branch  there is no other kind, as mypy sees
                return pa.bool_()


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

        Column(key="size_bytes", label="Size", kind=Kind.BYTES, unit="B")

    `key` is the machine's name (CSV header, JSON key), `label` the one for people. A column that
    is `personal` (an address, a place) is left out unless the request asks for personal data.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    description: str = ""
    personal: bool = False

    def __post_init__(self) -> None:
        check_name("column", self.key)
        check_text(f"label of column {self.key!r}", self.label)
        if not isinstance(self.kind, Kind):
            message = f"column {self.key!r}: kind must be a Kind, not {self.kind!r}"
            raise TypeError(message)


def checked_columns(what: str, columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns of `what` as a tuple; raise where they can't be those of one table."""
    checked = checked_tuple(f"column of {what}", columns, Column)
    if not checked:
        message = f"{what} declares no columns"
        raise ValueError(message)
    check_unique(f"column of {what}:", [column.key for column in checked])
    return checked


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the Arrow schema that batches of these columns have."""
    import pyarrow as pa

    return pa.schema([(column.key, column.kind.arrow_type()) for column in columns])

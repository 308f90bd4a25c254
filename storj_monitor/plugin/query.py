"""What a source is asked (Query) and what it may read from (Reader)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from storj_monitor.plugin.checks import check_name, check_text, checked_tuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from sqlalchemy import Select

#: Words that mean something else in a request, so that no filter can be called so.
RESERVED = frozenset(
    (
        *("format", "start", "end", "period", "days", "timezone", "strict"),
        *("node", "nodes", "columns", "personal", "preset", "manifest", "metrics"),
    )
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
UTC_ZONE = ZoneInfo("UTC")


def microseconds(moment: datetime) -> int:
    """Return an aware time as integer microseconds since 1970 UTC, as the database has it."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """Return integer microseconds since 1970 UTC as an aware time in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)


@dataclass(frozen=True)
class Span:
    """A half-open stretch of time: `start` belongs to it, `end` does not; both aware, in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if not isinstance(value, datetime):
                message = f"{name} of a span must be an aware datetime, not {value!r}"
                raise TypeError(message)
            if value.tzinfo is None:
                message = f"{name} of a span needs a time zone: {value!r}"
                raise ValueError(message)
            object.__setattr__(self, name, value.astimezone(UTC))
        if self.end < self.start:
            message = f"a span ends before it starts: {self.start} to {self.end}"
            raise ValueError(message)

    @property
    def start_us(self) -> int:
        """The start in microseconds since 1970 UTC, to compare with the database's times."""
        return microseconds(self.start)

    @property
    def end_us(self) -> int:
        """The end (exclusive) in microseconds since 1970 UTC."""
        return microseconds(self.end)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A choice that a request may make: a filter of a source, or an option of a format.

        Filter(name="status", summary="How it ended", choices=("success", "failed"))

    Without `choices` any text is allowed. `default` is used when the request says nothing.
    """

    name: str
    summary: str
    choices: tuple[str, ...] = ()
    default: str | None = None

    def __post_init__(self) -> None:
        check_name("filter", self.name)
        check_text(f"summary of filter {self.name!r}", self.summary)
        if self.name in RESERVED:
            message = f"filter name {self.name!r} is not allowed: a request uses that word itself"
            raise ValueError(message)
        choices = checked_tuple(f"choice of filter {self.name!r}", self.choices, str)
        object.__setattr__(self, "choices", choices)
        if self.choices and self.default is not None and self.default not in self.choices:
            message = f"filter {self.name!r}: default {self.default!r} is not one of its choices"
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a source is asked for; everything in it was checked against the source's declaration.

    `nodes` is empty when every node is meant. `filters` holds what was asked for (or a filter's
    default): several values mean any of them. `columns` is a hint, the columns that will be kept;
    a source yields all that it declares. `timezone` is the zone of calendar days. A report is told
    `now` as well (aware): of a span that ends later nothing is known beyond it.
    """

    span: Span
    nodes: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    timezone: ZoneInfo = UTC_ZONE
    columns: tuple[str, ...] = ()
    personal: bool = False
    now: datetime | None = None


class Reader(Protocol):
    """A read-only view of the database, given to a source for one query.

    The statements are SQLAlchemy selects over `storj_monitor.schema`. Only int, float, str, bool
    and None may be bound; times are integer microseconds (`query.span.start_us`).
    """

    def scan(
        self, select: Select[tuple[object, ...]], key: tuple[str, ...] = ("at", "id")
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of `select` in the order of `key`, page by page, each its own short read.

        The select contains the key columns, which together are unique and never null; the span,
        nodes and filters are its own, while order and limit are added here. With an `id` in the
        key, rows written after the start are left out; without one each page sees its own moment.
        An empty batch may come at any time: a sign that the search goes on.
        """
        ...

    def fetch(self, select: Select[tuple[object, ...]]) -> pa.Table:
        """Return a small result whole; more than 100,000 rows raise ValueError."""
        ...

"""Asking the catalogue for a source: as Arrow for what is long, as records for what is short."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from storj_monitor.plugin import Catalogue, Query, Span

    #: A row by the keys of its columns.
    Record = dict[str, Any]


def records(
    catalogue: Catalogue,
    name: str,
    query: Query,
    span: Span | None = None,
    **filters: str | tuple[str, ...],
) -> list[Record]:
    """Return a source's rows by the keys of its columns; times are in the query's zone."""
    table = catalogue.table(name, asked(query, (), span=span, **filters))
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows()]


def arrow(
    catalogue: Catalogue,
    name: str,
    query: Query,
    columns: tuple[str, ...],
    span: Span | None = None,
    **filters: str | tuple[str, ...],
) -> pa.Table:
    """Return some columns of a source as one Arrow table."""
    import pyarrow as pa

    from storj_monitor.plugin.kinds import arrow_schema

    table = catalogue.table(name, asked(query, columns, span=span, **filters))
    found = pa.Table.from_batches(list(table.batches), arrow_schema(table.columns))
    return found.select(list(columns))


def asked(
    query: Query,
    columns: tuple[str, ...] = (),
    *,
    span: Span | None = None,
    **filters: str | tuple[str, ...],
) -> Query:
    """Return a query for a source: of the report's own, the filters are of no use to it."""
    of_source = {
        key: (value,) if isinstance(value, str) else value for key, value in filters.items()
    }
    asked_of = MappingProxyType(of_source)
    return replace(query, span=span or query.span, columns=columns, filters=asked_of)

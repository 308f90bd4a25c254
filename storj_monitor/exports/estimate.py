"""How many rows an export will have: counted for a moment, and reckoned from there."""

from __future__ import annotations

import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from storj_monitor.exports.own_format import OwnFormat
from storj_monitor.plugin import Kind, Report
from storj_monitor.plugin.query import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.plugin import Document, Span, Table

#: How long is counted.
_SECONDS = 0.25


class Counted(Struct, frozen=True, kw_only=True):
    """The rows that were read, and how far that is in time.

    `last_us` is the time of the last row (microseconds since 1970 UTC); None where rows have no
    time, or not in order.
    """

    rows: int
    is_whole: bool
    last_us: int | None = None


class Expected(Struct, frozen=True, kw_only=True):
    """How many rows there will be."""

    count: int
    is_exact: bool


def render(document: Document) -> Iterator[bytes]:
    """Yield what was counted of a plain export, as JSON."""
    if document.sole_table is None:
        raise AssertionError(document.title)  # nobody asks that of a report
    yield msgspec.json.encode(counted(document.sole_table, time.monotonic() + _SECONDS))


def counted(table: Table, until: float) -> Counted:
    """Count the rows of a table, those that were read `until` then (monotonic) if that is before.

    Their time is the first column, if that is one.
    """
    is_ordered = table.columns[0].kind is Kind.TIMESTAMP
    rows, last_us = 0, None
    for batch in table.batches:
        rows += batch.num_rows
        if is_ordered and batch.num_rows:
            at = batch.column(0).cast(pa.int64())
            is_ordered = _is_ordered(at, last_us)
            last_us = at[-1].as_py()
        if time.monotonic() > until:
            return Counted(rows=rows, is_whole=False, last_us=last_us if is_ordered else None)
    return Counted(rows=rows, is_whole=True)


def _is_ordered(at: pa.Array[Any], after: int | None) -> bool:
    """Say whether times only grow, and none is missing."""
    if at.null_count or (after is not None and at[0].as_py() < after):
        return False
    return bool(pc.all(pc.less_equal(at[:-1], at[1:]), min_count=0).as_py())


ESTIMATE = OwnFormat(
    name="_estimate",
    title="Number of rows",
    media_type="application/json",
    render=render,
    suffix="json",
)


def estimate_of(request: ExportRequest) -> ExportRequest | None:
    """Return the request that counts the rows of `request`; None for a report.

    The times of the rows alone are read, where a source has them in front.
    """
    if isinstance(request.subject, Report):
        return None
    first = request.subject.columns[0]
    query = request.query
    if first.kind is Kind.TIMESTAMP and not first.personal:
        query = replace(query, columns=(first.key,))
    return replace(request, query=query, format=ESTIMATE, options=MappingProxyType({}))


def expected(counted: Counted, span: Span, now: datetime) -> Expected | None:
    """Return how many rows a span will have, as if they came evenly; None where that isn't known.

    What lies after `now` has none.
    """
    if counted.is_whole:
        return Expected(count=counted.rows, is_exact=True)
    if counted.last_us is None:
        return None
    whole_us = min(span.end_us, microseconds(now)) - span.start_us
    read_us = counted.last_us - span.start_us
    if read_us <= 0:
        return None
    count = round(counted.rows * max(whole_us, read_us) / read_us)
    return Expected(count=count, is_exact=False)

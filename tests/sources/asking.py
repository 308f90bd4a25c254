"""Asking a source over a real database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from storj_monitor.plugin import Query, Span, Table
from storj_monitor.plugin.batches import batches_of_rows

if TYPE_CHECKING:
    from storj_monitor.plugin import Source
    from storj_monitor.store import Store


def moment(text: str) -> datetime:
    """Return an ISO time, in UTC if it has no offset."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ask(
    store: Store,
    source: Source,
    start: str = "2026-03-01",
    end: str = "2026-04-01",
    timezone: str = "UTC",
    **query: Any,
) -> list[dict[str, Any]]:
    """Return the rows of a source as the host would read them, typed as declared."""
    filters = {name: tuple(values) for name, values in query.pop("filters", {}).items()}
    asked = Query(
        span=Span(moment(start), moment(end)),
        timezone=ZoneInfo(timezone),
        filters=filters,
        **query,
    )
    with store.reader() as reader:
        if source.batches:
            given = source.batches(reader, asked)
        else:
            assert source.rows
            given = batches_of_rows(source.columns, source.rows(reader, asked))
        table = Table.stream(source.name, source.title, source.columns, given)
        keys = [column.key for column in source.columns]
        return [dict(zip(keys, row, strict=True)) for row in table.rows()]

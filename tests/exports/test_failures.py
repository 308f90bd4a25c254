"""What reading raises ends the export, whoever catches it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.errors import Problem
from storj_monitor.exports.documents import Canceled
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin import Document, Note, Table
from storj_monitor.plugin.batches import batches_of_rows
from tests.exports.offers import COLUMNS, NOW, ROWS, asked, asked_report, format_, report, source
from tests.records import ListeningHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from storj_monitor.plugin import Catalogue, Query
    from storj_monitor.store import Store

BROKEN = "source 'things' failed: OSError: the rest can't be read"


def failing(*_: object) -> Iterator[pa.RecordBatch]:
    yield from batches_of_rows(COLUMNS, ROWS)
    message = "the rest can't be read"
    raise OSError(message)


def swallowing(document: Document) -> Iterator[bytes]:
    """Write what can be read, and an end as if that were all."""
    with suppress(Exception):
        for table in document.tables():
            for row in table.rows():
                yield f"{row[0]}\n".encode()
    yield b"THE END\n"


def swallowing_at_its_end(document: Document) -> Iterator[bytes]:
    *chunks, _ = swallowing(document)
    yield b"".join(chunks)


def translating(document: Document) -> Iterator[bytes]:
    """Raise an error of its own in place of that of the source."""
    (table,) = document.tables()
    try:
        yield from (b"row" for _ in table.rows())
    except Exception as error:
        message = "no luck"
        raise ValueError(message) from error


def gathering_rows(catalogue: Catalogue, query: Query) -> Document:
    """Build a report of the rows that can be read."""
    found: list[tuple[object, ...]] = []
    with suppress(Exception):
        found.extend(catalogue.table("things", query).rows())
    return Document("Some", (Note(f"{len(found)} rows"),))


def failure_of(export: Export) -> str:
    """Run an export to the end that it must not have; return the words of its Problem."""
    with pytest.raises(Problem) as raised:
        list(export.chunks())
    return raised.value.detail


@pytest.mark.parametrize("render", [swallowing, swallowing_at_its_end, translating])
def test_a_format_that_keeps_a_failure_of_the_source_to_itself_makes_no_file(
    store: Store, render: Callable[[Document], Iterator[bytes]]
) -> None:
    host = ListeningHost()
    items = (source(batches=failing), format_("csv", render=render))
    assert failure_of(Export(asked(*items), store, host, NOW)) == BROKEN
    assert [outcome.status for outcome in host.outcomes] == ["failed"]


@pytest.mark.parametrize("end", [None, LookupError("and more")])
def test_a_report_that_keeps_a_failure_of_a_source_to_itself_makes_no_file(
    store: Store, end: Exception | None
) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        document = gathering_rows(catalogue, query)
        if end is not None:
            raise end
        return document

    items = (source(batches=failing), format_("pdf"), report(build=build))
    export = Export(asked_report(*items), store, ListeningHost(*items), NOW)
    assert failure_of(export) == BROKEN


def test_a_failure_in_a_table_that_a_report_made_itself_is_seen_too(store: Store) -> None:
    def build(*_: object) -> Document:
        return Document("Own", (Table.stream("own", "Own", COLUMNS, failing()),))

    items = (source(), format_("pdf", render=swallowing), report(build=build))
    export = Export(asked_report(*items), store, ListeningHost(*items), NOW)
    assert "the rest can't be read" in failure_of(export)


def test_a_format_that_catches_a_cancel_is_ended_by_it(store: Store) -> None:
    def batches(*_: object) -> Iterator[Any]:
        yield from batches_of_rows(COLUMNS, ROWS)
        export.cancel()
        yield from batches_of_rows(COLUMNS, ROWS)

    host = ListeningHost()
    items = (source(batches=batches), format_("csv", render=swallowing))
    export = Export(asked(*items), store, host, NOW)
    with pytest.raises(Canceled):
        list(export.chunks())
    assert [outcome.status for outcome in host.outcomes] == ["canceled"]


def test_who_stops_reading_early_makes_a_file(store: Store) -> None:
    def first(document: Document) -> Iterator[bytes]:
        (table,) = document.tables()
        yield str(next(iter(table.rows()))[0]).encode()

    items = (source(batches=failing), format_("csv", render=first))
    export = Export(asked(*items), store, ListeningHost(), NOW)
    assert b"".join(export.chunks()) == b"n1"

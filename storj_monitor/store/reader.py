"""Reading: one short statement a page, so that no reader ever holds up a writer."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakSet

import pyarrow as pa

from storj_monitor.store.pages import Pages
from storj_monitor.store.read_ahead import ReadAhead
from storj_monitor.store.sql import arrow_schema, compiled

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sqlalchemy import Select

    from storj_monitor.store.connection import Connection, Value

    AnySelect = Select[tuple[object, ...]]
    Key = tuple[Value, ...]

#: Larger pages are read faster, smaller ones answer sooner and hold less.
PAGE_ROWS = 20_000
#: The first page is small, so that the first bytes leave at once, however much follows.
FIRST_PAGE_ROWS = 1_000
#: A filter that matches rarely is looked for in windows of so many rows, one statement each.
WINDOW_ROWS = 20_000
#: What `fetch` returns at most.
FETCH_ROWS = 100_000


class StoreReader:
    """The `Reader` of the plugin API, over one connection.

    A scan reads its pages in a thread of its own, a few ahead of whoever works on them: SQLite and
    Arrow leave Python's lock alone, so that two cores are busy. The statements themselves run one
    at a time. Close it before the connection.
    """

    def __init__(
        self, connection: Connection, page_rows: int = PAGE_ROWS, window_rows: int = WINDOW_ROWS
    ) -> None:
        self._connection = connection
        self._page_rows = page_rows
        self._window_rows = window_rows
        self._one_at_a_time = Lock()
        self._scans: WeakSet[ReadAhead[pa.RecordBatch]] = WeakSet()

    def close(self) -> None:
        """End every scan that is still going on."""
        for scan in list(self._scans):
            scan.close()

    def fetch(self, select: AnySelect) -> pa.Table:
        """Return a small result whole, typed as declared; over 100,000 rows raise ValueError."""
        bounded = select if select._limit_clause is not None else select.limit(FETCH_ROWS + 1)  # noqa: SLF001  there is no public word for it
        statement = compiled(bounded)
        table = self._query(statement.sql, statement.values(), rows=FETCH_ROWS + 1)
        if table.num_rows > FETCH_ROWS:
            message = f"fetch is for small results, up to {FETCH_ROWS:,} rows: use scan"
            raise ValueError(message)
        schema = arrow_schema(select)
        return table.rename_columns(schema.names).cast(schema)

    def scan(
        self, select: AnySelect, key: tuple[str, ...] = ("at", "id")
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of `select` in the order of `key`, a page at a time.

        The rows that the select's own filters skip cost one bounded statement a window, after
        which a batch is yielded, be it empty.
        """
        pages = Pages(select, key, self._window_rows)
        scan = ReadAhead(partial(self._scanned, pages, arrow_schema(select)))
        self._scans.add(scan)
        with closing(scan):
            yield from scan

    def _scanned(self, pages: Pages, schema: pa.Schema) -> Generator[pa.RecordBatch]:
        if not self._freeze(pages):
            return
        after: Key | None = None
        while True:
            until = self._window_end(pages, after)
            for page in self._pages_of_window(pages, after, until):
                yield _batch(page, schema)
            if until is None:
                return
            after = until

    def _query(self, sql: str, values: Key = (), rows: int = PAGE_ROWS) -> pa.Table:
        with self._one_at_a_time:
            return self._connection.query(sql, values, rows)

    def _freeze(self, pages: Pages) -> bool:
        """Fix the highest id, so that rows written from now on are left out; False if none is."""
        if pages.newest is None:
            return True
        newest = self._query(pages.newest.sql)[0][0].as_py()
        pages.frozen = newest
        return newest is not None

    def _window_end(self, pages: Pages, after: Key | None) -> Key | None:
        statement = pages.window_end(lower=after is not None)
        found = self._query(statement.sql, pages.values(statement, after, None))
        return _last_key(found, pages.key) if found.num_rows else None

    def _pages_of_window(
        self, pages: Pages, after: Key | None, until: Key | None
    ) -> Iterator[pa.Table]:
        while True:
            statement = pages.page(lower=after is not None, upper=until is not None)
            rows = self._page_rows if after else min(FIRST_PAGE_ROWS, self._page_rows)
            values = pages.values(statement, after, until, rows)
            page = self._query(statement.sql, values, rows=rows)
            yield page
            if page.num_rows < rows or (after := _last_key(page, pages.key)) == until:
                return


def _last_key(table: pa.Table, key: tuple[str, ...]) -> Key:
    last = table.num_rows - 1
    return tuple(table[name][last].as_py() for name in key)


def _batch(page: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    batches = page.rename_columns(schema.names).cast(schema).combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=schema)

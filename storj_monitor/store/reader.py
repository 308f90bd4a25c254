"""Reading: one short statement a page, so that no reader ever holds up a writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BooleanClauseList, ColumnClause

from storj_monitor.store.sql import arrow_schema, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.sql.elements import Tuple

    from storj_monitor.store.connection import Connection, Value
    from storj_monitor.store.sql import Statement

    AnySelect = Select[tuple[object, ...]]
    Key = tuple[Value, ...]

PAGE_ROWS = 5_000
#: A filter that matches rarely is looked for in windows of so many rows, one statement each.
WINDOW_ROWS = 50_000
#: What `fetch` returns at most.
FETCH_ROWS = 100_000


class StoreReader:
    """The `Reader` of the plugin API, over one connection; used by one thread at a time."""

    def __init__(
        self, connection: Connection, page_rows: int = PAGE_ROWS, window_rows: int = WINDOW_ROWS
    ) -> None:
        self._connection = connection
        self._page_rows = page_rows
        self._window_rows = window_rows

    def fetch(self, select: AnySelect) -> pa.Table:
        """Return a small result whole, typed as declared; over 100,000 rows raise ValueError."""
        bounded = select if select._limit_clause is not None else select.limit(FETCH_ROWS + 1)  # noqa: SLF001  there is no public word for it
        statement = compiled(bounded)
        table = self._connection.query(statement.sql, statement.values(), rows=FETCH_ROWS + 1)
        if table.num_rows > FETCH_ROWS:
            message = f"fetch is for small results, up to {FETCH_ROWS:,} rows: use scan"
            raise ValueError(message)
        return table.cast(arrow_schema(select))

    def scan(
        self, select: AnySelect, key: tuple[str, ...] = ("at", "id")
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of `select` in the order of `key`, a page at a time.

        The rows that the select's own filters skip cost one bounded statement a window, after
        which a batch is yielded, be it empty.
        """
        pages = _Pages(select, key, self._page_rows, self._window_rows)
        if not self._freeze(pages):
            return
        schema = arrow_schema(select)
        after: Key | None = None
        while True:
            until = self._window_end(pages, after)
            for page in self._pages_of_window(pages, after, until):
                yield _batch(page, schema)
            if until is None:
                return
            after = until

    def _freeze(self, pages: _Pages) -> bool:
        """Fix the highest id, so that rows written from now on are left out; False if none is."""
        if pages.newest is None:
            return True
        newest = self._connection.query(pages.newest.sql)[0][0].as_py()
        pages.frozen = newest
        return newest is not None

    def _window_end(self, pages: _Pages, after: Key | None) -> Key | None:
        statement = pages.window_end(lower=after is not None)
        found = self._connection.query(statement.sql, pages.values(statement, after, None))
        return _last_key(found, pages.key) if found.num_rows else None

    def _pages_of_window(
        self, pages: _Pages, after: Key | None, until: Key | None
    ) -> Iterator[pa.Table]:
        while True:
            statement = pages.page(lower=after is not None, upper=until is not None)
            values = pages.values(statement, after, until)
            page = self._connection.query(statement.sql, values, rows=self._page_rows)
            yield page
            if page.num_rows < self._page_rows:
                return
            after = _last_key(page, pages.key)


class _Pages:
    """The statements of one scan, each compiled once.

    A key is compared as one row value: `(at, id) > (?, ?)` is answered from the index, while the
    same written with OR reads ever more rows.
    """

    def __init__(
        self, select: AnySelect, key: tuple[str, ...], page_rows: int, window_rows: int
    ) -> None:
        if missing := [name for name in key if name not in select.selected_columns]:
            message = f"a scan by {key} needs {missing} among the columns that are selected"
            raise ValueError(message)
        self.key = key
        self.frozen: Value = None
        self._select = select
        self._columns = [select.selected_columns[name] for name in key]
        self._page_rows = page_rows
        self._window_rows = window_rows
        self._made: dict[tuple[str, bool, bool], Statement] = {}
        self.newest = compiled(self._newest()) if "id" in key else None

    def _newest(self) -> AnySelect:
        return select(func.max(self._select.selected_columns["id"]))

    def page(self, *, lower: bool, upper: bool) -> Statement:
        """Write the next page of rows after one key (if `lower`) and up to another (if `upper`)."""
        if (kind := ("page", lower, upper)) not in self._made:
            page = self._select.where(*self._bounds(lower=lower, upper=upper))
            page = page.order_by(None).order_by(*self._columns).limit(self._page_rows)
            self._made[kind] = compiled(page)
        return self._made[kind]

    def window_end(self, *, lower: bool) -> Statement:
        """Write the key a window's rows ahead, leaving aside filters that aren't of the key."""
        if (kind := ("window", lower, False)) not in self._made:
            end = select(*self._columns).where(*self._key_conditions())
            end = end.where(*self._bounds(lower=lower, upper=False))
            end = end.order_by(*self._columns).offset(self._window_rows - 1).limit(1)
            self._made[kind] = compiled(end)
        return self._made[kind]

    def values(self, statement: Statement, after: Key | None, until: Key | None) -> Key:
        """Return a statement's values, with the bounds filled in."""
        return statement.values(
            **{f"after_{index}": value for index, value in enumerate(after or ())},
            **{f"until_{index}": value for index, value in enumerate(until or ())},
            frozen=self.frozen,
        )

    def _bounds(self, *, lower: bool, upper: bool) -> Iterator[ColumnElement[bool]]:
        if lower:
            yield tuple_(*self._columns) > self._open("after")
        if upper:
            yield tuple_(*self._columns) <= self._open("until")
        if self.newest:
            column = self._select.selected_columns["id"]
            yield column <= bindparam("frozen", None, type_=column.type)

    def _open(self, name: str) -> Tuple:
        return tuple_(
            *(
                bindparam(f"{name}_{index}", None, type_=column.type)
                for index, column in enumerate(self._columns)
            )
        )

    def _key_conditions(self) -> list[ColumnElement[bool]]:
        """Return those of the select's conditions that speak of key columns alone: the span."""
        where = self._select.whereclause
        if where is None:
            return []
        together = isinstance(where, BooleanClauseList) and where.operator is operators.and_
        conditions = list(where.clauses) if together else [where]
        return [condition for condition in conditions if self._speaks_of_key_alone(condition)]

    def _speaks_of_key_alone(self, condition: ColumnElement[bool]) -> bool:
        named = [part for part in visitors.iterate(condition) if isinstance(part, ColumnClause)]
        return bool(named) and all(
            any(part is column for column in self._columns) for part in named
        )


def _last_key(table: pa.Table, key: tuple[str, ...]) -> Key:
    last = table.num_rows - 1
    return tuple(table[name][last].as_py() for name in key)


def _batch(page: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    batches = page.cast(schema).combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=schema)

"""SQLAlchemy's statements on their way to a connection, each compiled once by the process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy.dialects.sqlite import insert

from storj_monitor.store.sql import arrow_type, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ClauseElement, Table
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.connection import Connection, Value
    from storj_monitor.store.sql import Statement


class Statements:
    """Runs statements that functions without arguments write: to write one costs more than a run.

    Whoever inserts rows gives them as a table with the columns that the statement leaves open, or
    as tuples in the order of these.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._schemas: dict[Callable[[], Insert], pa.Schema] = {}

    def query(self, write: Callable[[], ClauseElement], **values: Value) -> pa.Table:
        """Return all rows of a statement, its open values filled in."""
        statement = _written(write)
        return self._connection.query(statement.sql, statement.values(**values))

    def number(self, write: Callable[[], ClauseElement]) -> int:
        """Return the one number that a statement finds."""
        return int(self.query(write)[0][0].as_py())

    def insert(self, write: Callable[[], Insert], rows: pa.Table) -> None:
        """Run an insert once for each row of a table."""
        statement = _written(write)
        for batch in rows.select(list(statement.names)).combine_chunks().to_batches():
            self._connection.executemany(statement.sql, batch)

    def insert_tuples(
        self, write: Callable[[], Insert], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Run an insert once for each tuple; where there is none, do nothing."""
        if rows:
            schema = self._schema(write)
            columns = zip(zip(*rows, strict=True), schema.types, strict=True)
            arrays = [pa.array(values, type_) for values, type_ in columns]
            self.insert(write, pa.Table.from_arrays(arrays, schema=schema))

    def _schema(self, write: Callable[[], Insert]) -> pa.Schema:
        if write not in self._schemas:
            columns = write().table.c
            names = _written(write).names
            self._schemas[write] = pa.schema(
                [(name, arrow_type(name, columns[name].type)) for name in names]
            )
        return self._schemas[write]


@cache
def _written(write: Callable[[], ClauseElement]) -> Statement:
    """Return what a function writes: these are functions of modules, so there are only so many."""
    return compiled(write())


def insertion(table: Table, *names: str) -> Insert:
    """Write an insert that leaves open the values of the columns named, or of all."""
    return insert(table).values(dict.fromkeys(names or table.c.keys()))

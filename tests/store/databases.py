"""Looking into databases, and being somebody whom the file system may refuse."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from storj_monitor.schema import metadata
from storj_monitor.store import News
from storj_monitor.store.connection import Connection
from tests.records import transfers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from storj_monitor.store import Store, Written
    from storj_monitor.store.connection import Value

_NOBODY = 65_534


def write(store: Store, *rows: dict[str, Any], node: str = "n1") -> Written:
    """Write transfers of one node with a writer of their own."""
    with store.writer() as writer:
        return writer.write([News(node=node, transfers=transfers(rows))])


def rows_of(path: Path, sql: str) -> list[dict[str, Any]]:
    """Return what a statement finds."""
    with Connection(path, "ro") as connection:
        return connection.query(sql).to_pylist()


def contents_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, sorted, with names in the place of the ids."""
    name = "(SELECT name FROM nodes WHERE id = node_id)"
    full = "(SELECT satellite_id FROM satellites AS s WHERE s.id = t.satellite_id)"
    found = {}
    for table in metadata.sorted_tables:
        names = {"id": "NULL", "node_id": name, "satellite_id": full}
        if table.name == "satellites":
            del names["satellite_id"]
        columns = [f"{names.get(column.name, column.name)} AS {column.name}" for column in table.c]
        rows = rows_of(path, f"SELECT {', '.join(columns)} FROM {table.name} AS t")
        found[table.name] = sorted((tuple(row.values()) for row in rows), key=repr)
    return found


def number_of(path: Path, sql: str) -> int:
    """Return the one number that a statement finds."""
    [[number]] = [list(row.values()) for row in rows_of(path, sql)]
    return int(number)


def run(path: Path, *statements: str) -> None:
    """Change a database behind the program's back, or make one."""
    with Connection(path, "rwc") as connection:
        for statement in statements:
            connection.execute(statement)


def filled(path: Path) -> dict[str, dict[str, Any]]:
    """Put a row into every table, and return them."""
    rows = {}
    names = rows_of(path, "SELECT name FROM pragma_table_list WHERE schema = 'main'")
    for name in (row["name"] for row in names if not row["name"].startswith("sqlite_")):
        columns = rows_of(path, f"PRAGMA table_info({name})")
        values = ["'some'" if column["type"] == "TEXT" else "7200000000" for column in columns]
        run(path, f"INSERT INTO {name} VALUES ({', '.join(values)})")
        [rows[name]] = rows_of(path, f"SELECT * FROM {name}")
    return rows


class Breaking(Connection):
    """Fails at statements that begin with certain words, once they are set."""

    words = "\0"

    def query(self, sql: str, values: Sequence[Value] = (), rows: int = 100_000) -> pa.Table:
        self._check(sql)
        return super().query(sql, values, rows)

    def executemany(self, sql: str, batch: pa.RecordBatch) -> None:
        self._check(sql)
        super().executemany(sql, batch)

    def _check(self, sql: str) -> None:
        if sql.startswith(self.words):
            raise RuntimeError(self.words)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Be a user whom permissions bind, as root is not."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)

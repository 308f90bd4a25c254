"""One import on its way: their rows in, our news out, and the account of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar, get_type_hints

import pyarrow as pa

from storj_monitor.collect.imports import ours
from storj_monitor.collect.imports.account import Account, TableAccount
from storj_monitor.collect.imports.cells import NAMELESS, NO_NODE, NO_TIME, Cells, node_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Table

    from storj_monitor.store import News, StoreReader, StoreWriter
    from storj_monitor.store.foreign import ForeignDatabase

_Row = TypeVar("_Row", bound=NamedTuple)
_TYPES: dict[object, pa.DataType] = {
    str | None: pa.string(),
    int | None: pa.int64(),
    float | None: pa.float64(),
}


class Taking:
    """Hands out the rows of their tables, stores what they mean, and counts."""

    def __init__(
        self,
        theirs: ForeignDatabase,
        reader: StoreReader,
        writer: StoreWriter,
        progress: Callable[[int, int | None], None],
        total: int,
    ) -> None:
        self.theirs = theirs
        self.reader = reader
        self.writer = writer
        self.cells = Cells()
        self.account = Account()
        self._progress = progress
        self._total = total
        self._done = 0

    def table(self, name: str) -> TableAccount:
        """Begin the account of a table."""
        account = TableAccount(name)
        self.account.tables.append(account)
        return account

    def pages(self, account: TableAccount, kind: type[_Row]) -> Iterator[list[_Row]]:
        """Yield the rows of a table, page by page, and count them."""
        for page in self.look(account.table, kind):
            self.count(account, len(page))
            yield page

    def look(self, table: str, kind: type[_Row]) -> Iterator[list[_Row]]:
        """Yield the rows of a table, page by page: `kind` has a `rowid`, and names its columns."""
        hints = get_type_hints(kind)
        columns = {name: _TYPES[hint] for name, hint in hints.items() if name != "rowid"}
        for page in self.theirs.pages(table, columns):
            cells = (column.to_pylist() for column in page.columns)
            yield [kind(*row) for row in zip(*cells, strict=True)]

    def count(self, account: TableAccount, rows: int) -> None:
        """Note that so many rows of a table were read."""
        account.rows += rows
        self._done += rows
        self._progress(self._done, self._total)

    def whose(
        self, account: TableAccount, name: str | None, time: str | None
    ) -> tuple[str, int] | None:
        """Return the node and the time of a row; None, and why is counted, if it has none."""
        node, at = node_of(name), self.cells.time(time)
        if node is None:
            account.left_out[NO_NODE] += 1
            return None
        if at is None:
            account.left_out[NO_TIME] += 1
            return None
        if name is None:
            account.repaired[NAMELESS] += 1
        self.account.nodes.add(node)
        return node, at

    @contextmanager
    def storing(
        self, account: TableAccount, *tables: Table
    ) -> Iterator[Callable[[list[News]], None]]:
        """Yield what stores news, and in the end tell what was new in our tables from what wasn't.

        Every row that was read and not left out has to be in the news.
        """
        before = [ours.imported(self.reader, table) for table in tables]

        def store(news: list[News]) -> None:
            if news:
                self.writer.write(news)

        yield store
        account.taken = sum(ours.imported(self.reader, table) for table in tables) - sum(before)
        account.known = account.rows - account.left_out.total() - account.taken

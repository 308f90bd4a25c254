"""Stand-ins for what a source and a report are given, for tests of an author's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import Table

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    import pyarrow as pa
    from sqlalchemy import Select

    from storj_monitor.plugin import Query, Reader

    AnySelect = Select[tuple[object, ...]]


class FakeReader:
    """A `Reader` that answers every select with the batches it was made of.

        reader = FakeReader(batch, another)
        rows = list(rows_of_my_source(reader, query))
        assert "WHERE" in str(reader.selects[0])

    A scan gives one after the other, `fetch` all of them as one table. `selects` are those asked
    so far, `open_scans` how many scans were neither read to their end nor closed.
    """

    def __init__(self, *batches: pa.RecordBatch) -> None:
        self.selects: list[AnySelect] = []
        self.open_scans = 0
        self._batches = batches

    def scan(
        self, select: AnySelect, key: tuple[str, ...] = ("at", "id")
    ) -> Iterator[pa.RecordBatch]:
        """Yield the batches, whatever is asked; raise ValueError when they lack the key."""
        self.selects.append(select)
        for batch in self._batches:
            if missing := [name for name in key if name not in batch.schema.names]:
                message = f"a scan's rows have its key columns, and these lack {missing}"
                raise ValueError(message)
        return self._scanned()

    def _scanned(self) -> Generator[pa.RecordBatch]:
        self.open_scans += 1
        try:
            yield from self._batches
        finally:
            self.open_scans -= 1

    def fetch(self, select: AnySelect) -> pa.Table:
        """Return all batches as one table; of none, one without columns."""
        import pyarrow as pa

        self.selects.append(select)
        return pa.Table.from_batches(self._batches) if self._batches else pa.table({})


class WatchedReader:
    """A reader that hands on another's answers in small pieces, and counts how they are read."""

    def __init__(self, reader: Reader, rows: int = 20) -> None:
        self.open_scans = 0
        #: Pieces with rows that were handed on.
        self.pieces = 0
        self._reader = reader
        self._rows = rows

    def scan(
        self, select: AnySelect, key: tuple[str, ...] = ("at", "id")
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows, a few at a time."""
        self.open_scans += 1
        try:
            for batch in self._reader.scan(select, key):
                yield batch.slice(0, 0)  # a sign of life, as the real one gives it
                for first in range(0, batch.num_rows, self._rows):
                    self.pieces += 1
                    yield batch.slice(first, self._rows)
        finally:
            self.open_scans -= 1

    def fetch(self, select: AnySelect) -> pa.Table:
        """Return what the other reader returns."""
        return self._reader.fetch(select)


class FakeCatalogue:
    """A `Catalogue` of the tables it is given, by the names of their sources.

        traffic = Table.of("traffic", "Traffic", COLUMNS, rows)
        document = build(FakeCatalogue({"traffic": traffic}), query)

    Every query gets all rows of the table, narrowed to `query.columns` if it names some. `asked`
    are the sources asked for so far, each with its query.
    """

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.asked: list[tuple[str, Query]] = []
        self._tables = tables

    def table(self, name: str, query: Query) -> Table:
        """Return the table as a stream; raise LookupError for one that there isn't."""
        held = self.fetch(name, query)
        stream = Table.stream(held.name, held.title, held.columns, held.batches)
        return stream.through(lambda batches: batches, query.timezone)

    def fetch(self, name: str, query: Query) -> Table:
        """Return the table, to be read as often as needed; raise LookupError likewise."""
        self.asked.append((name, query))
        if name not in self._tables:
            message = f"there is no source {name!r}; installed: {', '.join(self._tables) or 'none'}"
            raise LookupError(message)
        table = self._tables[name]
        columns = {column.key: column for column in table.columns}
        if missing := [key for key in query.columns if key not in columns]:
            message = f"source {name!r} has no columns {missing}"
            raise LookupError(message)
        kept = query.columns or tuple(columns)
        held = [batch.select(list(kept)) for batch in table.batches]
        return Table(
            table.name,
            table.title,
            [columns[key] for key in kept],
            lambda: held,
            repeatable=True,
            timezone=query.timezone,
        )

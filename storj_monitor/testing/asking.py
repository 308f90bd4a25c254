"""Asking a source as the program does it: over a reader, through what the host checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from storj_monitor.exports.sources import SourceError, Sources
from storj_monitor.plugin import OptionError, Query, Table
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.testing.rules import unbroken
from storj_monitor.testing.stores import SAMPLE_SPAN

if TYPE_CHECKING:
    from collections.abc import Generator

    import pyarrow as pa

    from storj_monitor.plugin import Reader, Source, Span
    from storj_monitor.store import Store

_GIVES = (
    "a source gives rows for every span, node and filter, over an empty database as well; each "
    "row has a value, or None, for every declared column in their order, of the Python (rows) or "
    "Arrow (batches) type that the column's kind has; times are aware."
)


class Rows(Sequence[tuple[Any, ...]]):
    """The rows that a source gave, with the keys of their columns."""

    def __init__(self, keys: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        self.keys = keys
        self._rows = rows

    def of(self, key: str) -> list[Any]:
        """Return the values of one column."""
        index = self.keys.index(key)
        return [row[index] for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[Any, ...]]: ...
    def __getitem__(self, index: int | slice) -> tuple[Any, ...] | list[tuple[Any, ...]]:
        return self._rows[index]

    def __eq__(self, other: object) -> bool:
        # By their spelling, because NaN isn't even equal to itself.
        return isinstance(other, Rows) and repr(self._rows) == repr(other._rows)

    def __hash__(self) -> int:
        return hash(self.keys)


def ask(store: Store, source: Source, span: Span = SAMPLE_SPAN, **query: Any) -> Rows:  # noqa: ANN401  the fields of Query
    """Return the rows of a source; fail the test where it raises or gives others than declared.

    OptionError is let through.
    """
    asked = Query(span=span, **query)
    with store.reader() as reader:
        sources = Sources(
            {source.name: source}, reader, personal=asked.personal, watch=lambda: None
        )
        try:
            table = sources.table(source.name, asked)
            rows = list(table.rows())
        except SourceError as error:
            if isinstance(error.error, OptionError):
                raise error.error from error
            with unbroken(f"source {source.name!r}", _GIVES):
                raise error.error  # noqa: B904  the source's own error, as it was
        finally:
            sources.close()
    return Rows(tuple(column.key for column in table.columns), rows)


def begin(source: Source, reader: Reader) -> Generator[pa.RecordBatch]:
    """Yield the batches of a source as it gives them; of rows(), each row is one."""
    defaults = {item.name: (item.default,) for item in source.filters if item.default is not None}
    query = Query(span=SAMPLE_SPAN, filters=defaults)
    if source.batches is not None:
        given = source.batches(reader, query)
    elif source.rows is not None:
        given = batches_of_rows(source.columns, source.rows(reader, query), size=1)
    yield from Table.stream(source.name, source.title, source.columns, given).batches


def values_of(rows: Rows, key: str) -> list[str]:
    """Return the texts in a column, sorted; nothing where there is no such column."""
    found = rows.of(key) if key in rows.keys else []
    return sorted({value for value in found if isinstance(value, str)})

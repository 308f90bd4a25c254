"""The installed sources as one export reads them: one reader, and nothing that wasn't asked for."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from storj_monitor.exports.failures import FirstFailure
from storj_monitor.plugin import Span, Table
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.plugin.checks import checked_tuple
from storj_monitor.plugin.payouts import month_start, months_of, next_month

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    import pyarrow as pa

    from storj_monitor.plugin import Query, Reader, Source

#: What a report may hold in memory of one source.
MOST_ROWS_HELD = 1_000_000
#: What a report was asked for itself, and hands on with its query: no source has such a filter.
_METRICS = "metrics"


class SourceError(Exception):
    """A source failed while it gave its rows; `error` is what it raised."""

    def __init__(self, source: str, error: BaseException) -> None:
        super().__init__(str(error))
        self.source = source
        self.error = error


class UnknownSourceError(LookupError):
    """A report asks for a source that isn't installed."""


class Sources:
    """The `Catalogue` of the plugin API, over one reader.

    Personal columns are there if the export is `personal`, whatever a query says. `watch` is
    called for each batch that is read, and may raise. `failure` remembers what reading raises,
    since a report or format may catch it. Close it before the reader: that ends the streams that
    are still going on.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        reader: Reader,
        *,
        personal: bool,
        watch: Callable[[], None],
        failure: FirstFailure | None = None,
    ) -> None:
        self._sources = sources
        self._reader = reader
        self._personal = personal
        self._watch = watch
        self._failure = failure or FirstFailure()
        self._streams: list[Generator[pa.RecordBatch]] = []

    def table(self, name: str, query: Query) -> Table:
        """Return a source's table as a stream; `query.columns` keeps those alone, if it has any."""
        source, query = self._found(name, query)
        declared = {column.key: column for column in source.columns}
        columns = tuple(declared[key] for key in query.columns)
        stream = self._watched(self._batches(source, query))
        self._streams.append(stream)
        table = Table.stream(source.name, source.title, columns, stream)
        return table.through(lambda batches: batches, query.timezone)

    def fetch(self, name: str, query: Query) -> Table:
        """Return the same held in memory; raise ValueError for more than a million rows."""
        table = self.table(name, query)
        held: list[pa.RecordBatch] = []
        rows = 0
        for batch in table.batches:
            rows += batch.num_rows
            if rows > MOST_ROWS_HELD:
                message = f"{name!r} has over {MOST_ROWS_HELD:,} rows here: read them with table()"
                raise ValueError(message)
            held.append(batch)
        return Table(
            table.name,
            table.title,
            table.columns,
            lambda: held,
            repeatable=True,
            timezone=query.timezone,
        )

    def close(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.close()

    def _found(self, name: str, query: Query) -> tuple[Source, Query]:
        """Return a source, and the query as that source is to see it."""
        source = self._sources.get(name)
        if source is None:
            known = ", ".join(sorted(self._sources)) or "none"
            message = f"there is no source {name!r}; installed: {known}"
            raise UnknownSourceError(message)
        return source, replace(
            query,
            span=_whole_months(query.span) if source.period == "month" else query.span,
            filters=_filters(source, query.filters),
            columns=self._keys(source, query.columns),
            personal=self._personal,
        )

    def _keys(self, source: Source, wanted: tuple[str, ...]) -> tuple[str, ...]:
        allowed = [column.key for column in source.columns if self._personal or not column.personal]
        if unknown := [key for key in wanted if key not in allowed]:
            message = f"source {source.name!r} has no columns {unknown}, or they are personal"
            raise LookupError(message)
        return wanted or tuple(allowed)

    def _watched(self, batches: Generator[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
        with self._failure.noted(), closing(batches):
            for batch in batches:
                self._watch()
                yield batch

    def _batches(self, source: Source, query: Query) -> Generator[pa.RecordBatch]:
        """Read the source, and keep the columns asked for."""
        try:
            given = _given(source, self._reader, query)
            for batch in Table.stream(source.name, source.title, source.columns, given).batches:
                yield batch.select(list(query.columns))
        except (Exception, SystemExit) as error:
            raise SourceError(source.name, error) from error


def _whole_months(span: Span) -> Span:
    periods = list(months_of(span))
    if not periods:
        return span
    return Span(month_start(periods[0]), month_start(next_month(periods[-1])))


def _filters(source: Source, given: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Return the filters with their defaults; raise where the source has none such."""
    declared = {item.name: item for item in source.filters}
    chosen: dict[str, tuple[str, ...]]
    chosen = {name: (item.default,) for name, item in declared.items() if item.default is not None}
    for name, values in given.items():
        if name == _METRICS:
            continue
        if name not in declared:
            known = ", ".join(declared) or "none"
            message = f"source {source.name!r} has no filter {name!r}; it has: {known}"
            raise LookupError(message)
        chosen[name] = checked_tuple(f"filter {name!r} of {source.name!r}", values, str)
        choices = declared[name].choices
        if wrong := [value for value in chosen[name] if choices and value not in choices]:
            message = f"filter {name!r} of source {source.name!r} doesn't take {wrong}"
            raise ValueError(message)
    return MappingProxyType(chosen)


def _given(source: Source, reader: Reader, query: Query) -> Iterable[pa.RecordBatch]:
    if source.rows is not None:
        return batches_of_rows(source.columns, source.rows(reader, query))
    if source.batches is not None:
        return source.batches(reader, query)
    raise AssertionError(source.name)  # a Source has one of the two

"""What a format is given: a document made of tables, figures, charts and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Self

from storj_monitor.plugin.batches import batches_of_rows, rows_of_batches
from storj_monitor.plugin.checks import check_text, checked_tuple
from storj_monitor.plugin.kinds import Column, Kind, arrow_schema, checked_columns
from storj_monitor.plugin.query import UTC_ZONE
from storj_monitor.plugin.spelling import machine_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin.query import Span


class Table:
    """Rows under typed columns: a schema and a stream of Arrow batches.

        for row in table.rows():           # Python values, times in the document's zone
            ...
        for batch in table.batches:        # pyarrow.RecordBatch, typed as the columns say
            ...

    Read it once, one way or the other. A streamed table raises RuntimeError when it is read a
    second time; one made by `Table.of` is held in memory and may be read again.
    """

    def __init__(  # noqa: PLR0913  the two constructors below are the ones to call
        self,
        name: str,
        title: str,
        columns: Iterable[Column],
        source: Callable[[], Iterable[pa.RecordBatch]],
        *,
        repeatable: bool,
        timezone: ZoneInfo = UTC_ZONE,
    ) -> None:
        check_text("name of a table", name)
        self.name = name
        self.title = title
        self.columns = checked_columns(f"table {name!r}", columns)
        #: The zone that `rows()` gives times in, and that a format spells them in.
        self.timezone = timezone
        self._source = source
        self._repeatable = repeatable
        self._read = False

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        columns: Iterable[Column],
        rows: Iterable[Sequence[object]],
    ) -> Self:
        """Hold rows of Python values in memory; raise TypeError where one doesn't fit."""
        columns = checked_columns(f"table {name!r}", columns)
        held = tuple(batches_of_rows(columns, rows))
        return cls(name, title, columns, lambda: held, repeatable=True)

    @classmethod
    def stream(
        cls,
        name: str,
        title: str,
        columns: Iterable[Column],
        batches: Iterable[pa.RecordBatch],
    ) -> Self:
        """Pass batches through, once; each must be typed as the columns say."""
        return cls(name, title, columns, lambda: batches, repeatable=False)

    @property
    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches in order; raises TypeError at one whose schema isn't that of the columns."""
        if self._read and not self._repeatable:
            message = f"table {self.name!r} is a stream and was read before: read it once"
            raise RuntimeError(message)
        self._read = True
        return self._checked()

    def _checked(self) -> Iterator[pa.RecordBatch]:
        source = self._source()
        try:
            yield from self._each_checked(source)
        finally:
            if not self._repeatable and (close := getattr(source, "close", None)):
                close()

    def _each_checked(self, source: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        schema = arrow_schema(self.columns)
        for batch in source:
            if not isinstance(batch, pa.RecordBatch):
                message = f"table {self.name!r} got {type(batch).__name__}, not a RecordBatch"
                raise TypeError(message)
            if batch.schema != schema:
                message = (
                    f"table {self.name!r} got a batch of another schema than its columns declare: "
                    f"{_difference(schema, batch.schema)}"
                )
                raise TypeError(message)
            yield batch

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield rows: Decimal, aware datetime, date, int, float, bool, str or None by kind."""
        return rows_of_batches(self.columns, self.batches, self.timezone)

    def through(
        self,
        change: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        timezone: ZoneInfo,
    ) -> Table:
        """Return this table with its batches passed through `change`, times in `timezone`."""
        return Table(
            self.name,
            self.title,
            self.columns,
            lambda: change(self.batches),
            repeatable=self._repeatable,
            timezone=timezone,
        )


def _difference(declared: pa.Schema, given: pa.Schema) -> str:
    if declared.names != given.names:
        return f"columns {', '.join(given.names)} instead of {', '.join(declared.names)}"
    wrong = [
        f"{want.name} is {have.type} instead of {want.type}"
        for want, have in zip(declared, given, strict=True)
        if want.type != have.type
    ]
    return "; ".join(wrong) or "only the metadata or nullability differs"


@dataclass(frozen=True)
class Figure:
    """One number that matters, with its change against the span before (a ratio: 0.12 is +12 %)."""

    key: str
    label: str
    value: object
    kind: Kind
    change: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kind, Kind):
            message = f"figure {self.key!r}: kind must be a Kind, not {self.kind!r}"
            raise TypeError(message)


@dataclass(frozen=True)
class Figures:
    """A row of figures under one title."""

    title: str
    items: tuple[Figure, ...]

    def __post_init__(self) -> None:
        items = checked_tuple(f"figure of {self.title!r}", self.items, Figure)
        object.__setattr__(self, "items", items)

    def as_table(self) -> Table:
        """Return the figures as a plain table, values in the machine's spelling."""
        columns = (
            Column(key="figure", label="Figure"),
            Column(key="label", label="Label"),
            Column(key="value", label="Value"),
            Column(key="kind", label="Kind"),
            Column(key="change", label="Change", kind=Kind.NUMBER),
        )
        rows = [
            (item.key, item.label, machine_text(item.value, item.kind), str(item.kind), item.change)
            for item in self.items
        ]
        return Table.of("figures", self.title, columns, rows)


@dataclass(frozen=True)
class Chart:
    """What to draw, as data: columns of `table`, `x` along the bottom, a series for each `y`."""

    title: str
    table: Table
    x: str
    y: tuple[str, ...]
    shape: Literal["line", "bar", "stacked"] = "line"

    def __post_init__(self) -> None:
        object.__setattr__(self, "y", checked_tuple(f"y of chart {self.title!r}", self.y, str))
        known = {column.key for column in self.table.columns}
        if missing := [key for key in (self.x, *self.y) if key not in known]:
            message = f"chart {self.title!r} draws columns that its table hasn't: {missing}"
            raise ValueError(message)
        if self.shape not in ("line", "bar", "stacked"):
            message = f"chart {self.title!r}: shape must be line, bar or stacked: {self.shape!r}"
            raise ValueError(message)


@dataclass(frozen=True)
class Note:
    """Words to the reader, such as what is missing from the data."""

    text: str
    level: Literal["info", "warning"] = "info"

    def __post_init__(self) -> None:
        if self.level not in ("info", "warning"):
            message = f"level of a note must be info or warning: {self.level!r}"
            raise ValueError(message)

    def as_table(self) -> Table:
        """Return the note as a table of one row."""
        columns = (Column(key="level", label="Level"), Column(key="text", label="Text"))
        return Table.of("note", "Note", columns, [(self.level, self.text)])


Block = Table | Figures | Chart | Note


@dataclass(frozen=True)
class Document:
    """Everything a format needs to write one file.

        def render(document):
            for table in document.tables():
                yield ",".join(column.key for column in table.columns).encode()

    `Document(title, blocks)` is enough to make one: the host fills in the rest where it is absent.
    `metadata` is what the file should say about itself, `options` the format's own options as
    chosen, `brand` the operator's name, `logo` the operator's picture: the bytes of a PNG or JPEG
    file, for formats that can show one.
    """

    title: str
    blocks: tuple[Block, ...]
    generated_at: datetime | None = None
    span: Span | None = None
    timezone: ZoneInfo | None = None
    nodes: tuple[str, ...] | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    brand: str | None = None
    logo: bytes | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))
        for block in self.blocks:
            if not isinstance(block, Block):
                message = (
                    f"a block of {self.title!r} must be a Table, Figures, Chart or Note, "
                    f"not {block!r}"
                )
                raise TypeError(message)

    @property
    def sole_table(self) -> Table | None:
        """The table when the document is a plain export, else None."""
        if len(self.blocks) == 1 and isinstance(self.blocks[0], Table):
            return self.blocks[0]
        return None

    def tables(self) -> Iterator[Table]:
        """Yield every block as a table, in order: enough for a complete, if plain, rendering.

        A chart gives the table that it draws, unless that is a block itself or another chart's.
        """
        given = [block for block in self.blocks if isinstance(block, Table)]
        for block in self.blocks:
            if isinstance(block, Table):
                yield block
            elif not isinstance(block, Chart):
                yield block.as_table()
            elif not any(block.table is table for table in given):
                given.append(block.table)
                yield block.table

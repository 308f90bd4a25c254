"""Documents that formats stumble over, and the host's own way to hand one to a format."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from storj_monitor.exports.documents import guarded_words, with_tables
from storj_monitor.exports.guard import guarded, is_guarded
from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    Span,
    Table,
)
from storj_monitor.plugin.batches import batches_of_rows
from storj_monitor.testing.texts import FORMULAS, NAMES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from storj_monitor.plugin import Block, Format

    _Shape = Literal["line", "bar", "stacked"]

#: When all of the kit's files are generated.
GENERATED_AT = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
SPAN = Span(datetime(2026, 2, 25, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
ZONE = ZoneInfo("Europe/Berlin")
_AT = datetime(2026, 3, 4, 10, 11, 12, 345_678, tzinfo=UTC)
_ONE_PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

#: For each kind a usual value, the least and the greatest that formats meet, and what isn't usual.
VALUES: Final[Mapping[Kind, tuple[object, ...]]] = MappingProxyType(
    {
        Kind.TEXT: ("alpha", "", "x" * 300),
        Kind.INTEGER: (42, -(2**63), 2**63 - 1),
        Kind.NUMBER: (1.5, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"), -0.0),
        Kind.MONEY: (Decimal("3.131592"), Decimal("-999999999999.999999"), Decimal("1E+3")),
        Kind.BYTES: (1_250_000_000, -1, 2**53 + 1),
        Kind.RATIO: (0.9821, 0.0, 1.0),
        Kind.DURATION: (1_500, 0, 10**12),
        Kind.TIMESTAMP: (
            _AT,
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),  # Berlin's clocks go forward after it
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # and back before it
        ),
        Kind.DATE: (date(2026, 3, 4), date(1900, 1, 1), date(9999, 12, 31)),
        Kind.FLAG: (True, False),
    }
)


def columns_of(*kinds: Kind) -> tuple[Column, ...]:
    """Return a column for each kind, with keys and labels of their own."""
    return tuple(
        Column(key=f"{kind}_{index}", label=f"{kind.capitalize()} {index}", kind=kind)
        for index, kind in enumerate(kinds)
    )


def stream_of(
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    *,
    name: str = "things",
    title: str = "Things",
) -> Table:
    """Return a stream of the rows, three a batch, the batches slices with an empty one between."""

    def batches() -> Iterator[pa.RecordBatch]:
        for whole in batches_of_rows(tuple(columns), rows):
            for first in range(0, whole.num_rows, 3):
                yield whole.slice(first, 3)
                yield whole.slice(0, 0)

    return Table.stream(name, title, columns, batches())


def _plain(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Document:
    return Document("Things", (stream_of(columns, rows),))


def _every_kind() -> Document:
    rows = [
        [values[min(index, len(values) - 1)] for values in VALUES.values()] for index in range(7)
    ]
    return _plain(columns_of(*VALUES), rows)


def _nothing_known() -> Document:
    return _plain(columns_of(*VALUES), [[None] * len(VALUES)] * 7)


def _some_known() -> Document:
    usual = [values[0] for values in VALUES.values()]
    return _plain(columns_of(*VALUES), [usual, [None] * len(VALUES), usual])


def _one_cell_a_row() -> Document:
    return _plain(columns_of(Kind.TEXT), [(None,), ("",), ("a",), (None,)])


def _many_columns() -> Document:
    kinds = [*VALUES] * 9
    return _plain(columns_of(*kinds), [[VALUES[kind][0] for kind in kinds]] * 3)


def _texts() -> Document:
    return _plain(columns_of(Kind.INTEGER, Kind.TEXT), list(enumerate(TEXTS)))


def _formulas() -> Document:
    return _plain(columns_of(Kind.TEXT, Kind.TEXT), [(text, text) for text in FORMULAS])


def _chart(table: Table, shape: _Shape = "line") -> Chart:
    keys = [column.key for column in table.columns]
    return Chart(f"A {shape} chart", table, keys[0], tuple(keys[1:]), shape)


def _days(name: str, count: int, *values: object) -> Table:
    columns = columns_of(Kind.TIMESTAMP, Kind.BYTES, Kind.BYTES)
    rows = [(SPAN.start + timedelta(days=day), *values) for day in range(count)]
    return Table.of(name, f"By day: {name}", columns, rows)


def _names() -> Document:
    """Texts that mean something elsewhere, wherever a document has a text of its own."""
    columns = [Column(key=f"c{index}", label=name) for index, name in enumerate(NAMES)]
    figures = [Figure(name, name, name, Kind.TEXT) for name in NAMES]
    blocks: list[Block] = [
        Figures(NAMES[0], tuple(figures)),
        *(Note(name, "warning") for name in NAMES),
        *(stream_of(columns, [NAMES], name=name, title=name) for name in NAMES),
    ]
    about = dict(zip(NAMES, reversed(NAMES), strict=True))
    return Document(
        NAMES[0], tuple(blocks), nodes=NAMES, metadata=MappingProxyType(about), brand=NAMES[1]
    )


def _report() -> Document:
    """All there is in a report, the chart before the table that it draws."""
    days = _days("days", 7, 10**9, None)
    figures = (
        Figure("egress", "Egress", 12_345_678_901, Kind.BYTES, change=0.125),
        Figure("paid", "Paid", Decimal("12.345678"), Kind.MONEY, change=-1.0),
        Figure("score", "Score", None, Kind.RATIO),
        Figure("since", "Since", _AT, Kind.TIMESTAMP),
        Figure("node", "Busiest node", "alpha", Kind.TEXT),
        Figure("failed", "Failed", 0, Kind.INTEGER, change=float("inf")),
    )
    return Document(
        "A report",
        (
            Figures("What matters", figures),
            _chart(days),
            days,
            stream_of(columns_of(*VALUES), [[values[0] for values in VALUES.values()]] * 4),
            Note("All hours were covered."),
            Note("Two of three nodes were reached.", "warning"),
        ),
        brand="Nodes & Sons",
        logo=_ONE_PIXEL,
    )


def _charts() -> Document:
    """Charts of nothing, of one point, of gaps, of a stream that is drawn and never listed."""
    made = (
        *(_days("none", 0, 1, 1), _days("one", 1, 1, 2), _days("gaps", 5, None, None)),
        *(_days("zeros", 5, 0, 0), _days("below", 5, -1, 2**62)),
    )
    shapes: tuple[_Shape, ...] = ("line", "bar", "stacked", "line", "bar")
    streamed = stream_of(columns_of(Kind.TEXT, Kind.NUMBER), [("a", 1.0), ("b", None)])
    return Document("Charts", (*map(_chart, made, shapes), _chart(streamed, "bar")))


def _twins() -> Document:
    """Tables of the same name and title, which is long and has what a file name can't."""
    title = "[Traffic: by day/by node?*] and more than thirty-one characters"
    return Document(
        title,
        tuple(
            stream_of(columns_of(Kind.INTEGER), [(index,)], name="twin", title=title)
            for index in range(3)
        ),
    )


_MAKERS: Final[Mapping[str, Callable[[], Document]]] = MappingProxyType(
    {
        "every kind": _every_kind,
        "nothing known": _nothing_known,
        "some known": _some_known,
        "no rows": lambda: _plain(columns_of(*VALUES), []),
        "one cell a row": _one_cell_a_row,
        "many columns": _many_columns,
        "awkward texts": _texts,
        "formulas": _formulas,
        "awkward names": _names,
        "a report": _report,
        "awkward charts": _charts,
        "tables of one name": _twins,
        "a report of nothing": lambda: Document("Nothing", ()),
        "a report of a note": lambda: Document("A note", (Note("There is nothing to tell."),)),
        "a report of empty figures": lambda: Document("Figures", (Figures("None", ()),)),
    }
)
#: What the documents are called, in order.
AWKWARD_NAMES = tuple(_MAKERS)


def awkward_documents() -> dict[str, Document]:
    """Return documents that formats stumble over, by what is awkward about them.

    Each call makes them anew, because their tables are streams, which can be read once. All there
    is to know is filled in, as the host does it before a format is given a document.
    """
    return {name: _filled(make()) for name, make in _MAKERS.items()}


def _filled(document: Document) -> Document:
    filled = replace(
        document,
        generated_at=GENERATED_AT,
        span=SPAN,
        timezone=ZONE,
        nodes=("alpha", "beta") if document.nodes is None else document.nodes,
        metadata=document.metadata or MappingProxyType({"storj-monitor": "1.0"}),
    )
    return with_tables(filled, lambda table: table.through(lambda batches: batches, ZONE))


def given_to(
    format_: Format, document: Document, options: Mapping[str, str] | None = None
) -> Document:
    """Return a document as the host gives it to a format: options chosen, texts made safe."""
    chosen = {
        option.name: option.default for option in format_.options if option.default is not None
    }
    document = replace(document, options=MappingProxyType({**chosen, **(options or {})}))
    if not is_guarded(format_, document.options):
        return document

    def made_safe(table: Table) -> Table:
        return table.through(lambda batches: guarded(table.columns, batches), table.timezone)

    return with_tables(guarded_words(document), made_safe)

"""Tables of every kind for the text formats: some fixed, most drawn by Hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from storj_monitor.plugin import Column, Document, Kind, Table
from storj_monitor.plugin.batches import batches_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from storj_monitor.plugin import Format

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
#: Whole hours, three quarters, half-hour summer time, seconds until 1972, and none at all.
ZONES = tuple(
    ZoneInfo(key)
    for key in (
        *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"),
        *("Africa/Monrovia", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Dublin"),
    )
)
HOSTILE = (
    *("", " ", ",", ";", "\t", '"', '""', "\r", "\n", "\r\n", "\x00", "\\", "\\n", "a,b", 'a"b'),
    *("=1+1", "ends\r", "\ufeff", "\u2028", "\x1f", "\x7f", "😀", "ＡＢ", "é" * 40, "null", "'"),  # noqa: RUF001
)
AT = datetime(2026, 3, 4, 10, 11, 12, 987_654, tzinfo=UTC)

_TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_WHOLE = st.integers(-(2**63), 2**63 - 1)
_EDGE_TIMES = tuple(
    datetime.fromisoformat(text)
    for text in (
        *("2026-03-29T00:59:59.999999+00:00", "2026-03-29T01:00:00+00:00"),
        *("2026-10-25T00:59:59.999999+00:00", "2026-10-25T01:00:00+00:00"),
        *("1972-01-07T00:44:29.999999+00:00", "1972-01-07T00:44:30+00:00"),
        *("1969-12-31T23:59:59.999999+00:00", "1893-03-31T23:06:32+00:00"),
    )
)
#: Not the first and the last year, so that every zone has a calendar for them.
_TIMES = st.sampled_from(_EDGE_TIMES) | st.datetimes(
    AT.replace(year=2, tzinfo=None), AT.replace(year=9998, tzinfo=None), timezones=st.just(UTC)
)
VALUES: Mapping[Kind, st.SearchStrategy[object]] = {
    Kind.TEXT: _TEXTS,
    Kind.INTEGER: _WHOLE,
    Kind.BYTES: _WHOLE,
    Kind.DURATION: _WHOLE,
    Kind.NUMBER: st.floats(),
    Kind.RATIO: st.floats(0, 1),
    Kind.MONEY: st.integers(1 - 10**18, 10**18 - 1).map(lambda micro: Decimal(micro).scaleb(-6)),
    Kind.TIMESTAMP: _TIMES,
    Kind.DATE: st.dates(),
    Kind.FLAG: st.booleans(),
}


def columns_of(*kinds: Kind) -> tuple[Column, ...]:
    """Return a column for each kind, all with keys of their own."""
    return tuple(
        Column(key=f"{kind}_{index}", label=f"Label of {index}", kind=kind)
        for index, kind in enumerate(kinds)
    )


def table_of(
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    zone: ZoneInfo = UTC_ZONE,
    *,
    title: str = "Things",
    page: int = 5_000,
) -> Table:
    """Return a table that can be read again and again, in batches of `page` rows."""
    held = tuple(batches_of_rows(tuple(columns), rows, page))
    return Table(title.lower(), title, columns, lambda: held, repeatable=True, timezone=zone)


@st.composite
def tables(
    draw: st.DrawFn,
    zones: st.SearchStrategy[ZoneInfo] = st.sampled_from(ZONES),  # noqa: B008  a strategy is a value
) -> Table:
    """Draw a table of any kinds and values, cut into batches anywhere, some of them slices."""
    kinds = draw(st.lists(st.sampled_from(Kind), min_size=1, max_size=5))
    row = st.tuples(*(st.none() | VALUES[kind] for kind in kinds))
    rows = draw(st.lists(row, max_size=9))
    whole = table_of(columns_of(*kinds), rows, draw(zones))
    cuts = sorted(draw(st.sets(st.integers(0, len(rows)), max_size=3)))

    def sliced(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for start, end in pairwise([0, *cuts, batch.num_rows]):
                yield batch.slice(start, end - start)

    return whole.through(sliced, whole.timezone)


def written(offered: Format, *tables: Table, **options: str) -> bytes:
    """Return the whole file of a document made of these tables."""
    return b"".join(offered.render(Document("A title", tables, options=options)))

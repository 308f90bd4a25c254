"""One numeric column of a source over time, by node: what `custom_range` shows of anything else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from storj_export_plugins.reports.chapters.columns import DAY, HOUR, NODE
from storj_export_plugins.reports.chapters.earnings import MONTH
from storj_export_plugins.reports.reading import asked
from storj_export_plugins.reports.spans import buckets, is_short
from storj_monitor.plugin import Chart, Column, Kind, OptionError, Table
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from storj_export_plugins.reports.reading import Record
    from storj_monitor.plugin import Block, Catalogue, Query

    #: What is drawn: a value for each time and node; no node is "all".
    Values = Mapping[tuple[datetime | date | str, str], Any]

#: Sources that say how something is; of the others, what happened can be added up.
_STATES = ("storage", "reputation")
_ADDITIVE = (Kind.BYTES, Kind.INTEGER, Kind.MONEY)
_NUMERIC = (*_ADDITIVE, Kind.NUMBER, Kind.RATIO, Kind.DURATION)
_MOST_LINES = 6
_ALL = "all"
_HOUR_US = 3_600_000_000


class _Metric(NamedTuple):
    """A column of a source, and how its values become one for an hour or a day."""

    source: str
    title: str
    column: Column
    #: The column that says when.
    time: Column
    #: The columns besides node that tell rows of the same time apart.
    who: tuple[str, ...]

    @property
    def is_percentile(self) -> bool:
        """Whether it can't be put together from its parts: the source has to."""
        return self.source == "traffic" and self.column.kind is Kind.DURATION

    @property
    def how(self) -> str:
        """How values are put together, in words."""
        if self.is_percentile:
            return "of all transfers"
        if self.column.kind not in _ADDITIVE:
            return "the mean"
        return "at the end" if self.source in _STATES else "the sum"


def metric(catalogue: Catalogue, query: Query, name: str) -> tuple[Block, ...]:
    """Return a chart and tables of a metric such as storage.used_bytes.

    Raises OptionError, saying what there is, where no source has it, or where it is no number.
    """
    source, _, key = name.partition(".")
    try:
        table = catalogue.table(source, asked(query))
    except LookupError as error:
        message = f"metrics: there is no {name!r}; {error}"
        raise OptionError(message) from error
    wanted = _wanted(name, key, table)
    columns = (wanted.time.key, *wanted.who, key)
    wish = asked(query, columns)
    if wanted.is_percentile:
        wish = asked(query, columns, by="node", bucket="hour" if is_short(query) else "day")
    stream = catalogue.table(source, wish)
    values = _values(query, wanted, _summed(stream.batches, wanted))
    return _blocks(query, wanted, values)


def _wanted(name: str, key: str, table: Table) -> _Metric:
    times = [
        column
        for column in table.columns
        if column.kind is Kind.TIMESTAMP or column.key == MONTH.key
    ]
    numeric = {column.key: column for column in table.columns if column.kind in _NUMERIC}
    if key not in numeric or not times:
        known = ", ".join(f"{table.name}.{each}" for each in numeric if times) or "none of it"
        message = f"metrics: {name!r} is no number over time; of {table.name!r} there is: {known}"
        raise OptionError(message)
    who = tuple(column.key for column in table.columns if column.key in ("node", "satellite_id"))
    return _Metric(table.name, table.title, numeric[key], times[0], who)


def _summed(batches: Iterable[pa.RecordBatch], wanted: _Metric) -> list[Record]:
    """Return sum, count and maybe last value for each hour (or month) and whom, batch by batch.

    However long the source is, no more than these is ever held.
    """
    import pyarrow as pa

    keys = ["at", *wanted.who]
    kept: pa.Table | None = None
    is_state = wanted.source in _STATES
    for batch in batches:
        table = pa.Table.from_batches([batch])
        values = table[wanted.column.key]
        times = _hours(table[wanted.time.key])
        named = {"at": times, **{name: table[name] for name in wanted.who}}
        # Arrow has no last of money, and no state is money.
        parts = {"sum": values, "count": values} | ({"last": values} if is_state else {})
        part = _grouped(pa.table(named | parts), keys, "count")
        kept = part if kept is None else _grouped(pa.concat_tables([kept, part]), keys, "sum")
    return [] if kept is None else kept.to_pylist()


def _grouped(table: pa.Table, keys: list[str], counting: Literal["sum", "count"]) -> pa.Table:
    how: dict[str, Literal["sum", "count", "last"]] = {"sum": "sum", "count": counting}
    if "last" in table.schema.names:
        how["last"] = "last"
    found = table.group_by(keys, use_threads=False).aggregate([*how.items()])
    return found.rename_columns([*keys, *how])


def _hours(times: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    """Return the hours that times are in, in microseconds; months stay as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(times.type):
        return times
    hour = pa.scalar(_HOUR_US, pa.int64())
    return pc.multiply(pc.divide(times.cast(pa.int64()), hour), hour)


def _values(query: Query, wanted: _Metric, summed: list[Record]) -> Values:
    """Put hours and satellites together."""
    found: defaultdict[Any, dict[str, list[tuple[Any, int, Any]]]] = defaultdict(dict)
    for row in sorted(summed, key=lambda row: row["at"]):
        label = _label(query, row["at"])
        who = row.get("satellite_id") or ""
        if row["count"]:
            node = row.get("node") or _ALL
            found[label, node].setdefault(who, []).append(
                (row["sum"], row["count"], row.get("last"))
            )
    return {at: _one(wanted, [*of_whom.values()]) for at, of_whom in found.items()}


def _one(wanted: _Metric, of_whom: list[list[tuple[Any, int, Any]]]) -> Any:  # noqa: ANN401  a value of any numeric kind
    if wanted.how == "at the end":
        return sum(values[-1][2] for values in of_whom)
    whole = sum(value[0] for values in of_whom for value in values)
    if wanted.how == "the sum":
        return whole
    mean = whole / sum(value[1] for values in of_whom for value in values)
    return round(mean) if wanted.column.kind is Kind.DURATION else mean


def _label(query: Query, at: int | str) -> datetime | date | str:
    if isinstance(at, str):
        return at
    return moment(at) if is_short(query) else moment(at).astimezone(query.timezone).date()


def _blocks(query: Query, wanted: _Metric, values: Values) -> tuple[Block, ...]:
    """Draw a line for each node, or for those with the highest values, and list all nodes."""
    name = f"{wanted.source}_{wanted.column.key}"
    highest: dict[str, Any] = {}
    for (_, node), value in values.items():
        highest[node] = max(highest.get(node, value), value)
    nodes = sorted(highest, key=lambda node: (-highest[node], node))
    x, labels = _x(query, wanted, values)
    lines = [
        Column(key=f"node_{number}", label=node, kind=wanted.column.kind, unit=wanted.column.unit)
        for number, node in enumerate(sorted(nodes[:_MOST_LINES]))
    ] or [Column(key="node_0", label="No node", kind=wanted.column.kind, unit=wanted.column.unit)]
    rows = [(label, *(values.get((label, line.label)) for line in lines)) for label in labels]
    title = f"{wanted.title}, {wanted.column.label.lower()}"
    table = Table.of(name[:32], f"{title} ({wanted.how})", (x, *lines), rows)
    said = f"{nodes[0]} highest" if nodes else "nothing is known"
    chart = Chart(f"{title} ({wanted.how}): {said}", table, x.key, tuple(c.key for c in lines))
    return chart, table, _by_node(wanted, f"{name}_by_node", title, values)


def _x(query: Query, wanted: _Metric, values: Values) -> tuple[Column, list[Any]]:
    if wanted.time.kind is Kind.TEXT:
        return MONTH, sorted({label for label, _ in values}, key=str)
    labels = [bucket.label for bucket in buckets(query)] if values else []
    return (HOUR if is_short(query) else DAY), [*labels]


def _by_node(wanted: _Metric, name: str, title: str, values: Values) -> Table:
    kind, unit = wanted.column.kind, wanted.column.unit
    columns = (
        NODE,
        *(
            Column(key=key, label=key.capitalize(), kind=kind, unit=unit)
            for key in ("first", "lowest", "highest", "last")
        ),
    )
    of_nodes: defaultdict[str, list[Any]] = defaultdict(list)
    for (_, node), value in values.items():
        of_nodes[node].append(value)
    rows = [
        (node, found[0], min(found), max(found), found[-1])
        for node, found in sorted(of_nodes.items())
    ]
    return Table.of(name, f"{title}, by node", columns, rows)

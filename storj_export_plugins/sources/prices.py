"""The source `prices`: what satellites pay, by the nodes' APIs and by the operator's settings."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from storj_export_plugins.sources.earnings.columns import usd
from storj_export_plugins.sources.naming import SATELLITE, Names
from storj_monitor.plugin import Column, Kind, Source, hookimpl
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storj_monitor.plugin import Query, Reader

STORJ_PLUGIN_API = 1


def _price(part: str, label: str, what: str) -> Column:
    return Column(
        key=f"{part}_usd", label=label, kind=Kind.MONEY, unit="USD", description=f"For a {what}."
    )


COLUMNS = (
    Column(
        key="from_at",
        label="From",
        kind=Kind.TIMESTAMP,
        description=(
            "Since when it holds, or since when the node says so: at the start of the span, or "
            "from a time in it."
        ),
    ),
    Column(key="node", label="Node", description="The node that says so; empty for settings."),
    Column(
        key="satellite",
        label="Satellite",
        description="The satellite's short name; empty for all of which nothing else is said.",
    ),
    Column(key="satellite_id", label="Satellite id", description="Its full id, where it is known."),
    _price("storage", "Storage", "TB-month of 720 hours; a TB is 10^12 bytes"),
    _price("egress", "Egress", "TB"),
    _price("repair", "Repair", "TB"),
    _price("audit", "Audits", "TB"),
    Column(
        key="origin",
        label="Origin",
        description=(
            "api: the node's. settings: the built-in list and the operator's own. Of the two, an "
            "estimate uses the later."
        ),
    ),
)
_PARTS = ("storage", "egress", "repair", "audit")


class _Listed(NamedTuple):
    """A price: since when (microseconds), whose it is, and what a TB or TB-month is worth."""

    at: int
    node: str | None
    satellite: str | None
    satellite_id: str | None
    amounts: tuple[int, ...]


def rows(reader: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Yield the prices that hold in the span, in order of time and then of names."""
    names = Names(reader)
    found = [(one, "settings") for one in _of_settings(reader, query)]
    found += [(one, "api") for one in _of_nodes(reader, query, names)]
    wanted = query.filters.get("satellite")
    if wanted:
        names.asked_satellites(query)  # refuses one that nobody knows
    for one, origin in sorted(found, key=_order):
        if wanted and one.satellite and not {one.satellite, one.satellite_id} & {*wanted}:
            continue
        money = (usd(amount) for amount in one.amounts)
        yield moment(one.at), one.node, one.satellite, one.satellite_id, *money, origin


def _order(found: tuple[_Listed, str]) -> tuple[object, ...]:
    one, origin = found
    return one.at, origin, one.node or "", one.satellite or "", one.satellite_id or ""


def _of_settings(reader: Reader, query: Query) -> Iterator[_Listed]:
    """Yield the list's prices; a satellite's own end where later ones for all begin."""
    from sqlalchemy import select

    from storj_monitor.schema import price_list, satellites

    known = reader.fetch(select(satellites.c.name, satellites.c.satellite_id)).to_pylist()
    by_satellite: defaultdict[str | None, list[_Listed]] = defaultdict(list)
    for row in reader.fetch(select(*price_list.c)).to_pylist():
        listed = row["satellite"] or None
        named = [one for one in known if listed in (one["name"], one["satellite_id"])]
        name, full_id = (named[0]["name"], named[0]["satellite_id"]) if named else (listed, None)
        one = _Listed(row["from_at"], None, name, full_id, tuple(row[part] for part in _PARTS))
        by_satellite[name].append(one)
    for_all = [one.at for one in by_satellite[None] if one.at <= query.span.start_us]
    for of_one in by_satellite.values():
        yield from (one for one in _held(of_one, query) if one.at >= max(for_all, default=0))


def _of_nodes(reader: Reader, query: Query, names: Names) -> Iterator[_Listed]:
    from sqlalchemy import select

    from storj_monitor.schema import prices

    table = prices.c
    chosen = select(*table).where(
        table.at < query.span.end_us, *names.conditions(query, table.node_id, table.satellite_id)
    )
    by_pair: defaultdict[tuple[int, int], list[_Listed]] = defaultdict(list)
    for page in reader.scan(chosen, key=("node_id", "satellite_id", "at")):
        rows_of_page = page.to_pylist()
        pairs = [(row["node_id"], row["satellite_id"]) for row in rows_of_page]
        for pair, who, row in zip(pairs, names.of_pairs(pairs), rows_of_page, strict=True):
            amounts = tuple(row[part] for part in _PARTS)
            by_pair[pair].append(_Listed(row["at"], *who, amounts))
    for of_pair in by_pair.values():
        yield from _held(of_pair, query)


def _held(listed: Iterable[_Listed], query: Query) -> Iterator[_Listed]:
    """Yield what held when the span began, and what began in it."""
    ordered = sorted(listed, key=attrgetter("at"))
    started = [one for one in ordered if one.at <= query.span.start_us]
    yield from started[-1:]
    for one in ordered:
        if query.span.start_us < one.at < query.span.end_us:
            yield one


@hookimpl
def storj_sources() -> list[Source]:
    """Offer the source; without a limit of days, since prices rarely change."""
    return [
        Source(
            name="prices",
            title="Prices",
            summary="What satellites pay for storage, egress, repair and audits, and since when",
            columns=COLUMNS,
            rows=rows,
            filters=(SATELLITE,),
            max_days=None,
        )
    ]

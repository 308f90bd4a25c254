"""The numbers by which the big tables name nodes and satellites."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Self

import pyarrow.compute as pc
from sqlalchemy import Integer, func, literal_column, select

from storj_monitor.schema import nodes, satellites
from storj_monitor.store.satellites import NAMELESS_CHARACTERS, short_name
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from sqlalchemy import ClauseElement
    from sqlalchemy.dialects.sqlite import Insert

    from storj_monitor.store.news import News
    from storj_monitor.store.statements import Statements


class Ids:
    """Knows the ids of nodes by name, and of satellites by their full id; they never change."""

    def __init__(self) -> None:
        self.nodes: dict[str, int] = {}
        self.satellites: dict[str, int] = {}

    def copy(self) -> Self:
        """Return one that knows the same: what it learns then is its own."""
        return copy(self)

    def learn(self, statements: Statements, news: Sequence[News]) -> None:
        """Note when nodes were heard; give an id to each node and satellite that has none yet."""
        heard = [(one.node, *_span(one)) for one in news]
        unknown = {one.node for one in news} - self.nodes.keys()
        statements.insert_tuples(
            _hear, [row for row in heard if row[1] is not None or row[0] in unknown]
        )
        if unknown:
            self.nodes = _pairs(statements.query(_all_nodes))
        named = {name: short_name(name) for one in news for name in _satellites(one)}
        new = named.keys() - self.satellites.keys()
        names = {name: named[name] for name in sorted(new)} | _told_names(news)
        statements.insert_tuples(_name_satellites, list(names.items()))
        if names.keys() - self.satellites.keys():
            self.satellites = _pairs(statements.query(_all_satellites))


def _hear() -> Insert:
    upsert = insertion(nodes, "name", "first_heard_at", "last_heard_at")
    had, more = nodes.c, upsert.excluded
    first, last = (had.first_heard_at, more.first_heard_at), (had.last_heard_at, more.last_heard_at)
    return upsert.on_conflict_do_update(
        index_elements=[nodes.c.name],
        # SQLite's min and max of two values are NULL if one of them is.
        set_={
            "first_heard_at": func.coalesce(func.min(*first), *first),
            "last_heard_at": func.coalesce(func.max(*last), *last),
        },
    )


def _all_nodes() -> ClauseElement:
    return select(nodes.c.name, nodes.c.id)


def _name_satellites() -> Insert:
    """Give those a better name, too, whose name is but the beginning of their id."""
    upsert = insertion(satellites, "satellite_id", "name")
    part = literal_column("1", Integer), literal_column(str(NAMELESS_CHARACTERS), Integer)
    return upsert.on_conflict_do_update(
        index_elements=[satellites.c.satellite_id],
        set_={"name": upsert.excluded.name},
        where=satellites.c.name == func.substr(satellites.c.satellite_id, *part),
    )


def _all_satellites() -> ClauseElement:
    return select(satellites.c.satellite_id, satellites.c.id)


def _span(news: News) -> tuple[int | None, int | None]:
    """Return the times of the first and the last that is told of a node; None if nothing is."""
    first = [hour.first_at for hour in news.hours]
    last = [hour.last_at for hour in news.hours]
    if news.transfers:
        first.append(pc.min(news.transfers["at"]).as_py())
        last.append(pc.max(news.transfers["at"]).as_py())
    return min(first, default=None), max(last, default=None)


def _satellites(news: News) -> Iterator[str]:
    if news.transfers:
        named = news.transfers.column("satellite").unique().to_pylist()
        yield from (name for name in named if name is not None)
    for told in (
        *(news.scores, news.compactions, news.paystubs, news.estimates, news.joined, news.prices),
        news.past_alerts,
    ):
        yield from (one.satellite for one in told if one.satellite is not None)


def _told_names(news: Sequence[News]) -> dict[str, str]:
    """Return the short names of the satellites of which it is told where they are."""
    urls = {name: url for one in news for name, url in one.satellite_urls.items()}
    return {name: short_name(name, url) for name, url in urls.items()}


def _pairs(found: pa.Table) -> dict[str, int]:
    return dict(zip(*(column.to_pylist() for column in found.columns), strict=True))

"""Names in the place of the integers that the big tables refer to nodes and satellites by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.plugin import Filter, Kind, OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from sqlalchemy import Column as TableColumn
    from sqlalchemy import ColumnElement, Select

    from storj_monitor.plugin import Query, Reader

_SATELLITE_NAMES = ("name", "satellite_id")
STATUSES = ("success", "canceled", "failed", "rejected")
SATELLITE = Filter(name="satellite", summary="Short name or full id of a satellite")
ACTION = Filter(name="action", summary="GET, PUT, GET_REPAIR, PUT_REPAIR, GET_AUDIT and the like")
STATUS = Filter(name="status", summary="How the transfer ended", choices=STATUSES)
ORIGIN = Filter(name="origin", summary="Who said so", choices=("api", "log", "import"))


def rows_of(reader: Reader, asked: Select[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a small result as tuples, in the order of its columns."""
    columns = reader.fetch(asked).columns
    return zip(*(column.to_pylist() for column in columns), strict=True)


class Names:
    """The nodes and satellites of one database, looked up by their integers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read()

    def _read(self) -> None:
        from sqlalchemy import select

        from storj_monitor.schema import nodes, satellites

        self._nodes = _Lookup(self._reader, select(nodes.c.id, nodes.c.name))
        self._satellites = _Lookup(
            self._reader, select(satellites.c.id, satellites.c.name, satellites.c.satellite_id)
        )

    def node(self, ids: pa.Array[pa.Int64Scalar]) -> pa.Array[pa.StringScalar]:
        """Return the names of nodes."""
        return self._known(self._nodes, ids).take("name", ids)

    def satellite(
        self, ids: pa.Array[pa.Int64Scalar]
    ) -> tuple[pa.Array[pa.StringScalar], pa.Array[pa.StringScalar]]:
        """Return the short names and the full ids of satellites; null where there is none."""
        known = self._known(self._satellites, ids)
        return known.take("name", ids), known.take("satellite_id", ids)

    def of_pairs(
        self, pairs: Sequence[tuple[int, int]]
    ) -> list[tuple[str, str | None, str | None]]:
        """Return the node's name, the satellite's short name and its full id of pairs of ids.

        A satellite's id may be 0 for none.
        """
        import pyarrow as pa

        nodes = pa.array([node_id for node_id, _ in pairs], pa.int64())
        satellites = pa.array([satellite_id or None for _, satellite_id in pairs], pa.int64())
        named = (self.node(nodes), *self.satellite(satellites))
        return list(zip(*(names.to_pylist() for names in named), strict=True))

    def who_and_when(self, page: pa.RecordBatch) -> dict[str, pa.Array[Any]]:
        """Return the columns that most sources begin with: timestamp, node and both of satellite.

        Raises KeyError unless `page` has at, node_id and satellite_id.
        """
        satellite, satellite_id = self.satellite(page["satellite_id"])
        return {
            "timestamp": page["at"].cast(Kind.TIMESTAMP.arrow_type()),
            "node": self.node(page["node_id"]),
            "satellite": satellite,
            "satellite_id": satellite_id,
        }

    def _known(self, lookup: _Lookup, ids: pa.Array[pa.Int64Scalar]) -> _Lookup:
        """Read again when a row speaks of a node or satellite that came after the last look."""
        if lookup.covers(ids):
            return lookup
        is_node = lookup is self._nodes
        self._read()
        return self._nodes if is_node else self._satellites

    def conditions(
        self,
        query: Query,
        node_id: TableColumn[int],
        satellite_id: TableColumn[int] | None = None,
    ) -> list[ColumnElement[bool]]:
        """Return what the query's nodes and its filter `satellite` ask of a table's columns."""
        conditions: list[ColumnElement[bool]] = []
        if query.nodes:
            conditions.append(node_id.in_(self._nodes.ids("node", query.nodes, ("name",))))
        wanted = self.asked_satellites(query)
        if wanted is not None and satellite_id is not None:
            conditions.append(satellite_id.in_(wanted))
        return conditions

    def asked_satellites(self, query: Query) -> list[int] | None:
        """Return the ids of those that the filter `satellite` names; None if it asks for all."""
        wanted = query.filters.get("satellite")
        return self._satellites.ids("satellite", wanted, _SATELLITE_NAMES) if wanted else None


class _Lookup:
    """A small table as arrays that are indexed by id."""

    def __init__(self, reader: Reader, select: Select[tuple[object, ...]]) -> None:
        rows = reader.fetch(select).to_pylist()
        self._by_id = {int(row["id"]): row for row in rows}
        self._size = max(self._by_id, default=0) + 1

    def covers(self, ids: pa.Array[pa.Int64Scalar]) -> bool:
        import pyarrow.compute as pc

        highest = pc.max(ids).as_py()
        return highest is None or int(highest) < self._size

    def take(self, key: str, ids: pa.Array[pa.Int64Scalar]) -> pa.Array[pa.StringScalar]:
        import pyarrow as pa

        texts = [self._by_id.get(index, {}).get(key) for index in range(self._size)]
        return pa.array(texts, pa.string()).take(ids)

    def ids(self, what: str, wanted: tuple[str, ...], keys: tuple[str, ...]) -> list[int]:
        """Return the ids of those that one of `keys` names; raise OptionError for one unknown.

        A database that knows none yet has nothing to compare with: nothing is found there.
        """
        found = []
        for name in wanted:
            matching = [i for i, row in self._by_id.items() if name in [row[key] for key in keys]]
            if not matching and self._by_id:
                known = ", ".join(sorted(str(row[keys[0]]) for row in self._by_id.values()))
                message = f"there is no {what} {name!r}; known: {known}"
                raise OptionError(message)
            found.extend(matching)
        return found

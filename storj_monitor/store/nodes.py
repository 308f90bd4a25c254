"""The nodes, and how they are heard: by their logs, and by their APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from storj_monitor.plugin.query import moment
from storj_monitor.schema import followed_logs, nodes, polled_apis
from storj_monitor.store.news import Following

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storj_monitor.store.reader import StoreReader


class PolledApi(NamedTuple):
    """How a node's API answered the last time: a row of `polled_apis`, its times aware and UTC."""

    url: str
    version: str | None
    answered_at: datetime | None
    checked_at: datetime
    reason: str | None = None

    @property
    def state(self) -> str:
        """Whether it is `answering`, be it in part, or `failing`."""
        return "answering" if self.answered_at == self.checked_at else "failing"


class Node(NamedTuple):
    """A storage node, and when its log was first and last heard (aware, UTC; None if never)."""

    name: str
    first_heard_at: datetime | None
    last_heard_at: datetime | None
    #: How its logs are followed, in the order of their names.
    logs: tuple[Following, ...] = ()
    api: PolledApi | None = None


def fetch_nodes(reader: StoreReader) -> tuple[Node, ...]:
    """Return the nodes known, in the order of their names."""
    wanted = select(nodes.c.name, nodes.c.first_heard_at, nodes.c.last_heard_at)
    found = reader.fetch(wanted.order_by(nodes.c.name)).to_pylist()
    followed = _fetch_followed(reader)
    polled = _fetch_polled(reader)
    return tuple(
        Node(
            row["name"],
            _moment(row["first_heard_at"]),
            _moment(row["last_heard_at"]),
            tuple(log for name, log in followed if name == row["name"]),
            polled.get(row["name"]),
        )
        for row in found
    )


def fetch_following(reader: StoreReader, node: str, log: str) -> Following | None:
    """Return how far a node's log was read; None if it never was."""
    found = _fetch_followed(reader, nodes.c.name == node, followed_logs.c.log == log)
    return found[0][1] if found else None


def _fetch_followed(
    reader: StoreReader, *conditions: ColumnElement[bool]
) -> list[tuple[str, Following]]:
    """Return how logs are followed, each with the name of its node, in the order of the logs."""
    columns = [followed_logs.c[name] for name in Following._fields]
    wanted = select(nodes.c.name, *columns).where(followed_logs.c.node_id == nodes.c.id)
    found = reader.fetch(wanted.where(*conditions).order_by(followed_logs.c.log))
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return [(name, Following(*log)) for name, *log in rows]


def _fetch_polled(reader: StoreReader) -> dict[str, PolledApi]:
    """Return how the API of each node answered, by the nodes' names."""
    wanted = select(nodes.c.name, polled_apis).where(polled_apis.c.node_id == nodes.c.id)
    return {
        row["name"]: PolledApi(
            row["url"],
            row["version"],
            _moment(row["answered_at"]),
            moment(row["checked_at"]),
            row["reason"],
        )
        for row in reader.fetch(wanted).to_pylist()
    }


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)

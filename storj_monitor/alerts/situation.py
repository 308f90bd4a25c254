"""What rules are given: the time, the settings, the database, and the names of what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from storj_monitor.plugin.query import moment
from storj_monitor.schema import nodes, satellites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select, Table

    from storj_monitor.plugin import Reader
    from storj_monitor.settings import AlertSettings

    AnySelect = Select[tuple[object, ...]]

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
#: Three times as long as a node's API is left alone, and much longer than a log.
_WATCHED_MINUTES = 15


@dataclass(frozen=True)
class Situation:
    """A moment in which the rules are asked; times are microseconds since 1970 UTC."""

    reader: Reader
    settings: AlertSettings
    now_us: int
    nodes: Mapping[int, str]
    satellites: Mapping[int, str]

    @classmethod
    def of(cls, reader: Reader, settings: AlertSettings, now_us: int) -> Situation:
        """Read the names that messages speak of."""
        named = [
            {row["id"]: row["name"] for row in reader.fetch(select(of.c.id, of.c.name)).to_pylist()}
            for of in (nodes, satellites)
        ]
        return cls(reader, settings, now_us, *named)

    @property
    def told_since_us(self) -> int:
        """What was said before tells nothing of now."""
        return self.now_us - int(self.settings.stale_hours * HOUR_US)

    @property
    def watched_since_us(self) -> int:
        """What was looked at since then is being looked at."""
        return self.now_us - _WATCHED_MINUTES * MINUTE_US

    def rows(self, select: AnySelect) -> list[dict[str, Any]]:
        """Return all rows of a small result."""
        return self.reader.fetch(select).to_pylist()

    def node(self, node_id: int) -> str:
        """Return a node's name."""
        return self.nodes.get(node_id) or self._name(nodes, node_id) or "a node"

    def satellite(self, satellite_id: int) -> str:
        """Return a satellite's short name."""
        known = self.satellites.get(satellite_id)
        return known or self._name(satellites, satellite_id) or "a satellite"

    def _name(self, table: Table, of_id: int) -> str | None:
        """Return a name that was given after the others were read."""
        found = self.rows(select(table.c.name).where(table.c.id == of_id))
        return str(found[0]["name"]) if found else None


def latest(
    table: Table, at: str, by: tuple[str, ...], *conditions: ColumnElement[bool]
) -> AnySelect:
    """Return the rows of a table with the latest `at` of all that are the same in `by`."""
    place = func.row_number().over(
        partition_by=[table.c[name] for name in by], order_by=table.c[at].desc()
    )
    placed = select(*table.c, place.label("place")).where(*conditions).subquery()
    return select(*(placed.c[column.name] for column in table.c)).where(placed.c.place == 1)


def time_text(at_us: int) -> str:
    """Spell a time in a message."""
    return f"{moment(at_us):%Y-%m-%d %H:%M} UTC"

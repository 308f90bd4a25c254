"""Looking at a database file without changing it: not even to bring it up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.store.connection import Connection
from storj_monitor.store.migrations import LATEST, version

if TYPE_CHECKING:
    from pathlib import Path


class Health(NamedTuple):
    """How a database file is; sizes are bytes."""

    size: int
    #: What was written and isn't in the file itself yet: it shrinks when nobody reads.
    wal_size: int
    version: int
    #: What SQLite finds damaged, in its own words; None if nothing, or if it wasn't looked for.
    damage: str | None

    @property
    def is_old(self) -> bool:
        """Whether the next command that opens it brings it up to date."""
        return self.version < LATEST


def examine(path: Path, *, thoroughly: bool) -> Health:
    """Look at a database; `thoroughly` reads all of it. Raises OperatorError if it is none."""
    with Connection(path, "ro") as connection:
        found = version(connection, path)
        damage = _damage(connection) if thoroughly else None
    wal = path.with_name(f"{path.name}-wal")
    wal_size = wal.stat().st_size if wal.exists() else 0
    return Health(path.stat().st_size, wal_size, found, damage)


def _damage(connection: Connection) -> str | None:
    said = connection.query("PRAGMA quick_check(1)")[0][0].as_py()
    return None if said == "ok" else str(said)

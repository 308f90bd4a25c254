"""Looking into databases, and being somebody whom the file system may refuse."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from storj_monitor.store.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOBODY = 65_534


def rows_of(path: Path, sql: str) -> list[dict[str, Any]]:
    """Return what a statement finds."""
    with Connection(path, "ro") as connection:
        return connection.query(sql).to_pylist()


def number_of(path: Path, sql: str) -> int:
    """Return the one number that a statement finds."""
    [[number]] = [list(row.values()) for row in rows_of(path, sql)]
    return int(number)


def run(path: Path, *statements: str) -> None:
    """Change a database behind the program's back, or make one."""
    with Connection(path, "rwc") as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Be a user whom permissions bind, as root is not."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)

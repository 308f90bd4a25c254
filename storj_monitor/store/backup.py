"""Copying a database that is in use: whole, and as it was at one moment."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.store.connection import Connection
from storj_monitor.store.migrations import APPLICATION_ID, version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: How every file of SQLite begins, and where in it stands which program's it is.
_MAGIC, _ID = b"SQLite format 3\0", slice(68, 72)


def back_up(database: Path, target: Path) -> int:
    """Copy a database to `target`, in the place of what is there; return the copy's bytes.

    Servers and collectors go on meanwhile: what they write since it began isn't in the copy. It has
    its name only when it is whole, and may be put where the database was. Raises OperatorError.
    """
    if not database.is_file():
        reason = f"there is no database at {database}"
        raise OperatorError(reason, "Name it with --database.")
    _check_target(database, target)
    with _part_of(target, database.stat().st_mode & 0o777) as part:
        with closing(Connection(database, "ro")) as connection:
            if not version(connection, database):
                reason = f"{database} is empty"
                raise OperatorError(reason, "Name another with --database.")
            connection.execute("VACUUM INTO ?", [str(part)])
        with closing(Connection(part, "rw")) as copy:
            copy.execute("PRAGMA journal_mode = WAL")  # as every database of ours
        _flush(part)
        part.replace(target)
    _flush(target.absolute().parent)
    return target.stat().st_size


def _check_target(database: Path, target: Path) -> None:
    """Refuse to write over anything but an earlier copy."""
    if target.is_dir():
        reason = f"{target} is a folder"
        raise OperatorError(reason, "Name the file that the copy is to be.")
    wal = target.with_name(f"{target.name}-wal")
    # Whoever only looked at a copy leaves an empty one.
    in_use = wal.exists() and wal.stat().st_size > 0
    if in_use or (target.exists() and target.samefile(database)):
        reason = f"{target} is a database in use"
        raise OperatorError(reason, "Name another file for the copy.")
    if target.exists() and not (target.is_file() and _is_ours(target)):
        reason = f"{target} is there already, and is no copy of a database"
        raise OperatorError(reason, "Name another file for the copy.")


def _is_ours(path: Path) -> bool:
    """Tell it by the header of SQLite's files; one that is empty is nobody's loss."""
    with path.open("rb") as file:
        header = file.read(_ID.stop)
    return not header or (
        header.startswith(_MAGIC) and int.from_bytes(header[_ID]) == APPLICATION_ID
    )


@contextmanager
def _part_of(target: Path, mode: int) -> Iterator[Path]:
    """Give an empty file beside the target, for nobody but those who may read the database."""
    part = target.absolute().with_name(f"{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have a file or folder on the disk before anything is done that counts on it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

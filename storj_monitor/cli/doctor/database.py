"""Whether the database is whole and up to date, and has space to grow."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from storj_monitor.cli.doctor.findings import Finding
from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.store.health import Health

#: Of a larger file, all is only read when that is asked for: it would take minutes.
_READ_WHOLE_BYTES = 500_000_000
_LARGE_WAL_BYTES = 200_000_000
_LITTLE_SPACE_BYTES, _NO_SPACE_BYTES = 2_000_000_000, 200_000_000


def check_database(path: Path, *, thoroughly: bool) -> Iterator[Finding]:
    """Look at the database file."""
    from storj_monitor.store.health import examine

    if not path.exists():
        hint = "storj-monitor run makes it, and so does ingest; or name another with --database."
        yield Finding("warning", "database", f"there is none at {path} yet", hint)
        return
    all_of_it = thoroughly or path.stat().st_size < _READ_WHOLE_BYTES
    try:
        health = examine(path, thoroughly=all_of_it)
    except OperatorError as error:
        yield Finding("problem", "database", error.reason, error.hint)
        return
    yield from _judge(path, health, all_of_it=all_of_it)


def _judge(path: Path, health: Health, *, all_of_it: bool) -> Iterator[Finding]:
    if health.damage is not None:
        hint = "Stop storj-monitor and restore a backup, or begin anew and ingest the logs again."
        yield Finding("problem", "database", f"{path} is damaged: {health.damage}", hint)
        return
    read = "all of it was read" if all_of_it else "--thorough reads all of it"
    yield Finding(
        "ok", "database", f"{path}, {_size(health.size)}, version {health.version}; {read}"
    )
    if health.is_old:
        said = "it is of an older version, and is upgraded by the next command that uses it"
        yield Finding("note", "database", said, "A copy of it is kept beside it.")
    if health.wal_size > _LARGE_WAL_BYTES:
        said = f"{_size(health.wal_size)} wait in its -wal file to be put into it"
        hint = "Some program reads it for very long: see what is open, or restart storj-monitor."
        yield Finding("warning", "database", said, hint)


def check_space(path: Path) -> Iterator[Finding]:
    """Look at the space that is left where the database is, and where exports are prepared."""
    places = {"database": path.absolute().parent, "exports": Path(tempfile.gettempdir())}
    for what, folder in places.items():
        if not folder.is_dir():
            hint = "Make the folder, or name another file with --database."
            yield Finding("problem", "disk space", f"there is no folder {folder}", hint)
            continue
        free = shutil.disk_usage(folder).free
        said = f"{_size(free)} are free for {what} ({folder})"
        if free < _NO_SPACE_BYTES:
            yield Finding("problem", "disk space", said, "Free some: nothing can be stored soon.")
        elif free < _LITTLE_SPACE_BYTES:
            yield Finding("warning", "disk space", said, "Free some before it runs out.")
        else:
            yield Finding("ok", "disk space", said)


def _size(size: int) -> str:
    from storj_monitor.plugin import Kind, display_text

    return display_text(size, Kind.BYTES)

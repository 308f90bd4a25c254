"""The overview as it is now: read when something was written, and shared by all who look."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from storj_monitor import clock
from storj_monitor.web.overview.members import members
from storj_monitor.web.overview.reading import read

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.settings import AlertSettings
    from storj_monitor.store import Store
    from storj_monitor.web.overview.figures import Overview

    #: The state of the database's files, and the minute.
    State = tuple[object, ...]

_MINUTE_SECONDS = 60


class Current:
    """Gives the overview; many may ask at once, and it is read once for all of them.

    It is read again when the database's files have changed, and every minute: time alone changes
    what is old, and what is today.
    """

    def __init__(self, store: Store, settings: AlertSettings, *, has_charts: bool) -> None:
        self._store, self._settings, self._has_charts = store, settings, has_charts
        self._one_at_a_time = asyncio.Lock()
        self._known: tuple[State, Overview] | None = None

    async def now(self) -> Overview:
        """Return it."""
        async with self._one_at_a_time:
            state = _state(self._store.path)
            if self._known is None or state is None or self._known[0] != state:
                overview = await asyncio.to_thread(self._read)
                # What failed is tried again by whoever asks next.
                self._known = None if overview.trouble or state is None else (state, overview)
                return overview
            return self._known[1]

    def _read(self) -> Overview:
        overview = read(self._store, self._settings, clock.now())
        said = json.dumps(members(overview), sort_keys=True)
        version = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return replace(overview, version=version, has_charts=self._has_charts)


def _state(path: Path) -> State | None:
    """Return what every write changes; None where there is no such file."""
    minute = int(clock.now().timestamp()) // _MINUTE_SECONDS
    try:
        file = path.stat()
    except OSError:
        return None
    return (minute, file.st_mtime_ns, file.st_size, *_written(path))


def _written(path: Path) -> State:
    """Return what a write that isn't in the file itself yet changes; readers leave it empty."""
    try:
        wal = path.with_name(f"{path.name}-wal").stat()
    except OSError:  # it comes and goes
        return ()
    return (wal.st_mtime_ns, wal.st_size) if wal.st_size else ()

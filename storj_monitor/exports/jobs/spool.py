"""The folder of exported files: written there, sent from there, and kept for a while.

ID.part     being written; its writer holds a lock on it, so that a dead one's can be told
ID.data     whole
ID.json     its manifest
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import msgspec

from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.manifest import manifest_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.exports.manifest import Manifest
    from storj_monitor.settings import ExportSettings

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # it is looked at before it is used

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_ID = re.compile(r"[0-9a-f]{32}")
_SUFFIXES = _PART, _DATA, _MANIFEST = ".part", ".data", ".json"
#: Where files can't be locked, who hasn't written for so long is dead; elsewhere who holds no lock,
#: but for the moment between making a file and locking it.
_DEAD_SECONDS, _UNLOCKED_SECONDS = 3600.0, 5.0
#: Room is made for so much more, as long as there is anything old to remove.
_WANTED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A finished file: where it and its manifest are, and what it is."""

    id: str
    data: Path
    manifest: Path
    about: Manifest


class Spool:
    """The files of exports, at most so many bytes of them, for at most so long.

    Its methods read the disk: call them in a thread.
    """

    def __init__(self, folder: Path, settings: ExportSettings) -> None:
        self.folder = folder
        self._most_bytes = settings.spool_bytes
        self._most_seconds = settings.spool_hours * 3600
        self._keep_free_bytes = settings.keep_free_bytes

    @classmethod
    def of(cls, database: Path, settings: ExportSettings) -> Spool:
        """Return the spool of a database: the folder that the settings name, or one beside it."""
        folder = settings.spool or database.with_name(f"{database.name}.exports")
        return cls(folder.absolute(), settings)

    def part(self, id_: str) -> Path:
        """Return where the file of that id is written."""
        return self.folder / f"{id_}{_PART}"

    def data(self, id_: str) -> Path:
        """Return where it is when it is whole."""
        return self._path(id_, _DATA)

    def make_room(self) -> None:
        """Make the folder, and room in it.

        Removes what is too old, what the dead have left, and the oldest where space is short.
        Raises Problem no_space when even then nothing is free, OperatorError when there can't be
        such a folder.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            reason = f"there can be no folder {self.folder} for exports: {error.strerror}"
            raise OperatorError(reason, "Name another: spool under [exports].") from error
        self.tidy()
        wanted = min(_WANTED_BYTES, self._most_bytes // 4)
        for oldest in sorted(self._finished(), key=_age):
            if self._free_bytes() >= wanted:
                return
            self.remove(oldest.stem)
        if self._free_bytes() <= 0:
            detail = "there is no space left for exports"
            hint = f"Free some on the disk of {self.folder}, or ask for a shorter span."
            raise Problem("no_space", detail, hint)

    def tidy(self) -> None:
        """Remove what is too old, and what the dead have left."""
        for path in list(self._files()):
            is_over = _is_dead(path) if path.suffix == _PART else self._is_old(_age(path))
            if is_over:
                self.remove(path.stem)

    def finish(self, id_: str) -> None:
        """Give a file that is whole its final name."""
        self.part(id_).replace(self.data(id_))

    def remove(self, id_: str) -> None:
        """Remove whatever there is of that id."""
        for suffix in _SUFFIXES:
            with suppress(OSError):
                self._path(id_, suffix).unlink(missing_ok=True)

    def kept(self, id_: str) -> Kept | None:
        """Return a finished file; None where there is none, or not all of it, or it is too old."""
        if not _ID.fullmatch(id_):
            return None
        data, manifest = self._path(id_, _DATA), self._path(id_, _MANIFEST)
        try:
            about = manifest_in(manifest.read_bytes())
            found = data.stat()
        except (OSError, msgspec.DecodeError):
            return None
        is_good = found.st_size == about.bytes and not self._is_old(found.st_mtime)
        return Kept(id_, data, manifest, about) if is_good else None

    def keep(self, id_: str, until: float) -> None:
        """Keep a finished file until then (seconds since 1970) if that is longer than usual.

        Its age is what says so: it looks younger than it is. Where space is short it is among the
        last to go. Raises OSError if it is gone.
        """
        data = self._path(id_, _DATA)
        written = max(data.stat().st_mtime, until - self._most_seconds)
        for path in (data, self._path(id_, _MANIFEST)):
            os.utime(path, (written, written))

    def bytes(self) -> int:
        """Return how much there is."""
        return sum(_size(path) for path in self._files())

    def _path(self, id_: str, suffix: str) -> Path:
        return self.folder / f"{id_}{suffix}"

    def _files(self) -> Iterator[Path]:
        """Yield what is ours: another's files in the same folder are left alone."""
        with suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                if _ID.fullmatch(path.stem) and path.suffix in _SUFFIXES:
                    yield path

    def _finished(self) -> Iterator[Path]:
        return (path for path in self._files() if path.suffix == _DATA)

    def _is_old(self, written: float) -> bool:
        """Say whether a file's time is over; in its last moment it isn't."""
        return written < time.time() - self._most_seconds

    def _free_bytes(self) -> int:
        """Return how much more may be written, by the limit and by the disk."""
        on_disk = shutil.disk_usage(self.folder).free - self._keep_free_bytes
        return min(on_disk, self._most_bytes - self.bytes())


def manifest_path(part: Path) -> Path:
    """Return where the manifest of a file that is being written goes."""
    return part.with_suffix(_MANIFEST)


def create(path: Path) -> IO[bytes]:
    """Open a file that nobody has made yet, and nobody else may read."""
    return os.fdopen(os.open(path, _NEW, 0o600), "wb")


def lock(file: IO[bytes]) -> None:
    """Show that the writer of a file lives, for as long as it is open."""
    if fcntl is not None:
        with suppress(OSError):  # not every file system can
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_dead(part: Path) -> bool:
    """Say whether the writer of a file has ended without ending it."""
    silent = time.time() - _age(part)
    if fcntl is None:
        return silent > _DEAD_SECONDS
    try:
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return silent > _DEAD_SECONDS
    return silent > _UNLOCKED_SECONDS


def _age(path: Path) -> float:
    """Return when a file was last written; the time of one that has just gone is now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

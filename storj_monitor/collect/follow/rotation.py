"""The files that a log was rotated to, found again in its folder."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from storj_monitor.collect.follow.open_log import OpenLog
from storj_monitor.collect.follow.position import head_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.collect.follow.position import Position

    #: What of a file changes when it is written to or replaced.
    _State = tuple[int, int, int]
    #: That, and the first time in the file.
    _Beginning = tuple[_State, int | None]

#: node.log.1, node.log.2.gz, node.log-20260101, node.log.2026-01-01_00-00, node.log.old
_NUMBER_OR_DATE = r"(?:[.-]\d[\dT_.:-]*|\.old|\.bak)(?:\.gz)?"
#: node-20260101.log: a whole date, since node-2.log is the log of another node.
_DATE = r"[._-]\d{4}-?\d\d-?\d\d[\dT_.-]*"


class Rotation:
    """Knows the rotated files of one log: those that are called like it, and by their content."""

    def __init__(self, log: Path) -> None:
        self._log = log
        name, stem, extension = map(re.escape, (log.name, log.stem, log.suffix))
        pattern = f"{name}{_NUMBER_OR_DATE}|{stem}{_DATE}{extension}(?:\\.gz)?"
        self._names = re.compile(pattern)
        self._begun: dict[Path, _Beginning] = {}
        #: Files that were looked into for a head, and don't begin with it, as they were then.
        self._foreign: dict[Path, tuple[str, _State]] = {}

    def holding(self, position: Position) -> OpenLog | None:
        """Open the file that `position` is in, be it renamed, a copy, or packed; None without.

        Of several a plain one is taken before its .gz, which may be in the making.
        """
        if not position.head_bytes:
            return None
        candidates = sorted(
            self._others(), key=lambda path: (not self._is_ours(path), _is_gz(path))
        )
        for path in candidates:
            with suppress(OSError):  # a folder, a file of somebody else, one that went just now
                seen = position.head, _state(path)
                if self._foreign.get(path) == seen:
                    continue
                self._foreign[path] = seen
                file = OpenLog(path)
                if _holds(file, position):
                    del self._foreign[path]
                    return file
        return None

    def after(self, position: Position) -> OpenLog | None:
        """Open the rotated file that began next after the one that `position` is in."""
        if position.began_at is None:
            return None
        self._begun = dict(self._beginnings())
        later = [
            (began_at, _is_gz(path), path)
            for path, (_, began_at) in self._begun.items()
            if began_at is not None and began_at > position.began_at
        ]
        return OpenLog(min(later)[-1]) if later else None

    def _beginnings(self) -> Iterator[tuple[Path, _Beginning]]:
        """Yield when each rotated file began; those that didn't change aren't opened again."""
        for path in filter(self._is_ours, self._others()):
            with suppress(OSError):
                state = _state(path)
                known = self._begun.get(path)
                if known is None or known[0] != state:
                    with OpenLog(path) as file:
                        known = state, head_of(file, file.content_start()).began_at
                yield path, known

    def _is_ours(self, path: Path) -> bool:
        return self._names.fullmatch(path.name) is not None

    def _others(self) -> list[Path]:
        """Return what lies beside the log, the youngest first."""
        try:
            paths = [path for path in self._log.parent.iterdir() if path.name != self._log.name]
        except OSError:
            return []
        return sorted(paths, key=_age)


def _holds(file: OpenLog, position: Position) -> bool:
    """Say whether `file` is the one of `position`, and close it if it isn't."""
    holds = False
    try:
        holds = position.is_of(file)
    finally:
        if not holds:
            file.close()
    return holds


def _state(path: Path) -> _State:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def _is_gz(path: Path) -> bool:
    return path.suffix == ".gz"


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0

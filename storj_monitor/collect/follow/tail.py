"""A log file that is read as it grows, and through its rotations.

It is polled, since network shares, bind mounts and Windows tell nobody of changes, and opened only
when its size or its identity has changed. Nothing is held open in between, so that anybody may
rename it.

    tail = Tail(Path("/var/log/node.log"))
    piece = tail.poll()     # then keep what the lines say together with tail.position
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.follow.open_log import OpenLog
from storj_monitor.collect.follow.piece import (
    FAILING,
    FOLLOWING,
    NOTHING,
    WAITING,
    Piece,
    split_lines,
)
from storj_monitor.collect.follow.position import Position, head_of
from storj_monitor.collect.follow.rotation import Rotation
from storj_monitor.collect.parser import is_continued

if TYPE_CHECKING:
    from pathlib import Path

#: So much is read in one look, that a long backlog comes in pieces. No line is that long; one
#: that is counts as several.
BLOCK_BYTES = 4 << 20


class Sight(NamedTuple):
    """What of a file changes when it is written to, renamed or made anew."""

    size: int
    changed_ns: int
    inode: int
    device: int


class Tail:
    """Follows one file.

    Rotation by rename: the file that has our beginning is read to its end, wherever it is, then
    those that were rotated after it, then the new one as soon as that has a line. Its last line
    may have no end: nobody will write it any more, so it counts when the next file begins. After
    copytruncate its end may stand at the beginning of the truncated file; then the two are joined.
    """

    def __init__(
        self,
        path: Path,
        position: Position | None = None,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self.path = path
        self.position = Position() if position is None else position
        self.state = FOLLOWING
        #: Why it waits or fails.
        self.reason: str | None = None
        #: How much is not read yet, as far as that is known.
        self.behind_bytes: int | None = None
        self._block_bytes = block_bytes
        self._rotation = Rotation(path)
        #: Where the file with our beginning was the last time.
        self._where = path
        self._seen: tuple[Sight | None, ...] | None = None
        #: A .gz stays open while it is read, or it would be unpacked anew for each piece.
        self._packed: OpenLog | None = None

    def poll(self) -> Piece:
        """Return the lines that are new, or NOTHING; never raises OSError: `state` tells of it."""
        try:
            sights = tuple(map(_sight, dict.fromkeys((self.path, self._where))))
            if sights == self._seen:
                return NOTHING
            piece = self._look()
        except FileNotFoundError as error:
            self._stay(WAITING, f"{error.filename} isn't there")
        except OSError as error:
            self._stay(FAILING, f"{error.filename or self.path} can't be read: {error.strerror}")
        else:
            self._seen = None if piece.has_more else sights
            return piece
        return NOTHING

    def stop(self) -> None:
        """Do nothing: a file makes nobody wait."""

    def close(self) -> None:
        """Give back what is still open."""
        if self._packed is not None:
            self._packed.close()
            self._packed = None

    def _stay(self, state: str, reason: str) -> None:
        self.close()
        self.state, self.reason, self._seen = state, reason, None

    def _look(self) -> Piece:
        with ExitStack() as opened:
            file = self._found()
            if file is not None and file.is_packed:
                self._packed = file
            elif file is not None:
                opened.callback(file.close)
            # Whether the next file has begun is asked before the last look at this one: who
            # writes to the next has written the last line here.
            is_rotated = file is None or file.path != self.path
            following = self._next() if is_rotated else None
            if following is not None:
                opened.callback(following.close)
            if file is None:
                return self._begin_anew(following)
            self._where = file.path
            self.state, self.reason = FOLLOWING, None
            piece = self._read(file, following)
            if piece.turned_to is not None or not piece.has_more:
                self.close()
            return piece

    def _found(self) -> OpenLog | None:
        """Open the file that our position is in."""
        if self._packed is not None:
            return self._packed
        for path in dict.fromkeys((self._where, self.path)):
            with suppress(FileNotFoundError, NotADirectoryError):
                file = OpenLog(path)
                if self.position.is_of(file):
                    return file
                file.close()
        return self._rotation.holding(self.position)

    def _next(self) -> OpenLog | None:
        """Open the file that comes after ours, if it has begun."""
        rotated = self._rotation.after(self.position)
        if rotated is not None:
            return rotated
        with suppress(FileNotFoundError, NotADirectoryError):
            file = OpenLog(self.path)
            if b"\n" in file.at(file.content_start(), self._block_bytes):
                return file
            file.close()
        return None

    def _read(self, file: OpenLog, following: OpenLog | None = None) -> Piece:
        """Read on in `file`; at its end, turn to the one that follows."""
        if not self.position.head_bytes:
            self.position = head_of(file, file.content_start())
        offset = self.position.offset
        block = file.at(offset, self._block_bytes)
        lines, unfinished = split_lines(block)
        is_full = len(block) == self._block_bytes
        if is_full and not lines:
            lines, unfinished = [block], b""
        if following is not None and not lines:
            return self._turn(following, unfinished)
        end = offset + len(block)
        self.position = self.position.moved(file, end - len(unfinished))
        self.behind_bytes = file.left(end) + (0 if following is None else following.left(0))
        return Piece(lines=lines, has_more=is_full or following is not None)

    def _turn(self, file: OpenLog, unfinished: bytes) -> Piece:
        """Go on at the beginning of `file`; the line that the one before ended with counts now."""
        self._where = file.path
        self.position = head_of(file, file.content_start())
        lines = self._read(file).lines
        if lines and is_continued(unfinished, lines[0]):
            lines = [unfinished + lines[0], *lines[1:]]
        elif unfinished:
            lines = [unfinished, *lines]
        return Piece(lines=lines, has_more=True, turned_to=file.path.name)

    def _begin_anew(self, file: OpenLog | None) -> Piece:
        """Go on with what there is: the file that was read is nowhere any more."""
        self._where = self.path
        if file is None:
            self.path.stat()  # raises if there is no log at all
        self.state, self.reason, self.behind_bytes = FOLLOWING, None, 0
        return NOTHING if file is None else replace(self._turn(file, b""), is_another_log=True)


def _sight(path: Path) -> Sight | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Sight(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)

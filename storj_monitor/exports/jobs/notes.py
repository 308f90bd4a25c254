"""What a server writes into its database beside its work, as soon as it can be written."""

from __future__ import annotations

from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.store import Store, StoreWriter

    Note = Callable[[StoreWriter], None]

#: How many may wait: more than are made in an hour of a database that is locked.
_MOST_WAITING = 10_000
_PAUSE_SECONDS = 1.0


class Notes:
    """Writes notes in their order, in a thread; each is one transaction.

    While the database is locked, or its disk is full, they wait. `close` gives up what can't be
    written then, and says so in the log.
    """

    def __init__(
        self, store: Store, *, most: int = _MOST_WAITING, pause_seconds: float = _PAUSE_SECONDS
    ) -> None:
        self._store = store
        self._most = most
        self._pause_seconds = pause_seconds
        self._waiting: deque[Note] = deque()
        #: How many were taken on so far, and how many of them don't wait any more.
        self._taken = self._settled = 0
        self._changed = Condition()
        self._thread: Thread | None = None
        self._is_closing = False

    def write(self, note: Note) -> None:
        """Write a note a little later."""
        with self._changed:
            if self._is_closing or len(self._waiting) >= self._most:
                _give_up(1, "the server is being stopped" if self._is_closing else "too many wait")
                return
            if self._thread is None:
                self._thread = Thread(target=self._work, name="notes", daemon=True)
                self._thread.start()
            self._waiting.append(note)
            self._taken += 1
            self._changed.notify_all()

    def written(self, seconds: float) -> bool:
        """Wait until what there is to write so far is written; return whether it was in time."""
        with self._changed:
            wanted = self._taken
            return self._changed.wait_for(lambda: self._settled >= wanted, seconds)

    def close(self) -> None:
        """Wait until all are written, or one can't be."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        is_told = False
        while (note := self._next()) is not None:
            is_last_try = self._is_closing
            if (error := self._fault(note)) is None:
                with self._changed:
                    self._waiting.popleft()
                    self._settled += 1
                    self._changed.notify_all()
                is_told = False
                continue
            if not is_told:
                log().warning("export.recorded_later", error=str(error))
                is_told = True
            with self._changed:
                if is_last_try:
                    _give_up(len(self._waiting), str(error))
                    return
                self._changed.wait_for(lambda: self._is_closing, self._pause_seconds)

    def _next(self) -> Note | None:
        """Wait for the note that is to be written next; None when there is nothing more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            return self._waiting[0] if self._waiting else None

    def _fault(self, note: Note) -> OperatorError | None:
        """Write a note; return what is in its way, None if it is written or never will be."""
        is_written = False
        try:
            with self._store.writer() as writer:
                note(writer)
                is_written = True
        except OperatorError as error:  # such as a lock: it may be gone the next time
            return None if is_written else error
        except Exception as error:  # noqa: BLE001  whatever it is, the others are written
            _give_up(1, str(error))
        return None


def _give_up(notes: int, why: str) -> None:
    log().error("export.not_recorded", notes=notes, error=why)

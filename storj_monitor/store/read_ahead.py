"""Reading in one thread while another encodes: Arrow and ADBC leave Python's lock alone."""

from __future__ import annotations

from contextlib import closing
from queue import Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

T = TypeVar("T")
_AHEAD = 2
_LOOK_UP_SECONDS = 0.1


class ReadAhead(Generic[T]):
    """Iterates over what `produce()` yields, which runs a few items ahead in a thread of its own.

    The thread begins at once. What it raises is raised here, after the items before it. `close`
    closes the producer, in the producer's own thread, and returns when that thread has ended; an
    iterator that nobody holds any more is closed too.
    """

    def __init__(self, produce: Callable[[], Generator[T]]) -> None:
        self._queue: Queue[T | _End] = Queue(_AHEAD)
        self._stopped = Event()
        # The thread knows nothing of this object, so that one left alone can go.
        work = (produce, self._queue, self._stopped)
        self._thread = Thread(target=_produce, args=work, name="read-ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if self._stopped.is_set():
            raise StopIteration
        item = self._queue.get()
        if not isinstance(item, _End):
            return item
        self.close()
        if item.error is not None:
            raise item.error
        raise StopIteration

    def close(self) -> None:
        """End the work; what was read ahead is dropped."""
        self._stopped.set()
        self._thread.join()

    def __del__(self) -> None:
        self._stopped.set()


class _End:
    """The end of the items, and why if there was an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _produce(produce: Callable[[], Generator[T]], queue: Queue[T | _End], stopped: Event) -> None:
    end = _End()
    try:
        with closing(produce()) as items:
            for item in items:
                if not _put(queue, item, stopped):
                    return
    except BaseException as error:  # noqa: BLE001  it is raised again where it is waited for
        end = _End(error)
    _put(queue, end, stopped)


def _put(queue: Queue[T | _End], item: T | _End, stopped: Event) -> bool:
    while not stopped.is_set():
        try:
            queue.put(item, timeout=_LOOK_UP_SECONDS)
        except Full:
            continue
        return True
    return False

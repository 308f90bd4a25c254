"""Reading in one thread while another encodes: Arrow and ADBC leave Python's lock alone."""

from __future__ import annotations

from contextlib import closing
from queue import Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

T = TypeVar("T")
_AHEAD = 2
_LOOK_UP_SECONDS = 0.1


def read_ahead(produce: Callable[[], Generator[T]]) -> Generator[T]:
    """Yield what `produce()` yields, which runs a few items ahead in a thread of its own.

    What it raises is raised here. When this generator is closed, that one is closed in its own
    thread, and the thread has ended when close returns.
    """
    queue: Queue[T | _End] = Queue(_AHEAD)
    stopped = Event()
    thread = Thread(target=_produce, args=(produce, queue, stopped), name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stopped.set()
        thread.join()


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

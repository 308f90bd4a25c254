"""A channel's code in threads of its own: what it blocks, or never ends, is its own alone.

It is a plugin's, and the server's event loop and threads are everybody's. A thread that doesn't end
is left alone, and ends with the program.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from storj_monitor.logs import log
from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

#: So long is waited for what was told to end.
_GRACE_SECONDS = 5.0
#: So long may a question take that needs nobody else's answer.
_QUICK_SECONDS = 10.0
#: So many threads of one channel may be left alone, or at work.
_MOST = 32


async def sent_apart(name: str, send: Callable[[], Awaitable[None]]) -> None:
    """Await a channel's coroutine in a thread with an event loop of its own.

    Raises what it raises, and DeliveryError where too many of its threads never ended. Being
    cancelled cancels it, and waits a little for its end.
    """
    sending = _Sending(send)
    _begin(name, sending.run)
    ended = asyncio.wrap_future(sending.ended)
    # Where it is left alone, nobody asks how it ended.
    ended.add_done_callback(lambda _: ended.cancelled() or ended.exception())
    try:
        await asyncio.wait({ended})
    except asyncio.CancelledError:
        sending.cancel()
        if not (await asyncio.wait({ended}, timeout=_GRACE_SECONDS))[0]:
            log().error("channel.stuck", channel=name, seconds=_GRACE_SECONDS)
        raise
    ended.result()


def answered(name: str, question: Callable[[], T]) -> T:
    """Return what a channel answers to a question; call it in a thread.

    Raises what it raises, and DeliveryError where it gives no answer.
    """
    answer: Future[T] = Future()
    _begin(name, partial(_settle, answer, question))
    try:
        return answer.result(_QUICK_SECONDS)
    except TimeoutError:
        if answer.done():
            raise
        message = f"channel {name!r} gave no answer in {_QUICK_SECONDS:g} seconds"
        raise DeliveryError(message, retryable=True) from None


class _Sending:
    """A coroutine that is run in another thread."""

    def __init__(self, send: Callable[[], Awaitable[None]]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_canceled = False
        self.ended: Future[None] = Future()

    def run(self) -> None:
        """Run it to its end."""
        with asyncio.Runner() as runner:
            _settle(self.ended, lambda: runner.run(self._main()))

    def cancel(self) -> None:
        """Cancel it, from any thread, as soon as it has begun."""
        with self._lock:
            self._is_canceled = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def _main(self) -> None:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._is_canceled:
                raise asyncio.CancelledError
        try:
            await self._send()
        finally:
            with self._lock:
                self._task = None


def _begin(name: str, work: Callable[[], object]) -> None:
    """Run it in a thread of the channel."""
    called = f"channel {name}"
    if sum(thread.name == called for thread in threading.enumerate()) >= _MOST:
        message = f"channel {name!r} still works on {_MOST} others"
        raise DeliveryError(message, retryable=True)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name=called, daemon=True).start()


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    """Let a future be what some work comes to, whatever that raises."""
    try:
        result = work()
    except asyncio.CancelledError:
        future.cancel()
    except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code raises anything
        future.set_exception(error)
    except BaseException as error:  # noqa: BLE001  nobody has interrupted the program
        future.set_exception(RuntimeError(f"{type(error).__name__} was raised"))
    else:
        future.set_result(result)

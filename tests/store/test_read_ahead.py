from __future__ import annotations

import gc
import threading
from threading import Event
from typing import TYPE_CHECKING

import pytest

from storj_monitor.store.read_ahead import ReadAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from threading import Thread

PATIENCE_SECONDS = 10


class Numbers:
    """Gives numbers without end, and notes what becomes of it."""

    def __init__(self, last: int | None = None) -> None:
        self.given = 0
        self.closed = Event()
        self.threads: set[Thread] = set()
        self._last = last

    def __call__(self) -> Generator[int]:
        try:
            while self._last is None or self.given < self._last:
                self.threads.add(threading.current_thread())
                self.given += 1
                yield self.given
        finally:
            self.threads.add(threading.current_thread())
            self.closed.set()


def ended(numbers: Numbers) -> bool:
    [thread] = numbers.threads
    thread.join(PATIENCE_SECONDS)
    return numbers.closed.is_set() and not thread.is_alive()


def test_items_come_in_order_and_the_thread_ends_with_them() -> None:
    numbers = Numbers(100)
    assert list(ReadAhead(numbers)) == list(range(1, 101))
    assert ended(numbers)
    assert threading.current_thread() not in numbers.threads


def test_reading_begins_before_it_is_asked_for() -> None:
    numbers = Numbers(1)
    items = ReadAhead(numbers)
    assert numbers.closed.wait(PATIENCE_SECONDS)
    items.close()
    assert ended(numbers)
    assert list(items) == []


def test_only_a_few_items_are_made_ahead() -> None:
    numbers = Numbers()
    items = ReadAhead(numbers)
    assert next(items) == 1
    assert not numbers.closed.wait(0.3)
    assert numbers.given <= 10
    items.close()


def test_closing_closes_the_producer_in_its_own_thread_and_waits_for_it() -> None:
    numbers = Numbers()
    items = ReadAhead(numbers)
    next(items)
    items.close()
    assert numbers.closed.is_set()
    [thread] = numbers.threads
    assert not thread.is_alive()


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Generator[int]:
        yield 1
        yield 2
        raise LookupError("three")

    items = ReadAhead(failing)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(LookupError, match="three"):
        next(items)
    assert list(items) == []


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_what_would_end_the_program_is_raised_where_it_is_waited_for(error: BaseException) -> None:
    def failing() -> Generator[int]:
        raise error
        yield

    with pytest.raises(type(error)):
        next(ReadAhead(failing))


def test_a_producer_that_is_no_generator_says_so() -> None:
    def wrong() -> Generator[int]:
        raise TypeError("wrong")

    with pytest.raises(TypeError, match="wrong"):
        next(ReadAhead(wrong))


def test_an_error_while_closing_is_not_raised_over_the_end() -> None:
    def failing() -> Generator[int]:
        try:
            yield 1
            yield from range(100)
        finally:
            raise LookupError("closing")

    items = ReadAhead(failing)
    next(items)
    items.close()


@pytest.mark.parametrize("collect", [lambda: None, gc.collect])
def test_items_that_are_abandoned_end_their_thread(collect: Callable[[], object]) -> None:
    numbers = Numbers()
    items = ReadAhead(numbers)
    next(items)
    del items
    collect()
    assert ended(numbers)

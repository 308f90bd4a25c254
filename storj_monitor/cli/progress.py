"""Progress on a terminal; nothing at all where standard error is a file or a pipe."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: A terminal is written to so many times a second at the most.
_PER_SECOND = 10
_CLEAR = "\r\x1b[K"


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar, and yield the function to tell it how much is done of how much (or of what)."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with (
        click.progressbar(length=1, label=title, file=sys.stderr) as shown,
        _line() as say,
    ):

        def tell(done: int, total: int | None) -> None:
            if total is None:
                say(f"{title}  {done / 1e6:,.1f} MB")
            else:
                shown.length = max(total, 1)
                shown.update(done - shown.pos)

        yield tell


@contextmanager
def counter(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many rows and bytes there are so far, and yield the function to tell it."""
    if not sys.stderr.isatty():
        yield lambda _rows, _size: None
        return
    with _line() as say:
        yield lambda rows, size: say(f"{title}  {rows:,} rows, {size / 1e6:,.1f} MB")


@contextmanager
def _line() -> Iterator[Callable[[str], None]]:
    """Keep one line of the terminal up to date, and clear it in the end."""
    started = time.monotonic()
    shown_at = 0.0

    def say(text: str) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if now - shown_at >= 1 / _PER_SECOND:
            shown_at = now
            # The cursor goes back to the line's start, so that a log line takes its place.
            click.echo(f"{_CLEAR}{text}  {now - started:.0f} s\r", nl=False, err=True)

    try:
        yield say
    finally:
        if shown_at:
            click.echo(_CLEAR, nl=False, err=True)

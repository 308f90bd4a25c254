"""Progress on a terminal; nothing at all where standard error is a file or a pipe."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import ProgressColumn


@contextmanager
def bar(title: str, *, in_bytes: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Show how much is done of how much, and yield the function to tell it."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    amount: ProgressColumn = DownloadColumn() if in_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as shown:
        task = shown.add_task(escape(title), total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@contextmanager
def counter(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many rows and bytes there are so far, and yield the function to tell it."""
    if not sys.stderr.isatty():
        yield lambda _rows, _size: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description}  {task.fields[done]}")
    with Progress(
        SpinnerColumn(), text, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as shown:
        task = shown.add_task(escape(title), total=None, done="")

        def tell(rows: int, size: int) -> None:
            shown.update(task, done=f"{rows:,} rows, {size / 1e6:,.1f} MB")

        yield tell

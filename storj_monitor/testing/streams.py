"""Tables that watch how they are read, and what is held in memory meanwhile."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from storj_monitor.plugin import Column, Kind, Table
from storj_monitor.plugin.kinds import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    Column(key="number", label="Number", kind=Kind.INTEGER),
    Column(key="text", label="Text"),
    Column(key="ratio", label="Ratio", kind=Kind.RATIO),
)
#: Beside its digits each text has so many letters.
_LETTERS = "abcdefghij" * 16


class WatchedStream:
    """A long table that is made while it is read: `batches` of `rows` rows, no two texts alike.

    `table()` may be called once. `fails_after` so many batches it raises OSError.
    """

    def __init__(self, batches: int, rows: int = 1_000, *, fails_after: int | None = None) -> None:
        self.read = 0
        self.is_begun = False
        self.is_closed = False
        self.has_failed = False
        self.meter: Meter | None = None
        #: With a meter: how many bytes may be held, before the table ends early.
        self.bearable = 0.0
        #: What all of its rows take in memory, as Arrow holds them.
        self.nbytes = batches * int(_batch(0, rows).nbytes)
        self._batches = batches
        self._rows = rows
        self._fails_after = fails_after

    def table(self, name: str = "rows") -> Table:
        """Return the table."""
        return Table.stream(name, "Many rows", COLUMNS, self._made())

    def _made(self) -> Iterator[pa.RecordBatch]:
        self.is_begun = True
        try:
            for index in range(self._batches):
                if index == self._fails_after:
                    self.has_failed = True
                    message = "the database is gone"
                    raise OSError(message)
                self.read += 1
                if self.meter is not None and self.meter.look() > self.bearable:
                    return  # it is known by now that too much is held
                yield _batch(index * self._rows, self._rows)
        finally:
            self.is_closed = True


def _batch(first: int, rows: int) -> pa.RecordBatch:
    numbers = range(first, first + rows)
    arrays: list[pa.Array[Any]] = [
        pa.array(numbers, pa.int64()),
        pa.array([f"{number:08}{_LETTERS}" for number in numbers], pa.string()),
        pa.array([number % 1000 / 1000 for number in numbers], pa.float64()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(COLUMNS))


class Meter:
    """Measures the most memory that Python and Arrow held within a `with`, in bytes.

    What is allocated by other libraries without either of them isn't seen. Arrow is looked at
    whenever `look` is called.
    """

    def __enter__(self) -> Self:
        gc.collect()
        self._was_tracing = tracemalloc.is_tracing()
        if not self._was_tracing:
            tracemalloc.start()
        tracemalloc.reset_peak()
        self._python = self._most_python = tracemalloc.get_traced_memory()[0]
        self._arrow = self._most_arrow = pa.total_allocated_bytes()
        return self

    def __exit__(self, *_: object) -> None:
        self.look()
        if not self._was_tracing:
            tracemalloc.stop()

    def look(self) -> int:
        """Return the most that was held so far beyond what was there at the beginning."""
        self._most_python = tracemalloc.get_traced_memory()[1]
        self._most_arrow = max(self._most_arrow, pa.total_allocated_bytes())
        return self.peak

    @property
    def peak(self) -> int:
        """The most that was held when it was last looked at."""
        return self._most_python - self._python + self._most_arrow - self._arrow

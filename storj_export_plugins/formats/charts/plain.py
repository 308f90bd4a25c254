"""A plain table as charts: each of its numbers over time, a line for each node, satellite, ..."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from storj_monitor.plugin import Chart, Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.plugin import Document

_TIMES = (Kind.TIMESTAMP, Kind.DATE)
_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.BYTES, Kind.RATIO, Kind.DURATION)
#: What tells the lines of one chart apart.
_LINES = ("node", "satellite", "action", "status")
_MOST = 6
#: Times are rounded down to one of these minutes, so that a line has about so many points at most.
_STEPS = (1, 5, 15, 60, 360, 1440)
_USUAL_STEP, _POINTS = 60, 350


def charts_of_table(document: Document, table: Table) -> tuple[list[Chart], str]:
    """Return a chart for each of up to six columns, and what must be said of them.

    Reads the table once, and holds an average for each point, however many rows there are.
    """
    x = next((column for column in table.columns if column.kind in _TIMES), None)
    numbers = [column for column in table.columns if column.kind in _NUMBERS][:_MOST]
    if x is None or not numbers:
        return [], ""
    points = Points(table, x, numbers, _step(document))
    return [points.chart(index) for index in range(len(numbers))], points.remark


def _step(document: Document) -> int:
    if document.span is None:
        return _USUAL_STEP
    least = (document.span.end - document.span.start) / timedelta(minutes=_POINTS)
    return next((step for step in _STEPS if step >= least), _STEPS[-1])


class Points:
    """The averages of a table's numbers, by line and rounded time."""

    def __init__(self, table: Table, x: Column, numbers: Sequence[Column], step: int) -> None:
        self._table, self._x, self._numbers, self._step = table, x, numbers, step
        keys = [column.key for column in table.columns]
        self._at = keys.index(x.key)
        self._places = [keys.index(column.key) for column in numbers]
        self._names = [keys.index(key) for key in _LINES if key in keys]
        #: Exact but for floats, whatever is added up; and how many were.
        self._sums: dict[tuple[date, tuple[object, ...], int], tuple[Any, int]] = {}
        self._rows: Counter[tuple[object, ...]] = Counter()
        for row in table.rows():
            self._add(row)
        # The lines with most rows, and of equals the first by name.
        ranked = sorted(self._rows, key=lambda name: (-self._rows[name], str(name)))
        self._drawn = sorted(ranked[:_MOST], key=str)

    def _add(self, row: Sequence[object]) -> None:
        at = row[self._at]
        if not isinstance(at, date):
            return
        at = _rounded(at, self._step)
        name = tuple(row[index] for index in self._names)
        self._rows[name] += 1
        for number, place in enumerate(self._places):
            value = row[place]
            if isinstance(value, int | float | Decimal):
                total, count = self._sums.get((at, name, number), (0, 0))
                self._sums[at, name, number] = (total + value, count + 1)

    @property
    def remark(self) -> str:
        """What a reader of the charts must know; empty if there is nothing."""
        remarks = []
        if any(count > 1 for _, count in self._sums.values()):
            minutes = f"{self._step} minutes" if self._step > 1 else "minute"
            hours = f"{self._step // 60} hours" if self._step > _USUAL_STEP else "hour"
            span = minutes if self._step < _USUAL_STEP else hours
            remarks.append(f"Each point is the average of the rows of its {span}.")
        if left_out := len(self._rows) - len(self._drawn):
            remarks.append(f"The {_MOST} lines with most rows are drawn, {left_out:,} are not.")
        return " ".join(remarks)

    def chart(self, number: int) -> Chart:
        """Return the chart of one column."""
        column = self._numbers[number]
        kind = Kind.NUMBER if column.kind is Kind.INTEGER else column.kind
        labels = [self._label(name) or column.label for name in self._drawn]
        columns = [
            Column(key=f"line_{index}", label=label, kind=kind, unit=column.unit)
            for index, label in enumerate(labels)
        ]
        times = sorted({at for at, _, of in self._sums if of == number})
        rows = [
            (at, *(self._value(at, name, number, kind) for name in self._drawn)) for at in times
        ]
        table = Table.of(column.key, column.label, (self._x, *columns), rows)
        table = table.through(lambda batches: batches, self._table.timezone)
        return Chart(column.label, table, self._x.key, tuple(one.key for one in columns))

    def _label(self, name: tuple[object, ...]) -> str:
        """Return what tells a line from the others."""
        differing = [
            str(part)
            for index, part in enumerate(name)
            if part is not None and len({other[index] for other in self._rows}) > 1
        ]
        return ", ".join(differing) or ", ".join(str(part) for part in name[:1] if part)

    def _value(self, at: date, name: tuple[object, ...], number: int, kind: Kind) -> object:
        total, count = self._sums.get((at, name, number), (0, 0))
        if not count:
            return None
        if kind in (Kind.NUMBER, Kind.RATIO):
            return total / count
        # Exact, since a float may round the greatest that a column takes to more than it takes.
        return round(total / count, 6) if kind is Kind.MONEY else round(Fraction(total, count))


def _rounded(at: date, step: int) -> date:
    """Round a time down on the wall clock; a day is one already."""
    if not isinstance(at, datetime):
        return at
    minutes = (at.hour * 60 + at.minute) // step * step
    return at.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)

"""What a chart draws: its columns as numbers, and how each of them is told from the others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storj_monitor.plugin import Chart, Column

#: What a series is besides a measurement: drawn dashed, and never as a bar.
_FORECAST, _THRESHOLD = "_forecast", "_threshold"
#: Numbers beyond these can't be drawn beside others: too large is left out, too small is zero.
_LARGEST, _SMALLEST = 1e100, 1e-100
_PLAIN = (Kind.NUMBER, Kind.INTEGER)


@dataclass(frozen=True, kw_only=True)
class Series:
    """One column as numbers; `style` counts the looks, None is that of a threshold."""

    label: str
    values: tuple[float | None, ...]
    style: int | None
    dashed: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A chart's table as it is drawn: where along the bottom, and the series."""

    xs: tuple[object, ...]
    x: Column
    series: tuple[Series, ...]
    kind: Kind

    def numbers(self) -> list[float]:
        """Return every number there is, in no order that matters."""
        return [value for one in self.series for value in one.values if value is not None]


def reading(chart: Chart) -> Reading:
    """Read a chart's table; times are put in order, rows without an x are left out."""
    columns = {column.key: (index, column) for index, column in enumerate(chart.table.columns)}
    at, x = columns[chart.x]
    rows = [row for row in chart.table.rows() if row[at] is not None]
    if x.kind in (Kind.TIMESTAMP, Kind.DATE):
        rows.sort(key=lambda row: _moment(row[at]))
    styles = _styles(chart.y)
    series = tuple(
        Series(
            label=_label(columns[key][1]),
            values=tuple(_number(row[columns[key][0]]) for row in rows),
            style=styles[key],
            dashed=key.endswith((_FORECAST, _THRESHOLD)),
        )
        for key in chart.y
    )
    kinds = {columns[key][1].kind for key in chart.y}
    kind = kinds.pop() if len(kinds) == 1 else Kind.NUMBER
    return Reading(xs=tuple(row[at] for row in rows), x=x, series=series, kind=kind)


def _styles(keys: Sequence[str]) -> dict[str, int | None]:
    """Give each series a look of its own; a forecast has that of what it forecasts."""
    styles: dict[str, int | None] = {}
    free = iter(range(len(keys)))
    for key in sorted(keys, key=lambda key: key.endswith(_FORECAST)):
        if key.endswith(_THRESHOLD):
            styles[key] = None
        elif key.endswith(_FORECAST) and (base := _base(key, styles)) is not None:
            styles[key] = styles[base]
        else:
            styles[key] = next(free)
    return styles


def _base(key: str, known: Iterable[str]) -> str | None:
    """Return what a series forecasts: `used_forecast` is that of `used` or `used_bytes`."""
    stem = key.removesuffix(_FORECAST)
    return next((other for other in known if f"{other}_".startswith(f"{stem}_")), None)


def _label(column: Column) -> str:
    unit = f" ({column.unit})" if column.unit and column.kind in _PLAIN else ""
    return column.label + unit


def _number(value: object) -> float | None:
    if not isinstance(value, int | float | Decimal):
        return None
    number = float(value)
    if not math.isfinite(number) or abs(number) > _LARGEST:
        return None
    return number if abs(number) > _SMALLEST else 0.0


def _moment(value: object) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(_day(value))


def _day(value: object) -> int:
    return value.toordinal() if isinstance(value, date) else 0

"""A chart in words: what someone is told who can't see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts.series import reading
from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from storj_export_plugins.formats.charts.series import Reading, Series
    from storj_monitor.plugin import Chart

_SHAPES = {"line": "Line chart", "bar": "Bar chart", "stacked": "Stacked bar chart"}
#: How the words of a chart without a number end.
NO_DATA = ": no data"
_WHOLE = (Kind.INTEGER, Kind.BYTES, Kind.DURATION)


def described(chart: Chart) -> str:
    """Return what a chart shows: from where to where, and the ends of each series."""
    read = reading(chart)
    if not read.numbers():
        return _SHAPES[chart.shape] + NO_DATA
    first, last = (" ".join(display_text(x, read.x.kind).split()) for x in _ends(read))
    along = f"{read.x.label} {first}" if first == last else f"{read.x.label} from {first} to {last}"
    said = [_series_words(one, read.kind) for one in read.series]
    return " ".join([f"{_SHAPES[chart.shape]}, {along}.", *said])


def _ends(read: Reading) -> tuple[object, object]:
    return read.xs[0], read.xs[-1]


def _series_words(series: Series, kind: Kind) -> str:
    label = " ".join(series.label.split())
    values = [value for value in series.values if value is not None]
    if not values:
        return f"{label}: no data."
    low, high, last = (_spelt(value, kind) for value in (min(values), max(values), values[-1]))
    return f"{label}: lowest {low}, highest {high}, last {last}."


def _spelt(value: float, kind: Kind) -> str:
    return display_text(round(value) if kind in _WHOLE else value, kind)

"""Charts to draw, and what is found in a drawing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from reportlab.graphics.shapes import Path, PolyLine, String

from storj_export_plugins.formats.charts import drawing
from storj_monitor.plugin import Chart, Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reportlab.graphics.shapes import Drawing

DAY = Column(key="day", label="Day", kind=Kind.DATE)
NODE = Column(key="node", label="Node")
DAYS = [date(2026, 3, 1) + timedelta(days=count) for count in range(31)]
#: Either spelling of a colour that is drawn: a contrast of at least 3 to the ground.
LEAST_CONTRAST = 3.0
Shape = Literal["line", "bar", "stacked"]
SHAPES: tuple[Shape, ...] = ("line", "bar", "stacked")


def number(key: str, kind: Kind = Kind.BYTES, label: str = "") -> Column:
    return Column(key=key, label=label or key, kind=kind)


def chart_of(
    columns: Sequence[Column], rows: Sequence[Sequence[object]], shape: Shape = "line"
) -> Chart:
    y = tuple(column.key for column in columns[1:])
    return Chart("A title", Table.of("t", "T", columns, rows), columns[0].key, y, shape)


def by_day(*values: object, shape: Shape = "line", kind: Kind = Kind.BYTES) -> Chart:
    return chart_of((DAY, number("aa", kind)), list(zip(DAYS, values, strict=False)), shape)


def drawn(chart: Chart, width: float = 500, **more: Any) -> Drawing:
    return drawing(chart, width=width, height=200, **more)


def shapes_of(image: Drawing, of: type) -> list[Any]:
    return [shape for shape in image.contents if isinstance(shape, of)]


def texts_of(chart: Chart, width: float = 500) -> list[str]:
    return [shape.text for shape in shapes_of(drawn(chart, width), String)]


def coloured(image: Drawing, colour: str, of: type = PolyLine) -> list[Any]:
    name = "fillColor" if of is Path else "strokeColor"
    shapes = shapes_of(image, of)
    return [one for one in shapes if (at := getattr(one, name)) and f"#{at.hexval()[2:]}" == colour]

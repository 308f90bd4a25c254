"""One drawing of a chart, which the formats pdf, html and svg share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts.themes import DARK, LIGHT, Theme
from storj_monitor.plugin import Chart, Table

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

    from storj_monitor.plugin import Document

__all__ = ["DARK", "LIGHT", "Theme", "drawing", "held"]


def drawing(  # noqa: PLR0913  how it shall look, each with a name
    chart: Chart,
    *,
    width: float,
    height: float,
    theme: Theme = LIGHT,
    font: str = "Helvetica",
    bold: str = "Helvetica-Bold",
    size: float = 8.0,
) -> Drawing:
    """Draw a chart of `width` by `height` points, its texts in `size` points.

    The chart's title isn't drawn: it is the caption that the caller writes above. The ground is
    left as it is. Reads the chart's table once. A chart without a number says 'no data'.
    The same chart gives the same drawing.
    """
    # What draws needs reportlab, and is imported with it when there is something to draw.
    from storj_export_plugins.formats.charts.picture import picture
    from storj_export_plugins.formats.charts.sheet import Sheet

    sheet = Sheet(width, height, theme=theme, font=font, bold=bold, size=size)
    picture(sheet, chart)
    return sheet.drawing


def held(document: Document) -> Document:
    """Return a document whose charts' tables are in memory, so that they may be read again."""
    drawn = {id(block.table): block.table for block in document.blocks if isinstance(block, Chart)}
    tables = {key: _held(table) for key, table in drawn.items()}
    blocks = [
        tables.get(id(block), block)
        if isinstance(block, Table)
        else replace(block, table=tables[id(block.table)])
        if isinstance(block, Chart)
        else block
        for block in document.blocks
    ]
    return replace(document, blocks=tuple(blocks))


def _held(table: Table) -> Table:
    batches = tuple(table.batches)
    return Table(
        table.name,
        table.title,
        table.columns,
        lambda: batches,
        repeatable=True,
        timezone=table.timezone,
    )

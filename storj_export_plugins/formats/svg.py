"""The format svg: all charts of a document in one image, for pages and for people.

It holds text as text, no script, and nothing that is fetched. With theme=auto it follows what the
reader's screen is set to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts import DARK, LIGHT, drawing, held
from storj_export_plugins.formats.charts.escaping import safe
from storj_export_plugins.formats.charts.plain import charts_of_table
from storj_monitor.plugin import Chart, Filter, Format, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storj_export_plugins.formats.charts import Theme
    from storj_export_plugins.formats.charts.sheet import Sheet
    from storj_monitor.plugin import Document

#: Of a page or a phone; an image that is shown as wide as it is has letters that can be read.
_WIDTHS = {"wide": 720.0, "narrow": 360.0}
_HEIGHT, _MARGIN, _SIZE = 240.0, 20.0, 11.0
#: Of the document's title and of a chart's, in sizes of the font; room for a line of each.
_LARGE, _MEDIUM = 1.5, 1.2
_TITLE_LINE, _CAPTION_LINE, _NEXT_LINE, _BETWEEN = 30.0, 24.0, 16.0, 22.0
NOTHING = "There is nothing to draw: no chart, and no column of times with numbers beside it."


def render(document: Document) -> Iterator[bytes]:
    """Yield the image, once all of its charts are drawn."""
    if document.sole_table is None:
        charts = [block for block in held(document).blocks if isinstance(block, Chart)]
        remark = ""
    else:
        charts, remark = charts_of_table(document, document.sole_table)
    remark = remark if charts else NOTHING
    yield _image(document, charts, remark).encode()


def _image(document: Document, charts: Sequence[Chart], remark: str) -> str:
    from storj_export_plugins.formats.charts.markup import FONTS

    has_title = document.options.get("title", "on") == "on"
    width = _WIDTHS[document.options.get("width", "wide")]
    parts, height = _stacked(document.title if has_title else "", charts, remark, width)
    words = " ".join([*_descriptions(charts), remark]).strip()
    view = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    about = 'role="img" lang="en" aria-labelledby="title words"'
    font = f'font-family="{FONTS}" font-size="{_SIZE:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {view} {about} {font}>',
            f'<title id="title">{safe(document.title)}</title>',
            f'<desc id="words">{safe(words)}</desc>',
            f"<style>{_style(document.options.get('theme', 'auto'))}</style>",
            '<rect class="f-ground" width="100%" height="100%"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _descriptions(charts: Iterable[Chart]) -> list[str]:
    from storj_export_plugins.formats.charts.words import described

    return [f"{chart.title}. {described(chart)}" for chart in charts]


def _stacked(
    title: str, charts: Sequence[Chart], remark: str, width: float
) -> tuple[list[str], float]:
    """Return the charts one below the other, with captions, and how high they are together.

    A title that is empty takes no room.
    """
    y, parts = _MARGIN, []
    if title:
        y += _TITLE_LINE
        parts.append(_line(title, y - _TITLE_LINE / 3, "ink", _LARGE, width))
    for chart in charts:
        for caption in _lines(chart.title, _MEDIUM, width):
            parts.append(_line(caption, y + _CAPTION_LINE * 0.7, "ink", _MEDIUM, width))
            y += _NEXT_LINE
        y += _CAPTION_LINE - _NEXT_LINE
        parts.append(f'<g transform="translate({_MARGIN:g} {y:g})">\n{_drawn(chart, width)}\n</g>')
        y += _HEIGHT + _BETWEEN
    if remark:
        parts.append(_line(remark, y + _CAPTION_LINE * 0.7, "quiet", 1, width))
        y += _CAPTION_LINE
    return parts, y + _MARGIN


def _drawn(chart: Chart, width: float) -> str:
    from storj_export_plugins.formats.charts.markup import shapes_markup

    image = drawing(chart, width=width - 2 * _MARGIN, height=_HEIGHT, size=_SIZE)
    return shapes_markup(image, LIGHT)


def _lines(text: str, sizes: float, width: float) -> list[str]:
    """Return a text as one line, or as two where it is too long for one."""
    sheet, words = _sheet(sizes, width), text.split(" ")
    most = width - 2 * _MARGIN
    first = 1
    while first < len(words) and sheet.measured(" ".join(words[: first + 1])) <= most:
        first += 1
    lines = (" ".join(words[:first]), " ".join(words[first:]))
    return [line for line in lines if line]


def _line(text: str, y: float, role: str, sizes: float, width: float) -> str:
    """Draw a line; what doesn't fit is cut."""
    sheet, size = _sheet(sizes, width), sizes * _SIZE
    weight = ' font-weight="bold"' if sizes > 1 else ""
    shown = safe(sheet.clipped(text, width - 2 * _MARGIN))
    place = f'x="{_MARGIN:g}" y="{y:g}" font-size="{size:g}"'
    return f'<text {place}{weight} class="f-{role}">{shown}</text>'


def _sheet(sizes: float, width: float) -> Sheet:
    """Return what measures letters of that size."""
    from storj_export_plugins.formats.charts.sheet import Sheet

    font = "Helvetica-Bold" if sizes > 1 else "Helvetica"
    return Sheet(width, 0.0, theme=LIGHT, font=font, bold=font, size=sizes * _SIZE)


def _style(theme: str) -> str:
    from storj_export_plugins.formats.charts.markup import colours_css

    themes: dict[str, Theme] = {"light": LIGHT, "dark": DARK}
    if theme in themes:
        return colours_css(themes[theme])
    dark = f"@media screen and (prefers-color-scheme:dark){{{colours_css(DARK)}}}"
    return f"{colours_css(LIGHT)}{dark}"


@hookimpl
def storj_formats() -> list[Format]:
    """Offer svg."""
    return [
        Format(
            name="svg",
            title="Charts as an image (SVG)",
            media_type="image/svg+xml",
            render=render,
            options=(
                Filter(
                    name="theme",
                    summary="For which ground: as the reader's screen is set, or always one",
                    choices=("auto", "light", "dark"),
                    default="auto",
                ),
                Filter(
                    name="title",
                    summary="Whether the document's title stands above the charts",
                    choices=("on", "off"),
                    default="on",
                ),
                Filter(
                    name="width",
                    summary="For a page (720 px) or for a phone (360 px)",
                    choices=tuple(_WIDTHS),
                    default="wide",
                ),
            ),
        )
    ]

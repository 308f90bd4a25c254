"""The blocks of a report as HTML: figures, charts with their numbers, tables, notes."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from storj_export_plugins.formats.charts import LIGHT, drawing
from storj_export_plugins.formats.charts.escaping import safe
from storj_export_plugins.formats.clocks import offsets
from storj_export_plugins.formats.html.tables import MISSING, table_markup
from storj_export_plugins.formats.quality import COMPARED, QUALITY, notice
from storj_monitor.plugin import Chart, Figures, Note, Table, display_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storj_monitor.plugin import Block, Document, Figure

#: Drawn twice, since the letters of one that is made smaller are made smaller too.
_DRAWINGS = (("wide", 880.0, 300.0), ("narrow", 380.0, 280.0))
_LETTERS = 13.0
#: From here on a page has a table of contents, and a change is told without decimals.
_MANY, _MUCH = 4, 0.1
_SMALLEST_CHANGE = 0.0005


def body(document: Document) -> Iterator[bytes]:
    """Yield all blocks in order; consecutive notes share a box."""
    parts = list(_parts(document.blocks))
    offset = bool(offsets(document))
    yield _notice(parts).encode()
    yield _contents(parts).encode()
    before: Block | None = None
    for index, part in enumerate(parts):
        key, block = f"part-{index}", part[0]
        match block:
            case Table():
                is_of_chart = isinstance(before, Chart) and before.table is block
                heading = "h3" if is_of_chart else "h2"
                yield from table_markup(block, key, heading, offset=offset)
            case Figures():
                yield _figures(block, key).encode()
            case Chart():
                yield _chart(block, key).encode()
                if not any(other is block.table for other in document.blocks):
                    yield from table_markup(block.table, f"{key}-table", "h3", offset=offset)
            case _:
                notes = [note for note in part if isinstance(note, Note)]
                yield _notes(notes, key, is_first=before is None).encode()
        before = block


def _parts(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    for is_notes, part in groupby(blocks, lambda block: isinstance(block, Note)):
        if is_notes:
            yield list(part)
        else:
            yield from ([block] for block in part)


def _notice(parts: Sequence[Sequence[Block]]) -> str:
    """Return a line that leads to the last notes, if there are warnings below the top."""
    said = notice([block for part in parts for block in part])
    places = [index for index, part in enumerate(parts) if isinstance(part[0], Note)]
    if not said:
        return ""
    return f'<p class="notice"><a href="#part-{places[-1]}">{safe(said)}</a></p>\n'


def _contents(parts: Sequence[Sequence[Block]]) -> str:
    """Return links to the parts of a page that has many."""
    titled = [
        (f"part-{index}", title)
        for index, part in enumerate(parts)
        if (title := _title(part, parts[index - 1] if index else ()))
    ]
    if len(titled) < _MANY:
        return ""
    links = "".join(f'<li><a href="#{key}">{safe(title)}</a></li>\n' for key, title in titled)
    return (
        '<nav aria-labelledby="contents">\n<h2 id="contents">Contents</h2>\n'
        f"<ol>\n{links}</ol>\n</nav>\n"
    )


def _title(part: Sequence[Block], before: Sequence[Block]) -> str:
    block = part[0]
    if isinstance(block, Note):
        return QUALITY if before else ""
    if isinstance(block, Table) and any(
        isinstance(one, Chart) and one.table is block for one in before
    ):
        return ""
    return block.title


def _figures(figures: Figures, key: str) -> str:
    cards = "".join(map(_figure, figures.items))
    compared = any(_change(figure.change) for figure in figures.items)
    hint = f'<p class="count">{COMPARED}</p>\n' if compared else ""
    title = safe(figures.title or "Figures")
    return (
        f'<section>\n<h2 id="{key}">{title}</h2>\n'
        f'<dl class="figures">\n{cards}</dl>\n{hint}</section>\n'
    )


def _figure(figure: Figure) -> str:
    text = display_text(figure.value, figure.kind)
    value = MISSING if text == "n/a" else safe(text)
    change = _change(figure.change)
    said = f'<dd class="change">{change}</dd>' if change else ""
    return f"<div><dt>{safe(figure.label)}</dt><dd>{value}</dd>{said}</div>\n"


def _change(change: float | None) -> str:
    """Return a change in words, with an arrow for the eye; nothing if it is unknown."""
    if change is None or not math.isfinite(change):
        return ""
    if abs(change) < _SMALLEST_CHANGE:
        return '<span aria-hidden="true">=</span> unchanged'
    arrow, word = ("▲", "up") if change > 0 else ("▼", "down")
    digits = 0 if abs(change) >= _MUCH else 1
    return f'<span aria-hidden="true">{arrow}</span> {word} {abs(change) * 100:,.{digits}f} %'


def _chart(chart: Chart, key: str) -> str:
    from storj_export_plugins.formats.charts.words import NO_DATA, described

    words = described(chart)
    images = "\n".join(_drawn(chart, key, *size) for size in _DRAWINGS)
    if words.endswith(NO_DATA):
        images = '<p class="count">No data.</p>'
    return (
        f'<section>\n<h2 id="{key}">{safe(chart.title)}</h2>\n'
        f'<div class="chart">\n{images}\n</div>\n'
        f'<p class="unseen" id="{key}-words">{safe(words)}</p>\n</section>\n'
    )


def _drawn(chart: Chart, key: str, name: str, width: float, height: float) -> str:
    from storj_export_plugins.formats.charts.markup import FONTS, shapes_markup

    image = drawing(chart, width=width, height=height, size=_LETTERS)
    about = f'role="img" aria-labelledby="{key}" aria-describedby="{key}-words"'
    font = f'font-family="{FONTS}" font-size="{_LETTERS:g}"'
    view = f'class="{name}" viewBox="0 0 {width:g} {height:g}"'
    return f"<svg {view} {about} {font}>\n{shapes_markup(image, LIGHT)}\n</svg>"


def _notes(notes: Sequence[Note], key: str, *, is_first: bool) -> str:
    """Return a box with notes; at the top they are about all that follows, without a title."""
    level = "warning" if any(note.level == "warning" for note in notes) else "info"
    items = "".join(f"<li>{_note(note)}</li>\n" for note in notes)
    if is_first:
        opening = f'<div class="notes {level}" role="note" id="{key}">\n'
    else:
        opening = (
            f'<div class="notes {level}" role="note" aria-labelledby="{key}">\n'
            f'<h2 id="{key}">{QUALITY}</h2>\n'
        )
    return f"{opening}<ul>\n{items}</ul>\n</div>\n"


def _note(note: Note) -> str:
    word = "<strong>Warning:</strong> " if note.level == "warning" else ""
    return word + safe(note.text)

"""A report's blocks as flowables, in order: what each becomes, and on which way of page."""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING

from reportlab.lib.colors import Color
from reportlab.platypus import (
    CondPageBreak,
    HRFlowable,
    NextPageTemplate,
    PageBreak,
    Spacer,
)

from storj_export_plugins.formats.charts import drawing
from storj_export_plugins.formats.charts.words import NO_DATA, described
from storj_export_plugins.formats.pdf.faces import BOLD, REGULAR
from storj_export_plugins.formats.pdf.paper import ACCENT, FAINT, INK, STRIPE, WARNING
from storj_export_plugins.formats.pdf.report.book import ACROSS, UPRIGHT, room
from storj_export_plugins.formats.pdf.report.cards import changed, rows_of_cards
from storj_export_plugins.formats.pdf.report.grid import Grid, beginning
from storj_export_plugins.formats.pdf.report.logo import Logo
from storj_export_plugins.formats.pdf.report.ruling import fitted, read
from storj_export_plugins.formats.pdf.report.words import Heading, Words
from storj_export_plugins.formats.quality import COMPARED, QUALITY, notice
from storj_monitor.plugin import Chart, Figures, Note, Table, display_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reportlab.platypus import Flowable

    from storj_export_plugins.formats.pdf.paper import About, Colour
    from storj_monitor.plugin import Block

_TITLE_SIZE, _PERIOD_SIZE, _HEADING_SIZE, _TABLE_SIZE, _SIZE = 21.0, 11.5, 12.0, 9.5, 8.0
_CHART_HEIGHT = 165.0
_AMBER: Colour = (0.85, 0.55, 0.05)


class Story:
    """Tells the blocks of a report as reportlab's flowables, and hashes what it tells.

    story = Story(about, brand="ACME", logo=None, paper="a4", orientation="auto")
    story.tell(document.blocks)
    story.flowables, story.digest, story.begins_across
    """

    def __init__(  # noqa: PLR0913  how it looks, each with a name
        self,
        about: About,
        *,
        brand: str | None,
        logo: bytes | None,
        paper: str,
        orientation: str,
        offset: bool = False,
    ) -> None:
        self.paper = paper
        self._offset = offset
        self.flowables: list[Flowable] = []
        ways = {"portrait": (False,), "landscape": (True,)}.get(orientation, (False, True))
        self._rooms = {across: room(paper, landscape=across)[0] for across in ways}
        self._across = self.begins_across = ways == (True,)
        self._is_empty = True
        self._headings = 0
        self._after_chart = False
        self._hash = hashlib.sha256()
        self._drawn: list[Table] = []
        #: What a chart without a number draws.
        self._empty: Table | None = None
        self._open(about, brand, logo)

    @property
    def digest(self) -> str:
        """The first digits of the hash of all data told so far."""
        return self._hash.hexdigest()[:8]

    def tell(self, blocks: Sequence[Block]) -> None:
        """Add all blocks; consecutive notes go into one box."""
        if said := notice(blocks):
            self._add(Words(f"⚠  {said}", _SIZE, INK, ground=WARNING, bar=_AMBER), 8)
        tables = [block for block in blocks if isinstance(block, Table)]
        for are_notes, run in groupby(blocks, lambda block: isinstance(block, Note)):
            if are_notes:
                self._notes([block for block in run if isinstance(block, Note)])
                continue
            for block in run:
                if isinstance(block, Figures):
                    self._figures(block)
                elif isinstance(block, Chart):
                    self._chart(block)
                    if not any(block.table is table for table in (*tables, *self._drawn)):
                        self._drawn.append(block.table)
                        self._table(block.table)
                elif isinstance(block, Table):
                    self._table(block)
        if not blocks:
            self._words("There is nothing in this report.", FAINT)

    def _open(self, about: About, brand: str | None, logo: bytes | None) -> None:
        """Say on top of page one what this is."""
        clear = 0.0
        if logo:
            self.flowables.append(Logo(logo))
            clear = Logo.WIDE + 10
        if brand:
            self._add(Words(brand, _TABLE_SIZE, ACCENT, font=BOLD, clear=clear), 2)
        self._add(Heading(about.title, _TITLE_SIZE, level=0, number=0, clear=clear), 0)
        if about.period:
            self._add(Words(about.period, _PERIOD_SIZE, ACCENT), 4)
        facts = [f"{label}: {text}" for label, text in about.facts if text != brand]
        for line in (*facts[:1], "   ·   ".join(facts[1:])):
            self._add(Words(line, _SIZE, FAINT), 0)
        self._add(HRFlowable(width="100%", thickness=1.2, color=Color(*ACCENT), spaceBefore=6), 10)

    def _figures(self, figures: Figures) -> None:
        self._after_chart = False
        self._turn(across=False not in self._rooms)
        self._heading(figures.title, below=75)
        for item in figures.items:
            value = display_text(item.value, item.kind)
            self._told(item.key, item.label, value, changed(item.change))
        self.flowables += rows_of_cards(figures.items, self._rooms[self._across])
        if not figures.items:
            self._words("No figures.", FAINT)
        if any(changed(item.change) for item in figures.items):
            self._words(COMPARED, FAINT)
        self._add(Spacer(0, 1), 4)

    def _chart(self, chart: Chart) -> None:
        self._turn(across=False not in self._rooms)
        if described(chart).endswith(NO_DATA):
            self._heading(chart.title)
            self._words("No data.", FAINT)
            self._empty = chart.table
            return
        self._heading(chart.title, below=_CHART_HEIGHT)
        wide = self._rooms[self._across]
        drawn = drawing(chart, width=wide, height=_CHART_HEIGHT, font=REGULAR, bold=BOLD)
        self.flowables += [drawn, Spacer(0, 8)]
        self._after_chart = True

    def _table(self, table: Table) -> None:
        # The numbers of a chart stand under its heading; another table is a chapter of its own.
        size = _TABLE_SIZE if self._after_chart else _HEADING_SIZE
        self._after_chart = False
        title = table.title or table.name
        if table is self._empty and not any(batch.num_rows for batch in table.batches):
            return  # the chart above said so
        sheet = read(table, offset=self._offset)
        if not sheet.count:
            self._heading(title, size)
            self._words("No rows in this span.", FAINT)
            return
        fit = fitted(sheet, self._rooms)
        self._told(*(column.key for column in sheet.columns))
        for row in zip(*sheet.texts, strict=True):
            self._told(*row)
        self._turn(across=fit.across)
        self._heading(title, size, below=beginning(fit.ruled))
        self._add(Grid(fit.ruled), 3)
        for remark in fit.remarks:
            self._words(remark, FAINT)
        self._add(Spacer(0, 1), 8)

    def _notes(self, notes: list[Note]) -> None:
        self._after_chart = False
        for note in notes:
            self._told(note.level, note.text)
        warned = any(note.level == "warning" for note in notes)
        ground, bar = (WARNING, _AMBER) if warned else (STRIPE, ACCENT)
        if not self._is_empty:  # at the top they are about all that follows
            self._heading(QUALITY)
        for note in notes:
            text = f"⚠  {note.text}" if note.level == "warning" else note.text
            self._add(Words(text, _SIZE, INK, ground=ground, bar=bar), 0)
        self._add(Spacer(0, 1), 8)

    def _heading(self, text: str, size: float = _HEADING_SIZE, below: float = 60) -> None:
        """Add a heading that stands on the page of at least `below` points of what follows."""
        self._headings += 1
        self._told(text)
        self.flowables.append(CondPageBreak(below + 3 * size))
        level = 2 if size == _TABLE_SIZE else 1
        self._add(Heading(text, size, level=level, number=self._headings), 4)

    def _words(self, text: str, colour: Colour) -> None:
        self._add(Words(text, _SIZE, colour), 2)

    def _add(self, flowable: Flowable, after: float) -> None:
        flowable.spaceAfter = after
        self.flowables.append(flowable)

    def _turn(self, *, across: bool) -> None:
        """Go on upright or across; the first block decides how the file begins."""
        if self._is_empty:
            self.begins_across = across
        elif across != self._across:
            self.flowables += [NextPageTemplate(ACROSS if across else UPRIGHT), PageBreak()]
        self._across, self._is_empty = across, False

    def _told(self, *texts: str) -> None:
        self._hash.update("\x1f".join((*texts, "\n")).encode("utf-8", "replace"))

"""The pages of a report: upright or across, each with its number and the file's period and hash."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from storj_export_plugins.formats.pdf.faces import REGULAR, width
from storj_export_plugins.formats.pdf.paper import FAINT, LANGUAGE, PROGRAM, page_size
from storj_export_plugins.formats.pdf.wrapping import clipped

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

    from storj_export_plugins.formats.pdf.paper import About

MARGIN = 42.0
_FOOT = 22.0
_FOOT_SIZE = 7.0
_TOTAL = "total"
UPRIGHT, ACROSS = "upright", "across"


def room(paper: str, *, landscape: bool) -> tuple[float, float]:
    """Return width and height of what stands between the margins."""
    wide, high = page_size(paper, landscape=landscape)
    return wide - 2 * MARGIN, high - 2 * MARGIN - _FOOT


class _Numbered(Canvas):
    """Writes the number of pages into the form that each page shows, when it is known."""

    def save(self) -> None:
        self.beginForm(_TOTAL, 0, -10, 100, 20)
        self.setFont(REGULAR, _FOOT_SIZE)
        self.setFillColorRGB(*FAINT)
        self.drawString(0, 0, f" of {self.getPageNumber() - 1}")
        self.endForm()
        super().save()


class Book(BaseDocTemplate):
    """Lays flowables out on pages and writes the file.

    Book(file, about, paper="a4", landscape=False).bind(flowables, digest="1a2b3c4d")
    """

    def __init__(self, file: IO[bytes], about: About, *, paper: str, landscape: bool) -> None:
        super().__init__(
            file,
            invariant=1,
            pageCompression=1,
            lang=LANGUAGE,
            title=about.title,
            author=about.author,
            subject=about.subject,
            creator=PROGRAM,
            producer=PROGRAM,
            allowSplitting=1,
        )
        self._about = about
        self._digest = ""
        ways = [ACROSS, UPRIGHT] if landscape else [UPRIGHT, ACROSS]
        self.addPageTemplates([self._template(way, paper) for way in ways])

    def bind(self, flowables: list[Flowable], digest: str) -> None:
        """Write the file; the digest is that of its data."""
        # No text is markup here; were it ever, it could fetch nothing.
        rl_config.trustedHosts = None
        rl_config.trustedSchemes = []
        self._digest = digest
        self.build(flowables, canvasmaker=_Numbered)

    def beforeDocument(self) -> None:  # noqa: N802  reportlab's name
        """Set what a file says about itself besides its title; reportlab calls this."""
        canvas: Any = self.canv
        canvas.setViewerPreference("DisplayDocTitle", "true")
        canvas.showOutline()
        if stamp := self._about.stamp:
            canvas.setDateFormatter(lambda *_: stamp)

    def _template(self, way: str, paper: str) -> PageTemplate:
        landscape = way == ACROSS
        size = page_size(paper, landscape=landscape)
        frame = Frame(
            *(MARGIN, MARGIN + _FOOT),
            *room(paper, landscape=landscape),
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        return PageTemplate(way, [frame], onPageEnd=self._draw_foot, pagesize=size)

    def _draw_foot(self, canvas: Canvas, _: object) -> None:
        page = f"Page {canvas.getPageNumber()}"
        right = self.pageTemplate.pagesize[0] - MARGIN
        canvas.saveState()
        canvas.setFont(REGULAR, _FOOT_SIZE)
        canvas.setFillColorRGB(*FAINT)
        canvas.drawString(MARGIN, MARGIN, page)
        data = f"  ·  data {self._digest}"
        taken = width(f"{page} of 00000 {data}", REGULAR, _FOOT_SIZE)
        foot = clipped(self._about.foot, REGULAR, _FOOT_SIZE, right - MARGIN - taken)
        canvas.saveState()
        canvas.translate(MARGIN + width(page, REGULAR, _FOOT_SIZE), MARGIN)
        canvas.doForm(_TOTAL)
        canvas.restoreState()
        canvas.drawRightString(right, MARGIN, foot + data)
        canvas.restoreState()

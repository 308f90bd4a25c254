"""Figures as cards: what is counted, how much it is, and how it changed, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from reportlab.platypus import Flowable

from storj_export_plugins.formats.pdf.faces import BOLD, REGULAR, width
from storj_export_plugins.formats.pdf.paper import ACCENT, FAINT, INK, STRIPE
from storj_export_plugins.formats.pdf.wrapping import clipped, wrapped
from storj_monitor.plugin import display_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.plugin import Figure

_HEIGHT, _GAP, _INSET = 70.0, 9.0, 10.0
_NARROWEST = 150.0
_LABEL_SIZE, _VALUE_SIZE, _SMALLEST = 8.0, 17.0, 8.0
_LABEL_LEADING, _LABEL_LINES = 10.0, 2
#: Less than this is no change worth a word, and from this on no decimals are.
_UNCHANGED, _WHOLE = 0.0005, 0.0995


def changed(change: float | None) -> str:
    """Say a change in words: 'up 12 %', 'down 0.4 %' or 'unchanged'; nothing if it is unknown."""
    if change is None or not math.isfinite(change):
        return ""
    if abs(change) < _UNCHANGED:
        return "unchanged"
    percent = abs(change) * 100
    spelt = f"{percent:,.0f}" if abs(change) >= _WHOLE else f"{percent:.1f}"
    return f"▲ up {spelt} %" if change > 0 else f"▼ down {spelt} %"


def rows_of_cards(figures: Sequence[Figure], room: float) -> list[Flowable]:
    """Return the cards of all figures, side by side in rows of nearly the same length."""
    if not figures:
        return []
    most = max(int((room + _GAP) // (_NARROWEST + _GAP)), 1)
    rows = math.ceil(len(figures) / most)
    each = math.ceil(len(figures) / rows)
    return [_Cards(figures[first : first + each], each) for first in range(0, len(figures), each)]


class _Cards(Flowable):
    """One row of cards, with places for `each`."""

    def __init__(self, figures: Sequence[Figure], each: int) -> None:
        super().__init__()
        self._figures, self._each = figures, each

    def wrap(self, availWidth: float, _: float) -> tuple[float, float]:  # noqa: N803  reportlab's
        """Take the whole width; return it with the height."""
        self.width, self.height = availWidth, _HEIGHT + _GAP
        return self.width, self.height

    def draw(self) -> None:
        """Draw the cards; reportlab calls this."""
        wide = (self.width - (self._each - 1) * _GAP) / self._each
        for number, figure in enumerate(self._figures):
            self._card(figure, number * (wide + _GAP), wide)

    def _card(self, figure: Figure, x: float, wide: float) -> None:
        canvas: Any = self.canv
        canvas.setFillColorRGB(*STRIPE)
        canvas.roundRect(x, _GAP, wide, _HEIGHT, 4, stroke=0, fill=1)
        canvas.setFillColorRGB(*ACCENT)
        canvas.rect(x, _GAP + 6, 2.5, _HEIGHT - 12, stroke=0, fill=1)
        left, room = x + _INSET, wide - 2 * _INSET
        canvas.setFillColorRGB(*FAINT)
        canvas.setFont(REGULAR, _LABEL_SIZE)
        for number, line in enumerate(_label(figure.label, room)):
            canvas.drawString(left, _GAP + _HEIGHT - 15 - number * _LABEL_LEADING, line)
        value = display_text(figure.value, figure.kind)
        size = _VALUE_SIZE
        while width(value, BOLD, size) > room and size > _SMALLEST:
            size -= 1
        canvas.setFillColorRGB(*INK)
        canvas.setFont(BOLD, size)
        canvas.drawString(left, _GAP + 24, clipped(value, BOLD, size, room))
        canvas.setFillColorRGB(*FAINT)
        canvas.setFont(REGULAR, _LABEL_SIZE)
        canvas.drawString(left, _GAP + 9, changed(figure.change))


def _label(text: str, room: float) -> list[str]:
    """Break a label into its lines; of a longer one the last is cut."""
    lines = wrapped(text, REGULAR, _LABEL_SIZE, room, base="L")
    if len(lines) <= _LABEL_LINES:
        return lines
    first = lines[: _LABEL_LINES - 1]
    rest = text[len(" ".join(first)) :]
    return [*first, clipped(rest, REGULAR, _LABEL_SIZE, room)]

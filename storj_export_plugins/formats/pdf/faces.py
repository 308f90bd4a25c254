"""The fonts that come with the format: which letters they have, and how wide those are.

DejaVu covers Latin, Greek, Cyrillic, Hebrew, Arabic, symbols, box drawing and some emoji. It is in
the package, since no font is on every machine and none came as a package of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).with_name("fonts")
REGULAR = "DejaVuSansCondensed"
BOLD = "DejaVuSansCondensed-Bold"
ITALIC = "DejaVuSansCondensed-Oblique"
MONO = "DejaVuSansMono"
_CODES = "toUnicodeCMap:"


class _Font(TTFont):
    """A font whose emoji can be copied: reportlab writes their numbers as no reader knows them."""

    def addObjects(self, doc: Any) -> None:  # noqa: ANN401, N802  reportlab's, which has no type
        """Add the font to a file; reportlab calls this."""
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith(_CODES):
                stream.content = re.sub("<([0-9A-F]{5,6})>", _in_utf_16, stream.content)


def _in_utf_16(number: re.Match[str]) -> str:
    return f"<{chr(int(number[1], 16)).encode('utf-16-be').hex().upper()}>"


@lru_cache(maxsize=4)
def font(name: str) -> TTFont:
    """Return a bundled font by its name, registered with reportlab, which keeps it."""
    if name not in pdfmetrics.getRegisteredFontNames():
        # Shaping would make a file depend on which libraries happen to be installed.
        pdfmetrics.registerFont(_Font(name, str(FOLDER / f"{name}.ttf"), shapable=False))
    return cast("TTFont", pdfmetrics.getFont(name))


def has(name: str, char: str) -> bool:
    """Return whether the font has a glyph for a character."""
    return ord(char) in font(name).face.charToGlyph


def width(text: str, name: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return float(font(name).stringWidth(text, size))

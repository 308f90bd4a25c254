"""The operator's own sign, at the top right of a report."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable


class Logo(Flowable):
    """A PNG or JPEG beside what follows: it takes no height of its own."""

    WIDE, HIGH = 130.0, 44.0

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._image = ImageReader(BytesIO(content))

    def wrap(self, availWidth: float, _: float) -> tuple[float, float]:  # noqa: N803  reportlab's
        """Return the whole width, and no height."""
        self.width, self.height = availWidth, 0
        return self.width, self.height

    def draw(self) -> None:
        """Draw the picture, no larger than its place; reportlab calls this."""
        canvas: Any = self.canv
        wide, high = self._image.getSize()
        scale = min(self.WIDE / wide, self.HIGH / high)
        at = self.width - wide * scale, -high * scale
        canvas.drawImage(self._image, *at, wide * scale, high * scale, mask="auto")

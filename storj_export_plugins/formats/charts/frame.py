"""Where the marks of a chart are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storj_export_plugins.formats.charts.values import Values


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The part of the sheet between the axes, in points, and how high a value is in there."""

    left: float
    bottom: float
    right: float
    top: float
    values: Values

    def y(self, value: float) -> float:
        """Return the height of a value."""
        return self.bottom + self.values.part(value) * (self.top - self.bottom)

"""The colours of a chart, on paper and on a dark screen."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours as `#rrggbb`, no two alike, so that a colour also says what it is used for.

    Each of `series` has a contrast of at least 3 to the ground, is told from its neighbours by
    those who see fewer colours, and has a lightness of its own for those who print in grey.
    """

    ground: str
    ink: str
    quiet: str
    grid: str
    series: tuple[str, ...]

    @property
    def roles(self) -> Mapping[str, str]:
        """Return what each colour is used for: `ink`, `grid`, `series-0`, ..."""
        named = {getattr(self, item.name): item.name for item in fields(self)[:-1]}
        return named | {colour: f"series-{index}" for index, colour in enumerate(self.series)}


LIGHT = Theme(
    ground="#ffffff",
    ink="#1b2127",
    quiet="#56616c",
    grid="#dfe4e9",
    series=("#1f57a8", "#d46500", "#0d8577", "#8a3b82", "#4593cc", "#4a4f57"),
)
DARK = Theme(
    ground="#1b2127",
    ink="#e7ebef",
    quiet="#a3afba",
    grid="#39434d",
    series=("#6aa5f2", "#ffa64d", "#43c7b3", "#d692d0", "#b9dfff", "#bcc4cc"),
)

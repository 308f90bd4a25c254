"""What the cells of another monitor's tables mean; None is what can't be."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from storj_monitor.collect.nodes import is_node_name
from storj_monitor.collect.times import Times
from storj_monitor.plugin.payouts import micro_usd

#: The node of a database from before there were names.
DEFAULT_NODE = "default"
NO_NODE = "without a usable name of a node"
NO_TIME = "whose time can't be read"
NO_SATELLITE = "without a usable id of a satellite"
NAMELESS = "without a name of a node: taken as 'default'"
#: Far above any piece or disk, and far below what would overflow a sum.
MOST_BYTES = 2**60

_ID = re.compile(r"[!-~]{1,100}")
_PERIOD = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])", re.ASCII)
_MOST_DOLLARS = 1e9


class Cells:
    """Reads cells; it remembers the last time, which most rows share with the one before."""

    def __init__(self) -> None:
        self._times = Times()

    def time(self, text: str | None) -> int | None:
        """Return the microseconds since 1970 UTC."""
        return None if text is None else self._times.read(text.encode())


def node_of(name: str | None) -> str | None:
    """Return the name of a node; `default` where there is none at all."""
    if name is None:
        return DEFAULT_NODE
    return name if is_node_name(name) else None


def id_of(text: str | None) -> str | None:
    """Return the id of a satellite or a piece."""
    return text if text is not None and _ID.fullmatch(text) else None


def period_of(text: str | None) -> str | None:
    """Return a UTC month, such as 2026-10."""
    return text if text is not None and _PERIOD.fullmatch(text) else None


def whole_of(number: int | None, most: int = MOST_BYTES) -> int | None:
    """Return a count or a size."""
    return number if number is not None and 0 <= number <= most else None


def ratio_of(percent: float | None) -> float | None:
    """Return the ratio 0..1 of a percentage."""
    return percent / 100 if percent is not None and 0 <= percent <= 100 else None  # noqa: PLR2004  what a percentage is


def micro_of(dollars: float | None) -> int | None:
    """Return an amount of dollars in micro-USD: to the millionth that its decimal digits say."""
    if dollars is None or not math.isfinite(dollars) or not 0 <= dollars <= _MOST_DOLLARS:
        return None
    return micro_usd(Decimal(repr(dollars)))

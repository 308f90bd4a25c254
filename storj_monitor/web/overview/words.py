"""How the overview is spelt for people: what isn't known is n/a or a word, never 0."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from storj_monitor.web.overview.figures import Disk, Overview
    from storj_monitor.web.overview.totals import Sum

_NOT_KNOWN = "n/a"
#: Smaller numbers show what is behind the point, as sizes and percents on one line with others.
_LARGE = 100


def size(count: Decimal | int | None) -> str:
    """Spell bytes in three digits or so: 4.71 TB, 47.1 TB, 471 TB."""
    if count is None:
        return _NOT_KNOWN
    number, _, unit = display_text(int(count), Kind.BYTES).partition(" ")
    if "." not in number:
        return f"{number} {unit}"
    value = float(number)
    digits = 0 if value >= _LARGE else 1 if value >= _LARGE / 10 else 2
    return f"{value:.{digits}f} {unit}"


def percent(ratio: float | None) -> str:
    """Spell a part of 1 with one digit: 98.2 %; what isn't all of it is never said to be."""
    if ratio is None:
        return _NOT_KNOWN
    shown = round(ratio * 100, 1)
    if ratio != 1 and shown == 100:  # noqa: PLR2004  all of it
        shown = 99.9 if ratio < 1 else 100.1
    return f"{shown:.1f} %"


def usd(amount: Decimal | None) -> str:
    """Spell money: $3.13."""
    return display_text(amount, Kind.MONEY)


def counted(count: int) -> str:
    """Spell a count: 12,345."""
    return display_text(count, Kind.INTEGER)


def score(value: float | None) -> str:
    """Spell a score as satellites do: 0.9950; only what is 1 is said to be."""
    if value is None:
        return _NOT_KNOWN
    return f"{min(value, 0.9999):.4f}" if value < 1 else f"{value:.4f}"


def month(period: str) -> str:
    """Spell a month such as 2026-10: October."""
    return f"{date.fromisoformat(f'{period}-01'):%B}"


def part_of(total: Sum, nodes: int) -> str:
    """Say of how many nodes a sum is known, unless it is of all or of none."""
    return f" · {total.nodes} of {nodes} nodes" if 0 < total.nodes < nodes else ""


def outlook(disk: Disk) -> str:
    """Say how a disk goes on, where that isn't a day."""
    match disk.outlook:
        case "full":
            return "full now"
        case "steady":
            return "not growing"
        case "distant":
            return "not within ten years"
        case _:
            return _NOT_KNOWN


def headline(overview: Overview) -> str:
    """Say in a sentence how the nodes are."""
    counts = overview.totals.by_status
    said = [
        _counted(counts.get("act", 0), "needs you now", "need you now"),
        _counted(counts.get("look", 0), "wants a look", "want a look"),
    ]
    ill = [text for text in said if text]
    if not ill:
        one = len(overview.nodes) == 1
        return "The node is well." if one else f"All {len(overview.nodes)} nodes are well."
    first, *rest = ill
    noun = "node" if first.startswith("1 ") else "nodes"
    number, _, verb = first.partition(" ")
    return ", ".join([f"{number} {noun} {verb}", *rest]) + "."


def until(day: date, now: datetime) -> str:
    """Say in how many days a day is."""
    days = (day - now.date()).days
    if days <= 0:
        return "today"
    return "in a day" if days == 1 else f"in {days:,} days"


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}" if count else ""


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "size": size,
        "percent": percent,
        "usd": usd,
        "score": score,
        "counted": counted,
        "month": month,
        "part_of": part_of,
        "outlook": outlook,
        "headline": headline,
        "until": until,
    }
)

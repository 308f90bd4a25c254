"""Numbers and lists as parts of a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal


def counted(number: float, thing: str) -> str:
    """Return a number with its thing: 1 hour, 2.5 hours, 1,200 hours."""
    text = f"{number:,.1f}".removesuffix(".0")
    return f"{text} {thing}" if text == "1" else f"{text} {thing}s"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names as a list: a, b and c; of many the first ones and how many more there are."""
    shown = (
        [*names] if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    )
    return " and ".join([", ".join(shown[:-1]), *shown[-1:]] if len(shown) > 1 else shown)


def of_nodes(some: int, whole: int) -> str:
    """Return of how many nodes something is, for the end of a label; nothing if of all or none."""
    return f" of {some} of {whole} nodes" if 0 < some < whole else ""


def sized(size: float | None) -> str:
    """Return a size for people, such as 1.25 TB."""
    return display_text(None if size is None else int(size), Kind.BYTES)


def dollars(amount: Decimal | None) -> str:
    """Return an amount for people, such as $1.25."""
    return display_text(amount, Kind.MONEY)


def percent(ratio: float | None) -> str:
    """Return a ratio for people, such as 98.20 %."""
    return display_text(ratio, Kind.RATIO)

"""Adding up what is known, and comparing it with what was before: missing isn't 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    Amount = TypeVar("Amount", int, float, Decimal)


def total(values: Iterable[Amount | None]) -> Amount | None:
    """Add up the values that are known; None if none is."""
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


def lowest(values: Iterable[float | None]) -> float | None:
    """Return the lowest value that is known; None if none is."""
    return min((value for value in values if value is not None), default=None)


def part(some: float | Decimal | None, whole: float | Decimal | None) -> float | None:
    """Divide, where both are known and there is something to divide by."""
    return None if some is None or not whole else float(some) / float(whole)


def less(value: Amount | None, other: Amount | None) -> Amount | None:
    """Subtract, where both are known."""
    return None if value is None or other is None else value - other


def change(now: float | Decimal | None, before: float | Decimal | None) -> float | None:
    """Return how much more it is than before, as a ratio: 0.12 is 12 % more.

    None if unknown; nothing after nothing is no change, and something after nothing no ratio.
    """
    if now is None or before is None or before < 0 or (now and not before):
        return None
    if not before:
        return 0.0
    return float(now) / float(before) - 1

"""The axis of values: from where to where, a few round ticks, and their spelling for people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Float noise: a hair's breadth beyond a tick is on it.
_HAIR = 1e-9
#: Lines that keep to the upper part of the axis are shown larger, without its zero.
_UPPER_PART = 0.6
_UNITS: dict[Kind, tuple[tuple[float, str], ...]] = {
    Kind.BYTES: tuple(
        (1000.0**power, f" {unit}")
        for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB", "EB"))
    ),
    Kind.DURATION: (
        (1.0, " ms"),
        (1_000.0, " s"),
        (60_000.0, " min"),
        (3_600_000.0, " h"),
        (86_400_000.0, " days"),
    ),
    Kind.RATIO: ((0.01, " %"),),
    Kind.MONEY: ((1.0, ""), (1e6, " M"), (1e9, " bn")),
}
_COUNTS = ((1.0, ""), (1e6, " M"), (1e9, " bn"), (1e12, " tn"))
_WHOLE = (Kind.BYTES, Kind.DURATION, Kind.INTEGER, Kind.FLAG)
_MOST_DIGITS = 6


@dataclass(frozen=True)
class Values:
    """An axis from `low` to `high`, with the places of its ticks and what is written there."""

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]

    def part(self, value: float) -> float:
        """Return where a value is: 0 at the low end, 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


def values_axis(kind: Kind, numbers: Sequence[float], most: int, *, from_zero: bool) -> Values:
    """Return an axis that holds all `numbers`, with about `most` ticks at round values."""
    low, high = _ends(kind, min(numbers), max(numbers), from_zero=from_zero)
    size, unit = _unit(kind, max(abs(low), abs(high)))
    step = _step((high - low) / size / max(most, 1), whole=kind in _WHOLE and size == 1)
    first = math.floor(low / size / step + _HAIR)
    last = max(math.ceil(high / size / step - _HAIR), first + 1)
    places = [step * index for index in range(first, last + 1)]
    digits = _digits(step)
    return Values(
        first * step * size,
        last * step * size,
        tuple(place * size for place in places),
        tuple(_spelt(place, digits, unit, kind) for place in places),
    )


def _ends(kind: Kind, low: float, high: float, *, from_zero: bool) -> tuple[float, float]:
    if from_zero or low < high * _UPPER_PART or low == high:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return 0.0, 1.0
    if kind is Kind.RATIO and low == 0 and high > _UPPER_PART:
        high = max(high, 1.0)
    return low, high


def _unit(kind: Kind, largest: float) -> tuple[float, str]:
    units = _UNITS.get(kind, _COUNTS)
    fitting = [unit for unit in units if unit[0] <= largest * (1 + _HAIR)]
    return fitting[-1] if fitting else units[0]


def _step(least: float, *, whole: bool) -> float:
    """Return the smallest round number that is at least `least`."""
    if whole and least <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    choices = (part for part in _ROUND if part * power >= least * (1 - _HAIR))
    step = next(choices) * power
    return math.ceil(step) if whole and step < _ROUND[-1] else step


def _digits(step: float) -> int:
    """Return how many decimal places tell a tick from the next."""
    digits = 0
    while digits < _MOST_DIGITS and abs(round(step, digits) - step) > step * _HAIR:
        digits += 1
    return digits


def _spelt(place: float, digits: int, unit: str, kind: Kind) -> str:
    sign, amount = "−" if place < 0 else "", abs(place)  # noqa: RUF001  a minus is meant
    if not amount:
        return "$0" if kind is Kind.MONEY else "0"
    if kind is Kind.MONEY:
        cents = 2 if digits == 1 else digits
        return f"{sign}${amount:,.{cents}f}{unit}"
    tiny = round(amount, digits) == 0
    huge = amount >= 1e6 and kind not in _UNITS  # noqa: PLR2004  past the last unit
    spelt = f"{amount:.3g}" if tiny or huge else f"{amount:,.{digits}f}"
    return f"{sign}{spelt}{unit}"

"""Durations and sizes as a node writes them: `1m37.5s`, `112.6 GiB`."""

from __future__ import annotations

import re
from decimal import Decimal

#: Each part of a duration; the micro sign comes as two characters that look the same.
_PART = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern}){{1,8}}", re.ASCII)
_MILLISECONDS = {
    "ns": Decimal("0.000001"),
    "us": Decimal("0.001"),
    "\u00b5s": Decimal("0.001"),
    "\u03bcs": Decimal("0.001"),
    "ms": Decimal(1),
    "s": Decimal(1_000),
    "m": Decimal(60_000),
    "h": Decimal(3_600_000),
}
#: Go's durations end after 292 years.
_LONGEST_MS = Decimal(2**63) / 1_000_000

_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,18})?) ?([KMGTPE]iB|B)", re.ASCII)
_BYTES = {
    unit: Decimal(1024) ** power
    for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))
}
_MOST_BYTES = 2**63 - 1


def duration_ms(text: str) -> int:
    """Return the milliseconds of a duration of Go, such as `162.857µs`.

    Raises ValueError when it is none, or a negative one.
    """
    if _DURATION.fullmatch(text) is None:
        raise ValueError(text)
    milliseconds = sum(
        Decimal(number) * _MILLISECONDS[unit] for number, unit in _PART.findall(text)
    )
    if milliseconds > _LONGEST_MS:
        raise ValueError(text)
    return round(milliseconds)


def size_bytes(text: str) -> int:
    """Return the bytes of a size in binary units, such as `112.6 GiB`.

    Raises ValueError when it is none, or a negative one.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    size = Decimal(match[1]) * _BYTES[match[2]]
    if size > _MOST_BYTES:
        raise ValueError(text)
    return round(size)

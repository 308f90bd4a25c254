"""One table of examples: how every text format spells a value."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from storj_monitor.plugin import Kind


class Spelling(NamedTuple):
    """A value, the kind of its column, and how `machine_text` spells it (in UTC)."""

    kind: Kind
    value: object
    text: str


SPELLINGS = (
    Spelling(Kind.TEXT, "alpha", "alpha"),
    Spelling(Kind.TEXT, "Grüße, 中文 \N{GRINNING FACE}", "Grüße, 中文 \N{GRINNING FACE}"),
    Spelling(Kind.INTEGER, 1234567, "1234567"),
    Spelling(Kind.INTEGER, -(2**63), "-9223372036854775808"),
    Spelling(Kind.BYTES, 2**53 + 1, "9007199254740993"),
    Spelling(Kind.DURATION, 90_061, "90061"),
    Spelling(Kind.NUMBER, 0.1, "0.1"),
    Spelling(Kind.NUMBER, -1.5, "-1.5"),
    Spelling(Kind.NUMBER, 1e20, "1e+20"),
    Spelling(Kind.RATIO, 0.98765, "0.98765"),
    Spelling(Kind.MONEY, Decimal("3.1"), "3.100000"),
    Spelling(Kind.MONEY, Decimal("-1234.000001"), "-1234.000001"),
    Spelling(
        Kind.TIMESTAMP,
        datetime(2026, 3, 4, 10, 11, 12, 345_678, tzinfo=UTC),
        "2026-03-04T10:11:12.345+00:00",
    ),
    Spelling(
        Kind.TIMESTAMP, datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC), "2026-03-04T10:11:12.000"
    ),
    Spelling(Kind.DATE, date(2026, 3, 4), "2026-03-04"),
    Spelling(kind=Kind.FLAG, value=True, text="true"),
    Spelling(kind=Kind.FLAG, value=False, text="false"),
    Spelling(Kind.TEXT, None, ""),
    Spelling(Kind.INTEGER, None, ""),
    Spelling(Kind.MONEY, None, ""),
    Spelling(Kind.TIMESTAMP, None, ""),
    Spelling(Kind.FLAG, None, ""),
    Spelling(Kind.NUMBER, float("nan"), ""),
    Spelling(Kind.NUMBER, float("inf"), ""),
    Spelling(Kind.RATIO, float("-inf"), ""),
)
#: What is missing is empty (or JSON's null), and never one of these words.
_NEVER_WRITTEN = re.compile(r"(?<![A-Za-z])(?:None|nan|NaN|NaT|inf|Infinity|NA)(?![A-Za-z])")


def is_spelt(spelling: str, text: str) -> bool:
    """Say whether a file with one value may be what that value's spelling makes of it."""
    if not spelling:
        return _NEVER_WRITTEN.search(text) is None
    return spelling in text or json.dumps(spelling)[1:-1] in text

"""How values are spelt: one way for machines, one for people, and safe in a spreadsheet."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from storj_monitor.plugin.kinds import Kind

#: A text that begins with one of these is a formula to a spreadsheet.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001  the full-width forms are meant
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def machine_text(value: object, kind: Kind | None = None) -> str:
    """Spell a value for machines: the same text in every text format.

    A time is `2026-03-04T10:11:12.000+00:00` (always milliseconds, always an offset), money has
    six digits, a flag is true or false, and what is missing, NaN or infinite is empty.
    Raises ValueError for a time without a zone.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            message = f"a time without a zone can't be spelt: {value!r}"
            raise ValueError(message)
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return _number_text(value, kind)
    return str(value)


def _number_text(value: float | Decimal, kind: Kind | None) -> str:
    if kind in (Kind.NUMBER, Kind.RATIO) or (isinstance(value, float) and kind is not Kind.MONEY):
        number = float(value)
        return _float_text(number, math.copysign(1, number)) if math.isfinite(number) else ""
    if isinstance(value, Decimal) or kind is Kind.MONEY:
        amount = Decimal(str(value))
        return f"{amount:.6f}" if amount.is_finite() else ""
    return str(value)


@lru_cache(maxsize=4096)
def _float_text(value: float, _sign: float) -> str:
    """Spell a float the way Arrow casts float64 to text, so that no format differs.

    The sign keeps 0.0 and -0.0 apart, which are equal and would share a place in the cache.
    """
    import pyarrow as pa

    text: str = pa.scalar(value, pa.float64()).cast(pa.string()).as_py()
    return text


def display_text(value: object, kind: Kind) -> str:
    """Spell a value for people: `1.25 GB`, `$3.13`, `98.2 %`, `2026-03-04 10:11:12`, or n/a.

    Sizes are decimal (1 GB is 10^9 bytes). A time is shown in its own zone, which the document
    names once.
    """
    if value is None or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        return "n/a"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int | float | Decimal):
        return _display_number(value, kind)
    return str(value)


def _display_number(value: float | Decimal, kind: Kind) -> str:
    match kind:
        case Kind.BYTES:
            return _display_size(int(value))
        case Kind.MONEY:
            dollars = round(Decimal(str(value)), 2)
            return f"{'-' if dollars < 0 else ''}${abs(dollars):,.2f}"
        case Kind.RATIO:
            return f"{value * 100:.2f} %"
        case Kind.DURATION:
            return f"{value:,} ms" if value < 1000 else f"{value / 1000:,.1f} s"  # noqa: PLR2004
        case Kind.NUMBER:
            return f"{value:,.2f}"
        case _:
            return f"{value:,}"


def _display_size(size: int) -> str:
    step = 0
    scaled = Decimal(abs(size))
    # 999.995 kB would be rounded to 1000.00 kB.
    while scaled >= Decimal("999.995") and step < len(_SIZES) - 1:
        scaled /= 1000
        step += 1
    sign = "-" if size < 0 else ""
    return f"{sign}{scaled:.2f} {_SIZES[step]}" if step else f"{size} B"


def formula_safe(text: str) -> str:
    """Return `text` with an apostrophe before it where a spreadsheet would take it for a formula.

    The host does this to the cells of TEXT columns before a format with `spreadsheet=True` sees
    them; a format calls it for text of its own, such as a title.
    """
    return f"'{text}" if text.startswith(tuple(FORMULA_STARTS)) else text

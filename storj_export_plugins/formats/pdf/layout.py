"""How a table's columns become lines of one width, in characters of a fixed-width font."""

from __future__ import annotations

import hashlib
import math
import textwrap
from typing import TYPE_CHECKING, Any

from storj_export_plugins.formats.chunks import joined, text_bytes
from storj_export_plugins.formats.pdf.cells import cells
from storj_export_plugins.formats.pdf.letters import printable
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin import Column

#: Width of a character of the font, as a part of its size.
ADVANCE = 0.602
LARGEST, SMALLEST = 8.5, 5.0
_ROUNDING = 1e-6
_GAP = "  "
#: What one column may take before it makes the font of all others smaller.
_FAIR = 64
#: What a column gets at most beyond its need.
_LOOSE = 8
#: The narrowest that a column can be and still say something, and a text that is cut.
_NARROWEST, _NARROWEST_TEXT = 6, 9
#: What a header takes: lines, and characters where its column is narrower.
_HEADER_LINES, _WIDEST_HEADER = 3, 14
LEFT = (Kind.TEXT, Kind.TIMESTAMP, Kind.DATE, Kind.FLAG)
#: Room for values that are larger than those of the sample.
_ROOM = {Kind.INTEGER: 9, Kind.BYTES: 9, Kind.RATIO: 8, Kind.MONEY: 10, Kind.DURATION: 9}
ELLIPSIS = "…"


class Layout:
    """The widths of a table's columns, and its rows as lines of text.

        layout = Layout(columns, first_batch, zone, points=770)
        lines = layout.lines(batch)          # each ends with a line feed

    The font is as large as the widest line allows, a very wide column not counting in full. Where
    that is too wide, the widest texts are cut down, numbers never; columns for which there is no
    room even then are left out at the right.
    """

    def __init__(
        self,
        columns: tuple[Column, ...],
        sample: pa.RecordBatch,
        zone: ZoneInfo,
        points: float,
        *,
        offset: bool = False,
    ) -> None:
        most = int(points / (ADVANCE * SMALLEST))
        needs = [
            min(_wanted(column, sample.column(number), zone, offset=offset), most)
            for number, column in enumerate(columns)
        ]
        wanted = _most_that_fit(columns, needs, most)
        self.left_out = [column.label for column in columns[len(wanted) :]]
        #: Those that are printed.
        self.columns = columns[: len(wanted)]
        self._zone, self._offset = zone, offset
        #: Cells that were cut, and cells with a letter that no font has.
        self.shortened = self.boxed = 0
        self._hash = hashlib.sha256()
        gaps = len(_GAP) * (len(self.columns) - 1)
        fair = sum(min(width, _FAIR) for width in wanted) + gaps
        #: In points.
        self.font_size = min(max(points / (ADVANCE * fair), SMALLEST), LARGEST)
        room = int(points / (ADVANCE * self.font_size) + _ROUNDING)
        fitted = _fitted(self.columns, wanted, room - gaps)
        if (needed := sum(fitted) + gaps) > room:  # numbers aren't cut: they are made smaller
            self.font_size = max(points / (ADVANCE * needed), SMALLEST)
        self._widths = _loosened(fitted, room - gaps)
        #: Whether every column has the room that it wants.
        self.is_whole = not self.left_out and sum(wanted) + gaps <= room
        #: The lines of the header, all of one width.
        self.header = _headed(self.columns, self._widths)

    def lines(self, batch: pa.RecordBatch) -> pa.StringArray:
        """Return a line for each row: numbers to the right, and n/a where a value is missing."""
        padded: list[pa.StringArray | str] = []
        plain: list[pa.StringArray] = []
        for number, (column, width) in enumerate(zip(self.columns, self._widths, strict=True)):
            found = cells(batch.column(number), column.kind, self._zone, offset=self._offset)
            self.boxed += found.boxed
            plain.append(found.texts)
            padded += (_GAP, self._padded(found.texts, column.kind, width))
        self._hash.update(text_bytes(joined([*plain, "\n"], "\x1f")))
        return joined([*padded[1:], "\n"])

    @property
    def digest(self) -> str:
        """The hash of the cells so far, however they were laid out."""
        return self._hash.hexdigest()

    def _padded(self, texts: pa.StringArray, kind: Kind, width: int) -> pa.StringArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        longer = pc.greater(pc.utf8_length(texts), pa.scalar(width, pa.int32()))
        if count := len(texts.filter(longer)):
            self.shortened += count
            cut = joined([pc.utf8_slice_codeunits(texts, 0, width - 1), ELLIPSIS])
            texts = pc.if_else(longer, cut, texts)
        pad = pc.utf8_rpad if kind in LEFT else pc.utf8_lpad
        return pad(texts, width)

    def place_of(self, number: int) -> tuple[int, int]:
        """Return where a column begins and ends in a line, in characters."""
        begin = sum(self._widths[:number]) + len(_GAP) * number
        return begin, begin + self._widths[number]


def titled(column: Column) -> str:
    """Return a column's label with its unit, where the cells don't say it themselves."""
    spelt = column.kind in (Kind.BYTES, Kind.DURATION, Kind.RATIO, Kind.MONEY)
    return f"{column.label} ({column.unit})" if column.unit and not spelt else column.label


def _headed(columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    titles = [
        textwrap.wrap(
            printable(titled(column)), width, max_lines=_HEADER_LINES, placeholder=ELLIPSIS
        )
        for column, width in zip(columns, widths, strict=True)
    ]
    depth = max(map(len, titles))
    lines = zip(*([""] * (depth - len(title)) + title for title in titles), strict=True)
    return [
        _GAP.join(
            text.ljust(width) if column.kind in LEFT else text.rjust(width)
            for text, column, width in zip(line, columns, widths, strict=True)
        )
        for line in lines
    ]


def _wanted(column: Column, values: pa.Array[Any], zone: ZoneInfo, *, offset: bool) -> int:
    import pyarrow.compute as pc

    title = titled(column)
    words = max(map(len, title.split()), default=0)
    header = min(max(words, math.ceil(len(title) / 2)), _WIDEST_HEADER)
    texts = cells(values, column.kind, zone, offset=offset).texts
    longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    return max(header, longest, _ROOM.get(column.kind, _NARROWEST))


def _most_that_fit(columns: Sequence[Column], wanted: Sequence[int], most: int) -> list[int]:
    """Return the widths of as many columns as have room when texts are at their narrowest."""
    taken = 0
    for number, (column, width) in enumerate(zip(columns, wanted, strict=True)):
        taken += min(width, _NARROWEST_TEXT) if column.kind is Kind.TEXT else width
        if taken > most and number:
            return [*wanted[:number]]
        taken += len(_GAP)
    return [*wanted]


def _fitted(columns: Sequence[Column], wanted: Sequence[int], room: int) -> list[int]:
    """Cut the widest texts down to one common width, so that all together need `room` at most."""
    widths, limit = [*wanted], max(wanted)
    while sum(widths) > room and limit > _NARROWEST:
        limit -= 1
        widths = [
            min(width, limit) if column.kind is Kind.TEXT else width
            for width, column in zip(wanted, columns, strict=True)
        ]
    return widths


def _loosened(widths: Sequence[int], room: int) -> list[int]:
    """Share out what room is left, for later rows with longer values than the sample."""
    spare = max(0, room - sum(widths)) // max(len(widths), 1)
    return [width + min(spare, _LOOSE) for width in widths]

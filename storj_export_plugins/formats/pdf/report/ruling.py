"""From a table to a grid: which type and page it needs, how cells wrap, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, cast

from storj_export_plugins.formats.pdf.cells import cells
from storj_export_plugins.formats.pdf.faces import BOLD, REGULAR, width
from storj_export_plugins.formats.pdf.layout import ELLIPSIS, LEFT, titled
from storj_export_plugins.formats.pdf.letters import boxed, missing, turned
from storj_export_plugins.formats.pdf.paper import is_address
from storj_export_plugins.formats.pdf.remarks import remarks
from storj_export_plugins.formats.pdf.report.grid import (
    PADDING,
    Row,
    Ruled,
    insets_of,
    row_height,
)
from storj_export_plugins.formats.pdf.wrapping import wrapped
from storj_monitor.plugin import Kind, display_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from storj_monitor.plugin import Column, Table

#: Rows of one table in a report; an export has them all.
MOST_ROWS = 2_000
#: Lines of one cell.
_MOST_LINES = 6
#: What a column is widened by at most, where there is room.
_LOOSE = 30.0
#: The widest that a header makes its column, in sizes of its type.
_WIDEST_HEADER = 14.0
_STEP = 4.0
_ROUNDING = 1e-6


class Try(NamedTuple):
    """A way to fit a table: across or upright, its type, and how narrow texts may be made."""

    across: bool
    size: float
    narrowest: float | None


#: In the order in which they are tried; the last one leaves columns out.
TRIES = (
    Try(across=False, size=8, narrowest=None),
    Try(across=False, size=7, narrowest=None),
    Try(across=False, size=7, narrowest=80),
    Try(across=True, size=8, narrowest=None),
    Try(across=True, size=6.5, narrowest=None),
    Try(across=True, size=7, narrowest=80),
    Try(across=False, size=6, narrowest=40),
    Try(across=True, size=6, narrowest=40),
)


@dataclass
class Sheet:
    """The first rows of a table as texts, column by column, and what else is known of it."""

    columns: tuple[Column, ...]
    texts: list[list[str]]
    count: int = 0
    boxed: int = 0
    shortened: int = field(default=0, init=False)
    #: Whether times have their offset.
    offset: bool = False

    @property
    def shown(self) -> int:
        """How many rows are printed."""
        return len(self.texts[0])


def read(table: Table, *, offset: bool = False) -> Sheet:
    """Read a table: its first rows, and of a longer one the last row too, where the totals are."""
    sheet = Sheet(table.columns, [[] for _ in table.columns], offset=offset)
    last = None
    for batch in table.batches:
        if batch.num_rows:
            sheet.count += batch.num_rows
            last = batch.slice(batch.num_rows - 1)
            _add(sheet, table, batch.slice(0, MOST_ROWS - sheet.shown))
    if last is not None and sheet.count > sheet.shown:
        _add(sheet, table, last)
        if not _is_total(sheet, sheet.shown - 1):
            for column in sheet.texts:
                column.pop()
    _blank_totals(sheet)
    return sheet


def _blank_totals(sheet: Sheet) -> None:
    """Leave empty what a row of totals has no text for; a missing number is still said."""
    missing_text = display_text(None, Kind.TEXT)
    for row in filter(partial(_is_total, sheet), range(sheet.shown)):
        for column, texts in zip(sheet.columns, sheet.texts, strict=True):
            if column.kind is Kind.TEXT and texts[row] == missing_text:
                texts[row] = ""


def _add(sheet: Sheet, table: Table, batch: pa.RecordBatch) -> None:
    for held, column, array in zip(sheet.texts, table.columns, batch.columns, strict=True):
        if column.kind is Kind.TEXT:
            values = [display_text(value, column.kind) for value in array.to_pylist()]
            sheet.boxed += sum(missing(value) > 0 for value in values)
            held.extend(map(boxed, values))
        else:
            texts = cells(array, column.kind, table.timezone, offset=sheet.offset).texts
            held.extend(cast("list[str]", texts.to_pylist()))


def _is_total(sheet: Sheet, number: int) -> bool:
    """Return whether a row's first text says that it is a sum."""
    kinds = [column.kind for column in sheet.columns]
    return Kind.TEXT in kinds and sheet.texts[kinds.index(Kind.TEXT)][number].startswith("Total")


class Fit(NamedTuple):
    """A ruled table, the way its page lies, and what a reader must be told."""

    ruled: Ruled
    across: bool
    remarks: list[str]


def fitted(sheet: Sheet, rooms: Mapping[bool, float]) -> Fit:
    """Rule a table for one of the rooms: points between the margins, upright (False) or across."""
    needs = [_need(sheet, number) for number in range(len(sheet.columns))]
    tries = [each for each in TRIES if each.across in rooms]
    for each in tries:
        if widths := _widths(sheet.columns, needs, each, rooms[each.across]):
            return _ruled(sheet, each, widths)
    last = tries[-1]
    kept = len(needs)
    while not (widths := _widths(sheet.columns[:kept], needs[:kept], last, rooms[last.across])):
        kept -= 1
    return _ruled(sheet, last, widths)


def _need(sheet: Sheet, number: int) -> float:
    """Return the width that a column wants, in sizes of its type."""
    title = titled(sheet.columns[number])
    words = max(width(word, BOLD, 1) for word in title.split() or [""])
    header = min(max(words, width(title, BOLD, 1) / 2), _WIDEST_HEADER)
    totals = {row for row in range(sheet.shown) if _is_total(sheet, row)}
    texts = sheet.texts[number]
    plain = max((width(text, REGULAR, 1) for text in {*texts}), default=0)
    bold = max((width(texts[row], BOLD, 1) for row in totals), default=0)
    return max(header, plain, bold)


def _widths(
    columns: Sequence[Column], needs: Sequence[float], each: Try, room: float
) -> list[float]:
    """Return the widths of all columns, none if they have no room."""
    insets = insets_of(_at_right(columns))
    wanted = [need * each.size + inset + PADDING for need, inset in zip(needs, insets, strict=True)]
    if len(wanted) == 1:
        wanted = [min(wanted[0], room)]
    if sum(wanted) > room:
        if each.narrowest is None:
            return []
        limit = max(wanted)
        while sum(wanted) > room and limit > each.narrowest:
            limit = max(limit - _STEP, each.narrowest)
            wanted = [
                min(want, limit) if column.kind is Kind.TEXT else want
                for want, column in zip(wanted, columns, strict=True)
            ]
        if sum(wanted) > room:
            return []
    spare = max(room - sum(wanted), 0) / len(wanted)
    return [want + min(spare, _LOOSE) for want in wanted]


def _ruled(sheet: Sheet, each: Try, widths: Sequence[float]) -> Fit:
    columns = sheet.columns[: len(widths)]
    at_right = _at_right(columns)
    inner = [
        wide - inset - PADDING for wide, inset in zip(widths, insets_of(at_right), strict=True)
    ]
    header = Row(
        tuple(
            _lines(titled(column), BOLD, each.size, wide)[0]
            for column, wide in zip(columns, inner, strict=True)
        )
    )
    columns_of_lines = [
        _column_lines(sheet, texts, each.size, wide)
        for texts, wide in zip(sheet.texts[: len(widths)], inner, strict=True)
    ]
    rows = [
        Row(lines, _is_total(sheet, number), *_meaning(sheet, columns, number))
        for number, lines in enumerate(zip(*columns_of_lines, strict=True))
    ]
    heights = [0.0, *accumulate(row_height(row, each.size) for row in rows)]
    ruled = Ruled(
        widths=tuple(widths),
        at_right=at_right,
        size=each.size,
        header=header,
        rows=rows,
        heights=heights,
    )
    left_out = [column.label for column in sheet.columns[len(widths) :]]
    said = remarks(shortened=sheet.shortened, boxed=sheet.boxed, left_out=left_out)
    if sheet.shown < sheet.count:
        cut = f"{sheet.shown:,} of {sheet.count:,} rows are printed here; the CSV has all."
        said.insert(0, cut)
    return Fit(ruled, each.across, said)


def _at_right(columns: Sequence[Column]) -> tuple[bool, ...]:
    return tuple(column.kind not in LEFT for column in columns)


def _column_lines(
    sheet: Sheet, texts: Sequence[str], size: float, wide: float
) -> list[tuple[str, ...]]:
    """Break the cells of a column into lines, equal ones once."""
    known = {text: _lines(text, REGULAR, size, wide) for text in {*texts}}
    sheet.shortened += sum(known[text][1] for text in texts)
    return [known[text][0] for text in texts]


def _lines(text: str, font: str, size: float, wide: float) -> tuple[tuple[str, ...], bool]:
    """Return the lines of a cell, and whether it had to be cut."""
    room = wide + _ROUNDING
    if width(text, font, size) <= room:
        return (turned(text),), False
    lines = wrapped(text, font, size, room)
    if len(lines) <= _MOST_LINES:
        return tuple(lines), False
    return (*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][:-1] + ELLIPSIS), True


def _meaning(
    sheet: Sheet, columns: Sequence[Column], number: int
) -> tuple[bool, tuple[tuple[int, str], ...]]:
    """Return whether a row is an estimate, and the addresses behind its cells."""
    cells_of_row = [
        (column.key, texts[number])
        for column, texts in zip(sheet.columns, sheet.texts, strict=True)
    ]
    links = tuple(
        (place, text)
        for place, (key, text) in enumerate(cells_of_row[: len(columns)])
        if key == "receipt_url" and is_address(text)
    )
    return ("state", "estimate") in cells_of_row, links

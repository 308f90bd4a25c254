"""Between Python rows and Arrow batches, checked cell by cell so that a wrong type is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from storj_monitor.plugin.kinds import Kind, arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from storj_monitor.plugin.kinds import Column

#: Rows of Python values that are made one batch.
BATCH_ROWS = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PYTHON_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.INTEGER: (int,),
    Kind.BYTES: (int,),
    Kind.DURATION: (int,),
    Kind.NUMBER: (float, int),
    Kind.RATIO: (float, int),
    Kind.MONEY: (Decimal, int),
    Kind.TIMESTAMP: (datetime,),
    Kind.DATE: (date,),
    Kind.FLAG: (bool,),
}


def batches_of_rows(
    columns: tuple[Column, ...], rows: Iterable[Sequence[object]], size: int = BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Yield batches of up to `size` rows; raise TypeError or ValueError naming column and value."""
    import pyarrow as pa

    schema = arrow_schema(columns)
    remaining = iter(rows)
    while chunk := [_checked_row(columns, row) for row in islice(remaining, size)]:
        arrays = [
            _array(column, values)
            for column, values in zip(columns, zip(*chunk, strict=True), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _checked_row(columns: tuple[Column, ...], row: Sequence[object]) -> Sequence[object]:
    is_row = isinstance(row, Sequence) and not isinstance(row, str | bytes)
    if not is_row or len(row) != len(columns):
        message = f"a row must have {len(columns)} values, one for each column: {row!r}"
        raise ValueError(message)
    return row


def _array(column: Column, values: Sequence[object]) -> pa.Array[Any]:
    import pyarrow as pa

    checked = [_checked_cell(column, value) for value in values]
    try:
        return pa.array(checked, column.kind.arrow_type())
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeError) as error:
        message = f"column {column.key!r} ({column.kind}): {error}"
        raise ValueError(message) from error


def _checked_cell(column: Column, value: object) -> object:
    if value is None:
        return None
    kind = column.kind
    if not isinstance(value, _PYTHON_TYPES[kind]) or (
        isinstance(value, bool) is not (kind is Kind.FLAG)
    ):
        _refuse(column, value, f"expects {_PYTHON_TYPES[kind][0].__name__} or None")
    if kind is Kind.TIMESTAMP and isinstance(value, datetime) and value.tzinfo is None:
        _refuse(column, value, "expects an aware datetime: give it a time zone")
    if kind is Kind.DATE and isinstance(value, datetime):
        _refuse(column, value, "expects a date, not a time")
    return Decimal(value) if kind is Kind.MONEY and isinstance(value, int) else value


def _refuse(column: Column, value: object, why: str) -> NoReturn:
    message = f"column {column.key!r} ({column.kind}) {why}, not {value!r}"
    raise TypeError(message)


def rows_of_batches(
    columns: tuple[Column, ...], batches: Iterable[pa.RecordBatch], timezone: ZoneInfo
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `batches` as tuples of Python values, times aware and in `timezone`."""
    for batch in batches:
        yield from zip(
            *(
                _python_values(column, array, timezone)
                for column, array in zip(columns, batch.columns, strict=True)
            ),
            strict=True,
        )


def _python_values(column: Column, array: pa.Array[Any], timezone: ZoneInfo) -> list[object]:
    if column.kind is not Kind.TIMESTAMP:
        values: list[object] = array.to_pylist()
        return values
    import pyarrow as pa

    return [
        None if at is None else (_EPOCH + timedelta(microseconds=at)).astimezone(timezone)
        for at in array.cast(pa.int64()).to_pylist()
    ]

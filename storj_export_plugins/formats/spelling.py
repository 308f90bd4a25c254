"""Arrow columns as machine text: what `machine_text` says of each value, a column at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from storj_export_plugins.formats.chunks import joined
from storj_monitor.plugin import Kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pyarrow as pa

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_SECOND_US = 1_000_000
#: From the year 1 to 1970, and to the end of the year 9999. Times are counted from the year 1, so
#: that integer division rounds down before 1970 as well.
_EPOCH_US = 62_135_596_800 * _SECOND_US
_END_US = 315_537_897_600 * _SECOND_US
#: The offset of a zone is looked up once for each quarter of an hour, where zones change.
_QUARTER_US = 900 * _SECOND_US
#: Where the offset stands in `2026-03-04T10:11:12.000+00:00`, and where the T.
_OFFSET_AT = 23
_T_AT = 10


def spelt(array: pa.Array[Any], kind: Kind, zone: ZoneInfo) -> pa.StringArray:
    """Spell each value as `machine_text` does, times in `zone`; what has no text is null.

    Raises ValueError for a time outside the years 1 to 9999.
    """
    match kind:
        case Kind.TIMESTAMP:
            return _times(array, zone)
        case Kind.NUMBER | Kind.RATIO:
            return _text(_finite(array))
        case _:
            return _text(array)


def local_times(array: pa.Array[Any], zone: ZoneInfo) -> pa.StringArray:
    """Spell times as a clock on the wall of `zone` shows them: `2026-03-04 11:11:12`."""
    wall, _ = _wall(array, zone)
    return _clock(wall, "s", _SECOND_US)


def _times(array: pa.Array[Any], zone: ZoneInfo) -> pa.StringArray:
    import pyarrow.compute as pc

    wall, offset = _wall(array, zone)
    # A zoned timestamp takes ten times as long to become text as a naive one with its T put in.
    texts = pc.binary_replace_slice(_clock(wall, "ms", 1000), _T_AT, _T_AT + 1, "T")
    if isinstance(offset, str):
        return pc.binary_replace_slice(texts, _OFFSET_AT, _OFFSET_AT, offset)
    return joined([texts, offset])


def _clock(wall: pa.Array[Any], unit: str, microseconds: int) -> pa.StringArray:
    """Spell microseconds since the year 1 as naive times, cut off to `unit`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.subtract(pc.divide(wall, _int(microseconds)), _int(_EPOCH_US // microseconds))
    return _text(whole.cast(pa.timestamp(cast("Any", unit))))


def _wall(array: pa.Array[Any], zone: ZoneInfo) -> tuple[pa.Array[Any], str | pa.StringArray]:
    """Return local microseconds since the year 1, and the offset of all or of each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = array.cast(pa.int64())
    _check_years(at)
    since = pc.add(at, _int(_EPOCH_US))
    if zone.key == "UTC":
        return since, "+00:00"
    slots, moments = _offsets(since, zone)
    if len({*map(_offset_us, moments)}) == 1:
        return pc.add(since, _int(_offset_us(moments[0]))), _offset_text(moments[0])
    shifts = pa.array([_offset_us(moment) for moment in moments], pa.int64())
    suffixes = pa.array([_offset_text(moment) for moment in moments], pa.string())
    return pc.add(since, shifts.take(slots)), suffixes.take(slots)


def _offsets(
    since: pa.Array[Any], zone: ZoneInfo, step: int = _QUARTER_US
) -> tuple[pa.Array[Any], list[datetime]]:
    """Return, for each time, the index of a local moment with the same offset, and those moments.

    Zones change at quarters of an hour today; local mean time, long ago, ended at any second.
    """
    import pyarrow.compute as pc

    slots = pc.divide(since, _int(step)).dictionary_encode()
    starts = [number * step for number in cast("list[int]", slots.dictionary.to_pylist())]
    moments = [_local(start, zone) for start in starts]
    ends = [_local(start + step - 1, zone) for start in starts]
    if step > _SECOND_US and [*map(_offset_us, moments)] != [*map(_offset_us, ends)]:
        return _offsets(since, zone, _SECOND_US)
    return slots.indices, moments


def _local(since: int, zone: ZoneInfo) -> datetime:
    return (_FIRST + timedelta(microseconds=since)).astimezone(zone)


def _offset_us(moment: datetime) -> int:
    return (moment.utcoffset() or timedelta()) // timedelta(microseconds=1)


def _offset_text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")[_OFFSET_AT:]


def _check_years(at: pa.Array[Any]) -> None:
    import pyarrow.compute as pc

    ends = cast("dict[str, int | None]", pc.min_max(at).as_py())
    first, last = ends["min"], ends["max"]
    if first is None or last is None or -_EPOCH_US <= first <= last < _END_US - _EPOCH_US:
        return
    message = f"a time is outside the years 1 to 9999: {first} to {last} microseconds since 1970"
    raise ValueError(message)


def _finite(array: pa.Array[Any]) -> pa.Array[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    finite = pc.if_else(pc.is_finite(array), array, pa.scalar(None, array.type))
    return cast("pa.Array[Any]", finite)


def _text(array: pa.Array[Any]) -> pa.StringArray:
    import pyarrow as pa

    return cast("pa.StringArray", array.cast(pa.string()))


def _int(number: int) -> pa.Int64Scalar:
    """Return a literal with its type: to guess one takes Arrow longer than a kernel's work."""
    import pyarrow as pa

    return pa.scalar(number, pa.int64())

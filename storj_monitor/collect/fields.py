"""The JSON fields of a transfer line, in both generations of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from storj_monitor.collect.messages import Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Bytes or a count: far above any piece, and far below what would overflow a sum.
_Count = Annotated[int, Meta(ge=0, le=2**40)]
#: Free bytes: a node that holds too much may say less than none.
_Space = Annotated[int, Meta(ge=-(2**60), le=2**60)]
_LONGEST_ERROR = 1_000
#: As a number, since Python finds a byte ten times as fast as a text of one byte.
BACKSLASH = 0x5C
_Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Fields(Struct, gc=False):
    """What a line says about a transfer, named as nodes since v1.146 do."""

    piece_id: _Name | None = None
    satellite_id: _Name | None = None
    action: _Name | None = None
    offset: _Count | None = None
    size: _Count | None = None
    remote_address: _Name | None = None
    #: How much space an upload found free.
    available_space: _Space | None = None
    reason: str | None = None
    error: str | None = None
    #: How many transfers were running when an upload was rejected.
    live_requests: _Count | None = None


_BEFORE_V1_146 = {
    "piece_id": "Piece ID",
    "satellite_id": "Satellite ID",
    "action": "Action",
    "offset": "Offset",
    "size": "Size",
    "remote_address": "Remote Address",
    "available_space": "Available Space",
}
_ALL = ("piece_id", "satellite_id", "action")


def _complete(rename: Mapping[str, str]) -> Callable[[bytes], Fields]:
    """Return a decoder of one generation that refuses what lacks any of _ALL."""
    fields = msgspec.structs.fields(Fields)
    required = [(field.name, _Name) for field in fields if field.name in _ALL]
    others = [(field.name, field.type, None) for field in fields if field.name not in _ALL]
    kind = msgspec.defstruct(
        "Complete", [*required, *others], bases=(Fields,), rename=rename, gc=False
    )
    return msgspec.json.Decoder(cast("type[Fields]", kind)).decode


class FieldsReader:
    """Decodes fields; it tries the generation first that the line before was of."""

    def __init__(self) -> None:
        self._newer = _complete({})
        self._older = _complete(_BEFORE_V1_146)
        self._likely = self._newer
        self._any = msgspec.json.Decoder(dict[str, Any]).decode

    def usual(self, raw: bytes) -> Fields | None:
        """Return the fields where they are complete and of the likely generation."""
        try:
            return self._likely(raw)
        except (msgspec.DecodeError, RecursionError):
            return None

    def read(self, raw: bytes, needs: Needs) -> Fields | None:
        """Return the fields; None when they can't be read or lack something; never raises."""
        try:
            fields = self._likely(raw)
        except UnicodeDecodeError:
            return self.read(raw.decode(errors="replace").encode(), needs)
        except (msgspec.DecodeError, RecursionError):
            return self._in_any_spelling(raw, needs)
        # Only an escape or a letter beyond ASCII can bring in what can't be printed.
        if (BACKSLASH in raw or not raw.isascii()) and not _is_printable(fields):
            return None
        return fields

    def _in_any_spelling(self, raw: bytes, needs: Needs) -> Fields | None:
        try:
            given = self._any(raw)
            named = {name.lower().replace(" ", "_"): value for name, value in given.items()}
            fields = msgspec.convert(named, Fields)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if "piece_id" in named:
            self._likely = self._newer if "piece_id" in given else self._older
        return fields if _has(fields, needs) and _is_printable(fields) else None


def _has(fields: Fields, needs: Needs) -> bool:
    if needs is Needs.ALL:
        return not (fields.piece_id is None or fields.satellite_id is None or fields.action is None)
    return needs is Needs.NOTHING or fields.piece_id is not None


def _is_printable(fields: Fields) -> bool:
    return f"{fields.piece_id}{fields.satellite_id}{fields.remote_address}".isprintable()


def shortened(error: str) -> str | None:
    """Return the text of an error as it is stored; None for an empty one."""
    return error[:_LONGEST_ERROR].replace("\0", "\ufffd") or None

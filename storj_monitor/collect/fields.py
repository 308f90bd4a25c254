"""The JSON fields of a transfer line, in both generations of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Callable

#: Far above any piece, and far below what would overflow a sum.
_Bytes = Annotated[int, Meta(ge=0, le=2**40)]
_Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Fields(Struct, gc=False):
    """What a line says about a transfer, named as nodes since v1.146 do."""

    piece_id: _Name | None = None
    satellite_id: _Name | None = None
    action: str | None = None
    offset: _Bytes | None = None
    size: _Bytes | None = None
    remote_address: _Name | None = None
    reason: str | None = None
    error: str | None = None
    #: How many transfers were running when an upload was rejected.
    live_requests: int | None = None


_BEFORE_V1_146 = {
    "piece_id": "Piece ID",
    "satellite_id": "Satellite ID",
    "action": "Action",
    "offset": "Offset",
    "size": "Size",
    "remote_address": "Remote Address",
    "live_requests": "live requests",
}
#: The same fields by their older names.
_OlderFields = msgspec.defstruct(
    "_OlderFields",
    [(field.name, field.type, field.default) for field in msgspec.structs.fields(Fields)],
    bases=(Fields,),
    rename=_BEFORE_V1_146,
    gc=False,
)
_UNREADABLE = (msgspec.DecodeError, RecursionError)


class FieldsReader:
    """Decodes fields; it tries the generation first that the line before was of."""

    def __init__(self) -> None:
        self._newer: Callable[[bytes], Fields] = msgspec.json.Decoder(Fields).decode
        self._older: Callable[[bytes], Fields] = msgspec.json.Decoder(_OlderFields).decode
        self._likely = self._newer
        self._any = msgspec.json.Decoder(dict[str, Any]).decode

    def read(self, raw: bytes) -> Fields | None:
        """Return the fields, or None when they are no JSON object or a value makes no sense."""
        try:
            fields = self._decoded(raw)
        except UnicodeDecodeError:
            return self.read(raw.decode(errors="replace").encode())
        except _UNREADABLE:
            return None
        names = f"{fields.piece_id}{fields.satellite_id}{fields.remote_address}"
        return fields if names.isprintable() else None

    def _decoded(self, raw: bytes) -> Fields:
        fields = self._likely(raw)
        return self._in_any_spelling(raw) if fields.piece_id is None else fields

    def _in_any_spelling(self, raw: bytes) -> Fields:
        given = self._any(raw)
        if "Piece ID" in given:
            self._likely = self._older
        elif "piece_id" in given:
            self._likely = self._newer
        named = {name.lower().replace(" ", "_"): value for name, value in given.items()}
        return msgspec.convert(named, Fields)

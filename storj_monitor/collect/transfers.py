"""Entries become transfers: how each ended, how long it took, and a hash that knows it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from xxhash import xxh3_64_intdigest

from storj_monitor.collect.entries import Outcome
from storj_monitor.collect.fields import Fields, FieldsReader, shortened
from storj_monitor.collect.messages import SECOND_LINE, STARTED, Needs
from storj_monitor.collect.recent import Recent

if TYPE_CHECKING:
    from storj_monitor.collect.entries import Entry
    from storj_monitor.collect.messages import Message

#: How many started and not yet ended transfers are remembered.
_OPEN_TRANSFERS = 20_000
#: They speak about the disk, never about a transfer.
_OTHER_LOGGERS = frozenset((b"piecestore:monitor", b"piecestore:cache"))
_ACTION = re.compile(r"[A-Z_]{1,40}")
_ACTIONS = frozenset(("GET", "PUT", "GET_AUDIT", "GET_REPAIR", "PUT_REPAIR"))
_packed = msgspec.msgpack.Encoder().encode
_Key = tuple[str | None, str | None, int | None] | str | None


class Transfer(Struct, gc=False):
    """A finished transfer, with the fields of `store.TRANSFERS` in their order."""

    at: int
    satellite: str | None
    action: str | None
    status: str
    size: int | None
    duration_ms: int | None
    piece_id: str | None
    error: str | None
    remote_ip: str | None
    country: str | None
    fingerprint: int
    occurrence: int = 0


class FreeSpaceSeen(Struct, gc=False):
    """A transfer that begins, and tells how much space is left."""

    free_bytes: int


class LostRace(Struct, gc=False):
    """An upload whose end was told by an INFO line; a DEBUG line may tell it again."""

    at: int
    piece_id: str | None


class _Told(Struct, gc=False):
    """A lost race whose first line was read, and its transfer, unless that was before a restart."""

    at: int
    transfer: Transfer | None = None


class _Start(Struct, gc=False):
    at: int
    fields: Fields


class Transfers:
    """Tells what each entry of one log says about a transfer.

    It remembers the started ones, so that the end has a duration.
    """

    def __init__(self) -> None:
        self._fields = FieldsReader()
        self._starts: Recent[_Key, _Start] = Recent(_OPEN_TRANSFERS)
        self._lost_races: Recent[str | None, _Told] = Recent(_OPEN_TRANSFERS)

    def read(self, entry: Entry, message: Message) -> Transfer | FreeSpaceSeen | Outcome:
        """Return the transfer that this entry ends, or what else it is; never raises.

        `message` is what MESSAGES has for the entry's own.
        """
        status = message.status_at(entry.level)
        if status == SECOND_LINE or entry.logger in _OTHER_LOGGERS:
            return Outcome.OTHER
        fields = self._fields.read(entry.fields, message.needs)
        if fields is None:
            return _not_understood(entry)
        if status == STARTED:
            fields.error = fields.reason = None  # a start has none, of whatever length
            self._starts.put(_key(message, fields), _Start(entry.at, fields))
            return (
                Outcome.OTHER
                if fields.available_space is None
                else FreeSpaceSeen(fields.available_space)
            )
        start = self._starts.take(_key(message, fields)) if self._starts else None
        if status == "canceled" and message.way == "upload":
            return self._canceled_upload(entry, message, fields, start)
        return _transfer(entry.at, status, fields, start, _fingerprint(message.way, status, fields))

    def whole(self, at: int, message: Message, raw: bytes) -> Transfer | None:
        """Return the transfer that a line with all fields ends; None if it lacks any.

        It is the short way for messages that mean the same at every level; `raw` is printable.
        """
        fields = self._fields.usual(raw)
        if fields is None:
            return None
        start = self._starts.take(_key(message, fields)) if self._starts else None
        status = message.status
        return _transfer(at, status, fields, start, _fingerprint(message.way, status, fields))

    def lost_races(self, since: int) -> list[LostRace]:
        """Return the lost races since a time (microseconds since 1970 UTC), for `resume`."""
        races = self._lost_races.items()
        return [LostRace(told.at, piece) for piece, told in races if told.at >= since]

    def resume(self, lost_races: list[LostRace]) -> None:
        """Go on from these lost races."""
        for race in lost_races:
            self._lost_races.put(race.piece_id, _Told(race.at))

    def _canceled_upload(
        self, entry: Entry, message: Message, fields: Fields, start: _Start | None
    ) -> Transfer | Outcome:
        """Count a lost race once, which two lines may tell: an INFO line, then a DEBUG line.

        Both are known by the piece alone, so that a log that is cut between them doesn't double
        it where both have the same time.
        """
        if message.needs is Needs.PIECE:
            known_by, fields = Fields(piece_id=fields.piece_id), _completed(fields, start)
        elif entry.level == b"DEBUG":
            told = self._lost_races.take(fields.piece_id)
            if told is not None:
                _complete(told.transfer, fields)
                return Outcome.OTHER
            known_by = Fields(piece_id=fields.piece_id)
        else:
            known_by = fields
        fingerprint = _fingerprint(message.way, "canceled", known_by)
        transfer = _transfer(entry.at, "canceled", fields, start, fingerprint)
        if message.needs is Needs.PIECE:
            self._lost_races.put(fields.piece_id, _Told(entry.at, transfer))
        return transfer


def _complete(transfer: Transfer | None, fields: Fields) -> None:
    """Add what only the second line says, as long as the transfer isn't stored yet."""
    if transfer is not None:
        said = _transfer(0, "canceled", fields, None, 0)
        for name in ("satellite", "action", "size", "error", "remote_ip"):
            if getattr(transfer, name) is None:
                setattr(transfer, name, getattr(said, name))


def _transfer(
    at: int, status: str, fields: Fields, start: _Start | None, fingerprint: int
) -> Transfer:
    action, error, address = fields.action, fields.error or fields.reason, fields.remote_address
    return Transfer(
        at,
        fields.satellite_id,
        action if action in _ACTIONS else _unusual(action),
        status,
        fields.size,
        None if start is None or at < start.at else (at - start.at) // 1000,
        fields.piece_id,
        None if error is None else shortened(error),
        None if address is None else _without_port(address),
        None,
        fingerprint,
    )


def _key(message: Message, fields: Fields) -> _Key:
    """Tell running transfers apart: a piece is uploaded once, but downloaded by many at a time."""
    if message.way == "upload":
        return fields.piece_id
    return fields.piece_id, fields.remote_address, fields.offset


def _not_understood(entry: Entry) -> Outcome:
    """Another part of the node may use the same words: then it is no damaged transfer."""
    is_transfer = not entry.logger or entry.logger.startswith(b"piecestore")
    return Outcome.NOT_UNDERSTOOD if is_transfer else Outcome.OTHER


def _completed(fields: Fields, start: _Start | None) -> Fields:
    """Add what the line of a lost race doesn't say and its start did."""
    if start is None:
        return fields
    return Fields(
        piece_id=fields.piece_id,
        satellite_id=fields.satellite_id or start.fields.satellite_id,
        action=fields.action or start.fields.action,
        size=fields.size,
        remote_address=fields.remote_address or start.fields.remote_address,
        reason=fields.reason,
        error=fields.error,
    )


def _unusual(action: str | None) -> str | None:
    return action if action is None or _ACTION.fullmatch(action) else "OTHER"


def _without_port(address: str) -> str | None:
    """Return the address of `1.2.3.4:567` or `[2a01::2]:567`."""
    host, colon, _port = address.rpartition(":")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        return address.strip("[]") or None  # there is no port
    return (host if colon else address).strip("[]") or None


def _fingerprint(way: str, status: str, fields: Fields) -> int:
    """Hash what the line says, into 64 bits with a sign; the same in every encoding.

    The database keeps these hashes: another order or another field would make old lines new.
    """
    place = (
        fields.satellite_id,
        fields.action,
        fields.piece_id,
        fields.size,
        fields.offset,
        fields.remote_address,
    )
    said = (way, status, place, fields.error, fields.reason, fields.live_requests)
    return xxh3_64_intdigest(_packed(said)) - 2**63

"""Entries become transfers: how each ended, how long it took, and a hash that knows it again."""

from __future__ import annotations

import re
from hashlib import blake2b
from struct import Struct as Layout
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from storj_monitor.collect.fields import Fields, FieldsReader
from storj_monitor.collect.lines import Outcome
from storj_monitor.collect.messages import MESSAGES, SECOND_LINE, STARTED, Needs
from storj_monitor.collect.recent import Recent

if TYPE_CHECKING:
    from storj_monitor.collect.lines import Entry
    from storj_monitor.collect.messages import Message

#: How many started and not yet ended transfers are remembered.
_OPEN_TRANSFERS = 20_000
_LONGEST_ERROR = 1_000
#: They speak about the disk, never about a transfer.
_OTHER_LOGGERS = frozenset((b"piecestore:monitor", b"piecestore:cache"))
_ACTION = re.compile(r"[A-Z_]{1,40}")
_ACTIONS = frozenset(("GET", "PUT", "GET_AUDIT", "GET_REPAIR", "PUT_REPAIR"))
_SIGNED = Layout(">q")
_packed = msgspec.msgpack.Encoder().encode
_Key = tuple[str | None, str | None, int | None] | str | None


class Transfer(Struct, gc=False):
    """A finished transfer, with the fields of `store.TRANSFERS`."""

    at: int
    satellite: str | None
    action: str | None
    status: str
    size: int | None
    duration_ms: int | None
    piece_id: str | None
    error: str | None
    remote_ip: str | None
    fingerprint: int
    occurrence: int = 0
    country: str | None = None


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
        self._lost_races: Recent[str | None, int] = Recent(_OPEN_TRANSFERS)

    def read(self, entry: Entry) -> Transfer | Outcome:
        """Return the transfer that this entry ends, or what else it is; never raises."""
        message = MESSAGES.get(entry.message)
        if message is None:
            # A message where the caller stands: what follows it was meant to be its fields.
            is_damaged = entry.caller in MESSAGES or entry.logger in MESSAGES
            return Outcome.NOT_UNDERSTOOD if is_damaged else Outcome.OTHER
        status = message.status_at(entry.level)
        if status == SECOND_LINE or entry.logger in _OTHER_LOGGERS:
            return Outcome.OTHER
        fields = self._fields.read(entry.fields, message.needs)
        if fields is None:
            return _not_understood(entry)
        key = _key(message, fields)
        if status == STARTED:
            self._starts.put(key, _Start(entry.at, fields))
            return Outcome.OTHER
        start = self._starts.take(key)
        if message.way == "upload" and status == "canceled":
            return self._canceled_upload(entry, message, fields, start)
        return _transfer(entry.at, status, fields, start, _fingerprint(message.way, status, fields))

    def _canceled_upload(
        self, entry: Entry, message: Message, fields: Fields, start: _Start | None
    ) -> Transfer | Outcome:
        """Count a lost race once, which two lines may tell: an INFO line, then a DEBUG line.

        Both are known by the piece alone, lest a log that is cut between them doubles it.
        """
        known_by = fields
        if message.needs is Needs.PIECE:
            self._lost_races.put(fields.piece_id, entry.at)
            known_by, fields = Fields(piece_id=fields.piece_id), _completed(fields, start)
        elif entry.level == b"DEBUG":
            if self._lost_races.take(fields.piece_id) is not None:
                return Outcome.OTHER
            known_by = Fields(piece_id=fields.piece_id)
        fingerprint = _fingerprint(message.way, "canceled", known_by)
        return _transfer(entry.at, "canceled", fields, start, fingerprint)


def _transfer(
    at: int, status: str, fields: Fields, start: _Start | None, fingerprint: int
) -> Transfer:
    return Transfer(
        at=at,
        satellite=fields.satellite_id,
        action=_action(fields.action),
        status=status,
        size=fields.size,
        duration_ms=None if start is None or at < start.at else (at - start.at) // 1000,
        piece_id=fields.piece_id,
        error=_error(fields.error or fields.reason),
        remote_ip=_without_port(fields.remote_address),
        fingerprint=fingerprint,
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


def _action(text: str | None) -> str | None:
    if text is None or text in _ACTIONS or _ACTION.fullmatch(text):
        return text
    return "OTHER"


def _error(text: str | None) -> str | None:
    return text[:_LONGEST_ERROR].replace("\0", "\ufffd") if text else None


def _without_port(address: str | None) -> str | None:
    """Return the address of `1.2.3.4:567` or `[2a01::2]:567`."""
    if address is None:
        return None
    host, colon, _port = address.rpartition(":")
    if not colon or address.endswith("]") or (":" in host and not host.startswith("[")):
        return address.strip("[]")  # there is no port
    return host.strip("[]") or None


def _fingerprint(way: str, status: str, fields: Fields) -> int:
    """Hash what the line says, into 64 bits with a sign; the same in every encoding.

    The database keeps these hashes: another order or another field would make old lines new.
    """
    f = fields
    place = (f.satellite_id, f.action, f.piece_id, f.size, f.offset, f.remote_address)
    said = (way, status, place, f.error, f.reason, f.live_requests)
    fingerprint: int
    (fingerprint,) = _SIGNED.unpack(blake2b(_packed(said), digest_size=8).digest())
    return fingerprint

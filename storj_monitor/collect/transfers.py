"""Entries become transfers: how each ended, how long it took, and a hash that knows it again."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Generic, TypeVar

from msgspec import Struct

from storj_monitor.collect.fields import Fields, FieldsReader
from storj_monitor.collect.lines import Entry, Outcome
from storj_monitor.collect.messages import MESSAGES, SECOND_LINE, STARTED, Message, Needs

#: How many started and not yet ended transfers are remembered.
_OPEN_TRANSFERS = 20_000
_LONGEST_ERROR = 1_000
#: They speak about the disk, never about a transfer.
_OTHER_LOGGERS = frozenset((b"piecestore:monitor", b"piecestore:cache"))
_ACTION = re.compile(r"[A-Z_]{1,40}")

Key = TypeVar("Key")
Value = TypeVar("Value")
_DownloadKey = tuple[str | None, str | None, int | None]


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


class Recent(Generic[Key, Value]):
    """Remembers a limited number of things, and forgets the oldest first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._things: dict[Key, Value] = {}

    def put(self, key: Key, thing: Value) -> None:
        """Remember a thing, in place of another of the same key."""
        if len(self._things) >= self._limit:
            del self._things[next(iter(self._things))]
        self._things[key] = thing

    def get(self, key: Key) -> Value | None:
        """Return the thing of this key, if it is still remembered."""
        return self._things.get(key)

    def take(self, key: Key) -> Value | None:
        """Return the thing of this key, if it is still remembered, and forget it."""
        return self._things.pop(key, None)


class _Start(Struct, gc=False):
    at: int
    fields: Fields


class Transfers:
    """Tells what each entry of one log says about a transfer.

    It remembers the started ones, so that the end has a duration; a piece is uploaded once, but may
    be downloaded many times at once, so downloads are told apart by address and offset.
    """

    def __init__(self) -> None:
        self._fields = FieldsReader()
        self._uploads: Recent[str | None, _Start] = Recent(_OPEN_TRANSFERS)
        self._downloads: Recent[_DownloadKey, _Start] = Recent(_OPEN_TRANSFERS)
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
        fields = self._fields.read(entry.fields)
        if fields is None or not _has(fields, message.needs):
            return _not_understood(entry)
        if status == STARTED:
            return self._started(entry, message, fields)
        return self._ended(entry, message, status, fields)

    def _started(self, entry: Entry, message: Message, fields: Fields) -> Outcome:
        start = _Start(entry.at, fields)
        if message.way == "upload":
            self._uploads.put(fields.piece_id, start)
        else:
            self._downloads.put(_download_key(fields), start)
        return Outcome.OTHER

    def _ended(
        self, entry: Entry, message: Message, status: str, fields: Fields
    ) -> Transfer | Outcome:
        known_by = fields
        if message.way == "download":
            start = self._downloads.take(_download_key(fields))
        else:
            start = self._uploads.take(fields.piece_id)
            # One lost race may be told by two lines with different fields. The INFO line comes
            # first; both are known by the piece alone, lest a cut between two files doubles them.
            if message.needs is Needs.PIECE:
                self._lost_races.put(fields.piece_id, entry.at)
                known_by, fields = Fields(piece_id=fields.piece_id), _completed(fields, start)
            elif entry.level == b"DEBUG" and status == "canceled":
                if self._lost_races.take(fields.piece_id) is not None:
                    return Outcome.OTHER
                known_by = Fields(piece_id=fields.piece_id)
        return Transfer(
            at=entry.at,
            satellite=fields.satellite_id,
            action=_action(fields.action),
            status=status,
            size=fields.size,
            duration_ms=_milliseconds(start, entry.at),
            piece_id=fields.piece_id,
            error=_error(fields.error or fields.reason),
            remote_ip=_without_port(fields.remote_address),
            fingerprint=_fingerprint(message.way, status, known_by),
        )


def _has(fields: Fields, needs: Needs) -> bool:
    if needs is Needs.ALL:
        return not (fields.piece_id is None or fields.satellite_id is None or fields.action is None)
    return needs is Needs.NOTHING or fields.piece_id is not None


def _not_understood(entry: Entry) -> Outcome:
    """Another part of the node may use the same words: then it is no damaged transfer."""
    is_transfer = not entry.logger or entry.logger.startswith(b"piecestore")
    return Outcome.NOT_UNDERSTOOD if is_transfer else Outcome.OTHER


def _download_key(fields: Fields) -> _DownloadKey:
    return fields.piece_id, fields.remote_address, fields.offset


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


def _milliseconds(start: _Start | None, end: int) -> int | None:
    if start is None or end < start.at:
        return None
    return (end - start.at) // 1000


def _action(text: str | None) -> str | None:
    return text if text is None or _ACTION.fullmatch(text) else "OTHER"


def _error(text: str | None) -> str | None:
    return text[:_LONGEST_ERROR].replace("\0", "\ufffd") if text else None


def _without_port(address: str | None) -> str | None:
    """Return the address of `1.2.3.4:567` or `[2a01::2]:567`."""
    if address is None:
        return None
    host, colon, _port = address.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        return address.strip("[]")
    return host.strip("[]") or None


def _fingerprint(way: str, status: str, fields: Fields) -> int:
    """Hash what the line says, into 64 bits with a sign; the same in every encoding."""
    text = (
        f"{way}|{status}|{fields.satellite_id}|{fields.action}|{fields.piece_id}|{fields.size}"
        f"|{fields.offset}|{fields.remote_address}|{fields.error}|{fields.reason}"
        f"|{fields.live_requests}"
    )
    digest = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)

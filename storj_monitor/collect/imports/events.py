"""Their `events`: transfers as their log lines told them, of two days."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct
from xxhash import xxh3_64_intdigest

from storj_monitor.collect.fields import shortened
from storj_monitor.collect.gathered import Gathered
from storj_monitor.collect.imports import ours
from storj_monitor.collect.imports.cells import NO_SATELLITE, id_of, node_of, whole_of
from storj_monitor.collect.occurrences import Occurrences
from storj_monitor.collect.transfers import Transfer
from storj_monitor.store.news import HOUR_US, News, Seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.ours import NodeHour
    from storj_monitor.collect.imports.taking import Taking

#: Goes into each hash, so that none is that of a log line.
_MARK = "import"
#: A time that is earlier by so much begins a log that was read once more.
_BACK_US = 60_000_000
_MOST = 2**40
_REMEMBERED_ADDRESSES = 20_000
_ACTION = re.compile(r"[A-Z_]{1,40}")
_COUNTRY_LETTERS = 100
_STATUSES = frozenset(("success", "canceled", "failed"))
_UPLOADS = frozenset(("PUT", "PUT_REPAIR"))
#: The node logs an upload with these reasons at DEBUG: the client went away, and did no harm.
_CLIENT_WENT = ("unexpected EOF", "context canceled", "stream closed by peer")
_packed = msgspec.msgpack.Encoder().encode


class EventRow(NamedTuple):
    """A row of `events`."""

    rowid: int
    timestamp: str | None
    action: str | None
    status: str | None
    size: int | None
    piece_id: str | None
    satellite_id: str | None
    remote_ip: str | None
    country: str | None
    error_reason: str | None
    node_name: str | None
    duration_ms: int | None


class _Pass(Struct):
    """One reading of a log by them, from its beginning on: twins in it are two transfers."""

    newest: int
    occurrences: Occurrences


def import_events(taking: Taking) -> Mapping[NodeHour, int]:
    """Take over the transfers of times of which we read no log, and seal their hours.

    So a log that is read meanwhile or later doesn't count them again; that is why the hours are
    sealed first. Returns how many transfers of which hours there are row by row.
    """
    account = taking.table("events")
    _seal(taking)
    events = _Events(taking, account)
    for page in taking.pages(account, EventRow):
        events.take(page)
    if events.uploads:
        account.remarks.append(
            f"{events.uploads:,} uploads stand there as successes: those that were canceled are"
            " among them, and can't be told apart"
        )
    return events.hours


class _Events:
    def __init__(self, taking: Taking, account: TableAccount) -> None:
        self._taking = taking
        self._account = account
        self._passes: dict[str, _Pass] = {}
        #: The peers of a node are few and come again and again.
        self._known_address = lru_cache(_REMEMBERED_ADDRESSES)(_address)
        self.hours: Counter[NodeHour] = Counter()
        self.uploads = 0

    def take(self, page: list[EventRow]) -> None:
        """Store what a page tells."""
        told = [found for row in page if (found := self._read(row))]
        for node, transfers in self._without_ours(told).items():
            gathered = Gathered()
            gathered.transfers = transfers
            told_by_them = replace(gathered.news(node), are_imported=True)
            written = self._taking.writer.write([told_by_them])
            self._account.taken += written.new
            self._account.known += written.known + written.sealed

    def _read(self, row: EventRow) -> tuple[str, Transfer] | None:
        """Return the node and the transfer of a row; None, and why is counted, if it tells none."""
        found = self._taking.whose(self._account, row.node_name, row.timestamp)
        if found is None:
            return None
        node, at = found
        reason = _unfit(row)
        if reason:
            self._account.left_out[reason] += 1
            return None
        fingerprint = _fingerprint(row)
        occurrence = self._occurrences(node, at).count(at, fingerprint)
        return node, self._transfer(row, at, fingerprint, occurrence)

    def _transfer(self, row: EventRow, at: int, fingerprint: int, occurrence: int) -> Transfer:
        return Transfer(
            at,
            row.satellite_id,
            row.action,
            self._status(row),
            self._whole(row.size, "with a size that can't be: taken without it"),
            self._whole(row.duration_ms, "with a duration that can't be: taken without it"),
            row.piece_id,
            None if row.error_reason is None else shortened(row.error_reason),
            self._address(row.remote_ip),
            self._country(row.country),
            fingerprint,
            occurrence,
        )

    def _occurrences(self, node: str, at: int) -> Occurrences:
        """Return the counts of the reading that a row is of; to go back in time begins another."""
        current = self._passes.get(node)
        if current is None or at < current.newest - _BACK_US:
            current = self._passes[node] = _Pass(at, Occurrences())
        current.newest = max(current.newest, at)
        return current.occurrences

    def _status(self, row: EventRow) -> str:
        if row.status == "failed" and row.action in _UPLOADS and _is_the_clients(row.error_reason):
            self._account.repaired["failed uploads whose client went: taken as canceled"] += 1
            return "canceled"
        return row.status or ""

    def _whole(self, number: int | None, repair: str) -> int | None:
        found = whole_of(number, _MOST)
        if found is None and number is not None:
            self._account.repaired[repair] += 1
        return found

    def _country(self, name: str | None) -> str | None:
        """Return the name of a country; theirs are English, and `Unknown` is none."""
        if not name:
            return None
        if name == "Unknown" or len(name) > _COUNTRY_LETTERS or not name.isprintable():
            self._account.repaired["with an unknown country: taken without it"] += 1
            return None
        return name

    def _address(self, text: str | None) -> str | None:
        """Return an IP address; of IPv6 ones they kept what is before the first colon alone."""
        if not text:
            return None
        found = self._known_address(text)
        if found is None:
            self._account.repaired["with an address that was cut short: taken without it"] += 1
        return found

    def _without_ours(self, told: list[tuple[str, Transfer]]) -> dict[str, list[Transfer]]:
        """Leave out what our own log reading knows already, and more exactly."""
        log = _Log(self._taking, [(node, transfer.at) for node, transfer in told])
        kept: dict[str, list[Transfer]] = {}
        for node, transfer in told:
            if log.tells(node, transfer.at):
                self._account.left_out["of times of which the log itself was read"] += 1
                continue
            self.hours[node, transfer.at - transfer.at % HOUR_US] += 1
            self.uploads += transfer.status == "success" and transfer.action in _UPLOADS
            kept.setdefault(node, []).append(transfer)
        return kept


def _seal(taking: Taking) -> None:
    """Close the hours of which transfers will be taken, as far as our log doesn't tell them.

    Each node's newest is closed up to its last transfer, and so is an hour that our log begins in.
    """
    last_at: dict[NodeHour, int] = {}
    begun: set[NodeHour] = set()
    newest: dict[str, int] = {}
    for page in taking.look("events", EventRow):
        told = list(_told(taking, page))
        log = _Log(taking, told)
        for node, at in told:
            if not log.tells(node, at):
                hour = node, at - at % HOUR_US
                last_at[hour] = max(last_at.get(hour, at), at)
                newest[node] = max(newest.get(node, at), at)
        begun |= log.hours
    seals: dict[str, list[Seal]] = {node: [] for node in newest}
    for (node, hour_at), until_at in last_at.items():
        is_part = (node, hour_at) in begun or hour_at + HOUR_US > newest[node]
        seals[node].append(Seal(hour_at, until_at if is_part else hour_at + HOUR_US - 1))
    for node, hours in seals.items():
        taking.writer.write([News(node=node, seals=hours)])


def _told(taking: Taking, page: list[EventRow]) -> Iterator[tuple[str, int]]:
    """Yield the node and the time of each row that tells a transfer."""
    for row in page:
        node, at = node_of(row.node_name), taking.cells.time(row.timestamp)
        if node is not None and at is not None and not _unfit(row):
            yield node, at


class _Log:
    """What our own reading of logs has of the hours in which transfers ended."""

    def __init__(self, taking: Taking, told: Iterable[tuple[str, int]]) -> None:
        hours = {at - at % HOUR_US for _, at in told}
        self._first_at = ours.heard(taking.reader, hours)
        self._sealed = ours.sealed(taking.reader, hours)

    @property
    def hours(self) -> set[NodeHour]:
        """The hours of nodes of which it has anything."""
        return set(self._first_at)

    def tells(self, node: str, at: int) -> bool:
        """Say whether it has what was then, or will have when it is read on.

        It has nothing of the times which an import closed before.
        """
        hour = node, at - at % HOUR_US
        if at <= self._sealed.get(hour, -1):
            return False
        return hour in self._first_at and at >= self._first_at[hour]


def _unfit(row: EventRow) -> str | None:
    """Say why a row tells of no transfer; None if it does."""
    if row.action is None or not _ACTION.fullmatch(row.action):
        return "without an action"
    if row.status not in _STATUSES:
        return "of an unknown status"
    if id_of(row.satellite_id) is None:
        return NO_SATELLITE
    if row.piece_id is not None and id_of(row.piece_id) is None:
        return "with a piece's id that can't be"
    return None


def _is_the_clients(reason: str | None) -> bool:
    return reason is not None and any(words in reason for words in _CLIENT_WENT)


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _fingerprint(row: EventRow) -> int:
    """Hash what the log line said, as it stands there: a repair may change, the hash may not."""
    place = (row.satellite_id, row.action, row.piece_id, row.size, row.remote_ip)
    return xxh3_64_intdigest(_packed((_MARK, row.status, place, row.error_reason))) - 2**63

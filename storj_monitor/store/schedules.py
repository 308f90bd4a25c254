"""Schedules: what a person decided, and how far it was followed; a row for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import and_, bindparam, delete, or_, select, update

from storj_monitor.schema import deliveries, schedules
from storj_monitor.store.statements import insertion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ClauseElement, ColumnElement, Update

    from storj_monitor.store.connection import Connection
    from storj_monitor.store.reader import StoreReader
    from storj_monitor.store.statements import Statements

#: Kept as JSON, since they are only ever read whole.
_NESTED = ("nodes", "words", "recipients")
_FLAGS = ("skip_empty", "enabled")
_DECIDED = (
    *("name", "kind", "subject", "format", "nodes", "words", "rule", "timezone", "period"),
    *("channel", "recipients", "skip_empty", "enabled"),
)
#: Why something isn't sent any more.
TURNED_OFF = "the schedule was turned off"
NO_RECIPIENT = "no longer a recipient of the schedule"
#: Where one of these is another, what was due before is no longer asked for.
_WHEN = ("rule", "timezone", "period")


class ScheduleEntry(NamedTuple):
    """A schedule: a row of `schedules`. Times are microseconds since 1970 UTC.

    A person decides up to `enabled`; the rest is filled in when it is written.
    """

    name: str
    kind: Literal["source", "report"]
    subject: str
    format: str
    #: Empty for all of them.
    nodes: tuple[str, ...]
    #: Further words of the request, such as columns, filters and options: each with its values.
    words: Mapping[str, tuple[str, ...]]
    rule: str
    timezone: str
    period: str
    channel: str
    recipients: tuple[str, ...]
    skip_empty: bool = False
    enabled: bool = True
    id: int = 0
    created_at: int = 0
    changed_at: int = 0
    #: What is due after that counts: it was made then, or turned on, or its rule became another.
    since_at: int = 0
    #: The newest occurrence that was dealt with since then.
    followed_at: int | None = None


class ScheduleWriter:
    """Changes schedules, as `writer.schedules`; a transaction a call."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def create(self, entry: ScheduleEntry, at_us: int) -> int | None:
        """Store a new schedule; return its id, or None if the name is taken.

        No id is used again, whatever was removed.
        """
        row = _row(entry) | dict.fromkeys(("created_at", "changed_at", "since_at"), at_us)
        with self._connection.transaction():
            found = self._statements.query(_create, **row)
        return int(found[0][0].as_py()) if found.num_rows else None

    def replace(self, schedule_id: int, entry: ScheduleEntry, at_us: int) -> bool:
        """Let a schedule be as `entry` says; return False if it is gone. Its history stays.

        Where it is turned on, or its rule, zone or period is another, only what is due from now
        on counts. What is still to be sent to whom it no longer names is skipped, also what is
        being made: whoever is at it finds out before sending. Raises
        ValueError if another schedule has the name.
        """
        with self._connection.transaction():
            if (had := self._entry(schedule_id)) is None:
                return False
            named = self._statements.query(_others_name, of_name=entry.name, of_id=schedule_id)
            if named.num_rows:
                message = f"another schedule is named {entry.name!r}"
                raise ValueError(message)
            self._put(had, entry, at_us)
            return True

    def enable(self, schedule_id: int, at_us: int, *, enabled: bool) -> bool:
        """Turn a schedule on or off; return False if it is gone. What was so already stays so."""
        with self._connection.transaction():
            had = self._entry(schedule_id)
            if had is not None and had.enabled is not enabled:
                self._put(had, had._replace(enabled=enabled), at_us)
            return had is not None

    def remove(self, schedule_id: int) -> bool:
        """Forget a schedule; return False if it was gone. What it delivered stays known.

        What it was still to send is skipped.
        """
        with self._connection.transaction():
            self._statements.query(_skip_all, of_id=schedule_id, why="the schedule was removed")
            return self._statements.query(_remove, of_id=schedule_id).num_rows > 0

    def _entry(self, schedule_id: int) -> ScheduleEntry | None:
        found = self._statements.query(_of_id, of_id=schedule_id).to_pylist()
        return _entry(found[0]) if found else None

    def _put(self, had: ScheduleEntry, entry: ScheduleEntry, at_us: int) -> None:
        anew = entry.enabled and not had.enabled
        anew |= any(getattr(had, name) != getattr(entry, name) for name in _WHEN)
        times = {
            "changed_at": max(at_us, had.changed_at + 1),
            "since_at": at_us if anew else had.since_at,
            "followed_at": None if anew else had.followed_at,
        }
        new = {f"new_{name}": value for name, value in (_row(entry) | times).items()}
        self._statements.query(_replace, of_id=had.id, **new)
        if not entry.enabled:
            self._skip(had.id, (), TURNED_OFF)
        self._skip(had.id, entry.recipients, NO_RECIPIENT)

    def _skip(self, schedule_id: int, but: Collection[str], why: str) -> None:
        """Skip what is due by itself to others than these; what a person asked for is sent."""
        for row in self._statements.query(_waiting, of_id=schedule_id).to_pylist():
            if row["recipient"] not in but:
                self._statements.query(_skip_one, of_delivery=row["id"], why=why)


def fetch_schedules(
    reader: StoreReader, schedule_id: int | None = None
) -> tuple[ScheduleEntry, ...]:
    """Return the schedules, or the one with an id, in the order of their names."""
    wanted = select(schedules).order_by(schedules.c.name)
    if schedule_id is not None:
        wanted = wanted.where(schedules.c.id == schedule_id)
    return tuple(_entry(row) for row in reader.fetch(wanted).to_pylist())


def _row(entry: ScheduleEntry) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in _DECIDED}
    row["words"] = dict(entry.words)
    row |= {name: json.dumps(row[name], ensure_ascii=False) for name in _NESTED}
    return row | {name: int(row[name]) for name in _FLAGS}


def _entry(row: dict[str, Any]) -> ScheduleEntry:
    nested = {name: tuple(json.loads(row[name])) for name in ("nodes", "recipients")}
    words = {name: tuple(values) for name, values in json.loads(row["words"]).items()}
    flags = {name: bool(row[name]) for name in _FLAGS}
    return ScheduleEntry(**row | nested | {"words": words} | flags)


def _create() -> ClauseElement:
    put = insertion(schedules, *_DECIDED, "created_at", "changed_at", "since_at")
    return put.on_conflict_do_nothing().returning(schedules.c.id)


def _of_id() -> ClauseElement:
    return select(schedules).where(schedules.c.id == bindparam("of_id"))


def _others_name() -> ClauseElement:
    is_another = schedules.c.id != bindparam("of_id")
    return select(schedules.c.id).where(schedules.c.name == bindparam("of_name"), is_another)


def _replace() -> ClauseElement:
    names = (*_DECIDED, "changed_at", "since_at", "followed_at")
    change = update(schedules).where(schedules.c.id == bindparam("of_id"))
    return change.values({name: bindparam(f"new_{name}") for name in names})


def _remove() -> ClauseElement:
    gone = delete(schedules).where(schedules.c.id == bindparam("of_id"))
    return gone.returning(schedules.c.id)


def _skipping() -> Update:
    return update(deliveries).values(state="skipped", error=bindparam("why"))


def _is_waiting() -> ColumnElement[bool]:
    """Say that nothing was handed to a channel yet, be it claimed or not."""
    table = deliveries.c
    is_made = and_(table.state == "claimed", table.sending_at.is_(None))
    return and_(table.schedule_id == bindparam("of_id"), or_(table.state == "due", is_made))


def _skip_all() -> ClauseElement:
    return _skipping().where(_is_waiting())


def _waiting() -> ClauseElement:
    wanted = select(deliveries.c.id, deliveries.c.recipient)
    return wanted.where(_is_waiting(), deliveries.c.edition == "")


def _skip_one() -> ClauseElement:
    return _skipping().where(deliveries.c.id == bindparam("of_delivery"))

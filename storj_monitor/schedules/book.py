"""The schedules as people ask for them: looked up, added, changed and removed, all checked.

    book = Book(store, host.catalogue, settings)
    entry = book.add({"name": "Mondays", ...}, now)
    book.change(book.named("Mondays").id, {"recipients": [...]}, now)
    [told] = book.told([entry], now)
    told.as_json(book.catalogue)

Raises the Problem that says what is wrong, and what would work.
"""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING, Any

from storj_monitor.delivery.channels import check_recipient, outlet_of
from storj_monitor.errors import OperatorError, Problem
from storj_monitor.exports.request import Limits
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.answers import Told, with_secrets
from storj_monitor.schedules.coming import coming
from storj_monitor.schedules.schedule import Schedule, parse_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storj_monitor.registry import Catalogue
    from storj_monitor.schedules.schedule import Occurrence
    from storj_monitor.settings import Settings
    from storj_monitor.store import Delivery, ScheduleEntry, Store

    Json = dict[str, Any]

#: What an answer says beside what was asked for: sent back, it means nothing.
_ANSWERED = ("id", "next", "deliveries", "problem")
#: How many of the next runs are told of.
NEXT = 5
#: How many deliveries are told of with a schedule.
SHOWN = 10


class Book:
    """The schedules of a database, for whoever asks; every call reads it anew."""

    def __init__(self, store: Store, catalogue: Catalogue, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self.catalogue = catalogue

    def entries(self) -> tuple[ScheduleEntry, ...]:
        """Return all of them, in the order of their names."""
        return self._store.schedules()

    def entry(self, schedule_id: int) -> ScheduleEntry:
        """Return the one with an id."""
        found = self._store.schedule(schedule_id)
        if found is None:
            raise _missing(schedule_id)
        return found

    def named(self, text: str) -> ScheduleEntry:
        """Return the one with a name, or with an id as a text."""
        entries = self.entries()
        for entry in entries:
            if entry.name == text:
                return entry
        if text.isascii() and text.isdigit() and (found := self._with_id(text)) is not None:
            return found
        near = difflib.get_close_matches(text, [entry.name for entry in entries], n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        hint = f"{meant}`storj-monitor schedule list` has them."
        raise Problem("not_found", f"there is no schedule {text!r}", hint)

    def add(self, body: Mapping[str, object], now: datetime) -> ScheduleEntry:
        """Store a new schedule."""
        entry = self._checked(_asked(body), now)
        with self._store.writer() as writer:
            schedule_id = writer.schedules.create(entry, microseconds(now))
        if schedule_id is None:
            raise _taken(entry.name)
        return self.entry(schedule_id)

    def replace(self, schedule_id: int, body: Mapping[str, object], now: datetime) -> ScheduleEntry:
        """Let a schedule be as the body says; what it doesn't say is as of a new one.

        A recipient that comes back as it was shown stays who it was.
        """
        had, asked = self.entry(schedule_id), _asked(body)
        given = asked.get("recipients")
        if isinstance(given, list | tuple) and asked.get("channel") == had.channel:
            asked["recipients"] = with_secrets(given, had, self.catalogue)
        entry = self._checked(asked, now, had)
        try:
            with self._store.writer() as writer:
                is_there = writer.schedules.replace(schedule_id, entry, microseconds(now))
        except ValueError as error:
            raise _taken(entry.name) from error
        if not is_there:
            raise _missing(schedule_id)
        return self.entry(schedule_id)

    def change(
        self, schedule_id: int, changes: Mapping[str, object], now: datetime
    ) -> ScheduleEntry:
        """Change of a schedule what `changes` says, and leave the rest."""
        body = Schedule.of(self.entry(schedule_id)).as_json()
        if "report" in changes or "source" in changes:
            body.pop("report", None)
            body.pop("source", None)
        return self.replace(schedule_id, body | dict(changes), now)

    def enable(self, schedule_id: int, now: datetime, *, enabled: bool) -> ScheduleEntry:
        """Turn a schedule on or off."""
        with self._store.writer() as writer:
            writer.schedules.enable(schedule_id, microseconds(now), enabled=enabled)
        return self.entry(schedule_id)

    def remove(self, schedule_id: int) -> None:
        """Forget a schedule; its deliveries stay known."""
        with self._store.writer() as writer:
            if not writer.schedules.remove(schedule_id):
                raise _missing(schedule_id)

    def told(
        self, entries: Sequence[ScheduleEntry], now: datetime, shown: int = SHOWN
    ) -> list[Told]:
        """Return what is told of schedules: what comes next, and what came of them last."""
        limits = self._limits(now)
        return [self._told(entry, limits, shown) for entry in entries]

    def deliveries(self, limit: int, schedule_id: int | None = None) -> tuple[Delivery, ...]:
        """Return deliveries, of all or of one schedule (gone or not), what was due last first."""
        found = self._store.deliveries(limit, schedule_id)
        if schedule_id is not None and not found:
            self.entry(schedule_id)
        return found

    def delivery(self, delivery_id: int) -> Delivery:
        """Return a delivery."""
        found = self._store.delivery(delivery_id)
        if found is None:
            hint = "`storj-monitor schedule deliveries` has them."
            raise Problem("not_found", f"there is no delivery {delivery_id}", hint)
        return found

    def _checked(
        self, body: Json, now: datetime, had: ScheduleEntry | None = None
    ) -> ScheduleEntry:
        """Return the row of what is asked for; who is new must be one that can be sent to."""
        entry = parse_schedule(body, self.catalogue, self._limits(now)).entry()
        known = had.recipients if had is not None and had.channel == entry.channel else ()
        try:
            outlet = outlet_of(entry.channel, self.catalogue, self._settings)
        except OperatorError:  # the channel isn't set up yet: that is told with the schedule
            return entry
        for recipient in entry.recipients:
            if recipient not in known:
                check_recipient(outlet, recipient, self._settings)
        return entry

    def _told(self, entry: ScheduleEntry, limits: Limits, shown: int) -> Told:
        upcoming: tuple[Occurrence, ...] = ()
        problem = None
        try:
            made = self._store.made(entry.id)
            upcoming = tuple(islice(coming(entry, made, limits.now), NEXT))
            schedule = Schedule.of(entry)
            schedule.request(schedule.covered(limits.now), self.catalogue, limits)
            outlet_of(entry.channel, self.catalogue, self._settings)
        except Problem as found:
            problem = found
        except OperatorError as error:
            problem = Problem("bad_schedule", error.reason, error.hint)
        deliveries = self._store.deliveries(shown, entry.id)
        return Told(entry=entry, next=upcoming, deliveries=deliveries, problem=problem)

    def _limits(self, now: datetime) -> Limits:
        return Limits(now=now, nodes=[node.name for node in self._store.nodes()])

    def _with_id(self, text: str) -> ScheduleEntry | None:
        # Beyond, it is no number that the database has.
        return self._store.schedule(int(text)) if len(text) <= len(str(10**18 - 1)) else None


def _asked(body: Mapping[str, object]) -> Json:
    return {name: value for name, value in body.items() if name not in _ANSWERED}


def _taken(name: str) -> Problem:
    hint = "Choose another name, or change that one."
    return Problem("bad_schedule", f"another schedule is named {name!r}", hint)


def _missing(schedule_id: int) -> Problem:
    hint = "GET /api/schedules, or `storj-monitor schedule list`, has them."
    return Problem("not_found", f"there is no schedule {schedule_id}", hint)

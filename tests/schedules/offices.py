"""A place that sends: a database, a few made-up plugins, and a channel that notes what arrives."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace as changed

from storj_monitor.alerts.recipients import outcome_subject
from storj_monitor.exports.request import Limits
from storj_monitor.plugin import Channel, Setting
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.planning import plan
from storj_monitor.schedules.runs import run_due
from storj_monitor.schedules.schedule import parse_schedule
from storj_monitor.schedules.shifts import claimed
from storj_monitor.schedules.work import at_work
from storj_monitor.settings import ExportSettings, SchedulingSettings, Settings
from tests.schedules.samples import body, catalogue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from storj_monitor.plugin import ExportOutcome, Format, Parcel, Report, Source
    from storj_monitor.registry import Catalogue, Listener, PluginHost
    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery, Store

#: A Monday, six o'clock: the schedules of the samples are due.
DUE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PATIENCE_SECONDS = 30
SECRET = "hunter2-s3cret"
ANN, BOB = "ann@example.org", "bob@example.org"


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = DUE

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **how_long: float) -> None:
        """Let time pass."""
        self.now += timedelta(**how_long)


@dataclass
class Postbox:
    """What arrived, and what a recipient answers instead of accepting."""

    parcels: list[Parcel] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    answers: dict[str, BaseException] = field(default_factory=dict)
    limit: int | None = None
    #: Is called with each parcel first.
    before: Callable[[Parcel], Any] | None = None
    #: Where that is called: parcels come from threads of their own.
    home: asyncio.AbstractEventLoop | None = None

    async def _before(self, parcel: Parcel) -> None:
        if self.before is not None and (waiting := self.before(parcel)) is not None:
            await waiting

    async def send(self, parcel: Parcel, _: Mapping[str, str]) -> None:
        """Accept a parcel, or not."""
        if self.before is not None and self.home is not None:
            waiting = asyncio.run_coroutine_threadsafe(self._before(parcel), self.home)
            await asyncio.wrap_future(waiting)
        if (error := self.answers.get(parcel.recipient)) is not None:
            raise error
        self.parcels.append(parcel)
        self.contents += [one.path.read_bytes() for one in parcel.attachments]

    @property
    def recipients(self) -> list[str]:
        """To whom something arrived, sorted."""
        return sorted(parcel.recipient for parcel in self.parcels)

    @property
    def channel(self) -> Channel:
        """The channel that leads here."""
        secret = Setting(name="secret", summary="S", secret=True, default=SECRET)
        return Channel(
            name="post",
            title="The post",
            settings=(secret,),
            send=self.send,
            limit=lambda *_: self.limit,
            shown=lambda recipient: recipient.partition("/")[0],
        )


@dataclass
class Host:
    """A host of a catalogue, that nobody listens to."""

    catalogue: Catalogue
    listeners: tuple[Listener, ...] = ()

    def finished(self, outcome: ExportOutcome) -> None:
        """Tell nobody."""


@dataclass
class Office:
    """A database that sends, whose time is told by hand."""

    store: Store
    settings: Settings = field(
        default_factory=lambda: Settings(exports=ExportSettings(processes=False, workers=2))
    )
    clock: Clock = field(default_factory=Clock)
    post: Postbox = field(default_factory=Postbox)
    offered: dict[str, Any] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """What the plugins here offer."""
        known = replace(catalogue(), channels=MappingProxyType({"post": self.post.channel}))
        return replace(known, **self.offered) if self.offered else known

    def set(self, **scheduling: Any) -> None:
        """Change settings of scheduling."""
        changed_ = changed(self.settings.scheduling, **scheduling)
        self.settings = changed(self.settings, scheduling=changed_)

    def set_public(self, url: str) -> None:
        """Let others reach this server."""
        self.settings = changed(self.settings, web=changed(self.settings.web, public_url=url))

    def schedule(self, **changes: Any) -> int:
        """Add a schedule of the samples, a day ago; return its id."""
        now = self.clock() - timedelta(days=1)
        limits = Limits(now=now, nodes=["n1", "n2", "a,b"])
        entry = parse_schedule(body(**changes), self.catalogue, limits).entry()
        with self.store.writer() as writer:
            id_ = writer.schedules.create(entry, microseconds(now))
        assert id_ is not None
        return id_

    def readdress(self, schedule_id: int, *recipients: str) -> None:
        """Let a schedule be for others."""
        entry = self.store.schedule(schedule_id)
        assert entry
        with self.store.writer() as writer:
            changes = entry._replace(recipients=recipients)
            writer.schedules.replace(schedule_id, changes, microseconds(self.clock()))

    @asynccontextmanager
    async def work(self, **changes: Any) -> AsyncIterator[Work]:
        """Give what runs work with."""
        self.post.home = asyncio.get_running_loop()
        host = cast("PluginHost", Host(self.catalogue))
        async with at_work(self.settings, host, self.store) as work:
            yield replace(work, **{"now": self.clock, **changes})

    def states(self) -> dict[str, str]:
        """Return the state of each recipient's delivery, newest last."""
        return {one.recipient: one.state for one in reversed(self.rows())}

    def rows(self) -> list[Delivery]:
        """Return all deliveries, newest first."""
        return list(self.store.deliveries(1_000))

    async def leave_half_sent(self, work: Work) -> None:
        """Plan what is due, claim the next and begin to send it; then let its lease end."""
        plan(work)
        delivery = await claimed(work)
        assert delivery
        with self.store.writer() as writer:
            now_us = microseconds(self.clock())
            writer.deliveries.note_sending(delivery.id, delivery.owner or "", now_us, work.lease_us)
        self.clock.pass_(seconds=301)

    def failing(self) -> dict[str, int]:
        """Return which deliveries fail, and how often in a row."""
        from sqlalchemy import select

        from storj_monitor.schema import outcomes

        wanted = select(outcomes.c.subject, outcomes.c.failures).where(outcomes.c.failures > 0)
        with self.store.reader() as reader:
            found = reader.fetch(wanted.where(outcomes.c.kind == "delivery")).to_pylist()
        names = {
            outcome_subject(one.schedule_id, one.channel, one.recipient): one for one in self.rows()
        }
        told = [(names[row["subject"]], row["failures"]) for row in found]
        return {f"{one.name} to {one.recipient}": failures for one, failures in told}


async def due(office: Office, **changes: Any) -> list[Delivery]:
    """Send what is due, and return what was dealt with."""
    async with office.work(**changes) as work:
        return await run_due(work)


def named(items: Iterable[Source | Format | Report]) -> Mapping[str, Any]:
    """Return what is offered, by name."""
    return MappingProxyType({item.name: item for item in items})


def settings_of(**scheduling: Any) -> Settings:
    """Return settings with these of scheduling."""
    exports = ExportSettings(processes=False, workers=2)
    return Settings(exports=exports, scheduling=SchedulingSettings(**scheduling))


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; a test whose time is over has failed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110  the database and other threads tell nobody
            await asyncio.sleep(0.01)

"""What runs work with: of a server, or of a command that is over when they are."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from storj_monitor import clock
from storj_monitor.delivery.links import Signer
from storj_monitor.exports.brand import brand_of
from storj_monitor.exports.jobs.recorded import Recorded
from storj_monitor.exports.jobs.runner import Runner
from storj_monitor.exports.jobs.spool import Spool
from storj_monitor.exports.jobs.threads import Threads
from storj_monitor.exports.jobs.witnesses import Told
from storj_monitor.plugin.query import microseconds
from storj_monitor.schedules.files import Files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from storj_monitor.meters import Meters
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import Settings
    from storj_monitor.store import Store, StoreWriter

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Work:
    """What runs work with; it belongs to one event loop."""

    settings: Settings
    host: PluginHost
    store: Store
    runner: Runner
    meters: Meters | None = None
    #: The time, aware; also what leases are measured by, so it goes on.
    now: Callable[[], datetime] = field(default_factory=lambda: clock.real_now)
    #: Is told of each step before it is taken: tests end the process there.
    at_step: Callable[[str], None] = lambda _: None
    #: What was rendered, for all the recipients of a period.
    files: Files = field(init=False)
    signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", Files(self.runner))
        object.__setattr__(self, "signer", Signer(self.store.path))

    @property
    def now_us(self) -> int:
        """The time as the database has it."""
        return microseconds(self.now())

    @property
    def lease_us(self) -> int:
        """How long a delivery belongs to who claimed it, unless the lease is renewed."""
        return int(self.settings.scheduling.lease_seconds * 1_000_000)

    async def write(self, step: str, write: Callable[[StoreWriter], T]) -> T:
        """Write to the database, in a thread; `step` says what."""
        self.at_step(f"before {step}")
        done = await asyncio.to_thread(self._written, write)
        self.at_step(f"after {step}")
        return done

    def _written(self, write: Callable[[StoreWriter], T]) -> T:
        with self.store.writer() as writer:
            return write(writer)


@asynccontextmanager
async def at_work(settings: Settings, host: PluginHost, store: Store) -> AsyncIterator[Work]:
    """Give what a command needs that sends by itself; exports are rendered in threads."""
    spool = Spool.of(store.path, settings.exports)
    place = Threads(store, host, brand_of(settings.brand), settings.exports)
    told, recorded = Told(host), Recorded(store)
    runner = Runner(place, spool, settings.exports, (told, recorded))
    try:
        yield Work(settings=settings, host=host, store=store, runner=runner)
    finally:
        await runner.close()
        await asyncio.to_thread(recorded.close)
        told.close()

"""The files of runs: rendered once for all the recipients of a period, and kept for retries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct

from storj_monitor.delivery.parcels import FigureShown, File
from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.job import Asked
from storj_monitor.exports.jobs.orders import order_of

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.exports.jobs.orders import Order
    from storj_monitor.exports.jobs.runner import Runner
    from storj_monitor.exports.jobs.spool import Kept
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.store import Delivery

#: How many are known at once.
_MOST = 200


class _Figure(Struct):
    label: str
    value: str
    change: float | None = None


class _Subject(Struct):
    kind: str


class _Column(Struct):
    personal: bool


class _Table(Struct):
    columns: tuple[_Column, ...]


class _Manifest(Struct):
    sha256: str
    rows: int
    subject: _Subject
    personal: bool
    tables: tuple[_Table, ...]
    is_empty: bool = False
    title: str = ""
    figures: tuple[_Figure, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def has_personal(self) -> bool:
        """Whether there is personal data in the file; what a report makes of it isn't known."""
        columns = (column for table in self.tables for column in table.columns)
        is_report = self.subject.kind == "report"
        return self.personal and (is_report or any(column.personal for column in columns))


class _Of(NamedTuple):
    """What one file is for."""

    schedule_id: int
    start_at: int
    end_at: int
    edition: str


class Files:
    """Gives the file of a schedule's period, rendered when it is first asked for."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._known: dict[_Of, tuple[Order, str]] = {}
        # Others of the same period wait for the same file; a lock goes when nobody has it.
        self._rendering: WeakValueDictionary[_Of, asyncio.Lock] = WeakValueDictionary()

    async def of(self, delivery: Delivery, request: ExportRequest, now: datetime) -> File:
        """Return the file for a delivery, the one that was made before if that is still there.

        Raises the Problem of a file that can't be made.
        """
        of, order = _Of(*delivery[:3], delivery.edition), order_of(request)
        async with self._rendering.setdefault(of, asyncio.Lock()):
            known = self._known.get(of)
            if known is not None and known[0] == order:
                kept = await self._runner.kept(known[1])
                if kept is not None:
                    return await asyncio.to_thread(_file, kept)
            kept = await self._rendered(request, now, f"schedule {delivery.name}")
            self._remember(of, order, kept.id)
            return await asyncio.to_thread(_file, kept)

    async def _rendered(self, request: ExportRequest, now: datetime, who: str) -> Kept:
        # That others keep the server busy is no failure of a delivery.
        async with self._runner.run(request, now, Asked(who=who), is_patient=True) as job:
            await job.ended()
        kept = await self._runner.kept(job.id)
        if kept is None:
            raise Problem("no_space", "the file was removed as soon as it was made", "Free space.")
        return kept

    def _remember(self, of: _Of, order: Order, file_id: str) -> None:
        self._known.pop(of, None)
        self._known[of] = (order, file_id)
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]


def _file(kept: Kept) -> File:
    try:
        told = msgspec.json.decode(kept.manifest.read_bytes(), type=_Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise Problem("export_failed", f"the file's manifest can't be read: {error}") from error
    return File(
        id=kept.id,
        path=kept.data,
        name=kept.about.file,
        media_type=kept.about.media_type,
        bytes=kept.about.bytes,
        sha256=told.sha256,
        rows=told.rows,
        is_empty=told.is_empty,
        title=told.title,
        figures=tuple(FigureShown(one.label, one.value, one.change) for one in told.figures),
        warnings=told.warnings,
        personal=told.has_personal,
    )

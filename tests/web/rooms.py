"""An application around a small made-up world: two sources, a few formats, no database."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from tempfile import mkdtemp
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pyarrow as pa

from storj_monitor.plugin import (
    Channel,
    Column,
    Filter,
    Format,
    Kind,
    Setting,
    Source,
    machine_text,
)
from storj_monitor.plugin.query import microseconds
from storj_monitor.registry import Catalogue, Listener, PluginRecord
from storj_monitor.settings import ExportSettings, Settings, WebSettings
from storj_monitor.store import Following, Node, PolledApi
from storj_monitor.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from aiohttp import web

    from storj_monitor.errors import Failure
    from storj_monitor.plugin import Document, ExportOutcome, Parcel, Query, Reader, Report
    from storj_monitor.registry import PluginHost
    from storj_monitor.store import ExportEntry, Store

#: What is to happen and doesn't is waited for so long, in tests that then fail.
PATIENCE_SECONDS = 30
HEARD = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
HOSTILE = "<b>x</b>\"; =1+1 \N{SNOWMAN} '/..\\"
LONG = "Ångströmsgatans-självbyggda-lagringsnod-i-källaren-" * 4
HEARD_US = microseconds(HEARD)
LOGS = (
    Following("/logs/alpha.log", "", "following", None, 0, HEARD_US),
    Following("/logs/<i>.log", "", "waiting", "there is no such file yet", None, HEARD_US),
)
API = PolledApi("http://127.0.0.1:14002", "1.137.5", HEARD, HEARD)
BROKEN_API = PolledApi("http://<i>:1", None, None, HEARD, "nothing listens at <i>:1")
NODES = (
    Node("alpha", HEARD, HEARD, LOGS, API),
    Node("beta", None, None, (), BROKEN_API),
    Node(HOSTILE, HEARD, HEARD),
    Node(LONG[:200], HEARD, HEARD),
)


def rows(_: Reader, query: Query) -> Iterator[tuple[object, ...]]:
    """Give twelve rows, two of which begin like a formula."""
    for number in range(12):
        text = "=1+1" if number % 6 == 0 else f"row {number}"
        yield query.span.start, text, number, "192.0.2.1"


COLUMNS = (
    Column(key="timestamp", label="Time", kind=Kind.TIMESTAMP),
    Column(key="text", label="Text"),
    Column(key="number", label="Number", kind=Kind.INTEGER, unit="B", description="counts up"),
    Column(key="remote_ip", label="Address", personal=True),
)
FILTERS = (
    Filter(name="status", summary="How it ended", choices=("success", "failed")),
    Filter(name="bucket", summary="How fine", choices=("hour", "day"), default="hour"),
    Filter(name="satellite", summary="A name or an id"),
)
NUMBERS = Source(
    name="numbers",
    title="Numbers",
    summary="Numbers that count up",
    columns=COLUMNS,
    rows=rows,
    filters=FILTERS,
)
ETERNAL = Source(
    name="eternal",
    title="Eternal",
    summary="Without a limit of days",
    columns=COLUMNS[:1],
    rows=lambda _, query: [(query.span.start,)],
    max_days=None,
)

MONTHLY = replace(ETERNAL, name="monthly", title="Monthly", max_days=3660, period="month")


def render_lines(document: Document) -> Iterator[bytes]:
    """Write the fifteen-line format of the plugin guide, a chunk a row."""
    for table in document.tables():
        yield ("|".join(column.key for column in table.columns) + "\n").encode()
        for row in table.rows():
            yield ("|".join(map(machine_text, row)) + "\n").encode()


def rows_of(document: Document) -> Iterator[tuple[object, ...]]:
    """Return the rows of an export."""
    assert document.sole_table
    return document.sole_table.rows()


def endless(document: Document) -> Iterator[bytes]:
    """Write a row, and then zeros for ever."""
    for row in rows_of(document):
        yield str(row).encode()
        break
    while True:
        yield bytes(65_536)


CSV = Format(
    name="csv",
    title="CSV",
    media_type="text/csv",
    render=render_lines,
    spreadsheet=True,
    options=(Filter(name="guard", summary="Safe texts", choices=("on", "off"), default="on"),),
    presets={"bare": {"guard": "off"}},
)
PSV = Format(name="psv", title="Pipe-separated", media_type="text/plain", render=render_lines)


async def _sent(_: Parcel, __: Mapping[str, str]) -> None:
    return None


MATRIX = Channel(
    name="matrix",
    title="Matrix room",
    settings=(
        Setting(name="room", summary="Where to", default="#storj"),
        Setting(name="password", summary="Of the sender", secret=True, default="hush"),
    ),
    send=_sent,
)


@dataclass
class FakeHost:
    """A host whose catalogue is as given, and that remembers how exports ended."""

    catalogue: Catalogue
    outcomes: Queue[ExportOutcome] = field(default_factory=Queue)

    @property
    def listeners(self) -> list[Listener]:
        """Return what remembers how exports ended."""
        return [Listener("made_up", self.outcomes.put)]


class FakeReader:
    """A reader that finds nothing."""

    def fetch(self, _: object) -> pa.Table:
        """Return a table of no rows."""
        return pa.table({"subject": pa.array([], pa.string())})


class FakeWriter:
    """A writer that remembers what it is told of exports."""

    def __init__(self) -> None:
        self.begun: dict[str, ExportEntry] = {}
        self.ended: dict[str, dict[str, Any]] = {}

    def note_export_begun(self, entry: ExportEntry) -> None:
        """Remember who asked for what."""
        self.begun[entry.id] = entry

    def note_export_ended(self, id_: str, **how: object) -> None:
        """Remember how it ended."""
        self.ended[id_] = how

    def note_outcome(self, *_: object) -> None:
        """Remember nothing of failures in a row."""


@dataclass
class FakeStore:
    """A store of nothing but nodes, which may fail."""

    known: Sequence[Node] = NODES
    error: Exception | None = None
    written: FakeWriter = field(default_factory=FakeWriter)
    path: Path = field(default_factory=lambda: Path(mkdtemp(prefix="room-")) / "storj-monitor.db")

    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes, or raise what is to be raised."""
        if self.error:
            raise self.error
        return tuple(self.known)

    def exports(self, limit: int = 100, *, only_new: bool = False) -> tuple[ExportEntry, ...]:
        """Return what was asked for, newest first, as it was told."""
        told = self.written.ended
        # Of those that ended, also how.
        known = [entry._replace(**told.get(id_, {})) for id_, entry in self.written.begun.items()]
        wanted = [entry for entry in known if not (only_new and entry.again_of)]
        return tuple(reversed(wanted))[:limit]

    def delivered(self, _: object) -> dict[str, Any]:
        """Return that nothing was sent to anybody."""
        return {}

    @contextmanager
    def writer(self) -> Iterator[FakeWriter]:
        """Give the one that remembers."""
        yield self.written

    @contextmanager
    def reader(self) -> Iterator[FakeReader]:
        """Give nothing: the sources here make up their rows."""
        yield FakeReader()


class Gate:
    """Where a format waits until a test lets it through."""

    def __init__(self) -> None:
        self.reached = Event()
        self._open = Event()

    def wait(self) -> None:
        """Wait for `open`."""
        self.reached.set()
        assert self._open.wait(PATIENCE_SECONDS)

    def open(self) -> None:
        """Let through whoever waits or comes."""
        self._open.set()


def format_of(name: str, render: object) -> Format:
    """Return a format of that name."""
    return Format(name=name, title=name, media_type="text/plain", render=cast("Render", render))


def catalogue_of(
    sources: Iterable[Source] = (NUMBERS, ETERNAL),
    formats: Iterable[Format] = (CSV, PSV),
    failures: tuple[Failure, ...] = (),
    reports: Iterable[Report] = (),
) -> Catalogue:
    """Return a catalogue of these, all from one plugin, and a plugin for each failure."""
    by_name = {item.name: item for item in sources}
    formats_by_name = {item.name: item for item in formats}
    reports_by_name = {item.name: item for item in reports}
    offers = {
        "sources": tuple(by_name),
        "formats": tuple(formats_by_name),
        "reports": tuple(reports_by_name),
        "channels": (MATRIX.name,),
    }
    refused = tuple(
        PluginRecord(
            name=failure.plugin,
            distribution=failure.distribution,
            version=failure.version,
            state="refused",
            offers={},
            failure=failure,
        )
        for failure in failures
    )
    return Catalogue(
        sources=MappingProxyType(by_name),
        formats=MappingProxyType(formats_by_name),
        reports=MappingProxyType(reports_by_name),
        channels=MappingProxyType({MATRIX.name: MATRIX}),
        plugins=(
            PluginRecord(
                name="made_up",
                distribution="storj-made-up",
                version="1.2",
                state="loaded",
                offers=offers,
                failure=None,
            ),
            *refused,
        ),
        failures=failures,
        fingerprint="",
    )


@dataclass
class Room:
    """An application and what it was made of."""

    app: web.Application
    host: FakeHost
    store: FakeStore

    def outcome(self) -> ExportOutcome:
        """Return how the next export ended; waits for it, so call it in a thread."""
        return self.host.outcomes.get(timeout=PATIENCE_SECONDS)


def room(
    *formats: Format,
    exports: ExportSettings | None = None,
    web: WebSettings | None = None,
    catalogue: Catalogue | None = None,
    nodes: Sequence[Node] = NODES,
) -> Room:
    """Return an application with these formats beside csv and psv."""
    settings = Settings(
        # Made-up plugins are in this process alone.
        exports=msgspec.structs.replace(exports or ExportSettings(workers=2), processes=False),
        web=web or WebSettings(),
    )
    host = FakeHost(catalogue or catalogue_of(formats=(CSV, PSV, *formats)))
    store = FakeStore(nodes)
    app = create_app(settings, cast("PluginHost", host), cast("Store", store))
    return Room(app, host, store)


def problem(text: str) -> dict[str, object]:
    """Return a problem document, after a look at its form."""
    document = json.loads(text)
    assert list(document) == ["type", "title", "status", "detail", "code", "hint", "request_id"]
    return cast("dict[str, object]", document)


if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.test_utils import TestClient

    Render = Callable[[Document], Iterable[bytes]]
    Client = TestClient[web.Request, web.Application]

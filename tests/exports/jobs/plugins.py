"""A file of plugins that misbehave while they render, and a server's runner that has them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storj_monitor.exports.jobs.messages import Start, search_path
from storj_monitor.exports.jobs.runner import Runner
from storj_monitor.exports.jobs.spool import Spool
from storj_monitor.exports.jobs.workers import Workers
from storj_monitor.exports.request import Limits, parse_export
from storj_monitor.registry import PluginHost
from storj_monitor.settings import (
    BrandSettings,
    ExportSettings,
    MoneySettings,
    PluginSettings,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from storj_monitor.exports.jobs.job import Job
    from storj_monitor.exports.jobs.messages import Ending
    from storj_monitor.exports.jobs.runner import Witness
    from storj_monitor.exports.request import ExportRequest
    from storj_monitor.store import Store

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
PLUGINS = '''
import ctypes, os, signal, subprocess, sys, time
from storj_monitor.plugin import Column, Format, Kind, Source, hookimpl

def rows(reader, query):
    for number in range(5_000):
        yield (number,)

def stuck(reader, query):
    yield (0,)
    loop()

def crash(reader, query):
    yield (0,)
    ctypes.string_at(0)

SOURCES = {"numbers": rows, "stuck": stuck, "crash": crash}

def lines(document):
    for row in document.sole_table.rows():
        yield f"{row[0]}\\n".encode()

def after_three(then):
    def render(document):
        for number, line in enumerate(lines(document)):
            if number == 3:
                then()
            yield line
    return render

def fail():
    raise ValueError("the fourth row is bad")

def loop():
    while True:
        pass

def hog():
    held = []
    while True:
        held.append(bytearray(50_000_000))

def talk():
    print("printed")
    os.write(1, b"written to 1\\n")
    subprocess.run(["echo", "echoed"], check=True)
    assert sys.stdin.read() == ""

def tell(document):
    list(document.sole_table.rows())
    yield repr((os.getpid(), os.environ.get("STORJ_MONITOR_TOKEN"), sys.path[-1])).encode()

def endless(document):
    yield from lines(document)
    while True:
        time.sleep(0.01)
        yield bytes(1000)

def large(document):
    yield from lines(document)
    for _ in range(300):
        yield bytes(100_000)

def floods(document):
    yield from lines(document)
    while True:
        time.sleep(0.001)
        yield bytes(10_000)

def deaf(document):
    """Look neither at a cancel nor at a signal."""
    yield from lines(document)
    yield bytes(300_000)
    while True:
        pass

FORMATS = {
    "lines": lines,
    "failing": after_three(fail),
    "exiting": after_three(lambda: os._exit(3)),
    "leaving": after_three(lambda: sys.exit(3)),
    "crashing": after_three(lambda: ctypes.string_at(0)),
    "killed": after_three(lambda: os.kill(os.getpid(), signal.SIGKILL)),
    "looping": after_three(loop),
    "hogging": after_three(hog),
    "talking": after_three(talk),
    "telling": tell,
    "endless": endless,
    "deaf": deaf,
    "large": large,
    "floods": floods,
    "of_text": lambda document: iter(["text"]),
    "of_nothing": lambda document: iter([]),
}

@hookimpl
def storj_formats():
    return [
        Format(name=name, title=name, media_type="text/plain", render=render)
        for name, render in FORMATS.items()
    ]

@hookimpl
def storj_sources():
    columns = (Column(key="number", label="Number", kind=Kind.INTEGER),)
    return [
        Source(name=name, title=name, summary="Numbers", columns=columns, rows=rows)
        for name, rows in SOURCES.items()
    ]
'''
WHOLE = "".join(f"{number}\n" for number in range(5_000)).encode()


class Notes:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.begun_: list[Job] = []
        self.ended_: list[Ending] = []

    def begun(self, job: Job) -> None:
        """Remember the job."""
        self.begun_.append(job)

    def ended(self, _: Job, ending: Ending) -> None:
        """Remember its end."""
        self.ended_.append(ending)


class Server:
    """What a server has of exports: a runner with worker processes."""

    def __init__(self, runner: Runner, workers: Workers, host: PluginHost, notes: Notes) -> None:
        self.runner = runner
        self.workers = workers
        self.host = host
        self.notes = notes

    def asked(self, format_: str, subject: str = "numbers") -> ExportRequest:
        """Return a request for a format."""
        limits = Limits(now=NOW, nodes=[])
        return parse_export(subject, {"format": [format_]}, self.host.catalogue, limits)

    async def file(self, format_: str) -> bytes:
        """Return the bytes of an export in that format; raise its Problem."""
        async with self.runner.run(self.asked(format_), NOW) as job:
            await job.begun()
            return b"".join([chunk async for chunk in job.follow()])


def plugins_folder(folder: Path, more: str = "") -> Path:
    """Make a folder of one file of plugins, or of two, and return it."""
    plugins = folder / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "misbehaving.py").write_text(PLUGINS, encoding="utf-8")
    if more:
        (plugins / "more.py").write_text(more, encoding="utf-8")
    return plugins


@asynccontextmanager
async def serving(
    store: Store,
    *,
    settings: ExportSettings | None = None,
    witnesses: Sequence[Witness] = (),
    more: str = "",
    changed: str | None = None,
) -> AsyncIterator[Server]:
    """Give a server over a database, its spool beside that; end it when the block is left.

    It has `more` plugins; `changed` is what they have become when workers look for them.
    """
    settings = settings or ExportSettings(workers=1)
    plugins = PluginSettings(directory=plugins_folder(store.path.parent, more))
    host = PluginHost(plugins)
    if changed is not None:
        plugins_folder(store.path.parent, changed)
    start = Start(
        path=search_path(),
        database=str(store.path),
        plugins=plugins,
        money=MoneySettings(),
        brand=BrandSettings(),
        memory_bytes=settings.worker_memory_bytes,
    )
    notes = Notes()
    workers = Workers(start, host.catalogue, settings)
    spool = Spool(store.path.parent / "spool", settings)
    runner = Runner(workers, spool, settings, (notes, *witnesses))
    try:
        yield Server(runner, workers, host, notes)
    finally:
        await runner.close()

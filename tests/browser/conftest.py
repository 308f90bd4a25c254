"""A server of a small database with plugins: one that works, some that don't, and a slow one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from storj_monitor.store import HeardHour, News, Store
from tests.browser.served import CHROMIUM, ROOT, chromium, served, visit
from tests.records import US1, at, transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.served import Visit

    Visiting = Callable[..., AbstractContextManager[Visit]]

#: Today is the fourth of March.
NOW = "1772625600"
PSV = ROOT / "tests" / "example_plugins" / "storj-psv" / "storj_psv.py"
AWKWARD = """
import time

from storj_monitor.plugin import Format, hookimpl


def slow(document):
    for table in document.tables():
        for number, row in enumerate(table.rows()):
            time.sleep(0.05 if number < 20 else 0.5)  # nobody waits for all of many
            yield f"{row}\\n".encode()


def broken(document):
    raise RuntimeError("the <b>printer</b> is on fire")


@hookimpl
def storj_formats():
    make = dict(media_type="text/plain")
    return [
        Format(name="slow", title="Slowly", render=slow, **make),
        Format(name="faulty", title="Faulty", render=broken, **make),
    ]
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database of two nodes: 3 transfers a day and node in March, 200 of them today."""
    path = tmp_path_factory.mktemp("served") / "storj-monitor.db"
    with Store.open(path, create=True).writer() as writer:
        for node in ("attic", "nas <i>two</i>"):
            writer.write([news_of(node)])
    return path


def news_of(node: str) -> News:
    """Return what one node's log told."""
    times = [f"2026-03-0{day}T10:1{n}:12" for day in (1, 2, 3) for n in range(3)]
    times += [f"2026-03-04T0{n // 60}:{n % 60:02}:00" for n in range(200)]
    first = at("2026-03-04T00:00:00")
    heard = HeardHour(first, first, at("2026-03-04T00:59:00"))
    rows = [{"at": at(time), "satellite": US1} for time in times]
    return News(node=node, transfers=transfers(rows), hours=[heard])


@pytest.fixture(scope="session")
def origin(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve it."""
    plugins = tmp_path_factory.mktemp("plugins")
    shutil.copyfile(PSV, plugins / "psv.py")
    (plugins / "awkward.py").write_text(AWKWARD, encoding="utf-8")
    (plugins / "unusable.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    with served(database, "--plugins-dir", str(plugins), SOURCE_DATE_EPOCH=NOW) as origin:
        yield origin


@pytest.fixture
def visiting(browser: Browser, origin: str) -> Visiting:
    """Return what opens the page, as `visit` does."""
    return lambda **looks: visit(browser, origin, **looks)


@pytest.fixture(scope="session")
def guarded(database: Path) -> Iterator[str]:
    """Serve it to those who have the token."""
    token = "secret-of-the-test"
    with served(database, SOURCE_DATE_EPOCH=NOW, STORJ_MONITOR_TOKEN=token) as origin:
        yield origin


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an empty database."""
    with served(tmp_path_factory.mktemp("empty") / "storj-monitor.db") as origin:
        yield origin

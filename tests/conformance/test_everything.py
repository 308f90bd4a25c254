"""Every source and report in every format: over a demo, an empty and a hostile database."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import pytest

from storj_monitor.collect.demo import make_demo
from storj_monitor.exports.brand import Brand
from storj_monitor.exports.pipeline import Export
from storj_monitor.exports.request import Limits, parse_export, parse_report
from storj_monitor.plugin.query import microseconds
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings
from storj_monitor.store import (
    AlertChanges,
    Compaction,
    Estimate,
    Finding,
    HeardHour,
    Joined,
    News,
    Paystub,
    Poll,
    Prices,
    Scores,
    Store,
    UsedSpace,
)
from tests.conformance.openers import OPENERS
from tests.records import EU1, US1, transfers

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = PluginHost(PluginSettings())
NOW = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
SOURCES, REPORTS, FORMATS = (
    sorted(offered)
    for offered in (HOST.catalogue.sources, HOST.catalogue.reports, HOST.catalogue.formats)
)
NAMES = (
    *("<b>x", "=1+1", "<img src=http://127.0.0.1:9/x>", "emoji \N{GRINNING FACE}", "x" * 200),
    *("\N{ARABIC LETTER SEEN}\N{ARABIC LETTER LAM}", "&amp;</svg>]]>", "@SUM(A1)"),
)
HOUR_US = 3_600_000_000


def hostile(store: Store) -> None:
    """Tell of nodes with names that mean something elsewhere, and with texts of all kinds."""
    at = microseconds(NOW) - 30 * HOUR_US
    hour_at = at - at % HOUR_US
    with store.writer() as writer:
        for number, name in enumerate(NAMES):
            rows = [
                {"at": at, "error": f"{name}\x00\x1b", "status": "failed", "fingerprint": number},
                {"at": at + 1, "satellite": EU1, "size": 2**53 + 1, "fingerprint": number},
            ]
            news = News(
                node=name,
                transfers=transfers(rows),
                hours=[HeardHour(hour_at, hour_at, hour_at + 5)],
                scores=[Scores(at, US1, 0.5, 1.0, None, 3, 2, disqualified_at=at)],
                used_space=[UsedSpace(at, 10, 0, 10, None, None, None)],
                compactions=[Compaction(at, US1, "s0", 1, None, None, None, None, name)],
                poll=Poll(at, "http://[::1]:1", is_answered=False, reason=name),
                paystubs=[Paystub("2026-02", US1, "api", at, paid=1, codes=name, receipt=name)],
                estimates=[Estimate("2026-03", US1, "api", at, payout=-1, gross=1)],
                joined=[Joined(US1, at)],
                prices=[Prices(US1, at, 1, 1, 1, 1)],
            )
            writer.write([news])
            found = Finding(number + 1, 0, "disk_space", "warning", name, name, None, 1e308)
            writer.update_alerts(AlertChanges(raised=[found]), at)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Store]:
    folder = tmp_path_factory.mktemp("databases")
    made = {
        name: Store.open(folder / f"{name}.db", create=True)
        for name in ("demo", "empty", "hostile")
    }
    make_demo(made["demo"], 1, NOW, lambda _done, _total: None)
    hostile(made["hostile"])
    return made


@pytest.fixture(autouse=True)
def _no_socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> NoReturn:
        message = "a file was to be made, and a socket was opened"
        raise AssertionError(message)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(socket, "socket", refuse)
        meanwhile.setattr(socket, "create_connection", refuse)
        meanwhile.setattr(socket, "getaddrinfo", refuse)
        yield


def limits(store: Store) -> Limits:
    return Limits(now=NOW, nodes=[node.name for node in store.nodes()])


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", ["demo", "empty", "hostile"])
def test_every_source_gives_a_file_that_opens(
    stores: dict[str, Store], name: str, format_: str
) -> None:
    for source in SOURCES:
        words = {"format": [format_], "days": ["2"], "personal": ["1"]}
        request = parse_export(source, words, HOST.catalogue, limits(stores[name]))
        OPENERS[format_](_file(Export(request, stores[name], HOST, NOW, Brand())))


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", ["demo", "empty", "hostile"])
@pytest.mark.parametrize("report", REPORTS)
def test_every_report_gives_a_file_that_opens(
    stores: dict[str, Store], report: str, name: str, format_: str
) -> None:
    words = {"format": [format_]}
    request = parse_report(report, words, HOST.catalogue, limits(stores[name]))
    made = [_file(Export(request, stores[name], HOST, NOW, Brand())) for _ in range(2)]
    OPENERS[format_](made[0])
    assert made[0] == made[1]


def _file(export: Export) -> bytes:
    export.begin()
    return b"".join(export.chunks())

"""The Python facade gives the bytes that the command line and HTTP give."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor import report_generator
from storj_monitor.cli import main
from storj_monitor.plugin import Document, Note, OptionError, Report
from storj_monitor.registry import PluginHost
from storj_monitor.report_generator import (
    ReportError,
    ReportParams,
    generate_csv,
    generate_pdf,
    generate_report,
)
from storj_monitor.settings import PluginSettings, Settings
from storj_monitor.web.app import create_app
from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_aiohttp.plugin import AiohttpClient

    from storj_monitor.plugin import Catalogue, Query
    from storj_monitor.store import Store

PLUGIN = """
from storj_monitor.plugin import Document, Figure, Figures, Kind, Note, Report, hookimpl

def build(catalogue, query):
    events = catalogue.fetch("events", query)
    count = sum(1 for _ in events.rows())
    figures = Figures("Zusammen", (Figure("count", "Übertragungen", count, Kind.INTEGER),))
    return Document("Alle", (figures, events, Note(str(query.span))))

@hookimpl
def storj_reports():
    return [Report(name="whole", title="Whole", summary="All of it", build=build)]
"""


@pytest.fixture
def plugins(tmp_path: Path) -> PluginSettings:
    """Return the settings of a folder with one report."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "whole.py").write_text(PLUGIN, encoding="utf-8")
    return PluginSettings(directory=folder)


@pytest.fixture
def attic(
    store: Store, tmp_path: Path, plugins: PluginSettings, monkeypatch: pytest.MonkeyPatch
) -> Store:
    """Fill a database, fix the clock, and let the facade find the report."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772700000")
    monkeypatch.setattr("storj_monitor.settings.load", lambda *_: Settings(plugins=plugins))
    log = tmp_path / "node.log"
    log.write_text("".join(transfer(second) for second in range(99)), encoding="utf-8")
    assert main(["ingest", f"attic:{log}", "--database", str(store.path)]) == 0
    return store


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson", "parquet", "xlsx", "pdf"])
async def test_a_report_is_the_same_from_python_http_and_the_command_line(
    aiohttp_client: AiohttpClient,
    plugins: PluginSettings,
    attic: Store,
    tmp_path: Path,
    format_: str,
) -> None:
    assert plugins.directory
    file = tmp_path / "file"
    span = ("--start", "2026-03-01", "--end", "2026-03-04")
    where = ("--database", str(attic.path), "--plugins-dir", str(plugins.directory))
    assert main(["report", "whole", "-f", format_, *span, "-o", str(file), *where]) == 0

    client = await aiohttp_client(create_app(Settings(plugins=plugins), PluginHost(plugins), attic))
    wanted = {"report_type": "whole", "format": format_, "start": span[1], "end": span[3]}
    response = await client.post("/api/reports/generate", json=wanted)
    params = ReportParams("whole", date(2026, 3, 1), date(2026, 3, 4), format=format_)
    media_type, content = generate_report(params, attic.path)

    assert response.headers["Content-Type"] == media_type
    assert content == await response.read() == file.read_bytes()


def test_csv_comes_in_pieces_of_text_whatever_the_format_says(attic: Store) -> None:
    params = ReportParams("whole", "2026-03-04", node_names=["attic"])
    pieces = list(generate_csv(params, str(attic.path)))
    text = "".join(pieces)
    assert text.startswith("Zusammen\r\n")
    assert "count,Übertragungen,99,integer,\r\n" in text
    assert (
        text.encode()
        == generate_report(
            ReportParams("whole", "2026-03-04", node_names=["attic"], format="csv"), attic.path
        )[1]
    )


def test_a_pdf_is_a_pdf_whatever_the_format_says(
    attic: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ReportParams] = []

    def generated(params: ReportParams, _: object) -> tuple[str, bytes]:
        asked.append(params)
        return "application/pdf", b"%PDF"

    monkeypatch.setattr(report_generator, "generate_report", generated)
    assert generate_pdf(ReportParams("whole", format="csv"), attic.path) == b"%PDF"
    assert asked == [ReportParams("whole", format="pdf")]


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        (date(2026, 3, 1), date(2026, 3, 2), "2026-03-01T00:00:00 2026-03-03T00:00:00"),
        ("2026-03-01", "2026-03-02T10:00", "2026-03-01T00:00:00 2026-03-02T10:00:00"),
        (
            datetime(2026, 3, 1, 10, 0, 0, 5, tzinfo=UTC),
            datetime(2026, 3, 1, 11, tzinfo=UTC),
            "2026-03-01T10:00:00 2026-03-01T11:00:00",
        ),
        (None, None, "2026-02-27T00:00:00 2026-03-06T00:00:00"),
    ],
)
def test_a_span_is_dates_times_or_text(
    attic: Store, monkeypatch: pytest.MonkeyPatch, start: Any, end: Any, span: str
) -> None:
    seen: list[str] = []

    def build(_: Catalogue, query: Query) -> Document:
        seen.append(f"{query.span.start:%Y-%m-%dT%H:%M:%S} {query.span.end:%Y-%m-%dT%H:%M:%S}")
        return Document("Seen", (Note("n"),))

    install(monkeypatch, build)
    generate_report(ReportParams("seen", start, end, format="csv"), attic.path)
    assert seen == [span]


def install(monkeypatch: pytest.MonkeyPatch, build: Any) -> None:
    """Let the facade find one more report."""
    seen = Report(name="seen", title="Seen", summary="What was asked", build=build)

    class Host(PluginHost):
        def __init__(self, settings: PluginSettings) -> None:
            super().__init__(settings)
            reports = {**self.catalogue.reports, "seen": seen}
            object.__setattr__(self.catalogue, "reports", reports)

    monkeypatch.setattr("storj_monitor.registry.PluginHost", Host)


@pytest.mark.parametrize(
    ("params", "code", "said"),
    [
        (ReportParams("hole"), "unknown_report", "unknown report 'hole'. Did you mean 'whole'?"),
        (ReportParams("whole", format="doc"), "unknown_format", "unknown format 'doc'. "),
        (ReportParams("whole", node_names=()), "bad_request", "no node is asked for. Leave"),
        (ReportParams("whole", node_names=("a",)), "unknown_node", "unknown node 'a'. Known: "),
        (ReportParams("whole", end="2026-03-01"), "bad_span", "there is an end but no start. "),
        (
            ReportParams("whole", datetime(2026, 3, 1)),  # noqa: DTZ001  it is refused
            "bad_span",
            "start is a time without a zone: 2026-03-01 00:00:00. Give it one: ",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would_work(
    attic: Store, params: ReportParams, code: str, said: str
) -> None:
    with pytest.raises(ReportError) as refused:
        generate_report(params, attic.path)
    assert refused.value.code == code
    assert str(refused.value).startswith(said)
    assert refused.value.hint
    if params.format == "pdf":
        with pytest.raises(ReportError):
            generate_csv(params, attic.path)


def test_a_report_that_fails_is_refused_too(attic: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> Document:
        message = "no such thing"
        raise OptionError(message)

    install(monkeypatch, build)
    with pytest.raises(ReportError, match="no such thing") as refused:
        generate_csv(ReportParams("seen"), attic.path)
    assert refused.value.code == "bad_filter"


def test_where_there_is_no_database_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no database at") as refused:
        generate_report(ReportParams("daily_summary"), tmp_path / "none.db")
    assert refused.value.code == "export_failed"
    assert refused.value.hint.startswith("Make one: ")

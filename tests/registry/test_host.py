"""The host: what it logs, whom it tells of exports, and what it costs to import."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from storj_monitor.plugin import ExportOutcome, Span
from tests.registry.conftest import formats

if TYPE_CHECKING:
    import pytest

    from tests.registry.conftest import Shelf

OUTCOME = ExportOutcome(
    subject="events",
    format="csv",
    nodes=("alpha",),
    span=Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
    rows=3,
    bytes=120,
    seconds=0.5,
    status="done",
)
LISTENER = """
@hookimpl
def storj_export_finished(outcome):
    {body}
"""


def test_each_refusal_is_one_log_event(shelf: Shelf) -> None:
    shelf.put("bad", psv="raise ValueError('no')")
    shelf.put("worse", csv=formats("csv"))
    with capture_logs() as logs:
        shelf.host()
    assert logs == [
        {
            "event": "plugin.refused",
            "log_level": "warning",
            "plugin": "psv",
            "distribution": "bad",
            "stage": "admit",
            "reason": "importing 'bad_psv' failed: ValueError: no.",
            "hint": "Update or uninstall bad.",
        },
        {
            "event": "plugin.refused",
            "log_level": "warning",
            "plugin": "csv",
            "distribution": "worse",
            "stage": "freeze",
            "reason": "its format 'csv' was refused: the name is taken by storj-monitor 1.0.",
            "hint": 'Rename it, or set [plugins.prefer.format] csv = "worse".',
        },
    ]


def test_every_listener_hears_of_an_export_and_one_that_fails_is_logged(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("a-loud", ear=LISTENER.format(body="print('a', outcome.rows)"))
    shelf.put("b-bad", ear=LISTENER.format(body="raise SystemExit('deaf')"))
    shelf.put("c-loud", ear=LISTENER.format(body="print('c', outcome.status)"))
    host = shelf.host()
    assert [record.state for record in host.catalogue.plugins] == ["loaded"] * 4
    with capture_logs() as logs:
        host.finished(OUTCOME)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "a 3\nc done\n")
    assert logs == [
        {
            "event": "plugin.failed",
            "log_level": "warning",
            "plugin": "ear",
            "distribution": "b-bad",
            "stage": "finished",
            "reason": "storj_export_finished failed: SystemExit: deaf.",
            "hint": "Update or uninstall b-bad.",
        }
    ]


def test_a_listener_whose_formats_fail_still_hears(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = "@hookimpl\ndef storj_formats():\n    return 1\n"
    shelf.put("half", half=broken + LISTENER.format(body="print('heard')"))
    host = shelf.host()
    assert host.catalogue.plugins[1].state == "loaded"
    assert host.catalogue.plugins[1].failure is not None
    host.finished(OUTCOME)
    assert capsys.readouterr().err.endswith("heard\n")


def test_the_real_built_ins_are_found() -> None:
    code = (
        "from storj_monitor.registry import PluginHost\n"
        "from storj_monitor.settings import PluginSettings\n"
        "plugins = PluginHost(PluginSettings(filter='none')).catalogue.plugins\n"
        "print({plugin.distribution for plugin in plugins})\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.splitlines()[-1] == "{'storj-monitor'}"


def test_importing_the_registry_loads_no_heavy_library() -> None:
    code = (
        "import storj_monitor.registry, sys\n"
        "print(sorted({'pyarrow', 'sqlalchemy', 'structlog'} & set(sys.modules)))\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == "[]\n"

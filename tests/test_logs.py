from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest
import structlog

from storj_monitor import logs

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_beside_a_terminal_an_event_is_one_line_of_json_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    error = LookupError("no luck")
    structlog.get_logger().error("export.error", subject="a\nb é", exc_info=error)
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    event = json.loads(line)
    assert (event["event"], event["level"], event["subject"]) == ("export.error", "error", "a\nb é")
    assert event["timestamp"].endswith("Z")
    assert event["exception"].endswith("LookupError: no luck")


def test_on_a_terminal_an_event_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    logs.configure()
    structlog.get_logger().info("export.started", subject="a\r\nb\x1b[31m")
    [line] = terminal.getvalue().splitlines()
    assert "export.started" in line
    assert not line.startswith("{")
    assert "\x1b[31m" not in line.replace(r"\x1b[31m", "")

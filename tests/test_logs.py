from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from storj_monitor import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COLOUR = re.compile(r"\x1b\[\d+m")
FORGED = "attic\r\n2026-03-04T10:11:12Z [info     ] alert.resolved"
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)


class Terminal(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def said_on_a_terminal(event: str, **about: object) -> str:
    """Return what a terminal is sent of one event."""
    terminal = Terminal()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stderr", terminal)
        logs.configure()
        structlog.get_logger().error(event, **about)
    return terminal.getvalue()


def said_elsewhere(event: str, **about: object) -> str:
    """Return what a file is sent of one event."""
    file = io.StringIO()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stderr", file)
        logs.configure()
        structlog.get_logger().error(event, **about)
    return file.getvalue()


def failing(token: str, text: str) -> RuntimeError:
    """Return an error whose traceback has a secret among its variables."""
    kept = [token]
    try:
        raise RuntimeError(text, *kept[1:])  # noqa: TRY301  its traceback is looked at
    except RuntimeError as error:
        return error


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    if before is None:
        structlog.reset_defaults()
    else:
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


@given(TEXTS)
@example(FORGED)
@example("\x1b]0;title\x07\x1b[2J\x85\u2028\u202e\udcff\x7f")
def test_no_text_looks_like_another_event_or_moves_the_cursor(text: str) -> None:
    shown = COLOUR.sub("", said_on_a_terminal("follow.started", node=text, all=[text]))
    assert shown.count("\n") == 1
    assert shown.endswith("\n")
    assert shown[:-1].isprintable()
    written = said_elsewhere("follow.started", node=text, all=[text])
    assert written.count("\n") == 1
    assert "\x1b" not in written
    if "://" not in text:
        assert json.loads(written)["node"] == text


@given(TEXTS)
@example(FORGED)
@example("\n\x1b[2J")
def test_what_an_error_quotes_is_no_line_of_the_log(text: str) -> None:
    first, *others = said_on_a_terminal("x", exc_info=failing("secret", text)).splitlines()
    assert "x" in first
    assert "    Traceback (most recent call last):" in others
    assert all(line.startswith("    ") for line in others)
    assert all(line.isprintable() for line in others)
    [line] = said_elsewhere("x", exc_info=failing("secret", text)).splitlines()
    assert "RuntimeError" in json.loads(line)["exception"]


@pytest.mark.parametrize("said", [said_on_a_terminal, said_elsewhere])
def test_the_values_of_variables_are_not_told(said: Callable[..., str]) -> None:
    shown = said("export.error", exc_info=failing("a-secret-token", "no luck"))
    assert "RuntimeError: no luck" in shown
    assert "in failing" in shown
    assert "a-secret-token" not in shown


@pytest.mark.parametrize("said", [said_on_a_terminal, said_elsewhere])
@pytest.mark.parametrize("password", ["hush", "hu:sh", "hu@sh", 'hu"sh', "hu'sh", "hu%20sh"])
def test_no_url_shows_its_password(password: str, said: Callable[..., str]) -> None:
    url = f"http://operator:{password}@nas:14002/api"
    error = failing("", f"can't reach {url}")
    shown = said("api.failing", url=url, urls=[url], about=f"asked {url}.", exc_info=error)
    assert shown.count("http://***@nas:14002/api") == 4
    assert "operator" not in shown
    assert "sh@" not in shown


def test_an_address_with_an_at_sign_in_its_path_stays_as_it_is() -> None:
    assert "https://nas/a@b" in said_elsewhere("x", url="https://nas/a@b", mail="a@b.example")

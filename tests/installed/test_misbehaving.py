"""What a plugin may do wrong costs what it was asked for, and nothing else: really installed."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.installed.environment import TRANSFERS

if TYPE_CHECKING:
    from tests.installed.conftest import Client
    from tests.installed.environment import Environment

#: Plugin -> where it was refused, and words of the reason and the hint.
REFUSED = {
    "broken": ("admit", "a_library_that_nobody_has", "install that beside storj-monitor"),
    "absent": ("admit", "storj_refused.not_there", "names a module that isn't there"),
    "exits": ("admit", "SystemExit: a plugin that exits", "Update or uninstall storj-refused"),
    "misspelt": ("admit", "unknown hook 'storj_format'", "Did you mean 'storj_formats'?"),
    "newer": ("admit", "it needs plugin API 2", "Update storj-monitor, or use a newer made for"),
    "takes_csv": ("freeze", "the name is taken by storj-monitor", 'csv = "storj-refused"'),
}
#: Format that fails before a byte was sent -> words of the answer.
FAILING = {
    "fails_first": "RuntimeError: a fault before the first chunk",
    "exits": "SystemExit: a format that exits",
    "texts": "render must yield bytes, not str",
    "vanishes": "ended with exit code 0",
    "crashes": "SIGSEGV",
    "loops": "gave nothing for 20 seconds",
    "hogs": "needs more memory than it may have",
}


def check_all_goes_on(client: Client) -> None:
    """Fail unless the server answers and makes the next export."""
    assert client.get("/healthz").status == 200
    answer = client.export("csv")
    assert answer.status == 200
    assert len(answer.body.splitlines()) == 1 + TRANSFERS


@pytest.mark.parametrize("name", REFUSED)
def test_a_plugin_that_can_t_be_used_is_refused_with_a_reason(
    name: str, environment: Environment
) -> None:
    plugins = json.loads(environment.run("plugins", "--json"))["plugins"]

    (record,) = (plugin for plugin in plugins if plugin["name"] == name)
    stage, reason, hint = REFUSED[name]
    assert record["state"] == "refused"
    assert record["failure"]["stage"] == stage
    assert reason in record["failure"]["reason"]
    assert hint in record["failure"]["hint"]


def test_nothing_else_was_refused(environment: Environment) -> None:
    plugins = json.loads(environment.run("plugins", "--json"))["plugins"]

    assert {plugin["name"] for plugin in plugins if plugin["state"] != "loaded"} == set(REFUSED)


def test_refused_plugins_can_be_made_to_fail_the_command(environment: Environment) -> None:
    environment.run("plugins", "--strict-plugins", code=1)


def test_refused_plugins_are_named_by_the_server_which_serves_the_rest(client: Client) -> None:
    page = client.get("/").body.decode()
    catalogue = client.get("/api/catalogue").json

    refused: dict[str, Any] = {
        plugin["name"]: plugin["failure"] for plugin in catalogue["plugins"] if plugin["failure"]
    }
    assert set(refused) == set(REFUSED)
    assert "a_library_that_nobody_has" in page
    check_all_goes_on(client)


def test_a_taken_name_stays_with_its_owner(client: Client) -> None:
    answer = client.export("csv")

    assert answer.body.startswith(b"timestamp,node,")


@pytest.mark.parametrize("name", FAILING)
def test_a_format_that_fails_before_its_first_bytes_gets_an_honest_answer(
    name: str, client: Client
) -> None:
    answer = client.export(name)

    assert (answer.status, answer.media_type) == (500, "application/problem+json")
    assert answer.json["code"] == "export_failed"
    assert FAILING[name] in answer.json["detail"]
    assert answer.json["hint"]
    check_all_goes_on(client)


@pytest.mark.parametrize("name", ["fails_later", "vanishes_later"])
def test_a_format_that_fails_later_breaks_off_the_download(name: str, client: Client) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        client.export(name)

    check_all_goes_on(client)


def test_what_a_format_prints_is_never_in_the_file(
    environment: Environment, client: Client
) -> None:
    answer = client.export("prints")
    done = environment.done("export", "events", "--period", "2026-03", "-f", "prints")

    assert answer.status == 200
    assert len(answer.body.splitlines()) == TRANSFERS
    assert b"printed" not in answer.body
    assert b"written by" not in answer.body
    assert b"printed by a plugin" not in done.stdout
    check_all_goes_on(client)


def test_a_format_that_fails_leaves_no_file_on_the_command_line(environment: Environment) -> None:
    asked = ("--period", "2026-03", "-f", "fails_later", "-o", "late.txt")
    done = environment.done("export", "events", *asked)

    assert done.returncode == 1
    assert b"a fault after the third chunk" in done.stderr
    assert list(environment.home.glob("late.txt*")) == []

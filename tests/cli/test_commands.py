"""The other commands, and what they all share."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli.app import app
from storj_monitor.collect import demo as invented
from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_version_is_said(run: Run) -> None:
    assert run("--version").out == "storj-monitor 0.1.0\n"


#: Each of their commands has options of its own.
GROUPS = {"plugin", "schedule"}


@pytest.mark.parametrize("command", sorted(set(app.commands) - GROUPS))
def test_every_command_takes_the_database_and_the_settings(command: str) -> None:
    named = [name for option in app.commands[command].params for name in option.opts]

    assert {"--database", "--config"} <= set(named)


@pytest.mark.parametrize("command", list(app.commands))
def test_every_option_is_explained(command: str, run: Run) -> None:
    done = run(command, "--help")

    assert done.code == 0
    for option in app.commands[command].params:
        assert getattr(option, "help", None) or option.param_type_name == "argument", option.name


def test_an_unknown_command_is_one_line_and_exit_code_2(run: Run) -> None:
    done = run("exprot")

    assert done.code == 2
    assert done.err.startswith("error: No such command 'exprot'.")
    assert len(done.err.splitlines()) == 1


def test_ingesting_twice_adds_nothing(run: Run, attic: Path) -> None:
    with gzip.open(attic / "copy.gz", "wt") as copy:
        copy.write((attic / "node.log").read_text(encoding="utf-8"))

    done = run("ingest", "attic:node.log", "attic:copy.gz")

    assert done.code == 0
    assert done.out.count("10 transfers: 0 new, 10 known already") == 2


@pytest.mark.usefixtures("attic")
@pytest.mark.parametrize(
    ("log", "code", "said"),
    [
        ("attic:none.log", 1, "none.log"),
        ("attic:.", 1, "folder"),
        ("attic", 2, "NAME:PATH"),
        (":node.log", 2, "name"),
        ("a\nb:node.log", 2, "name"),
        ("attic:picture.log", 1, "log"),
    ],
)
def test_what_cant_be_ingested_is_one_line(
    run: Run, tmp_path: Path, log: str, code: int, said: str
) -> None:
    (tmp_path / "picture.log").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9999))

    done = run("ingest", log)

    assert done.code == code
    assert done.err.startswith("error: ")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_the_environment_names_the_database_and_the_command_line_overrides_it(
    run: Run, attic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORJ_MONITOR_DATABASE", "elsewhere.db")

    run("ingest", "attic:node.log")
    run("ingest", "attic:node.log", "--database", "third.db")

    assert (attic / "elsewhere.db").exists()
    assert (attic / "third.db").exists()


def test_the_settings_file_names_the_database(run: Run, attic: Path) -> None:
    (attic / "a.toml").write_text('database = "named.db"\n', encoding="utf-8")

    assert run("ingest", "attic:node.log", "--config", "a.toml").code == 0
    assert (attic / "named.db").exists()


def test_settings_that_make_no_sense_are_one_line(run: Run, attic: Path) -> None:
    (attic / "a.toml").write_text("[exports]\nmax_days = 0\n", encoding="utf-8")

    done = run("ingest", "attic:node.log", "--config", "a.toml")

    assert done.code == 1
    assert done.err == (
        "error: the settings in a.toml can't be used: "
        "Expected `int` >= 1 - at `$.exports.max_days`. "
        "README.md lists the settings and their defaults.\n"
    )


def test_plugins_lists_what_each_offers(run: Run) -> None:
    done = run("plugins")

    assert "loaded   csv              storj-monitor 0.1.0      formats csv\n" in done.out
    assert "loaded   events           storj-monitor 0.1.0      sources events\n" in done.out


def test_plugins_shows_a_refusal_with_its_remedy_and_strict_makes_it_fail(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text("import nothing_like_this\n", encoding="utf-8")

    shown = run("plugins", "--plugins-dir", ".")
    strict = run("plugins", "--plugins-dir", ".", "--strict-plugins", "--json")

    assert shown.code == 0
    assert "refused  bad              plugins-dir" in shown.out
    assert "nothing_like_this" in shown.out
    assert strict.code == 1
    (record,) = [item for item in json.loads(strict.out)["plugins"] if item["name"] == "bad"]
    assert set(record) == {"name", "distribution", "version", "state", "offers", "failure"}
    assert set(record["failure"]) == {"stage", "reason", "hint"}


def test_serve_with_strict_plugins_ends_with_exit_code_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import nothing_like_this\n", encoding="utf-8")

    done = run("serve", "--plugins-dir", ".", "--strict-plugins")

    assert done.code == 1
    assert "nothing_like_this" in done.err.splitlines()[-1]


def test_a_port_in_use_is_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))

    assert done.code == 1
    assert f"{port}" in done.err.splitlines()[-1]
    assert done.err.splitlines()[-1].startswith("error: ")


def test_other_addresses_than_loopback_need_a_token(run: Run) -> None:
    done = run("serve", "--host", "0.0.0.0", "--port", "0")

    assert done.code == 1
    assert "STORJ_MONITOR_TOKEN" in done.err.splitlines()[-1]


def test_demo_makes_its_database_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invented, "DAYS", 1)
    first = run("demo", "--no-serve")
    made = (tmp_path / "storj-monitor-demo.db").read_bytes()
    second = run("demo", "--no-serve")

    assert first.code == 0
    assert "is there already" in second.out
    assert (tmp_path / "storj-monitor-demo.db").read_bytes() == made
    assert not list(tmp_path.glob("*.part*"))


def test_killed_in_the_middle_ingest_leaves_whole_batches_and_goes_on(tmp_path: Path) -> None:
    lines = 60_000
    with (tmp_path / "node.log").open("w", encoding="utf-8") as log:
        log.writelines(transfer(second % 3600, offset=second) for second in range(lines))
    command = [sys.executable, "-m", "storj_monitor"]
    ingest = [*command, "ingest", "attic:node.log"]
    killed = subprocess.Popen(ingest, cwd=tmp_path, stdout=subprocess.DEVNULL)
    while not list(tmp_path.glob("*.db-wal")) and killed.poll() is None:
        pass
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    subprocess.run(ingest, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)

    done = subprocess.run(
        [*command, "export", "traffic", "--period", "2026-03", "--columns", "count"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert sum(int(count) for count in done.stdout.split()[1:]) == lines

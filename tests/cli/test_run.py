"""`storj-monitor run`: what it takes, what it says, and that it stops in good order."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli.run import apis_of, guess_of
from storj_monitor.collect.nodes import NodeUrl, parse_node_log
from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.collect.nodes import NodeLog
    from tests.cli.conftest import Run

COMMAND = (sys.executable, "-m", "storj_monitor", "run", "--port", "0")
PATIENCE_SECONDS = 60
#: The day after the log's, so that its transfers aren't old enough to be removed.
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1", "SOURCE_DATE_EPOCH": "1772690000"}


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start it, and give its URL once it answers."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+/", process.stdout.readline())
            assert found is not None
            yield process, found[0]
        finally:
            process.kill()


def sought(logs: list[NodeLog]) -> NodeUrl | None:
    return guess_of(logs, apis_of(logs))


def last_heard(url: str) -> str:
    with urllib.request.urlopen(f"{url}api/nodes") as answer:
        nodes = json.load(answer)["nodes"]
    return str(nodes[0]["last_heard_at"]) if nodes else ""


def test_a_node_must_be_named(run: Run) -> None:
    done = run("run")
    assert done.code == 2
    assert "'--node'" in done.err


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("attic", "'attic' names no node and what to read. Write NAME:PATH"),
        ("attic:http://127.0.0.1:14002", "it names no log. Write NAME:LOG or NAME:LOG:API_URL"),
        ("attic:-", "standard input can't be followed"),
        ("attic:nas:99999", "there is no port 99999"),
    ],
)
def test_what_can_not_be_followed_is_refused_in_one_line(
    argument: str, said: str, run: Run, tmp_path: Path
) -> None:
    done = run("run", "--node", argument)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert not list(tmp_path.glob("*.db"))


def test_a_log_belongs_to_one_node(run: Run) -> None:
    done = run("run", "--node", "attic:node.log", "--node", "nas:node.log")
    assert done.code == 2
    assert done.err == (
        "error: the log node.log is given twice, for attic and nas. "
        "Give each node's own log, once.\n"
    )


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        (
            ["a:a.log:http://u:pw@nas:14002", "b:b.log:http://u:pw@nas:14002/"],
            "one API is given twice, for a and b. Give each node's own API, once.",
        ),
        (
            ["a:a.log:http://nas:14002", "a:b.log:http://nas:14003"],
            "the node a is given two APIs. A node has one: give that.",
        ),
    ],
)
def test_an_api_belongs_to_one_node_and_a_node_has_one(
    nodes: list[str], said: str, run: Run
) -> None:
    done = run("run", *(word for node in nodes for word in ("--node", node)))
    assert (done.code, done.err) == (2, f"error: {said}\n")


@pytest.mark.parametrize(
    ("nodes", "node"),
    [
        (["attic:a.log"], "attic"),
        (["attic:a.log", "attic:b.log", "nas:nas.lan:9000"], "attic"),
        (["attic:a.log", "nas:n.log:http://nas.lan:14002"], "attic"),
        (["attic:a.log", "nas:n.log:http://127.0.0.1:14003"], "attic"),
        (["attic:a.log", "nas:n.log:http://LOCALHOST:14002"], None),
        (["attic:a.log", "nas:n.log:http://127.0.0.1:14002/"], None),
        (["attic:a.log:http://nas:1", "attic:b.log"], None),
        (["attic:a.log", "shed:s.log"], None),
        (["nas:nas.lan:9000"], None),
    ],
)
def test_the_api_on_this_machine_is_looked_for_if_one_node_alone_can_have_it(
    nodes: list[str], node: str | None
) -> None:
    found = sought([parse_node_log(given) for given in nodes])
    assert found == (NodeUrl(node, "http://127.0.0.1:14002") if node else None)


def test_other_addresses_than_loopback_need_a_token(run: Run) -> None:
    done = run("run", "--node", "attic:node.log", "--host", "0.0.0.0", "--port", "0")
    assert done.code == 1
    assert "STORJ_MONITOR_TOKEN" in done.err


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_what_it_follows_and_stops_when_told(
    name: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "node.log").write_text(transfer(1), encoding="utf-8")
    with running(tmp_path, "--node", "attic:node.log:http://127.0.0.1:1") as (process, url):
        with (tmp_path / "node.log").open("a", encoding="utf-8") as log:
            log.write(transfer(2))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "10:00:02" not in last_heard(url):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with (tmp_path / "node.log").open("a", encoding="utf-8") as log:
            log.write(transfer(3))
        process.send_signal(name)
        _, said = process.communicate()
    assert process.returncode == 0
    assert said.splitlines()[:2] == [
        "attic: following node.log",
        "attic: asking its API at http://127.0.0.1:1",
    ]
    assert "nothing listens at 127.0.0.1:1" in said
    assert "Traceback" not in said
    exported = subprocess.run(
        [*COMMAND[:3], "export", "events", "--period", "2026-03"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(exported.stdout.splitlines()) == 1 + 3


def test_a_port_in_use_ends_it(tmp_path: Path) -> None:
    with running(tmp_path, "--node", "attic:node.log") as (_, url):
        port = url.rstrip("/").rpartition(":")[2]
        done = subprocess.run(
            [*COMMAND[:4], "--port", port, "--node", "attic:node.log"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use already" in done.stderr.splitlines()[-1]


def test_on_a_terminal_it_shows_how_far_it_is_behind(tmp_path: Path) -> None:
    with (tmp_path / "node.log").open("w", encoding="utf-8") as log:
        log.writelines(transfer(second % 3600, offset=second) for second in range(30_000))
    ours, its = pty.openpty()
    command = [*COMMAND, "--node", "attic:node.log"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=its, env=ENVIRONMENT
    ) as process:
        os.close(its)
        shown = b""
        while b"follow.caught_up" not in shown:
            shown += os.read(ours, 65536)
        process.kill()
    os.close(ours)
    assert re.search(rb"\r\x1b\[Kcatching up: [0-9.]+ MB behind\r", shown)
    assert b"\r\x1b[K\r" in shown

"""What a plugin does to the process when it is imported, and what it leaves there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli import app
from tests.cli.conftest import transfer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

PATIENCE_SECONDS = 60
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1"}

#: Each would end the server, keep it from ending, or send it elsewhere.
WANDERS = "import os\nos.chdir('/')\n"
CLOSES = "import os\nfor number in (0, 1, 2):\n    os.close(number)\n"
CLOSES_OBJECTS = "import sys\nsys.stdin.close()\nsys.stdout.close()\nsys.__stdout__.close()\n"
STAYS = """
import atexit, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
atexit.register(time.sleep, 600)
"""


@contextmanager
def serving(folder: Path, plugin: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve with a plugin, and give the URL once that is said."""
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "stranger.py").write_text(plugin, encoding="utf-8")
    command = (sys.executable, "-m", "storj_monitor", "serve", "--port", "0")
    with subprocess.Popen(
        [*command, "--plugins-dir", "plugins"],
        cwd=folder,
        stdout=subprocess.PIPE,
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


def export(url: str) -> bytes:
    with urllib.request.urlopen(f"{url}api/export/events?format=csv") as answer:
        return bytes(answer.read())


@pytest.mark.parametrize(
    "plugin", [CLOSES, CLOSES_OBJECTS, STAYS], ids=("closes", "shuts", "stays")
)
def test_a_server_answers_and_ends_whatever_a_plugin_leaves(tmp_path: Path, plugin: str) -> None:
    with serving(tmp_path, plugin) as (process, url):
        assert export(url).startswith(b"timestamp,")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_server_uses_the_database_of_the_folder_that_it_was_started_in(
    run: Run, attic: Path
) -> None:
    del run
    with serving(attic, WANDERS) as (process, url):
        assert export(url).startswith(b"timestamp,")
        with urllib.request.urlopen(f"{url}api/nodes") as answer:
            assert b"attic" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    for suffix in ("exports", "servers"):
        assert (attic / f"storj-monitor.db.{suffix}").exists()


def test_an_export_is_written_where_it_was_asked_for(run: Run, attic: Path) -> None:
    plugins = attic / "plugins"
    plugins.mkdir()
    (plugins / "wanders.py").write_text(
        "import os\n"
        "from storj_monitor.plugin import Format, hookimpl\n"
        "def render(document):\n"
        "    os.chdir('/')\n"
        "    yield b'whole'\n"
        "@hookimpl\n"
        "def storj_formats():\n"
        "    return [Format(name='wanders', title='W', media_type='text/plain', render=render)]\n",
        encoding="utf-8",
    )
    words = ("export", "events", "-f", "wanders", "--plugins-dir", "plugins", "-o", "a.txt")
    done = run(*words, "--manifest")
    assert done.code == 0
    assert (attic / "a.txt").read_bytes() == b"whole"
    assert (attic / "a.txt.manifest.json").is_file()


def test_a_log_is_followed_where_it_was_when_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(transfer(1), encoding="utf-8")
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "wanders.py").write_text(WANDERS, encoding="utf-8")
    command = (sys.executable, "-m", "storj_monitor", "run", "--port", "0")
    with subprocess.Popen(
        [*command, "--plugins-dir", "plugins", "--node", "attic:node.log"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        try:
            assert process.stderr is not None
            said = next(line for line in process.stderr if '"follow.' in line)
            assert '"follow.started"' in said
        finally:
            process.kill()


def test_only_a_server_is_ended_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    for words in ([], ["export", "serve"], ["--version"]):
        assert app.end(2, words) == 2
    assert ended == []
    for command in ("serve", "run", "demo"):
        app.end(1, [command, "--port", "0"])
    assert ended == [1, 1, 1]

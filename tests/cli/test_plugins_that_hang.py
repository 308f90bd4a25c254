"""A plugin that is never done is named, and a command doesn't wait for it for ever."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from storj_monitor.cli.patience import limited
from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_SECONDS = 60
#: The time that a plugin is given ends soon after it was named, however busy the machine is.
PROGRAM = """
import signal, sys
from storj_monitor.cli import main
from storj_monitor.registry import candidate

def warn(*words):
    told(*words)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 1)

told, candidate.warn, candidate._SLOW_SECONDS = candidate.warn, warn, 0.1
sys.exit(main())
"""
BUSY = "while True:\n    pass\n"
#: As one waits for a server that isn't there.
TRIES = """
import time

while True:
    try:
        time.sleep(600)
    except Exception:
        pass
"""
IN_A_HOOK = """
from storj_monitor.plugin import hookimpl

@hookimpl
def storj_formats():
    while True:
        yield from ()
"""


@pytest.mark.parametrize(
    ("plugin", "stage", "what"),
    [
        (BUSY, "admit", "importing {path!r}"),
        (TRIES, "admit", "importing {path!r}"),
        (IN_A_HOOK, "collect", "storj_formats"),
    ],
    ids=("busy", "tries", "hook"),
)
@pytest.mark.parametrize("command", ["plugins", "serve"])
def test_it_is_named_and_then_the_command_ends(
    tmp_path: Path, command: str, plugin: str, stage: str, what: str
) -> None:
    path = tmp_path / "eternal.py"
    path.write_text(plugin, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, command, "--plugins-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stdout) == (1, "")
    slow, error = done.stderr.splitlines()
    told = json.loads(slow)
    assert (told["event"], told["plugin"], told["distribution"], told["stage"]) == (
        *("plugin.slow", "eternal", "plugins-dir"),
        stage,
    )
    doing = what.format(path=str(path))
    assert told["reason"] == f"{doing} isn't done after 0.1 seconds."
    assert 'block = ["eternal"]' in told["hint"]
    reason = f"error: plugin 'eternal' from plugins-dir: {doing} isn't done after 60 seconds. "
    assert error == reason + told["hint"]


def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storj_monitor.cli.patience._LONGEST_SECONDS", 0.01)
    with pytest.raises(OperatorError) as given_up, limited():
        time.sleep(PATIENCE_SECONDS)
    assert given_up.value.reason == "loading the plugins isn't done after 0.01 seconds"
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_left_out_it_holds_up_nothing(tmp_path: Path) -> None:
    (tmp_path / "eternal.py").write_text(BUSY, encoding="utf-8")
    settings = tmp_path / "config.toml"
    settings.write_text('[plugins]\nblock = ["eternal"]\n', encoding="utf-8")
    words = ("plugins", "--plugins-dir", str(tmp_path), "--config", str(settings))
    done = subprocess.run(
        [sys.executable, "-m", "storj_monitor", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "blocked  eternal" in done.stdout

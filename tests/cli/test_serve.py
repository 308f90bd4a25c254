"""`storj-monitor serve` as an image or a unit starts it: with a token of its own making."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS = 60


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a database with a token file beside it, and give the server's address."""
    ours = {"STORJ_MONITOR_DATABASE": "a.db", "STORJ_MONITOR_TOKEN_FILE": "token"}
    with (
        (folder / "said").open("w", encoding="utf-8") as said,
        subprocess.Popen(
            [sys.executable, "-m", "storj_monitor", "serve", "--port", "0"],
            cwd=folder,
            env=os.environ | ours | {"STORJ_MONITOR_TOKEN": "", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        found = re.search(r"http://\S+/", process.stdout.readline())
        try:
            assert found is not None, (folder / "said").read_text(encoding="utf-8")
            yield found[0]
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)


def status(url: str, token: str = "") -> int:
    """Ask for the nodes, and return the status of the answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{url}api/nodes", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_first_start_makes_a_token_and_shows_it_this_one_time(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        found = re.search("made the token (.*) \\(", (tmp_path / "said").read_text("utf-8"))
        assert found is not None
        token = found[1]
        assert [status(url), status(url, token)] == [401, 200]

    with serving(tmp_path) as url:
        assert [status(url, f"{token}x"), status(url, token)] == [401, 200]
    assert token not in (tmp_path / "said").read_text("utf-8")

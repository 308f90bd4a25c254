"""The server holds to its description, whatever it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from storj_monitor.delivery.links import Signer
from tests.web.contract.sensible import FILE, LINK
from tests.web.contract.served import DATABASE, application, served

if TYPE_CHECKING:
    from collections.abc import Iterator

#: They try the same again and again.
pytestmark = pytest.mark.no_cover

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = Path(__file__).with_name("schemathesis.toml")
TOKEN = "contract-token"
#: What is about one source is about all, and much is asked for in the same words: the edges of each
#: are tried once, of a preview for an estimate, of what is started for what is generated, and of a
#: schedule when it is added.
EDGES = r"^/(?!api/(export/|estimate$|reports/generate$|schedules/{id}$))|/export/events$"
#: What needs the token; an export is as good as another.
GUARDED = r"^/(?!api/export/)|/alerts$"
#: It has no end that could be waited for.
ENDLESS = "/api/overview/events"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with served(application(tmp_path)) as url:
        yield url


def schemathesis(url: str, folder: Path, *words: str, file: str = "0" * 32) -> None:
    """Let it ask the server at `url` all it can think of; fail with what it says otherwise."""
    options = (f"--config-file={SETTINGS}", "run", f"--exclude-path={ENDLESS}")
    command = (sys.executable, "-m", "schemathesis.cli", *options)
    run = subprocess.run(
        [*command, f"{url}/api/openapi.json", "--continue-on-failure", "--no-color", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), FILE: file, LINK: link_query(folder, file)},
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def link_query(folder: Path, file: str) -> str:
    """Return what makes the link to a file good for this hour."""
    until = datetime.now(UTC) + timedelta(hours=1)
    return urlsplit(Signer(folder / DATABASE).link("", file, until)).query


def a_file(url: str) -> str:
    """Make a file, and return its id."""
    with urlopen(f"{url}/api/export/events?period=2026-03&manifest=1") as answer:
        answer.read()
        return str(answer.headers["ETag"]).strip('"')


def test_the_edges_of_every_parameter_are_answered_as_described(url: str, tmp_path: Path) -> None:
    only = f"--include-path-regex={EDGES}"
    schemathesis(url, tmp_path, "--phases=coverage", only, file=a_file(url))


def test_whatever_is_asked_is_answered_as_described(url: str, tmp_path: Path) -> None:
    schemathesis(url, tmp_path, "--phases=fuzzing", file=a_file(url))


def test_nothing_is_answered_without_the_token_that_is_said_to_need_it(tmp_path: Path) -> None:
    with served(application(tmp_path, TOKEN)) as url:
        words = (f"--include-path-regex={GUARDED}", "--phases=fuzzing", "--max-examples=5")
        schemathesis(url, tmp_path, *words, f"--header=Authorization: Bearer {TOKEN}")

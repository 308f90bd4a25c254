"""An installation that lacks a library of some formats has all the others."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Format -> the libraries that it needs beside what everything needs.
NEEDED = {
    "pdf": ("reportlab",),
    "svg": ("reportlab",),
    "xlsx": ("openpyxl", "lxml"),
    "parquet": ("pyarrow.parquet",),
}
EVERYTHING = sorted({library for libraries in NEEDED.values() for library in libraries})


def done(*arguments: str, missing: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the program where some libraries can't be imported."""
    script = f"""
import sys
sys.modules.update(dict.fromkeys({missing!r}))
from storj_monitor.cli import main
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def export(name: str, *, missing: list[str]) -> subprocess.CompletedProcess[str]:
    return done("export", "events", "--period", "2026-03", "-f", name, missing=missing)


def test_every_plugin_is_there_without_them() -> None:
    said = done("plugins", "--strict-plugins", missing=EVERYTHING)

    assert (said.returncode, said.stderr) == (0, "")
    assert [f"formats {name}" in said.stdout for name in NEEDED] == [True] * len(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_what_needs_a_missing_library_says_which(name: str, attic: Path) -> None:
    said = export(name, missing=EVERYTHING)

    assert attic.is_dir()
    assert (said.returncode, said.stdout) == (1, "")
    error = said.stderr.splitlines()[-1]
    assert error.startswith("error: ")
    assert any(library in error for library in NEEDED[name])


@pytest.mark.parametrize("name", ["csv", "json", "ndjson", "html"])
def test_the_rest_works_without_them(name: str, attic: Path) -> None:
    said = export(name, missing=EVERYTHING)

    assert attic.is_dir()
    assert said.returncode == 0, said.stderr
    assert "attic" in said.stdout


@contextmanager
def served_without(library: str, folder: Path) -> Iterator[str]:
    """Serve the folder's database where neither the server nor a worker has a library."""
    hidden = folder / "hidden" / library
    hidden.mkdir(parents=True)
    error = f'raise ModuleNotFoundError("No module named {library!r}", name={library!r})\n'
    (hidden / "__init__.py").write_text(error, encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(hidden.parent), os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        [sys.executable, "-m", "storj_monitor", "serve", "--port", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+/", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.kill()


def answered(url: str) -> tuple[int, str, str]:
    """Return the status of an answer, the type of its content, and its text."""
    try:
        answer = urllib.request.urlopen(url)
    except HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


def test_a_server_without_reportlab_offers_the_rest_and_says_what_is_missing(attic: Path) -> None:
    missing = "No module named 'reportlab'"
    with served_without("reportlab", attic) as url:
        status, _, page = answered(url)
        assert (status, "attic" in page, missing in page) == (200, True, False)
        # Both on the page: the chart, and the pdf that a report is if nothing else is chosen.
        chart = "api/preview?report_type=custom_range&metrics=traffic&days=30&format=svg"
        for path in (chart, "api/export/events?format=pdf&period=2026-03"):
            status, type_, text = answered(url + path)
            assert (status, type_) == (500, "application/problem+json")
            assert json.loads(text)["code"] == "export_failed"
            assert missing in json.loads(text)["detail"]

        status, type_, page = answered(f"{url}download?source=report:daily_summary")
        assert (status, type_) == (500, "text/html")
        assert "No module named &#39;reportlab&#39;" in page

        for format_ in ("csv", "html"):
            status, _, text = answered(f"{url}api/export/events?format={format_}&period=2026-03")
            assert (status, "attic" in text) == (200, True)
        status, _, page = answered(url)
        assert (status, "No module named &#39;reportlab&#39;" in page) == (200, True)

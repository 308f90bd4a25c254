"""An installation that lacks a library of one format has all the others."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

#: Format -> the libraries that it alone needs.
NEEDED = {"pdf": ("reportlab",), "xlsx": ("openpyxl", "lxml"), "parquet": ("pyarrow.parquet",)}
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

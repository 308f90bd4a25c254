"""What the program loads before it is asked to work."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"pyarrow", "sqlalchemy", "reportlab", "openpyxl", "aiohttp", "jinja2", "pydantic", "rich"}


def loaded_by(program: str) -> set[str]:
    """Return the top-level modules that a program has loaded when it ends."""
    ending = "import sys; print('\\n'.join(sorted({m.partition('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{ending}"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n"))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["export", "--help"], ["report", "--help"]]
)
def test_asking_for_help_loads_no_heavy_library(arguments: list[str]) -> None:
    program = f"from storj_monitor.cli import main; assert main({arguments!r}) == 0"

    assert loaded_by(program) & HEAVY == set()


def test_the_facade_of_reports_is_imported_without_a_heavy_library() -> None:
    assert loaded_by("import storj_monitor.report_generator") & HEAVY == set()


def test_discovering_the_plugins_loads_no_heavy_library() -> None:
    program = (
        "from storj_monitor.registry import PluginHost\n"
        "from storj_monitor.settings import PluginSettings\n"
        "assert 'csv' in PluginHost(PluginSettings()).catalogue.formats"
    )

    assert loaded_by(program) & HEAVY == set()


def test_exporting_never_loads_a_second_copy_of_sqlite(tmp_path: str) -> None:
    program = (
        "from pathlib import Path\n"
        "from storj_monitor.cli import main\n"
        "from storj_monitor.store import Store\n"
        f"path = Path({str(tmp_path)!r}) / 'a.db'\n"
        "Store.open(path, create=True)\n"
        f"assert main(['export', 'events', '--database', str(path), '-o', str(path) + '.csv']) == 0"
    )

    assert "sqlite3" not in loaded_by(program)
    assert "_sqlite3" not in loaded_by(program)

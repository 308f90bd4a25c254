"""`storj-monitor plugin new`: a package that works as it is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.cli.plugin.new import KINDS
from storj_monitor.cli.plugin.package import Package
from storj_monitor.testing import fake_distribution

if TYPE_CHECKING:
    from tests.cli.conftest import Run

NAMES = {kind: f"my_{kind}" for kind in KINDS}
#: What an author may leave out: types and docstrings in tests, and rules that are ours.
RUFF = ("--isolated", "--no-cache", "--line-length=100")
LEFT_OUT = "--ignore=ANN,COM812,CPY001,D,INP001,PLC0415,S101"


def python(folder: Path, *arguments: str) -> str:
    """Run a module of this interpreter in a folder; a failure fails the test with its words.

    pytest has no plugins then: an author may have none.
    """
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_passes_its_own_tests(kind: str, run: Run, tmp_path: Path) -> None:
    assert run("plugin", "new", NAMES[kind], "--kind", kind).code == 0

    folder = tmp_path / f"storj-my-{kind}"
    said = python(folder, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")

    assert " passed" in said


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_a_plugin_once_it_is_installed(
    kind: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("plugin", "new", NAMES[kind], "--kind", kind)
    package = tmp_path / f"storj-my-{kind}"
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = f"storj_my_{kind}"
    modules = {module: (package / f"{module}.py").read_text(encoding="utf-8")}
    installed = tmp_path / "installed"
    fake_distribution(installed, project["name"], modules, project["entry-points"]["storj_monitor"])
    monkeypatch.syspath_prepend(installed)

    plugins = json.loads(run("plugins", "--json").out)["plugins"]
    del sys.modules[module]

    (record,) = (item for item in plugins if item["distribution"] == f"storj-my-{kind}")
    assert record["state"] == "loaded"
    assert record["offers"][f"{kind}s"] == [NAMES[kind]]


def test_a_new_package_is_clean_to_linters(run: Run, tmp_path: Path) -> None:
    for kind, name in NAMES.items():
        assert run("plugin", "new", name, "--kind", kind).code == 0

        package = tmp_path / f"storj-my-{kind}"
        python(package, "ruff", "check", *RUFF, "--select=ALL", LEFT_OUT, ".")
        python(package, "ruff", "format", *RUFF, "--check", ".")


def test_a_new_format_is_used_from_its_folder_without_being_installed(
    run: Run, attic: Path
) -> None:
    run("plugin", "new", "pairs", "--kind", "format")
    asked = ("--period", "2026-03", "--columns", "node,size_bytes", "--plugins-dir", "storj-pairs")

    done = run("export", "events", "-f", "pairs", *asked)

    assert (attic / "storj-pairs").is_dir()
    assert done.out.splitlines()[-1] == 'node="attic" size_bytes="2560"'


@pytest.mark.parametrize("kind", KINDS)
def test_the_readme_of_a_new_package_begins_with_what_works_at_once(
    kind: str, run: Run, tmp_path: Path
) -> None:
    run("plugin", "new", NAMES[kind], "--kind", kind)

    words = (tmp_path / f"storj-my-{kind}" / "README.md").read_text(encoding="utf-8")

    assert f"    pip install .\n    {Package(NAMES[kind], kind).trial}\n" in words


def test_what_to_do_next_is_said(run: Run, tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()

    done = run("plugin", "new", "uptime", "--kind", "source", "--output", "plugins")

    assert (plugins / "storj-uptime" / "storj_uptime.py").is_file()
    assert "cd plugins/storj-uptime" in done.out
    assert "pip install -e '.[test]'" in done.out
    assert "storj-monitor export uptime" in done.out


def test_what_is_there_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "storj-pairs"
    mine.mkdir()

    done = run("plugin", "new", "pairs", "--kind", "format")

    assert done.code == 1
    assert done.err == (
        "error: storj-pairs is there already, and is left as it is. "
        "Choose another name, or another --output.\n"
    )
    assert list(tmp_path.iterdir()) == [mine]
    assert list(mine.iterdir()) == []


def test_a_package_that_can_t_be_written_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, **_: Any) -> int:
        del text
        raise OSError(28, "No space left on device", str(path))

    package = Package("pairs", "format")
    monkeypatch.setattr(Path, "write_text", full)

    with pytest.raises(OSError, match="No space left"):
        package.write(tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("Pairs", 2, "format name 'Pairs' is not allowed: it is 2 to 32 characters"),
        ("../x", 2, "format name '../x' is not allowed"),
        ("csv", 1, "the format 'csv' is there already: storj-monitor "),
        ("monitor", 1, "a module storj_monitor is installed already. Choose another name"),
        ("export_plugins", 1, "a module storj_export_plugins is installed already."),
    ],
)
def test_a_name_that_can_t_be_used_is_refused(
    name: str, code: int, words: str, run: Run, tmp_path: Path
) -> None:
    done = run("plugin", "new", name, "--kind", "format")

    assert done.code == code
    assert words in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_kind_that_there_is_not_is_refused(run: Run) -> None:
    done = run("plugin", "new", "pairs", "--kind", "hook")

    assert done.code == 2
    assert "'hook' is not one of 'format', 'source', 'report', 'channel'" in done.err


def test_a_folder_that_there_is_not_is_refused(run: Run) -> None:
    done = run("plugin", "new", "pairs", "--kind", "format", "--output", "nowhere")

    assert done.code == 2
    assert "'nowhere' does not exist" in done.err


@pytest.mark.parametrize(
    ("name", "distribution"), [("a_b", "storj-a-b"), ("a_", "storj-a"), ("a__b", "storj-a-b")]
)
def test_a_distribution_has_the_name_that_pip_gives_it(name: str, distribution: str) -> None:
    assert Package(name, "format").distribution == distribution


def test_the_help_of_the_group_says_how_to_begin(run: Run) -> None:
    done = run("plugin", "--help")

    assert done.code == 0
    assert "storj-monitor plugin new tsv --kind format" in done.out
    assert "--plugins-dir storj-tsv" in done.out
    assert "storj_monitor.plugin.hooks" in done.out

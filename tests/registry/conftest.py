"""Distributions that are really discovered, without pip: files on sys.path, gone afterwards."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREAMBLE = """
from storj_monitor.plugin import Channel, Column, Format, Report, Source, hookimpl

def render(document):
    return ()
"""


class Shelf:
    """A folder on sys.path that distributions are put into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(
        self,
        distribution: str,
        *,
        version: str = "1.0",
        metadata: str | None = None,
        entry_points: str | None = None,
        **plugins: str,
    ) -> None:
        """Add a distribution; each plugin is an entry point and a module with that code."""
        stem = re.sub(r"\W", "_", distribution)
        lines = ["[storj_monitor]"]
        for plugin, code in plugins.items():
            module = f"{stem}_{plugin}"
            (self.folder / f"{module}.py").write_text(PREAMBLE + dedent(code), encoding="utf-8")
            lines.append(f"{plugin} = {module}")
        files = {
            "METADATA": f"Name: {distribution}\nVersion: {version}\n"
            if metadata is None
            else metadata,
            "entry_points.txt": "\n".join(lines) if entry_points is None else entry_points,
        }
        self.put_files(f"{stem}-{version}.dist-info", files)

    def put_files(self, folder: str, files: Mapping[str, str]) -> None:
        """Write files into a folder of the shelf; one without text is left out."""
        path = self.folder / folder
        path.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            if text:
                (path / name).write_text(text, encoding="utf-8")
        importlib.invalidate_caches()

    def module(self, name: str, code: str) -> None:
        """Write a module that no entry point names by itself."""
        (self.folder / f"{name}.py").write_text(PREAMBLE + dedent(code), encoding="utf-8")

    def host(
        self,
        *,
        block: tuple[str, ...] = (),
        prefer: dict[str, dict[str, str]] | None = None,
        filter_: str = "",
        directory: Path | None = None,
    ) -> PluginHost:
        """Discover what is on the shelf."""
        settings = PluginSettings(
            block=block, prefer=prefer or {}, filter=filter_, directory=directory
        )
        return PluginHost(settings)

    def refusal(self, directory: Path | None = None) -> str:
        """Discover what is on the shelf, and return the text of the one failure."""
        [failure] = self.host(directory=directory).catalogue.failures
        return str(failure)


def formats(*names: str) -> str:
    """Return the code of a hook that offers formats of these names."""
    items = ", ".join(
        f"Format(name={name!r}, title='T', media_type='text/plain', render=render)"
        for name in names
    )
    return f"@hookimpl\ndef storj_formats():\n    return [{items}]\n"


@pytest.fixture
def bare_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Give a shelf that nothing else that is installed can be seen beside."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    known = set(sys.modules)
    yield Shelf(folder)
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture
def shelf(bare_shelf: Shelf) -> Shelf:
    """Give a shelf with a built-in distribution of one format, standing before the real one."""
    bare_shelf.put("storj-monitor", version="1.0", csv=formats("csv"))
    return bare_shelf

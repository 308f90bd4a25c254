"""Distributions that are discovered as if pip had installed them."""

from __future__ import annotations

import importlib
import re
from textwrap import dedent
from typing import TYPE_CHECKING

from storj_monitor.plugin.hooks import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def fake_distribution(
    folder: Path,
    name: str,
    modules: Mapping[str, str],
    entry_points: Mapping[str, str],
    version: str = "1.0",
) -> Path:
    """Write a distribution into `folder`, and return its `.dist-info`.

        fake_distribution(tmp_path, "storj-psv", {"storj_psv": CODE}, {"psv": "storj_psv"})
        monkeypatch.syspath_prepend(tmp_path)

    Whoever has `folder` on sys.path sees it as installed, other processes too. `modules` maps a
    module's name (`a.b` is a module of package `a`) to its text, which may be indented as a
    whole; `entry_points` those of the group `storj_monitor` to `module` or `module:attribute`.
    """
    files = {_path(module): dedent(text) for module, text in modules.items()}
    for path in list(files):
        for parent in list(_packages(path)):
            files.setdefault(f"{parent}/__init__.py", "")
    stem = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info"
    lines = [f"{entry} = {value}" for entry, value in entry_points.items()]
    files |= {
        f"{stem}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}/entry_points.txt": "\n".join([f"[{PROJECT}]", *lines, ""]),
        f"{stem}/INSTALLER": "storj_monitor.testing\n",
    }
    files[f"{stem}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{stem}/RECORD"])
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    return folder / stem


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _packages(path: str) -> list[str]:
    """Return the packages that a module is in: `a` and `a/b` of `a/b/c.py`."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]

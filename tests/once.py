"""What takes long to make is made once, for all processes that run tests."""

from __future__ import annotations

import fcntl
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def made_once(
    name: str,
    make: Callable[[Path], object],
    factory: pytest.TempPathFactory,
    config: pytest.Config,
) -> Path:
    """Return a folder that all of them share; the first has `make` fill it, the others wait."""
    base = factory.getbasetemp()
    shared = base.parent if hasattr(config, "workerinput") else base  # one of pytest-xdist's
    folder, ready = shared / name, shared / f"{name}.ready"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder

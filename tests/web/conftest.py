"""Nothing is left behind by a test: no thread of an export, no temporary file."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.web.rooms import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def temporary_files_are_in_a_folder_of_the_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name in ("export", "read-ahead"):
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), thread.name

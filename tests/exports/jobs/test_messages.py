from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.errors import Problem
from storj_monitor.exports.jobs.messages import Ending, failed, line, search_path

if TYPE_CHECKING:
    import pytest


def test_a_failure_fits_into_a_line_whatever_it_says() -> None:
    problem = Problem("export_failed", "no \udce9" + "x" * 3_000_000, "a\udcffb")
    ending = msgspec.json.decode(line(failed(problem, part="mine")), type=Ending)
    assert ending.detail.startswith("no \\udce9xxx")
    assert ending.detail.endswith("x…")
    assert len(ending.detail) == 2_000 + len("udce9")
    assert ending.hint == "a\\udcffb"
    assert ending.part == "mine"


def test_whatever_a_plugin_put_into_the_search_path_a_worker_can_be_told_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", ["/one", Path("/two"), b"/three", None, 4])
    assert search_path() == ("/one", "/two", "/three")

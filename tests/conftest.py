"""Fixtures for every folder of tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storj_monitor.store import Store

# No test is timed. CI draws the same examples every time, so that only a change can break it.
settings.register_profile(
    "untimed",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a worker's lines be traced once.

    pytest-cov 7 begins to trace it as if it were the whole run, and then as a worker; that leaves
    the first tracing to go on where the second one pauses, and `no_cover` without effect.
    """
    cov = session.config.pluginmanager.get_plugin("_cov")
    if cov is not None and hasattr(session.config, "workerinput"):
        cov.cov_controller.cov.stop()


#: They go through everything with everything.
_UNTRACED = Path(__file__).with_name("conformance")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what is tried many times out of the coverage: it costs half the time of CI.

    What only hundreds of cases reach deserves an example of its own.
    """
    for item in items:
        is_made_up = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if is_made_up or item.path.is_relative_to(_UNTRACED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty database of its own."""
    return Store.open(tmp_path / "storj-monitor.db", create=True)

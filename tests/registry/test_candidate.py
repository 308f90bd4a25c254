"""The guard under which plugins run: which one is waited for, and which one no longer."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from storj_monitor.registry.candidate import BUILT_IN, Candidate, Overdue, guarded

PATIENCE_SECONDS = 30
OUT = (
    'To leave it out: block = ["psv"] under [plugins] in the settings, or '
    "STORJ_MONITOR_PLUGIN_FILTER=none, which leaves out all but the built-ins."
)


def candidate(distribution: str = "storj-psv") -> Candidate:
    return Candidate(
        name="psv",
        distribution=distribution,
        version="1.0",
        location="storj_psv",
        load=object,
        remedy="Reinstall it.",
    )


def test_a_plugin_that_takes_long_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storj_monitor.registry.candidate._SLOW_SECONDS", 0.01)
    until = time.monotonic() + PATIENCE_SECONDS

    def work() -> int:
        while not logs and time.monotonic() < until:
            time.sleep(0.01)
        return 7

    with capture_logs() as logs:
        assert guarded(candidate(), "admit", "importing 'storj_psv'", work) == 7
    assert logs == [
        {
            "event": "plugin.slow",
            "log_level": "warning",
            "plugin": "psv",
            "distribution": "storj-psv",
            "stage": "admit",
            "reason": "importing 'storj_psv' isn't done after 0.01 seconds.",
            "hint": OUT,
        }
    ]


@pytest.mark.parametrize(
    ("distribution", "owner", "hint"),
    [("storj-psv", "storj-psv 1.0", OUT), (BUILT_IN, "storj-monitor 1.0", "Reinstall it.")],
)
def test_who_waits_no_longer_hears_for_which_plugin_it_was(
    distribution: str, owner: str, hint: str
) -> None:
    def interrupt() -> None:
        raise Overdue

    def work() -> None:
        with suppress(Exception):  # as a plugin does that tries again and again
            interrupt()

    with pytest.raises(Overdue) as overdue:
        guarded(candidate(distribution), "collect", "storj_formats", work)
    assert overdue.value.what == f"plugin 'psv' from {owner}: storj_formats"
    assert overdue.value.hint == hint

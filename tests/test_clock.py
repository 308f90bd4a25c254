from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from storj_monitor import clock
from storj_monitor.errors import OperatorError

MOMENT = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)


@pytest.mark.parametrize("fixed", [None, ""])
def test_now_is_the_time_in_utc(monkeypatch: pytest.MonkeyPatch, fixed: str | None) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if fixed is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", fixed)
    with time_machine.travel(MOMENT, tick=False):
        assert clock.now() == MOMENT
        assert clock.now().tzinfo is UTC


def test_the_clock_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772619072")
    assert clock.now() == datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)


def test_the_real_time_is_never_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772619072")
    with time_machine.travel(MOMENT, tick=False):
        assert clock.real_now() == MOMENT


@pytest.mark.parametrize("fixed", ["soon", "1.5", "9" * 30, "-" + "9" * 30, "2026-03-04"])
def test_a_clock_fixed_at_no_time_is_one_line(monkeypatch: pytest.MonkeyPatch, fixed: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", fixed)
    with pytest.raises(OperatorError) as refusal:
        clock.now()
    assert refusal.value.reason == (
        f"SOURCE_DATE_EPOCH is {fixed!r}, which is no number of seconds since 1970"
    )
    assert refusal.value.hint == "Unset it, or give a whole number."

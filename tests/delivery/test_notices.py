"""Quiet hours by the clocks of a zone: over midnight, and in the nights that clocks change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from storj_monitor.delivery.notices import quiet_span

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("quiet", "now", "ends", "hours"),
    [
        ("22:00-07:00", "2026-11-23T21:59:59+01:00", None, 0),
        ("22:00-07:00", "2026-11-23T22:00:00+01:00", "2026-11-24T07:00:00+01:00", 9),
        ("22:00-07:00", "2026-11-24T06:59:59+01:00", "2026-11-24T07:00:00+01:00", 9),
        ("22:00-07:00", "2026-11-24T07:00:00+01:00", None, 0),
        ("22:00-07:00", "2026-03-29T06:00:00+02:00", "2026-03-29T07:00:00+02:00", 8),
        ("22:00-07:00", "2026-10-25T06:00:00+01:00", "2026-10-25T07:00:00+01:00", 10),
        ("13:00-14:30", "2026-11-23T13:00:00+01:00", "2026-11-23T14:30:00+01:00", 1.5),
        ("13:00-14:30", "2026-11-23T22:00:00+01:00", None, 0),
        ("", "2026-11-23T22:00:00+01:00", None, 0),
    ],
)
def test_quiet_hours_are_by_the_clocks_of_the_zone(
    quiet: str, now: str, ends: str | None, hours: float
) -> None:
    span = quiet_span(quiet, BERLIN, datetime.fromisoformat(now))
    if ends is None:
        assert span is None
        return
    assert span is not None
    assert span.end == datetime.fromisoformat(ends)
    assert (span.end - span.start).total_seconds() == hours * 3600

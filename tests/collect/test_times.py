from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.times import Times
from storj_monitor.plugin.query import microseconds

AT = 1661115098_083000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"2022-08-21T22:51:38.083+0200", "2022-08-21T20:51:38.083000+00:00"),
        (b"2022-07-09T20:00:10.698Z", "2022-07-09T20:00:10.698000+00:00"),
        (b"2025-10-06T00:00:14-07:00", "2025-10-06T07:00:14+00:00"),
        (b"2025-10-06T07:00:14Z", "2025-10-06T07:00:14+00:00"),
        (b"2025-10-06T07:00:14.123456789Z", "2025-10-06T07:00:14.123456+00:00"),
        (b"2025-10-06T07:00:14,5+05:45", "2025-10-06T01:15:14.500000+00:00"),
        (b"2024-12-31T23:59:59-00:30", "2025-01-01T00:29:59+00:00"),
    ],
)
def test_both_time_forms_become_utc(text: bytes, expected: str) -> None:
    assert Times().read(text) == microseconds(datetime.fromisoformat(expected))


def test_a_time_is_microseconds_since_1970() -> None:
    assert Times().read(b"2022-08-21T22:51:38.083+0200") == AT


def test_the_hour_that_comes_twice_in_autumn_is_told_apart_by_its_offset() -> None:
    times = Times()
    summer, winter = (
        times.read(b"2025-10-26T02:30:00+02:00"),
        times.read(b"2025-10-26T02:30:00+01:00"),
    )
    assert summer is not None
    assert winter is not None
    assert winter - summer == 3600_000000


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001  made aware below
    st.sampled_from(("UTC", "America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe")),
    st.booleans(),
)
def test_any_time_of_any_zone_is_read_as_written(
    naive: datetime, zone: str, in_milliseconds: bool
) -> None:
    unit = "milliseconds" if in_milliseconds else "seconds"
    text = naive.replace(tzinfo=ZoneInfo(zone)).isoformat(timespec=unit)
    expected = datetime.fromisoformat(text)
    if in_milliseconds:  # the old form has no colon in its offset
        text = text[:-3] + text[-2:]
    assert Times().read(text.encode()) == microseconds(expected)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"2025-10-06",
        b"2025-10-06 07:00:11,123",
        b"2025-02-30T00:00:00Z",
        b"2025-10-06T25:00:00Z",
        b"2025-10-06T00:00:00+99:00",
        b"1925-10-06T00:00:00Z",
        b"9925-10-06T00:00:00Z",
        b"2025-10-06T00:00:14-07:00 ",
        "\uff12\uff10\uff12\uff15-10-06T00:00:14Z".encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_time_is_none(text: bytes) -> None:
    times = Times()
    assert times.read(text) is None


def test_a_time_without_a_zone_is_taken_as_utc_and_flagged() -> None:
    times = Times()
    assert times.read(b"2025-10-06T07:00:14Z") == times.read(b"2025-10-06T07:00:14.000")
    assert times.without_zone

"""Durations and sizes in the node's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.collect.quantities import duration_ms, size_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("26.051478463s", 26_051),
        ("100.031853ms", 100),
        ("1m37.5s", 97_500),
        ("1h2m3s", 3_723_000),
        ("2562047h47m16.854775807s", 9_223_372_036_855),
        ("162.857µs", 0),
        ("999.9\u03bcs", 1),
        ("500us", 0),
        ("1500us", 2),
        ("850ns", 0),
        ("0s", 0),
    ],
)
def test_a_duration_is_milliseconds(text: str, expected: int) -> None:
    assert duration_ms(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "s",
        "-5s",
        "5 s",
        "1.5.5s",
        "5d",
        "5S",
        "٣s",
        "9" * 10_000 + "s",
        "9" * 18 + "h",
        "1h" * 9,
        "5s\n",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        duration_ms(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 B", 0),
        ("512 B", 512),
        ("0.5 KiB", 512),
        ("548.6 MiB", 575_248_794),
        ("112.6 GiB", 120_903_329_382),
        ("5.4 TiB", 5_937_362_789_990),
        ("1.0 PiB", 2**50),
        ("7.9 EiB", 9_108_079_886_394_091_110),
    ],
)
def test_a_size_is_bytes(text: str, expected: int) -> None:
    assert size_bytes(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "5", "B", "-5 B", "5 GB", "5 iB", "5 gib", "5 XiB", "8 EiB", "9" * 10_000 + " B", "5 B\n"],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        size_bytes(text)


@given(st.integers(0, 2**62))
def test_a_duration_of_any_length_is_read_within_a_millisecond(nanoseconds: int) -> None:
    minutes, rest = divmod(nanoseconds, 60_000_000_000)
    text = f"{minutes // 60}h{minutes % 60}m{rest // 10**9}.{rest % 10**9:09}s"
    assert abs(duration_ms(text) - nanoseconds / 1_000_000) <= 0.5

from __future__ import annotations

from itertools import islice

from storj_monitor.collect.follow.pauses import pauses


def test_pauses_grow_to_a_minute_and_no_two_series_are_alike() -> None:
    drawn = list(islice(pauses(), 12))
    longest = [min(2**number, 60) for number in range(12)]
    assert all(most / 2 <= pause <= most for pause, most in zip(drawn, longest, strict=True))
    assert drawn != list(islice(pauses(), 12))

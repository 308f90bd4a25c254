from __future__ import annotations

from storj_monitor.collect.recent import Recent


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    recent: Recent[str, int] = Recent(2)
    for number, key in enumerate("abc"):
        recent.put(key, number)
    assert [recent.get(key) for key in "abc"] == [None, 1, 2]


def test_a_known_key_pushes_nothing_out() -> None:
    recent: Recent[str, int] = Recent(2)
    for number, key in enumerate("aba"):
        recent.put(key, number)
    assert [recent.get(key) for key in "ab"] == [2, 1]


def test_what_is_taken_is_forgotten() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    assert (recent.take("a"), recent.take("a")) == (1, None)

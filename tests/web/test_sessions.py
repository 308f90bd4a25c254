from __future__ import annotations

from storj_monitor.web.sessions import LASTS_SECONDS, MOST, Sessions


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_session_is_known_until_it_ends() -> None:
    sessions = Sessions()
    mine, theirs = sessions.begin(), sessions.begin()
    assert mine != theirs
    assert sessions.knows(mine)
    sessions.end(mine)
    sessions.end("never begun")
    assert not sessions.knows(mine)
    assert sessions.knows(theirs)


def test_what_nobody_was_given_is_no_session() -> None:
    sessions = Sessions()
    sessions.begin()
    for key in ("", "guess", "\udcff"):
        assert not sessions.knows(key)


def test_a_session_ends_by_itself_however_busy_one_was() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    key = sessions.begin()
    clock.seconds += LASTS_SECONDS - 1
    assert sessions.knows(key)
    clock.seconds += 1
    assert not sessions.knows(key)


def test_the_oldest_goes_when_there_are_too_many() -> None:
    sessions = Sessions()
    keys = [sessions.begin() for _ in range(MOST + 1)]
    assert [sessions.knows(key) for key in keys] == [False] + [True] * MOST


def test_those_that_are_over_make_room_first() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    for _ in range(MOST - 1):
        sessions.begin()
    clock.seconds += LASTS_SECONDS - 1
    kept = sessions.begin()
    clock.seconds += 1
    keys = [sessions.begin() for _ in range(MOST - 1)]
    assert all(map(sessions.knows, [kept, *keys]))

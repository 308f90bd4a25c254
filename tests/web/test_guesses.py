from __future__ import annotations

from ipaddress import ip_address

import pytest

from storj_monitor.web import guesses as module
from storj_monitor.web.guesses import BURST, PAUSE_SECONDS, Guesses
from tests.web.test_sessions import Clock

HERE, ELSEWHERE = ip_address("192.0.2.7"), ip_address("192.0.2.8")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guesses(clock: Clock) -> Guesses:
    return Guesses(clock)


def tire(guesses: Guesses, address: str = "192.0.2.7") -> int:
    """Guess as often as one may, and return how often that was."""
    count = 0
    while guesses.may(ip_address(address)) and count < 1_000:
        guesses.note(ip_address(address))
        count += 1
    return count


def test_some_guesses_are_free_and_then_one_has_to_wait(guesses: Guesses, clock: Clock) -> None:
    assert tire(guesses) == BURST
    clock.seconds += PAUSE_SECONDS - 0.5
    assert not guesses.may(HERE)
    clock.seconds += 0.5
    assert tire(guesses) == 1
    clock.seconds += BURST * PAUSE_SECONDS
    assert tire(guesses) == BURST


def test_others_do_not_wait_for_it(guesses: Guesses) -> None:
    tire(guesses)
    assert guesses.may(ELSEWHERE)
    assert guesses.may(None)


def test_all_addresses_of_a_home_count_as_one(guesses: Guesses) -> None:
    tire(guesses, "2001:db8:0:1::7")
    assert not guesses.may(ip_address("2001:db8:0:1:ffff::9"))
    assert guesses.may(ip_address("2001:db8:0:2::7"))


def test_no_more_addresses_are_remembered_than_fit(
    guesses: Guesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(1, 5):
        tire(guesses, f"192.0.2.{number}")
    may = [guesses.may(ip_address(f"192.0.2.{number}")) for number in range(1, 5)]
    assert may == [True, False, False, False]

"""When a node is asked of money: what failed comes again sooner, and what is settled later."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storj_monitor.collect.agenda import Agenda
from storj_monitor.collect.node_api import Failure, MoneyReading, StatementsReading

AT = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
HOUR = 3600.0
LAST_MONTHS = ["2025-12", "2025-11", "2025-10"]
FAILURE = Failure("/api/heldamount", "no time was left")


def test_all_is_due_at_first() -> None:
    agenda = Agenda()
    assert agenda.is_money_due(0)
    assert agenda.are_statements_due(0)
    assert agenda.periods(AT) is None
    assert agenda.missing == ()


@pytest.mark.parametrize("failures", [(), (FAILURE,)])
def test_estimates_are_due_every_hour(failures: tuple[Failure, ...]) -> None:
    agenda = Agenda()
    agenda.note_money(5, MoneyReading(at=AT, failures=failures))
    assert not agenda.is_money_due(HOUR + 4)
    assert agenda.is_money_due(HOUR + 5)
    assert agenda.missing == failures


def test_statements_of_the_last_months_are_due_every_six_hours() -> None:
    agenda = Agenda()
    agenda.note_statements(5, StatementsReading(at=AT, failures=(FAILURE,)))
    assert not agenda.are_statements_due(6 * HOUR + 4)
    assert agenda.are_statements_due(6 * HOUR + 5)
    assert agenda.periods(AT) == LAST_MONTHS
    assert agenda.missing == ()


def test_months_that_could_not_be_read_are_due_in_an_hour_with_the_last_ones() -> None:
    agenda = Agenda()
    unread = ("2025-11", "2021-03")
    agenda.note_statements(5, StatementsReading(at=AT, unread=unread, failures=(FAILURE,)))
    assert not agenda.are_statements_due(HOUR + 4)
    assert agenda.are_statements_due(HOUR + 5)
    assert agenda.periods(AT) == [*LAST_MONTHS, "2021-03"]
    assert list(agenda.missing) == [FAILURE]
    agenda.note_statements(HOUR + 5, StatementsReading(at=AT))
    assert agenda.periods(AT) == LAST_MONTHS
    assert list(agenda.missing) == []


def test_where_not_even_the_months_are_known_all_are_due_in_an_hour() -> None:
    agenda = Agenda()
    agenda.note_statements(5, StatementsReading(at=AT, unread=None, failures=(FAILURE,)))
    assert agenda.are_statements_due(HOUR + 5)
    assert agenda.periods(AT) is None


def test_what_was_read_but_lost_is_due_in_an_hour() -> None:
    agenda = Agenda()
    agenda.note_statements(5, StatementsReading(at=AT))
    agenda.ask_again(10)
    assert not agenda.are_statements_due(HOUR + 9)
    assert agenda.are_statements_due(HOUR + 10)
    assert agenda.periods(AT) is None

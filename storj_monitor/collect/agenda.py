"""When a node is asked for what changes seldom: what it expects, and what was stated."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING

from storj_monitor.plugin.payouts import month_of, month_start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storj_monitor.collect.node_api import Failure, MoneyReading, StatementsReading

_HOUR_SECONDS = 3600.0
_STATEMENTS_SECONDS = 6 * _HOUR_SECONDS
#: Statements still change then: what was paid for them is told later.
_CHANGING_MONTHS = 3


class Agenda:
    """What to ask one node for; times are seconds of one clock that never goes back.

    Estimates are asked for every hour. Statements are all asked for once, and those of the last
    months every six hours; what could not be read, in an hour.
    """

    def __init__(self) -> None:
        self._money_at = self._statements_at = -inf
        self._unread: Sequence[str] | None = None
        self._money_missing: tuple[Failure, ...] = ()
        self._statements_missing: tuple[Failure, ...] = ()

    @property
    def missing(self) -> tuple[Failure, ...]:
        """What could not be read and will be asked for again."""
        return self._money_missing + self._statements_missing

    def is_money_due(self, at: float) -> bool:
        """Whether to ask what the node expects."""
        return at >= self._money_at

    def note_money(self, at: float, read: MoneyReading) -> None:
        """Note that this came of asking what it expects."""
        self._money_at = at + _HOUR_SECONDS
        self._money_missing = read.failures

    def are_statements_due(self, at: float) -> bool:
        """Whether to ask for statements."""
        return at >= self._statements_at

    def periods(self, today: datetime) -> Sequence[str] | None:
        """Return the months to ask the statements of, the latest first; None for all."""
        if self._unread is None:
            return None
        return sorted({*_last_months(today), *self._unread}, reverse=True)

    def note_statements(self, at: float, read: StatementsReading) -> None:
        """Note that this came of asking for statements."""
        self._unread = read.unread
        is_whole = read.unread == ()
        self._statements_at = at + (_STATEMENTS_SECONDS if is_whole else _HOUR_SECONDS)
        self._statements_missing = () if is_whole else read.failures

    def ask_again(self, at: float) -> None:
        """Note that what was read of statements got lost: all of it is asked for in an hour."""
        self._unread = None
        self._statements_at = at + _HOUR_SECONDS


def _last_months(today: datetime) -> list[str]:
    """Return the last months that are over."""
    months = [month_of(today)]
    for _ in range(_CHANGING_MONTHS):
        months.append(month_of(month_start(months[-1]) - timedelta(days=1)))
    return months[1:]

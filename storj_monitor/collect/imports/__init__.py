"""Another monitor's database goes into ours: `storj-monitor import PATH` is this, and a bar.

with opened(Path("storj_stats.db")) as theirs:
    print(describe(import_database(store, theirs)))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.collect.imports.account import Account, TableAccount, describe
from storj_monitor.collect.imports.alerts import import_alerts
from storj_monitor.collect.imports.compactions import import_compactions
from storj_monitor.collect.imports.events import import_events
from storj_monitor.collect.imports.hours import import_hours
from storj_monitor.collect.imports.money import import_money
from storj_monitor.collect.imports.reputation import import_reputation
from storj_monitor.collect.imports.storage import import_storage
from storj_monitor.collect.imports.taking import Taking

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.store import Store
    from storj_monitor.store.foreign import ForeignDatabase

__all__ = ["Account", "TableAccount", "describe", "import_database"]

#: Tables that are left out as a whole, and why.
_NOT_TAKEN = {
    "insights": "that alerts and reports say anew, from the data itself",
    "analytics_baselines": "of averages, which are worked out anew from the data itself",
    "app_persistent_state": "of the other program's own state",
}
_TAKEN = (
    *("events", "hourly_stats", "hashstore_compaction_history", "reputation_history"),
    *("storage_snapshots", "earnings_estimates", "payout_history", "alerts"),
)


def _silently(_done: int, _total: int | None) -> None:
    """Show no progress."""


def import_database(
    store: Store,
    theirs: ForeignDatabase,
    progress: Callable[[int, int | None], None] = _silently,
) -> Account:
    """Take over all that another monitor's database tells; return what became of each row.

    A second time adds what is new alone, and so does the next time after one that was cut off.
    `progress` is told how many rows are done, and of how many. Raises OperatorError when theirs
    is damaged; what came before is kept.
    """
    with store.writer() as writer, store.reader() as reader:
        total = sum(theirs.count(table) for table in (*_TAKEN, *_NOT_TAKEN))
        taking = Taking(theirs, reader, writer, progress, total)
        import_hours(taking, import_events(taking))
        import_compactions(taking)
        import_reputation(taking)
        import_storage(taking)
        import_money(taking)
        import_alerts(taking)
        _leave_out(taking)
        return taking.account


def _leave_out(taking: Taking) -> None:
    for name, reason in _NOT_TAKEN.items():
        account = taking.table(name)
        if rows := taking.theirs.count(name):
            account.left_out[reason] = rows
            taking.count(account, rows)

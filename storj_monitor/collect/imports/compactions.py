"""Their `hashstore_compaction_history`: finished compactions, as their log lines told them."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.imports.cells import NO_SATELLITE, id_of, ratio_of, whole_of
from storj_monitor.schema import compactions
from storj_monitor.store.news import Compaction, News

if TYPE_CHECKING:
    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.taking import Taking

_MOST_SECONDS = 1e9


class CompactionRow(NamedTuple):
    """A row of `hashstore_compaction_history`: ratios are percentages."""

    rowid: int
    node_name: str | None
    satellite: str | None
    store: str | None
    last_run_iso: str | None
    duration: float | None
    data_reclaimed_bytes: int | None
    data_rewritten_bytes: int | None
    table_load: float | None
    trash_percent: float | None


def import_compactions(taking: Taking) -> None:
    """Take over the compactions that no log told."""
    account = taking.table("hashstore_compaction_history")
    with taking.storing(account, compactions) as store:
        for page in taking.pages(account, CompactionRow):
            by_node: dict[str, list[Compaction]] = defaultdict(list)
            for row in page:
                whose = taking.whose(account, row.node_name, row.last_run_iso)
                if whose and (told := _compaction(account, row, whose[1])):
                    by_node[whose[0]].append(told)
            store([News(node=node, compactions=told) for node, told in by_node.items()])


def _compaction(account: TableAccount, row: CompactionRow, at: int) -> Compaction | None:
    satellite, store = id_of(row.satellite), id_of(row.store)
    if satellite is None or store is None:
        account.left_out[NO_SATELLITE if satellite is None else "without a name of a store"] += 1
        return None
    made = Compaction(
        at=at,
        satellite=satellite,
        store=store,
        duration_ms=_milliseconds(row.duration),
        reclaimed_bytes=whole_of(row.data_reclaimed_bytes),
        rewritten_bytes=whole_of(row.data_rewritten_bytes),
        table_load=ratio_of(row.table_load),
        trash_ratio=ratio_of(row.trash_percent),
        error=None,
    )
    if any(was is not None and now is None for was, now in zip(row[5:], made[3:8], strict=True)):
        account.repaired["with numbers that can't be: taken without these"] += 1
    return made


def _milliseconds(seconds: float | None) -> int | None:
    if seconds is None or not math.isfinite(seconds) or not 0 <= seconds <= _MOST_SECONDS:
        return None
    return round(seconds * 1_000)

"""Their `storage_snapshots`: disk space as the API told it, in two meanings, or as the log did."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.imports import ours
from storj_monitor.collect.imports.cells import MOST_BYTES, node_of, whole_of
from storj_monitor.collect.imports.meaning import Meanings, Sizes
from storj_monitor.schema import storage
from storj_monitor.store.news import SLOT_US, FreeSpace, News, UsedSpace

if TYPE_CHECKING:
    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.taking import Taking

_TABLE = "storage_snapshots"


class SpaceRow(NamedTuple):
    """A row of `storage_snapshots`; of those that a log told, all is NULL but what is available."""

    rowid: int
    timestamp: str | None
    node_name: str | None
    total_bytes: int | None
    used_bytes: int | None
    available_bytes: int | None
    trash_bytes: int | None


def import_storage(taking: Taking) -> None:
    """Take over what the API told; then what a log did, of five minutes in which no API did."""
    account = taking.table(_TABLE)
    meanings = _meanings(taking)
    with taking.storing(account, storage) as store:
        for page in taking.look(_TABLE, SpaceRow):
            rows = [row for row in page if row.total_bytes is not None]
            taking.count(account, len(rows))
            store(_used(taking, account, rows, meanings))
        for page in taking.look(_TABLE, SpaceRow):
            rows = [row for row in page if row.total_bytes is None]
            taking.count(account, len(rows))
            store(_free(taking, account, rows))


def _meanings(taking: Taking) -> Meanings:
    meanings = Meanings()
    for page in taking.look(_TABLE, SpaceRow):
        for row in page:
            node, sizes = node_of(row.node_name), _sizes(row)
            if node is not None and sizes is not None:
                meanings.see(node, sizes)
    return meanings


def _sizes(row: SpaceRow) -> Sizes | None:
    total, used = whole_of(row.total_bytes), whole_of(row.used_bytes)
    return None if total is None or used is None else Sizes(row.rowid, total, used)


def _used(
    taking: Taking, account: TableAccount, rows: list[SpaceRow], meanings: Meanings
) -> list[News]:
    by_node: dict[str, dict[int, UsedSpace]] = defaultdict(dict)
    for row in rows:
        whose = taking.whose(account, row.node_name, row.timestamp)
        if whose is None:
            continue
        node, at = whose
        sizes = _sizes(row)
        if sizes is None:
            account.left_out["with sizes that can't be"] += 1
            continue
        read = _since_v1_143 if meanings.is_free(node, row.rowid) else _before_v1_143
        _keep(account, by_node[node], read(account, row, sizes, at))
    return [News(node=node, used_space=list(told.values())) for node, told in by_node.items()]


def _keep(account: TableAccount, slots: dict[int, UsedSpace], told: UsedSpace) -> None:
    """Keep the last of five minutes."""
    slot = told.at // SLOT_US
    if slot in slots:
        account.left_out["followed by another within five minutes"] += 1
    if slot not in slots or slots[slot].at <= told.at:
        slots[slot] = told


def _before_v1_143(account: TableAccount, row: SpaceRow, sizes: Sizes, at: int) -> UsedSpace:
    """Add the trash to what is used: it was missing there, and told as free."""
    trash = whole_of(row.trash_bytes)
    if trash is None:
        return UsedSpace(at, sizes.total, None, None, None, None, None, "import")
    if trash:
        account.repaired["with trash among the free space: added to what is used"] += 1
    used = sizes.used + trash
    free = max(0, sizes.total - used)
    return UsedSpace(at, sizes.total, used, free, trash, None, None, "import")


def _since_v1_143(account: TableAccount, row: SpaceRow, sizes: Sizes, at: int) -> UsedSpace:
    """Take the total for what it is, the free space; the trash is part of what is used."""
    account.repaired["with the free space told as the whole: added up"] += 1
    whole = sizes.total + sizes.used
    trash = whole_of(row.trash_bytes)
    return UsedSpace(at, whole, sizes.used, sizes.total, trash, None, None, "import")


def _free(taking: Taking, account: TableAccount, rows: list[SpaceRow]) -> list[News]:
    told: list[tuple[str, FreeSpace]] = []
    for row in rows:
        whose = taking.whose(account, row.node_name, row.timestamp)
        if whose is None:
            continue
        free = row.available_bytes
        if free is None or abs(free) > MOST_BYTES:
            account.left_out["without any size"] += 1
            continue
        told.append((whose[0], FreeSpace(whose[1], free, "import")))
    return _without_known(taking, account, told)


def _without_known(
    taking: Taking, account: TableAccount, told: list[tuple[str, FreeSpace]]
) -> list[News]:
    """Leave out what the log told in the five minutes in which the API told more."""
    known = ours.measured(taking.reader, (space.at for _, space in told))
    by_node: dict[str, list[FreeSpace]] = defaultdict(list)
    for node, space in told:
        if (node, space.at - space.at % SLOT_US) in known:
            account.left_out["of a log, within five minutes of what the API told"] += 1
        else:
            by_node[node].append(space)
    return [News(node=node, free_space=spaces) for node, spaces in by_node.items()]

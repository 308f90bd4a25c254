"""Their `hourly_stats`: what is left of the hours whose events were removed after two days."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.collect.imports import ours
from storj_monitor.collect.imports.cells import MOST_BYTES, whole_of
from storj_monitor.store.news import HOUR_US, News, Seal, SummedHour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from storj_monitor.collect.imports.account import TableAccount
    from storj_monitor.collect.imports.ours import NodeHour
    from storj_monitor.collect.imports.taking import Taking

#: Hours that are written in one transaction.
_BATCH = 5_000
_MOST = 2**40


class HourRow(NamedTuple):
    """A row of `hourly_stats`."""

    rowid: int
    hour_timestamp: str | None
    node_name: str | None
    dl_success: int | None
    dl_fail: int | None
    ul_success: int | None
    ul_fail: int | None
    audit_success: int | None
    audit_fail: int | None
    total_download_size: int | None
    total_upload_size: int | None


class _Hour(NamedTuple):
    """The counts of an hour, larger ones being the better: both rows are of the same hour."""

    transfers: int
    row: HourRow


def import_hours(taking: Taking, events: Mapping[NodeHour, int]) -> None:
    """Take over the sums of hours of which nothing is known but these; `events` counts theirs."""
    account = taking.table("hourly_stats")
    hours = _hours(taking, account)
    missing = {
        hour: told.transfers - events[hour] for hour, told in hours.items() if hour in events
    }
    if missing:
        account.left_out["of hours whose transfers stand in events"] = len(missing)
    for batch in _batches(key for key in sorted(hours) if key not in events):
        known = ours.summed(taking.reader, (hour_at for _, hour_at in batch))
        new = [hour for hour in batch if hour not in known]
        taking.writer.write(list(_news({hour: hours[hour].row for hour in new})))
        account.known += len(batch) - len(new)
        account.taken += len(new)
    _remark(account, missing)


def _hours(taking: Taking, account: TableAccount) -> dict[NodeHour, _Hour]:
    """Return each hour once, by node: two spellings of its time may stand there."""
    found: dict[NodeHour, _Hour] = {}
    for page in taking.pages(account, HourRow):
        for row in page:
            whose = taking.whose(account, row.node_name, row.hour_timestamp)
            if whose is None:
                continue
            hour = _Hour(_transfers(row), row)
            if reason := _unfit(whose[1], hour):
                account.left_out[reason] += 1
                continue
            if whose in found:
                account.left_out["of the same hour in another spelling"] += 1
            found[whose] = max(hour, found.get(whose, hour), key=lambda hour: hour.transfers)
    return found


def _unfit(at: int, hour: _Hour) -> str | None:
    """Say why an hour can't be taken; None if it can."""
    if at % HOUR_US:
        return "of no whole hour"
    return None if hour.transfers else "that count nothing"


def _transfers(row: HourRow) -> int:
    counts = (
        *(row.dl_success, row.dl_fail, row.ul_success, row.ul_fail),
        *(row.audit_success, row.audit_fail),
    )
    return sum(_count(count) for count in counts)


def _count(count: int | None) -> int:
    return whole_of(count, _MOST) or 0


def _batches(hours: Iterable[NodeHour]) -> Iterator[list[NodeHour]]:
    batch: list[NodeHour] = []
    for hour in hours:
        batch.append(hour)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _news(hours: Mapping[NodeHour, HourRow]) -> Iterator[News]:
    """Return the sums by node, with the seals: a log that is read later doesn't add to them."""
    by_node: dict[str, list[int]] = defaultdict(list)
    for node, hour_at in hours:
        by_node[node].append(hour_at)
    for node, times in by_node.items():
        sums = [summed for at in times for summed in _sums(at, hours[node, at])]
        yield News(node=node, summed_hours=sums, seals=[Seal(at, at + HOUR_US - 1) for at in times])


def _sums(at: int, row: HourRow) -> Iterator[SummedHour]:
    """Yield the counts that are not zero.

    What failed is told together with what was canceled, which is far more of it.
    """
    told = (
        ("GET", "success", row.dl_success, row.total_download_size),
        ("GET", "canceled", row.dl_fail, None),
        ("PUT", "success", row.ul_success, row.total_upload_size),
        ("PUT", "canceled", row.ul_fail, None),
        ("GET_AUDIT", "success", row.audit_success, None),
        ("GET_AUDIT", "failed", row.audit_fail, None),
    )
    for action, status, count, size in told:
        if transfers := _count(count):
            yield SummedHour(at, action, status, transfers, whole_of(size, MOST_BYTES))


def _remark(account: TableAccount, missing: Mapping[NodeHour, int]) -> None:
    if account.taken:
        account.remarks.append(
            "repair traffic is within the sums of GET and PUT, what failed within what was"
            " canceled; up to ten minutes of each hour are missing in them"
        )
    cut = [count for count in missing.values() if count > 0]
    if cut:
        account.remarks.append(
            f"{len(cut):,} hours count {sum(cut):,} transfers more than stand in events, most of"
            " them removed by the two days' limit: these are not added"
        )

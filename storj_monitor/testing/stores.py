"""Real databases for sources and reports: one with a few usual days, one empty, one awkward."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pytest

from storj_monitor.plugin import Span
from storj_monitor.plugin.query import microseconds
from storj_monitor.settings import Cost, MoneySettings
from storj_monitor.store import (
    TRANSFERS,
    Compaction,
    Estimate,
    FreeSpace,
    HeardHour,
    Joined,
    News,
    PastAlert,
    Paystub,
    Poll,
    Prices,
    Scores,
    Store,
    UsedSpace,
)
from storj_monitor.testing.texts import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

#: The days of the sample, in UTC, and what time it is then.
SAMPLE_SPAN: Final = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
SAMPLE_NOW: Final = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
NODES = ("alpha", "beta", "gamma")
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
EU1 = "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
_PIECE = "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ"
_HOUR_US = 3_600_000_000
_ACTIONS = (
    *(("GET", "success"), ("PUT", "success"), ("GET", "canceled"), ("GET_REPAIR", "success")),
    *(("PUT", "failed"), ("GET_AUDIT", "success"), ("PUT_REPAIR", "success"), ("GET", "failed")),
)


def sample_store(folder: Path) -> Store:
    """Return a database in `folder` with what three nodes told in SAMPLE_SPAN.

    Every table that a source may read has rows in it: transfers and their hourly sums, scores, disk
    space, compactions, statements, estimates, prices, alerts, and what logs and APIs were read.
    """
    costs = (Cost(node="alpha", monthly=Decimal("3.50")),)
    store = Store.open(folder / "sample.db", create=True, money=MoneySettings(costs=costs))
    with store.writer() as writer:
        for number, node in enumerate(NODES):
            writer.write([_news(node, number)])
    return store


def empty_store(folder: Path) -> Store:
    """Return a database in `folder` in which nothing was written yet."""
    return Store.open(folder / "empty.db", create=True)


def awkward_store(folder: Path) -> Store:
    """Return a database in `folder` whose nodes have names that mean something elsewhere.

    What may be missing is missing, numbers are as large as they may be, and several things were
    told in the same moment.
    """
    store = Store.open(folder / "awkward.db", create=True)
    at = SAMPLE_SPAN.end_us - 6 * _HOUR_US
    with store.writer() as writer:
        for number, node in enumerate(NAMES):
            writer.write([_awkward_news(node, at + number // 3)])
    return store


class WithDatabases:
    """The three databases by what is in them, made once for each class of tests."""

    @classmethod
    def add_to_sample(cls, store: Store) -> None:
        """Write into the sample what the kit doesn't know of; nothing by default."""

    @classmethod
    def databases_in(cls, folder: Path) -> Mapping[str, Store]:
        """Make the databases in a folder, by what is in them."""
        made = {
            "sample": sample_store(folder),
            "empty": empty_store(folder),
            "awkward": awkward_store(folder),
        }
        cls.add_to_sample(made["sample"])
        return made

    @pytest.fixture(scope="class")
    @classmethod
    def stores(cls, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Store]:
        """Give the databases to the tests of a class."""
        return cls.databases_in(tmp_path_factory.mktemp("databases"))


def _news(node: str, number: int) -> News:
    start, end = SAMPLE_SPAN.start_us, SAMPLE_SPAN.end_us
    hours = range(start, end, _HOUR_US)
    six_hourly = hours[number::6]
    return News(
        node=node,
        transfers=_transfers(hours, number),
        hours=[HeardHour(at, at + 1, at + _HOUR_US - 1) for at in hours if at not in hours[30:33]],
        scores=[
            Scores(at, satellite, 1.0 - number / 100, 1.0, 0.995, 100 + index, 100 + index)
            for index, at in enumerate(six_hourly)
            for satellite in (US1, EU1)
        ],
        used_space=[_space(at, number) for at in six_hourly],
        free_space=[FreeSpace(at + 1_800_000_000, 10**12) for at in six_hourly],
        compactions=[
            Compaction(at, US1, "s0", 1_500, 10**9, 10**8, 0.5, 0.125, None) for at in six_hourly
        ],
        poll=Poll(start, "http://127.0.0.1:14002", is_answered=number > 0, reason=None),
        paystubs=[_paystub(period) for period in ("2026-01", "2026-02", "2026-03")[: 2 + number]],
        estimates=[
            Estimate("2026-03", EU1, "api", at, 10**15, 10**11, 10**9, 10**9, 1, 2, 3, 4, 10, 0, 10)
            for at in six_hourly
        ],
        joined=[Joined(US1, microseconds(datetime(2025, 6, 1, tzinfo=UTC))), Joined(EU1, start)],
        prices=[Prices(US1, start, 1_500_000, 2_000_000, 2_000_000, 2_000_000)],
        past_alerts=[
            _alert(at, index) for index, at in enumerate(range(start, end, 5 * _HOUR_US + number))
        ],
    )


def _space(at: int, number: int) -> UsedSpace:
    return UsedSpace(at, 10**13, (number + 1) * 10**12, 8 * 10**12, 10**10, None, 0)


def _paystub(period: str) -> Paystub:
    return Paystub(
        *(period, US1, "api", SAMPLE_SPAN.start_us),
        codes="E",
        byte_hours=10**15,
        get_bytes=10**11,
        comp_at_rest=2_083_333,
        comp_get=200_000,
        earned=2_283_333,
        surge_percent=100,
        held=0,
        paid=2_283_333,
        distributed=2_283_333,
        receipt="eth:0x12ab",
    )


def _alert(at: int, index: int) -> PastAlert:
    severity = ("info", "warning", "critical")[index % 3]
    resolved_at = None if index % 2 else at + _HOUR_US
    about = ("audit_score", severity, "Audit score", "It fell.", 0.95, 0.96)
    return PastAlert(at, US1 if index % 4 else None, *about, resolved_at=resolved_at)


def _transfers(hours: Sequence[int], number: int) -> pa.RecordBatch:
    rows = [
        {
            "at": hour + index * 60_000_000 + number,
            "satellite": (US1, EU1)[index % 2],
            "action": action,
            "status": status,
            "size": 2_319_872 - index,
            "duration_ms": 100 * index if status == "success" else None,
            "piece_id": _PIECE,
            "error": "read tcp 192.0.2.1:1->198.51.100.7:2" if status == "failed" else None,
            "remote_ip": "198.51.100.7",
            "country": "DE",
        }
        for hour in hours
        for index, (action, status) in enumerate(_ACTIONS)
    ]
    return _batch(rows)


def _batch(rows: Iterable[Mapping[str, object]]) -> pa.RecordBatch:
    numbers = count()
    whole = [{"fingerprint": next(numbers), "occurrence": 0, **row} for row in rows]
    return pa.RecordBatch.from_pylist(whole, schema=TRANSFERS)


def _awkward_news(node: str, at: int) -> News:
    hour_at = at - at % _HOUR_US
    return News(
        node=node,
        transfers=_batch(_awkward_transfers(node, at)),
        hours=[HeardHour(hour_at, at, at)],
        scores=[Scores(at, US1, 0.0, None, None, None, None, disqualified_at=at)],
        used_space=[UsedSpace(at, 0, 2**58, 0, None, None, None)],
        compactions=[Compaction(at, US1, "s0", None, None, None, None, None, node)],
        poll=Poll(at, "http://[::1]:1", is_answered=False, reason=node),
        paystubs=[Paystub("2026-02", US1, "api", at, paid=1, codes=node, receipt=node)],
        estimates=[Estimate("2026-03", US1, "api", at, payout=-1, gross=1)],
        joined=[Joined(US1, at)],
        prices=[Prices(US1, at, 1, 1, 1, 1)],
        past_alerts=[PastAlert(at, None, "disk_space", "warning", node, node, None, 1e308)],
    )


def _awkward_transfers(node: str, at: int) -> Iterator[dict[str, object]]:
    failed = {"action": "GET", "status": "failed", "error": f"{node}\x00\x1b [2001:db8::1]:2"}
    yield {"at": at, "satellite": US1, **failed}
    yield {"at": at, "satellite": EU1, "action": "GET", "status": "success", "size": 2**53 + 1}
    yield {"at": at, "action": "PUT", "status": "rejected"}

"""For any ledger that obeys the satellites' rules: the rows come to its totals, in every format."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import pyarrow.parquet as pq
from hypothesis import given, settings
from openpyxl import load_workbook

from storj_export_plugins.formats import csv as csv_format
from storj_export_plugins.formats import json as json_format
from storj_export_plugins.formats import ndjson, parquet, xlsx
from storj_monitor.exports.pipeline import Export
from storj_monitor.exports.request import Limits, parse_export
from storj_monitor.store import Store
from tests.records import ListeningHost, catalogue_of
from tests.sources.ledgers import ledgers, news_of
from tests.sources.statements import EARNINGS, earned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from storj_monitor.store import News, Paystub
    from tests.sources.ledgers import Membership

    Ledger = dict[tuple[str, str], Membership]

NOW = datetime(2026, 3, 4, tzinfo=UTC)
MONEY = {
    "gross_usd": "earned",
    "held_usd": "held",
    "disposed_usd": "disposed",
    "paid_usd": "paid",
    "distributed_usd": "distributed",
}
FORMATS = (csv_format, json_format, ndjson, parquet, xlsx)


@contextmanager
def store_of(news: Sequence[News]) -> Iterator[Store]:
    with TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "storj-monitor.db", create=True)
        with store.writer() as writer:
            writer.write(news)
        yield store


def micro(cell: object) -> int:
    """Return what a cell of a file says, be it a text, a number or a decimal."""
    amount = Decimal(str(cell)) * 1_000_000
    assert amount == amount.to_integral_value()
    return int(amount)


def file_of(store: Store, name: str) -> bytes:
    """Return all statements as a file."""
    formats = [format_ for module in FORMATS for format_ in module.storj_formats()]
    words = {"format": [name], "start": ["2019-01-01"]}
    words["state"] = ["paystub,distributed"]
    catalogue = catalogue_of(EARNINGS, *formats)
    request = parse_export("earnings", words, catalogue, Limits(now=NOW, nodes=[]))
    export = Export(request, store, ListeningHost(), NOW)
    export.begin()
    return b"".join(export.chunks())


def read_csv(file: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))


def read_json(file: bytes) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", json.loads(file, parse_float=Decimal))


def read_ndjson(file: bytes) -> list[dict[str, Any]]:
    return [json.loads(line, parse_float=Decimal) for line in file.splitlines()]


def read_parquet(file: bytes) -> list[dict[str, Any]]:
    return pq.read_table(io.BytesIO(file)).to_pylist()


def read_xlsx(file: bytes) -> list[dict[str, Any]]:
    sheet = cast("Worksheet", load_workbook(io.BytesIO(file)).worksheets[0])
    keys, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, keys), row, strict=True)) for row in rows]


READERS = {
    "csv": read_csv,
    "json": read_json,
    "ndjson": read_ndjson,
    "parquet": read_parquet,
    "xlsx": read_xlsx,
}


def statements_of(news: Iterable[News]) -> list[Paystub]:
    return [stub for one in news for stub in one.paystubs]


@settings(max_examples=8)
@given(ledgers)
def test_the_rows_come_to_the_total_in_every_format(ledger: Ledger) -> None:
    news = news_of(ledger)
    stubs = statements_of(news)
    with store_of(news) as store:
        for name, read in READERS.items():
            rows = read(file_of(store, name))
            assert len(rows) == len(stubs)
            found = {key: sum(micro(row[key]) for row in rows) for key in MONEY}
            assert found == {
                key: sum(getattr(stub, field) for stub in stubs) for key, field in MONEY.items()
            }, name


@settings(max_examples=25)
@given(ledgers)
def test_balances_are_what_statements_come_to_and_never_negative(ledger: Ledger) -> None:
    sums: dict[tuple[object, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with store_of(news_of(ledger)) as store:
        rows = earned(store, "2019-01-01", "2027-01-01")
    for row in rows:
        whose = sums[row["node"], row["satellite"]]
        if row["state"] != "estimate":
            whose["held"] += row["held_usd"] - row["disposed_usd"]
            whose["unsent"] += row["paid_usd"] - row["distributed_usd"]
        if row["held_balance_usd"] is not None:
            assert row["held_balance_usd"] == whose["held"] >= 0
            assert row["undistributed_usd"] == whose["unsent"] >= 0


@settings(max_examples=25)
@given(ledgers)
def test_no_estimate_is_ever_counted_as_paid(ledger: Ledger) -> None:
    news = news_of(ledger)
    stated = {(one.node, stub.satellite, stub.period) for one in news for stub in one.paystubs}
    with store_of(news) as store:
        rows = earned(store, "2019-01-01", "2027-01-01")
    assert {
        (row["node"], row["satellite_id"], row["period"])
        for row in rows
        if row["paid_usd"] is not None or row["distributed_usd"] is not None
    } == stated
    given_back: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["state"] == "estimate":
            assert row["estimated_usd"] >= row["disposed_usd"] >= 0
            whose = (row["node"], row["satellite"])
            given_back[whose] += row["disposed_usd"]
            # Several open months give back no more than what is held, together.
            assert given_back[whose] <= (row["held_balance_usd"] or 0)

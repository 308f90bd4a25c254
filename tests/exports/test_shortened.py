"""A report about less than was asked for says so, whoever renders it and in whatever format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.exports.jobs.orders import order_of, request_of
from storj_monitor.exports.pipeline import Export
from storj_monitor.plugin import Document, Note
from tests.exports.offers import NOW, asked_report, format_, report, source
from tests.records import ListeningHost, catalogue_of

if TYPE_CHECKING:
    from datetime import datetime

    from storj_monitor.plugin import Catalogue, Query
    from storj_monitor.store import Store


def text_of(store: Store, kind: str, **words: Any) -> str:
    """Return the file of a report, sent to a worker as an order on the way."""
    items = source(), format_("pdf"), report(period=kind)
    request = asked_report(*items, **words)
    request = request_of(order_of(request), catalogue_of(*items))
    export = Export(request, store, ListeningHost(*items), NOW)
    export.begin()
    return b"".join(export.chunks()).decode()


@pytest.mark.parametrize(
    ("period", "words", "asked", "found"),
    [
        (
            "custom",
            {"start": "2026-01-01", "end": "2026-12-31"},
            "2026-01-01 to 2026-12-31",
            "2026-01-01 to 2026-01-31",
        ),
        (
            "week",
            {"days": "40", "timezone": "Pacific/Kiritimati"},
            "2026-01-25 to 2026-03-05",
            "2026-02-03 to 2026-03-05",
        ),
        (
            "month",
            {"period": "2026", "timezone": "Pacific/Kiritimati"},
            "2026-01-01 to 2026-12-31",
            "2026-01-01 to 2026-01-31",
        ),
    ],
)
def test_a_shortened_report_says_what_was_asked_for(
    store: Store, period: str, words: dict[str, str], asked: str, found: str
) -> None:
    said = (
        f"warning|Asked for {asked}, which is longer than exports.max_days allows over HTTP: this "
        f"is {found}."
    )
    assert said in text_of(store, period, max_days=31, **words)
    assert "Asked for" not in text_of(store, period, **words)


def test_a_report_is_told_what_time_it_is(store: Store) -> None:
    told: list[datetime | None] = []

    def build(_: Catalogue, query: Query) -> Document:
        told.append(query.now)
        return Document("T", (Note("n"),))

    items = source(), format_("pdf"), report(build=build)
    export = Export(asked_report(*items), store, ListeningHost(*items), NOW)
    export.begin()
    assert told == [NOW]

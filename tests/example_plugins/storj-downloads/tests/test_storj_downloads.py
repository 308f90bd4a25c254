from datetime import UTC, datetime, timedelta

import storj_downloads

from storj_monitor.plugin import Column, Kind, Query, Span, Table
from storj_monitor.testing import FakeCatalogue, ReportConformance

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
TRAFFIC = (
    Column(key="bucket_start", label="Day", kind=Kind.TIMESTAMP),
    Column(key="bytes", label="Bytes", kind=Kind.BYTES),
)


class TestDownloads(ReportConformance):
    plugin = storj_downloads


def test_it_sums_by_day_what_customers_fetched():
    rows = [(START + DAY, 2), (START, 7), (START + DAY, 3)]
    catalogue = FakeCatalogue({"traffic": Table.of("traffic", "Traffic", TRAFFIC, rows)})

    document = storj_downloads.build(catalogue, Query(span=Span(START, START + 7 * DAY)))

    assert list(document.blocks[-1].rows()) == [(START, 7), (START + DAY, 5)]
    ((name, query),) = catalogue.asked
    assert name == "traffic"
    assert query.filters["action"] == ("GET",)

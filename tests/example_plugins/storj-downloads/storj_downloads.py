from collections import Counter
from dataclasses import replace

from storj_monitor.plugin import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    Report,
    Table,
    hookimpl,
)

COLUMNS = (
    Column(key="day", label="Day", kind=Kind.TIMESTAMP),
    Column(key="bytes", label="Downloaded", kind=Kind.BYTES),
)


def build(catalogue, query):
    filters = {"bucket": ("day",), "action": ("GET",), "status": ("success",)}
    asked = replace(query, filters=filters, columns=("bucket_start", "bytes"))
    days = Counter()
    for day, size in catalogue.table("traffic", asked).rows():
        days[day] += size
    table = Table.of("downloads", "Downloads by day", COLUMNS, sorted(days.items()))
    total = Figure("downloaded", "Downloaded", days.total(), Kind.BYTES)
    chart = Chart("Downloads by day", table, "day", ("bytes",), shape="bar")
    warned = () if days else (Note("Of this span no downloads are known.", level="warning"),)
    return Document("Downloads", (*warned, Figures("In short", (total,)), chart, table))


@hookimpl
def storj_reports():
    summary = "What customers fetched, day by day"
    return [
        Report(name="downloads", title="Downloads", summary=summary, build=build, period="week")
    ]

"""What a scrape of meters reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from storj_monitor.meters import Facts

if TYPE_CHECKING:
    from storj_monitor.meters import Meters

FACTS = Facts(heard={"attic": 1.5}, alerts={"warning": 2}, database_bytes=4096, wal_bytes=0)


def told(meters: Meters, facts: Facts | None = FACTS) -> dict[str, float]:
    """Return all values but those of the process, by name and labels: `polls_total,attic,failed`.

    The labels are in the order of their names.
    """
    page, _ = meters.exposition(facts)
    return {
        ",".join((name, *(value for _, value in sorted(one.labels.items())))): one.value
        for family in text_string_to_metric_families(page.decode())
        for one in family.samples
        if (name := one.name.removeprefix("storj_monitor_")) != one.name
    }

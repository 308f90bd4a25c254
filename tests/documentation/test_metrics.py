"""The README names every metric there is, with its labels, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from storj_monitor.meters import Facts, Meters
from storj_monitor.plugin import ExportOutcome, Span
from storj_monitor.plugin.query import moment

README = Path(__file__).resolve().parents[2] / "README.md"
_PREFIX = "storj_monitor_"
_DETAIL = re.compile(r"_(bucket|sum|count)$")


def documented() -> dict[str, set[str]]:
    """Return the metrics of the table, each with its labels."""
    section = README.read_text(encoding="utf-8").partition("\n## Metrics and logs\n")[2]
    section = section.partition("\n## ")[0]
    found: dict[str, set[str]] = {}
    for metrics, labels in re.findall(r"^\| (`.*?) \| (.*?)\| ", section, re.MULTILINE):
        for name in re.findall(r"`([a-z_]+)`", metrics):
            found[name] = set(re.findall(r"[a-z]+", labels))
    return found


def counted() -> dict[str, set[str]]:
    """Return the metrics that there are when everything happened once, each with its labels."""
    meters, at = Meters(), moment(0)
    outcome = ExportOutcome(
        subject="events",
        format="csv",
        nodes=(),
        span=Span(at, at),
        rows=0,
        bytes=0,
        seconds=0.0,
        status="done",
    )
    meters.note_export(outcome)
    meters.note_ingested("attic", lines=0, transfers=0)
    meters.note_behind({"attic": 0})
    meters.note_poll("attic", "failed")
    meters.note_alert_check("done")
    meters.note_alert("info")
    meters.note_delivery("email", "sent")
    meters.note_plugins({"loaded": 1}, {("storj-x", "import"): 1})
    meters.watch_exports(
        running=lambda: 0, waiting=lambda: 0, workers=lambda: 0, spool_bytes=lambda: 0
    )
    page, _ = meters.exposition(Facts({"attic": 0.0}, {"info": 0}, 0, 0))
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            name = _DETAIL.sub("", sample.name) if family.type == "histogram" else sample.name
            found.setdefault(name, set()).update(sample.labels.keys() - {"le"})
    return {
        name.removeprefix(_PREFIX): labels
        for name, labels in found.items()
        if name.startswith(_PREFIX)
    }


def test_every_metric_is_in_the_readme_with_its_labels_and_no_other() -> None:
    assert documented() == counted()

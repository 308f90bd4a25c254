"""What the program counts of its own work, for Prometheus to fetch."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client import Counter, Metric

    from storj_monitor.plugin import ExportOutcome

    Read = Callable[[], float]
    #: Values with their labels.
    Values = Iterable[tuple[tuple[str, ...], float]]

_PREFIX = "storj_monitor_"
#: The upper ends of the histogram's buckets: a screenful, a table for a mail, a month of events.
_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900)
_WATCHED = {
    "exports_running": "Exports that are being made.",
    "exports_waiting": "Exports that wait for a worker.",
    "workers": "Worker processes that are there.",
    "spool_bytes": "Size of the finished files that are kept to download again.",
}


class Facts(NamedTuple):
    """What the database says at the moment of a scrape."""

    #: When the log of each node was last heard, in seconds since 1970.
    heard: Mapping[str, float]
    #: How many alerts are open, by severity.
    alerts: Mapping[str, int]
    database_bytes: int
    wal_bytes: int


class Meters:
    """Counts what one program does; nothing is shared with another Meters.

        meters = Meters()
        meters.note_ingested("attic", lines=120, transfers=100)
        page, content_type = meters.exposition(facts)

    Any thread may tell it. Labels are names of the catalogue, nodes and words of our own, so that
    there are never more series than these have combinations.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

        self._registry = CollectorRegistry()
        self._watched: dict[str, Read] = {}
        self._behind: dict[str, int] = {}
        self._plugins: tuple[Mapping[str, int], Mapping[tuple[str, str], int]] | None = None
        self._exports = self._counter(
            "exports", "Exports and reports that ended.", "subject", "format", "outcome"
        )
        self._rows = self._counter(
            "export_rows", "Rows that exports and reports wrote.", "subject", "format"
        )
        self._bytes = self._counter(
            "export_bytes", "Bytes that exports and reports wrote.", "subject", "format"
        )
        self._seconds = Histogram(
            f"{_PREFIX}export_seconds",
            "Time that exports and reports took.",
            ("subject", "format"),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._refused = self._counter(
            "exports_refused", "Exports that were answered 429, since too many waited."
        )
        self._lines = self._counter("ingested_lines", "Log lines read and stored.", "node")
        self._transfers = self._counter(
            "ingested_transfers", "Transfers that these lines told, new or known.", "node"
        )
        self._polls = self._counter(
            "polls", "How asking a node's API went: answered, in_part or failed.", "node", "outcome"
        )
        self._checks = self._counter(
            "alert_checks", "Looks at what needs an alert: done or failed.", "outcome"
        )
        self._raised = self._counter("alerts_raised", "Alerts that were raised.", "severity")
        self._deliveries = self._counter(
            "deliveries", "Attempts to send reports and alerts.", "channel", "outcome"
        )
        ProcessCollector(registry=self._registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        from prometheus_client import Counter

        return Counter(f"{_PREFIX}{name}", text, labels, registry=self._registry)

    def note_export(self, outcome: ExportOutcome) -> None:
        """Count an export or report that ended, however it did."""
        names = (outcome.subject, outcome.format)
        self._exports.labels(*names, outcome.status).inc()
        self._rows.labels(*names).inc(outcome.rows)
        self._bytes.labels(*names).inc(outcome.bytes)
        self._seconds.labels(*names).observe(outcome.seconds)

    def note_refused(self) -> None:
        """Count an export that was told to come back later."""
        self._refused.inc()

    def note_ingested(self, node: str, *, lines: int, transfers: int) -> None:
        """Count what was read of a node's log and is stored; zeros make it known to be 0."""
        self._lines.labels(node).inc(lines)
        self._transfers.labels(node).inc(transfers)

    def note_behind(self, behind_bytes: Mapping[str, int]) -> None:
        """Note how much of each node's logs isn't read yet."""
        self._behind = dict(behind_bytes)

    def note_poll(self, node: str, outcome: str) -> None:
        """Count that a node's API was asked: `answered`, `in_part` or `failed`."""
        self._polls.labels(node, outcome).inc()

    def note_alert_check(self, outcome: str) -> None:
        """Count a look at all that may need an alert: `done` or `failed`."""
        self._checks.labels(outcome).inc()

    def note_alert(self, severity: str) -> None:
        """Count an alert that was raised."""
        self._raised.labels(severity).inc()

    def note_delivery(self, channel: str, outcome: str) -> None:
        """Count an attempt to send: `sent`, `retry`, `failed`, `maybe_sent` or `skipped`."""
        self._deliveries.labels(channel, outcome).inc()

    def note_plugins(
        self, states: Mapping[str, int], refusals: Mapping[tuple[str, str], int]
    ) -> None:
        """Note how many plugins are in each state, and refusals by distribution and stage."""
        self._plugins = states, refusals

    def watch_exports(
        self, *, running: Read, waiting: Read, workers: Read, spool_bytes: Read
    ) -> None:
        """Ask these at each scrape, in a thread beside the event loop."""
        asked = (running, waiting, workers, spool_bytes)
        self._watched = dict(zip(_WATCHED, asked, strict=True))

    def exposition(self, facts: Facts | None, accept: str = "") -> tuple[bytes, str]:
        """Return all of it as text, and its content type; OpenMetrics if `accept` asks for that.

        Without facts, since the database can't be read, what it knows is left out and
        `storj_monitor_up` is 0.
        """
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(accept)
        return encode(_Scrape(self, facts)), content_type

    def collected(self, facts: Facts | None) -> Iterator[Metric]:
        """Yield every metric as of now."""
        for metric in self._registry.collect():
            # When a series began is told by none but us, and twice as many series are read.
            metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
            yield metric
        build = _by_label({version("storj-monitor"): 1})
        yield _gauge("build_info", "1, labelled with the version.", build, "version")
        yield from self._now()
        yield _sole("up", "Whether the database can be read.", facts is not None)
        if facts is not None:
            yield from _told(facts)

    def _now(self) -> Iterator[Metric]:
        """Yield what is asked for at the moment of a scrape."""
        for name, read in self._watched.items():
            if (value := _value(read)) is not None:
                yield _sole(name, _WATCHED[name], value)
        behind = _by_label(self._behind)
        yield _gauge("ingest_behind_bytes", "Size of logs not read yet.", behind, "node")
        if self._plugins is not None:
            states, refusals = self._plugins
            text = "Plugins: loaded, refused or blocked."
            yield _gauge("plugins", text, _by_label(states), "state")
            text = "What was refused of plugins, by the stage at which."
            yield _gauge("plugin_refusals", text, refusals.items(), "distribution", "stage")


class _Scrape:
    """What an encoder asks for metrics."""

    def __init__(self, meters: Meters, facts: Facts | None) -> None:
        self._meters = meters
        self._facts = facts

    def collect(self) -> Iterable[Metric]:
        return self._meters.collected(self._facts)


def _told(facts: Facts) -> Iterator[Metric]:
    text = "Time of the last line of a node's logs."
    yield _gauge("last_heard_timestamp_seconds", text, _by_label(facts.heard), "node")
    text = "Alerts that are not resolved."
    yield _gauge("alerts_open", text, _by_label(facts.alerts), "severity")
    yield _sole("database_bytes", "Size of the database file.", facts.database_bytes)
    text = "Size of its write-ahead log, which isn't in the file yet."
    yield _sole("database_wal_bytes", text, facts.wal_bytes)


def _gauge(name: str, text: str, values: Values, *labels: str) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    metric = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=labels)
    for names, value in values:
        metric.add_metric(names, value)
    return metric


def _sole(name: str, text: str, value: float) -> Metric:
    return _gauge(name, text, [((), value)])


def _by_label(values: Mapping[str, float]) -> Values:
    return [((label,), value) for label, value in values.items()]


def _value(read: Read) -> float | None:
    """Ask for a value; None where that fails, since the rest is still worth telling."""
    try:
        return float(read())
    except Exception:  # noqa: BLE001  whatever it is, this one value is left out
        return None

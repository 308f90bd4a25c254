"""What tests are made of: transfers, and a host that only listens."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from storj_monitor.plugin import Format, Report, Source
from storj_monitor.plugin.query import microseconds
from storj_monitor.registry import Catalogue, PluginHost
from storj_monitor.store import TRANSFERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.plugin import ExportOutcome

US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
EU1 = "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
PIECE = "G7ORR4UZVCNFGRN7CZW7HQF2BCU5KBUUDRCE5OOYNDNS2N7FZZLQ"


def at(text: str) -> int:
    """Return an ISO time (UTC if it has no offset) as the database has it."""
    moment = datetime.fromisoformat(text)
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def transfer(**fields: Any) -> dict[str, Any]:
    """Return a successful download from us1, but for what is given."""
    return {
        "at": at("2026-03-04T10:11:12"),
        "satellite": US1,
        "action": "GET",
        "status": "success",
        "size": 1_000,
        "piece_id": PIECE,
        "occurrence": 0,
    } | fields


def transfers(rows: Iterable[dict[str, Any]]) -> pa.RecordBatch:
    """Return transfers as the writer takes them; each is another, unless it says otherwise."""
    numbers = count()
    return pa.RecordBatch.from_pylist(
        [{"fingerprint": next(numbers)} | transfer(**row) for row in rows], schema=TRANSFERS
    )


def catalogue_of(*items: Source | Format | Report) -> Catalogue:
    """Return a catalogue of these alone."""

    return Catalogue(
        sources={item.name: item for item in items if isinstance(item, Source)},
        formats={item.name: item for item in items if isinstance(item, Format)},
        reports={item.name: item for item in items if isinstance(item, Report)},
        channels=MappingProxyType({}),
        plugins=(),
        failures=(),
        fingerprint="",
    )


class ListeningHost(PluginHost):
    """Has no plugins but what is given, and remembers how exports ended."""

    def __init__(self, *items: Source | Format | Report) -> None:
        self.catalogue = catalogue_of(*items)
        self.outcomes: list[ExportOutcome] = []

    def finished(self, outcome: ExportOutcome) -> None:
        self.outcomes.append(outcome)

"""A database of two nodes, the facts that rules look at, and what they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.evaluation import evaluate
from storj_monitor.plugin.query import microseconds
from storj_monitor.schema import metadata
from storj_monitor.settings import AlertSettings
from tests.sources.asking import moment
from tests.store.databases import rows_of, run

if TYPE_CHECKING:
    from storj_monitor.store import Store

NOW = moment("2026-03-20T12:30:00")
ATTIC, NAS, US1, EU1 = 1, 2, 1, 2


def ago(**time: float) -> int:
    """Return when that long before NOW is, as the database has it."""
    return microseconds(NOW - timedelta(**time))


@dataclass
class World:
    """Where facts are put, and rules are asked."""

    store: Store
    settings: AlertSettings = field(default_factory=AlertSettings)

    def put(self, table: str, **values: Any) -> None:
        """Put a row, in the place of one with the same key; what isn't said is NULL."""
        assert set(values) <= set(metadata.tables[table].c.keys())
        names, texts = ", ".join(values), ", ".join(map(_sql, values.values()))
        run(self.store.path, f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({texts})")

    def empty(self, table: str) -> None:
        """Forget all facts of a table."""
        run(self.store.path, f"DELETE FROM {table}")

    def look(self, **later: float) -> list[dict[str, Any]]:
        """Evaluate, so long after NOW, and return the open alerts."""
        evaluate(self.store, self.settings, NOW + timedelta(**later))
        return self.alerts("resolved_at IS NULL")

    def look_for(self, type_: str, **later: float) -> dict[str, Any] | None:
        """Evaluate, and return the one open alert of a type; None if there is none."""
        found = [alert for alert in self.look(**later) if alert["type"] == type_]
        assert len(found) < 2
        return found[0] if found else None

    def severity(self, type_: str, **later: float) -> str | None:
        """Evaluate, and return how severe the one open alert of a type is."""
        found = self.look_for(type_, **later)
        return None if found is None else str(found["severity"])

    def alerts(self, condition: str = "1") -> list[dict[str, Any]]:
        """Return alerts in the order of their ids."""
        return rows_of(self.store.path, f"SELECT * FROM alerts WHERE {condition} ORDER BY id")


def _sql(value: object) -> str:
    if value is None:
        return "NULL"
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'" if isinstance(value, str) else str(value)

"""The import of another monitor's database takes no more memory however much it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.findings import Finding, megabytes
from tests.collect.imports.peak import peak_bytes_of_import

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.data import Data

_FEW, _MANY = 20_000, 500_000


def importing(_data: Data, _repeat: int, folder: Path) -> list[Finding]:
    """The peak at 500,000 transfers is at most 40 MB above that at 20,000."""
    few, many = (peak_bytes_of_import(folder, events) for events in (_FEW, _MANY))
    return [
        Finding(
            what="memory of import",
            ours=f"{_MANY:,} events {megabytes(many)}",
            peer=f"{_FEW:,} events {megabytes(few)}",
            measured=(many - few) / 1e6,
            limit=40,
            unit="MB",
            peak_bytes=many,
        )
    ]

"""What a rule says: of which subject, and whether there is something to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.store import Finding

if TYPE_CHECKING:
    from storj_monitor.store import Severity


class Key(NamedTuple):
    """What there is one open alert of at most; the ids are 0 for none."""

    node_id: int
    satellite_id: int
    type: str


class Verdict(NamedTuple):
    """That a condition was looked at, and what was found: None when all is well."""

    key: Key
    finding: Finding | None


class Level(NamedTuple):
    """How bad it is, and the threshold that says so."""

    severity: Severity
    threshold: float


@dataclass(frozen=True)
class Subject:
    """A condition that is looked at: of a node, of a node on a satellite, or of neither."""

    type: str
    title: str
    node_id: int = 0
    satellite_id: int = 0

    def fine(self) -> Verdict:
        """Return that all is well."""
        return Verdict(self._key, None)

    def found(
        self,
        severity: Severity,
        message: str,
        value: float | None = None,
        threshold: float | None = None,
    ) -> Verdict:
        """Return what is found."""
        finding = Finding(*self._key, severity, self.title, message, value, threshold)
        return Verdict(self._key, finding)

    def at(self, level: Level, message: str, value: float) -> Verdict:
        """Return what is found when a value is measured against a threshold."""
        return self.found(level.severity, message, value, level.threshold)

    @property
    def _key(self) -> Key:
        return Key(self.node_id, self.satellite_id, self.type)


def below(value: float, warning: float, critical: float) -> Level | None:
    """Return how bad a value is that must not be below these; None if it isn't."""
    if value < critical:
        return Level("critical", critical)
    return Level("warning", warning) if value < warning else None


def reaching(value: float, warning: float, critical: float) -> Level | None:
    """Return how bad a value is that must stay below these; None if it does."""
    if value >= critical:
        return Level("critical", critical)
    return Level("warning", warning) if value >= warning else None

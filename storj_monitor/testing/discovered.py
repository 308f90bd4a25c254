"""A class of tests for each thing that the installed plugins offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.errors import Failure
from storj_monitor.registry.admit import admit
from storj_monitor.registry.choice import singular
from storj_monitor.registry.collect import collect
from storj_monitor.registry.discover import discover
from storj_monitor.testing.formats import FormatConformance
from storj_monitor.testing.reports import ReportConformance
from storj_monitor.testing.rules import broken
from storj_monitor.testing.sources import SourceConformance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.registry.candidate import Candidate

#: A channel isn't among them: to where it can't deliver, only its author knows.
_BASES: dict[str, type[Any]] = {
    "sources": SourceConformance,
    "formats": FormatConformance,
    "reports": ReportConformance,
}


def conformance_classes(
    more: Mapping[str, Mapping[str, object]] | None = None, *, only: str | None = None
) -> dict[str, type]:
    """Return a class of tests for each source, format and report of the installed plugins.

        globals().update(conformance_classes())      # in a file of tests

    `more` are attributes of single classes, such as `{"source_alerts": {"earlier_rows": True}}`;
    `only` leaves out all distributions but one. A plugin that can't be imported or has a hook that
    fails gets a test of its own, which fails. Raises KeyError when `more` is about something that
    isn't there.
    """
    given = dict(more or {})
    classes = {}
    for candidate in discover(None):
        if only in (None, candidate.distribution):
            for key, base, members in _offered(candidate):
                name = f"Test_{key}"
                classes[name] = type(name, (base,), {**members, **given.pop(key, {})})
    if given:
        raise KeyError(*given)
    return classes


def _offered(candidate: Candidate) -> Iterator[tuple[str, type, dict[str, object]]]:
    """Yield what a plugin offers: a name for it, the class for its kind, and its attributes."""
    admitted = admit(candidate)
    if isinstance(admitted, Failure):
        yield f"plugin_{candidate.name}", _refused(admitted), {}
        return
    plugin = admitted.manager.get_plugin(candidate.name)
    collected = collect(admitted)
    if collected.failures:
        yield f"plugin_{candidate.name}", _refused(collected.failures[0]), {}
    for kind, items in collected.offers.items():
        for item in items:
            if kind in _BASES:
                members = {"plugin": plugin, "name": item.name}
                yield f"{singular(kind)}_{item.name}", _BASES[kind], members


def _refused(failure: Failure) -> type:
    class Refused:
        def test_the_registry_admits_the_plugin(self) -> None:
            broken(f"The plugin was refused: {failure.reason}", failure.hint)

    return Refused

"""The plugins of one running program."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.errors import Failure
from storj_monitor.registry.admit import admit
from storj_monitor.registry.candidate import guarded, warn
from storj_monitor.registry.choice import Choice
from storj_monitor.registry.collect import Offering, collect
from storj_monitor.registry.discover import discover
from storj_monitor.registry.freeze import freeze

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluggy import HookCaller

    from storj_monitor.plugin import ExportOutcome
    from storj_monitor.registry.admit import Admitted
    from storj_monitor.registry.candidate import Candidate
    from storj_monitor.settings import PluginSettings


class Listener(NamedTuple):
    """A plugin that asked to hear of exports: `tell` never raises, but may take for ever."""

    plugin: str
    tell: Callable[[ExportOutcome], None]


class PluginHost:
    """Discovers the installed plugins once, and has what they offer in `catalogue`.

        host = PluginHost(settings.plugins)
        host.catalogue.formats["csv"]

    No plugin can make this raise: what is wrong with one is logged and stands in
    `catalogue.failures`, and which is waited for long is logged. Raises OperatorError when the
    settings make no sense or the built-ins aren't installed. A `quiet` one logs nothing of the
    refusals.
    """

    def __init__(self, settings: PluginSettings, *, quiet: bool = False) -> None:
        candidates = discover(settings.directory)
        choice = Choice.of(settings, candidates)
        self._admitted: list[Admitted] = []
        self.catalogue = freeze([self._offering(item, choice) for item in candidates], choice)
        if not quiet:
            self.log_refusals()

    def log_refusals(self) -> None:
        """Log which plugins aren't used, and why."""
        for failure in self.catalogue.failures:
            warn("plugin.refused", failure)

    def _offering(self, candidate: Candidate, choice: Choice) -> Offering:
        if choice.blocks(candidate):
            return Offering(candidate=candidate, blocked=True)
        admitted = admit(candidate)
        if isinstance(admitted, Failure):
            return Offering(candidate=candidate, failures=(admitted,))
        self._admitted.append(admitted)
        return collect(admitted)

    @property
    def listeners(self) -> list[Listener]:
        """The plugins that asked to be told how exports end; one that fails is logged."""
        return [
            Listener(admitted.candidate.name, partial(_tell, admitted.candidate, hook))
            for admitted in self._admitted
            if (hook := admitted.hook("storj_export_finished")) is not None
        ]

    def finished(self, outcome: ExportOutcome) -> None:
        """Tell each of them how an export ended, one after the other."""
        for listener in self.listeners:
            listener.tell(outcome)


def _tell(candidate: Candidate, hook: HookCaller, outcome: ExportOutcome) -> None:
    told = guarded(candidate, "finished", hook.name, partial(hook, outcome=outcome))
    if isinstance(told, Failure):
        warn("plugin.failed", told)

"""The plugins of one running program."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from storj_monitor.errors import Failure
from storj_monitor.logs import log
from storj_monitor.registry.admit import admit
from storj_monitor.registry.candidate import guarded
from storj_monitor.registry.choice import Choice
from storj_monitor.registry.collect import Offering, collect
from storj_monitor.registry.discover import discover
from storj_monitor.registry.freeze import freeze

if TYPE_CHECKING:
    from storj_monitor.plugin import ExportOutcome
    from storj_monitor.registry.admit import Admitted
    from storj_monitor.registry.candidate import Candidate
    from storj_monitor.settings import PluginSettings


class PluginHost:
    """Discovers the installed plugins once, and has what they offer in `catalogue`.

        host = PluginHost(settings.plugins)
        host.catalogue.formats["csv"]

    No plugin can make this raise: what is wrong with one is logged and stands in
    `catalogue.failures`. Raises OperatorError when the settings make no sense or the built-ins
    aren't installed. A `quiet` one logs nothing of the refusals.
    """

    def __init__(self, settings: PluginSettings, *, quiet: bool = False) -> None:
        candidates = discover(settings.directory)
        choice = Choice.of(settings, candidates)
        self._admitted: list[Admitted] = []
        self.catalogue = freeze([self._offering(item, choice) for item in candidates], choice)
        for failure in () if quiet else self.catalogue.failures:
            _warn("plugin.refused", failure)

    def _offering(self, candidate: Candidate, choice: Choice) -> Offering:
        if choice.blocks(candidate):
            return Offering(candidate=candidate, blocked=True)
        admitted = admit(candidate)
        if isinstance(admitted, Failure):
            return Offering(candidate=candidate, failures=(admitted,))
        self._admitted.append(admitted)
        return collect(admitted)

    def finished(self, outcome: ExportOutcome) -> None:
        """Tell each plugin that asked for it how an export ended; one that fails is logged."""
        for admitted in self._admitted:
            hook = admitted.hook("storj_export_finished")
            if hook is None:
                continue
            call = partial(hook, outcome=outcome)
            told = guarded(admitted.candidate, "finished", hook.name, call)
            if isinstance(told, Failure):
                _warn("plugin.failed", told)


def _warn(event: str, failure: Failure) -> None:
    log().warning(
        event,
        plugin=failure.plugin,
        distribution=failure.distribution,
        stage=failure.stage,
        reason=failure.reason,
        hint=failure.hint,
    )

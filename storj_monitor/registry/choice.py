"""What the operator decided about plugins: which are left out, and whose name wins."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError
from storj_monitor.registry.candidate import canonical
from storj_monitor.registry.collect import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storj_monitor.registry.candidate import Candidate
    from storj_monitor.settings import PluginSettings


def singular(kind: str) -> str:
    """Return `format` for `formats`: the word of messages and of `[plugins.prefer.format]`."""
    return kind.removesuffix("s")


@dataclass(frozen=True)
class Choice:
    """The settings of plugins, checked against what is installed."""

    blocked: frozenset[str]
    #: None where nothing limits the plugins; empty where only the built-ins are wanted.
    only: frozenset[str] | None
    #: Kind and name -> the distribution that the name is taken from.
    preferred: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, settings: PluginSettings, candidates: Sequence[Candidate]) -> Choice:
        """Read the settings; raise OperatorError where one makes no sense here."""
        return cls(
            frozenset(map(canonical, settings.block)),
            _only(settings.filter, candidates),
            _preferred(settings.prefer, candidates),
        )

    def blocks(self, candidate: Candidate) -> bool:
        """Tell whether the candidate is to be left alone; a built-in never is."""
        names = {canonical(candidate.name), canonical(candidate.distribution)}
        left_out = self.only is not None and names.isdisjoint(self.only)
        return not candidate.is_built_in and (left_out or not names.isdisjoint(self.blocked))

    def prefers(self, kind: str, name: str, candidate: Candidate) -> bool:
        """Tell whether a name of a kind is to be taken from this candidate's distribution."""
        return self.preferred.get((singular(kind), name)) == canonical(candidate.distribution)


def _only(text: str, candidates: Sequence[Candidate]) -> frozenset[str] | None:
    word, _, listed = text.strip().partition(":")
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if not text.strip():
        return None
    if text.strip() == "none":
        return frozenset()
    if word != "only" or not names:
        reason = f"the plugin filter {text!r} makes no sense"
        hint = 'Leave STORJ_MONITOR_PLUGIN_FILTER empty, or set it to "none" or "only:a,b".'
        raise OperatorError(reason, hint)
    known = {canonical(word) for item in candidates for word in (item.name, item.distribution)}
    for name in names:
        if canonical(name) not in known:
            reason = f"the plugin filter names {name!r}, and no such plugin is installed"
            hint = f"Installed: {_listed(item.name for item in candidates)}."
            raise OperatorError(reason, hint)
    return frozenset(map(canonical, names))


def _preferred(
    preferences: Mapping[str, Mapping[str, str]], candidates: Sequence[Candidate]
) -> Mapping[tuple[str, str], str]:
    kinds = [singular(kind) for kind in KINDS]
    installed = {canonical(item.distribution): item.distribution for item in candidates}
    preferred = {}
    for kind, names in preferences.items():
        if kind not in kinds:
            reason = f"[plugins.prefer.{kind}] makes no sense: plugins offer no such thing"
            raise OperatorError(reason, f"Plugins offer: {_listed(kinds)}.")
        for name, distribution in names.items():
            if canonical(distribution) not in installed:
                reason = (
                    f"[plugins.prefer.{kind}] {name} names {distribution!r}, "
                    "and no plugin of that distribution is installed"
                )
                hint = f"Plugins come from: {_listed(installed.values())}."
                raise OperatorError(reason, hint)
            preferred[kind, name] = canonical(distribution)
    return MappingProxyType(preferred)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))

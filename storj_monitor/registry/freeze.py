"""Settle who owns each name, and make the read-only catalogue of what remains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeVar

from storj_monitor.plugin import Channel, Format, Report, Source
from storj_monitor.registry.candidate import canonical
from storj_monitor.registry.choice import singular
from storj_monitor.registry.collect import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_monitor.errors import Failure
    from storj_monitor.registry.candidate import Candidate
    from storj_monitor.registry.choice import Choice
    from storj_monitor.registry.collect import Descriptor, Offering

T = TypeVar("T", Source, Format, Report, Channel)


@dataclass(frozen=True, kw_only=True)
class PluginRecord:
    """What became of one plugin: what is used of it, and the first thing that was refused.

    It is loaded while anything of it is used, even if something else of it was refused.
    """

    name: str
    distribution: str
    version: str
    state: Literal["loaded", "refused", "blocked"]
    #: Names by kind: sources, formats, reports and channels, each there even if empty.
    offers: Mapping[str, tuple[str, ...]]
    failure: Failure | None

    def as_json(self) -> dict[str, object]:
        """Return the record as the command line and HTTP show it."""
        failure = self.failure
        return {
            "name": self.name,
            "distribution": self.distribution,
            "version": self.version,
            "state": self.state,
            "offers": {kind: list(names) for kind, names in self.offers.items()},
            "failure": failure
            and {"stage": failure.stage, "reason": failure.reason, "hint": failure.hint},
        }


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything that the plugins offer, by name, and what became of each plugin.

        catalogue.formats["csv"].render(document)

    The order is that of the plugins: the built-ins first, then by distribution and entry point.
    """

    sources: Mapping[str, Source]
    formats: Mapping[str, Format]
    reports: Mapping[str, Report]
    channels: Mapping[str, Channel]
    plugins: tuple[PluginRecord, ...]
    failures: tuple[Failure, ...]
    #: The same in every process that has the same plugins, versions and names.
    fingerprint: str


@dataclass(frozen=True, eq=False)
class _Claim:
    """One name of one kind that a plugin would like to have."""

    candidate: Candidate
    kind: str
    item: Descriptor

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.item.name


def freeze(offerings: Sequence[Offering], choice: Choice) -> Catalogue:
    """Give each name to the plugin that the operator prefers, else to the first that claims it."""
    claims = [
        _Claim(offering.candidate, kind, item)
        for offering in offerings
        for kind in KINDS
        for item in offering.offers.get(kind, ())
    ]
    owners = _owners(claims, choice)
    used = [claim for claim in claims if owners[claim.key] is claim]
    lost = [claim for claim in claims if owners[claim.key] is not claim]
    failures = [
        offering.failures
        + tuple(
            _taken(claim, owners[claim.key], choice)
            for claim in lost
            if claim.candidate is offering.candidate
        )
        for offering in offerings
    ]
    plugins = tuple(map(_record, offerings, repeat(used), failures))
    return Catalogue(
        sources=_items(used, Source),
        formats=_items(used, Format),
        reports=_items(used, Report),
        channels=_items(used, Channel),
        plugins=plugins,
        failures=tuple(chain.from_iterable(failures)),
        fingerprint=_fingerprint(plugins),
    )


def _owners(claims: Sequence[_Claim], choice: Choice) -> Mapping[tuple[str, str], _Claim]:
    """Return who gets each name; max() keeps to the first where nobody is preferred."""
    rivals: dict[tuple[str, str], list[_Claim]] = {}
    for claim in claims:
        rivals.setdefault(claim.key, []).append(claim)
    return {
        key: max(of_it, key=lambda it: choice.prefers(it.kind, it.item.name, it.candidate))
        for key, of_it in rivals.items()
    }


def _taken(claim: _Claim, owner: _Claim, choice: Choice) -> Failure:
    word, name = singular(claim.kind), claim.item.name
    refused = f"its {word} {name!r} was refused:"
    if canonical(claim.candidate.distribution) == canonical(owner.candidate.distribution):
        reason = f"{refused} the name is taken by plugin {owner.candidate.name!r} beside it."
        return claim.candidate.failure("freeze", reason, "Rename one of the two.")
    setting = f'[plugins.prefer.{word}] {name} = "{claim.candidate.distribution}"'
    if choice.prefers(claim.kind, name, owner.candidate):
        reason = f"{refused} the settings prefer the one of {owner.candidate.owner}."
        return claim.candidate.failure("prefer", reason, f"To use this one, set {setting}.")
    reason = f"{refused} the name is taken by {owner.candidate.owner}."
    return claim.candidate.failure("freeze", reason, f"Rename it, or set {setting}.")


def _record(
    offering: Offering, used: Sequence[_Claim], failures: tuple[Failure, ...]
) -> PluginRecord:
    candidate = offering.candidate
    offers = {
        kind: tuple(
            claim.item.name for claim in used if claim.candidate is candidate and claim.kind == kind
        )
        for kind in KINDS
    }
    remains = offering.listens or any(offers.values())
    state: Literal["loaded", "refused"] = "refused" if failures and not remains else "loaded"
    return PluginRecord(
        name=candidate.name,
        distribution=candidate.distribution,
        version=candidate.version,
        state="blocked" if offering.blocked else state,
        offers=MappingProxyType(offers),
        failure=failures[0] if failures else None,
    )


def _items(used: Sequence[_Claim], descriptor: type[T]) -> Mapping[str, T]:
    items = (claim.item for claim in used)
    return MappingProxyType({item.name: item for item in items if isinstance(item, descriptor)})


def _fingerprint(plugins: Sequence[PluginRecord]) -> str:
    facts = [
        (plugin.name, plugin.distribution, plugin.version, dict(plugin.offers))
        for plugin in plugins
    ]
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

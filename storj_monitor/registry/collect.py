"""Ask an admitted plugin what it offers, each hook by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from storj_monitor.errors import Failure
from storj_monitor.plugin import Channel, Format, Report, Source
from storj_monitor.registry.candidate import Refused, guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluggy import HookCaller

    from storj_monitor.registry.admit import Admitted
    from storj_monitor.registry.candidate import Candidate

Descriptor: TypeAlias = Source | Format | Report | Channel

#: What plugins offer: the name of the kind in the catalogue, and what each item of it is.
KINDS: Final[Mapping[str, type[Descriptor]]] = MappingProxyType(
    {"sources": Source, "formats": Format, "reports": Report, "channels": Channel}
)


@dataclass(frozen=True, kw_only=True)
class Offering:
    """What became of one candidate: what it offers by kind, and what was refused of it."""

    candidate: Candidate
    offers: Mapping[str, tuple[Descriptor, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    failures: tuple[Failure, ...] = ()
    #: The operator wanted it left out, so that it was not even imported.
    blocked: bool = False
    #: It wants to hear of exports, which is a reason to keep it even if it offers nothing.
    listens: bool = False


def collect(admitted: Admitted) -> Offering:
    """Call each hook that the plugin implements; a kind whose hook fails is left out whole."""
    offers: dict[str, tuple[Descriptor, ...]] = {}
    failures: list[Failure] = []
    for kind, descriptor in KINDS.items():
        answer = _asked(admitted, kind, descriptor)
        if isinstance(answer, Failure):
            failures.append(answer)
        else:
            offers[kind] = answer
    return Offering(
        candidate=admitted.candidate,
        offers=MappingProxyType(offers),
        failures=tuple(failures),
        listens=admitted.hook("storj_export_finished") is not None,
    )


def _asked(
    admitted: Admitted, kind: str, descriptor: type[Descriptor]
) -> tuple[Descriptor, ...] | Failure:
    name = f"storj_{kind}"
    hook = admitted.hook(name)
    if hook is None:
        return ()
    return guarded(admitted.candidate, "collect", name, partial(_drained, hook, descriptor))


def _drained(hook: HookCaller, descriptor: type[Descriptor]) -> tuple[Descriptor, ...]:
    """Call the hook and read what it returned to the end, so that a late error shows here."""
    results = hook()
    if len(results) < len(hook.get_hookimpls()):  # pluggy leaves out those that are None
        raise _no_iterable(hook, None, descriptor)
    return tuple(item for result in results for item in _checked(hook, result, descriptor))


def _checked(hook: HookCaller, result: object, descriptor: type[Descriptor]) -> list[Descriptor]:
    if not isinstance(result, Iterable):
        raise _no_iterable(hook, result, descriptor)
    checked = []
    for item in result:
        if not isinstance(item, descriptor):
            reason = f"{hook.name} gave {_type(item)} where a {descriptor.__name__} belongs."
            hint = f"Each item is made with storj_monitor.plugin.{descriptor.__name__}(...)."
            raise Refused(reason, hint)
        checked.append(item)
    return checked


def _no_iterable(hook: HookCaller, result: object, descriptor: type[Descriptor]) -> Refused:
    reason = f"{hook.name} returned {_type(result)} and not an iterable."
    return Refused(reason, f"Return a list, even of one: [{descriptor.__name__}(...)].")


def _type(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"

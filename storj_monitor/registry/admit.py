"""Import one candidate and look at its hooks, before any of them is called."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluggy import PluginManager, PluginValidationError

from storj_monitor.errors import Failure
from storj_monitor.plugin import API_VERSION, hooks
from storj_monitor.registry.candidate import Refused, guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluggy import HookCaller

    from storj_monitor.registry.candidate import Candidate

_PREFIX = "storj_"
#: Each hook with its arguments, as messages show it: `(outcome)`.
_HOOKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        name: f"({', '.join(inspect.signature(function).parameters)})"
        for name, function in vars(hooks).items()
        if name.startswith(_PREFIX)
    }
)


@dataclass(frozen=True)
class Admitted:
    """A plugin whose hooks may be called, in a pluggy manager that holds it alone.

    Alone, because in a shared one an implementation that raises hides those of all others.
    """

    candidate: Candidate
    manager: PluginManager

    def hook(self, name: str) -> HookCaller | None:
        """Return the hook to call, or None when the plugin doesn't implement it."""
        caller: HookCaller = getattr(self.manager.hook, name)
        return caller if caller.get_hookimpls() else None


def admit(candidate: Candidate) -> Admitted | Failure:
    """Import a candidate and check its API version and its hooks' names and arguments."""
    importing = f"importing {candidate.location!r}"
    plugin = guarded(candidate, "admit", importing, candidate.load)
    if isinstance(plugin, Failure):
        return plugin
    examining = partial(_examined, candidate, plugin)
    return guarded(candidate, "admit", "looking at its hooks", examining)


def _examined(candidate: Candidate, plugin: object) -> Admitted:
    _check_version(candidate, plugin)
    manager = PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    for name in dir(plugin):
        _check_name(manager, plugin, name)
    try:
        manager.register(plugin, candidate.name)
    except PluginValidationError as error:
        reason = f"a hook isn't as it is declared: {' '.join(str(error).split())}."
        raise Refused(reason, _the_hooks()) from error
    admitted = Admitted(candidate, manager)
    if not any(admitted.hook(name) for name in _HOOKS):
        reason = "it implements no hook."
        hint = "Write one, such as storj_formats, and mark it with @storj_monitor.plugin.hookimpl."
        raise Refused(reason, hint)
    return admitted


def _check_version(candidate: Candidate, plugin: object) -> None:
    # An object may leave it to its module to state the version.
    module = sys.modules.get(getattr(plugin, "__module__", ""), plugin)
    stated = getattr(plugin, "STORJ_PLUGIN_API", getattr(module, "STORJ_PLUGIN_API", API_VERSION))
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        reason = f"its STORJ_PLUGIN_API is {stated!r}, which is no version of the plugin API."
        raise Refused(reason, f"Its author writes: STORJ_PLUGIN_API = {API_VERSION}.")
    if stated > API_VERSION:
        reason = f"it needs plugin API {stated}, and this storj-monitor has {API_VERSION}."
        hint = f"Update storj-monitor, or use a {candidate.name} made for API {API_VERSION}."
        raise Refused(reason, hint)


def _check_name(manager: PluginManager, plugin: object, name: str) -> None:
    options = manager.parse_hookimpl_opts(plugin, name)
    if options is not None:
        hook = options.get("specname") or name
        if hook not in _HOOKS and not options.get("optionalhook"):
            raise _unknown(hook)
    elif name.startswith(_PREFIX) and _is_own_function(plugin, name):
        if name in _HOOKS:
            reason = f"its {name} isn't marked as a hook and would never be called."
            raise Refused(reason, "Write @hookimpl from storj_monitor.plugin above it.")
        if _alike(name):
            raise _unknown(name)


def _is_own_function(plugin: object, name: str) -> bool:
    """Tell whether a function was written in the plugin, rather than imported into it."""
    function = inspect.getattr_static(plugin, name, None)
    home = getattr(plugin, "__module__", getattr(plugin, "__name__", ""))
    return inspect.isfunction(function) and function.__module__ == home


def _unknown(hook: str) -> Refused:
    alike = _alike(hook)
    hint = f"Did you mean {_PREFIX + alike[0]!r}?" if alike else _the_hooks()
    return Refused(f"it implements an unknown hook {hook!r}.", hint)


def _alike(hook: str) -> list[str]:
    """Return the hook's name that was meant, without the prefix, which all have in common."""
    known = [name.removeprefix(_PREFIX) for name in _HOOKS]
    return get_close_matches(hook.removeprefix(_PREFIX), known, n=1)


def _the_hooks() -> str:
    return f"The hooks are {', '.join(name + arguments for name, arguments in _HOOKS.items())}."

"""Find what says it is a plugin: entry points of installed distributions, and files of a folder.

Nothing is imported here.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import distributions
from importlib.util import module_from_spec
from pathlib import PurePath
from typing import TYPE_CHECKING, NoReturn

from storj_monitor.errors import OperatorError
from storj_monitor.plugin.hooks import PROJECT
from storj_monitor.registry.candidate import BUILT_IN, Candidate, Refused, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.metadata import Distribution
    from pathlib import Path
    from types import ModuleType

    Load = Callable[[], object]

#: What messages and settings call the folder of `--plugins-dir`.
PLUGINS_DIR = "plugins-dir"
_ENTRY_POINTS = "entry_points.txt"


def discover(directory: Path | None) -> list[Candidate]:
    """Return all candidates: the built-ins, then by distribution and entry point, then files.

    Raises OperatorError when there are no built-ins, or `directory` can't be read.
    """
    found = sorted(_from_distributions(), key=_position)
    if not any(candidate.is_built_in for candidate in found):
        reason = f"no built-in plugins were found: {BUILT_IN} isn't installed"
        hint = f"Run: pip install {BUILT_IN} (in its source tree: pip install -e .)."
        raise OperatorError(reason, hint)
    return found if directory is None else [*found, *_from_directory(directory)]


def _position(candidate: Candidate) -> tuple[bool, str, str]:
    return (not candidate.is_built_in, canonical(candidate.distribution), candidate.name)


def _from_distributions() -> Iterator[Candidate]:
    seen: set[str] = set()
    for distribution in distributions():
        if not _mentions_us(distribution):
            continue
        name, version = _identity(distribution)
        # The same distribution may lie on sys.path twice; Python imports the first.
        if canonical(name) not in seen:
            seen.add(canonical(name))
            yield from _of_distribution(distribution, name, version)


def _mentions_us(distribution: Distribution) -> bool:
    try:
        return f"[{PROJECT}]" in (distribution.read_text(_ENTRY_POINTS) or "")
    except (OSError, UnicodeError):  # whose file it is can't be told, so it is no failure of ours
        return False


def _identity(distribution: Distribution) -> tuple[str, str]:
    """Return name and version; the folder's name is used where there is no METADATA."""
    with suppress(TypeError, OSError, UnicodeError):
        stated = distribution.metadata
        if "Name" in stated and "Version" in stated:
            return stated["Name"], stated["Version"]
    folder = PurePath(str(getattr(distribution, "_path", "unknown"))).stem
    name, _, version = folder.partition("-")
    return name, version


def _of_distribution(distribution: Distribution, name: str, version: str) -> Iterator[Candidate]:
    remedy = f"Update or uninstall {name}."
    if canonical(name) == BUILT_IN:
        remedy = f"Reinstall it: pip install --force-reinstall {BUILT_IN}."
    for plugin, location, load in _entries(distribution, name):
        yield Candidate(
            name=plugin,
            distribution=name,
            version=version,
            location=location,
            load=load,
            remedy=remedy,
        )


def _entries(distribution: Distribution, name: str) -> list[tuple[str, str, Load]]:
    try:
        entries = distribution.entry_points.select(group=PROJECT)
    except Exception:  # noqa: BLE001  importlib.metadata lets any parsing error through
        return [(name, _ENTRY_POINTS, _refuse_to_load)]
    return [(entry.name, entry.value, entry.load) for entry in entries]


def _refuse_to_load() -> NoReturn:
    reason = f"its {_ENTRY_POINTS} can't be read."
    hint = "Each line of it under a heading has the form name = module."
    raise Refused(reason, hint, stage="discover")


def _from_directory(directory: Path) -> list[Candidate]:
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix == ".py")
    except OSError as error:
        reason = f"the plugins directory {directory} can't be read: {error.strerror}"
        hint = "--plugins-dir names a folder in which each *.py file is a plugin."
        raise OperatorError(reason, hint) from error
    return [
        Candidate(
            name=path.stem,
            distribution=PLUGINS_DIR,
            version="",
            location=str(path),
            load=partial(_module_of, path),
            remedy=f"Mend or remove {path}.",
        )
        for path in files
        if not path.name.startswith("_")
    ]


def _module_of(path: Path) -> ModuleType:
    """Execute a file as a module, without letting its folder hide other modules."""
    name = f"storj_plugins_dir_{path.stem}"
    loader = SourceFileLoader(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path))
    spec.has_location = True
    module = module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and pickle look for it
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module

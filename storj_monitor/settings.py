"""What the operator decides: a TOML file, then the environment, each checked as it is read."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

Positive = Annotated[int, Meta(ge=1)]


class PluginSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which plugins are used. The built-ins always are."""

    #: Distributions or plugins that are not even imported.
    block: tuple[str, ...] = ()
    #: For each kind, which distribution a name is taken from when two offer it.
    prefer: dict[str, dict[str, str]] = field(default_factory=dict)
    #: "", "none", or "only:a,b": from STORJ_MONITOR_PLUGIN_FILTER.
    filter: str = ""
    #: A folder in which every *.py is a plugin.
    directory: Path | None = None


class ExportSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of exports over HTTP; the command line has none."""

    #: The longest span of one request, in calendar days.
    max_days: Annotated[int, Meta(ge=1, le=36_600)] = 31
    #: A format that gives nothing for so long is ended.
    stall_seconds: Annotated[float, Meta(gt=0, le=86_400)] = 60.0
    #: How many exports run at the same time.
    workers: Positive = field(default_factory=lambda: max(1, os.cpu_count() or 1))
    #: How many more may wait; beyond that the answer is 429.
    queue: Annotated[int, Meta(ge=0)] = 16


class CollectSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How nodes are read, and how long what they said is kept."""

    #: `run` and `serve` remove transfers that are older; their sums by the hour stay for ever.
    keep_events_days: Annotated[int, Meta(ge=1, le=36_600)] = 90
    #: How often `run` looks whether the logs have grown.
    follow_seconds: Annotated[float, Meta(ge=0.1, le=3600)] = 1.0
    #: How often `run` asks the API of each node, a tenth more or less.
    poll_seconds: Annotated[float, Meta(ge=10, le=86_400)] = 300.0
    #: A MaxMind database (.mmdb) that tells the country of a remote address.
    country_database: Path | None = None


class WebSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may use the server."""

    #: Needed by every request but /healthz, if set. From STORJ_MONITOR_TOKEN or the file.
    token: str = ""
    #: Names that a browser may call this server by, beside loopback and the address bound.
    allowed_hosts: tuple[str, ...] = ()


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, one section of the file each."""

    database: Path = Path("storj-monitor.db")
    plugins: PluginSettings = field(default_factory=PluginSettings)
    collect: CollectSettings = field(default_factory=CollectSettings)
    exports: ExportSettings = field(default_factory=ExportSettings)
    web: WebSettings = field(default_factory=WebSettings)


def load(config: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the file, if one is named, and let the environment have the last word.

    Raises OperatorError that names the file and the key when something in it can't be used.
    """
    given = _read(config) if config else {}
    for variable, (section, key) in _VARIABLES.items():
        if value := environment.get(variable):
            place = given.setdefault(section, {}) if section else given
            if isinstance(place, dict):  # else it is refused below
                place[key] = value
    try:
        return msgspec.convert(given, Settings, dec_hook=_path)
    except msgspec.ValidationError as error:
        where = f"the settings in {config}" if config else "the settings in the environment"
        hint = "README.md lists the settings and their defaults."
        reason = f"{where} can't be used: {error}"
        raise OperatorError(reason, hint) from error


def _path(kind: type, value: object) -> object:
    """Let msgspec make a Path of a string, which it doesn't know by itself."""
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    message = f"Expected a path, got {value!r}"
    raise ValueError(message)


#: Environment variable -> section and key.
_VARIABLES = {
    "STORJ_MONITOR_DATABASE": ("", "database"),
    "STORJ_MONITOR_PLUGIN_FILTER": ("plugins", "filter"),
    "STORJ_MONITOR_TOKEN": ("web", "token"),
}


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"the settings file {config} can't be read: {error.strerror}"
        raise OperatorError(reason, "Check the path given as --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = f"the settings file {config} is no TOML: {error}"
        raise OperatorError(reason, "https://toml.io shows the form.") from error

"""What the operator decides: a TOML file, then the environment, each checked as it is read."""

from __future__ import annotations

import os
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from storj_monitor.errors import OperatorError
from storj_monitor.settings.alerts import AlertSettings, SendSettings
from storj_monitor.settings.channels import spelt_out, with_variables
from storj_monitor.settings.money import KNOWN_PRICES, Cost, MoneySettings, Price, listed_prices
from storj_monitor.settings.scheduling import SchedulingSettings
from storj_monitor.settings.sections import (
    BrandSettings,
    CollectSettings,
    ExportSettings,
    PluginSettings,
    WebSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KNOWN_PRICES",
    "AlertSettings",
    "BrandSettings",
    "CollectSettings",
    "Cost",
    "ExportSettings",
    "MoneySettings",
    "PluginSettings",
    "Price",
    "SchedulingSettings",
    "SendSettings",
    "Settings",
    "WebSettings",
    "listed_prices",
    "load",
    "path_of",
    "spelt_out",
]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, one section of the file each; every path that is read is absolute."""

    database: Path = field(default_factory=lambda: Path("storj-monitor.db").absolute())
    plugins: PluginSettings = field(default_factory=PluginSettings)
    collect: CollectSettings = field(default_factory=CollectSettings)
    exports: ExportSettings = field(default_factory=ExportSettings)
    money: MoneySettings = field(default_factory=MoneySettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    brand: BrandSettings = field(default_factory=BrandSettings)
    #: Of each channel by name, as texts; `spelt_out` puts the contents of secrets' files in.
    channels: dict[str, dict[str, str]] = field(default_factory=dict)
    scheduling: SchedulingSettings = field(default_factory=SchedulingSettings)
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
                place[key] = _SWITCHES.get(value, value) if key == "enabled" else value
    given["channels"] = with_variables(given.get("channels", {}), environment)
    try:
        return msgspec.convert(given, Settings, dec_hook=path_of)
    except msgspec.ValidationError as error:
        where = f"the settings in {config}" if config else "the settings in the environment"
        hint = "README.md lists the settings and their defaults."
        reason = f"{where} can't be used: {error}"
        raise OperatorError(reason, hint) from error


def path_of(kind: type, value: object) -> object:
    """Let msgspec make a Path of a string, which it doesn't know by itself.

    It is absolute: a plugin may go to another folder later.
    """
    if kind is Path and isinstance(value, str) and value:
        return Path(value).absolute()
    message = f"Expected a path, got {value!r}"
    raise ValueError(message)


#: Environment variable -> section and key.
_VARIABLES = {
    "STORJ_MONITOR_DATABASE": ("", "database"),
    "STORJ_MONITOR_PLUGIN_FILTER": ("plugins", "filter"),
    "STORJ_MONITOR_SCHEDULING": ("scheduling", "enabled"),
    "STORJ_MONITOR_TOKEN": ("web", "token"),
    "STORJ_MONITOR_TOKEN_FILE": ("web", "token_file"),
}
#: How the environment says yes and no.
_SWITCHES = {"0": False, "1": True, "false": False, "true": True}


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        reason = f"the settings file {config} can't be read: {error.strerror}"
        raise OperatorError(reason, "Check the path given as --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = f"the settings file {config} is no TOML: {error}"
        raise OperatorError(reason, "https://toml.io shows the form.") from error

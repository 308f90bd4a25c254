"""`storj-monitor plugins`: what is installed, what it offers, and what was refused and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from storj_monitor.cli.options import Config, PluginsDir, StrictPlugins, host_of, settings_of

if TYPE_CHECKING:
    from storj_monitor.registry import PluginRecord


def plugins(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    strict_plugins: StrictPlugins = False,
    config: Config = None,
    plugins_dir: PluginsDir = None,
) -> int:
    """List the plugins: what each offers, and why one was refused."""
    catalogue = host_of(settings_of(config, plugins_dir=plugins_dir)).catalogue
    if as_json:
        print(json.dumps({"plugins": [record.as_json() for record in catalogue.plugins]}, indent=2))
    else:
        for record in catalogue.plugins:
            print(_line(record))
    return int(strict_plugins and bool(catalogue.failures))


def _line(record: PluginRecord) -> str:
    offers = ", ".join(
        f"{kind} {' '.join(names)}" for kind, names in record.offers.items() if names
    )
    owner = f"{record.distribution} {record.version}".strip()
    line = f"{record.state:8} {record.name:16} {owner:24} {offers}".rstrip()
    if record.failure is None:
        return line
    return f"{line}\n         {record.failure.reason} {record.failure.hint}"

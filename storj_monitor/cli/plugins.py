"""`storj-monitor plugins`: what is installed, what it offers, and what was refused and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.registry import PluginRecord


@click.command(short_help="List the plugins, and why one was refused.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@options.strict_plugins
@options.config
@options.plugins_dir
@click.option("--database", hidden=True, expose_value=False, help="Not needed here.")
def plugins(
    as_json: bool,  # noqa: FBT001  a flag of the command line
    strict_plugins: bool,  # noqa: FBT001  a flag of the command line
    config: Path | None,
    plugins_dir: Path | None,
) -> int:
    """List the plugins: where each comes from, what it offers, and why one was refused."""
    host = options.host_of(options.settings_of(config, None, plugins_dir))
    records = host.catalogue.plugins
    if as_json:
        click.echo(json.dumps({"plugins": [record.as_json() for record in records]}, indent=2))
    else:
        for record in records:
            click.echo(_lines(record))
    return int(strict_plugins and bool(options.faults(host)))


def _lines(record: PluginRecord) -> str:
    offers = ", ".join(
        f"{kind} {' '.join(names)}" for kind, names in record.offers.items() if names
    )
    owner = f"{record.distribution} {record.version}".strip()
    line = f"{record.state:8} {record.name:16} {owner:24} {offers}".rstrip()
    if record.failure is None:
        return line
    return f"{line}\n         {record.failure.reason} {record.failure.hint}"

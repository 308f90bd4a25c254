"""The options that several commands share, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from storj_monitor.errors import Failure
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import Settings

A_PATH = click.Path(path_type=Path)

database = click.option(
    "--database",
    type=A_PATH,
    envvar="STORJ_MONITOR_DATABASE",
    show_envvar=True,
    metavar="PATH",
    help="The database file; storj-monitor.db in the working directory if not said.",
)
config = click.option("--config", type=A_PATH, metavar="FILE", help="Settings (TOML).")
plugins_dir = click.option(
    "--plugins-dir", type=A_PATH, metavar="DIR", help="Use every *.py in this folder as a plugin."
)
strict_plugins = click.option(
    "--strict-plugins", is_flag=True, help="End with exit code 1 if a plugin was refused."
)
port = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="The port to listen on; 0 picks a free one.",
)


def settings_of(
    config: Path | None, database: Path | None = None, plugins_dir: Path | None = None
) -> Settings:
    """Return the settings, the command line's word being the last; every path is absolute."""
    import msgspec

    from storj_monitor.settings import load

    settings = load(config)
    if database is not None:
        settings = msgspec.structs.replace(settings, database=database.absolute())
    if plugins_dir is not None:
        folder = plugins_dir.absolute()
        plugins = msgspec.structs.replace(settings.plugins, directory=folder)
        settings = msgspec.structs.replace(settings, plugins=plugins)
    return settings


def host_of(settings: Settings, *, strict: bool = False) -> PluginHost:
    """Discover the plugins; with `strict`, raise OperatorError if one was refused.

    Also raises OperatorError when one takes too long.
    """
    from storj_monitor.cli.patience import limited
    from storj_monitor.cli.surroundings import undisturbed
    from storj_monitor.registry import PluginHost

    with undisturbed(), limited():
        host = PluginHost(settings.plugins, quiet=True)
    host.log_refusals()
    if strict and (refused := faults(host)):
        reason = "; ".join(map(str, refused))
        raise OperatorError(reason, "Leave out --strict-plugins to go on without them.")
    return host


def faults(host: PluginHost) -> list[Failure]:
    """Return why plugins were refused, leaving out those that the operator's own choice beat."""
    return [failure for failure in host.catalogue.failures if failure.stage != "prefer"]

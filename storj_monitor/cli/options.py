"""The options that several commands share, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import Settings

Database = Annotated[
    Path | None,
    typer.Option(
        "--database",
        envvar="STORJ_MONITOR_DATABASE",
        metavar="PATH",
        help="The database file; storj-monitor.db in the working directory if not said.",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings (TOML).", show_default=False),
]
PluginsDir = Annotated[
    Path | None,
    typer.Option(
        "--plugins-dir",
        metavar="DIR",
        help="Use every *.py in this folder as a plugin.",
        show_default=False,
    ),
]
StrictPlugins = Annotated[
    bool,
    typer.Option("--strict-plugins", help="End with exit code 1 if a plugin was refused."),
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 picks a free one.")
]
Insecure = Annotated[
    bool,
    typer.Option("--insecure", help="Allow other addresses than loopback without a token."),
]


def settings_of(
    config: Path | None, database: Path | None = None, plugins_dir: Path | None = None
) -> Settings:
    """Return the settings, the command line's word being the last."""
    import msgspec

    from storj_monitor.settings import load

    settings = load(config)
    if database is not None:
        settings = msgspec.structs.replace(settings, database=database)
    if plugins_dir is not None:
        plugins = msgspec.structs.replace(settings.plugins, directory=plugins_dir)
        settings = msgspec.structs.replace(settings, plugins=plugins)
    return settings


def host_of(settings: Settings, *, strict: bool = False) -> PluginHost:
    """Discover the plugins; with `strict`, raise OperatorError if one was refused."""
    from storj_monitor.registry import PluginHost

    host = PluginHost(settings.plugins)
    if strict and host.catalogue.failures:
        reason = "; ".join(str(failure) for failure in host.catalogue.failures)
        raise OperatorError(reason, "Leave out --strict-plugins to go on without them.")
    return host

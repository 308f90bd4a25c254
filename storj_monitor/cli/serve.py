"""`storj-monitor serve`: the dashboard and the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.cli.options import (
    Config,
    Database,
    Host,
    Insecure,
    PluginsDir,
    Port,
    StrictPlugins,
    host_of,
    settings_of,
)

if TYPE_CHECKING:
    from storj_monitor.settings import Settings


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8765,
    insecure: Insecure = False,
    strict_plugins: StrictPlugins = False,
    database: Database = None,
    config: Config = None,
    plugins_dir: PluginsDir = None,
) -> None:
    """Serve the dashboard and the HTTP API until it is stopped."""
    settings = settings_of(config, database, plugins_dir)
    run_server(settings, host, port, insecure=insecure, strict_plugins=strict_plugins)


def run_server(
    settings: Settings, host: str, port: int, *, insecure: bool, strict_plugins: bool
) -> None:
    """Discover the plugins, open the database and serve; return when it is stopped."""
    from storj_monitor import logs
    from storj_monitor.store import Store
    from storj_monitor.web import app

    logs.configure()
    plugins = host_of(settings, strict=strict_plugins)
    store = Store.open(settings.database, create=True)
    app.serve(app.create_app(settings, plugins, store), host, port, insecure=insecure)

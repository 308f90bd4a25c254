"""`storj-monitor serve`: the page and the HTTP API."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from storj_monitor.meters import Meters
    from storj_monitor.settings import Settings
    from storj_monitor.store import Store


@click.command(short_help="Serve the page and the HTTP API until it is stopped.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@options.port
@click.option("--insecure", is_flag=True, help="Allow other addresses than loopback, tokenless.")
@options.strict_plugins
@options.database
@options.config
@options.plugins_dir
def serve(  # noqa: PLR0913, PLR0917  as many as there are options
    host: str,
    port: int,
    insecure: bool,  # noqa: FBT001  a flag of the command line
    strict_plugins: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Serve the page and the HTTP API until it is stopped.

    Without a token (STORJ_MONITOR_TOKEN, or STORJ_MONITOR_TOKEN_FILE, which is made if it isn't
    there) it listens on loopback only.
    """
    settings = options.settings_of(config, database, plugins_dir)

    @contextmanager
    def beside(store: Store, meters: Meters) -> Iterator[None]:
        from storj_monitor.alerts.watching import watched
        from storj_monitor.collect.upkeep import upkept

        with (
            upkept(store, settings.collect.keep_events_days),
            watched(store, settings.alerts, meters=meters),
        ):
            yield

    run_server(
        settings, host, port, beside=beside, insecure=insecure, strict_plugins=strict_plugins
    )


def run_server(  # noqa: PLR0913  what it serves, where, and to whom
    settings: Settings,
    host: str,
    port: int,
    *,
    insecure: bool,
    strict_plugins: bool,
    beside: Callable[[Store, Meters], AbstractContextManager[None]] | None = None,
) -> None:
    """Discover the plugins, open the database and serve; return when it is stopped.

    What `beside` makes of the database and the meters is entered before, and left when the server
    has stopped. Without it nothing is sent by schedules either: it is a demo.
    """
    from storj_monitor.exports.jobs.presence import present
    from storj_monitor.meters import Meters
    from storj_monitor.store import Store
    from storj_monitor.web.app import create_app, follow_schedules
    from storj_monitor.web.server import serve as serve_app
    from storj_monitor.web.token_file import with_token

    settings = with_token(settings, lambda text: click.echo(text, err=True))
    plugins = options.host_of(settings, strict=strict_plugins)
    store = Store.open(settings.database, create=True, money=settings.money)
    meters = Meters()
    app = create_app(settings, plugins, store, meters)
    if beside is not None:
        follow_schedules(app)
    with present(store), beside(store, meters) if beside else nullcontext():
        serve_app(app, host, port, insecure=insecure, announce=_announce)


def _announce(url: str) -> None:
    click.echo(f"storj-monitor is at {url} (stop it with Ctrl-C)")

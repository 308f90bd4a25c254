"""`storj-monitor demo`: three invented nodes, and a server to look at them."""

from __future__ import annotations

from pathlib import Path

import click

from storj_monitor.cli import options
from storj_monitor.cli.progress import bar
from storj_monitor.cli.serve import run_server

DEMO_DATABASE = Path("storj-monitor-demo.db")


@click.command(short_help="Make three invented nodes and serve them.")
@options.port
@click.option("--no-serve", is_flag=True, help="Only make the database.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed and time: same nodes."
)
@options.strict_plugins
@options.database
@options.config
@options.plugins_dir
def demo(  # noqa: PLR0913, PLR0917  as many as there are options
    port: int,
    no_serve: bool,  # noqa: FBT001  a flag of the command line
    seed: int,
    strict_plugins: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Make a database of three invented nodes if there is none, and serve it.

    It is storj-monitor-demo.db in the working directory, unless --database names another.
    """
    settings = options.settings_of(config, database or DEMO_DATABASE, plugins_dir)
    if settings.database.exists():
        click.echo(f"{settings.database} is there already: delete it to make a new one")
    else:
        _make(settings.database, seed)
    if not no_serve:
        run_server(settings, "127.0.0.1", port, insecure=False, strict_plugins=strict_plugins)


def _make(path: Path, seed: int) -> None:
    """Write the database under another name, so that it appears only when it is whole."""
    from storj_monitor import clock
    from storj_monitor.alerts.evaluation import evaluate
    from storj_monitor.collect.demo import make_demo
    from storj_monitor.settings import AlertSettings
    from storj_monitor.store import Store

    part = path.with_name(f"{path.name}.part")
    for left in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
        left.unlink(missing_ok=True)
    made = "three invented nodes with 45 days of transfers and 18 months of payouts"
    click.echo(f"making {made} in {path} ...")
    now = clock.now()
    store = Store.open(part, create=True)
    with bar("inventing transfers") as progress:
        make_demo(store, seed, now, progress)
    evaluate(store, AlertSettings(), now, quietly=True)
    part.replace(path)

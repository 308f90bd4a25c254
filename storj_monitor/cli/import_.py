"""`storj-monitor import`: take over another monitor's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.progress import bar

if TYPE_CHECKING:
    from pathlib import Path


@click.command("import", short_help="Take over another monitor's database.")
@click.argument("path", type=options.A_PATH)
@options.database
@options.config
def import_(path: Path, database: Path | None, config: Path | None) -> None:
    """Take over the database of the other monitor, storj_stats.db, and show what became of it.

    PATH is only read, also while that monitor runs. What is known already adds nothing: a second
    import takes what is new alone. Ingest the logs that you still have first: they tell more, and
    of hours that both know what came first counts.

    \b
    storj-monitor import /opt/storj-monitor/storj_stats.db
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.collect.imports import describe, import_database
    from storj_monitor.store import Store
    from storj_monitor.store.foreign import opened

    settings = options.settings_of(config, database)
    with opened(path) as theirs, bar(f"import {path}") as progress:
        store = Store.open(settings.database, create=True)
        account = import_database(store, theirs, progress)
    click.echo(f"{path}: {describe(account)}")

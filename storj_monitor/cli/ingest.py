"""`storj-monitor ingest`: read logs into the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.progress import bar

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Read storagenode logs into the database.")
@click.argument("logs", metavar="NAME:PATH...", nargs=-1, required=True)
@options.database
@options.config
def ingest(logs: tuple[str, ...], database: Path | None, config: Path | None) -> None:
    """Read storagenode logs into the database.

    NAME is what you call the node; PATH is its log: a file, a .gz, or - for standard input.
    Reading the same lines again adds nothing, be they in another file, a .gz or a file that grew.

    \b
    storj-monitor ingest attic:/var/log/storagenode.log
    docker logs storagenode 2>&1 | storj-monitor ingest attic:-
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.collect.ingest import describe, parse_node_argument
    from storj_monitor.collect.ingest import ingest as read
    from storj_monitor.store import Store

    named = [parse_node_argument(log) for log in logs]
    store = Store.open(options.settings_of(config, database).database, create=True)
    for node, path in named:
        with bar(f"{node} {path}") as progress:
            summary = read(store, node, path, progress)
        click.echo(f"{node}: {describe(summary)}")

"""`storj-monitor ingest`: read logs into the database."""

from __future__ import annotations

from typing import Annotated

import typer

from storj_monitor.cli.options import Config, Database, settings_of
from storj_monitor.cli.progress import bar


def ingest(
    logs: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME:PATH...",
            help="A node's name and its log: a file, a .gz, or - for standard input.",
            show_default=False,
        ),
    ],
    database: Database = None,
    config: Config = None,
) -> None:
    """Read storagenode logs into the database.

    Reading the same lines again adds nothing, be they in another file, a .gz or a file that grew.
    """
    from storj_monitor.collect.ingest import describe, parse_node_argument
    from storj_monitor.collect.ingest import ingest as read
    from storj_monitor.store import Store

    named = [parse_node_argument(log) for log in logs]
    settings = settings_of(config, database)
    store = Store.open(settings.database, create=True)
    for node, path in named:
        with bar(f"{node} {path}", in_bytes=True) as progress:
            summary = read(store, node, path, progress)
        print(f"{node}: {describe(summary)}")

"""`storj-monitor backup`: a copy of the database while it is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Copy the database while it is in use.")
@click.argument("target", type=options.A_PATH, metavar="FILE")
@options.database
@options.config
def backup(target: Path, database: Path | None, config: Path | None) -> None:
    """Copy the database to FILE, in the place of an earlier copy, while `run` or `serve` go on.

    FILE appears when the copy is whole, and is a database like any other. To restore it, stop what
    uses the database, remove the file with its -wal and -shm, and put the copy in its place.
    """
    from storj_monitor.plugin import Kind, display_text
    from storj_monitor.store.backup import back_up

    path = options.settings_of(config, database).database
    size = back_up(path, target)
    click.echo(f"copied {path} to {target} ({display_text(size, Kind.BYTES)})", err=True)

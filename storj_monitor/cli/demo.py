"""`storj-monitor demo`: three invented nodes, and a server to look at them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from storj_monitor.cli.options import (
    Config,
    Database,
    PluginsDir,
    Port,
    StrictPlugins,
    settings_of,
)
from storj_monitor.cli.progress import bar

DEMO_DATABASE = Path("storj-monitor-demo.db")


def demo(
    port: Port = 8765,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make the database.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed and day make the same nodes.")] = 1,
    strict_plugins: StrictPlugins = False,
    database: Database = None,
    config: Config = None,
    plugins_dir: PluginsDir = None,
) -> None:
    """Make a database of three invented nodes if there is none, and serve it."""
    from storj_monitor.cli.serve import run_server

    settings = settings_of(config, database or DEMO_DATABASE, plugins_dir)
    path = settings.database
    if path.exists():
        print(f"{path} is there already: delete it to make a new one")
    else:
        _make(path, seed)
    if not no_serve:
        run_server(settings, "127.0.0.1", port, insecure=False, strict_plugins=strict_plugins)


def _make(path: Path, seed: int) -> None:
    """Write the database under another name, so that it appears only when it is whole."""
    from storj_monitor import clock
    from storj_monitor.collect.demo import make_demo
    from storj_monitor.store import Store

    part = path.with_name(f"{path.name}.part")
    for left in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
        left.unlink(missing_ok=True)
    print(f"making three invented nodes with 45 days of transfers in {path} ...", flush=True)
    with bar("inventing transfers", in_bytes=False) as progress:
        make_demo(Store.open(part, create=True), seed, clock.now(), progress)
    part.replace(path)

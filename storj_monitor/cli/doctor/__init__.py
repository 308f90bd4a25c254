"""`storj-monitor doctor`: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options
from storj_monitor.cli.doctor.findings import Finding
from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.settings import Settings
    from storj_monitor.store import Store

_COLOURS = {"ok": "green", "note": "blue", "warning": "yellow", "problem": "red"}


@click.command(short_help="Say what is wrong, and what to do.")
@click.option("--thorough", is_flag=True, help="Read all of the database, however large it is.")
@options.database
@options.config
@options.plugins_dir
def doctor(
    thorough: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> int:
    """Look at the database, the disk space, the nodes, the plugins and the mail.

    It says what is wrong and what to do, and changes nothing. The exit code is 1 if there is a
    problem.
    """
    settings = options.settings_of(config, database, plugins_dir)
    worst = 0
    for finding in _findings(settings, thoroughly=thorough):
        worst = max(worst, list(_COLOURS).index(finding.level))
        _show(finding)
    return 1 if worst == len(_COLOURS) - 1 else 0


def _findings(settings: Settings, *, thoroughly: bool) -> Iterator[Finding]:
    from storj_monitor.cli.doctor.database import check_database, check_space

    database = list(check_database(settings.database, thoroughly=thoroughly))
    yield from database
    yield from check_space(settings.database)
    store = None
    # One of an older version would have to be changed.
    if all(finding.level == "ok" for finding in database):
        from storj_monitor.store import Store

        store = Store.open(settings.database)
        yield from _contents(store)
    yield from _plugins(settings, store)


def _contents(store: Store) -> Iterator[Finding]:
    from storj_monitor import clock
    from storj_monitor.cli.doctor.nodes import check_alerts, check_nodes

    yield from check_nodes(store, clock.now())
    yield from check_alerts(store)


def _plugins(settings: Settings, store: Store | None) -> Iterator[Finding]:
    """Look at the plugins, and at what is sent with them by the schedules of a database."""
    from storj_monitor.cli.doctor.mail import check_mail
    from storj_monitor.cli.doctor.plugins import check_plugins

    try:
        host = options.host_of(settings)
    except OperatorError as error:
        yield Finding("problem", "plugins", error.reason, error.hint)
        return
    yield from check_plugins(host)
    yield from check_mail(host.catalogue, settings, store.schedules() if store else ())


def _show(finding: Finding) -> None:
    level = click.style(f"{finding.level:<8}", fg=_COLOURS[finding.level])
    click.echo(f"{level} {finding.subject}: {finding.said}")
    if finding.hint:
        click.echo(f"{'':<9}{finding.hint}")

"""`storj-monitor poll`: read the APIs of nodes once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.collect.node_api import DiskSpace, NodeReading, SatelliteReading


@click.command(short_help="Read the APIs of nodes once.")
@click.argument("nodes", metavar="NAME:API_URL...", nargs=-1, required=True)
@options.database
@options.config
def poll(nodes: tuple[str, ...], database: Path | None, config: Path | None) -> int:
    """Read the APIs of nodes once, store what they say, and show it.

    NAME is what you call the node; API_URL is where its dashboard answers. The exit code is 1 if a
    node said nothing at all. `run` does this every five minutes.

    \b
    storj-monitor poll attic:http://127.0.0.1:14002
    storj-monitor poll attic:http://127.0.0.1:14002 nas:http://nas.lan:14003
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.collect.node_api import NodeApiError
    from storj_monitor.collect.nodes import parse_node_url
    from storj_monitor.collect.polling import poll_once
    from storj_monitor.store import Store

    given = [parse_node_url(node) for node in nodes]
    settings = options.settings_of(config, database)
    answers = poll_once(Store.open(settings.database, create=True), given)
    for (node, _), answer in zip(given, answers, strict=True):
        if isinstance(answer, NodeApiError):
            click.echo(f"{node}: {answer.reason}. {answer.hint}".strip(), err=True)
        else:
            click.echo("\n  ".join(_lines(node, answer)))
    return 1 if any(isinstance(answer, NodeApiError) for answer in answers) else 0


def _lines(node: str, reading: NodeReading) -> Iterator[str]:
    yield f"{node}: storagenode {reading.version or 'of unknown version'}{_space(reading.disk)}"
    for satellite in reading.satellites:
        yield _satellite(satellite)
    for endpoint, reason in reading.failures:
        yield f"{endpoint}: {reason}"


def _space(disk: DiskSpace | None) -> str:
    """Say what is known of the disk, in the units that people use."""
    from storj_monitor.plugin import Kind, display_text

    if disk is None:
        return ""
    known = (
        (disk.used_bytes, "used"),
        (disk.free_bytes, "free"),
        (disk.trash_bytes, "in the trash"),
    )
    return "".join(
        f", {display_text(size, Kind.BYTES)} {what}" for size, what in known if size is not None
    )


def _satellite(said: SatelliteReading) -> str:
    from storj_monitor.store.satellites import short_name

    scores = (
        ("audit", said.audit_score),
        ("suspension", said.suspension_score),
        ("online", said.online_score),
    )
    words = [f"{what} {'unknown' if score is None else f'{score:.4f}'}" for what, score in scores]
    since = (("disqualified", said.disqualified_at), ("suspended", said.suspended_at))
    words += [f"{what} since {moment:%Y-%m-%d}" for what, moment in since if moment]
    return f"{short_name(said.satellite_id, said.url or ''):<14}  {', '.join(words)}"

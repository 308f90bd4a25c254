"""`storj-monitor poll`: read the APIs of nodes once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storj_monitor.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from storj_monitor.collect.answers import Told
    from storj_monitor.collect.node_api import DiskSpace, SatelliteReading
    from storj_monitor.store import Estimate, Paystub


@click.command(short_help="Read the APIs of nodes once.")
@click.argument("nodes", metavar="NAME:API_URL...", nargs=-1, required=True)
@options.database
@options.config
def poll(nodes: tuple[str, ...], database: Path | None, config: Path | None) -> int:
    """Read the APIs of nodes once, with all statements, store what they say, and show it.

    NAME is what you call the node; API_URL is where its dashboard answers. The exit code is 1 if a
    node said nothing at all. `run` does this every five minutes.

    \b
    storj-monitor poll attic:http://127.0.0.1:14002
    storj-monitor poll attic:http://127.0.0.1:14002 nas:http://nas.lan:14003
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.collect.answers import expected_of
    from storj_monitor.collect.node_api import NodeApiError
    from storj_monitor.collect.nodes import parse_node_url
    from storj_monitor.collect.polling import poll_once
    from storj_monitor.collect.price_list import PriceList
    from storj_monitor.store import Store

    given = [parse_node_url(node) for node in nodes]
    settings = options.settings_of(config, database)
    prices = settings.money.prices
    store = Store.open(settings.database, create=True)
    answers = poll_once(store, given, prices=prices)
    for (node, _), answer in zip(given, answers, strict=True):
        if isinstance(answer, NodeApiError):
            click.echo(f"{node}: {answer.reason}. {answer.hint}".strip(), err=True)
        else:
            estimates = list(expected_of(answer, PriceList(prices)))
            click.echo("\n  ".join(_lines(node, answer, estimates)))
    return 1 if any(isinstance(answer, NodeApiError) for answer in answers) else 0


def _lines(node: str, told: Told, estimates: Sequence[Estimate]) -> Iterator[str]:
    reading = told.node
    yield f"{node}: storagenode {reading.version or 'of unknown version'}{_space(reading.disk)}"
    for satellite in reading.satellites:
        yield _satellite(satellite)
    names = _names(told)
    yield from _expected(estimates, names)
    yield from _stated(() if told.statements is None else told.statements.paystubs, names)
    for endpoint, reason in told.failures:
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


def _names(told: Told) -> dict[str, str]:
    from storj_monitor.store.satellites import short_name

    urls = {} if told.statements is None else dict(told.statements.urls)
    urls |= {said.satellite_id: said.url or "" for said in told.node.satellites}
    stubs = () if told.statements is None else told.statements.paystubs
    ids = urls.keys() | {stub.satellite for stub in stubs}
    return {each: short_name(each, urls.get(each, "")) for each in ids}


def _expected(estimates: Sequence[Estimate], names: Mapping[str, str]) -> Iterator[str]:
    """Say what is expected for the latest month: by satellite, in sum, and by the month's end."""
    month = max((one.period for one in estimates), default="")
    latest = [one for one in estimates if one.period == month]
    if latest:
        by_satellite = ", ".join(f"{names[one.satellite]} {_usd([one.payout])}" for one in latest)
        so_far = _usd([one.payout for one in latest])
        at_the_end = _usd([one.expected for one in latest])
        yield f"{month}, expected: {so_far} so far ({by_satellite}), {at_the_end} by its end"


def _stated(stubs: Sequence[Paystub], names: Mapping[str, str]) -> Iterator[str]:
    """Say what was stated for the latest month: by satellite, and in sum."""
    month = max((stub.period for stub in stubs), default="")
    latest = [stub for stub in stubs if stub.period == month]
    if latest:
        by_satellite = ", ".join(f"{names[stub.satellite]} {_usd([stub.paid])}" for stub in latest)
        paid, held = _usd([stub.paid for stub in latest]), _usd([stub.held for stub in latest])
        yield f"{month}, stated: {paid} paid ({by_satellite}), {held} held"


def _usd(amounts: Sequence[int | None]) -> str:
    """Spell a sum of micro-USD; of what isn't known there is none."""
    from decimal import Decimal

    from storj_monitor.plugin import Kind, display_text

    known = [amount for amount in amounts if amount is not None]
    whole = Decimal(sum(known)).scaleb(-6) if len(known) == len(amounts) else None
    return display_text(whole, Kind.MONEY)

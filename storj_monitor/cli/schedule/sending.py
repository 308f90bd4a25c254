"""`schedule test`, `run`, `run-due` and `again`: what is sent because somebody says so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click

from storj_monitor.cli.schedule.opening import AS_JSON, NAME, opened, places, say_deliveries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from pathlib import Path

    from storj_monitor.cli.schedule.opening import Opened
    from storj_monitor.schedules.work import Work
    from storj_monitor.store import Delivery

T = TypeVar("T")

#: What a person needn't look after.
_WELL = ("sent", "skipped", "due")


@click.command(short_help="Try a schedule now: it counts as no run.")
@NAME
@click.option("--recipient", "--to", metavar="WHO", help="Send it to this one alone.")
@AS_JSON
@places
def test(  # noqa: PLR0913, PLR0917  as many as there are options
    name: str,
    recipient: str | None,
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> int:
    """Send what a run at this moment covers as a test; what is due is sent all the same.

    The exit code is 1 unless all of it was sent.
    """
    from storj_monitor.schedules.runs import send_test

    at = opened(database, config, plugins_dir)
    schedule_id = at.book.named(name).id
    sent = _done(at, lambda work: send_test(work, schedule_id, recipient))
    return _told(sent, at, as_json=as_json, is_well=("sent",))


@click.command(short_help="Send a schedule now.")
@NAME
@click.option("--again", is_flag=True, help="Once more, though its period was dealt with.")
@AS_JSON
@places
def run(  # noqa: PLR0913, PLR0917  as many as there are options
    name: str,
    again: bool,  # noqa: FBT001  a flag of the command line
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> int:
    """Send what a run at this moment covers; that period isn't sent once more when it is due."""
    from storj_monitor.schedules.runs import run_now

    at = opened(database, config, plugins_dir)
    schedule_id = at.book.named(name).id
    sent = _done(at, lambda work: run_now(work, schedule_id, again=again))
    return _told(sent, at, as_json=as_json)


@click.command("run-due", short_help="Send what is due, and end: for cron.")
@AS_JSON
@places
def run_due(
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> int:
    """Send what is due now, also what is to be tried again, and end.

    For cron, where neither `run` nor `serve` follows the schedules. It may run beside them, or
    twice at once: nothing is sent twice. It prints nothing when nothing is due; the exit code is 1
    if something failed.

    \b
    */10 * * * *  storj-monitor schedule run-due --database /srv/storj-monitor.db
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.schedules.runs import run_due as send_due

    at = opened(database, config, plugins_dir)
    sent = _done(at, send_due)
    if sent or as_json:
        return _told(sent, at, as_json=as_json)
    if sys.stdout.isatty():
        click.echo("nothing is due")
    return 0


@click.command(short_help="Send a delivery once more.")
@click.argument("delivery", type=click.IntRange(1, 10**18 - 1), metavar="DELIVERY")
@AS_JSON
@places
def again(
    delivery: int,
    as_json: bool,  # noqa: FBT001  a flag of the command line
    database: Path | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> int:
    """Send a delivery once more, to the same recipient about the same period.

    DELIVERY is its ID in `schedule deliveries`. It is for what failed, and for what may have been
    sent where you know that it didn't arrive.
    """
    from storj_monitor.schedules.runs import resend

    at = opened(database, config, plugins_dir)
    at.book.delivery(delivery)
    sent = _done(at, lambda work: resend(work, delivery))
    return _told([sent], at, as_json=as_json)


def _done(at: Opened, act: Callable[[Work], Awaitable[T]]) -> T:
    """Do it in an event loop of its own, which is over when all is sent."""
    import asyncio

    async def worked() -> T:
        from storj_monitor.schedules.work import at_work

        async with at_work(at.settings, at.host, at.store) as work:
            return await act(work)

    return asyncio.run(worked())


def _told(
    sent: list[Delivery], at: Opened, *, as_json: bool, is_well: Collection[str] = _WELL
) -> int:
    say_deliveries(sent, at, as_json=as_json)
    return int(any(one.state not in is_well for one in sent))
